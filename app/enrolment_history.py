"""What the journal of this workstation tells about enrolments: how far each has come, and who is at one now.

Blocking; any thread; raises AppError only. Of other workstations it knows nothing: each has a journal of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.auth.enrolment import Did, Ending, Record, Situation, Step, replayed
from app.journal_models import Entry, EntryState
from app.permissions import Action

if TYPE_CHECKING:
    from app.journal import Journal

_LOOKED_AT = 1_000  # entries of enrolments: more than a thousand steps back nobody is on the phone any more
# Longer ago than any sign-in waits (AuthSessionValidity is at most 15 minutes), a step tells nothing of the present.
_AT_IT = timedelta(minutes=15)
# Changes by other ways after which the person has, or can get, a password of their own.
_PASSWORDS = (
    Action.SET_PASSWORD,
    Action.SET_PERMANENT_PASSWORD,
    Action.RESET_PASSWORD,
    Action.RESEND_INVITATION,
    Action.DELETE_USER,
)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Somebody whose enrolment was begun and left: since when, by whom, and what it left in the account."""

    username: str
    address: str
    at: datetime
    operator: str
    situation: Situation


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Somebody is at an enrolment of the same person in another window on this workstation; `at` is the last step."""

    operator: str
    at: datetime


class EnrolmentHistory:
    """The enrolments of one connection."""

    def __init__(self, journal: Journal, connection: str) -> None:
        self._journal = journal
        self._connection = connection

    def situation(self, username: str) -> Situation:
        """What the enrolments of a person have left in the account."""
        return replayed(self._records(username))

    def elsewhere(self, username: str) -> Elsewhere | None:
        """Who is at an enrolment of this person in another process, which still runs; None where nobody is known to."""
        seen = {"", self._journal.owner}
        for entry in self._journal.entries(connection=self._connection, subject=username, limit=_LOOKED_AT):
            if entry.action is Action.ENROL_AUTHENTICATOR and entry.owner not in seen:
                seen.add(entry.owner)  # its latest step decides
                if self._is_at_it(entry):
                    return Elsewhere(entry.operator, entry.at)
        return None

    def unfinished(self, running: frozenset[str]) -> tuple[Unfinished, ...]:
        """Everybody whose enrolment was left half done, newest first, but for those `running`, here or elsewhere."""
        entries = self._journal.entries(
            connection=self._connection, action=Action.ENROL_AUTHENTICATOR, limit=_LOOKED_AT
        )
        latest: dict[str, Entry] = {}
        for entry in entries:
            latest.setdefault(entry.subject, entry)
        found = []
        for username, entry in latest.items():
            if username in running or _step(entry) is Step.CLOSE or self.elsewhere(username) is not None:
                continue
            situation = self.situation(username)
            if situation.unfinished:
                address = entry.details.get("person", username)
                found.append(Unfinished(username, address, entry.at, entry.operator, situation))
        return tuple(found)

    def _is_at_it(self, latest: Entry) -> bool:
        recent = datetime.now(UTC) - latest.at <= _AT_IT
        return recent and _step(latest) is not Step.CLOSE and not self._journal.dead_owners([latest.owner])

    def _records(self, username: str) -> Iterator[Record]:
        entries = self._journal.entries(connection=self._connection, subject=username, limit=_LOOKED_AT)
        for entry in reversed(entries):
            if entry.action is Action.ENROL_AUTHENTICATOR:
                step = _step(entry)
                if step is not None:
                    yield Record(step, _DID[entry.state], _ending(entry))
            elif entry.action in _PASSWORDS:
                yield Record(None, _DID[entry.state])


_DID = {
    EntryState.SUCCEEDED: Did.DONE,
    EntryState.FAILED: Did.FAILED,
    EntryState.BEGUN: Did.MAYBE,
    EntryState.UNKNOWN: Did.MAYBE,
    EntryState.INTERRUPTED: Did.MAYBE,
}


def _ending(entry: Entry) -> Ending | None:
    way = entry.details.get("way", "")
    return Ending(way) if way in list(Ending) else None


def _step(entry: Entry) -> Step | None:
    try:
        return Step(entry.details.get("step", ""))
    except ValueError:  # of a newer version of the program
        return None
