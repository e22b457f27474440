"""The look of a row, the same in every table: chosen, under the mouse, under the keyboard; its words and its pills."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QTableView

from ui.text import shown
from ui.theme import theme
from ui.widgets.badge import Badge, badge_size, paint_badge

PADDING = 10  # pixels at the left of words and pills, and at the right of figures; the header has the same
_GAP = 4  # to the next column
_REMEMBERED = 4_000  # texts cut to a width; forgotten all at once
_INKS = ("sel", "hover", "border", "accent", "text", "muted")


class RowLook(QObject):
    """Paints for one table, and knows which row the mouse is on.

    A screenful has one frame for all of its cells: pictures of pills, cut texts and colours are kept ready.
    """

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self._hovered = -1
        self._metrics = QFontMetrics(view.font())
        self._pills: dict[tuple[Badge, int, float], QPixmap] = {}
        self._cut: dict[tuple[str, int], str] = {}
        self._colors: dict[str, QColor] = {}
        self.refresh()
        theme.changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Take the present colours and font."""
        self._metrics = QFontMetrics(self._view.font())
        self._pills.clear()
        self._cut.clear()
        self._colors = {name: theme.color(name) for name in _INKS}
        self._view.viewport().update()

    def hover(self, row: int) -> None:
        """The mouse is on that row now; -1 for none."""
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            for changed in (before, row):
                self.repaint(changed)

    def repaint(self, row: int) -> None:
        """Paint a row again, all of its width."""
        view = self._view
        if row >= 0:
            view.viewport().update(0, view.rowViewportPosition(row), view.viewport().width(), view.rowHeight(row))

    def paint_background(self, painter: QPainter, rect: QRect, row: int, column: int, *, chosen: bool) -> None:
        """One cell's part of the row: its colour, the line below it, and the bar of the row under the keyboard."""
        left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
        if chosen:
            painter.fillRect(rect, self._colors["sel"])
        elif row == self._hovered:
            painter.fillRect(rect, self._colors["hover"])
        painter.fillRect(left, top + height - 1, width, 1, self._colors["border"])
        if column == 0 and row == self._view.currentIndex().row() and self._view.hasFocus():
            painter.fillRect(left, top, 3, height - 1, self._colors["accent"])

    def paint_pill(self, painter: QPainter, rect: QRect, badge: Badge) -> None:
        """A pill at the left of a cell."""
        pill = self._pill(badge, rect.width() - PADDING - _GAP)
        top = rect.top() + (rect.height() - 1 - int(pill.deviceIndependentSize().height())) // 2
        painter.drawPixmap(rect.left() + PADDING, top, pill)

    def paint_words(self, painter: QPainter, rect: QRect, words: str, *, muted: bool, right: bool = False) -> None:
        """One line of words, cut where there is no room."""
        left = rect.left() + PADDING
        room = rect.width() - PADDING - (PADDING if right else _GAP)
        fitted = self._fitted(words, room)
        if right:
            left += room - self._metrics.horizontalAdvance(fitted)
        painter.setPen(self._colors["muted" if muted else "text"])
        baseline = rect.top() + (rect.height() - 1 + self._metrics.ascent() - self._metrics.descent()) // 2
        painter.drawText(left, baseline, fitted)

    def paint_wrapped(self, painter: QPainter, rect: QRect, words: str, *, muted: bool) -> None:
        """Words on as many lines as the row is high."""
        painter.setPen(self._colors["muted" if muted else "text"])
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(rect.adjusted(PADDING, 0, -PADDING, -1), flags, shown(words))

    def width(self, words: str, badge: Badge | None = None) -> int:
        """How wide a column must be, in pixels, to show this whole."""
        inner = badge_size(badge).width() if badge is not None else self._metrics.horizontalAdvance(words)
        return inner + PADDING + _GAP

    def _pill(self, badge: Badge, room: int) -> QPixmap:
        ratio = self._view.devicePixelRatioF()
        key = (badge, room, ratio)
        pill = self._pills.get(key)
        if pill is None:
            size = badge_size(badge)
            size.setWidth(max(1, min(size.width(), room)))
            pill = QPixmap(size * ratio)
            pill.setDevicePixelRatio(ratio)
            pill.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pill)
            paint_badge(painter, QRect(0, 0, size.width(), size.height()), badge)
            painter.end()
            if len(self._pills) >= _REMEMBERED:  # a column that is being dragged wider makes one of each for each width
                self._pills.clear()
            self._pills[key] = pill
        return pill

    def _fitted(self, words: str, room: int) -> str:
        fitted = self._cut.get((words, room))
        if fitted is None:
            if len(self._cut) >= _REMEMBERED:
                self._cut.clear()
            fitted = self._metrics.elidedText(" ".join(shown(words).splitlines()), Qt.TextElideMode.ElideRight, room)
            self._cut[(words, room)] = fitted
        return fitted
