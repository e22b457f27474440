"""Rows corrected by hand, outside the ladder's edges: added where they are missing, columns set to what Cognito holds.

Only what was permitted and journalled before comes here. An update holds for the row as it was read, else not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.rows import read, selection, table

if TYPE_CHECKING:
    from psycopg import sql

# What may be set, and the field of DatabaseUser that says what was read.
SETTABLE = frozenset({"email", "email_verified", "subject", "auth_provider", "mfa_method", "status"})
_S = OnboardingStatus


def align(database: Database, row: DatabaseUser, values: Mapping[str, object]) -> DatabaseUser:
    """Set columns of SETTABLE, if they and the status still hold what `row` says; returns the row as it is now.

    `mfa_method` sets or clears `mfa_enrolled_at` too. AppError: CONFLICT with both values where somebody was faster or
    another row has the address, DATABASE_SCHEMA where a column does not exist, USER_NOT_FOUND where the row is gone,
    TIMEOUT where the connection was lost and nobody can tell whether it happened.
    """
    from psycopg import sql

    strange = values.keys() - SETTABLE
    if strange:
        raise AppError(ErrorCode.INTERNAL, f"{', '.join(sorted(strange))} may not be set.", subject="auth.users")
    columns = database.require_columns()
    missing = values.keys() - columns
    if missing:
        message = f"The table auth.users has no column {', '.join(sorted(missing))}."
        raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users")
    changes: list[sql.Composable] = [_set(name, sql.Placeholder(name)) for name in values]
    if "mfa_method" in values and "mfa_enrolled_at" in columns:
        changes.append(_set("mfa_enrolled_at", sql.SQL("NOW()" if values["mfa_method"] else "NULL")))
    if "updated_at" in columns:
        changes.append(_set("updated_at", sql.SQL("NOW()")))
    held = {name: _read(row, name) for name in {*values, "status"}}
    conditions = [_holds(name) for name in held]
    query = sql.SQL("UPDATE {} SET {} WHERE id = %(id)s AND {} RETURNING {}").format(
        table(), sql.SQL(", ").join(changes), sql.SQL(" AND ").join(conditions), selection(columns)
    )
    arguments = {**values, **{f"was_{name}": value for name, value in held.items()}, "id": row.id}
    sent = False
    try:
        with database.connection() as connection:
            sent = True
            changed = connection.execute(query, arguments).fetchone()
    except AppError as error:
        if not sent or error.code is not ErrorCode.DATABASE_UNREACHABLE:
            raise
        now: DatabaseUser | None = None
        with contextlib.suppress(AppError):
            now = _get(database, columns, row.id)
        if now is not None and all(_read(now, name) == value for name, value in values.items()):
            return now  # the server did it before the connection broke
        if now is not None:
            raise
        message = f"{error.message} It is not known whether the row was changed: read the person again."
        raise AppError(ErrorCode.TIMEOUT, message, subject=row.email) from error
    if changed is not None:
        return read(changed)
    now = _get(database, columns, row.id)
    raise AppError(ErrorCode.CONFLICT, _raced(row, now, held), subject=row.email)


def add(
    database: Database, *, email: str, subject: str, name: str, email_verified: bool, disabled: bool
) -> DatabaseUser:
    """Insert the row of somebody in the pool at the foot of the ladder; `disabled` keeps that place for later.

    AppError(CONFLICT) where there is a row of that email or subject by now.
    """
    from psycopg import sql

    columns = database.require_columns()
    place = (_S.PENDING_APPROVAL if email_verified else _S.PENDING_VERIFICATION).value
    values: dict[str, object] = {
        "email": email,
        "auth_provider": "cognito",
        "email_verified": email_verified,
        "status": _S.DISABLED.value if disabled else place,
    }
    optional = {"subject": subject, "name": name, "status_before_disable": place if disabled else ""}
    values |= {column: value for column, value in optional.items() if value and column in columns}
    taken: sql.Composable = sql.SQL("lower(email) = lower(%(email)s::text)")
    if "subject" in columns:
        taken = sql.SQL("({} OR subject::text = %(sub)s::text)").format(taken)
    query = sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} WHERE NOT EXISTS (SELECT FROM {table} WHERE {taken})"
        " ON CONFLICT DO NOTHING RETURNING {columns}"
    ).format(
        table=table(),
        names=sql.SQL(", ").join(map(sql.Identifier, values)),
        values=sql.SQL(", ").join(map(sql.Placeholder, values)),
        taken=taken,
        columns=selection(columns),
    )
    with database.connection() as connection:
        added = connection.execute(query, {**values, "sub": subject}).fetchone()
    if added is None:
        message = f"The database has a row for {email}, in this or another spelling, or for their subject already."
        raise AppError(ErrorCode.CONFLICT, message, subject=email)
    return read(added)


def _set(name: str, value: sql.Composable) -> sql.Composable:
    from psycopg import sql

    return sql.SQL("{} = {}").format(sql.Identifier(name), value)


def _holds(name: str) -> sql.Composable:
    from psycopg import sql

    column, was = sql.Identifier(name), sql.Placeholder(f"was_{name}")
    if name == "email_verified":
        return sql.SQL("coalesce({}, FALSE) = {}").format(column, was)
    return sql.SQL("coalesce({}::text, '') = coalesce({}::text, '')").format(column, was)


def _read(row: DatabaseUser, name: str) -> object:
    return cast("object", getattr(row, name))


def _get(database: Database, columns: frozenset[str], id: str) -> DatabaseUser:
    from psycopg import sql

    query = sql.SQL("SELECT {} FROM {} WHERE id = %s").format(selection(columns), table())
    with database.connection() as connection:
        row = connection.execute(query, (id,)).fetchone()
    if row is None:
        raise AppError(ErrorCode.USER_NOT_FOUND, "The database has no such row any more.", subject=id)
    return read(row)


def _raced(row: DatabaseUser, now: DatabaseUser, held: Mapping[str, object]) -> str:
    changed = [
        f"{name} was {_shown(was)} when it was read and is {_shown(_read(now, name))} now"
        for name, was in sorted(held.items())
        if (_read(now, name) or "") != (was or "")
    ]
    return f"Somebody else was faster with {row.email}: {'; '.join(changed)}. Nothing was changed."


def _shown(value: object) -> str:
    return "empty" if value in (None, "") else str(value)
