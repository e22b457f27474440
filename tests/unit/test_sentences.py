"""Every error that an operation of the Desk declares reaches the person as a code and a sentence of ours."""

from __future__ import annotations

import re

import botocore.session
import pytest
from botocore.exceptions import ClientError

from app.aws.operations import USED
from app.aws.translate import translated
from app.errors import AppError, ErrorCode

# What an AWS service may say: a class of Java, a line number, an account, a value that was typed in.
RAW = (
    "com.amazonaws.cognito.identity.idp.model.SomeServiceError:\n  at line 42; Value 'hunter2-Secret!' at 'password' "
    "failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}]+"
)
MODEL = botocore.session.get_session().get_service_model("cognito-idp")
DECLARED = sorted((name, shape.name) for name in USED for shape in MODEL.operation_model(name).error_shapes)
NOT_FOR_A_CALLER = {ErrorCode.INTERNAL}


def told(operation: str, code: str, message: str) -> AppError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "req-1"},
    }
    with pytest.raises(AppError) as caught, translated(operation, "ada@example.com"):
        raise ClientError(answer, operation)  # type: ignore[arg-type]
    return caught.value


def test_there_are_many() -> None:
    assert len(DECLARED) > 300


@pytest.mark.parametrize("message", [RAW, "", "x"], ids=["raw", "silent", "terse"])
@pytest.mark.parametrize(("operation", "code"), DECLARED)
def test_every_declared_error_is_a_sentence_with_a_code(operation: str, code: str, message: str) -> None:
    error = told(operation, code, message)
    assert error.code not in NOT_FOR_A_CALLER
    text = error.message
    assert text != message
    assert text[0].isupper() or text.startswith("ada@example.com")
    assert text.rstrip()[-1] in ".!?…"
    assert len(text.split()) >= 5
    assert "\n" not in text
    assert "hunter2" not in text
    assert "amazonaws" not in text
    assert "{" not in re.sub(r"\\p\{\w+\}", "", text)
    assert code not in text  # the name of an exception says nothing to a person
    assert error.request_id == "req-1"
    for field, words in error.fields.items():
        assert field
        assert words.strip()
        assert "hunter2" not in words


def test_groups_of_codes_are_told_apart() -> None:
    seen = {
        ("DeleteGroup", "ResourceNotFoundException", "Group not found."): ErrorCode.GROUP_NOT_FOUND,
        ("DeleteGroup", "ResourceNotFoundException", "User pool eu-1_x does not exist."): ErrorCode.POOL_NOT_FOUND,
        ("CreateGroup", "GroupExistsException", "exists"): ErrorCode.GROUP_EXISTS,
        ("AdminForgetDevice", "ResourceNotFoundException", "Device does not exist."): ErrorCode.GONE,
        ("AdminRevokeUserSession", "ResourceNotFoundException", "Session not found"): ErrorCode.GONE,
        ("AdminListDevices", "ResourceNotFoundException", "User does not exist."): ErrorCode.USER_NOT_FOUND,
        ("AdminListDevices", "InvalidUserPoolConfigurationException", "no tracking"): ErrorCode.POOL_SETTING,
        ("AdminListUserAuthEvents", "UserPoolAddOnNotEnabledException", "off"): ErrorCode.NOT_SUPPORTED,
        ("AdminListUserSessions", "OperationNotEnabledException", "off"): ErrorCode.NOT_SUPPORTED,
        ("AdminLinkProviderForUser", "ResourceNotFoundException", "No provider"): ErrorCode.PROVIDER_NOT_FOUND,
        ("AdminLinkProviderForUser", "LimitExceededException", "5"): ErrorCode.LIMIT_EXCEEDED,
        ("AdminConfirmSignUp", "NotAuthorizedException", "Current status is CONFIRMED"): ErrorCode.USER_STATE,
        ("AdminDeleteSoftwareToken", "UserNotConfirmedException", ""): ErrorCode.USER_NOT_CONFIRMED,
    }
    for (operation, code, message), expected in seen.items():
        assert told(operation, code, message).code is expected, (operation, code)
