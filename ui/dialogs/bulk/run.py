"""From the dry run to the result, and back: the jobs of a bulk change. How one ended is told without the dialog too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.bulk import HEAD, Plan, Report, run, take_back
from app.errors import AppError
from app.work import Work
from ui.context import Change, Context, Topic
from ui.dialogs.bulk import words
from ui.dialogs.bulk.order import AnyOrder
from ui.jobs import Job
from ui.text import tr
from ui.widgets.table import AT_ONCE

LANE = "changes"


class BulkRun(QObject):
    """Belongs to the dialog. A run goes on where that is gone, and tells in a toast how it ended."""

    planned = Signal(object)  # Plan
    failed = Signal(object)  # AppError: the dry run, or the run did not begin
    progressed = Signal(object)  # Progress, of the dry run or the run
    reported = Signal(object)  # Report, of all runs together
    unbegun = Signal()  # stopped before it began
    copied = Signal(object)  # str: what may go onto the clipboard
    not_exported = Signal(object)  # AppError

    def __init__(self, context: Context, order: AnyOrder, parent: QObject) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._exports = context.desk.exports
        self._job: Job | None = None
        self._dry: Job | None = None
        self._before: Report[Any] | None = None  # the run that this one tries again for some
        self.order = order
        self.plan: Plan[Any] | None = None
        self.report: Report[Any] | None = None

    @property
    def running(self) -> bool:
        """Whether people are being changed at this moment, or wait for their turn."""
        return self._job is not None

    @Slot()
    def check(self) -> None:
        """Begin the dry run, or repeat it."""
        order, before = self.order, self._before
        again = before.again if before is not None else ()

        def look(work: Work) -> Plan[Any]:
            return order.plan(work) if before is None else order.plan_again(again, work)

        self._dry = self._context.run(
            look, name=tr("Dry run: {what}", what=order.name), key=("bulk-dry-run", id(self)), listed=False
        )
        self._dry.progressed.connect(self.progressed)
        self._dry.succeeded.connect(self._on_planned)
        self._dry.failed.connect(self.failed)

    def drop_check(self) -> None:
        """Nobody waits for the dry run any more."""
        if self._dry is not None:
            self._dry.cancel()
            self._dry = None

    def begin_again(self) -> None:
        """The next dry run is for those who failed or were not reached."""
        self._before = self.report

    def run(self, reason: str = "") -> str:
        """Make the change for those whom the dry run found ready; returns what is being done, in words."""
        plan, order = self.plan, self.order
        assert plan is not None
        assert self._job is None

        def work_through(work: Work) -> Report[Any]:
            return run(plan, order.change(reason), work)

        order.begun(plan.ready)
        return self._start(work_through, order.job(len(plan.ready)))

    def take_back(self) -> str:
        """Put everybody back for whom it was done and can be; returns what is being done, in words."""
        report = self.report
        assert report is not None
        assert self._job is None
        self._before = report if report.back else None  # it goes on where it was stopped
        self.order.begun([each.person for each in report.undoable])
        name = tr("Taking back: {what}", what=self.order.job(len(report.undoable)))
        return self._start(lambda work: take_back(report, work), name)

    @Slot()
    def stop(self) -> None:
        """Leave those alone whose turn has not come; who was done stays done."""
        if self._job is not None:
            self._job.cancel()

    def export(self, path: Path, *, replace: bool) -> None:
        """Write how everybody fared into a file; permitted and journalled as an export."""
        report, exports, what = self.report, self._exports, self.order.name
        assert report is not None

        def write(work: Work) -> str:
            exports.result(work, path, HEAD, report.lines(), what=what, replace=replace)
            return path.name

        job = self._context.run(write, name=tr("Export the result"), lane=LANE)
        job.succeeded.connect(self._on_exported)
        job.failed.connect(self.not_exported)

    def copy(self, text: str, people: int) -> None:
        """Ask for leave to put so many people onto the clipboard, which is an export as well."""
        exports = self._exports
        if people <= AT_ONCE:
            self.copied.emit(text)
            return

        def permit(_: Work) -> str:
            exports.copying(people)
            return text

        job = self._context.run(permit, name=tr("Copying the result"), key=("bulk-copy", id(self)), listed=False)
        job.succeeded.connect(self.copied)
        job.failed.connect(self.not_exported)

    def _start(self, call: Callable[[Work], object], name: str) -> str:
        self._job = self._context.run(call, name=name, lane=LANE)
        teller = _Teller(self._context, self.order)
        self._job.succeeded.connect(teller.on_report)
        self._job.failed.connect(teller.on_failed)
        self._job.cancelled.connect(teller.on_unbegun)
        self._job.finished.connect(teller.on_finished)
        self._job.progressed.connect(self.progressed)
        self._job.succeeded.connect(self._on_report)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_unbegun)
        return name

    @Slot(object)
    def _on_planned(self, plan: Plan[Any]) -> None:
        self._dry, self.plan = None, plan
        self.planned.emit(plan)

    @Slot(object)
    def _on_report(self, report: Report[Any]) -> None:
        self._job = None
        self.report = report if self._before is None else self._before.followed_by(report)
        self._before = None
        self.reported.emit(self.report)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._job = None
        self.failed.emit(error)

    @Slot()
    def _on_unbegun(self) -> None:
        self._job = None
        self.unbegun.emit()

    @Slot(str)
    def _on_exported(self, name: str) -> None:
        self._context.announce(Change(Topic.JOURNAL, (), "bulk"))
        self._context.toast(tr("The result is in {file}.", file=name))


class _Teller(QObject):
    """Tells the others how a run ended. The context outlives the dialog, and the tab."""

    def __init__(self, context: Context, order: AnyOrder) -> None:
        super().__init__(context)
        self._context = context
        self._desk = context.desk
        self._order = order

    @Slot(object)
    def on_report(self, report: Report[Any]) -> None:
        order = self._order
        if self._context.desk is self._desk:  # else another connection is open, whose people these are not
            order.announce(self._context, report)
            self._context.announce(Change(Topic.JOURNAL, (), "bulk"))
        said = order.job(len(report.results) + len(report.untried))
        what = tr("Taking back: {what}", what=said) if report.back else said
        tone = "ok" if report.all_well else "warn"
        self._context.toast(tr("{job}: {parts}.", job=what, parts=words.parts(order, report)), tone)

    @Slot(object)
    def on_failed(self, error: AppError) -> None:
        self._context.toast(tr("{job}: not done. {why}", job=self._order.name, why=error.message), "bad")

    @Slot()
    def on_unbegun(self) -> None:
        self._context.toast(tr("Stopped before it began: nobody was changed."), "warn")

    @Slot()
    def on_finished(self) -> None:
        self._order.ended()
        self.deleteLater()
