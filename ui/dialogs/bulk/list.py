"""A line for each person of a bulk change: the dry run before, the result afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from ui.dialogs.bulk.order import Words
from ui.dialogs.bulk.words import Line, back_word
from ui.text import tr
from ui.widgets.rows import Column, RowTable, badge_width

_ROWS_FITTED = 300  # to measure every line of thousands would stall the window


class LineTable(RowTable[Line]):
    """The reasons take as many lines as they need."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        longest = max((tr(words.will), tr(words.done), back_word(), tr("left alone")), key=len)
        super().__init__(
            tr("What becomes of each person"),
            [
                Column(tr("Person"), lambda line: line.who, 272, hint=lambda line: line.who),
                Column(
                    tr("Result"),
                    lambda line: line.badge.text,
                    badge_width(longest) + 12,
                    badge=lambda line: line.badge,
                ),
                Column(tr("Reason"), lambda line: line.reason, 0, hint=lambda line: line.reason),
            ],
            key=lambda line: (line.who, line.reason),
            parent=parent,
        )
        self._most = 0
        self.setWordWrap(True)
        self.setStyleSheet("QTableView::item { padding: 2px 7px; }")

    def show_lines(self, lines: Sequence[Line], most: int) -> None:
        """Show other lines, and take the room for a few of them, `most` at most."""
        self.set_rows(lines)
        self.scrollToTop()
        self._most = most
        self.setMinimumHeight(self.fitting_height(min(most, len(lines))))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Only once it is shown the reasons know how wide they are, and so how many lines they take.
        if self.isVisible() and 0 < len(self.rows()) <= _ROWS_FITTED:
            self.resizeRowsToContents()
            needed = self.fitting_height(0) + sum(self.rowHeight(row) for row in range(len(self.rows())))
            self.setMinimumHeight(min(needed, self.fitting_height(self._most)))
            self.updateGeometry()
