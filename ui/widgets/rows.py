"""A table of values with declared columns, for lists that fit on a few screens. Users of a pool go into UserTable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QHelpEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from ui.theme import theme
from ui.widgets.badge import Badge, badge_size
from ui.widgets.table_look import PADDING, RowLook

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_BADGE = Qt.ItemDataRole.UserRole + 1
_MARKED = Qt.ItemDataRole.UserRole + 2
_UNKNOWN = "–"
ROW_HEIGHT = 32


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column. `badge` draws a pill instead of the text; `width` in pixels, 0 takes what is left over.

    `muted` is for what matters less. `hint` is the tooltip, if not that of the pill, below a text that is cut.
    `marked` cells stand out by their ground; the row says in words why.
    """

    title: str
    text: Callable[[T], str]
    width: int = 120
    badge: Callable[[T], Badge | None] | None = None
    hint: Callable[[T], str] | None = None
    right: bool = False
    muted: bool = False
    marked: Callable[[T], bool] | None = None


class RowModel(QAbstractTableModel, Generic[T]):
    """The rows as they were last set."""

    def __init__(self, columns: Sequence[Column[T]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[T, ...] = ()

    @property
    def rows(self) -> tuple[T, ...]:
        """What is shown, top to bottom."""
        return self._rows

    def set_rows(self, rows: Sequence[T]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.right)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        column, row = self._columns[index.column()], self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(row)
        if role == _BADGE:
            return column.badge(row) if column.badge is not None else None
        if role == _MARKED:
            return column.marked is not None and column.marked(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            if column.hint is not None:
                return column.hint(row) or None
            badge = column.badge(row) if column.badge is not None else None
            return badge.hint or None if badge is not None else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column.right)
        return None


class _RowDelegate(QStyledItemDelegate):
    """Paints words and pills in the look of all tables."""

    def __init__(self, view: QTableView, columns: Sequence[Column[Any]]) -> None:
        super().__init__(view)
        self.look = RowLook(view)
        self._view = view
        self._columns = [(column.muted, column.right) for column in columns]
        self._marks = [column.marked is not None for column in columns]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        self.look.paint_background(painter, option.rect, index.row(), index.column(), chosen=chosen)
        if self._marks[index.column()] and index.data(_MARKED):
            painter.fillRect(option.rect.adjusted(2, 2, -2, -3), theme.color("warnsoft"))
        badge = index.data(_BADGE)
        if isinstance(badge, Badge):
            self.look.paint_pill(painter, option.rect, badge)
            return
        words = str(index.data() or "")
        muted, right = self._columns[index.column()]
        if self._view.wordWrap():
            self.look.paint_wrapped(painter, option.rect, words, muted=muted)
        else:
            self.look.paint_words(painter, option.rect, words, muted=muted or words == _UNKNOWN, right=right)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        if event.type() is not QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        tip = self.tip(index)
        QToolTip.showText(event.globalPos(), tip, view) if tip else QToolTip.hideText()
        return True

    def tip(self, index: _Index) -> str:
        """The whole text where it is cut, and what there is to say beyond it."""
        words, badge = str(index.data() or ""), index.data(_BADGE)
        width = self.look.width(words, badge if isinstance(badge, Badge) else None)
        cut = width > self._view.columnWidth(index.column()) and not self._view.wordWrap()
        hint = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        return "\n".join(part for part in (words if cut and words not in hint else "", hint) if part)


class RowTable(QTableView, Generic[T]):
    """Rows chosen whole, one or several; Enter and double click open one; Ctrl+C copies them as TSV.

    `key` tells what makes a row the same after a refresh, so that the selection stays with it.
    """

    chosen = Signal(object)  # the current row, or None
    opened = Signal(object)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column[T]],
        *,
        key: Callable[[T], object],
        several: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._key = key
        self._rows_model: RowModel[T] = RowModel(columns, self)
        self.setModel(self._rows_model)
        self._delegate = _RowDelegate(self, columns)
        self._look = self._delegate.look
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        modes = QAbstractItemView.SelectionMode
        self.setSelectionMode(modes.ExtendedSelection if several else modes.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setCornerWidget(QWidget(self))  # else the style draws a box between the scroll bars
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for section, column in enumerate(columns):
            if column.width:
                header.resizeSection(section, column.width)
            else:
                header.setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.doubleClicked.connect(self._on_double_clicked)

    def rows(self) -> tuple[T, ...]:
        """What is shown, top to bottom."""
        return self._rows_model.rows

    def set_rows(self, rows: Sequence[T]) -> None:
        """Show other rows; selection, current row and what is in sight stay with the rows that are still there."""
        kept = {self._key(row) for row in self.selected()}
        at = self.currentIndex().row()
        current = self._key(self.rows()[at]) if at >= 0 else None
        top = self.verticalScrollBar().value()
        sighted, shift = self._in_sight(top)
        self._rows_model.set_rows(rows)
        selection = QItemSelection()
        last = self._rows_model.columnCount() - 1
        # Where the current row has gone, the arrow keys go on from the one above it.
        under_keyboard = at - 1
        for position, row in enumerate(rows):
            key = self._key(row)
            if key in kept:
                selection.select(self._rows_model.index(position, 0), self._rows_model.index(position, last))
            if at >= 0 and key == current:
                under_keyboard = position
            if key in sighted:
                sighted[key] = position
        flags = QItemSelectionModel.SelectionFlag
        index = self._rows_model.index(under_keyboard, 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, flags.NoUpdate)
        self.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)
        found = next((position for position in sighted.values() if position >= 0), None)
        if found is not None:
            # The table has laid out nothing yet: its scroll bar would not go that far.
            self.updateGeometries()
            first = next(number for number, position in enumerate(sighted.values()) if position >= 0)
            top = self.verticalHeader().sectionPosition(found) - first * ROW_HEIGHT + shift
        self.verticalScrollBar().setValue(max(0, top))
        if kept and not selection.count():
            self.chosen.emit(None)

    def _in_sight(self, top: int) -> tuple[dict[object, int], int]:
        """The rows in sight, to be found again, and how much of the first is out of sight; none at the very top."""
        first = self.rowAt(0)
        if top <= 0 or first < 0:
            return {}, 0
        last = self.rowAt(self.viewport().height() - 1)
        seen = self.rows()[first : (last if last >= 0 else len(self.rows()) - 1) + 1]
        return {self._key(row): -1 for row in seen}, -self.rowViewportPosition(first)

    def select(self, wanted: object) -> bool:
        """Choose the row with this key and scroll to it; whether it is there."""
        for position, row in enumerate(self.rows()):
            if self._key(row) == wanted:
                self.selectRow(position)
                self.scrollTo(self._rows_model.index(position, 0))
                return True
        return False

    def selected(self) -> list[T]:
        """The chosen rows, top to bottom."""
        rows = self.rows()
        return [rows[i] for i in sorted({index.row() for index in self.selectionModel().selectedRows()})]

    def tip(self, row: int, column: int) -> str:
        """What the tooltip of a cell says; empty where there is none."""
        return self._delegate.tip(self._rows_model.index(row, column))

    def fitting_width(self, words: str) -> int:
        """The width in pixels of a column that shows these words whole."""
        return self._look.width(words)

    def fitting_height(self, rows: int) -> int:
        """The height in pixels that shows that many rows without scrolling."""
        return self.horizontalHeader().sizeHint().height() + rows * ROW_HEIGHT + 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._as_tsv())
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected():
            self.opened.emit(self.selected()[0])
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._look.hover(self.rowAt(event.position().toPoint().y()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._look.hover(-1)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_look"):
            self._look.refresh()

    def _as_tsv(self) -> str:
        model = self._rows_model
        lines = []
        for index in sorted(self.selectionModel().selectedRows(), key=lambda index: index.row()):
            cells = (model.data(model.index(index.row(), column)) for column in range(model.columnCount()))
            lines.append("\t".join(str(cell).replace("\t", " ").replace("\n", " ") for cell in cells))
        return "\n".join(lines)

    @Slot()
    def _on_selection_changed(self) -> None:
        chosen = self.selected()
        self.chosen.emit(chosen[0] if chosen else None)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, _: QModelIndex, previous: QModelIndex) -> None:
        self._look.repaint(previous.row())

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows()[index.row()])


def _alignment(right: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def badge_width(words: str) -> int:
    """The width in pixels of a column that holds a pill with these words."""
    return badge_size(Badge(words)).width() + 2 * PADDING
