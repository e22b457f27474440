"""Reads pages of users without botocore's general parser, which takes most of a page's processor time.

Thirty pages a second would keep the interpreter busy, and with it the window. The result is the same as botocore's.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_TIMES = ("UserCreateDate", "UserLastModifiedDate")


def before_parse(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """botocore's before-parse event. What is not as expected, errors and damage too, is left to the usual way."""
    if response_dict["status_code"] != 200:
        return
    try:
        answer = json.loads(response_dict["body"])
        for user in answer["Users"]:
            for name in _TIMES:
                if name in user:
                    user[name] = datetime.fromtimestamp(user[name], UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def install(client: CognitoIdentityProviderClient) -> None:
    """Let every page of `client` be read this way."""
    for operation in ("ListUsers", "ListUsersInGroup"):
        client.meta.events.register_first(f"before-parse.cognito-idp.{operation}", before_parse)
