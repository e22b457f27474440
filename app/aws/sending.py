"""Sends a change once, and where its answer is lost finds out whether it was made. Blocking; raises AppError only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.aws.translate import ANSWER_LOST, translated
from app.errors import AppError

T = TypeVar("T")


def sent_once(
    operation: str, subject: str, call: Callable[[], T], happened: Callable[[], bool] | None = None
) -> T | None:
    """The answer of a change that was sent; None where the answer was lost and `happened` says that it was made.

    `happened` reads again what the change was about. Where it says no, the error of the lost answer says so too; where
    it cannot be asked either (AppError), the error stays as it was: nobody knows.
    """
    try:
        with translated(operation, subject):
            return call()
    except AppError as error:
        if error.code not in ANSWER_LOST or happened is None:
            raise
        try:
            made = happened()
        except AppError as reading:
            raise error from reading
        if not made:
            raise not_so_far(error) from error
        return None


def not_so_far(error: AppError) -> AppError:
    """The error of a lost answer, after reading again showed the state from before."""
    message = f"{error.message} It was read again just now: the change has not been made so far."
    return AppError(error.code, message, subject=error.subject, request_id=error.request_id)
