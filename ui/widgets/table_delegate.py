"""Paints the rows of the user table in the look of all tables. It asks the model once for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QToolTip

from ui.widgets.table_columns import UNKNOWN
from ui.widgets.table_look import RowLook
from ui.widgets.table_model import UserTableModel


class Place(NamedTuple):
    """Where a column is in the viewport, in pixels."""

    column: int
    left: int
    width: int


class UserTableDelegate(QStyledItemDelegate):
    """What the look is given to paint, and the tooltips of what it had to cut."""

    def __init__(self, view: QTableView, model: UserTableModel) -> None:
        super().__init__(view)
        self._model = model
        self.look = RowLook(view)

    def paint_row(
        self, painter: QPainter, row: int, top: int, height: int, places: Sequence[Place], *, chosen: bool
    ) -> None:
        """Paint the columns at `places`, from left to right: a row at a time, where Qt would ask for each cell."""
        look, cells, columns = self.look, self._model.cells(row), self._model.columns
        left, right = places[0].left, places[-1].left + places[-1].width
        look.paint_background(painter, QRect(left, top, right - left, height), row, places[0].column, chosen=chosen)
        for column, left, width in places:
            cell, rect = cells[column], QRect(left, top, width, height)
            if cell.badge is not None:
                look.paint_pill(painter, rect, cell.badge)
            elif cell.words:
                look.paint_words(painter, rect, cell.words, muted=not columns[column].loud or cell.words == UNKNOWN)

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
        return "\n".join(part for part in (cell.words if cut else "", cell.tip) if part)
