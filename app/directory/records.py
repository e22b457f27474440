"""Cognito's user records as our values. Pure; takes what ListUsers, AdminGetUser and AdminCreateUser answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from app.directory.models import AuthFactors, User, UserStatus

FACTOR_SETTINGS: Final = {"totp": "SoftwareTokenMfaSettings", "sms": "SMSMfaSettings", "email": "EmailMfaSettings"}
"""Our factor names -> the parameters of AdminSetUserMFAPreference."""

_FACTORS = {"SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms", "EMAIL_OTP": "email", "EMAIL_MFA": "email"}
_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)


def read_user(record: Mapping[str, Any]) -> User:
    """A User from a record of the API. `factors` is set where the record is AdminGetUser's: others do not tell.

    An attribute with an empty value counts as absent: writing an empty value is how Cognito removes one.
    """
    whole = "UserAttributes" in record
    pairs = record.get("UserAttributes" if whole else "Attributes", ())
    preferred = record.get("PreferredMfaSetting")
    return User(
        username=record["Username"],
        status=UserStatus(record.get("UserStatus", UserStatus.UNKNOWN)),
        enabled=record.get("Enabled", True),
        created=_utc(record.get("UserCreateDate")),
        modified=_utc(record.get("UserLastModifiedDate")),
        attributes={pair["Name"]: pair["Value"] for pair in pairs if pair.get("Value")},
        factors=tuple(_factor(name) for name in record.get("UserMFASettingList", ())) if whole else None,
        preferred_factor=_factor(preferred) if preferred else None,
    )


def read_factors(record: Mapping[str, Any]) -> AuthFactors:
    """AuthFactors from an answer of AdminGetUserAuthFactors."""
    preferred = record.get("PreferredMfaSetting")
    return AuthFactors(
        mfa=tuple(_factor(name) for name in record.get("UserMFASettingList") or ()),
        preferred=_factor(preferred) if preferred else None,
        first=tuple(record.get("ConfiguredUserAuthFactors") or ()),
    )


def server_time(headers: Mapping[str, str]) -> float:
    """The moment of an answer by the server's own clock (Date header, whole seconds; Unix time), else by ours."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return datetime.now(UTC).timestamp()


def moment(told: datetime | None) -> datetime | None:
    """A time of the API in UTC."""
    return told.astimezone(UTC) if told is not None else None


def _factor(name: str) -> str:
    return _FACTORS.get(name, name.lower())


def _utc(moment: datetime | None) -> datetime:
    return moment.astimezone(UTC) if moment is not None else _UNKNOWN_TIME
