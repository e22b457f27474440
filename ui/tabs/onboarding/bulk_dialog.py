"""Approving several people in one dialog: the dry run, the question, the progress, and what became of everybody."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.errors import AppError
from app.work import Progress
from ui.tabs.onboarding import wording
from ui.tabs.onboarding.bulk import BulkStep, Plan
from ui.tabs.onboarding.moves import BulkReport
from ui.tabs.onboarding.report import Line, LineTable, copy_lines, headline, lines
from ui.text import count, number, tr
from ui.widgets.badge import Badge, Tone
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import ElidedLabel, label


class BulkDialog(Dialog):
    """Closed while it runs, it goes on by itself: the Moves, which outlive it, tell then how it ended."""

    def __init__(self, step: BulkStep, parent: QWidget | None = None) -> None:
        people = count(len(step.people), "person", "people")
        super().__init__(tr("Approve {people}?", people=people), parent, icon="users", ink="accent")
        self.setMinimumWidth(740)
        self._step = step
        step.setParent(self)
        self._lines: list[Line] = []
        self._banner = Banner()
        self._banner.retry_requested.connect(step.check)
        self._points = QVBoxLayout()
        self._points.setSpacing(4)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress"))
        self._note = ElidedLabel("", "muted")
        self._table = LineTable(tr("What becomes of each person"))
        for part in (self._banner, self._note, self._bar):
            self.body.addWidget(part)
        self.body.addLayout(self._points)
        self.body.addWidget(self._table, 1)
        self._copy = button(tr("Copy"), "quiet", icon="copy")
        self._copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, self._copy)
        self._cancel = button(tr("Cancel"))
        self._cancel.clicked.connect(self.reject)
        self._stop = button(tr("Stop"))
        self._stop.clicked.connect(self._on_stop)
        self._go = button(tr("Approve"), "primary")
        self._go.clicked.connect(self._on_go)
        for each in (self._cancel, self._stop, self._go):
            self.buttons.addWidget(each)
        step.planned.connect(self._on_planned)
        step.failed.connect(self._on_failed)
        step.progressed.connect(self._on_progress)
        step.reported.connect(self._on_reported)
        step.stopped.connect(self.reject)
        self._show_stage(busy=True)
        self._note.set_text(tr("Dry run: everybody is read again…"))
        self._table.hide()
        step.check()

    def _show_stage(self, *, busy: bool = False, running: bool = False, asking: bool = False) -> None:
        self._bar.setVisible(busy or running)
        self._note.setVisible(busy or running)
        self._stop.setVisible(running)
        self._go.setVisible(asking)
        self._copy.setVisible(not busy and not running)
        self._cancel.setText(tr("Hide") if running else tr("Cancel") if busy or asking else tr("Close"))
        self._cancel.setToolTip(tr("It goes on; the result is told when it is done.") if running else "")

    def _say(self, points: Sequence[str]) -> None:
        while (item := self._points.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for point in points:
            self._points.addWidget(label(f"• {point}", wrap=True))

    @Slot(object)
    def _on_planned(self, plan: Plan) -> None:
        self._banner.hide()
        ready, refused = len(plan.ready), len(plan.refused)
        if refused:
            words = tr("{n} of them cannot be approved and are left as they are.", n=number(refused))
            self._banner.show_message(words, "", "warn")
        self._lines = [
            *(Line(row.email, Badge(tr("cannot"), Tone.BAD), why) for row, why in plan.refused),
            *(Line(row.email, Badge(tr("will be approved"), Tone.INFO), "") for row in plan.ready),
        ]
        self._table.show_lines(self._lines)
        self._table.show()
        self._say(wording.approve_points() if ready else ())
        self._go.setText(tr("Approve {people}", people=count(ready, "person", "people")))
        self._show_stage(asking=bool(ready))
        if ready:
            self._go.setDefault(True)
            self._go.setFocus()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._banner.show_error(error)
        self._show_stage()
        self._copy.hide()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        total = progress.total or 0
        self._bar.setRange(0, total)
        self._bar.setValue(progress.done)
        if self._stop.isVisible():
            words = tr("{done} of {all} · {who}", done=number(progress.done), all=number(total), who=progress.note)
            self._note.set_text(words)

    @Slot()
    def _on_go(self) -> None:
        plan = self._step.plan
        assert plan is not None
        self._banner.hide()
        self._say(())
        self.set_heading(tr("Approving {people}", people=count(len(plan.ready), "person", "people")))
        self._note.set_text(tr("Waiting for its turn…"))
        self._bar.setRange(0, 0)
        self._table.hide()
        self._show_stage(running=True)
        self._step.run()

    @Slot()
    def _on_stop(self) -> None:
        self._stop.setEnabled(False)
        self._note.set_text(tr("Stopping…"))
        self._step.stop()

    @Slot(object)
    def _on_reported(self, report: BulkReport) -> None:
        plan = self._step.plan
        refused = plan.refused if plan is not None else ()
        self._lines = lines(report)
        self._lines += [Line(row.email, Badge(tr("cannot"), Tone.NEUTRAL), why) for row, why in refused]
        self.set_heading(headline(report))
        if report.untried:
            self._banner.show_message(tr("It was stopped. Whoever is marked “not tried” was left as they were."))
        self._table.show_lines(self._lines)
        self._table.show()
        self._show_stage()
        self._cancel.setFocus()

    @Slot()
    def _on_copy(self) -> None:
        copy_lines(self.windowTitle(), self._lines)
