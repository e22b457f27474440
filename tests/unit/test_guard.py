"""What counts as a damaged answer, and what may be sent a second time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import botocore.session
import pytest
from botocore import exceptions as b
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

from app.aws.guard import DamagedResponse, before_parse, damage, needs_retry

MODEL = botocore.session.get_session().get_service_model("cognito-idp")
URL = "https://cognito-idp.eu-central-1.amazonaws.com/"


def answer(body: bytes, status: int = 200, length: int | None = None) -> AWSResponse:
    raw = SimpleNamespace(stream=lambda *_: iter([body]))
    headers = {} if length is None else {"content-length": str(length)}
    return AWSResponse(URL, status, cast("Any", headers), cast("Any", raw))


def decide(
    operation: str,
    attempts: int = 1,
    *,
    http: AWSResponse | None = None,
    parsed: dict[str, Any] | None = None,
    exc: Exception | None = None,
) -> float | bool | None:
    model: OperationModel = MODEL.operation_model(operation)
    return needs_retry(model, attempts, (http, parsed or {}) if http is not None else None, exc)


@pytest.mark.parametrize(
    ("status", "length", "body", "says"),
    [
        (200, "20", b'{"Users": [', "11 of 20 bytes"),
        (200, None, b'{"Users": [', "not a JSON object"),
        (200, None, b"<html>sign in</html>", "not a JSON object"),
        (200, None, b"[]", "not a JSON object"),
        (200, None, b"null", "not a JSON object"),
        (200, None, b"\xff\xfe", "not a JSON object"),
        (200, "0", b"", "empty"),
        (204, None, b"", "empty"),
    ],
)
def test_damage_is_described(status: int, length: str | None, body: bytes, says: str) -> None:
    found = damage(status, length, body, expects_fields=True)
    assert found is not None
    assert says in found


def test_whole_answers_and_refusals_are_not_damage() -> None:
    assert damage(200, "12", b'{"Users":[]}', expects_fields=True) is None
    assert damage(200, "0", b"", expects_fields=False) is None
    assert damage(200, None, b"{}", expects_fields=True) is None
    assert damage(502, "99", b"<html>", expects_fields=True) is None


def test_a_damaged_read_is_asked_again_and_then_given_up() -> None:
    for attempt in (1, 2):
        delay = decide("ListUsers", attempt, http=answer(b'{"Use', length=900))
        assert isinstance(delay, float)
        assert 0 <= delay < 1
    with pytest.raises(DamagedResponse):
        decide("ListUsers", 3, http=answer(b'{"Use', length=900))


def test_a_damaged_answer_to_a_change_is_never_asked_again() -> None:
    with pytest.raises(DamagedResponse):
        decide("AdminCreateUser", 1, http=answer(b'{"Use', length=900))


def test_empty_answers_are_normal_where_the_operation_returns_nothing() -> None:
    assert decide("AdminDeleteUser", http=answer(b"", length=0)) is not True
    assert decide("AdminDisableUser", http=answer(b"{}", length=2)) is not True


CONNECT = b.EndpointConnectionError(endpoint_url=URL, error="refused")
CONNECT_SLOW = b.ConnectTimeoutError(endpoint_url=URL, error="slow")
READ_SLOW = b.ReadTimeoutError(endpoint_url=URL, error="slow")
CLOSED = b.ConnectionClosedError(endpoint_url=URL)
CERTIFICATE = b.SSLError(endpoint_url=URL, error=OSError("CERTIFICATE_VERIFY_FAILED"))


@pytest.mark.parametrize(
    ("exc", "attempt", "read", "change"),
    [
        (CONNECT, 1, None, None),
        (CONNECT, 2, None, None),
        (CONNECT_SLOW, 1, None, None),
        (CONNECT_SLOW, 2, False, False),
        (READ_SLOW, 1, None, False),
        (READ_SLOW, 2, False, False),
        (CLOSED, 1, None, False),
        (CERTIFICATE, 1, False, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_exceptions(exc: Exception, attempt: int, read: bool | None, change: bool | None) -> None:
    assert decide("ListUsers", attempt, exc=exc) is read
    assert decide("AdminDisableUser", attempt, exc=exc) is change


@pytest.mark.parametrize(
    ("code", "status", "read", "change"),
    [
        ("TooManyRequestsException", 400, None, None),
        ("ThrottlingException", 400, None, None),
        ("429", 429, None, None),
        ("InternalErrorException", 500, None, False),
        ("502", 502, None, False),
        ("RequestTimeout", 400, None, False),
        ("LimitExceededException", 400, False, False),
    ],
)
def test_refusals(code: str, status: int, read: bool | None, change: bool | None) -> None:
    for operation, expected in (("ListUsers", read), ("AdminResetUserPassword", change)):
        parsed = {"Error": {"Code": code, "Message": ""}}
        assert decide(operation, http=answer(b"{}", status), parsed=parsed) is expected


@pytest.mark.parametrize("body", [b"[]", b"null", b"<html>", b'{"Users": [', b"\xff"])
def test_bodies_that_crash_the_parser_are_emptied_first(body: bytes) -> None:
    success: dict[str, Any] = {"status_code": 200, "body": body}
    before_parse(success)
    assert success["body"] == b"{}"
    refused: dict[str, Any] = {"status_code": 502, "body": body}
    before_parse(refused)
    assert refused["body"] == b""


def test_proper_bodies_are_left_alone() -> None:
    whole: dict[str, Any] = {"status_code": 400, "body": b'{"__type": "UserNotFoundException"}'}
    before_parse(whole)
    assert whole["body"] == b'{"__type": "UserNotFoundException"}'
