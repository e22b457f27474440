"""Cognito's messages, read for people and for the fields of a form."""

from __future__ import annotations

import pytest

from app.aws.reasons import fields_of, readable


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("Invalid email address format.", {"email"}),
        ("Invalid phone number format.", {"phone_number"}),
        ("Username should be an email.", {"username"}),
        ("Username cannot be of email format, since user pool is configured for email alias.", {"username"}),
        (
            "Attributes did not conform to the schema: phone_number: The attribute is required\n"
            "custom:organizationId: The attribute is required",
            {"phone_number", "custom:organizationId"},
        ),
        ("custom:team: Attribute does not exist in the schema.", {"custom:team"}),
        ("user.email: Attribute cannot be updated.", {"email"}),
        (
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: ^[\\S]+.*[\\S]+$",
            {"password"},
        ),
        (
            "2 validation errors detected: Value '' at 'username' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1; Value 'x' at 'userPoolId' failed to satisfy constraint: Member must "
            "match",
            {"username", "pool_id"},
        ),
        ("One or more requested MFA types are disabled", set()),
    ],
)
def test_fields_are_found_in_the_message(message: str, fields: set[str]) -> None:
    assert set(fields_of(message)) == fields


@pytest.mark.parametrize("value", ["hunter2", "it's hunter2", "two\nlines hunter2"])
def test_a_quoted_value_is_left_out(value: str) -> None:
    message = f"1 validation error detected: Value '{value}' at 'password' failed to satisfy constraint: too short"
    assert "hunter2" not in readable(message)
    assert "hunter2" not in str(fields_of(message))


def test_a_message_becomes_one_line_that_ends() -> None:
    assert readable("first\n  second   part\n") == "first; second part."
    assert readable("   ") == "no reason was given."
    assert len(readable("x" * 5000)) < 500
