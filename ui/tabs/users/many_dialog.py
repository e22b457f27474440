"""A deed for many people in one window: dry run, question, progress that can be stopped, and a line for each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from app.directory.selection import Selection
from app.errors import AppError
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.work import Progress, Work
from ui import errors
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users import many_words
from ui.tabs.users.actions import LANE
from ui.tabs.users.deed import Deed
from ui.tabs.users.many import Plan, Report, carry_out, draw_up, take_back
from ui.tabs.users.many_words import Line
from ui.tabs.users.wording import ORIGIN, Question
from ui.text import count, number, tr
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable, badge_width

_ROWS = 8


class ManyDialog(Dialog):
    """Opens with the dry run. Nothing is changed before the question is answered."""

    def __init__(
        self,
        context: Context,
        deed: Deed,
        selection: Selection,
        chosen: int,
        pool: PoolSnapshot | None,
        client: ClientSnapshot | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("{n} people", n=number(chosen)), parent, icon="users", ink="accent")
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._deed = deed
        self._plan: Plan | None = None
        self._report: Report | None = None
        self._job: Job | None = None
        self.setMinimumWidth(560)
        self._title = label("", "heading", wrap=True)
        self._title.hide()
        self._words = label(tr("Looking at who can be done, and who cannot…"), "muted", wrap=True, selectable=True)
        self._points = QWidget()
        points = QVBoxLayout(self._points)
        points.setContentsMargins(0, 0, 0, 0)
        points.setSpacing(6)
        self._lines = points
        self._prompt = label("", "field", wrap=True)
        self._line = QLineEdit()
        self._prompt.setBuddy(self._line)
        self._line.textChanged.connect(self._on_typed)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("How far it is"))
        self._table: RowTable[Line] = RowTable(
            tr("Result for each person"),
            [
                Column(tr("Person"), lambda line: line.who, 220),
                Column(
                    tr("Result"),
                    lambda line: line.badge.text,
                    badge_width(tr("not tried")) + 12,
                    badge=lambda line: line.badge,
                ),
                Column(tr("Reason"), lambda line: line.reason, 0, hint=lambda line: line.reason),
            ],
            key=lambda line: line.who,
        )
        self.body.addWidget(self._title)
        self.body.addWidget(self._words)
        later: tuple[QWidget, ...] = (self._points, self._prompt, self._line, self._bar, self._table)
        for part in later:
            self.body.addWidget(part)
            part.hide()
        self._copy = button(tr("Copy"), "quiet", icon="copy")
        self._copy.clicked.connect(self._on_copy)
        self._copy.hide()
        self._back = button("", "quiet", icon="undo")
        self._back.clicked.connect(self._on_back)
        self._back.hide()
        self._no = button(tr("Cancel"))
        self._no.clicked.connect(self.reject)
        self._yes = button("", "primary")
        self._yes.clicked.connect(self._on_yes)
        self._yes.hide()
        self.buttons.insertWidget(0, self._copy)
        self.buttons.insertWidget(1, self._back)
        self.buttons.addWidget(self._no)
        self.buttons.addWidget(self._yes)
        desk = self._desk

        def look(work: Work) -> Plan:
            return draw_up(desk, deed, selection, pool, client, work)

        job = context.run(look, name=tr("Dry run for {n} people", n=number(chosen)), key="users-many", listed=False)
        job.succeeded.connect(self._on_plan)
        job.failed.connect(self._on_failed)

    @property
    def running(self) -> bool:
        """Whether people are being changed at this moment."""
        return self._job is not None

    def reject(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._no.setEnabled(False)
            self._no.setText(tr("Stopping…"))
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            event.ignore()
            self.reject()
        else:
            super().closeEvent(event)

    @Slot(object)
    def _on_plan(self, plan: Plan) -> None:
        self._plan = plan
        if not plan.people:
            self._show_title(tr("Nobody is left for whom it can be done."))
            self._words.hide()
            self._table.set_rows(many_words.lines(Report(plan, ())))
            self._show_table()
            self._no.setText(tr("Close"))
            return
        self._ask(many_words.question(plan), len(plan.people), many_words.confirmation(plan))

    def _ask(self, asked: Question, people: int, typed: str) -> None:
        self.setWindowTitle(asked.title)
        self._show_title(asked.title)
        self._words.hide()
        while (old := self._lines.takeAt(0)) is not None:
            if (point := old.widget()) is not None:
                point.hide()
                point.deleteLater()
        for words in asked.points:
            self._lines.addWidget(_point(words))
        self._points.show()
        self._prompt.setText(tr("Type {text} to confirm", text=typed))
        self._line.setAccessibleName(self._prompt.text())
        self._prompt.setVisible(bool(typed))
        self._line.setVisible(bool(typed))
        self._yes.setText(f"{asked.button} ({number(people)})")
        self._yes.setProperty("kind", "danger-primary" if asked.danger else "primary")
        self._yes.style().unpolish(self._yes)
        self._yes.style().polish(self._yes)
        self._yes.setEnabled(not typed)
        self._yes.show()
        (self._line if typed else self._no if asked.danger else self._yes).setFocus(Qt.FocusReason.OtherFocusReason)
        self._yes.setDefault(True)
        self.setAccessibleDescription(" ".join(asked.points))

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        assert self._plan is not None
        self._yes.setEnabled(text.strip() == many_words.confirmation(self._plan))

    @Slot()
    def _on_yes(self) -> None:
        plan, desk, before = self._plan, self._desk, self._report
        if plan is None or self._job is not None:
            return

        def work_through(work: Work) -> Report:
            return carry_out(desk, plan, work) if before is None else take_back(desk, before, work)

        total = len(plan.people) if before is None else len(before.undoable)
        name = tr(plan.deed.job, who=count(total, "person", "people"))
        self._job = self._context.run(
            work_through, name=name if before is None else tr("Taking back: {what}", what=name), lane=LANE
        )
        self._job.progressed.connect(self._on_progress)
        self._job.succeeded.connect(self._on_report)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_unbegun)
        for part in (self._points, self._prompt, self._line, self._yes):
            part.hide()
        self._words.setText(tr("Waiting for its turn…"))
        self._words.show()
        self._bar.setRange(0, total)
        self._bar.show()
        self._no.setText(tr("Stop"))

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self._bar.setValue(progress.done)
        done, total = number(progress.done), number(progress.total or 0)
        self._words.setText(tr("{done} of {total}: {who}", done=done, total=total, who=progress.note))

    @Slot(object)
    def _on_report(self, report: Report) -> None:
        self._job, self._report = None, report
        self._bar.hide()
        self._words.hide()
        self.setWindowTitle(many_words.headline(report))
        self._show_title(many_words.headline(report))
        self._table.set_rows(many_words.lines(report))
        self._show_table()
        self._end()
        if report.undoable and not report.back:
            self._back.setText(tr("Undo for {people}…", people=count(len(report.undoable), "person", "people")))
            self._back.show()
        self._announce(report)

    @Slot()
    def _on_back(self) -> None:
        assert self._report is not None
        for part in (self._back, self._copy, self._table):
            part.hide()
        self._no.setText(tr("Leave it done"))
        self._ask(many_words.question_back(self._report), len(self._report.undoable), "")
        self.adjustSize()  # the table has left its room

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._job = None
        shown = errors.present(error)
        self._bar.hide()
        self._show_title(shown.title)
        self._words.setText(f"{shown.body} {shown.remedy}".strip())
        self._words.show()
        self._end()

    @Slot()
    def _on_unbegun(self) -> None:
        self._job = None
        self._bar.hide()
        self._words.setText(tr("Stopped before it began: nobody was changed."))
        self._end()

    def _end(self) -> None:
        self._yes.hide()
        self._no.setEnabled(True)
        self._no.setText(tr("Close"))
        self._no.setDefault(True)
        self._no.setFocus()

    def _announce(self, report: Report) -> None:
        self._context.announce(Change(Topic.USERS, tuple(each.username for each in report.results), ""))
        for topic in (Topic.JOURNAL, Topic.OUTBOX):
            self._context.announce(Change(topic, (), ORIGIN))

    def _show_title(self, words: str) -> None:
        self._title.setText(words)
        self._title.show()

    def _show_table(self) -> None:
        rows = min(_ROWS, max(2, len(self._table.rows())))
        self._table.setMinimumHeight(self._table.fitting_height(rows))
        self._table.show()
        self._copy.show()

    @Slot()
    def _on_copy(self) -> None:
        rows = [f"{line.who}\t{line.badge.text}\t{line.reason}" for line in self._table.rows()]
        QGuiApplication.clipboard().setText("\n".join([self.windowTitle(), *rows]))


def _point(words: str) -> QLabel:
    if not words.startswith(many_words.INDENT):
        return label(f"• {words}", wrap=True)
    made = label(words.strip(), "muted", wrap=True)
    made.setContentsMargins(20, 0, 0, 0)
    return made
