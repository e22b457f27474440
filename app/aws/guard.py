"""Decides what may be sent again, and catches answers that boto3 would wrongly take for success.

A 200 whose body is cut short or replaced (a proxy, a captive portal) is `{}` to boto3. A change whose answer was lost
may have been made, so it is never sent a second time. Runs on the calling thread inside botocore's events.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from app.aws.operations import listed
from app.aws.pacing import THROTTLING_CODES

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

ATTEMPTS = 3
_ATTEMPTS_AFTER_TIMEOUT = 2  # a silent server costs 20 s per attempt: one more try, not two
_BACKOFF = 0.1  # seconds


class DamagedResponse(Exception):
    """A 2xx answer that is not the JSON object which Cognito sent, or not all of it."""


def damage(status: int, content_length: str | None, body: bytes, *, expects_fields: bool) -> str | None:
    """What is wrong with a 2xx answer, in words; None where it is whole. `expects_fields`: an empty body is damage."""
    if not 200 <= status < 300:
        return None
    if content_length is not None and content_length.isdigit() and int(content_length) != len(body):
        return f"{len(body)} of {content_length} bytes arrived"
    if not body:
        return "the body is empty" if expects_fields else None
    return None if _is_object(body) else "the body is not a JSON object"


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:  # UnicodeDecodeError is one too
        return False


def before_parse(response_dict: dict[str, Any], **_: Any) -> None:
    """Empty a body on which botocore's parser would crash (a list, HTML, cut text); `needs_retry` sees the original."""
    if response_dict["body"] and not _is_object(response_dict["body"]):
        response_dict["body"] = b"{}" if response_dict["status_code"] < 300 else b""


def needs_retry(
    operation: OperationModel,
    attempts: int,
    response: tuple[AWSResponse, dict[str, Any]] | None,
    caught_exception: Exception | None,
    **_: Any,
) -> float | bool | None:
    """botocore's needs-retry event.

    A delay in seconds asks for another attempt, False forbids it, None leaves the decision to the standard retry mode.
    Raises DamagedResponse where the last answer is damaged and no other attempt follows.
    """
    changes = listed(operation.name).changes
    if caught_exception is not None:
        return _after_exception(caught_exception, attempts, changes=changes)
    if response is None:
        return None
    http, parsed = response
    shape = operation.output_shape
    reason = damage(
        http.status_code,
        http.headers.get("Content-Length"),
        http.content,
        expects_fields=bool(shape is not None and shape.members),
    )
    if reason is not None:
        if changes or attempts >= ATTEMPTS:
            raise DamagedResponse(reason)
        return _BACKOFF * (1 << attempts) * random.random()  # noqa: S311 - jitter
    code = parsed.get("Error", {}).get("Code")
    if code == "LimitExceededException":
        return False  # the standard mode takes it for throttling; repeating only uses up the person's attempts
    if changes and code not in THROTTLING_CODES and http.status_code != 429:
        return False
    return None


def _after_exception(exception: Exception, attempts: int, *, changes: bool) -> bool | None:
    from botocore import exceptions as b

    if isinstance(exception, b.SSLError):
        return False  # a certificate does not become valid by trying again
    if isinstance(exception, b.ConnectTimeoutError | b.ReadTimeoutError) and attempts >= _ATTEMPTS_AFTER_TIMEOUT:
        return False
    never_sent = isinstance(exception, b.EndpointConnectionError | b.ConnectTimeoutError | b.ProxyConnectionError)
    if changes and not never_sent:
        return False
    return None


def install(client: CognitoIdentityProviderClient) -> None:
    """Put the guard in front of the standard retry handler of `client`: the first answer that is not None wins."""
    client.meta.events.register_first("before-parse.cognito-idp", before_parse)
    client.meta.events.register_first("needs-retry.cognito-idp", needs_retry)  # type: ignore[arg-type]  # stubs: no result
