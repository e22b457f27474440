"""Whether the AWS library at hand knows an operation: some are newer than the oldest library that the Desk runs on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def method_name(operation: str) -> str:
    """What boto3 calls an operation: AdminSetUserMFAPreference is admin_set_user_mfa_preference."""
    return _WORD.sub("_", operation).lower()


def known(client: CognitoIdentityProviderClient, operation: str) -> bool:
    """Whether the AWS library of this program has the operation."""
    return hasattr(client, method_name(operation))


def too_old(operation: str) -> str:
    """The sentence for an operation that the library does not have."""
    return f"The AWS library in this copy of the program is too old for {operation}. A newer version of it is needed."


def method(client: CognitoIdentityProviderClient, operation: str) -> Callable[..., Any]:
    """The client's method for an operation. AppError(NOT_SUPPORTED) where the library does not have it."""
    found: Callable[..., Any] | None = getattr(client, method_name(operation), None)
    if found is None:
        raise AppError(ErrorCode.NOT_SUPPORTED, too_old(operation), subject=operation)
    return found
