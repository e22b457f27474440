"""The Filter expression of ListUsers: one attribute, exact or prefix. Pure."""

from __future__ import annotations

from app.errors import invalid

MAXIMUM_LENGTH = 256  # of the whole expression, as ListUsers enforces it


def equals(attribute: str, value: str) -> str:
    """`attribute` is exactly `value`. Raises INVALID_INPUT where the expression would be too long."""
    return _expression(attribute, "=", value)


def starts_with(attribute: str, value: str) -> str:
    """`attribute` begins with `value`. Raises INVALID_INPUT where the expression would be too long."""
    return _expression(attribute, "^=", value)


def _expression(attribute: str, operator: str, value: str) -> str:
    # The backslash first: escaping the quote adds backslashes of its own.
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    expression = f'{attribute} {operator} "{escaped}"'
    if len(expression) > MAXIMUM_LENGTH:
        raise invalid(attribute, f"Cognito searches at most {MAXIMUM_LENGTH} characters: shorten the {attribute}.")
    return expression
