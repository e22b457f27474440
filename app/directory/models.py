"""The people of a user pool, as values. Frozen, so that they can cross threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class UserStatus(StrEnum):
    """UserStatusType of the Cognito API. A status that is not known here becomes UNKNOWN, never an error."""

    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    ARCHIVED = "ARCHIVED"
    COMPROMISED = "COMPROMISED"
    UNKNOWN = "UNKNOWN"
    RESET_REQUIRED = "RESET_REQUIRED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105 - a status, no password
    EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"

    @classmethod
    def _missing_(cls, value: object) -> UserStatus:
        return cls.UNKNOWN


@dataclass(frozen=True, slots=True)
class User:
    """One user of the pool. Times are UTC. `factors` is None where Cognito was not asked (lists do not tell)."""

    username: str
    status: UserStatus
    enabled: bool
    created: datetime
    modified: datetime
    attributes: Mapping[str, str] = field(default_factory=dict)
    factors: tuple[str, ...] | None = None
    preferred_factor: str | None = None

    @property
    def sub(self) -> str:
        """The subject: the identifier that never changes."""
        return self.attributes.get("sub", "")

    @property
    def email(self) -> str:
        """The email address, or an empty string."""
        return self.attributes.get("email", "")

    @property
    def phone(self) -> str:
        """The phone number in E.164 form, or an empty string."""
        return self.attributes.get("phone_number", "")

    @property
    def name(self) -> str:
        """The full name: `name`, else given and family name, else an empty string."""
        a = self.attributes
        return a.get("name") or " ".join(part for part in (a.get("given_name"), a.get("family_name")) if part)

    @property
    def email_verified(self) -> bool:
        """Whether Cognito holds the email as verified."""
        return self.attributes.get("email_verified", "").lower() == "true"

    @property
    def phone_verified(self) -> bool:
        """Whether Cognito holds the phone number as verified."""
        return self.attributes.get("phone_number_verified", "").lower() == "true"

    def temporary_password_expiry(self, validity_days: int) -> datetime | None:
        """About when the temporary password expires; None where the account does not wait on one.

        Cognito does not return the moment: it is the last modification plus the pool's TemporaryPasswordValidityDays.
        """
        if self.status is not UserStatus.FORCE_CHANGE_PASSWORD:
            return None
        return self.modified + timedelta(days=validity_days)


@dataclass(frozen=True, slots=True)
class UserPage:
    """One answer of ListUsers. A page may be short or empty and still have a `token`: only None means the end."""

    users: tuple[User, ...]
    token: str | None


@dataclass(frozen=True, slots=True)
class MfaPreference:
    """Which second factors Cognito asks for, as AdminSetUserMFAPreference takes them. None leaves a factor as it is."""

    totp: bool | None = None
    sms: bool | None = None
    email: bool | None = None
    preferred: str | None = None  # "totp", "sms" or "email"


@dataclass(frozen=True, slots=True)
class AuthFactors:
    """What somebody can sign in with (AdminGetUserAuthFactors). `mfa`: second factors, of totp, sms and email.

    `first` are Cognito's names of what may open a sign-in, such as PASSWORD and WEB_AUTHN (a passkey).
    """

    mfa: tuple[str, ...]
    preferred: str | None
    first: tuple[str, ...]
