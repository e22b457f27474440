"""The popup under the search field: what may be typed next. It takes no key that types; Escape closes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QCompleter,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.directory.completion import MOST, Suggestion, completion
from app.workbench import Workbench
from ui.shell.header import SearchField
from ui.shell.recall import recalled
from ui.text import tr
from ui.theme import theme

Values = Mapping[str, Mapping[str, int]]
_ROW = 28
_MARGIN = 12
_WIDEST = 460
_NOTE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class _Suggestions(QAbstractListModel):
    """What is offered now."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.offered: Sequence[Suggestion] = ()

    def offer(self, suggestions: Sequence[Suggestion]) -> None:
        self.beginResetModel()
        self.offered = suggestions
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.offered)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.offered[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return one.text
            case Qt.ItemDataRole.UserRole:
                return one.note
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{one.text} {one.note}".strip()
        return None


class _Delegate(QStyledItemDelegate):
    """The text at the left, what it means or how many people have it at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        area = option.rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setFont(theme.font())
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        text, note = str(index.data()), str(index.data(_NOTE))
        metrics = painter.fontMetrics()
        room = area.width() - min(metrics.horizontalAdvance(note), area.width() // 2) - _MARGIN
        painter.drawText(area, middle, metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))
        painter.setPen(theme.color("muted"))
        rest = area.width() - min(metrics.horizontalAdvance(text), room) - _MARGIN
        painter.drawText(
            area, middle | Qt.AlignmentFlag.AlignRight, metrics.elidedText(note, Qt.TextElideMode.ElideRight, rest)
        )
        painter.restore()


class SearchCompleter(QCompleter):
    """Completes the field's query at the cursor, and recalls whole searches.

    `values` gives the facets that are known now, `workbench` what was saved and searched for.
    """

    def __init__(
        self, field: SearchField, values: Callable[[], Values], workbench: Callable[[], Workbench] = Workbench
    ) -> None:
        super().__init__(field)
        self._workbench = workbench
        self._field = field
        self._values = values
        self._suggestions = _Suggestions(field)
        view = self._view = QListView()
        view.setProperty("role", "popup")
        view.setAccessibleName(tr("Search suggestions"))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setModel(self._suggestions)
        self.setPopup(view)
        view.setItemDelegate(_Delegate(view))  # not before: setPopup puts in one of its own
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setWrapAround(False)
        self.setMaxVisibleItems(MOST)
        # Not field.setCompleter: that would put whole texts into the field while one looks through them.
        self.setWidget(field)
        field.popup = view
        self.activated.connect(self._on_chosen)
        field.textEdited.connect(self.offer)

    @Slot()
    def offer(self) -> None:
        """Show what fits at the cursor, or nothing."""
        text = self._field.text()
        found = completion(text, self._field.cursorPosition(), self._values())
        found = [*found, *recalled(text, self._workbench())][:MOST]
        self._suggestions.offer(found)
        if not found or not self._field.hasFocus():
            self._view.hide()
            return
        area = self._field.rect()
        area.setWidth(min(area.width(), _WIDEST))
        area.setBottom(area.bottom() + 3)
        self.complete(area)
        self._view.setCurrentIndex(QModelIndex())

    @Slot(str)
    def _on_chosen(self, chosen: str) -> None:
        one = next((one for one in self._suggestions.offered if one.text == chosen), None)
        if one is None:
            return
        text, cursor = one.applied(self._field.text())
        self._field.setText(text)
        self._field.setCursorPosition(cursor)
        self._field.textEdited.emit(text)  # as if it had been typed: the search runs
        QTimer.singleShot(0, self, self.offer)  # values follow a field; a click hides the popup only after this
