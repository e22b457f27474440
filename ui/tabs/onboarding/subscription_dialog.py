"""Moving everybody on who has paid, from the question to the result."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.subscriptions import Activated
from ui.jobs import Job
from ui.tabs.onboarding.report import Line, failure_badge
from ui.tabs.onboarding.staged_dialog import PlanShown, ResultShown, StagedDialog
from ui.tabs.onboarding.subscription import SubscriptionPresenter
from ui.text import count, number, onboarding_status, tr
from ui.widgets.badge import Badge, Tone


class PaidDialog(StagedDialog):
    """What Stripe said a moment ago is the dry run."""

    def __init__(self, presenter: SubscriptionPresenter, parent: QWidget | None = None) -> None:
        paid = tuple(each for each in presenter.stuck if each.paid is not None)
        people = count(len(paid), "person", "people")
        super().__init__(tr("Move {people} on?", people=people), parent)
        self._presenter = presenter
        self._paid = paid
        self._job: Job | None = None
        presenter.progressed.connect(self.show_progress)
        presenter.activated.connect(self._on_activated)
        presenter.failed.connect(self.show_error)
        self.run_requested.connect(self._on_run)
        self.stop_requested.connect(self._on_stop)
        self.show_plan(
            PlanShown(
                [Line(each.row.email, Badge(tr("will be active"), Tone.INFO), each.note) for each in paid],
                (
                    tr("Each moves to active, because Stripe has a subscription for their address."),
                    tr("Only the database row changes: nothing at Stripe, and nobody is charged."),
                    tr("It has no direct way back. An active person can be suspended or disabled."),
                ),
                action=tr("Move {people} on", people=people),
                doing=tr("Moving {people} on", people=people),
            )
        )

    @Slot()
    def _on_run(self) -> None:
        self._job = self._presenter.activate_paid(self._paid)

    @Slot()
    def _on_stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot(object)
    def _on_activated(self, results: list[Activated]) -> None:
        done = {each.row.id for each in results}
        lines = [
            Line(each.row.email, failure_badge(each.error), each.error.message)
            for each in results
            if each.error is not None
        ]
        lines += [
            Line(each.row.email, Badge(tr("not tried"), Tone.WARN), tr("Stopped before."))
            for each in self._paid
            if each.row.id not in done
        ]
        lines += [
            Line(
                each.row.email,
                Badge(tr("moved on"), Tone.OK),
                tr("Now: {status}", status=onboarding_status(each.row.status)),
            )
            for each in results
            if each.error is None
        ]
        moved = sum(each.error is None for each in results)
        heading = tr("{n} moved on, {rest} not", n=number(moved), rest=number(len(self._paid) - moved))
        self.show_result(ResultShown(heading, lines))
