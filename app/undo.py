"""What a change has to be answered with, so that everything is as before. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.directory.models import MfaPreference, User
from app.errors import AppError, ErrorCode

_CONTACTS = ("email", "phone_number")


def attributes_before(before: User, changes: Mapping[str, str]) -> dict[str, str]:
    """The changes that take `changes` back: an empty value removes what was not there. Contacts keep their proof."""
    back = {name: before.attributes.get(name, "") for name in changes}
    for contact in _CONTACTS:
        verified = f"{contact}_verified"
        if contact in changes and before.attributes.get(contact):
            back[verified] = before.attributes.get(verified, "false")
    return back


def check_untouched(before: User, changes: Mapping[str, str], now: User) -> None:
    """AppError(CONFLICT) where somebody gave one of the changed attributes yet another value meanwhile.

    The list may be late, and still show the value from before the change: that is no conflict.
    """
    for name, value in changes.items():
        if now.attributes.get(name, "") not in (value, before.attributes.get(name, "")):
            message = f"“{name}” was changed again meanwhile, so the earlier value was not put back. Look at it first."
            raise AppError(ErrorCode.CONFLICT, message, subject=name)


def preference_before(
    factors: Sequence[str] | None, preferred: str | None, changed: MfaPreference
) -> MfaPreference | None:
    """The preference that restores `factors` and `preferred` where `changed` touched them; None: they are not known."""
    if factors is None:
        return None

    def was(name: str, touched: bool | None) -> bool | None:
        return None if touched is None and changed.preferred != name and preferred != name else name in factors

    return MfaPreference(
        totp=was("totp", changed.totp),
        sms=was("sms", changed.sms),
        email=was("email", changed.email),
        preferred=preferred if preferred in factors else None,
    )
