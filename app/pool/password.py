"""The pool's password policy: what a password lacks, and one that lacks nothing. Pure."""

from __future__ import annotations

import secrets
import string
from typing import Final

from app.errors import invalid
from app.pool.models import PasswordPolicy

LONGEST: Final = 256  # characters, in every pool
SYMBOLS: Final = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")
"""What Cognito counts as a symbol. A space counts too, but not at either end."""

# Without characters that are taken for one another when a password is read out on the phone.
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_LOWER = "abcdefghijkmnopqrstuvwxyz"
_DIGITS = "23456789"
_MARKS = "!@#%*-_+=?"


def check_password(policy: PasswordPolicy, password: str) -> list[str]:
    """The rules that `password` does not meet, in words; empty where it meets all. The history only Cognito knows.

    Cognito counts the basic Latin letters and digits only: é is neither an upper-case nor a lower-case letter to it.
    """
    unmet: list[str] = []
    if len(password) < policy.minimum_length:
        unmet.append(f"at least {policy.minimum_length} characters (it has {len(password)})")
    if len(password) > LONGEST:
        unmet.append(f"at most {LONGEST} characters (it has {len(password)})")
    if policy.uppercase and not any(c in string.ascii_uppercase for c in password):
        unmet.append("an upper-case letter (A-Z)")
    if policy.lowercase and not any(c in string.ascii_lowercase for c in password):
        unmet.append("a lower-case letter (a-z)")
    if policy.digits and not any(c in string.digits for c in password):
        unmet.append("a digit (0-9)")
    if policy.symbols and not any(c in SYMBOLS for c in password.strip()):
        unmet.append("a symbol, such as ! # % - ?")
    if password != password.strip():
        unmet.append("no space at the beginning or the end")
    return unmet


def generate(policy: PasswordPolicy, length: int = 16) -> str:
    """A random password that meets the policy, easy to read out. Longer than `length` where the policy asks for it.

    AppError(INVALID_INPUT) above 256 characters.
    """
    size = max(length, policy.minimum_length, 8)
    if size > LONGEST:
        raise invalid("length", f"A password has at most {LONGEST} characters.")
    groups = (_UPPER, _LOWER, _DIGITS, _MARKS)
    letters = [secrets.choice(group) for group in groups]
    letters += [secrets.choice("".join(groups)) for _ in range(size - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)
