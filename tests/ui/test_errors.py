"""Every error code has a text, a remedy and a place."""

from __future__ import annotations

import re

import pytest

from app.errors import AppError, ErrorCode, invalid
from ui import errors


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_has_a_text_of_its_own(code: ErrorCode) -> None:
    shown = errors.present(AppError(code, "What happened."))
    assert shown.body == "What happened."
    assert len(shown.title) > 10
    assert shown.remedy.endswith(".")
    assert shown.where in ("field", "banner", "dialog")
    titles = [errors.present(AppError(other, "x")).title for other in ErrorCode]
    assert titles.count(shown.title) == 1


@pytest.mark.parametrize("code", list(ErrorCode))
def test_no_text_shows_the_code_or_programmers_words(code: ErrorCode) -> None:
    shown = errors.present(AppError(code, "x"))
    words = f"{shown.title} {shown.remedy}"
    assert not re.search(r"exception|traceback|None|null|errno|_", words, re.IGNORECASE)


def test_a_missing_permission_is_named() -> None:
    error = AppError(ErrorCode.ACCESS_DENIED, "AWS denied it.", subject="cognito-idp:AdminDeleteUser")
    assert "cognito-idp:AdminDeleteUser" in errors.present(error).body


def test_input_errors_go_to_their_field_and_to_a_dialog_without_one() -> None:
    assert errors.present(invalid("email", "Email: no domain.")).where == "field"
    assert errors.present(AppError(ErrorCode.INVALID_INPUT, "The file has no header.")).where == "dialog"


@pytest.mark.parametrize(
    ("code", "retryable", "retry"),
    [
        (ErrorCode.UNREACHABLE, False, True),
        (ErrorCode.SERVICE_ERROR, True, True),
        (ErrorCode.NOT_ALLOWED, False, False),
        (ErrorCode.USER_STATE, False, False),
        (ErrorCode.POOL_SETTING, True, True),
    ],
)
def test_retry_is_offered_where_it_can_help(code: ErrorCode, retryable: bool, retry: bool) -> None:
    assert errors.present(AppError(code, "x", retryable=retryable)).retry is retry


def test_details_hold_what_support_needs_and_no_secret_of_the_cause() -> None:
    def breaks() -> None:
        password = "hunter2"
        raise ValueError(f"bad password {password}")

    error = AppError(ErrorCode.INTERNAL, "It stopped.", subject="carla", request_id="8f1-22")
    try:
        breaks()
    except ValueError as cause:
        error.__cause__ = cause
    shown = errors.present(error).details
    assert all(part in shown for part in ("code: internal", "subject: carla", "8f1-22", "ValueError", "in breaks"))
    assert "hunter2" not in shown
