"""One fix for many differences: what the dry run says of it, what it costs, and who is told. No widget here."""

from __future__ import annotations

from collections.abc import Sequence

from app.bulk import Change, Plan, Ready, Report
from app.drift.fixes import plan as plan_of
from app.drift.service import Drift, DriftLine, DriftView, Fix, Preview, Side
from app.work import Work
from ui.context import Change as Changed
from ui.context import Context, Topic
from ui.dialogs.bulk.order import Asked, BulkOrder, Words
from ui.tabs.onboarding.drift_words import step_words
from ui.text import count, number, tr

MENDED = "drift"  # the origin of what a fix has changed


class MendOrder(BulkOrder[DriftLine]):
    """The fix for all lines of a view, or for those at some positions of it."""

    words = Words(will="will be mended", done="mended")

    def __init__(self, drift: Drift, fix: Fix, view: DriftView, only: tuple[int, ...]) -> None:
        self._drift = drift
        self._view = view
        self._only = only
        self.fix = fix

    @property
    def title(self) -> str:
        return tr("{fix}?", fix=tr(self.fix.words))

    def plan(self, work: Work) -> Preview:
        """Asks neither side, so that it is as true as the comparison."""
        view = self._view.at(self._only) if self._only else self._view
        return self._drift.preview(work, view, self.fix)

    def plan_again(self, people: Sequence[Ready[DriftLine]], work: Work) -> Preview:
        return self._drift.preview(work, [each.item for each in people], self.fix)

    def change(self, reason: str) -> Change[DriftLine]:
        return self._drift.mender(self.fix)

    def question(self, plan: Plan[DriftLine]) -> Asked:
        assert isinstance(plan, Preview)
        side = tr("the database") if self.fix.side is Side.DATABASE else tr("Cognito")
        people = count(len(plan.ready), "person", "people")
        points = [
            tr("{fix}: {people}. Only {side} is changed.", fix=tr(self.fix.words), people=people, side=side),
            tr("Both sides are read again for each of them ({n} requests).", n=number(plan.reads)),
        ]
        if plan.billed:
            billed = count(plan.billed, "person", "people")
            points.append(tr("{people} may count as active users of this month, whom AWS bills.", people=billed))
        return Asked(self.title, tuple(points), tr("Mend"), danger=self.fix.side is Side.COGNITO)

    def job(self, people: int) -> str:
        return tr("{fix} ({people})", fix=tr(self.fix.words), people=count(people, "person", "people"))

    def will(self, item: DriftLine) -> str:
        step = plan_of(self.fix, item)
        return step if isinstance(step, str) else step_words(step)

    def back_points(self, report: Report[DriftLine]) -> tuple[str, ...]:
        billed = tr("It may count them as billed active users of this month, as the change itself did.")
        return (billed,) if self.fix.side is Side.COGNITO else ()

    def announce(self, context: Context, report: Report[DriftLine]) -> None:
        for topic in (Topic.USERS, Topic.ONBOARDING):
            context.announce(Changed(topic, (), MENDED))
