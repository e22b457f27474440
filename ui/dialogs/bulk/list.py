"""A line for each person of a bulk change: the dry run before, the result afterwards."""

from __future__ import annotations

from collections.abc import Sequence

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
        self.setWordWrap(True)
        self.setStyleSheet("QTableView::item { padding: 2px 7px; }")

    def show_lines(self, lines: Sequence[Line], most: int) -> None:
        """Show other lines, and take the room for a few of them, `most` at most."""
        self.set_rows(lines)
        self.scrollToTop()
        long = any(len(line.reason) > 44 for line in lines[:most])
        self.setMinimumHeight(self.fitting_height(max(2, min(most, len(lines) + (1 if long else 0)))))
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Only once it is shown the reasons know how wide they are, and so how many lines they take.
        if self.isVisible() and len(self.rows()) <= _ROWS_FITTED:
            self.resizeRowsToContents()
