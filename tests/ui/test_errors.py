"""Every error code has a text, a remedy and a place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import botocore.exceptions as b
import pytest

from app.aws.operations import OPERATIONS
from app.aws.rows import ROWS, RULES
from app.aws.translate import translated
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
    assert errors.present(error).body == "AWS denied it. Missing permission: cognito-idp:AdminDeleteUser."


ENDPOINT = {"endpoint_url": "https://cognito-idp.eu-central-1.amazonaws.com/", "error": "no"}
FAILURES = (
    b.EndpointConnectionError(**ENDPOINT),
    b.ConnectTimeoutError(**ENDPOINT),
    b.ReadTimeoutError(**ENDPOINT),
    b.ConnectionClosedError(**ENDPOINT),
    b.ProxyConnectionError(proxy_url="http://proxy", error="no"),
    b.SSLError(endpoint_url=ENDPOINT["endpoint_url"], error=OSError("WRONG VERSION NUMBER")),
    b.NoCredentialsError(),
    b.UnauthorizedSSOTokenError(),
    b.CredentialRetrievalError(provider="p", error_msg="m"),
)


def of_aws() -> Iterator[AppError]:
    """Everything that the tables of app.aws make of an answer or a failure."""
    for failure in FAILURES:
        yield told(failure)
    for row in [*ROWS.values(), *(rule.row for rule in RULES)]:
        names = {"who": "Ada", "reason": "so.", "permission": "a:B", "operation": "Op", "status": 400}
        yield AppError(row.code, row.sentence.format(**names), retryable=row.retryable)


def told(failure: Exception, operation: str = "ListUsers") -> AppError:
    with pytest.raises(AppError) as caught, translated(operation):
        raise failure
    return caught.value


def phrases(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w’']+", text.lower())
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}


def test_what_happened_and_what_to_do_are_said_once() -> None:
    doubled = []
    for error in of_aws():
        shown = errors.present(error)
        same = phrases(shown.body) & phrases(shown.remedy)
        if same or ("Check " in shown.body and "Check " in shown.remedy):
            doubled.append((shown.body, shown.remedy))
        assert shown.body.endswith((".", "!", "?", "…")), shown.body
    assert doubled == []


def test_only_a_change_may_have_taken_effect_without_an_answer() -> None:
    lost = b.ReadTimeoutError(**ENDPOINT)
    for name, operation in OPERATIONS.items():
        shown = errors.present(told(lost, name))
        said = f"{shown.body} {shown.remedy}"
        assert ("not known whether the change was made" in said) is operation.changes, name
        assert ("before you try again" in said) is operation.changes, name
        assert shown.retry is not operation.changes, name


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
