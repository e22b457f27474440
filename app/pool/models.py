"""A user pool's and an app client's configuration, as values. Frozen, so that they can cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What the pool asks of a password. `temporary_days` is how long a temporary one stays valid."""

    minimum_length: int = 8
    uppercase: bool = False
    lowercase: bool = False
    digits: bool = False
    symbols: bool = False
    temporary_days: int = 7
    history: int = 0


@dataclass(frozen=True, slots=True)
class AttributeSchema:
    """One attribute of the pool's schema. `data_type` is String, Number, DateTime or Boolean."""

    name: str
    data_type: str
    required: bool
    mutable: bool
    minimum: str | None = None
    maximum: str | None = None


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """DescribeUserPool and GetUserPoolMfaConfig at one moment (`taken`, UTC)."""

    id: str
    name: str
    arn: str
    mfa: str  # OFF, OPTIONAL or ON
    factors: tuple[str, ...]  # of totp, sms, email: what the pool offers
    password_policy: PasswordPolicy
    username_attributes: tuple[str, ...]
    alias_attributes: tuple[str, ...]
    auto_verified: tuple[str, ...]
    recovery: tuple[str, ...]  # verified_email, verified_phone_number, admin_only: in order of priority
    case_sensitive: bool
    admin_create_only: bool
    estimated_users: int
    tier: str | None
    deletion_protection: bool
    schema: tuple[AttributeSchema, ...]
    created: datetime | None
    modified: datetime | None
    taken: datetime
    factors_known: bool = True  # False where GetUserPoolMfaConfig may not be read: `factors` is empty then
    threat_protection: str = "OFF"  # OFF, AUDIT or ENFORCED: without it Cognito keeps no sign-in history
    devices: str = "never"  # never, asked (the person decides) or always: whether devices are remembered
    first_factors: tuple[str, ...] = ("PASSWORD",)  # what may open a sign-in: EMAIL_OTP, SMS_OTP, WEB_AUTHN too
    kept_until_verified: tuple[str, ...] = ()  # contacts whose old value counts until the new one is verified

    def attribute(self, name: str) -> AttributeSchema | None:
        """The schema of the attribute `name` (custom ones with their `custom:` prefix); None if the pool has none."""
        return next((a for a in self.schema if a.name == name), None)


@dataclass(frozen=True, slots=True)
class ClientSnapshot:
    """DescribeUserPoolClient at one moment. The client secret itself is never held, only whether there is one."""

    id: str
    name: str
    flows: tuple[str, ...]  # ALLOW_USER_PASSWORD_AUTH, ...
    has_secret: bool
    access_validity: timedelta
    id_validity: timedelta
    refresh_validity: timedelta
    revocation: bool
    prevents_enumeration: bool
    callback_urls: tuple[str, ...]
    providers: tuple[str, ...]
    session_validity: timedelta = timedelta(minutes=3)  # of the session between the challenges of a sign-in
