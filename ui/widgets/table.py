"""The table of users: a view over UserTableModel. It asks nobody for data; its owner gives it views.

A click on a header only emits `sort_changed`: the owner asks the index on a worker and calls `set_view`. Who is chosen
is a Choice, not Qt's selection: that one would need a range for each of a million rows that another order scatters.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from PySide6.QtCore import (
    QEvent,
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

from app.directory.index import BY_EMAIL, Sort, UserView
from app.directory.selection import Selection
from app.workbench import Arrangement
from ui.text import tr
from ui.theme import theme
from ui.widgets.table_choice import EVERYBODY, NONE, Choice, Found, Kept
from ui.widgets.table_columns import DEFAULT
from ui.widgets.table_delegate import Place, UserTableDelegate
from ui.widgets.table_gestures import Gestures
from ui.widgets.table_header import Order, UserHeader
from ui.widgets.table_model import UserTableModel
from ui.widgets.table_text import Clip

__all__ = ["UserTable", "UserTableModel"]

ROW_HEIGHT = {"comfortable": 32, "compact": 26}
AT_ONCE = 500  # rows that are copied in a frame
COPIED = 10_000  # rows on the clipboard at most
_Flags = QItemSelectionModel.SelectionFlag
_Index = QModelIndex | QPersistentModelIndex


class UserTable(QTableView):
    """Users in rows. Arrow keys, Page Up and Down, Home and End move; Enter opens; Ctrl+C copies; Tab leaves.

    Ctrl and Shift choose several, with the mouse and the keyboard; Space chooses the current row or no longer.
    """

    selected = Signal(object)  # username of the current row, or None
    choice_changed = Signal(int)  # how many rows are chosen
    opened = Signal(str)  # username: Enter or double click
    sort_changed = Signal(object)  # Sort
    arrangement_changed = Signal(object)  # Arrangement, after a person changed columns, widths or order
    copied = Signal(int, int)  # rows on the clipboard, rows chosen
    copy_requested = Signal(object)  # Clip that takes longer than a frame: its owner makes its text, and calls `take`

    def __init__(self, parent: QWidget | None = None, *, model: UserTableModel | None = None) -> None:
        super().__init__(parent)
        self._model = model or UserTableModel(self)
        self._query = ""
        self._choice = NONE
        self._kept: Kept | None = None
        self._gestures = Gestures()
        self._current: str | None = None
        self._quiet = False
        self.placeholder = tr("No users to show.")
        self.setModel(self._model)
        self._delegate = UserTableDelegate(self, self._model)
        self._look = self._delegate.look
        self.setItemDelegate(self._delegate)
        self.header = UserHeader(self)
        self.setHorizontalHeader(self.header)
        self.setAccessibleName(tr("Users"))
        self.setAccessibleDescription(
            tr("Arrow keys choose a person, with Shift several; Enter opens, Control and C copies.")
        )
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
        self.arrange(Arrangement())
        self.header.order_changed.connect(self._on_order)
        self.header.moved.connect(self._on_moved)
        self.header.resized.connect(self._tell_arrangement)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.doubleClicked.connect(self._on_double_clicked)

    @property
    def sort(self) -> Sort:
        """The order that the header shows; equals go by email."""
        order = self.header.order
        return order if any(key == "email" for key, _ in order) else (*order, *BY_EMAIL)

    @property
    def user_model(self) -> UserTableModel:
        """The model, typed."""
        return self._model

    @property
    def choice(self) -> Choice:
        """Which rows are chosen."""
        return self._choice

    def arrangement(self) -> Arrangement:
        """Columns, widths and order as they are now; what is as usual is left empty."""
        keys = tuple(column.key for column in self._model.columns)
        order, widths = self.header.order, tuple(self.header.widths.items())
        return Arrangement(() if keys == DEFAULT else keys, widths, () if order == BY_EMAIL else order)

    def arrange(self, arrangement: Arrangement) -> None:
        """Show other columns, widths and order. Emits `sort_changed` where the order is another."""
        before = self.sort
        current, top = self.currentIndex().row(), self.verticalScrollBar().value()
        self._quiet = True
        self._model.set_columns(arrangement.columns or DEFAULT)
        room = self.viewport().width()
        self.header.show_columns(self._model.columns, arrangement.order or BY_EMAIL, dict(arrangement.widths), room)
        self._model.order = self.header.order
        if current >= 0:
            self._put_current(current)
        self.verticalScrollBar().setValue(top)
        self._quiet = False
        if self.sort != before:
            self.sort_changed.emit(self.sort)

    def set_density(self, density: Literal["comfortable", "compact"]) -> None:
        """Rows of 32 or of 26 pixels."""
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT[density])
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT[density])

    def set_temporary_password_validity(self, days: int | None) -> None:
        """The pool's TemporaryPasswordValidityDays; None while it is not known."""
        self._model.set_temporary_password_validity(days)

    def set_view(self, view: UserView | None, query: str = "", found: Found | None = None) -> None:
        """Show another view, of what `query` finds. Who is chosen stays chosen, where they are still there.

        Give what `kept().found_in(view, query)` answered on a worker, so that it need not be worked out here.
        """
        kept = self.kept()
        if view is not None and (found is None or found.kept is not kept):
            found = kept.found_in(view, query)
        before, height = self.currentIndex(), self.viewport().height()
        offset = self.rowViewportPosition(before.row()) if before.isValid() else -1
        count = self._choice.count(self._model.rowCount())
        self._quiet = True
        try:
            self.selectionModel().clear()
            self._model.set_view(view)
            self._query = query
            self._choice = found.choice if found is not None else NONE
            if found is not None and found.current is not None:
                self._put_current(found.current)
                if 0 <= offset < height:  # the person stays where the eye is, if that was in sight
                    rows = offset // self.verticalHeader().defaultSectionSize()
                    self.verticalScrollBar().setValue(found.current - rows)
                self._gestures.stay(found.current)
        finally:
            self._quiet = False
        self._kept = None
        self._announce()
        if count != (after := self._choice.count(self._model.rowCount())):
            self.choice_changed.emit(after)

    def kept(self) -> Kept:
        """What the next `set_view` will look for. The same object until it changes."""
        if self._kept is None:
            self._kept = Kept(self._model.view, self._query, self._choice, self._current)
        return self._kept

    def selection(self) -> Selection:
        """Who is chosen, for whoever acts on them: names in the order of the table, or the query but for some."""
        return self._choice.selection(self._model.view, self._query)

    def count_chosen(self) -> int:
        """How many rows are chosen."""
        return self._choice.count(self._model.rowCount())

    def chosen(self, most: int) -> list[str]:
        """The usernames of the first chosen rows, `most` at most."""
        names: list[str] = []
        for start, stop in self._choice.spans(self._model.rowCount()):
            if self._model.view is not None and len(names) < most:
                names += self._model.view.usernames(start, min(stop, start + most - len(names)))
        return names

    def select(self, username: str) -> bool:
        """Make a user the current row and the only chosen one. False where they are not shown."""
        at = self._model.view.position(username) if self._model.view is not None else None
        if at is None:
            return False
        self.selectRow(at)
        self.scrollTo(self._model.index(at, 0))
        return True

    def selectRow(self, row: int) -> None:
        if 0 <= row < self._model.rowCount():
            self._choose(self._gestures.pick(row))
            self._put_current(row)

    def selectAll(self) -> None:
        """Choose everybody whom the search finds, now and later."""
        if self._model.rowCount():
            self._choose(EVERYBODY)

    @Slot()
    def choose_current_only(self) -> None:
        """End a choice of several: the current row stays."""
        self._choose(self._gestures.pick(self.currentIndex().row()))

    def current_username(self) -> str | None:
        """Who is under the keyboard."""
        return self._current

    def copy(self) -> None:
        """Put the chosen rows on the clipboard, tabs between the columns and the titles first."""
        view, spans = self._model.view, self._choice.spans(self._model.rowCount())
        if view is None or not spans:
            return
        now, validity = datetime.now(UTC), self._model.validity
        clip = Clip(view, tuple(spans), self._model.columns, now, validity, COPIED)
        if clip.rows <= AT_ONCE:
            self.take(clip, clip.text())
        else:
            self.copy_requested.emit(clip)

    def take(self, clip: Clip, text: str) -> None:
        """Put a clip's text on the clipboard."""
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(clip.rows, clip.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            self.opened.emit(self._current)
        elif event.key() == Qt.Key.Key_Escape and self.count_chosen() > 1:
            self.choose_current_only()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def keyboardSearch(self, search: str) -> None:
        """Nothing: Qt's search would walk through a million rows on the GUI thread. The search box finds people."""

    def selectionCommand(self, index: _Index, event: QEvent | None = None) -> QItemSelectionModel.SelectionFlag:
        """Take a gesture into our choice. Qt's own selection only marks the current row, for screen readers."""
        row = index.row()
        if isinstance(event, QMouseEvent):
            self._choose(self._gestures.mouse(row, event, self._choice))
        elif isinstance(event, QKeyEvent):
            self._choose(self._gestures.key(row, event, self._choice))
        if row < 0 or row not in self._choice:
            return _Flags.Clear
        return _Flags.ClearAndSelect | _Flags.Rows

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
        self, index: _Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
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
        self.header.share_room(self.viewport().width())

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
        header = self.header
        everywhere = (
            Place(column, header.sectionViewportPosition(column), header.sectionSize(column))
            for column in range(self._model.columnCount())
        )
        places = [
            place for place in everywhere if place.left + place.width > area.left() and place.left <= area.right()
        ]
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first < 0 or not places:
            return
        choice, height = self._choice, self.rowHeight(first)
        top = self.rowViewportPosition(first)
        for row in range(first, (last if last >= 0 else self._model.rowCount() - 1) + 1):
            self._delegate.paint_row(painter, row, top, height, places, chosen=row in choice)
            top += height

    def _choose(self, choice: Choice) -> None:
        if choice != self._choice:
            self._choice, self._kept = choice, None
            self.viewport().update()
            self.choice_changed.emit(self.count_chosen())

    def _put_current(self, row: int) -> None:
        flags = _Flags.ClearAndSelect | _Flags.Rows if row in self._choice else _Flags.Clear
        self.selectionModel().setCurrentIndex(self._model.index(row, 0), flags)

    def _announce(self) -> None:
        index = self.currentIndex()
        user = self._model.row(index.row()) if index.isValid() else None
        current = None if user is None else user.username
        if current != self._current:
            self._current, self._kept = current, None
            self.selected.emit(current)

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

    @Slot(object)
    def _on_order(self, order: Order) -> None:
        self._model.order = order
        self.sort_changed.emit(self.sort)
        self._tell_arrangement()

    @Slot(object)
    def _on_moved(self, keys: tuple[str, ...]) -> None:
        self.arrange(Arrangement(keys, tuple(self.header.widths.items()), self.header.order))
        self._tell_arrangement()

    @Slot()
    def _tell_arrangement(self) -> None:
        self.arrangement_changed.emit(self.arrangement())
