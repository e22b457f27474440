"""One step of the ladder for several people: a dry run that reads everybody again, then the step. No widget here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shiboken6 import isValid

from app.bulk import Change, Done, Plan, Ready, Refused, Report, done
from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.people import action_of
from app.prechecks import row_obstacle
from app.work import Work
from ui.context import Change as Changed
from ui.context import Context, Topic
from ui.dialogs.bulk.order import Asked, BulkOrder
from ui.dialogs.bulk.order import Words as Badges
from ui.tabs.onboarding import wording
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.several import WORDS, way
from ui.tabs.onboarding.wording import ORIGIN
from ui.text import count, onboarding_status, tr

if TYPE_CHECKING:
    from app.desk import Desk


class StepOrder(BulkOrder[DatabaseUser]):
    """One step for those who were chosen. With `goal`, whoever it would take elsewhere is left alone.

    While it runs, `moves` takes no other step for the same people.
    """

    def __init__(
        self,
        desk: Desk,
        moves: Moves,
        edge: Edge,
        people: tuple[DatabaseUser, ...],
        goal: OnboardingStatus | None = None,
    ) -> None:
        self._desk = desk
        self._moves = moves
        self._edge = edge
        self._people = people
        self._goal = goal
        self._words = WORDS[edge]
        self.words = Badges(will=self._words.will, done=self._words.done)

    @property
    def title(self) -> str:
        return self._title(len(self._people))

    def plan(self, work: Work) -> Plan[DatabaseUser]:
        """Reads everybody again. AppError where the database does not answer."""
        return self._dry_run(self._people, work)

    def plan_again(self, people: Sequence[Ready[DatabaseUser]], work: Work) -> Plan[DatabaseUser]:
        return self._dry_run([each.item for each in people], work)

    def change(self, reason: str) -> Change[DatabaseUser]:
        from app.way_back import step_back

        people, edge = self._desk.people, self._edge

        def one(row: DatabaseUser) -> Done:
            outcome = people.move(row, edge, reason)
            now = tr("Now: {status}", status=onboarding_status(outcome.value.status))
            return Done(done(outcome, now).note, step_back(people, row, edge, outcome.value))

        return one

    def question(self, plan: Plan[DatabaseUser]) -> Asked:
        reason = wording.reason_prompt() if self._edge in wording.REASONED else ""
        title = self._title(len(plan.ready))
        return Asked(title, self._words.points(), tr(self._words.button), danger=self._words.dangerous, reason=reason)

    def job(self, people: int) -> str:
        who = count(people, "person", "people")
        return tr(self._words.job, people=who) if self._words.job else wording.job_name(self._edge, who)

    def will(self, item: DatabaseUser) -> str:
        return way(self._edge, item)

    def begun(self, people: Sequence[Ready[DatabaseUser]]) -> None:
        if isValid(self._moves):
            self._moves.occupy(self, frozenset(each.key for each in people))

    def ended(self) -> None:
        if isValid(self._moves):
            self._moves.vacate(self)

    def announce(self, context: Context, report: Report[DatabaseUser]) -> None:
        context.announce(Changed(Topic.ONBOARDING, tuple(each.person.key for each in report.results), ORIGIN))

    def _title(self, people: int) -> str:
        return tr(self._words.asked, people=count(people, "person", "people"))

    def _dry_run(self, people: Sequence[DatabaseUser], work: Work) -> Plan[DatabaseUser]:
        onboarding, operator = self._desk.onboarding, self._desk.operator
        assert onboarding is not None
        ready: list[Ready[DatabaseUser]] = []
        refused: list[Refused] = []
        for place, person in enumerate(people):
            work.progress(place, len(people), person.email)
            try:
                now = onboarding.get(person.id)
            except AppError as error:
                if error.code is not ErrorCode.USER_NOT_FOUND:
                    raise
                refused.append(Refused(person.email, error.message))
                continue
            why = row_obstacle(action_of(self._edge), operator, now) or self._no_way(now)
            if why is None:
                ready.append(Ready(now.email, now, now.id))
            else:
                refused.append(Refused(now.email, why))
        return Plan(tuple(ready), tuple(refused), self._desk.why_not(action_of(self._edge)) or "")

    def _no_way(self, row: DatabaseUser) -> str | None:
        why = ladder.why_not(self._edge, row.status)
        if why is None and self._goal is not None:
            found = ladder.step_to(self._goal, row.status, before=ladder.before_disable(row))
            return found if isinstance(found, str) else None
        return why
