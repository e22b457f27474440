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
    Written,
    email_key,
    refuse_secrets,
)
from app.permissions import Action

__all__ = ["Entry", "EntryState", "Journal", "Mirror", "MirrorRequest", "MirrorState", "Written"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENTRIES = """SELECT * FROM entries WHERE (:connection IS NULL OR connection = :connection)
    AND (:before IS NULL OR id < :before) AND (:action IS NULL OR action = :action) ORDER BY id DESC LIMIT :limit"""
# By user name, sub or address. From a user name on to the steps of the ladder, which know the sub alone, and to what
# was filed under the address because nothing better was known.
_ENTRIES_OF_SUBJECT = """WITH own AS (SELECT * FROM entries WHERE subject = :subject OR (sub <> '' AND sub = :subject))
    SELECT * FROM entries WHERE (:connection IS NULL OR connection = :connection) AND (:before IS NULL OR id < :before)
    AND id IN (SELECT id FROM own
        UNION SELECT id FROM entries WHERE address <> '' AND address = :subject
        UNION SELECT id FROM entries WHERE sub <> '' AND sub IN (SELECT sub FROM own)
        UNION SELECT id FROM entries WHERE address <> '' AND subject = address
            AND address IN (SELECT address FROM own))
    ORDER BY id DESC LIMIT :limit"""
_MIRRORS = "SELECT mirrors.*, entries.action FROM mirrors JOIN entries ON entries.id = mirrors.entry_id"
_OF_SAME_PERSON = f"""{_MIRRORS} WHERE mirrors.connection = :connection AND mirrors.state = 'pending'
    AND mirrors.id <= :id AND mirrors.target IN ('', :target)
    AND ((email_key <> '' AND email_key = :email_key) OR (mirrors.sub <> '' AND mirrors.sub = :sub))
    ORDER BY mirrors.id"""
_LEARNED = """SELECT learned FROM mirrors WHERE connection = :connection AND target = :target AND learned <> '{}'
    AND id < :id AND ((sub <> '' AND sub = :sub) OR ((sub = '' OR :sub = '') AND email_key = :email_key))
    ORDER BY id DESC LIMIT 1"""


class Journal(JournalFile):
    """Intents, outcomes and pending mirrors. Every method raises AppError(FILE_ERROR) where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._claimed: set[int] = set()  # mirrors that this process is writing at this moment
        super().__init__(path)

    def begin(
        self,
        *,
        connection: str,
        operator: str,
        action: Action,
        subject: str,
        details: Mapping[str, str] | None = None,
        sub: str = "",
        intended: MirrorRequest | None = None,
        target: str = "",
    ) -> int:
        """Write an intent to the disk; returns the id of its entry. AppError(INTERNAL) if `details` names a secret.

        `subject` is the user name, `sub` the sub and details["person"] the address, as far as they are known.
        `intended` is the write to `target` that would follow: app.settling needs it where nobody sees the end.
        """
        details = dict(details or {})
        refuse_secrets(details)
        with self.transaction() as db:
            entry_id = self._insert(db, connection, operator, action, subject, details, sub)
            if intended is not None:
                stored = {"kind": str(intended.kind), "email": intended.email, "sub": intended.sub, "target": target}
                text = json.dumps({**stored, "payload": dict(intended.payload)}, ensure_ascii=False)
                db.execute("UPDATE entries SET intended = ? WHERE id = ?", (text, entry_id))
            return entry_id

    def succeed(
        self,
        entry_id: int,
        *,
        mirror: MirrorRequest | None = None,
        target: str = "",
        filed_under: tuple[str, str] | None = None,
    ) -> int | None:
        """Record that it worked, and in the same transaction the database write that must follow; returns its id.

        `target` names the one pool and database that the write is meant for. `filed_under`: user name and sub, where
        only the answer told them.
        """
        with self.transaction() as db:
            self._finish(db, entry_id, EntryState.SUCCEEDED)
            if filed_under is not None:
                db.execute("UPDATE entries SET subject = ?, sub = ? WHERE id = ?", (*filed_under, entry_id))
            if mirror is None:
                return None
            cursor = db.execute(
                "INSERT INTO mirrors (entry_id, at, target, connection, kind, email, email_key, sub, payload, state)"
                " SELECT id, ?, ?, connection, ?, ?, ?, ?, ?, 'pending' FROM entries WHERE id = ?",
                (
                    _micros(datetime.now(UTC)),
                    target,
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
        self,
        *,
        connection: str | None = None,
        subject: str | None = None,
        action: Action | None = None,
        limit: int = 200,
        before: int | None = None,
    ) -> list[Entry]:
        """Entries newest first; `before` is the id of the last entry of the previous page.

        `subject` is a user name, a sub or an address: all three find everything of the person. `action` narrows what
        is found of everybody, and counts for nothing beside a subject.
        """
        with self.reading() as db:
            rows = db.execute(
                _ENTRIES if subject is None else _ENTRIES_OF_SUBJECT,
                {"connection": connection, "subject": subject, "action": action, "before": before, "limit": limit},
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
                f"{_MIRRORS} WHERE mirrors.connection = ? AND mirrors.state = ? ORDER BY mirrors.id",
                (connection, state.value),
            ).fetchall()
        return [_mirror(row) for row in rows]

    def mirror(self, mirror_id: int) -> Mirror:
        """One mirror as it stands. AppError(INTERNAL) where there is none of that id."""
        with self.reading() as db:
            row = db.execute(f"{_MIRRORS} WHERE mirrors.id = ?", (mirror_id,)).fetchone()
        if row is None:
            raise AppError(ErrorCode.INTERNAL, f"The journal holds no mirror {mirror_id}.", subject=str(mirror_id))
        return _mirror(row)

    def pending_up_to(self, mirror_id: int) -> list[Mirror]:
        """The pending mirrors of one person for one target, up to and including this one, oldest first."""
        with self.reading() as db:
            row = db.execute("SELECT * FROM mirrors WHERE id = ?", (mirror_id,)).fetchone()
            rows = db.execute(_OF_SAME_PERSON, dict(row)).fetchall() if row is not None else []
        return [_mirror(found) for found in rows]

    def learned(self, mirror_id: int) -> dict[str, str]:
        """What the latest write of the same person to the same target, before this one, left for later ones to know."""
        with self.reading() as db:
            row = db.execute("SELECT * FROM mirrors WHERE id = ?", (mirror_id,)).fetchone()
            found = db.execute(_LEARNED, dict(row)).fetchone() if row is not None else None
        return dict(json.loads(found[0])) if found is not None else {}

    def claim(self, mirror_id: int) -> bool:
        """Take a pending mirror in order to write it; false where somebody else has it, or an older one must go first.

        mirror_done(), mirror_failed() and release() end the claim; so does the death of the process that made it.
        """
        with self._guard:
            with self.transaction() as db:
                row = db.execute("SELECT * FROM mirrors WHERE id = ? AND state = 'pending'", (mirror_id,)).fetchone()
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

    def mirror_done(
        self, mirror_id: int, note: str = "", *, skipped: bool = False, learned: Mapping[str, str] | None = None
    ) -> None:
        """Record what was written. That a row was left alone (`skipped`) is told at the entry of the change too."""
        state = MirrorState.SKIPPED if skipped else MirrorState.DONE
        kept = "" if learned is None else _dump(learned)
        with self._ending_claim(mirror_id) as db:
            db.execute(
                "UPDATE mirrors SET state = ?, note = ?, learned = coalesce(nullif(?, ''), learned),"
                " attempts = attempts + 1, claim = NULL WHERE id = ? AND state = 'pending'",
                (state.value, note, kept, mirror_id),
            )
            if skipped:
                db.execute(
                    "UPDATE entries SET message = ? WHERE id = (SELECT entry_id FROM mirrors WHERE id = ?)",
                    (note, mirror_id),
                )

    def mirror_attempt(self, mirror_id: int, attempt: str, learned: Mapping[str, str] | None) -> None:
        """Record in which transaction of the database the write is about to be committed, and what it teaches."""
        kept = "" if learned is None else _dump(learned)
        with self.transaction() as db:
            db.execute(
                "UPDATE mirrors SET attempt = ?, learned = coalesce(nullif(?, ''), learned) WHERE id = ?",
                (attempt, kept, mirror_id),
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
            row = db.execute(
                "SELECT mirrors.*, entries.subject, entries.sub AS person FROM mirrors"
                " JOIN entries ON entries.id = mirrors.entry_id WHERE mirrors.id = ?",
                (mirror_id,),
            ).fetchone()
            if row is None or row["state"] != MirrorState.PENDING.value:
                raise AppError(ErrorCode.CONFLICT, "This database change is no longer waiting.", subject=str(mirror_id))
            if self._taken(mirror_id, row["claim"]):
                message = "This database change is being written right now. Look again in a moment."
                raise AppError(ErrorCode.CONFLICT, message, subject=row["email"], retryable=True)
            db.execute(
                "UPDATE mirrors SET state = 'discarded', note = ?, claim = NULL WHERE id = ?",
                (f"discarded by {operator}", mirror_id),
            )
            details = {"person": row["email"] or row["sub"], "kind": row["kind"], "mirror": str(mirror_id)}
            sub = row["person"] or row["sub"]
            entry_id = self._insert(
                db, row["connection"], operator, Action.DISCARD_MIRROR, row["subject"], details, sub
            )
            self._finish(db, entry_id, EntryState.SUCCEEDED)

    def _insert(
        self,
        db: sqlite3.Connection,
        connection: str,
        operator: str,
        action: Action,
        subject: str,
        details: Mapping[str, str],
        sub: str,
    ) -> int:
        now, address = _micros(datetime.now(UTC)), details.get("person", "")
        cursor = db.execute(
            "INSERT INTO entries (at, connection, operator, action, subject, sub, address, details, state, owner)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'begun', ?)",
            (now, connection, operator, action.value, subject, sub, address, _dump(details), self.owner),
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
        open_ = state is EntryState.UNKNOWN
        changed = db.execute(
            "UPDATE entries SET state = ?, finished_at = ?, error_code = ?, message = ?, request_id = ?,"
            " intended = CASE WHEN ? THEN intended ELSE '' END"
            " WHERE id = ? AND state IN ('begun', 'unknown', 'interrupted')",
            (state.value, _micros(datetime.now(UTC)), code and code.value, message, request_id, open_, entry_id),
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
        owner=row["owner"],
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
        target=row["target"],
        action=Action(row["action"]),
        attempt=row["attempt"],
    )
