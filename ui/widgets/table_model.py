"""The model of the user table: rows come from a UserView in pages, and every cell is worked out once.

A view holds its rows in memory, so pages are read on the GUI thread; 128 rows take about a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.directory.index import UserRow, UserView
from ui.text import tr
from ui.widgets.table_columns import DEFAULT, Cell, Column, Seen, columns_of

PAGE = 128
PAGES = 24  # kept at most
Index = QModelIndex | QPersistentModelIndex
_Row = tuple[UserRow, Mapping[str, str]]
_NOTHING: Mapping[str, str] = {}


class UserTableModel(QAbstractTableModel):
    """Users as rows, the chosen columns as columns. Lives on the GUI thread."""

    def __init__(
        self, parent: QObject | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(parent)
        self._view: UserView | None = None
        self._count = 0
        self._pages: dict[int, list[_Row]] = {}
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._validity: timedelta | None = None
        self._clock = now
        self._now = now()
        self._columns = columns_of(DEFAULT)
        self._with_attributes = False
        self.order: tuple[tuple[str, bool], ...] = ()  # told to screen readers with the titles

    @property
    def view(self) -> UserView | None:
        """What is shown."""
        return self._view

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, from left to right as they were chosen."""
        return self._columns

    @property
    def validity(self) -> timedelta | None:
        """How long temporary passwords last; None while that is not known."""
        return self._validity

    def set_columns(self, keys: Sequence[str]) -> None:
        """Show other columns: keys of CATALOGUE, or names of attributes."""
        self.beginResetModel()
        self._columns = columns_of(keys)
        self._with_attributes = any(column.attribute for column in self._columns)
        self._forget()
        self.endResetModel()

    def set_view(self, view: UserView | None) -> None:
        """Show another view. Rows are added or taken away at the end, so that the table keeps its place."""
        before, after = self._count, 0 if view is None else len(view)
        root = QModelIndex()
        self._forget()
        self._now = self._clock()
        if after > before:
            self.beginInsertRows(root, before, after - 1)
            self._view, self._count = view, after
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(root, after, before - 1)
            self._view, self._count = view, after
            self.endRemoveRows()
        else:
            self._view = view
        self._forget()
        self._announce()

    def set_temporary_password_validity(self, days: int | None) -> None:
        """The pool's TemporaryPasswordValidityDays. While it is None, not known, nothing is shown as expired."""
        self._validity = None if days is None else timedelta(days=days)
        self._cells.clear()
        self._announce()

    def row(self, number: int) -> UserRow | None:
        """The user in a row, or None past the end."""
        found = self._row(number)
        return None if found is None else found[0]

    def cells(self, row: int) -> tuple[Cell, ...]:
        """What the cells of a row show. Who paints asks here: one call, in place of ten for each cell."""
        cells = self._cells.get(row)
        if cells is None:
            found = self._row(row)
            if found is None:
                return (Cell(""),) * len(self._columns)
            seen = Seen(*found, self._now, self._validity)
            cells = self._cells[row] = tuple(column.cell(seen) for column in self._columns)
        return cells

    def cell(self, row: int, column: int) -> Cell:
        """What one cell shows."""
        return self.cells(row)[column]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            return self.cell(index.row(), index.column()).words
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.cell(index.row(), index.column()).tip or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(column.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._told(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            hint = tr("Click to sort; with Shift after the other columns. Drag to move.")
            return f"{tr(column.hint)}\n{hint}" if column.hint else hint
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def _told(self, column: Column) -> str:
        for rank, (key, down) in enumerate(self.order, 1):
            if key == column.key:
                way = tr("descending") if down else tr("ascending")
                return tr("{title}, sorts {way}, rank {rank}", title=tr(column.title), way=way, rank=rank)
        return tr(column.title)

    def _row(self, number: int) -> _Row | None:
        if self._view is None or not 0 <= number < self._count:
            return None
        page, offset = divmod(number, PAGE)
        rows = self._pages.pop(page, None)
        if rows is None:
            rows = self._read(self._view, page * PAGE, (page + 1) * PAGE)
            if len(self._pages) >= PAGES:
                self._drop(next(iter(self._pages)))
        self._pages[page] = rows  # popped and put back: the page used last is the last to go
        return rows[offset]

    def _read(self, view: UserView, start: int, stop: int) -> list[_Row]:
        users = view.rows(start, stop)
        if not self._with_attributes:
            return [(user, _NOTHING) for user in users]
        return list(zip(users, view.attributes(start, stop), strict=True))

    def _drop(self, page: int) -> None:
        del self._pages[page]
        for row in range(page * PAGE, (page + 1) * PAGE):
            self._cells.pop(row, None)

    def _forget(self) -> None:
        self._pages.clear()
        self._cells.clear()

    def _announce(self) -> None:
        if self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(self._columns) - 1))
