"""The people of auth.users: found, counted, listed, and moved along the ladder. Raises AppError only."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.database import Database
from app.onboarding.ladder import LADDER, Edge
from app.onboarding.limits import Limits
from app.onboarding.models import DatabaseUser, FunnelStage, Movement, OnboardingStatus
from app.onboarding.rows import read, selection, table
from app.work import Work

if TYPE_CHECKING:
    import polars as pl
    from psycopg import sql

    from app.onboarding.leases import Session

_SAME_EMAIL = "SELECT {columns} FROM {table} WHERE %(email)s::text <> '' AND lower(email) = lower(%(email)s::text)"
_ALIKE_BY_EMAIL = _SAME_EMAIL + " ORDER BY id LIMIT 10"
_ALIKE = _SAME_EMAIL + " OR %(sub)s::text <> '' AND subject::text = %(sub)s::text ORDER BY id LIMIT 10"


class OnboardingReader:
    """Reads rows of auth.users. Safe on any thread. Where optional columns are missing they read as None."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """How many rows there are."""
        return int(self._rows("SELECT count(*) FROM {table}")[0][0])

    def funnel(self, now: datetime | None = None, limits: Limits | None = None) -> list[FunnelStage]:
        """All eight states in the order of the ladder, with counts and the median time since the rows changed.

        With `limits`, also how many have stood in a state for longer than its limit.
        """
        changed = _changed_column(self._database.require_columns())
        now = now or datetime.now(UTC)
        if changed is None:
            query = "SELECT status::text, count(*), NULL, 0 FROM {table} GROUP BY 1"
            rows = self._rows(query)
        else:
            query = (
                "SELECT status::text, count(*), percentile_cont(0.5) WITHIN GROUP"
                " (ORDER BY extract(epoch FROM %(now)s::timestamptz - {changed})::float8),"
                " count(*) FILTER (WHERE extract(epoch FROM %(now)s::timestamptz - {changed})"
                " > (%(limits)s::jsonb ->> status::text)::float8) FROM {table} GROUP BY 1"
            )
            rows = self._rows(query, {"now": now, "limits": _seconds(limits)}, changed=changed)
        found = {status: (count, age, stuck) for status, count, age, stuck in rows}
        stages = []
        for status in LADDER:
            count, age, stuck = found.get(status.value, (0, None, 0))
            # A clock that runs behind the server's would give a negative age.
            stages.append(FunnelStage(status, count, None if age is None else timedelta(seconds=max(0.0, age)), stuck))
        return stages

    def list(
        self, status: OnboardingStatus, *, limit: int = 200, after: DatabaseUser | None = None
    ) -> list[DatabaseUser]:
        """The people in one state, oldest change first. `after` is the last row of the previous page."""
        changed = _changed_column(self._database.require_columns())
        values: dict[str, object] = {"status": status.value, "limit": limit}
        parts = ["SELECT {columns} FROM {table} WHERE status = %(status)s"]
        if after is not None:
            moment = after.updated_at if changed == "updated_at" else after.created_at
            values |= {"id": after.id, "moment": moment}
            if changed is None:
                parts.append("AND id > %(id)s")
            elif moment is None:
                parts.append("AND {changed} IS NULL AND id > %(id)s")
            else:
                parts.append("AND (({changed}, id) > (%(moment)s, %(id)s) OR {changed} IS NULL)")
        parts.append("ORDER BY id" if changed is None else "ORDER BY {changed} NULLS LAST, id")
        parts.append("LIMIT %(limit)s")
        return [read(row) for row in self._rows(" ".join(parts), values, changed=changed)]

    def stuck(self, limits: Limits, now: datetime | None = None, *, limit: int = 200) -> Sequence[DatabaseUser]:
        """Who has stood in a state for longer than its limit, whatever the state: those most over it first.

        Empty where the table keeps no time by which to tell.
        """
        changed = _changed_column(self._database.require_columns())
        if changed is None or not limits.hours:
            return []
        now = now or datetime.now(UTC)
        values: dict[str, object] = {"now": now, "limit": limit, "limits": _seconds(limits)}
        late = []
        for number, status in enumerate(limits.hours):
            values |= {f"status{number}": status.value, f"before{number}": now - (limits.of(status) or timedelta(0))}
            late.append(f"(status = %(status{number})s AND {{changed}} < %(before{number})s)")
        query = (
            f"SELECT {{columns}} FROM {{table}} WHERE {' OR '.join(late)} ORDER BY"  # noqa: S608
            " extract(epoch FROM %(now)s::timestamptz - {changed}) / (%(limits)s::jsonb ->> status::text)::float8 DESC,"
            " id LIMIT %(limit)s"
        )
        return [read(row) for row in self._rows(query, values, changed=changed)]

    def movements(self, status: OnboardingStatus, since: datetime) -> Sequence[Movement]:
        """What the table itself remembers of comings and goings, by quarter of an hour (UTC), in no order.

        A row keeps one moment of change, so those who came are those who still stand there. Those who left are known
        only where the row keeps the moment: for pending_mfa, when the authenticator was enrolled.
        """
        columns = self._database.require_columns()
        changed = _changed_column(columns)
        if changed is None:
            return ()
        values: dict[str, object] = {"status": status.value, "since": since}
        quarter = "to_timestamp(floor(extract(epoch FROM {changed}) / 900) * 900), count(*) FROM {table}"
        came = f"SELECT {quarter} WHERE status = %(status)s AND {{changed}} >= %(since)s GROUP BY 1"
        found = [Movement(moment, number, 0) for moment, number in self._rows(came, values, changed=changed)]
        if status is OnboardingStatus.PENDING_MFA and "mfa_enrolled_at" in columns:
            left = f"SELECT {quarter} WHERE {{changed}} >= %(since)s AND status <> %(status)s GROUP BY 1"
            rows = self._rows(left, values, changed="mfa_enrolled_at")
            found += [Movement(moment, 0, number) for moment, number in rows]
        return found

    def find(self, email: str, sub: str = "") -> DatabaseUser | None:
        """The row of a person: by subject, else by email in any spelling. None where there is none.

        A row that spells the email differently and belongs to another subject is another person's.
        """
        columns = self._database.require_columns()
        with self._database.connection() as connection:
            return find(connection, columns, email, sub)

    def alike(self, email: str, sub: str = "") -> tuple[DatabaseUser, ...]:
        """Every row that could be a person's: of that subject, or of that email in any spelling. At most 10."""
        by_subject = "subject" in self._database.require_columns()
        rows = self._rows(_ALIKE if by_subject else _ALIKE_BY_EMAIL, {"email": email, "sub": sub})
        return tuple(read(row) for row in rows)

    def get(self, id: str) -> DatabaseUser:
        """The row of that id. AppError(USER_NOT_FOUND) where there is none."""
        gone = AppError(ErrorCode.USER_NOT_FOUND, "The database has no such row any more.", subject=id)
        try:
            rows = self._rows("SELECT {columns} FROM {table} WHERE id = %(id)s", {"id": id})
        except AppError as error:
            if error.code is ErrorCode.INVALID_INPUT:  # not of the form that ids of this table have
                raise gone from error
            raise
        if not rows:
            raise gone
        return read(rows[0])

    def columns(self) -> frozenset[str]:
        """The columns that auth.users has, of those that the Desk knows and others."""
        return self._database.require_columns()

    def read_rows(
        self, work: Work, also: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    ) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """Every row as columns (`extract.COLUMNS`), those of an unknown status too; a million take about a second.

        `also` is called with each part while the next one is on its way; what it returns is the second frame.
        """
        from app.onboarding.extract import read_rows

        return read_rows(self._database, work, also)

    def _rows(self, text: str, values: dict[str, object] | None = None, *, changed: str | None = None) -> Sequence[Any]:
        columns = self._database.require_columns()
        try:
            with self._database.connection() as connection:
                return connection.execute(_compose(text, columns, changed), values).fetchall()
        except AppError as error:
            if error.code is not ErrorCode.DATABASE_SCHEMA or self._database.require_columns() == columns:
                raise
        # A column was dropped since we looked: those that are left do.
        with self._database.connection() as connection:
            return connection.execute(_compose(text, self._database.require_columns(), changed), values).fetchall()


class OnboardingUsers(OnboardingReader):
    """Changes rows too. Only People and Drift hold one: whatever it does was permitted and journalled before."""

    def move(self, row: DatabaseUser, edge: Edge, *, before: OnboardingStatus | None = None) -> DatabaseUser:
        """Take one step from the status that was read; returns the row as it is now.

        `before` says where ENABLE returns if the caller knows better than the row. AppError: USER_STATE where the
        ladder has no such step, CONFLICT where the status changed since it was read, USER_NOT_FOUND where the row is
        gone, TIMEOUT where the connection was lost and nobody can tell whether it happened.
        """
        goal = ladder.target(edge, row.status, before=before or ladder.before_disable(row))
        columns = self._database.require_columns()
        changes = ["status = %(goal)s"]
        if edge is Edge.CONFIRM_EMAIL:
            changes.append("email_verified = TRUE")
        if edge is Edge.ENROL_MFA:  # as the mirror does (source document, section 5); what is recorded already stays
            named = {"mfa_method": "'totp'", "mfa_enrolled_at": "NOW()"}
            changes += [f"{name} = coalesce({name}, {value})" for name, value in named.items() if name in columns]
        if "status_before_disable" in columns and edge in (Edge.DISABLE, Edge.ENABLE):
            changes.append("status_before_disable = %(before)s")
        if "updated_at" in columns:
            changes.append("updated_at = NOW()")
        query = _compose(
            "UPDATE {table} SET {changes} WHERE id = %(id)s AND status = %(status)s RETURNING {columns}",
            columns,
            changes=", ".join(changes),
        )
        values = {
            "goal": goal.value,
            "before": row.status.value if edge is Edge.DISABLE else None,
            "id": row.id,
            "status": row.status.value,
        }
        sent = False
        try:
            with self._database.connection() as connection:
                sent = True
                moved = connection.execute(query, values).fetchone()
        except AppError as error:
            if sent and error.code is ErrorCode.DATABASE_UNREACHABLE:
                return self._after_lost_answer(row, goal, error)
            raise
        if moved is not None:
            return read(moved)
        now = self.get(row.id)
        message = (
            f"Somebody else was faster: the status of {row.email} was {row.status.value} when it was read"
            f" and is {now.status.value} now. Nothing was changed."
        )
        raise AppError(ErrorCode.CONFLICT, message, subject=row.email, retryable=False)

    def align(self, row: DatabaseUser, values: Mapping[str, object]) -> DatabaseUser:
        """Set columns outside the ladder's edges; see app.onboarding.align."""
        from app.onboarding.align import align

        return align(self._database, row, values)

    def add(self, *, email: str, subject: str, name: str, email_verified: bool, disabled: bool) -> DatabaseUser:
        """Insert a row at the foot of the ladder; see app.onboarding.align."""
        from app.onboarding.align import add

        return add(
            self._database, email=email, subject=subject, name=name, email_verified=email_verified, disabled=disabled
        )

    def _after_lost_answer(self, row: DatabaseUser, goal: OnboardingStatus, error: AppError) -> DatabaseUser:
        # The server may have done it before the connection broke: only the row itself can tell.
        now: DatabaseUser | None = None
        with contextlib.suppress(AppError):
            now = self.get(row.id)
        if now is None:
            message = f"{error.message} It is not known whether the step was taken: read the person again."
            raise AppError(ErrorCode.TIMEOUT, message, subject=row.email) from error
        if now.status is goal:
            return now
        raise error


def find(connection: Session, columns: frozenset[str], email: str, sub: str) -> DatabaseUser | None:
    """OnboardingUsers.find() on a connection that the caller holds; psycopg's errors are the caller's."""
    if "subject" in columns:
        text = (
            "SELECT {columns} FROM {table} WHERE (%(sub)s::text <> '' AND subject::text = %(sub)s::text)"
            " OR (%(email)s::text <> '' AND lower(email) = lower(%(email)s::text)"
            " AND (email = %(email)s::text OR subject IS NULL OR %(sub)s::text = ''))"
            " ORDER BY (%(sub)s::text <> '' AND coalesce(subject::text, '') = %(sub)s::text) DESC,"
            " coalesce(email = %(email)s::text, FALSE) DESC, id LIMIT 1"
        )
    else:
        text = (
            "SELECT {columns} FROM {table} WHERE %(email)s::text <> '' AND lower(email) = lower(%(email)s::text)"
            " ORDER BY coalesce(email = %(email)s::text, FALSE) DESC, id LIMIT 1"
        )
    row = connection.execute(_compose(text, columns), {"email": email, "sub": sub}).fetchone()
    return None if row is None else read(row)


def _compose(
    text: str, columns: frozenset[str], changed: str | None = None, changes: str | None = None
) -> sql.Composed:
    """The statement with its names filled in; `text` and `changes` are constants of this module."""
    from psycopg import sql

    names: dict[str, sql.Composable] = {"table": table(), "columns": selection(columns)}
    if changed is not None:
        names["changed"] = sql.Identifier(changed)
    if changes is not None:
        names["changes"] = sql.SQL(changes)
    return sql.SQL(text).format(**names)


def _seconds(limits: Limits | None) -> str:
    hours = limits.hours if limits is not None else {}
    return json.dumps({status.value: value * 3600 for status, value in hours.items()})


def _changed_column(columns: frozenset[str]) -> str | None:
    return next((name for name in ("updated_at", "created_at") if name in columns), None)
