"""What this connection can do for a user, and where it cannot: why. So that a view can say it without an error.

Foreseen from the AWS library and the pool's settings; learned from what AWS answered to the credentials in use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from app.aws.features import known, too_old
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from app.pool.models import PoolSnapshot

T = TypeVar("T")


class Feature(StrEnum):
    """What not every pool, library and policy offers."""

    HISTORY = "sign-in history"
    SESSIONS = "sessions"
    SESSION_END = "ending one session"
    DEVICES = "devices"
    FACTORS = "second factors"
    AUTHENTICATOR_REMOVAL = "deleting an authenticator"
    TOTP = "authenticator apps"
    SMS = "codes by text message"
    EMAIL = "codes by email"
    GROUPS = "groups"
    PROVIDERS = "identity providers"


class Hindrance(StrEnum):
    """What stands in the way."""

    SDK = "sdk"  # the AWS library is too old
    TIER = "tier"  # the pool's feature tier does not include it
    PERMISSION = "permission"  # the credentials lack it
    SETTING = "setting"  # the pool is not set so, or the endpoint does not offer it


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether a feature can be had. `hindrance` None: it can. `reason` is a sentence; `subject` the IAM permission."""

    feature: Feature
    hindrance: Hindrance | None = None
    reason: str = ""
    subject: str = ""

    @property
    def available(self) -> bool:
        """Whether nothing is known to stand in the way."""
        return self.hindrance is None


OPERATION: Final = {
    Feature.HISTORY: "AdminListUserAuthEvents",
    Feature.SESSIONS: "AdminListUserSessions",
    Feature.SESSION_END: "AdminRevokeUserSession",
    Feature.DEVICES: "AdminListDevices",
    Feature.FACTORS: "AdminGetUserAuthFactors",
    Feature.AUTHENTICATOR_REMOVAL: "AdminDeleteSoftwareToken",
    Feature.TOTP: "AdminSetUserMFAPreference",
    Feature.SMS: "AdminSetUserMFAPreference",
    Feature.EMAIL: "AdminSetUserMFAPreference",
    Feature.GROUPS: "AdminListGroupsForUser",
    Feature.PROVIDERS: "ListIdentityProviders",
}
"""The operation that each feature stands on."""

_TIERS: Final = ("LITE", "ESSENTIALS", "PLUS")
_LEAST_TIER: Final = {
    Feature.HISTORY: "PLUS",
    Feature.SESSIONS: "ESSENTIALS",
    Feature.SESSION_END: "ESSENTIALS",
    Feature.EMAIL: "ESSENTIALS",
}
_HINDERING: Final = {
    ErrorCode.ACCESS_DENIED: Hindrance.PERMISSION,
    ErrorCode.NOT_SUPPORTED: Hindrance.SETTING,
    ErrorCode.POOL_SETTING: Hindrance.SETTING,
}


def foreseen(feature: Feature, pool: PoolSnapshot | None) -> Capability:
    """What the pool's settings say of a feature; available where they say nothing against it. Pure."""
    if pool is None:
        return Capability(feature)
    least = _LEAST_TIER.get(feature)
    old_threat_protection = feature is Feature.HISTORY and pool.threat_protection != "OFF"
    if least is not None and not old_threat_protection and pool.tier in _TIERS[: _TIERS.index(least)]:
        tier = (pool.tier or "").capitalize()
        reason = f"This needs the {least.capitalize()} feature tier; the pool is in {tier}."
        return Capability(feature, Hindrance.TIER, reason)
    reason = _setting(feature, pool)
    return Capability(feature, Hindrance.SETTING, reason) if reason else Capability(feature)


def _setting(feature: Feature, pool: PoolSnapshot) -> str:
    if feature is Feature.HISTORY and pool.threat_protection == "OFF":
        return "Threat protection is off in this pool, and without it Cognito keeps no sign-in history."
    if feature is Feature.DEVICES and pool.devices == "never":
        return "This pool does not remember devices."
    factor = {Feature.TOTP: "totp", Feature.SMS: "sms", Feature.EMAIL: "email"}.get(feature)
    if factor is not None and pool.mfa == "OFF":
        return "Multi-factor authentication is off in this pool."
    if factor is not None and pool.factors_known and factor not in pool.factors:
        return f"This pool does not offer {feature.value}."
    return ""


class Capabilities:
    """What was learned about one connection. Safe on any thread."""

    def __init__(self, client: CognitoIdentityProviderClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._learned: dict[Feature, Capability] = {}

    def of(self, feature: Feature, pool: PoolSnapshot | None = None) -> Capability:
        """Whether a feature can be had, as far as anybody knows. No network call."""
        operation = OPERATION[feature]
        if not known(self._client, operation):
            return Capability(feature, Hindrance.SDK, too_old(operation))
        with self._lock:
            learned = self._learned.get(feature)
        before = foreseen(feature, pool)
        if learned is None:
            return before
        # What AWS said is true; what the settings say of the same tells a person more.
        return before if learned.hindrance is Hindrance.SETTING and not before.available else learned

    def attempt(self, feature: Feature, call: Callable[[], T], pool: PoolSnapshot | None = None) -> T | Capability:
        """What `call` returns; the Capability that says why not, where AWS does not offer it to this connection.

        Every other AppError goes on.
        """
        capability = self.of(feature)
        if capability.hindrance is Hindrance.SDK:
            return capability
        try:
            value = call()
        except AppError as error:
            hindrance = _HINDERING.get(error.code)
            if hindrance is None:
                raise
            subject = error.subject or "" if hindrance is Hindrance.PERMISSION else ""
            with self._lock:
                self._learned[feature] = Capability(feature, hindrance, error.message, subject)
            return self.of(feature, pool)
        with self._lock:
            self._learned.pop(feature, None)
        return value
