"""Pages of auth.users for a search that is answered by the database, and the rows of people who were found elsewhere.

Keyset pages by primary key: however far somebody reads, a page costs the same. Raises AppError only.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.rows import read, selection, table

if TYPE_CHECKING:
    from psycopg import sql

_KNOWN = [status.value for status in OnboardingStatus]


class OnboardingSearch:
    """Reads only. Safe on any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        *,
        statuses: Collection[str] = (),
        factors: Collection[str] = (),
        email: str = "",
        name: str = "",
        after: str | None = None,
        limit: int = 60,
    ) -> list[DatabaseUser]:
        """Rows of one of these statuses, with one of these factors, whose texts begin so; empty means any.

        A factor of "none" is a row without one. `after` is the id of the last row of the page before.
        AppError(DATABASE_SCHEMA) where a column is asked for that the table does not have.
        """
        columns = self._database.require_columns()
        conditions = ["status::text = ANY(%(statuses)s)"]
        values: dict[str, object] = {"statuses": list(statuses) or _KNOWN, "limit": limit}
        if factors:
            self._require(columns, "mfa_method")
            conditions.append("lower(coalesce(nullif(mfa_method::text, ''), 'none')) = ANY(%(factors)s)")
            values["factors"] = list(factors)
        for column, text in (("email", email), ("name", name)):
            if text:
                self._require(columns, column)
                conditions.append(f"starts_with(lower({column}), lower(%({column})s::text))")
                values[column] = text
        if after is not None:
            conditions.append("id > %(after)s")
            values["after"] = after
        return self._rows(f"WHERE {' AND '.join(conditions)} ORDER BY id LIMIT %(limit)s", values, columns)

    def about(self, subjects: Collection[str], emails: Collection[str]) -> list[DatabaseUser]:
        """The rows of these people, by subject or by email in any spelling."""
        columns = self._database.require_columns()
        condition = "lower(email) = ANY(%(emails)s)"
        if "subject" in columns:
            condition += " OR subject::text = ANY(%(subjects)s)"
        values: dict[str, object] = {
            "emails": [email.lower() for email in emails if email],
            "subjects": [subject for subject in subjects if subject],
            "known": _KNOWN,
        }
        return self._rows(f"WHERE ({condition}) AND status::text = ANY(%(known)s)", values, columns)

    def counts(self) -> dict[str, int]:
        """How many rows there are of each status."""
        self._database.require_columns()
        with self._database.connection() as connection:
            rows = connection.execute(
                _compose("SELECT status::text, count(*) FROM {table} GROUP BY 1", None)
            ).fetchall()
        return {status: int(number) for status, number in rows if status in _KNOWN}

    def _rows(self, tail: str, values: dict[str, object], columns: frozenset[str]) -> list[DatabaseUser]:
        query = _compose(" ".join(("SELECT {columns} FROM {table}", tail)), columns)
        with self._database.connection() as connection:
            return [read(row) for row in connection.execute(query, values).fetchall()]

    @staticmethod
    def _require(columns: frozenset[str], name: str) -> None:
        if name not in columns:
            message = f"The table auth.users has no column {name}, so the database cannot search by it."
            raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users")


def _compose(text: str, columns: frozenset[str] | None) -> sql.Composed:
    """The statement with its names filled in; `text` is made of constants of this module."""
    from psycopg import sql

    names: dict[str, sql.Composable] = {"table": table()}
    if columns is not None:
        names["columns"] = selection(columns)
    return sql.SQL(text).format(**names)
