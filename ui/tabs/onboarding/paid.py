"""Moving everybody on who has paid: a dry run that reads the rows again, and the step. No widget here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.bulk import Change, Fate, Plan, Ready, Refused, Report
from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.subscription import Stuck
from app.onboarding.users import OnboardingReader
from app.subscriptions import Subscriptions
from app.work import Work
from ui.context import Change as Changed
from ui.context import Context, Topic
from ui.dialogs.bulk.order import Asked, BulkOrder, Words
from ui.text import count, tr


class PaidOrder(BulkOrder[Stuck]):
    """For those of whom Stripe said a moment ago that they have paid. `moved` hears the ids of the rows moved on."""

    words = Words(will="will be active", done="moved on")

    def __init__(
        self,
        service: Subscriptions,
        rows: OnboardingReader,
        people: tuple[Stuck, ...],
        moved: Callable[[frozenset[str]], None],
    ) -> None:
        self._service = service
        self._rows = rows
        self._people = tuple(each for each in people if each.paid is not None)
        self._moved = moved

    @property
    def title(self) -> str:
        return self._title(len(self._people))

    def plan(self, work: Work) -> Plan[Stuck]:
        """Asks the database, and not Stripe again. AppError where the database does not answer."""
        return self._dry_run(self._people, work)

    def plan_again(self, people: Sequence[Ready[Stuck]], work: Work) -> Plan[Stuck]:
        return self._dry_run([each.item for each in people], work)

    def change(self, reason: str) -> Change[Stuck]:
        return self._service.activate_paid

    def question(self, plan: Plan[Stuck]) -> Asked:
        points = (
            tr("Each moves to active, because Stripe has a subscription for their address."),
            tr("Only the database row changes: nothing at Stripe, and nobody is charged."),
            tr("It has no direct way back. An active person can be suspended or disabled."),
        )
        return Asked(self._title(len(plan.ready)), points, tr("Move on"))

    def job(self, people: int) -> str:
        return tr("Moving {people} on", people=count(people, "person", "people"))

    def will(self, item: Stuck) -> str:
        return item.note

    def announce(self, context: Context, report: Report[Stuck]) -> None:
        self._moved(frozenset(each.person.key for each in report.of(Fate.DONE)))
        context.announce(Changed(Topic.ONBOARDING, tuple(each.person.key for each in report.results), "subscription"))

    def _title(self, people: int) -> str:
        return tr("Move {people} on?", people=count(people, "person", "people"))

    def _dry_run(self, people: Sequence[Stuck], work: Work) -> Plan[Stuck]:
        ready: list[Ready[Stuck]] = []
        refused: list[Refused] = []
        for place, each in enumerate(people):
            work.progress(place, len(people), each.row.email)
            try:
                now = self._rows.get(each.row.id)
            except AppError as error:
                if error.code is not ErrorCode.USER_NOT_FOUND:
                    raise
                refused.append(Refused(each.row.email, error.message))
                continue
            why = ladder.why_not(Edge.SUBSCRIBE, now.status)
            if why is None:
                ready.append(Ready(now.email, Stuck(now, each.paid, each.note), now.id))
            else:
                refused.append(Refused(now.email, why))
        return Plan(tuple(ready), tuple(refused), self._service.why_not() or "")
