"""What became of several people: how many were moved, and who was not, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from ui.tabs.onboarding.moves import BulkReport
from ui.tabs.onboarding.several import WORDS
from ui.text import count, number, onboarding_status, tr
from ui.widgets.badge import Badge, Tone
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable, badge_width

_ROWS_SHOWN = 8
_ROWS_FITTED = 300  # to measure every line of thousands would stall the window


@dataclass(frozen=True, slots=True)
class Line:
    """One person: how they fare, and why."""

    email: str
    badge: Badge
    reason: str


class LineTable(RowTable[Line]):
    """A line for each person; the reasons take as many lines as they need."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(
            name,
            [
                Column(tr("Person"), lambda line: line.email, 240),
                Column(
                    tr("Result"),
                    lambda line: line.badge.text,
                    badge_width(tr("will be suspended")),
                    badge=lambda line: line.badge,
                ),
                Column(tr("Reason"), lambda line: line.reason, 0),
            ],
            key=lambda line: line.email,
            parent=parent,
        )
        self.setWordWrap(True)
        self.setStyleSheet("QTableView::item { padding: 2px 7px; }")

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines, and take the room for a few of them."""
        self.set_rows(lines)
        self.setMinimumHeight(self.fitting_height(min(_ROWS_SHOWN, len(lines) + 2)))
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Only once it is shown the reasons know how wide they are, and so how many lines they take.
        if self.isVisible() and len(self.rows()) <= _ROWS_FITTED:
            self.resizeRowsToContents()


class ReportDialog(Dialog):
    """One line for each person, those that need attention first; to be copied."""

    def __init__(self, report: BulkReport, parent: QWidget | None = None) -> None:
        bad = bool(report.failed)
        super().__init__(headline(report), parent, icon="warning", ink="bad" if bad else "warn")
        self.setMinimumWidth(740)
        self._lines = lines(report)
        if report.untried:
            words = tr("It was stopped. Whoever is marked “not tried” was left as they were.")
            self.body.addWidget(label(words, "muted", wrap=True))
        table = LineTable(tr("Result for each person"))
        table.show_lines(self._lines)
        self.body.addWidget(table, 1)
        copy = button(tr("Copy"), "quiet", icon="copy")
        copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, copy)
        close = button(tr("Close"), "primary")
        close.clicked.connect(self.reject)
        close.setDefault(True)
        self.buttons.addWidget(close)
        close.setFocus()

    @Slot()
    def _on_copy(self) -> None:
        copy_lines(self.windowTitle(), self._lines)


def copy_lines(title: str, lines: Sequence[Line]) -> None:
    """Put a result on the clipboard, to be pasted into a table."""
    rows = [title, *(f"{line.email}\t{line.badge.text}\t{line.reason}" for line in lines)]
    QGuiApplication.clipboard().setText("\n".join(rows))


def headline(report: BulkReport) -> str:
    """'6 people: 3 approved, 1 failed, 2 not tried'."""
    unknown = sum(result.error is not None and result.error.uncertain for result in report.failed)
    done = tr(WORDS[report.edge].done)
    parts = [f"{number(len(report.moved))} {done}", tr("{n} failed", n=number(len(report.failed) - unknown))]
    if unknown:
        parts.append(tr("{n} not known", n=number(unknown)))
    if report.untried:
        parts.append(tr("{n} not tried", n=number(len(report.untried))))
    return tr("{people}: {parts}", people=_people(report), parts=", ".join(parts))


def failure_badge(error: AppError) -> Badge:
    """Failed; or not known, where no answer came."""
    return Badge(tr("not known") if error.uncertain else tr("failed"), Tone.BAD)


def _people(report: BulkReport) -> str:
    return count(len(report.results) + len(report.untried), "person", "people")


def lines(report: BulkReport) -> list[Line]:
    """Those who failed first, then those who were not tried."""
    failed = [
        Line(result.row.email, failure_badge(result.error), result.error.message)
        for result in report.failed
        if result.error is not None
    ]
    untried = [Line(row.email, Badge(tr("not tried"), Tone.WARN), tr("Stopped before.")) for row in report.untried]
    moved = [
        Line(
            result.row.email,
            Badge(tr(WORDS[report.edge].done), Tone.OK),
            tr("Now: {status}", status=onboarding_status(result.moved.status)) if result.moved is not None else "",
        )
        for result in report.moved
    ]
    return [*failed, *untried, *moved]
