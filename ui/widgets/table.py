"""The table of users: a view over UserTableModel. It asks nobody for data; its owner gives it views.

A click on a header only emits `sort_changed`: the owner asks the index on a worker and calls `set_view`.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.directory.index import Sort, UserView
from ui.text import tr
from ui.theme import theme
from ui.widgets.table_delegate import Place, UserTableDelegate
from ui.widgets.table_model import COLUMNS, UserTableModel, sort_of, widths

__all__ = ["UserTable", "UserTableModel"]

ROW_HEIGHT = {"comfortable": 32, "compact": 26}
KEPT = 1_000  # a larger selection is not looked up again in the next view: only the current row is kept
COPIED = 10_000  # rows on the clipboard at most


class UserTable(QTableView):
    """Users in rows. Arrow keys, Page Up and Down, Home and End move; Enter opens; Ctrl+C copies; Tab leaves."""

    selected = Signal(object)  # username of the current row, or None
    opened = Signal(str)  # username: Enter or double click
    sort_changed = Signal(object)  # Sort
    copied = Signal(int, int)  # rows on the clipboard, rows selected

    def __init__(self, parent: QWidget | None = None, *, model: UserTableModel | None = None) -> None:
        super().__init__(parent)
        self._model = model or UserTableModel(self)
        self._current: str | None = None
        self._quiet = False
        self._sized = False
        self._sort = (0, False)
        self.placeholder = tr("No users to show.")
        self.setModel(self._model)
        self._delegate = UserTableDelegate(self, self._model)
        self._look = self._delegate.look
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(tr("Users"))
        self.setAccessibleDescription(tr("Arrow keys choose a person, Enter opens, Control and C copies."))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setCornerWidget(QWidget(self))  # else the style draws a box between the scroll bars
        self.setMouseTracking(True)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.set_density("comfortable")
        self._prepare_header()
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.doubleClicked.connect(self._on_double_clicked)

    def _prepare_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(56)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.setAccessibleName(tr("Columns of the user table"))
        for number, column in enumerate(COLUMNS):
            header.resizeSection(number, column.width)
        header.sectionClicked.connect(self._on_header_clicked)
        header.sectionResized.connect(self._on_section_resized)

    @property
    def sort(self) -> Sort:
        """The order that the header shows."""
        return sort_of(*self._sort)

    @property
    def user_model(self) -> UserTableModel:
        """The model, typed."""
        return self._model

    def set_density(self, density: Literal["comfortable", "compact"]) -> None:
        """Rows of 32 or of 26 pixels."""
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT[density])
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT[density])

    def set_temporary_password_validity(self, days: int | None) -> None:
        """The pool's TemporaryPasswordValidityDays; None while it is not known."""
        self._model.set_temporary_password_validity(days)

    def set_view(self, view: UserView | None) -> None:
        """Show another view. The current row and the selection stay with the same people where they are still there.

        Give the usernames of `kept()` as `locate` to UserIndex.view, so that they need not be searched here.
        """
        names, current = self._selection(KEPT), self._current
        offset = self.rowViewportPosition(self.currentIndex().row()) if self.currentIndex().isValid() else 0
        self._quiet = True
        try:
            self.selectionModel().clear()
            self._model.set_view(view)
            self._restore(view, names, current, offset)
        finally:
            self._quiet = False
        self._announce()

    def kept(self) -> list[str]:
        """The usernames that the next `set_view` will look for."""
        names = self._selection(KEPT)
        return names if self._current is None or self._current in names else [*names, self._current]

    def selection(self) -> list[str]:
        """The usernames of the selected rows, in the order of the table."""
        return self._selection(None)

    def select(self, username: str) -> bool:
        """Make a user the current row and the only selected one. False where they are not shown."""
        at = self._model.view.position(username) if self._model.view is not None else None
        if at is None:
            return False
        self.selectRow(at)
        self.scrollTo(self._model.index(at, 0))
        return True

    def current_username(self) -> str | None:
        """Who is under the keyboard."""
        return self._current

    def copy(self) -> None:
        """Put the selected rows on the clipboard, tabs between the columns."""
        lines: list[str] = []
        for top, bottom in self._ranges():
            for row in range(top, min(bottom, top + COPIED - len(lines) - 1) + 1):
                cells = (self._model.cell(row, column).words for column in range(len(COLUMNS)))
                lines.append("\t".join(" ".join(words.split()) for words in cells))
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))
            self.copied.emit(len(lines), sum(bottom - top + 1 for top, bottom in self._ranges()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def keyboardSearch(self, search: str) -> None:
        """Nothing: Qt's search would walk through a million rows on the GUI thread. The search box finds people."""

    def moveCursor(self, cursor_action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        action = QAbstractItemView.CursorAction
        last = self._model.rowCount() - 1
        if last < 0:
            return QModelIndex()
        if cursor_action in (action.MoveHome, action.MoveEnd):
            return self._model.index(0 if cursor_action is action.MoveHome else last, 0)
        if cursor_action in (action.MoveLeft, action.MoveRight):
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + (-64 if cursor_action is action.MoveLeft else 64))
            return self.currentIndex()
        found = super().moveCursor(cursor_action, modifiers)
        return found.siblingAtColumn(0) if found.isValid() else found

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        # Only up and down: choosing a row must not jump back to the first column.
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        bar.setValue(before)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._look.hover(self.rowAt(event.position().toPoint().y()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._look.hover(-1)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_look"):
            self._look.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        # By rows: Qt's own painting comes into Python once for each cell, which takes twice as long.
        painter = QPainter(self.viewport())
        if self._model.rowCount():
            self._paint_rows(painter, event.rect())
        elif self.placeholder:
            painter.setPen(theme.color("muted"))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.placeholder)
        painter.end()

    def _paint_rows(self, painter: QPainter, area: QRect) -> None:
        header = self.horizontalHeader()
        everywhere = (
            Place(column, header.sectionViewportPosition(column), header.sectionSize(column))
            for column in range(len(COLUMNS))
        )
        places = [
            place for place in everywhere if place.left + place.width > area.left() and place.left <= area.right()
        ]
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first < 0 or not places:
            return
        chosen, height = self._ranges(), self.rowHeight(first)
        top = self.rowViewportPosition(first)
        for row in range(first, (last if last >= 0 else self._model.rowCount() - 1) + 1):
            within = any(start <= row <= end for start, end in chosen)
            self._delegate.paint_row(painter, row, top, height, places, chosen=within)
            top += height

    def _ranges(self) -> list[tuple[int, int]]:
        chosen = self.selectionModel().selection()
        parts = (chosen.at(i) for i in range(chosen.count()))
        return sorted((part.top(), part.bottom()) for part in parts)

    def _selection(self, limit: int | None) -> list[str]:
        ranges, view = self._ranges(), self._model.view
        if view is None or (limit is not None and sum(bottom - top + 1 for top, bottom in ranges) > limit):
            return []
        return [name for top, bottom in ranges for name in view.usernames(top, bottom + 1)]

    def _restore(self, view: UserView | None, names: list[str], current: str | None, offset: int) -> None:
        if view is None or (current is None and not names):
            return
        wanted = names if current is None else [*names, current]
        places = view.locate(wanted)
        chosen = QItemSelection()
        last = self._model.columnCount() - 1
        for name in names:
            if (at := places.get(name)) is not None:
                chosen.select(self._model.index(at, 0), self._model.index(at, last))
        flags = QItemSelectionModel.SelectionFlag
        at = places.get(current) if current is not None else None
        if at is not None:
            self.selectionModel().setCurrentIndex(self._model.index(at, 0), flags.NoUpdate)
            # The person stays where the eye is, if that was in sight.
            if 0 <= offset < self.viewport().height():
                self.verticalScrollBar().setValue(at - offset // self.verticalHeader().defaultSectionSize())
        self.selectionModel().select(chosen, flags.ClearAndSelect)

    def _announce(self) -> None:
        index = self.currentIndex()
        user = self._model.row(index.row()) if index.isValid() else None
        current = None if user is None else user.username
        if current != self._current:
            self._current = current
            self.selected.emit(current)

    def _share_room(self) -> None:
        if self._sized:
            return
        self._sized = True  # sectionResized below is ours
        for number, width in enumerate(widths(self.viewport().width())):
            self.horizontalHeader().resizeSection(number, width)
        self._sized = False

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._quiet:
            self._announce()
        self._look.repaint(previous.row())

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        user = self._model.row(index.row())
        if user is not None:
            self.opened.emit(user.username)

    @Slot(int)
    def _on_header_clicked(self, section: int) -> None:
        column, descending = self._sort
        self._sort = (section, not descending if section == column else False)
        order = Qt.SortOrder.DescendingOrder if self._sort[1] else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)
        self.sort_changed.emit(self.sort)

    @Slot(int, int, int)
    def _on_section_resized(self, section: int, before: int, after: int) -> None:
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._sized = True  # by the person's own hand: from now on it stays as it is
