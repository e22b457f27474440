"""Changes that nobody saw the end of, with the database write that would have followed: settled by reading again.

A process that is killed between Cognito's answer and the journal's outcome would else lose that write.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.journal_models import MirrorRequest
from app.work import Work

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN = """SELECT id, at, subject, intended FROM entries WHERE connection = ? AND intended <> ''
    AND state IN ('unknown', 'interrupted') ORDER BY id"""
_NOT_DONE = AppError(ErrorCode.STOPPED, "No answer came, and the user was read again: it was not done.")


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One such change: when it was begun, of whom (the user name), and what was to be written afterwards."""

    entry_id: int
    at: datetime
    subject: str
    mirror: MirrorRequest


# What to write where it was done; False where it was not; None where nobody can tell.
Look = Callable[[Unsettled], MirrorRequest | bool | None]


def unsettled(journal: Journal, connection: str, target: str) -> list[Unsettled]:
    """Those of a connection that were meant for its present pool and database, oldest first."""
    with journal.reading() as db:
        rows = db.execute(_OPEN, (connection,)).fetchall()
    found = []
    for row in rows:
        stored = json.loads(row["intended"])
        if stored["target"] != target:
            continue
        mirror = MirrorRequest(stored["kind"], stored["email"], stored["sub"], stored["payload"])
        at = _EPOCH + timedelta(microseconds=row["at"])
        found.append(Unsettled(row["id"], at, row["subject"], mirror))
    return found


def settle(journal: Journal, connection: str, target: str, look: Look, work: Work) -> int:
    """Ask `look` about each, and write down what it says; returns how many database writes were lined up so.

    AppError of `look`: nothing more can be found out now, and those that are left are asked about again another time.
    """
    lined_up = 0
    for each in unsettled(journal, connection, target):
        work.check()
        answer = look(each)
        try:
            if answer is None:
                _give_up(journal, each.entry_id)
            elif answer is False:
                journal.fail(each.entry_id, _NOT_DONE)
            else:
                request = each.mirror if answer is True else answer
                journal.succeed(each.entry_id, mirror=request, target=target)
                lined_up += 1
        except AppError as error:
            if error.code is not ErrorCode.INTERNAL:  # else another window has settled it meanwhile
                raise
    return lined_up


def _give_up(journal: Journal, entry_id: int) -> None:
    # Its entry says already that only reading again can tell; the comparison of both sides shows what it left.
    with journal.transaction() as db:
        db.execute("UPDATE entries SET intended = '' WHERE id = ?", (entry_id,))
