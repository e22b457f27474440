"""Connections to the application database, lent for a moment and kept for the next one. No threads of its own.

psycopg_pool connects on background threads: it hides why connecting failed behind a timeout, and logs while the
server is away. Here the caller's thread connects, and gets the real reason at once.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from app.errors import AppError, ErrorCode
from app.onboarding.failures import translate

V = TypeVar("V")
Row: TypeAlias = tuple[Any, ...]

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 20
LOCK_SECONDS = 5
ANSWER_SECONDS = 30.0  # longer than the server's own limit: it passes only where the server no longer answers
IDLE_SECONDS = 60.0  # shorter than the idle limit of firewalls and load balancers
MOST_CONNECTIONS = 4

# A failed attempt to connect that took t seconds is not repeated for four times as long.
_PATIENCE = 4.0
_QUICK = 0.25
_LONGEST_PAUSE = 60.0

_DEFAULTS = {
    "application_name": "cognito-desk",
    "gssencmode": "disable",  # else the binary build of libpq warns where a Kerberos ticket happens to exist
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
_SETTINGS = (
    "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
    " set_config('TimeZone', 'UTC', false)"
)


class Session(psycopg.Connection[Row]):
    """A connection that gives up on a server that has stopped answering: its own limits need a server that runs."""

    def wait(self, gen: Generator[Any, Any, V], interval: float = 0.1, timeout: float | None = None) -> V:
        """Wait for an answer, at most ANSWER_SECONDS of silence."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        return super().wait(self._impatient(gen), interval)

    def _impatient(self, gen: Generator[Any, Any, V]) -> Generator[Any, Any, V]:
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    deadline = time.monotonic() + ANSWER_SECONDS
                elif time.monotonic() > deadline:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server does not answer")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: V = end.value
            return result


class Leases:
    """Up to MOST_CONNECTIONS connections, all in autocommit. Safe on any thread. Opens nothing before the first use."""

    def __init__(self, conninfo: str) -> None:
        self._parameters = _parameters(conninfo)
        self._slots = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._connecting = threading.Lock()
        self._guard = threading.Lock()
        self._idle: list[tuple[Session, float]] = []
        self._closed = False
        self._pause_until = 0.0
        self._pause_reason: AppError | None = None

    @contextlib.contextmanager
    def lend(self, *, insist: bool = False, wait: bool = True) -> Iterator[Session]:
        """A connection for the length of the block. `insist` connects anew even right after a slow failure; without
        `wait` all connections being busy is a failure at once.

        Raises AppError where there is none to be had. Errors of psycopg inside the block are the caller's.
        """
        if not self._slots.acquire(timeout=STATEMENT_SECONDS + CONNECT_SECONDS if wait else 0):
            message = "All connections to the database are busy with slow statements."
            raise AppError(ErrorCode.DATABASE_UNREACHABLE, message, subject="database", retryable=True)
        try:
            connection = self._kept() or self._open(insist)
            try:
                yield connection
            finally:
                self._take_back(connection)
        finally:
            self._slots.release()

    def apart(self) -> Session:
        """A connection beside those that are lent, which the caller keeps and closes."""
        with self._guard:
            if self._closed:
                raise AppError(ErrorCode.INTERNAL, "The connection to the database was closed.", subject="database")
        return self._open(insist=False)

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back. Idempotent."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()

    def _kept(self) -> Session | None:
        while True:
            with self._guard:
                if self._closed:
                    raise AppError(ErrorCode.INTERNAL, "The connection to the database was closed.", subject="database")
                if not self._idle:
                    return None
                connection, since = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS and _quiet(connection):
                return connection
            connection.close()

    def _take_back(self, connection: Session) -> None:
        fit = not connection.closed and connection.info.transaction_status is TransactionStatus.IDLE
        with self._guard:
            if fit and not self._closed:
                self._idle.append((connection, time.monotonic()))
                return
        connection.close()

    def _open(self, insist: bool) -> Session:
        # One attempt at a time: while the server is away a crowd waits for one answer, not each for its own.
        with self._connecting:
            if not insist and self._pause_reason is not None and time.monotonic() < self._pause_until:
                reason = self._pause_reason
                raise AppError(reason.code, reason.message, subject=reason.subject, retryable=reason.retryable)
            started = time.monotonic()
            try:
                connection = self._connect()
            except psycopg.Error as error:
                spent = time.monotonic() - started
                self._pause_reason = translate(error, connecting=True)
                self._pause_until = time.monotonic() + (
                    min(_LONGEST_PAUSE, _PATIENCE * spent) if spent > _QUICK else 0.0
                )
                raise self._pause_reason from error
            self._pause_reason = None
            return connection

    def _connect(self) -> Session:
        connection = Session.connect(**self._parameters, autocommit=True)
        try:
            connection.execute(_SETTINGS, (f"{STATEMENT_SECONDS}s", f"{LOCK_SECONDS}s"))
        except BaseException:
            connection.close()
            raise
        return connection


def _parameters(conninfo: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(conninfo)
    except psycopg.Error:
        # Not chained: libpq quotes the part that it does not understand, which may be the password.
        message = (
            "The database address cannot be read. It should look like postgresql://user:password@host:5432/name;"
            " characters such as @, / or a space inside the password must be percent-encoded."
        )
        raise AppError(ErrorCode.INVALID_INPUT, message, subject="database", fields={"database": message}) from None
    parameters: dict[str, Any] = {**_DEFAULTS, **given}
    if "PGGSSENCMODE" in os.environ and "gssencmode" not in given:
        del parameters["gssencmode"]
    wanted = str(parameters.get("connect_timeout", "")).strip()
    seconds = int(wanted) if wanted.isdigit() and int(wanted) > 0 else CONNECT_SECONDS
    parameters["connect_timeout"] = min(seconds, CONNECT_SECONDS)
    return parameters


def _quiet(connection: Session) -> bool:
    # A server that stops says so on its idle connections; a healthy one has nothing to say on them.
    if connection.closed:
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        return not selector.select(0)
