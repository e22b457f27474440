"""The pool's password policy as Cognito words it, and passwords that satisfy it."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any

from app.demo.protocol import Refusal

# The special characters of the Cognito developer guide; a space counts inside a password.
SYMBOLS = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"


def check_password(policy: Mapping[str, Any], password: str) -> None:
    """Refusal (InvalidPasswordException) that names the first unmet rule."""
    rules = (
        ("Password not long enough", len(password) >= int(policy.get("MinimumLength") or 6)),
        ("Password is too long", len(password) <= 256),
        ("Password must have lowercase characters", _has(policy, "RequireLowercase", password, str.islower)),
        ("Password must have uppercase characters", _has(policy, "RequireUppercase", password, str.isupper)),
        ("Password must have numeric characters", _has(policy, "RequireNumbers", password, str.isdigit)),
        (
            "Password must have symbol characters",
            not policy.get("RequireSymbols") or any(c in SYMBOLS or c == " " for c in password.strip(" ")),
        ),
    )
    for unmet, satisfied in rules:
        if not satisfied:
            raise Refusal("InvalidPasswordException", f"Password did not conform with policy: {unmet}")


def temporary_password(policy: Mapping[str, Any]) -> str:
    """A random password with a character of every class, at least as long as the policy asks."""
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!#%&*+-=?@_")
    letters = [secrets.choice(group) for group in classes]
    length = max(12, int(policy.get("MinimumLength") or 0))
    letters += [secrets.choice("".join(classes[:3])) for _ in range(length - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _has(policy: Mapping[str, Any], rule: str, password: str, test: Any) -> bool:
    return not policy.get(rule) or any(c.isascii() and test(c) for c in password)
