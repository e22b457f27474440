"""What the pool's schema asks of the value of an attribute, told before Cognito refuses it. Pure; no I/O.

Cognito has the last word: this spares a person a refusal, it never replaces the service's own check.
"""

from __future__ import annotations

import re
from datetime import date

from app.pool.models import AttributeSchema

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"\+[1-9]\d{4,14}")  # E.164
FIXED = frozenset({"sub", "identities"})  # never changed by attribute updates
_LONGEST = 2048  # characters of any attribute
_LOCALES = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


def editable(name: str, schema: AttributeSchema | None) -> bool:
    """Whether an administrator can change it once it is set. An unknown schema is given the benefit of the doubt."""
    return name not in FIXED and (schema is None or schema.mutable)


def problem(name: str, value: str, schema: AttributeSchema | None, *, title: str = "") -> str | None:
    """What is wrong with a new value, naming the field and the fix; None where nothing is.

    An empty value removes the attribute. `title` is how the form names the field.
    """
    what = title or name
    if not value:
        if schema is not None and schema.required:
            return f"{what} is required in this pool and cannot be removed."
        return None
    if name == "email" and not EMAIL.fullmatch(value):
        return f"“{value}” is not an email address. It looks like name@example.com."
    if name == "phone_number" and not PHONE.fullmatch(value):
        return f"“{value}” is not in international form. Phone numbers look like +4930123456."
    if name == "birthdate" and not _is_date(value):
        return f"“{value}” is not a date. Birth dates look like 1990-12-31."
    if name == "locale" and not _LOCALES.fullmatch(value):
        return f"“{value}” is not a language. Languages look like en or pt-BR."
    if schema is None:
        return _too_long(what, value, _LONGEST)
    match schema.data_type:
        case "Number":
            return _number(what, value, schema)
        case "Boolean":
            return None if value in ("true", "false") else f"{what} is either true or false."
        case "DateTime":
            return None if _is_date(value[:10]) else f"{what} is a moment, such as 2026-01-31T12:00:00Z."
        case _:
            return _length(what, value, schema)


def kind(schema: AttributeSchema | None) -> str:
    """Type, limits and whether it can be changed, in a few words: 'text, at most 256 characters, required'."""
    if schema is None:
        return "not in the pool's schema"
    parts = [{"String": "text", "Number": "number", "Boolean": "true or false", "DateTime": "moment"}.get(
        schema.data_type, schema.data_type
    )]  # fmt: skip
    low, high = schema.minimum, schema.maximum
    unit = ""
    if schema.data_type == "String":
        unit = " character" if (high if high is not None and high != str(_LONGEST) else low) == "1" else " characters"
    low = None if unit and low == "0" else low
    high = None if unit and high == str(_LONGEST) else high
    if low is not None and high is not None:
        parts.append(f"{low} to {high}{unit}")
    elif high is not None:
        parts.append(f"at most {high}{unit}")
    elif low is not None:
        parts.append(f"at least {low}{unit}")
    if schema.required:
        parts.append("required")
    if not schema.mutable or schema.name in FIXED:
        parts.append("cannot be changed")
    return ", ".join(parts)


def _number(what: str, value: str, schema: AttributeSchema) -> str | None:
    if not re.fullmatch(r"-?\d+", value):
        return f"{what} is a whole number, such as 42."
    low, high = _bound(schema.minimum), _bound(schema.maximum)
    number = int(value)
    if low is not None and number < low:
        return f"{what} is at least {low}."
    if high is not None and number > high:
        return f"{what} is at most {high}."
    return None


def _length(what: str, value: str, schema: AttributeSchema) -> str | None:
    low, high = _bound(schema.minimum), _bound(schema.maximum)
    if low is not None and len(value) < low:
        return f"{what} takes at least {low} characters; this has {len(value)}."
    return _too_long(what, value, _LONGEST if high is None else high)


def _too_long(what: str, value: str, most: int) -> str | None:
    return f"{what} takes at most {most} characters; this has {len(value)}." if len(value) > most else None


def _bound(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None  # a limit that cannot be read limits nothing here: Cognito checks it


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == 10
