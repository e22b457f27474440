"""One deed for many people: a dry run first, then one after another, and how each of them fared. No widget here.

A failure stops nobody else. Stopped early, it says who was left as they were. What can be taken back of one person can
be of all of them.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from app.aws.operations import counted_as_active, listed
from app.aws.quotas import RATES, QuotaCategory
from app.changes import Inverse, Outcome
from app.directory.models import User
from app.directory.selection import Selection
from app.errors import AppError, ErrorCode
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.work import Cancelled, Work
from ui.tabs.users.deed import Deed
from ui.tabs.users.person import Person, sketch

if TYPE_CHECKING:
    from app.desk import Desk

MOST = 20_000  # people at once: their list is kept in memory, and an hour of the quota is enough for one press
_PAGE = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """Somebody for whom it will not even be tried, and why."""

    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dry run found. `seconds` is what Cognito's quota makes it take at least."""

    deed: Deed
    people: tuple[Person, ...]
    refused: tuple[Refused, ...]
    seconds: float
    billed: bool

    @property
    def total(self) -> int:
        """How many were chosen."""
        return len(self.people) + len(self.refused)

    def reasons(self) -> list[tuple[str, int]]:
        """Why people are refused, without their names, and how many; the most frequent first."""
        said = Counter(each.reason.replace(each.who, "…") for each in self.refused)
        return said.most_common()


@dataclass(frozen=True, slots=True)
class Fared:
    """How one of them fared: done, perhaps with a note of the database's side, or the error.

    `undo` takes it back; None where nothing does.
    """

    who: str
    username: str
    note: str = ""
    error: AppError | None = None
    undo: Inverse | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How everybody fared. Of `unknown` no answer came, so that only reading again tells.

    `untried` were left alone because it was stopped before. `back`: of a run that took an earlier one back; `plan` then
    holds those whom that one had changed.
    """

    plan: Plan
    results: tuple[Fared, ...]
    back: bool = False

    @property
    def done(self) -> tuple[Fared, ...]:
        """Those for whom it worked."""
        return tuple(each for each in self.results if each.error is None)

    @property
    def failed(self) -> tuple[Fared, ...]:
        """Those for whom it did not."""
        return tuple(each for each in self.results if each.error is not None and not each.error.uncertain)

    @property
    def unknown(self) -> tuple[Fared, ...]:
        """Those for whom it may have worked."""
        return tuple(each for each in self.results if each.error is not None and each.error.uncertain)

    @property
    def undoable(self) -> tuple[Fared, ...]:
        """Those for whom it worked and can be taken back; the last first."""
        return tuple(each for each in reversed(self.done) if each.undo is not None)

    @property
    def untried(self) -> tuple[Person, ...]:
        """Those who were left as they were."""
        return self.plan.people[len(self.results) :]


def draw_up(
    desk: Desk, deed: Deed, selection: Selection, pool: PoolSnapshot | None, client: ClientSnapshot | None, work: Work
) -> Plan:
    """The dry run: who can be done, who cannot and why. Asks nobody but the index and the rules.

    AppError(INVALID_INPUT) where more than MOST are chosen.
    """
    view = desk.index.chosen(selection)
    total = len(view)
    if total > MOST:
        message = (
            f"{total:,} people are chosen. Do it for {MOST:,} at most at once: choose fewer, or search for a part."
        )
        raise AppError(ErrorCode.INVALID_INPUT, message, subject="selection")
    people: list[Person] = []
    refused: list[Refused] = []
    for start in range(0, total, _PAGE):
        work.progress(start, total)
        rows = view.rows(start, start + _PAGE)
        for row, attributes in zip(rows, view.attributes(start, start + _PAGE), strict=True):
            known = sketch(row, pool, client)
            user = User(row.username, row.status, row.enabled, row.created, row.modified, attributes)
            person = Person(user, row, pool=known.pool, client=known.client)
            reason = deed.why_not(person, desk.operator)
            if reason is None:
                people.append(person)
            else:
                refused.append(Refused(person.address, reason))
    return Plan(deed, tuple(people), tuple(refused), _seconds(deed, len(people)), _bills(deed))


def carry_out(desk: Desk, plan: Plan, work: Work) -> Report:
    """Do it for one after another. Stopped early, the report says who is left."""
    results: list[Fared] = []
    for place, person in enumerate(plan.people):
        try:
            work.progress(place, len(plan.people), person.address)
        except Cancelled:
            break
        results.append(_fare(desk, plan.deed, person, partial(plan.deed.call, desk, person)))
    return Report(plan, tuple(results))


def take_back(desk: Desk, report: Report, work: Work) -> Report:
    """Put back those whom a run changed, one after another. Whoever was changed again meanwhile stays as they are."""
    undoable = report.undoable
    known = {person.user.username: person for person in report.plan.people}
    people = tuple(known[each.username] for each in undoable)
    results: list[Fared] = []
    for place, (each, person) in enumerate(zip(undoable, people, strict=True)):
        try:
            work.progress(place, len(undoable), each.who)
        except Cancelled:
            break
        assert each.undo is not None
        results.append(_fare(desk, report.plan.deed, person, each.undo.run))
    return Report(replace(report.plan, people=people, refused=()), tuple(results), back=True)


def _fare(desk: Desk, deed: Deed, person: Person, call: Callable[[], Outcome[Any]]) -> Fared:
    who, username = person.address, person.user.username
    try:
        outcome = call()
    except AppError as error:
        if error.code is ErrorCode.USER_NOT_FOUND:
            desk.index.remove(username)  # somebody else deleted them: the row must not stay
        return Fared(who, username, error=error)
    except Exception as error:
        log.exception("%s failed for one of many in an unknown way", deed.id)
        text = f"Unexpected failure ({type(error).__name__}). Read the person again to see what is true."
        return Fared(who, username, error=AppError(ErrorCode.INTERNAL, text, subject=username))
    note = outcome.note if outcome.mirror in ("pending", "skipped") else ""
    return Fared(who, username, note=note, undo=outcome.undo)


def _seconds(deed: Deed, people: int) -> float:
    """Each takes one call of the operation, and one of ListUsers afterwards."""
    if not deed.operation:
        return 0.0
    rate = min(RATES[listed(deed.operation).category], RATES[QuotaCategory.USER_LIST])
    return people / rate


def _bills(deed: Deed) -> bool:
    return bool(deed.operation) and counted_as_active(deed.operation)
