"""How a row of auth.users is selected and read, whichever of the optional columns exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.schema import TABLE

if TYPE_CHECKING:
    from psycopg import sql

# In the order of DatabaseUser's fields. Cast to text: the product may keep ids as uuid and statuses as an enum.
_TEXT = frozenset(
    {"id", "email", "status", "auth_provider", "subject", "name", "role", "organization_id", "mfa_method",
     "status_before_disable"}
)  # fmt: skip
_FIELDS = (
    "id",
    "email",
    "status",
    "auth_provider",
    "email_verified",
    "subject",
    "name",
    "role",
    "organization_id",
    "mfa_required",
    "mfa_method",
    "mfa_enrolled_at",
    "password_reset_at",
    "status_before_disable",
    "created_at",
    "updated_at",
)


def table() -> sql.Identifier:
    """auth.users, quoted."""
    from psycopg import sql

    return sql.Identifier(*TABLE)


def selection(columns: frozenset[str]) -> sql.Composed:
    """The list of columns that read() expects; NULL stands for one that does not exist."""
    from psycopg import sql

    parts: list[sql.Composable] = []
    for name in _FIELDS:
        if name not in columns:
            parts.append(sql.SQL("NULL"))
        elif name in _TEXT:
            parts.append(sql.SQL("{}::text").format(sql.Identifier(name)))
        else:
            parts.append(sql.Identifier(name))
    return sql.SQL(", ").join(parts)


def read(row: Sequence[Any]) -> DatabaseUser:
    """The value of a selected row. AppError(DATABASE_SCHEMA) where its status is none of the eight."""
    (id_, email, status, provider, verified, subject, name, role, organization, required, method, enrolled, reset,
     before, created, updated) = row  # fmt: skip
    try:
        known = OnboardingStatus(status)
    except ValueError as error:
        message = f'The row of {email} has the status "{status}", which is none of the eight that the Desk knows.'
        raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject=email) from error
    return DatabaseUser(
        id=id_,
        email=email or "",
        status=known,
        auth_provider=provider or "",
        email_verified=bool(verified),
        subject=subject,
        name=name,
        role=role,
        organization_id=organization,
        mfa_required=required,
        mfa_method=method,
        mfa_enrolled_at=_utc(enrolled),
        password_reset_at=_utc(reset),
        status_before_disable=OnboardingStatus(before) if before in _KNOWN else None,
        created_at=_utc(created),
        updated_at=_utc(updated),
    )


def raw_values(row: DatabaseUser) -> dict[str, object]:
    """The row as `extract` would read it: its columns by name."""
    return {
        "id": row.id,
        "subject": row.subject or None,
        "email": row.email or None,
        "status": row.status.value,
        "auth_provider": row.auth_provider or None,
        "email_verified": row.email_verified,
        "mfa_method": row.mfa_method or None,
        "mfa_required": row.mfa_required,
        "organization_id": row.organization_id or None,
    }


_KNOWN = frozenset(status.value for status in OnboardingStatus)


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    # A column without a time zone is read as UTC: that is what NOW() wrote into it on a server that runs in UTC.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
