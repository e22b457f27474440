"""A change of many people in one dialog: the dry run, the question, the progress, and what became of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.errors import AppError
from app.work import Progress
from ui.tabs.onboarding.report import Line, LineTable, copy_lines
from ui.text import number, tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.dialogs import REASON_LENGTH, Dialog
from ui.widgets.labels import ElidedLabel, label, restyle


@dataclass(frozen=True, slots=True)
class PlanShown:
    """What the dry run found. `action` is the text of the button; empty where there is nothing to do.

    `doing` is the heading while it runs. `reason` asks for one, which may be left empty.
    """

    lines: Sequence[Line]
    points: Sequence[str]
    action: str
    doing: str
    warning: str = ""
    dangerous: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ResultShown:
    """How it ended: the heading, a line for everybody, and what else is to be said."""

    heading: str
    lines: Sequence[Line]
    note: str = ""
    error: AppError | None = None


class StagedDialog(Dialog):
    """Closed while it runs, it goes on by itself: whoever runs it tells then how it ended."""

    check_requested = Signal()
    run_requested = Signal(str)  # the reason, as it was typed
    stop_requested = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent, icon="users", ink="accent")
        self.setMinimumWidth(740)
        self._plan: PlanShown | None = None
        self._lines: Sequence[Line] = ()
        self._banner = Banner()
        self._banner.retry_requested.connect(self.check_requested)
        self._points = QVBoxLayout()
        self._points.setSpacing(4)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress"))
        self._note = ElidedLabel("", "muted")
        self._reason_prompt = label("", "field")
        self._reason = QLineEdit()
        self._reason.setMaxLength(REASON_LENGTH)
        self._reason_prompt.setBuddy(self._reason)
        self._table = LineTable(tr("What becomes of each person"))
        for part in (self._banner, self._note, self._bar):
            self.body.addWidget(part)
        self.body.addLayout(self._points)
        self.body.addWidget(self._table, 1)
        self.body.addWidget(self._reason_prompt)
        self.body.addWidget(self._reason)
        self._copy = button(tr("Copy"), "quiet", icon="copy")
        self._copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, self._copy)
        self._cancel = button(tr("Cancel"))
        self._cancel.clicked.connect(self.reject)
        self._stop = button(tr("Stop"))
        self._stop.clicked.connect(self._on_stop)
        self._go = button("", "primary")
        self._go.clicked.connect(self._on_go)
        for each in (self._cancel, self._stop, self._go):
            self.buttons.addWidget(each)
        self._show_stage(busy=True)
        self._note.set_text(tr("Dry run: nothing is changed…"))
        self._table.hide()

    @Slot(object)
    def show_plan(self, plan: PlanShown) -> None:
        """The dry run has ended: ask."""
        self._plan = plan
        self._banner.hide()
        if plan.warning:
            self._banner.show_message(plan.warning, "", "warn")
        self._lines = plan.lines
        self._table.show_lines(plan.lines)
        self._table.show()
        self._say(plan.points)
        self._go.setText(plan.action)
        self._go.setProperty("kind", "danger-primary" if plan.dangerous else "primary")
        restyle(self._go)
        self._reason_prompt.setText(plan.reason)
        self._reason.setAccessibleName(plan.reason)
        self._show_stage(asking=bool(plan.action))
        if plan.action:
            first = self._cancel if plan.dangerous else self._go
            first.setDefault(True)
            first.setFocus()

    @Slot(object)
    def show_error(self, error: AppError) -> None:
        """The dry run failed, or the run did not begin."""
        self._banner.show_error(error)
        self._show_stage()
        self._copy.hide()

    @Slot(object)
    def show_progress(self, progress: Progress) -> None:
        """How far the dry run or the run is."""
        total = progress.total or 0
        self._bar.setRange(0, total)
        self._bar.setValue(progress.done)
        if self._stop.isVisible():
            words = tr("{done} of {all} · {who}", done=number(progress.done), all=number(total), who=progress.note)
            self._note.set_text(words)

    @Slot(object)
    def show_result(self, result: ResultShown) -> None:
        """The run has ended."""
        self._lines = result.lines
        self.set_heading(result.heading)
        self._banner.hide()
        if result.error is not None:
            self._banner.show_message(result.error.message, result.note, "bad")
        elif result.note:
            self._banner.show_message(result.note)
        self._table.show_lines(result.lines)
        self._table.show()
        self._show_stage()
        self._cancel.setFocus()

    def _show_stage(self, *, busy: bool = False, running: bool = False, asking: bool = False) -> None:
        self._bar.setVisible(busy or running)
        self._note.setVisible(busy or running)
        self._stop.setVisible(running)
        self._go.setVisible(asking)
        reasoned = asking and self._plan is not None and bool(self._plan.reason)
        self._reason_prompt.setVisible(reasoned)
        self._reason.setVisible(reasoned)
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

    @Slot()
    def _on_go(self) -> None:
        assert self._plan is not None
        self._banner.hide()
        self._say(())
        self.set_heading(self._plan.doing)
        self._note.set_text(tr("Waiting for its turn…"))
        self._bar.setRange(0, 0)
        self._table.hide()
        self._show_stage(running=True)
        self.run_requested.emit(self._reason.text().strip())

    @Slot()
    def _on_stop(self) -> None:
        self._stop.setEnabled(False)
        self._note.set_text(tr("Stopping…"))
        self.stop_requested.emit()

    @Slot()
    def _on_copy(self) -> None:
        copy_lines(self.windowTitle(), self._lines)
