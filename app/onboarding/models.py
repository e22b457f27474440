"""Rows of the application database's auth.users, as values. Frozen, so that they can cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class OnboardingStatus(StrEnum):
    """auth.users.status: the eight states of the onboarding ladder (source document, section 5)."""

    PENDING_VERIFICATION = "pending_verification"
    PENDING_APPROVAL = "pending_approval"
    PENDING_MFA = "pending_mfa"
    PENDING_SUBSCRIPTION = "pending_subscription"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DISABLED = "disabled"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class DatabaseUser:
    """One row of auth.users. Times are UTC. A column that the database does not have reads as None."""

    id: str
    email: str
    status: OnboardingStatus
    auth_provider: str
    email_verified: bool
    subject: str | None = None
    name: str | None = None
    role: str | None = None
    organization_id: str | None = None
    mfa_required: bool | None = None
    mfa_method: str | None = None
    mfa_enrolled_at: datetime | None = None
    password_reset_at: datetime | None = None
    status_before_disable: OnboardingStatus | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """How many people stand in one state, and the median time since their row last changed.

    `stuck` have stood there for longer than the limit of the state.
    """

    status: OnboardingStatus
    count: int
    median_age: timedelta | None
    stuck: int = 0


@dataclass(frozen=True, slots=True)
class Movement:
    """How many came into a state and how many left it, about that moment (UTC)."""

    at: datetime
    came: int
    left: int
