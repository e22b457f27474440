"""Paints the cells of the user table in the look of all tables. It asks the model once for each cell."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QToolTip

from ui.widgets.table_look import RowLook
from ui.widgets.table_model import LOUD, UNKNOWN, UserTableModel


class UserTableDelegate(QStyledItemDelegate):
    """What the look is given to paint, and the tooltips of what it had to cut."""

    def __init__(self, view: QTableView, model: UserTableModel) -> None:
        super().__init__(view)
        self._model = model
        self.look = RowLook(view)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        row, column = index.row(), index.column()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        self.look.paint_background(painter, rect, row, column, chosen=chosen)
        cell = self._model.cell(row, column)
        if cell.badge is not None:
            self.look.paint_pill(painter, rect, cell.badge)
        elif cell.words:
            self.look.paint_words(painter, rect, cell.words, muted=column > LOUD or cell.words == UNKNOWN)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        cell = self._model.cell(index.row(), index.column())
        return QSize(self.look.width(cell.words, cell.badge), 26)

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
        cut = self.look.width(cell.words, cell.badge) > rect.width()
        return "\n".join(part for part in (cell.words if cut else "", cell.hint) if part)
