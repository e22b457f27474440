"""A change for many people in one window: dry run, question, progress that can be stopped, and a line for each.

Nothing is changed before the question is answered. Hidden while it runs, it comes back where somebody needs attention.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDir, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.bulk import Plan, Report
from app.errors import AppError
from app.work import Progress
from ui.context import Context
from ui.dialogs.bulk import words
from ui.dialogs.bulk.list import LineTable
from ui.dialogs.bulk.order import AnyOrder, Asked
from ui.dialogs.bulk.run import BulkRun
from ui.text import number, tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.dialogs import REASON_LENGTH, Dialog, show_error
from ui.widgets.labels import ElidedLabel, label, restyle

_ROWS_ASKED, _ROWS_FEW, _ROWS_TOLD = 5, 4, 8
_MANY_POINTS = 6  # more of them, and a window of 700 pixels has no room for many rows


class BulkDialog(Dialog):
    """Opens with the dry run of an order."""

    def __init__(self, context: Context, order: AnyOrder, parent: QWidget | None = None) -> None:
        super().__init__(order.title, parent, icon="users", ink="accent")
        self.setMinimumWidth(740)
        self._order = order
        self._run = BulkRun(context, order, self)
        self._asked: Asked | None = None
        self._backing = self._told = False  # asked whether to take back; how everybody fared is shown
        self._since = 0.0
        self._banner = Banner()
        self._note = ElidedLabel("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("How far it is"))
        self._points = QWidget()
        self._lines = QVBoxLayout(self._points)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        self._points.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._table = LineTable(order.words)
        self._reason_prompt, self._reason = label("", "field"), QLineEdit()
        self._reason.setMaxLength(REASON_LENGTH)
        self._typed_prompt, self._typed = label("", "field", wrap=True), QLineEdit()
        for prompt, line in ((self._reason_prompt, self._reason), (self._typed_prompt, self._typed)):
            prompt.setBuddy(line)
        self._copy = self._tool(tr("Copy"), "copy")
        self._export = self._tool(tr("Export…"), "save")
        self._back = self._tool("", "undo")
        self._again = self._tool("", "refresh")
        self._no = button(tr("Cancel"))
        self._stop = button(tr("Stop"))
        self._yes = button("", "primary")
        for part in (self._banner, self._note, self._bar, self._points):
            self.body.addWidget(part)
        self.body.addWidget(self._table, 1)
        for part in (self._reason_prompt, self._reason, self._typed_prompt, self._typed):
            self.body.addWidget(part)
        self.body.addStretch(0)  # else, without the table, the others are spread over the whole height
        for part in (self._no, self._stop, self._yes):
            self.buttons.addWidget(part)
        self._fit = QTimer(self, singleShot=True, interval=0)
        self._fit.timeout.connect(self._on_fit)
        self._connect()
        self._on_check()

    def _tool(self, text: str, icon: str) -> QPushButton:
        made = button(text, "quiet", icon=icon)
        self.buttons.insertWidget(self.buttons.count() - 1, made)
        return made

    def _connect(self) -> None:
        run = self._run
        run.planned.connect(self._on_plan)
        run.failed.connect(self._on_failed)
        run.progressed.connect(self._on_progress)
        run.reported.connect(self._on_report)
        run.unbegun.connect(self._on_unbegun)
        run.copied.connect(self._on_copied)
        run.not_exported.connect(self._on_not_exported)
        self._banner.retry_requested.connect(self._on_check)
        self._typed.textChanged.connect(self._on_typed)
        self._copy.clicked.connect(self._on_copy)
        self._export.clicked.connect(self._on_export)
        self._back.clicked.connect(self._on_back)
        self._again.clicked.connect(self._on_again)
        self._no.clicked.connect(self._on_no)
        self._stop.clicked.connect(self._on_stop)
        self._yes.clicked.connect(self._on_yes)

    def reject(self) -> None:
        if self._run.running:
            self.hide()
        else:
            self._run.drop_check()
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._run.running:
            event.ignore()
            self.hide()
        else:
            super().closeEvent(event)

    def _stage(
        self, *, busy: bool = False, running: bool = False, asked: Asked | None = None, told: Report[Any] | None = None
    ) -> None:
        """Show what belongs to one stage; without any of them, an error or nobody is shown."""
        self._asked, self._told, self._backing = asked, told is not None, False
        self._fit.start()
        for part in (self._note, self._bar):
            part.setVisible(busy or running)
        for prompt, line, text in (
            (self._reason_prompt, self._reason, asked.reason if asked is not None else ""),
            (
                self._typed_prompt,
                self._typed,
                tr("Type {text} to confirm", text=asked.typed) if asked is not None and asked.typed else "",
            ),
        ):
            prompt.setText(text)
            line.setAccessibleName(text)
            line.clear()
            prompt.setVisible(bool(text))
            line.setVisible(bool(text))
        self._stop.setVisible(running)
        self._stop.setEnabled(True)
        self._yes.setVisible(asked is not None)
        self._export.setVisible(told is not None)
        undoable = len(told.undoable) if told is not None else 0
        again = len(told.again) if told is not None else 0
        self._back.setVisible(bool(undoable))
        self._back.setText(tr("Undo for {people}…", people=words.people(undoable)))
        self._again.setVisible(bool(again))
        self._again.setText(tr("Try again for {people}…", people=words.people(again)))
        self._no.setText(tr("Hide") if running else tr("Cancel") if busy or asked is not None else tr("Close"))
        self._no.setToolTip(tr("It goes on; you are told when it is done.") if running else "")

    def _show_lines(self, lines: list[words.Line], most: int) -> None:
        self._table.show_lines(lines, most)
        self._table.setVisible(bool(lines))
        self._copy.setVisible(bool(lines))

    def _say(self, points: tuple[str, ...]) -> None:
        while (old := self._lines.takeAt(0)) is not None:
            if (point := old.widget()) is not None:
                point.hide()
                point.deleteLater()
        for said in points:
            self._lines.addWidget(_point(said))
        self._points.setVisible(bool(points))
        self.setAccessibleDescription(" ".join(points))

    def _ask(self, asked: Asked, people: int, points: tuple[str, ...]) -> None:
        self.set_heading(asked.title)
        self._say(points)
        self._stage(asked=asked)
        self._yes.setText(f"{asked.button} ({number(people)})")
        self._yes.setProperty("kind", "danger-primary" if asked.danger else "primary")
        restyle(self._yes)
        self._yes.setEnabled(not asked.typed)
        self._yes.setDefault(bool(asked.typed) or not asked.danger)
        self._no.setDefault(asked.danger and not asked.typed)
        first = self._typed if asked.typed else self._no if asked.danger else self._yes
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_check(self) -> None:
        self._banner.hide()
        self._say(())
        self._show_lines([], 0)
        self._stage(busy=True)
        self._bar.setRange(0, 0)
        self._note.set_text(tr("Dry run: looking at who can be done, and who cannot. Nothing is changed…"))
        self._run.check()

    @Slot(object)
    def _on_plan(self, plan: Plan[Any]) -> None:
        self._banner.hide()
        if plan.forbidden or not plan.ready:
            tried = tr("Tried only: you may not do this.")
            self.set_heading(tried if plan.ready else tr("Nobody is left for whom it can be done."))
            self._say(())
            self._show_lines(words.planned(self._order, plan), _ROWS_TOLD)
            if plan.forbidden:
                self._banner.show_message(plan.forbidden, "", "warn")
            self._stage()
            self._end()
            return
        asked = self._order.question(plan)
        points = words.points(plan, asked)
        self._show_lines(words.planned(self._order, plan), _ROWS_ASKED if len(points) <= _MANY_POINTS else _ROWS_FEW)
        self._ask(asked, len(plan.ready), points)

    @Slot()
    def _on_fit(self) -> None:
        # A new stage is laid out by now: what it does not need would stand empty.
        self.resize(self.width(), self._needed_height())

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        if self._asked is not None and self._asked.typed:
            self._yes.setEnabled(text.strip() == self._asked.typed)

    @Slot()
    def _on_yes(self) -> None:
        if self._asked is None or self._run.running:
            return
        reason, back = self._reason.text().strip(), self._backing
        self._say(())
        self._stage(running=True)
        self._since = 0.0
        self._note.set_text(tr("Waiting for its turn…"))
        self._bar.setRange(0, 0)
        self.set_heading(self._run.take_back() if back else self._run.run(reason))
        self._stop.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_no(self) -> None:
        report = self._run.report
        if report is not None and not self._told and not self._run.running:
            self._run.drop_check()
            self._tell(report)  # what was done stays done: back to how everybody fared
        else:
            self.reject()

    @Slot()
    def _on_stop(self) -> None:
        self._stop.setEnabled(False)
        self._note.set_text(tr("Stopping…"))
        self._run.stop()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self._bar.setRange(0, progress.total or 0)
        self._bar.setValue(progress.done)
        if self._run.running and self._stop.isEnabled():
            now = time.monotonic()
            self._since = self._since or now
            self._note.set_text(words.progress_words(progress, now - self._since))

    @Slot(object)
    def _on_report(self, report: Report[Any]) -> None:
        self._tell(report)
        if self.isVisible():
            return
        if report.all_well:
            self.close()
        else:
            self.open()

    def _tell(self, report: Report[Any]) -> None:
        self.set_heading(words.headline(self._order, report))
        self._say(())
        self._banner.hide()
        if report.stopped is not None:
            self._banner.show_message(report.stopped.message, words.notes(report), "bad")
        elif note := words.notes(report):
            self._banner.show_message(note)
        self._stage(told=report)
        self._show_lines(words.lines(self._order, report), _ROWS_TOLD)
        self._end()

    @Slot()
    def _on_back(self) -> None:
        report = self._run.report
        assert report is not None
        self._banner.hide()
        self._show_lines(words.planned_back(report), _ROWS_ASKED)
        asked = words.back_question(self._order, report)
        self._ask(asked, len(report.undoable), asked.points)
        self._backing = True
        self._no.setText(tr("Leave it done"))

    @Slot()
    def _on_again(self) -> None:
        self._run.begin_again()
        self._on_check()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._say(())
        self._show_lines([], 0)
        self._banner.show_error(error)
        self._stage()
        self._end()
        if not self.isVisible():
            self.open()

    @Slot()
    def _on_unbegun(self) -> None:
        self._banner.show_message(tr("Stopped before it began: nobody was changed."))
        self._stage()
        self._end()
        if not self.isVisible():
            self.close()

    def _end(self) -> None:
        self._no.setDefault(True)
        self._no.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_copy(self) -> None:
        rows = [f"{line.who}\t{line.badge.text}\t{line.reason}" for line in self._table.rows()]
        self._run.copy("\n".join([self.windowTitle(), *rows]), len(rows))

    @Slot(str)
    def _on_copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    @Slot()
    def _on_export(self) -> None:
        chooser = QFileDialog(self, tr("Where the file shall be"), QDir.homePath())
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setNameFilters([tr("CSV (*.csv)")])
        chooser.setDefaultSuffix("csv")
        chooser.selectFile("result.csv")
        chooser.fileSelected.connect(self._on_path)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def _on_path(self, path: str) -> None:
        # The chooser has asked before it gave the name of a file that is there.
        self._run.export(Path(path), replace=True)

    @Slot(object)
    def _on_not_exported(self, error: AppError) -> None:
        show_error(self, error)


def _point(said: str) -> QWidget:
    if said.startswith(words.INDENT):
        below = label(said.strip(), "muted", wrap=True)
        below.setContentsMargins(24, 0, 0, 0)
        return below
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(label("•"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(said, wrap=True), 1)
    return made
