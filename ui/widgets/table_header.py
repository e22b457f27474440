"""The header of the user table: a click sorts by one column, Shift and click by one more; columns are dragged.

It holds the order and the widths, and paints an arrow for each column that sorts, with its rank if there are several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QHeaderView, QWidget

from app.directory.index import BY_EMAIL
from ui.text import tr
from ui.theme import theme
from ui.widgets.table_columns import Column, widths

Order = tuple[tuple[str, bool], ...]  # keys of columns, each with whether it descends; the first one leads
_MOST = 4  # columns that sort at once
_ARROW = 8
_RANK = 8


class UserHeader(QHeaderView):
    """The table tells what to show, and is told what a person did."""

    order_changed = Signal(object)  # Order
    moved = Signal(object)  # the columns' keys from left to right, after one was dragged
    resized = Signal()  # by hand

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns: Sequence[Column] = ()
        self._order: Order = ()
        self._widths: dict[str, int] = {}  # set by hand
        self._held = False  # the mouse is at work here: widths that change are a person's
        self._sharing = False
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(56)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(tr("Columns of the user table"))
        self.sectionClicked.connect(self._on_clicked)
        self.sectionMoved.connect(self._on_moved)
        self.sectionResized.connect(self._on_resized)

    @property
    def order(self) -> Order:
        """By what is sorted."""
        return self._order

    @property
    def widths(self) -> Mapping[str, int]:
        """The widths that a person has set, in pixels, by the columns' keys."""
        return self._widths

    def show_columns(self, columns: Sequence[Column], order: Order, widths: Mapping[str, int], room: int) -> None:
        """Show other columns. Those that are not there do not sort."""
        keys = [column.key for column in columns]
        self._columns = columns
        usual = BY_EMAIL if "email" in keys else ()
        self._order = tuple((key, down) for key, down in order if key in keys)[:_MOST] or usual
        self._widths = dict(widths)
        self._sharing = True
        for number in range(self.count()):  # a column that was dragged is in its place now: the model has it there
            self.moveSection(self.visualIndex(number), number)
        self.share_room(room)
        self.viewport().update()

    def share_room(self, room: int) -> None:
        """Give the columns their widths, where there are so many pixels."""
        self._sharing = True
        for number, width in enumerate(widths(self._columns, room, self._widths)):
            self.resizeSection(number, width)
        self._sharing = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = True
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._held = True  # on an edge, it makes the column as wide as what it shows
        super().mouseDoubleClickEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._held = False

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        painter.save()
        super().paintSection(painter, rect, logical)
        painter.restore()
        keys = [key for key, _ in self._order]
        key = self._columns[logical].key if logical < len(self._columns) else ""
        if key not in keys or not rect.isValid():
            return
        rank = keys.index(key)
        title = str(self.model().headerData(logical, Qt.Orientation.Horizontal) or "")
        several = len(keys) > 1
        room = _ARROW + (_RANK if several else 0) + 4
        font = theme.font("small")
        font.setBold(True)
        painter.save()
        painter.setFont(font)
        after = rect.left() + 10 + painter.fontMetrics().horizontalAdvance(title) + 6
        left = max(rect.left() + 2, min(after, rect.right() - room))
        painter.fillRect(left - 2, rect.top(), rect.right() - left + 3, rect.height() - 1, theme.color("head"))
        self._paint_arrow(painter, QPointF(left + _ARROW / 2, rect.center().y()), self._order[rank][1])
        if several:
            painter.setPen(theme.color("muted"))
            place = QRect(left + _ARROW + 2, rect.top(), _RANK + 4, rect.height() - 1)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, str(rank + 1))
        painter.restore()

    @staticmethod
    def _paint_arrow(painter: QPainter, middle: QPointF, down: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("text"), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        x, y, tip = middle.x(), middle.y(), 2.0 if down else -2.0
        painter.drawPolyline(QPolygonF([QPointF(x - 3.5, y - tip), QPointF(x, y + tip), QPointF(x + 3.5, y - tip)]))

    @Slot(int)
    def _on_clicked(self, section: int) -> None:
        shift = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.sort_by(self._columns[section].key, further=shift)

    def sort_by(self, key: str, *, further: bool = False) -> None:
        """As a click does: by this column alone, the other way round if it leads already.

        `further`, as Shift and click: after the others; the other way round, and the third time no longer.
        """
        before = dict(self._order)
        if not further:
            leads = bool(self._order) and self._order[0][0] == key
            self._order = ((key, not self._order[0][1] if leads else False),)
        elif key not in before:
            self._order = (*self._order, (key, False))[-_MOST:] if len(before) < _MOST else self._order
        elif not before[key]:
            self._order = tuple((known, True if known == key else down) for known, down in self._order)
        elif len(before) > 1:
            self._order = tuple((known, down) for known, down in self._order if known != key)
        else:
            self._order = ((key, False),)
        self.viewport().update()
        self.order_changed.emit(self._order)

    @Slot()
    def _on_moved(self) -> None:
        if not self._sharing:  # with the next turn: the header is still at work with the columns that it has
            QTimer.singleShot(0, self, self._tell_places)

    @Slot()
    def _tell_places(self) -> None:
        self.moved.emit(tuple(self._columns[self.logicalIndex(at)].key for at in range(len(self._columns))))

    @Slot(int, int, int)
    def _on_resized(self, section: int, before: int, after: int) -> None:
        if self._held and not self._sharing and section < len(self._columns):  # from now on it stays as it is
            self._widths[self._columns[section].key] = after
            self.resized.emit()
