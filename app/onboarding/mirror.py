"""What Cognito did, written into auth.users: the four statements of the source document, section 5, and their kin.

Every write may be repeated without harm. A row that does not exist, or is not ours, is skipped with a note: no error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode
from app.journal import Mirror, Written
from app.onboarding import ladder
from app.onboarding.database import Database
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.rows import table
from app.onboarding.users import find

if TYPE_CHECKING:
    from app.onboarding.leases import Session

PROVIDER = "cognito"

_S = OnboardingStatus
_CONFIRMED = "CASE WHEN status = 'pending_verification' THEN 'pending_approval' ELSE status END"
_RETURNABLE = frozenset(status.value for status in _S if status is not _S.DISABLED)


class MirrorKind(StrEnum):
    """What happened in Cognito. Append only: the values are stored in the journal."""

    CONFIRM_EMAIL = "confirm_email"
    MFA_ENROLLED = "mfa_enrolled"
    MFA_DISABLED = "mfa_disabled"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event
    USER_CREATED = "user_created"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    USER_DELETED = "user_deleted"
    CONTACT_CHANGED = "contact_changed"
    MFA_LOST = "mfa_lost"  # the authenticator was removed so that another can be enrolled
    MFA_REQUIRED = "mfa_required"


def apply(database: Database, mirror: Mirror) -> Written:
    """Write one mirror; tells what was written, or why the row was left alone.

    `payload` may hold, as strings: for USER_CREATED email_verified, name, role, organization_id; for CONTACT_CHANGED
    email, email_verified, name, role, organization_id; for MFA_REQUIRED required; for
    USER_ENABLED status_before_disable, for databases that do not remember it: USER_DISABLED learns it.
    AppError: USER_STATE for MFA_DISABLED while MFA is required; the database's own errors.
    """
    kind = MirrorKind(mirror.kind)
    columns = database.require_columns()
    with database.transaction() as connection:
        if mirror.attempt and _committed(connection, mirror.attempt):
            return Written("It was written before the program ended or the connection broke.")
        written = _write(connection, columns, kind, mirror)
        row = connection.execute("SELECT txid_current_if_assigned()::text").fetchone()
        if row is not None and row[0] is not None:  # nothing was written: there is nothing to ask about later
            mirror.remember(row[0], written.learned)
        return written


def _write(c: Session, columns: frozenset[str], kind: MirrorKind, mirror: Mirror) -> Written:
    row = find(c, columns, mirror.email, mirror.sub)
    if kind is MirrorKind.USER_CREATED:
        return _create(c, columns, mirror, row)
    if row is None:
        return Written(f"The database has no row for {mirror.email or mirror.sub}.", skipped=True)
    if row.auth_provider != PROVIDER and not (mirror.sub and row.subject == mirror.sub):
        note = f"The row of {row.email} belongs to the provider {row.auth_provider}; it was left alone."
        return Written(note, skipped=True)
    return _WRITERS[kind](c, columns, row, mirror.payload)


def _committed(c: Session, attempt: str) -> bool:
    """Whether an earlier try was committed although nobody saw it. Not where that is too long ago, or another server's.

    AppError(CONFLICT) while its transaction is still open: the server has not noticed yet that the client is gone.
    """
    row = c.execute(
        "SELECT CASE WHEN %(attempt)s::bigint < txid_snapshot_xmax(txid_current_snapshot())"
        " THEN txid_status(%(attempt)s::bigint) END",
        {"attempt": attempt},
    ).fetchone()
    if row is not None and row[0] == "in progress":
        message = "An earlier try to write this is not over yet at the server. Try again in a moment."
        raise AppError(ErrorCode.CONFLICT, message, subject="database", retryable=True)
    return row is not None and row[0] == "committed"


def _confirm_email(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    changes = {
        "email_verified": "TRUE",
        "status": _CONFIRMED,
    }
    where = "email = %(email)s AND auth_provider = 'cognito'"
    return _update(c, columns, changes, where, {"email": row.email}, f"Email of {row.email} marked as verified.")


def _mfa_enrolled(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    changes = {
        "mfa_method": "'totp'",
        "mfa_enrolled_at": "NOW()",
        "status": "CASE WHEN status = 'pending_mfa' THEN 'pending_subscription' ELSE status END",
    }
    return _update(c, columns, changes, "id = %(id)s", {"id": row.id}, f"Authenticator of {row.email} recorded.")


def _mfa_disabled(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    changes = {"mfa_method": "NULL", "mfa_enrolled_at": "NULL"}
    where = "id = %(id)s"
    if "mfa_required" in columns:
        where += " AND mfa_required IS NOT TRUE"
        if row.mfa_required:
            message = f"MFA is required for {row.email} (auth.users.mfa_required), so the database keeps it on."
            raise AppError(ErrorCode.USER_STATE, message, subject=row.email)
    return _update(c, columns, changes, where, {"id": row.id}, f"MFA of {row.email} cleared.")


def _mfa_lost(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    # Also where MFA is required: the authenticator is gone in Cognito, and the row must not say otherwise.
    changes = {"mfa_method": "NULL", "mfa_enrolled_at": "NULL"}
    return _update(c, columns, changes, "id = %(id)s", {"id": row.id}, f"Lost authenticator of {row.email} cleared.")


def _mfa_required(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    required = _true(payload.get("required", ""))
    changes = {"mfa_required": "TRUE" if required else "FALSE"}
    note = f"MFA is {'required' if required else 'no longer required'} of {row.email}."
    return _update(c, columns, changes, "id = %(id)s", {"id": row.id}, note)


def _password_reset(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    changes = {"password_reset_at": "NOW()"}
    where = "email = %(email)s AND auth_provider = 'cognito'"
    return _update(c, columns, changes, where, {"email": row.email}, f"Password reset of {row.email} recorded.")


def _disable(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    if row.status is _S.DISABLED:
        return Written(f"The row of {row.email} is disabled already.")
    changes = {"status_before_disable": "status::text", "status": "'disabled'"}
    note = f"{row.email} disabled in the database; the status before was {row.status.value}."
    written = _update(c, columns, changes, "id = %(id)s AND status <> 'disabled'", {"id": row.id}, note)
    return written if written.skipped else replace(written, learned={"status_before_disable": row.status.value})


def _enable(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    if row.status is not _S.DISABLED:
        note = f"The row of {row.email} is not disabled; its status stays {row.status.value}."
        return Written(note, learned={"status_before_disable": ""})
    told = payload.get("status_before_disable", "")
    use_told = row.status_before_disable is None and told in _RETURNABLE
    goal = _S(told) if use_told else ladder.before_disable(row)
    changes = {"status": "%(goal)s", "status_before_disable": "NULL"}
    values = {"id": row.id, "goal": goal.value}
    note = f"{row.email} enabled in the database; the status is {goal.value} again."
    written = _update(c, columns, changes, "id = %(id)s AND status = 'disabled'", values, note)
    return written if written.skipped else replace(written, learned={"status_before_disable": ""})


def _delete(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    written = _disable(c, columns, row, payload)
    return replace(written, note=f"The row stays. {written.note}", learned=None)


def _contact_changed(c: Session, columns: frozenset[str], row: DatabaseUser, payload: Mapping[str, str]) -> Written:
    changes: dict[str, str] = {}
    values = {"id": row.id}
    for name in ("email", "name", "role", "organization_id"):
        # What Cognito does not hold is not taken from the application, which may know it from elsewhere.
        if payload.get(name) and name in columns:
            changes[name] = f"%({name})s"
            values[name] = payload[name]
    if "email_verified" in payload:
        changes["email_verified"] = "TRUE" if _true(payload["email_verified"]) else "FALSE"
    if not changes:
        return Written(f"Nothing of the change of {row.email} is kept in the database.")
    note = f"{', '.join(sorted(changes))} of {row.email} updated in the database."
    if changes.get("email_verified") == "TRUE":
        changes["status"] = _CONFIRMED  # whatever else changed with it, a verified address is what they waited for
    return _update(c, columns, changes, "id = %(id)s", values, note)


_Writer = Callable[["Session", frozenset[str], DatabaseUser, Mapping[str, str]], Written]
_WRITERS: dict[MirrorKind, _Writer] = {
    MirrorKind.CONFIRM_EMAIL: _confirm_email,
    MirrorKind.MFA_ENROLLED: _mfa_enrolled,
    MirrorKind.MFA_DISABLED: _mfa_disabled,
    MirrorKind.PASSWORD_RESET: _password_reset,
    MirrorKind.USER_DISABLED: _disable,
    MirrorKind.USER_ENABLED: _enable,
    MirrorKind.USER_DELETED: _delete,
    MirrorKind.CONTACT_CHANGED: _contact_changed,
    MirrorKind.MFA_LOST: _mfa_lost,
    MirrorKind.MFA_REQUIRED: _mfa_required,
}


def _create(c: Session, columns: frozenset[str], mirror: Mirror, row: DatabaseUser | None) -> Written:
    from psycopg import sql

    if row is not None:
        # Written twice, it is there because of the first time; else the row is another account's, or nobody's yet.
        return Written(f"The database has a row for {row.email} already.", skipped=row.subject != mirror.sub)
    verified = _true(mirror.payload.get("email_verified", ""))
    values: dict[str, object] = {
        "email": mirror.email,
        "auth_provider": PROVIDER,
        "email_verified": verified,
        "status": (_S.PENDING_APPROVAL if verified else _S.PENDING_VERIFICATION).value,
    }
    optional = {
        "subject": mirror.sub,
        **{name: mirror.payload.get(name) for name in ("name", "role", "organization_id")},
    }
    values |= {name: value for name, value in optional.items() if value and name in columns}
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
        table(),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(map(sql.Placeholder, values)),
    )
    if not c.execute(query, values).rowcount:
        return Written(f"The database has a row for {mirror.email} already.", skipped=True)
    return Written(f"Row of {mirror.email} added with the status {values['status']}.")


def _update(
    c: Session, columns: frozenset[str], changes: Mapping[str, str], where: str, values: Mapping[str, str], note: str
) -> Written:
    """Set the columns that exist, and updated_at. `changes` and `where` are constants of this module."""
    from psycopg import sql

    present = {name: value for name, value in changes.items() if name in columns}
    if not present:
        return Written(f"The database does not keep {', '.join(changes)}.")
    if "updated_at" in columns:
        present["updated_at"] = "NOW()"
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(value)) for name, value in present.items()
    )
    query = sql.SQL("UPDATE {} SET {} WHERE {}").format(table(), assignments, sql.SQL(where))
    if not c.execute(query, values).rowcount:
        return Written("The row changed meanwhile, so that there was nothing to write.", skipped=True)
    return Written(note)


def _true(text: str) -> bool:
    return text.strip().lower() == "true"
