"""One user as a table shows it, and what the application database adds. Frozen, so that they can cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.directory.models import UserStatus

if TYPE_CHECKING:
    import polars as pl

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STATUSES = {status.value: status for status in UserStatus}


@dataclass(frozen=True, slots=True)
class DatabaseFact:
    """What the application database holds about one person (auth.users). `email_verified` is None where unknown."""

    email: str
    subject: str | None
    status: str
    mfa_method: str | None
    mfa_required: bool | None
    organization_id: str | None
    email_verified: bool | None = None
    auth_provider: str = "cognito"
    id: str = ""


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user as a table shows it. Times are UTC; an absent text is empty.

    `mfa` is "totp", "sms", "email" or "none", and None where nobody knows. `organization` is the custom attribute, else
    the database's. `onboarding` and `mfa_required` are None without a database row; `in_database` is so before a join,
    `groups` before they were read.
    """

    username: str
    sub: str
    email: str
    name: str
    phone: str
    status: UserStatus
    enabled: bool
    created: datetime
    modified: datetime
    email_verified: bool
    role: str
    organization: str
    onboarding: str | None
    mfa: str | None
    in_database: bool | None
    mfa_required: bool | None = None
    groups: tuple[str, ...] | None = None


def read_rows(frame: pl.DataFrame) -> list[UserRow]:
    """The users of a frame with the columns `columns.ROW`."""
    columns: dict[str, list[Any]] = {column.name: column.to_list() for column in frame.get_columns()}
    columns["sub"] = [
        username if sub is None else sub for username, sub in zip(columns["username"], columns["sub"], strict=True)
    ]
    columns["status"] = [STATUSES[status] for status in columns["status"]]
    for name in ("email", "name", "phone", "role", "organization"):
        columns[name] = [value or "" for value in columns[name]]
    for name in ("created", "modified"):
        columns[name] = [EPOCH + timedelta(microseconds=value) for value in columns[name]]
    columns["groups"] = [None if value is None else tuple(value.split()) for value in columns["groups"]]
    return [UserRow(*values) for values in zip(*columns.values(), strict=True)]
