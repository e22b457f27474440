"""One change for many people: planned, made for one after another, told, tried again, taken back.

Knows neither Cognito nor the database: whoever begins it gives a callable for one person. A failure stops nobody else,
unless everybody after would meet the same; a request to stop is heeded between two people. Any thread.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

from app.changes import Inverse, Outcome
from app.errors import AppError, ErrorCode
from app.prechecks import ADMINISTRATOR, OWN_ACCOUNT
from app.work import Cancelled, Work

T = TypeVar("T")

# The next person would meet the same: the run ends instead of failing thousands of times.
_ENDING = frozenset(
    {ErrorCode.DATABASE_UNREACHABLE, ErrorCode.UNREACHABLE, ErrorCode.CREDENTIALS_EXPIRED, ErrorCode.NOT_ALLOWED,
     ErrorCode.CREDENTIALS_INVALID, ErrorCode.CREDENTIALS_MISSING, ErrorCode.ACCESS_DENIED, ErrorCode.DATABASE_SCHEMA,
     ErrorCode.FILE_ERROR, ErrorCode.DATABASE_REFUSED, ErrorCode.DATABASE_MISSING}
)  # fmt: skip
HEAD = ("person", "result", "reason")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready(Generic[T]):
    """Somebody for whom it can be done. `key` is the user name or the id of the row, for whoever announces it."""

    who: str
    item: T
    key: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody for whom it will not even be tried, and why."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """What a dry run found. `forbidden` is why the operator may not do it at all; then nobody will be changed."""

    ready: tuple[Ready[T], ...]
    refused: tuple[Refused, ...] = ()
    forbidden: str = ""

    @property
    def total(self) -> int:
        """How many were chosen."""
        return len(self.ready) + len(self.refused)

    def reasons(self) -> list[tuple[str, int]]:
        """Why people are refused, without their names, and how many; the most frequent first."""
        said = (each.reason.replace(each.who, "…") if each.who else each.reason for each in self.refused)
        return Counter(said).most_common()


@dataclass(frozen=True, slots=True)
class Done:
    """It was done for one person. `undo` takes it back; None where nothing does."""

    note: str = ""
    undo: Inverse | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """One person was left as they were: read again, a rule forbids it, or there is nothing to do any more."""

    reason: str


Change = Callable[[T], Done | Left]
"""What is done for one person. AppError where it failed, or where nobody can tell (`uncertain`)."""


class Fate(StrEnum):
    """How one person fared. The values stand in files."""

    DONE = "done"
    LEFT = "left alone"
    FAILED = "failed"
    UNKNOWN = "not known"  # no answer came: only reading again tells


@dataclass(frozen=True, slots=True)
class Fared(Generic[T]):
    """One person after a run, and what is to be said of it."""

    person: Ready[T]
    fate: Fate
    note: str = ""
    undo: Inverse | None = None


@dataclass(frozen=True, slots=True)
class Report(Generic[T]):
    """How everybody fared. `untried` were not reached: `stopped` says why, or the operator stopped it.

    `back`: of a run that took an earlier one back; `rest` are then those whom it did not reach.
    """

    results: tuple[Fared[T], ...]
    untried: tuple[Ready[T], ...] = ()
    refused: tuple[Refused, ...] = ()
    stopped: AppError | None = None
    back: bool = False
    rest: tuple[Fared[T], ...] = ()

    @property
    def total(self) -> int:
        """How many were chosen."""
        return len(self.results) + len(self.untried) + len(self.refused)

    def of(self, fate: Fate) -> tuple[Fared[T], ...]:
        """Those who fared so, in the order in which they were taken."""
        return tuple(each for each in self.results if each.fate is fate)

    @property
    def undoable(self) -> tuple[Fared[T], ...]:
        """Those for whom it was done and can be taken back; the last first."""
        if self.back:
            return self.rest
        return tuple(each for each in reversed(self.of(Fate.DONE)) if each.undo is not None)

    @property
    def again(self) -> tuple[Ready[T], ...]:
        """Those for whom it may be tried again: it failed, or they were not reached. Never where no answer came."""
        if self.back:
            return ()
        return (*(each.person for each in self.of(Fate.FAILED)), *self.untried)

    @property
    def all_well(self) -> bool:
        """Whether it was done for everybody whom the run was for."""
        return not self.untried and self.stopped is None and all(each.fate is Fate.DONE for each in self.results)

    def followed_by(self, second: Report[T]) -> Report[T]:
        """Both runs as one: `second` was for those of `again`, or went on taking back."""
        if self.back:
            return replace(second, results=(*self.results, *second.results))
        kept = tuple(each for each in self.results if each.fate is not Fate.FAILED)
        refused = (*self.refused, *second.refused)
        return Report((*kept, *second.results), second.untried, refused, second.stopped)

    def lines(self) -> list[tuple[str, str, str]]:
        """A line of HEAD for everybody, for a file: those who need attention first."""
        done = "taken back" if self.back else Fate.DONE.value
        fared = [
            (each.person.who, done if fate is Fate.DONE else fate.value, each.note)
            for fate in (Fate.UNKNOWN, Fate.FAILED, Fate.LEFT, Fate.DONE)
            for each in self.of(fate)
        ]
        untried = [(each.who, "not tried", self.stopped.message if self.stopped else "") for each in self.untried]
        refused = [(each.who, Fate.LEFT.value, each.reason) for each in self.refused]
        attention = sum(each.fate in (Fate.UNKNOWN, Fate.FAILED) for each in self.results)
        return [*fared[:attention], *untried, *refused, *fared[attention:]]


def run(plan: Plan[T], change: Change[T], work: Work) -> Report[T]:
    """Make the change for one after another. What was done until a stop is reported, not lost."""
    results, stopped = _each([(person, partial(change, person.item)) for person in plan.ready], work)
    return Report(tuple(results), plan.ready[len(results) :], plan.refused, stopped)


def take_back(report: Report[T], work: Work) -> Report[T]:
    """Put back those whom a run changed, the last first. Whoever was changed again meanwhile stays as they are."""
    undoable = report.undoable
    calls = [(each.person, partial(_undone, each.undo)) for each in undoable if each.undo is not None]
    results, stopped = _each(calls, work)
    rest = undoable[len(results) :]
    return Report(tuple(results), tuple(each.person for each in rest), (), stopped, back=True, rest=rest)


def done(outcome: Outcome[Any], note: str = "") -> Done:
    """What a change of Changes means for one of many: `note` unless the database's side is still owed something."""
    owed = outcome.mirror in ("pending", "skipped") or (outcome.mirror == "none" and outcome.note)
    return Done(outcome.note if owed else note, outcome.undo)


def _undone(undo: Inverse) -> Done:
    return done(undo.run())


def _each(
    calls: Sequence[tuple[Ready[T], Callable[[], Done | Left]]], work: Work
) -> tuple[list[Fared[T]], AppError | None]:
    results: list[Fared[T]] = []
    for place, (person, call) in enumerate(calls):
        try:
            work.progress(place, len(calls), person.who)
        except Cancelled:
            break
        try:
            made = call()
        except AppError as error:
            if error.message in (ADMINISTRATOR, OWN_ACCOUNT):  # of this person: the next one may be changed
                results.append(Fared(person, Fate.LEFT, error.message))
            elif error.uncertain:
                results.append(Fared(person, Fate.UNKNOWN, error.message))
            elif error.code in _ENDING:
                return results, error
            else:
                results.append(Fared(person, Fate.FAILED, error.message))
        except Exception as error:
            log.exception("one of many failed in an unknown way")
            text = f"Unexpected failure ({type(error).__name__}). Read the person again to see what is true."
            results.append(Fared(person, Fate.FAILED, text))
        else:
            if isinstance(made, Left):
                results.append(Fared(person, Fate.LEFT, made.reason))
            else:
                results.append(Fared(person, Fate.DONE, made.note, made.undo))
    return results, None
