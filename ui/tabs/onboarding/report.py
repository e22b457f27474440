"""What became of several people: how many were moved, and who was not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QWidget

from ui.tabs.onboarding.moves import BulkReport
from ui.text import count, onboarding_status, tr
from ui.widgets.badge import Badge, Tone
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable

_ROWS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Line:
    email: str
    badge: Badge
    reason: str


class ReportDialog(Dialog):
    """One line for each person, those that need attention first; to be copied."""

    def __init__(self, report: BulkReport, parent: QWidget | None = None) -> None:
        bad = bool(report.failed)
        super().__init__(headline(report), parent, icon="warning", ink="bad" if bad else "warn")
        self.setMinimumWidth(740)
        self._lines = _lines(report)
        if report.untried:
            words = tr("It was stopped. Whoever is marked “not tried” was left as they were.")
            self.body.addWidget(label(words, "muted", wrap=True))
        table: RowTable[_Line] = RowTable(
            tr("Result for each person"),
            [
                Column(tr("Person"), lambda line: line.email, 240),
                Column(tr("Result"), lambda line: line.badge.text, 110, badge=lambda line: line.badge),
                Column(tr("Reason"), lambda line: line.reason, 0),
            ],
            key=lambda line: line.email,
        )
        table.setWordWrap(True)
        table.set_rows(self._lines)
        table.setStyleSheet("QTableView::item { padding: 2px 7px; }")
        table.setMinimumHeight(table.fitting_height(min(_ROWS_SHOWN, len(self._lines) + 2)))
        self._table = table
        self.body.addWidget(table, 1)
        copy = button(tr("Copy"), "quiet", icon="copy")
        copy.clicked.connect(self._on_copy)
        self.buttons.insertWidget(0, copy)
        close = button(tr("Close"), "primary")
        close.clicked.connect(self.reject)
        close.setDefault(True)
        self.buttons.addWidget(close)
        close.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Only now the reasons know how wide they are, and so how many lines they take.
        self._table.resizeRowsToContents()

    @Slot()
    def _on_copy(self) -> None:
        lines = [self.windowTitle(), *(f"{line.email}\t{line.badge.text}\t{line.reason}" for line in self._lines)]
        QGuiApplication.clipboard().setText("\n".join(lines))


def headline(report: BulkReport) -> str:
    """'3 approved, 1 failed, 2 not tried'."""
    parts = [tr("{n} approved", n=len(report.moved)), tr("{n} failed", n=len(report.failed))]
    if report.untried:
        parts.append(tr("{n} not tried", n=len(report.untried)))
    return tr("{people}: {parts}", people=_people(report), parts=", ".join(parts))


def _people(report: BulkReport) -> str:
    return count(len(report.results) + len(report.untried), "person", "people")


def _lines(report: BulkReport) -> list[_Line]:
    failed = [
        _Line(result.row.email, Badge(tr("failed"), Tone.BAD), result.error.message)
        for result in report.failed
        if result.error is not None
    ]
    untried = [_Line(row.email, Badge(tr("not tried"), Tone.WARN), tr("Stopped before.")) for row in report.untried]
    moved = [
        _Line(
            result.row.email,
            Badge(tr("approved"), Tone.OK),
            tr("Now: {status}", status=onboarding_status(result.moved.status)) if result.moved is not None else "",
        )
        for result in report.moved
    ]
    return [*failed, *untried, *moved]
