"""The written memory of every change: the intent before it, the outcome after it, the database write that must follow.

An intent is on the disk before begin() returns. Nothing is ever deleted from it.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.errors import AppError, ErrorCode
from app.journal_file import JournalFile
from app.journal_models import (
    Entry,
    EntryState,
    Mirror,
    MirrorRequest,
    MirrorState,
    email_key,
    refuse_secrets,
)
from app.permissions import Action

__all__ = ["Entry", "EntryState", "Journal", "Mirror", "MirrorRequest", "MirrorState"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRIES = """SELECT * FROM entries WHERE (:connection IS NULL OR connection = :connection)
    AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit"""
_ENTRIES_OF_SUBJECT = """SELECT * FROM entries WHERE subject = :subject
    AND (:connection IS NULL OR connection = :connection) AND (:before IS NULL OR id < :before)
    ORDER BY id DESC LIMIT :limit"""
_OF_SAME_PERSON = """SELECT * FROM mirrors WHERE connection = :connection AND state = 'pending' AND id <= :id
    AND ((email_key <> '' AND email_key = :email_key) OR (sub <> '' AND sub = :sub)) ORDER BY id"""


class Journal(JournalFile):
    """Intents, outcomes and pending mirrors. Every method raises AppError(FILE_ERROR) where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._claimed: set[int] = set()  # mirrors that this process is writing at this moment
        super().__init__(path)

    def begin(
        self, *, connection: str, operator: str, action: Action, subject: str, details: Mapping[str, str] | None = None
    ) -> int:
        """Write an intent to the disk; returns the id of its entry. AppError(INTERNAL) if `details` names a secret."""
        details = dict(details or {})
        refuse_secrets(details)
        with self.transaction() as db:
            return self._insert(db, connection, operator, action, subject, details)

    def succeed(self, entry_id: int, *, mirror: MirrorRequest | None = None) -> int | None:
        """Record that it worked, and in the same transaction the database write that must follow; returns its id."""
        with self.transaction() as db:
            self._finish(db, entry_id, EntryState.SUCCEEDED)
            if mirror is None:
                return None
            cursor = db.execute(
                "INSERT INTO mirrors (entry_id, at, connection, kind, email, email_key, sub, payload, state)"
                " SELECT id, ?, connection, ?, ?, ?, ?, ?, 'pending' FROM entries WHERE id = ?",
                (
                    _micros(datetime.now(UTC)),
                    str(mirror.kind),
                    mirror.email,
                    email_key(mirror.email),
                    mirror.sub,
                    _dump(mirror.payload),
                    entry_id,
                ),
            )
            return _row_id(cursor)

    def fail(self, entry_id: int, error: AppError) -> None:
        """Record that it did not happen, and why."""
        with self.transaction() as db:
            self._finish(db, entry_id, EntryState.FAILED, error.code, error.message, error.request_id)

    def unknown(self, entry_id: int, note: str, *, error: AppError | None = None) -> None:
        """Record that nobody can tell yet whether it happened. succeed() or fail() may settle it later."""
        code, request_id = (error.code, error.request_id) if error else (None, None)
        with self.transaction() as db:
            self._finish(db, entry_id, EntryState.UNKNOWN, code, note, request_id)

    def entries(
        self, *, connection: str | None = None, subject: str | None = None, limit: int = 200, before: int | None = None
    ) -> list[Entry]:
        """Entries newest first; `before` is the id of the last entry of the previous page."""
        with self.reading() as db:
            rows = db.execute(
                _ENTRIES if subject is None else _ENTRIES_OF_SUBJECT,
                {"connection": connection, "subject": subject, "before": before, "limit": limit},
            ).fetchall()
        return [_entry(row) for row in rows]

    def recover(self) -> int:
        """Mark the intents of processes that died as interrupted; returns how many those were.

        The intents of processes that still run are left alone.
        """
        with self.transaction() as db:
            begun = db.execute("SELECT DISTINCT owner FROM entries WHERE state = 'begun'").fetchall()
            count = 0
            for owner in self.dead_owners([row[0] for row in begun]):
                count += db.execute(
                    "UPDATE entries SET state = ?, finished_at = ?, message = ? WHERE state = 'begun' AND owner = ?",
                    (
                        EntryState.INTERRUPTED.value,
                        _micros(datetime.now(UTC)),
                        "The program ended before an answer came. Read the user again to see what is true.",
                        owner,
                    ),
                ).rowcount
            return count

    def mirrors(self, connection: str, *, state: MirrorState = MirrorState.PENDING) -> list[Mirror]:
        """The database writes of a connection in that state, oldest first."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT * FROM mirrors WHERE connection = ? AND state = ? ORDER BY id", (connection, state.value)
            ).fetchall()
        return [_mirror(row) for row in rows]

    def mirror(self, mirror_id: int) -> Mirror:
        """One mirror as it stands. AppError(INTERNAL) where there is none of that id."""
        with self.reading() as db:
            row = db.execute("SELECT * FROM mirrors WHERE id = ?", (mirror_id,)).fetchone()
        if row is None:
            raise AppError(ErrorCode.INTERNAL, f"The journal holds no mirror {mirror_id}.", subject=str(mirror_id))
        return _mirror(row)

    def pending_up_to(self, mirror_id: int) -> list[Mirror]:
        """The pending mirrors of one person up to and including this one, oldest first."""
        with self.reading() as db:
            row = db.execute("SELECT id, connection, email_key, sub FROM mirrors WHERE id = ?", (mirror_id,)).fetchone()
            rows = db.execute(_OF_SAME_PERSON, dict(row)).fetchall() if row is not None else []
        return [_mirror(found) for found in rows]

    def claim(self, mirror_id: int) -> bool:
        """Take a pending mirror in order to write it; false where somebody else has it, or an older one must go first.

        mirror_done(), mirror_failed() and release() end the claim; so does the death of the process that made it.
        """
        with self._guard:
            with self.transaction() as db:
                row = db.execute(
                    "SELECT id, connection, email_key, sub, claim FROM mirrors WHERE id = ? AND state = 'pending'",
                    (mirror_id,),
                ).fetchone()
                if row is None or self._taken(mirror_id, row["claim"]):
                    return False
                if any(found["id"] != mirror_id for found in db.execute(_OF_SAME_PERSON, dict(row))):
                    return False
                db.execute("UPDATE mirrors SET claim = ? WHERE id = ?", (self.owner, mirror_id))
            self._claimed.add(mirror_id)
            return True

    def release(self, mirror_id: int) -> None:
        """Give a claim back without an outcome."""
        with self._ending_claim(mirror_id) as db:
            db.execute("UPDATE mirrors SET claim = NULL WHERE id = ?", (mirror_id,))

    def mirror_done(self, mirror_id: int, note: str = "") -> None:
        """Record that the database has it; `note` says what was written, or why there was nothing to write."""
        with self._ending_claim(mirror_id) as db:
            db.execute(
                "UPDATE mirrors SET state = 'done', note = ?, attempts = attempts + 1, claim = NULL"
                " WHERE id = ? AND state = 'pending'",
                (note, mirror_id),
            )

    def mirror_failed(self, mirror_id: int, error: AppError, retry_at: datetime) -> None:
        """Record a failed attempt; the mirror stays pending."""
        with self._ending_claim(mirror_id) as db:
            db.execute(
                "UPDATE mirrors SET attempts = attempts + 1, retry_at = ?, error_code = ?, error = ?, claim = NULL"
                " WHERE id = ? AND state = 'pending'",
                (_micros(retry_at), error.code.value, error.message, mirror_id),
            )

    def mirror_discard(self, mirror_id: int, operator: str) -> None:
        """Give a pending mirror up for good, and write down who decided so.

        AppError(CONFLICT) where it is being written at this moment, or no longer pending.
        """
        with self.transaction() as db:
            row = db.execute("SELECT * FROM mirrors WHERE id = ?", (mirror_id,)).fetchone()
            if row is None or row["state"] != MirrorState.PENDING.value:
                raise AppError(ErrorCode.CONFLICT, "This database change is no longer waiting.", subject=str(mirror_id))
            claim = db.execute("SELECT claim FROM mirrors WHERE id = ?", (mirror_id,)).fetchone()[0]
            if self._taken(mirror_id, claim):
                message = "This database change is being written right now. Look again in a moment."
                raise AppError(ErrorCode.CONFLICT, message, subject=row["email"], retryable=True)
            db.execute(
                "UPDATE mirrors SET state = 'discarded', note = ?, claim = NULL WHERE id = ?",
                (f"discarded by {operator}", mirror_id),
            )
            details = {"mirror": str(mirror_id), "kind": row["kind"]}
            entry_id = self._insert(db, row["connection"], operator, Action.DISCARD_MIRROR, row["email"], details)
            self._finish(db, entry_id, EntryState.SUCCEEDED)

    def _insert(
        self,
        db: sqlite3.Connection,
        connection: str,
        operator: str,
        action: Action,
        subject: str,
        details: Mapping[str, str],
    ) -> int:
        cursor = db.execute(
            "INSERT INTO entries (at, connection, operator, action, subject, details, state, owner)"
            " VALUES (?, ?, ?, ?, ?, ?, 'begun', ?)",
            (_micros(datetime.now(UTC)), connection, operator, action.value, subject, _dump(details), self.owner),
        )
        return _row_id(cursor)

    def _finish(
        self,
        db: sqlite3.Connection,
        entry_id: int,
        state: EntryState,
        code: ErrorCode | None = None,
        message: str | None = None,
        request_id: str | None = None,
    ) -> None:
        changed = db.execute(
            "UPDATE entries SET state = ?, finished_at = ?, error_code = ?, message = ?, request_id = ?"
            " WHERE id = ? AND state IN ('begun', 'unknown', 'interrupted')",
            (state.value, _micros(datetime.now(UTC)), code and code.value, message, request_id, entry_id),
        ).rowcount
        if not changed:
            raise AppError(ErrorCode.INTERNAL, f"Entry {entry_id} of the journal is not open.", subject=str(entry_id))

    def _taken(self, mirror_id: int, claim: str | None) -> bool:
        # A claim of our own that nobody works on is left over from an outcome that could not be written.
        if mirror_id in self._claimed or claim is None or claim == self.owner:
            return mirror_id in self._claimed
        return not self.dead_owners([claim])

    @contextlib.contextmanager
    def _ending_claim(self, mirror_id: int) -> Iterator[sqlite3.Connection]:
        try:
            with self.transaction() as db:
                yield db
        finally:
            self._claimed.discard(mirror_id)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def _dump(details: Mapping[str, str]) -> str:
    return json.dumps({str(key): str(value) for key, value in details.items()}, ensure_ascii=False)


def _row_id(cursor: sqlite3.Cursor) -> int:
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        id=row["id"],
        at=_EPOCH + timedelta(microseconds=row["at"]),
        connection=row["connection"],
        operator=row["operator"],
        action=Action(row["action"]),
        subject=row["subject"],
        details=json.loads(row["details"]),
        state=EntryState(row["state"]),
        finished_at=_moment(row["finished_at"]),
        error_code=ErrorCode(row["error_code"]) if row["error_code"] else None,
        message=row["message"],
        request_id=row["request_id"],
    )


def _mirror(row: sqlite3.Row) -> Mirror:
    return Mirror(
        id=row["id"],
        entry_id=row["entry_id"],
        connection=row["connection"],
        kind=row["kind"],
        email=row["email"],
        sub=row["sub"],
        payload=json.loads(row["payload"]),
        state=MirrorState(row["state"]),
        at=_EPOCH + timedelta(microseconds=row["at"]),
        attempts=row["attempts"],
        retry_at=_moment(row["retry_at"]),
        error_code=ErrorCode(row["error_code"]) if row["error_code"] else None,
        error=row["error"],
        note=row["note"],
    )
