"""The application database: connections, health, and which columns of auth.users exist. Raises AppError only.

psycopg is imported at the first use, and nothing is connected before it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode
from app.onboarding.failures import translate
from app.onboarding.models import OnboardingStatus
from app.onboarding.privileges import examine
from app.onboarding.schema import TABLE, SchemaReport, report

if TYPE_CHECKING:
    from app.onboarding.leases import Leases, Session

__all__ = ["Database", "SchemaReport", "ServerInfo", "translate"]


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """A server that answered: its version, and the time of one round trip."""

    version: str
    milliseconds: float


class Database:
    """The database that `conninfo` names (a postgresql:// address or key=value pairs). Safe on any thread."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._leases: Leases | None = None
        self._guard = threading.Lock()
        self._columns: frozenset[str] | None = None
        self._closed = False

    @contextlib.contextmanager
    def connection(self, *, insist: bool = False, wait: bool = True) -> Iterator[Session]:
        """A connection in autocommit, for the length of the block; psycopg's errors come out as AppError.

        Fails fast while the server is known to be away; `insist` tries all the same. Waits for one of the connections
        to be free, unless told not to.
        """
        import psycopg

        with self._ready().lend(insist=insist, wait=wait) as connection:
            try:
                yield connection
            except psycopg.Error as error:
                known = translate(error)
                if known.code is ErrorCode.DATABASE_SCHEMA:
                    self._columns = None  # the table changed since we looked
                raise known from error

    @contextlib.contextmanager
    def transaction(self, *, wait: bool = True) -> Iterator[Session]:
        """A connection inside a transaction: committed when the block ends, rolled back if it raises."""
        import psycopg

        with self.connection(wait=wait) as connection:
            connection.execute("BEGIN", prepare=False)
            try:
                yield connection
            except BaseException:
                # Not psycopg's own block: it logs a warning for each connection that was lost.
                with contextlib.suppress(psycopg.Error):
                    connection.execute("ROLLBACK", prepare=False)
                raise
            connection.execute("COMMIT", prepare=False)

    def apart(self) -> Session:
        """A connection that stays (LISTEN), the caller's own: it closes it, and translates psycopg's errors."""
        return self._ready().apart()

    def ping(self) -> ServerInfo:
        """Ask the server for a sign of life, now, however recently it failed."""
        with self.connection(insist=True) as connection:
            started = time.perf_counter()
            connection.execute("SELECT 1")
            milliseconds = (time.perf_counter() - started) * 1000
            version = connection.info.parameter_status("server_version") or "unknown"
        return ServerInfo(version, milliseconds)

    def columns(self) -> frozenset[str]:
        """The columns of auth.users, remembered once found; empty where there is no such table."""
        known = self._columns
        if known is not None:
            return known
        found = self._read_columns()
        self._columns = found or None
        return found

    def check(self) -> SchemaReport:
        """Look anew which columns and statuses auth.users has and what the role may do, and say what is missing."""
        columns = self._read_columns()
        self._columns = columns or None
        strange: tuple[str, ...] = ()
        with self.connection() as connection:
            rights = examine(connection, columns)
            if "status" in columns and rights.reads:
                rows = connection.execute(
                    "SELECT DISTINCT status::text FROM auth.users WHERE status::text <> ALL(%s) ORDER BY 1 LIMIT 20",
                    ([status.value for status in OnboardingStatus],),
                ).fetchall()
                strange = tuple(row[0] for row in rows)
        return replace(
            report(columns, strange),
            missing_grants=rights.missing,
            grants=rights.sql,
            readable=rights.reads,
            writable=rights.writes,
            frozen=rights.frozen,
        )

    def require_columns(self) -> frozenset[str]:
        """The columns of auth.users, or AppError(DATABASE_SCHEMA) that names what the Desk cannot do without."""
        columns = self.columns()
        found = report(columns)
        if not columns:
            message = "The database has no table auth.users. Doctor shows the statement that would create it."
            raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users")
        if found.missing_required:
            message = f"The table auth.users lacks the columns {', '.join(found.missing_required)}."
            raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users")
        return columns

    def close(self) -> None:
        """Close every connection. Idempotent."""
        with self._guard:
            self._closed = True
            if self._leases is not None:
                self._leases.close()

    def _ready(self) -> Leases:
        with self._guard:
            if self._closed:
                raise AppError(ErrorCode.INTERNAL, "The connection to the database was closed.", subject="database")
            if self._leases is None:
                from app.onboarding.leases import Leases

                self._leases = Leases(self._conninfo)
            return self._leases

    def _read_columns(self) -> frozenset[str]:
        with self.connection() as connection:
            rows = connection.execute(
                # By the catalogs: to_regclass() fails where the role may not look into the schema.
                "SELECT a.attname FROM pg_catalog.pg_attribute a"
                " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
                " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped",
                TABLE,
            ).fetchall()
        return frozenset(row[0] for row in rows)
