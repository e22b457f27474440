"""The journal's file: opening, schema versions, transactions, and what SQLite's errors mean.

A file that SQLite cannot read is moved aside, never deleted. A file of a newer version is left alone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.errors import AppError, ErrorCode
from app.journal_owner import Owner, alive, exclusive

log = logging.getLogger(__name__)

APPLICATION_ID = 0x434F4744
BUSY_SECONDS = 5.0

# Forward only: one tuple of statements per version. Released tuples are never edited.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, connection TEXT NOT NULL,
            operator TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL,
            state TEXT NOT NULL, owner TEXT NOT NULL, finished_at INTEGER, error_code TEXT, message TEXT,
            request_id TEXT)""",
        "CREATE INDEX entries_connection ON entries (connection, id)",
        "CREATE INDEX entries_subject ON entries (subject, id)",
        "CREATE INDEX entries_begun ON entries (owner) WHERE state = 'begun'",
        """CREATE TABLE mirrors (
            id INTEGER PRIMARY KEY AUTOINCREMENT, entry_id INTEGER NOT NULL REFERENCES entries (id),
            at INTEGER NOT NULL, connection TEXT NOT NULL, kind TEXT NOT NULL, email TEXT NOT NULL,
            email_key TEXT NOT NULL, sub TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER, error_code TEXT, error TEXT,
            note TEXT NOT NULL DEFAULT '', claim TEXT)""",
        "CREATE INDEX mirrors_state ON mirrors (connection, state, id)",
        "CREATE INDEX mirrors_email ON mirrors (email_key) WHERE state = 'pending'",
        "CREATE INDEX mirrors_sub ON mirrors (sub) WHERE state = 'pending'",
    ),
    (
        "ALTER TABLE entries ADD COLUMN sub TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE entries ADD COLUMN address TEXT NOT NULL DEFAULT ''",
        "UPDATE entries SET address = coalesce(json_extract(details, '$.person'), '')",
        "CREATE INDEX entries_sub ON entries (sub, id) WHERE sub <> ''",
        "CREATE INDEX entries_address ON entries (address, id) WHERE address <> ''",
        "ALTER TABLE mirrors ADD COLUMN target TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mirrors ADD COLUMN learned TEXT NOT NULL DEFAULT '{}'",
        "CREATE INDEX mirrors_learned ON mirrors (connection, id) WHERE learned <> '{}'",
    ),
    (
        # The MirrorRequest of a change, as long as it has no outcome.
        "ALTER TABLE entries ADD COLUMN intended TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX entries_intended ON entries (connection, id) WHERE intended <> ''",
        # The database's transaction in which the write was last tried: it tells whether that was committed.
        "ALTER TABLE mirrors ADD COLUMN attempt TEXT NOT NULL DEFAULT ''",
    ),
)

_BEYOND_REPAIR = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_REASONS: dict[int, tuple[str, bool]] = {  # primary result code -> what it means to a person, retryable
    sqlite3.SQLITE_FULL: ("the disk is full. Free some space and try again", True),
    sqlite3.SQLITE_READONLY: ("the file or its folder is read-only", False),
    sqlite3.SQLITE_CANTOPEN: ("the file cannot be opened. Check that the folder exists and is yours", False),
    sqlite3.SQLITE_BUSY: ("another program has held it locked for too long", True),
    sqlite3.SQLITE_LOCKED: ("another program has held it locked for too long", True),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged. The next try keeps it under another name and begins anew", True),
    sqlite3.SQLITE_NOTADB: ("the file is damaged. The next try keeps it under another name and begins anew", True),
    sqlite3.SQLITE_IOERR: ("the disk reported an error; it may be full or disconnected", True),
}


class Damaged(Exception):
    """SQLite can make no sense of the file."""


class JournalFile:
    """One SQLite file (WAL, every commit synced), safe over threads and over processes that have it open at once.

    The constructor does not fail where the file cannot be opened: `problem` says why, and every use tries again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kept_aside: Path | None = None  # where a damaged file was put, for the person to be told
        self.problem: AppError | None = None
        self._guard = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._owner: Owner | None = None
        self._identity: tuple[int, int] | None = None
        self._closed = False
        with contextlib.suppress(AppError), self._guard:  # remembered in `problem`
            self._ready()

    def close(self) -> None:
        """Close the file. Idempotent. What was begun and has no outcome counts as interrupted from now on."""
        with self._guard:
            self._closed = True
            self._let_go()
            self._give_up_owner()

    @property
    def owner(self) -> str:
        """The name under which this writer claims what it works on."""
        assert self._owner is not None
        return self._owner.name

    def dead_owners(self, names: list[str]) -> list[str]:
        """Those of the named writers that no longer run."""
        return [name for name in names if name != self.owner and not alive(self._owners, name)]

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with. Raises AppError(FILE_ERROR)."""
        with self._guard:
            connection = self._ready()
            try:
                yield connection
            except sqlite3.Error as error:
                raise self._failed(error) from error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a write transaction: on the disk when the block ends, undone if it raises.

        Raises AppError(FILE_ERROR).
        """
        with self._guard:
            connection = self._ready()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                if connection.in_transaction:
                    with contextlib.suppress(sqlite3.Error):  # the first error is the one to report
                        connection.execute("ROLLBACK")
                if isinstance(error, (sqlite3.Error, OSError)):
                    raise self._failed(error) from error
                raise

    def _ready(self) -> sqlite3.Connection:
        if self._closed:
            raise AppError(ErrorCode.INTERNAL, "The journal is closed.", subject=str(self.path))
        if self._connection is not None and self._identity != _identity(self.path):
            self._let_go()  # the file was removed under us: what goes into it would be lost
            self._give_up_owner()
        if self._connection is None:
            try:
                self._connection, kept = open_file(self.path)
                self.kept_aside = kept or self.kept_aside
                self._identity = _identity(self.path)
                if self._owner is None:
                    self._owner = Owner(self._owners)
            except OSError as error:
                self._let_go()
                self.problem = translate(error, self.path)
                raise self.problem from error
            except AppError as error:
                self.problem = error
                raise
        self.problem = None
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up_owner(self) -> None:
        if self._owner is not None:
            self._owner.release()
            self._owner = None

    @property
    def _owners(self) -> Path:
        return self.path.with_name(self.path.name + ".owners")

    def _failed(self, error: sqlite3.Error | OSError) -> AppError:
        if _primary_code(error) in _BEYOND_REPAIR:
            self._let_go()  # the next use opens it anew, and keeps the damaged file aside
        return translate(error, self.path)


def translate(error: sqlite3.Error | OSError, path: Path) -> AppError:
    """The AppError(FILE_ERROR) for a failure of SQLite or the file system on the journal's file."""
    otherwise = (error.strerror or type(error).__name__).lower() if isinstance(error, OSError) else str(error)
    reason, retryable = _REASONS.get(_primary_code(error), (otherwise, False))
    message = f"The journal {path} cannot be used: {reason}."
    return AppError(ErrorCode.FILE_ERROR, message, subject=str(path), retryable=retryable)


def open_file(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open or create the journal, bring its schema up to date; the second value is where a damaged file was kept.

    Raises AppError(FILE_ERROR) where that is not possible.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # One opener at a time, else two processes that both see the damage would move each other's new file away.
        with exclusive(path.with_name(path.name + ".opening")):
            try:
                return _connect(path), None
            except Damaged:
                kept = keep_aside(path)
                log.warning("the journal %s was damaged; it is kept as %s and a new one was begun", path, kept)
                return _connect(path), kept
    except (sqlite3.Error, OSError) as error:
        raise translate(error, path) from error


def keep_aside(path: Path) -> Path:
    """Move the damaged journal, with its write-ahead log, to a name that says so."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    kept = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    count = 1
    while kept.exists():
        count += 1
        kept = path.with_name(f"{path.stem}.damaged-{stamp}-{count}{path.suffix}")
    path.replace(kept)
    for end in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).replace(kept.with_name(kept.name + end))
    return kept


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise Damaged
        _migrate(connection, path)
    except sqlite3.DatabaseError as error:
        connection.close()
        if _primary_code(error) in _BEYOND_REPAIR:
            raise Damaged from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        owner = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchone()[0]
        if owner != APPLICATION_ID and tables:
            message = f"{path} is a database, but not a journal of this program. Move it elsewhere to go on."
            raise AppError(ErrorCode.FILE_ERROR, message, subject=str(path))
        if version > len(MIGRATIONS):
            message = (
                f"The journal {path} was written by a newer version of Cognito Desk. Install that version to go on."
            )
            raise AppError(ErrorCode.FILE_ERROR, message, subject=str(path))
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        if version < len(MIGRATIONS):  # nothing is written to a file that is up to date: it can be read on a full disk
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _primary_code(error: Exception) -> int:
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
