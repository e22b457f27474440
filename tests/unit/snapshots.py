"""One person in words, as the diagnosis reads them: healthy unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.diagnosis.findings import Snapshot
from app.directory.models import User, UserStatus
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.pool.models import AttributeSchema, ClientSnapshot, PasswordPolicy, PoolSnapshot

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def user(
    username: str = "carla",
    status: UserStatus = UserStatus.CONFIRMED,
    *,
    enabled: bool = True,
    days: float = 25,
    factors: tuple[str, ...] | None = None,
    preferred_factor: str | None = None,
    **attributes: str,
) -> User:
    """Somebody whose account changed that many days ago."""
    at = NOW - timedelta(days=days)
    usual = {"sub": f"sub-{username}", "email": f"{username}@x.example", "email_verified": "true"}
    return User(username, status, enabled, at, at, {**usual, **attributes}, factors, preferred_factor)


def row(who: User, **values: Any) -> DatabaseUser:
    """Their row."""
    made = DatabaseUser(
        f"row-{who.username}", who.email, OnboardingStatus.ACTIVE, "cognito", True, subject=who.sub, mfa_required=False
    )
    return replace(made, **values)


def pool(**values: Any) -> PoolSnapshot:
    """A pool where people sign in by email."""
    made = PoolSnapshot(
        id="us-east-1_Test", name="Test", arn="arn", mfa="OPTIONAL", factors=("totp", "sms"),
        password_policy=PasswordPolicy(), username_attributes=("email",), alias_attributes=(), auto_verified=("email",),
        recovery=("verified_email",), case_sensitive=False, admin_create_only=False, estimated_users=2, tier=None,
        deletion_protection=False, schema=(AttributeSchema("email", "String", False, True),), created=None,
        modified=None, taken=NOW,
    )  # fmt: skip
    return replace(made, **values)


def client(**values: Any) -> ClientSnapshot:
    """An app client with a password flow."""
    hour = timedelta(hours=1)
    made = ClientSnapshot(
        "id", "web", ("ALLOW_USER_PASSWORD_AUTH",), False, hour, hour, hour, True, True, (), ("COGNITO",)
    )
    return replace(made, **values)


_DEFAULT: Any = object()


def snapshot(
    status: UserStatus = UserStatus.CONFIRMED,
    *,
    pool: PoolSnapshot | None = _DEFAULT,
    client: ClientSnapshot | None = _DEFAULT,
    row: Mapping[str, Any] | None = None,
    **of_user: Any,
) -> Snapshot:
    """Everything known of one person; `row` changes values of their row, the rest is theirs in Cognito."""
    who = user("carla", status, **of_user)
    theirs = globals()["row"](who, **(row or {}))
    return Snapshot(
        who,
        NOW,
        globals()["pool"]() if pool is _DEFAULT else pool,
        globals()["client"]() if client is _DEFAULT else client,
        theirs,
        True,
        (theirs,),
    )
