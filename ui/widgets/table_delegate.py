"""Paints the cells of the user table: background, line, words or badge. It asks the model once for each cell."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from ui.theme import theme
from ui.widgets.badge import Badge, badge_size, paint_badge
from ui.widgets.table_model import UNKNOWN, UserTableModel

PADDING = 10
LOUD = 4  # the last column whose words are in full ink
REMEMBERED = 4_000  # texts cut to a width; forgotten all at once


class UserTableDelegate(QStyledItemDelegate):
    """The look of a row. The row under the keyboard carries a bar at its left edge while the table has the focus."""

    def __init__(self, view: QAbstractItemView, model: UserTableModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self.hovered_row = -1
        self._metrics = QFontMetrics(view.font())
        self._pills: dict[tuple[Badge, int, float], QPixmap] = {}
        self._cut: dict[tuple[str, int], str] = {}
        self._colors: dict[str, QColor] = {}
        self.refresh()
        theme.changed.connect(self.refresh)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        # A screenful has one frame for all of this: hence pictures of badges, cut texts and colours kept ready.
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        row, column = index.row(), index.column()
        left, top, width, height = rect.left(), rect.top(), rect.width(), rect.height()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self._colors["sel"])
        elif row == self.hovered_row:
            painter.fillRect(rect, self._colors["hover"])
        painter.fillRect(left, top + height - 1, width, 1, self._colors["border"])
        if column == 0 and row == self._view.currentIndex().row() and self._view.hasFocus():
            painter.fillRect(left, top, 3, height - 1, self._colors["accent"])
        cell = self._model.cell(row, column)
        room = width - PADDING - 4
        if cell.badge is not None:
            pill = self._pill(cell.badge, room)
            painter.drawPixmap(
                left + PADDING, top + (height - 1 - int(pill.deviceIndependentSize().height())) // 2, pill
            )
        elif cell.words:
            painter.setPen(self._colors["muted" if column > LOUD or cell.words == UNKNOWN else "text"])
            baseline = top + (height - 1 + self._metrics.ascent() - self._metrics.descent()) // 2
            painter.drawText(left + PADDING, baseline, self._fitted(cell.words, room))

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
            if len(self._pills) >= REMEMBERED:  # a column that is being dragged wider makes one of each for each width
                self._pills.clear()
            self._pills[key] = pill
        return pill

    def _fitted(self, words: str, room: int) -> str:
        fitted = self._cut.get((words, room))
        if fitted is None:
            if len(self._cut) >= REMEMBERED:
                self._cut.clear()
            fitted = self._metrics.elidedText(words.replace("\n", " "), Qt.TextElideMode.ElideRight, room)
            self._cut[(words, room)] = fitted
        return fitted

    @Slot()
    def refresh(self) -> None:
        """Take the present colours and font."""
        self._metrics = QFontMetrics(self._view.font())
        self._pills.clear()
        self._cut.clear()
        self._colors = {name: theme.color(name) for name in ("sel", "hover", "border", "accent", "text", "muted")}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        cell = self._model.cell(index.row(), index.column())
        words = self._metrics.horizontalAdvance(cell.words)
        width = badge_size(cell.badge).width() if cell.badge is not None else words
        return QSize(width + PADDING + 6, 26)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        if event.type() is not QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        tip = self.tip(index, view.visualRect(index))
        QToolTip.showText(event.globalPos(), tip, view) if tip else QToolTip.hideText()
        return True

    def tip(self, index: QModelIndex | QPersistentModelIndex, rect: QRect) -> str:
        """The tooltip of a cell: the whole text where it is cut, and what there is to say beyond it."""
        cell = self._model.cell(index.row(), index.column())
        cut = self.sizeHint(QStyleOptionViewItem(), index).width() - 2 > rect.width()
        return "\n".join(part for part in (cell.words if cut else "", cell.hint) if part)
