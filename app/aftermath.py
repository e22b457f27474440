"""Whether a change whose answer never came was made after all: told by the person as Cognito holds them now.

Reads only: ListUsers (free of billing); for second factors AdminGetUserAuthFactors. Raises AppError only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app import mirror_requests
from app.directory.filters import equals
from app.directory.models import User
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from app.journal_models import MirrorRequest
from app.onboarding.mirror import MirrorKind
from app.settling import Unsettled

_CANNOT_TELL = frozenset({ErrorCode.NOT_SUPPORTED, ErrorCode.ACCESS_DENIED, ErrorCode.USER_NOT_FOUND})
_CLOCKS = timedelta(minutes=5)  # how far this machine's clock and Cognito's may be apart


def look(users: Users, change: Unsettled) -> MirrorRequest | bool | None:
    """What must be written because of it; False where it was not made, None where nobody can tell."""
    kind = MirrorKind(change.mirror.kind)
    if kind is MirrorKind.PASSWORD_RESET:
        return None
    user = _find(users, change)
    if kind is MirrorKind.USER_CREATED:
        # Somebody who was there before was not created by this change, and may have a row of another history.
        made = user is not None and user.created >= change.at - _CLOCKS
        return mirror_requests.created(user, change.mirror.payload) if user is not None and made else False
    if kind is MirrorKind.USER_DELETED:
        return user is None
    if user is None:
        return None
    if kind in (MirrorKind.MFA_ENROLLED, MirrorKind.MFA_DISABLED, MirrorKind.MFA_LOST):
        has = _has_authenticator(users, user)
        return None if has is None else has is (kind is MirrorKind.MFA_ENROLLED)
    if kind is MirrorKind.MFA_REQUIRED:
        return _is_asked(users, user) if change.mirror.payload.get("required") == "true" else True
    return _HOLDS[kind](user, change.mirror)


def _contact(user: User, mirror: MirrorRequest) -> bool:
    now = {
        "email": user.email,
        "email_verified": str(user.email_verified).lower(),
        "name": user.name,
        "role": user.attributes.get("custom:role", ""),
        "organization_id": user.attributes.get("custom:organizationId", ""),
    }
    return all(now.get(name, value) == value for name, value in mirror.payload.items())


_HOLDS: dict[MirrorKind, Callable[[User, MirrorRequest], bool]] = {
    MirrorKind.CONFIRM_EMAIL: lambda user, mirror: user.email_verified and user.email == mirror.email,
    MirrorKind.USER_DISABLED: lambda user, _: not user.enabled,
    MirrorKind.USER_ENABLED: lambda user, _: user.enabled,
    MirrorKind.CONTACT_CHANGED: _contact,
}


def _find(users: Users, change: Unsettled) -> User | None:
    mirror = change.mirror
    wanted = [("sub", mirror.sub)] if mirror.sub else [("username", change.subject), ("email", mirror.email)]
    for name, value in wanted:
        found = users.list_page(limit=1, filter=equals(name, value)).users if value else ()
        if found:
            return found[0]
    return None


def _has_authenticator(users: Users, user: User) -> bool | None:
    try:
        return "totp" in users.factors(user.username).mfa
    except AppError as error:
        if error.code in _CANNOT_TELL:
            return None
        raise


def _is_asked(users: Users, user: User) -> bool | None:
    # Nobody is asked where there is no factor either: then it cannot be told whether the requirement got so far.
    try:
        return True if users.factors(user.username).preferred is not None else None
    except AppError as error:
        if error.code in _CANNOT_TELL:
            return None
        raise
