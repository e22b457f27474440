"""Pages of users are read as botocore would read them, only faster; what is odd is left to botocore."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import botocore.session
import pytest
from botocore.parsers import create_parser

from app.aws.pages import before_parse

if TYPE_CHECKING:
    from botocore.model import Shape

MODEL = botocore.session.get_session().get_service_model("cognito-idp")
SHAPE = cast("Shape", MODEL.operation_model("ListUsers").output_shape)
PAGE = {
    "Users": [
        {
            "Username": "carla",
            "Attributes": [{"Name": "sub", "Value": "1"}, {"Name": "name", "Value": 'Inês \\ "x"'}],
            "UserCreateDate": 1_760_000_000.123,
            "UserLastModifiedDate": 1_760_000_001,
            "Enabled": True,
            "UserStatus": "CONFIRMED",
        },
        {"Username": "mora"},
    ],
    "PaginationToken": "next",
}


def response(body: bytes, status: int = 200) -> dict[str, Any]:
    return {"status_code": status, "headers": {}, "body": body, "context": {"operation_name": "ListUsers"}}


def test_the_result_is_that_of_botocore() -> None:
    body = json.dumps(PAGE).encode()
    expected = create_parser("json").parse(response(body), SHAPE)
    ours: dict[str, Any] = {}
    asked = response(body)
    before_parse(asked, ours)
    rest = create_parser("json").parse(asked, SHAPE)
    assert {**rest, **ours} == expected


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"__type": "TooManyRequestsException"}', 400),
        (b'{"Users": [{"Username', 200),
        (b"<html>", 200),
        (b"[]", 200),
        (b"", 200),
        (b"{}", 200),
        (b'{"Users": null}', 200),
        (b'{"Users": [{"UserCreateDate": "2026-01-01T00:00:00Z"}]}', 200),
        (b'{"Users": [{"UserCreateDate": 1e300}]}', 200),
    ],
)
def test_what_is_odd_is_left_alone(body: bytes, status: int) -> None:
    ours: dict[str, Any] = {}
    asked = response(body, status)
    before_parse(asked, ours)
    assert ours == {}
    assert asked == response(body, status)
