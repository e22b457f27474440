"""A column of the board as painted cards: a model and a delegate, so that thousands of people cost no widgets."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.onboarding.models import DatabaseUser
from ui import icons
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.text import age, exact, shown, tr
from ui.theme import theme

MIME = "application/x-cognito-desk-people"  # ids of rows, one a line: for drags within the board
_Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
_HEIGHT, _GAP, _EDGE, _PAD = 70, 6, 6, 10
_NEAR = 200  # pixels before the end at which more is asked for
_MOVES = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right})


class CardModel(QAbstractListModel):
    """The people of one state as far as they were read."""

    def __init__(self, presenter: OnboardingPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.rows: tuple[DatabaseUser, ...] = ()

    def set_rows(self, rows: Sequence[DatabaseUser]) -> None:
        """Show others."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name or row.email
        if role == Qt.ItemDataRole.AccessibleTextRole:
            stuck = tr("longer than the limit") if self._presenter.is_stuck(row) else ""
            said = (row.name or "", row.email, age(self._presenter.age(row)), stuck)
            return ", ".join(part for part in said if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._hint(row)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        drag = Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | drag

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        made = QMimeData()
        made.setData(MIME, QByteArray("\n".join(self.rows[index.row()].id for index in indexes).encode()))
        return made

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def _hint(self, row: DatabaseUser) -> str:
        limit = self._presenter.limits.of(row.status)
        over = tr("Longer than the limit of {limit}", limit=age(limit)) if self._presenter.is_stuck(row) else ""
        since = tr("Changed {at}", at=exact(row.updated_at)) if row.updated_at is not None else ""
        return "\n".join(part for part in (row.name or "", row.email, row.organization_id or "", since, over) if part)


class _CardDelegate(QStyledItemDelegate):
    def __init__(self, presenter: OnboardingPresenter, view: QListView) -> None:
        super().__init__(view)
        self._presenter = presenter
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, _HEIGHT + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: DatabaseUser = index.data(ROW)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = self._view.hasFocus() and self._view.currentIndex() == index
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(_EDGE, 0, -_EDGE, -_GAP).adjusted(0.5, 0.5, -0.5, -0.5)
        ink = "focus" if focused else "accent" if chosen else "strong" if hovered else "border"
        painter.setPen(QPen(theme.color(ink), 2 if focused else 1))
        painter.setBrush(theme.color("sel" if chosen else "hover" if hovered else "surface"))
        painter.drawRoundedRect(box, theme.radius("md"), theme.radius("md"))
        self._paint_words(painter, box.toRect().adjusted(_PAD, 7, -_PAD, -7), row)
        painter.restore()

    def _paint_words(self, painter: QPainter, room: QRect, row: DatabaseUser) -> None:
        strong, small = theme.font(weight=QFont.Weight.DemiBold), theme.font("small")
        middle = Qt.AlignmentFlag.AlignVCenter
        line = QRect(room.left(), room.top(), room.width() + 2, 18)
        _write(painter, line, row.name or row.email, strong, "text")
        _write(painter, line.translated(0, 18), row.email if row.name else row.organization_id or "", small, "muted")
        line = line.translated(0, 38)
        stuck = self._presenter.is_stuck(row)
        words = age(self._presenter.age(row))
        left = line.left()
        if stuck:
            icons.paint(painter, QRectF(left, line.top() + 3, 12, 12), "warning", "warn")
            left += 16
        font = theme.font("small", QFont.Weight.Medium if stuck else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme.color("warn" if stuck else "muted"))
        painter.drawText(QRect(left, line.top(), line.right() - left, line.height()), middle, words)
        left += QFontMetrics(font).horizontalAdvance(words) + 12
        if row.name and row.organization_id and line.right() - left > 30:
            rest = QRect(left, line.top(), line.right() - left, line.height())
            _write(painter, rest, row.organization_id, small, "muted", right=True)


class CardList(QListView):
    """The cards of one state; several may be chosen. Left and Right are for the board, to go to its other columns."""

    chosen = Signal()
    opened = Signal(object)  # DatabaseUser
    more_requested = Signal()
    aside_requested = Signal(int)  # -1 left, 1 right: the focus goes to the next column
    carried = Signal(int)  # the same, with the chosen people
    drag_started = Signal()
    drag_ended = Signal()

    def __init__(self, presenter: OnboardingPresenter, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._busy = False
        self.cards = CardModel(presenter, self)
        self.setModel(self.cards)
        self.setItemDelegate(_CardDelegate(presenter, self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setProperty("role", "cards")
        self.verticalScrollBar().setSingleStep(24)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self.viewport().update)

    def set_rows(self, rows: Sequence[DatabaseUser]) -> None:
        """Show others; who is chosen stays chosen, and what is in sight stays where it is."""
        if tuple(rows) == self.cards.rows:
            return
        before = self.cards.rows
        kept = {row.id for row in self.selected()}
        current = self.currentIndex().row()
        under_keyboard = before[current].id if 0 <= current < len(before) else ""
        top = self.verticalScrollBar().value()
        first, shift = divmod(top, _HEIGHT + _GAP)
        anchor = before[first].id if top and first < len(before) else ""
        self._busy = True
        try:
            self.cards.set_rows(rows)
            selection = QItemSelection()
            for number, row in enumerate(rows):
                index = self.cards.index(number)
                if row.id in kept:
                    selection.select(index, index)
                if row.id == under_keyboard:
                    self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
                if row.id == anchor:
                    top = number * (_HEIGHT + _GAP) + shift
            self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.doItemsLayout()
            self.verticalScrollBar().setValue(top)
        finally:
            self._busy = False

    def selected(self) -> tuple[DatabaseUser, ...]:
        """Who is chosen, top to bottom."""
        places = sorted(index.row() for index in self.selectedIndexes())
        return tuple(self.cards.rows[place] for place in places)

    def unselect(self) -> None:
        """Choose nobody, without telling."""
        self._busy = True
        try:
            self.clearSelection()
        finally:
            self._busy = False

    def select(self, ids: set[str]) -> bool:
        """Choose those of them who are in the column, without telling; whether anybody is."""
        self._busy = True
        try:
            selection = QItemSelection()
            for number, row in enumerate(self.cards.rows):
                if row.id in ids:
                    index = self.cards.index(number)
                    selection.select(index, index)
            self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            found = selection.indexes()
            if found:
                self.selectionModel().setCurrentIndex(found[0], QItemSelectionModel.SelectionFlag.NoUpdate)
                self.scrollTo(found[0])
            return bool(found)
        finally:
            self._busy = False

    def enter(self, y: int) -> None:
        """Take the focus, at the card that is at this height, or the last one above it."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        at = self.indexAt(QPoint(_EDGE + 1, max(0, y)))
        if not at.isValid() and self.cards.rows:
            at = self.cards.index(len(self.cards.rows) - 1)
        if at.isValid():
            self.setCurrentIndex(at)

    def startDrag(self, actions: Qt.DropAction) -> None:
        self.drag_started.emit()
        try:
            super().startDrag(actions)
        finally:
            self.drag_ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _MOVES:
            aside = -1 if event.key() == Qt.Key.Key_Left else 1
            carry = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.carried if carry else self.aside_requested).emit(aside)
            return
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain and self.selected():
            self.opened.emit(self.selected()[0])
            return
        if event.matches(QKeySequence.StandardKey.Cancel) and self.selected():
            self.clearSelection()
            return
        super().keyPressEvent(event)

    @Slot()
    def _on_selected(self) -> None:
        if not self._busy:
            self.chosen.emit()

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        if value > self.verticalScrollBar().maximum() - _NEAR and not self._busy:
            self.more_requested.emit()

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.opened.emit(self.cards.rows[index.row()])


def _write(painter: QPainter, room: QRect, words: str, font: QFont, ink: str, *, right: bool = False) -> None:
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    cut = QFontMetrics(font).elidedText(shown(words), Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | side, cut)
