"""The command palette: everything that can be done here, found by typing. Ctrl+K opens it from anywhere.

It knows no feature: the window and the tabs hand their entries to the context. People come from the loaded list.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui import icons
from ui.context import Context
from ui.palette import PaletteEntry, fits, rank
from ui.shell.people_finder import PeopleFinder
from ui.text import tr
from ui.theme import theme
from ui.widgets.labels import ElidedLabel

_ENTRY = Qt.ItemDataRole.UserRole + 1
_ROW = 36
_MOST = 60
_WIDTH, _SHOWN = 620, 9
_PAGE = 8
_HEEDED = (QEvent.Type.Resize, QEvent.Type.KeyPress, QEvent.Type.FocusOut)
_STRONG = 100  # a word of the title begins with what was typed: before people of that name
_Index = QModelIndex | QPersistentModelIndex


class _Entries(QAbstractListModel):
    """What is offered now."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: Sequence[PaletteEntry] = ()

    def offer(self, entries: Sequence[PaletteEntry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (entry.title, entry.note or entry.group, entry.why_not) if part)
            case Qt.ItemDataRole.ToolTipRole:
                return entry.why_not or None
            case _ if role == _ENTRY:
                return entry
        return None


class _Painter(QStyledItemDelegate):
    """An icon, the title, and at the right what it belongs to and its keys."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_WIDTH, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = index.data(_ENTRY)
        if not isinstance(entry, PaletteEntry):
            return
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sel"))
            painter.drawRoundedRect(QRectF(rect).adjusted(6, 1, -6, -1), 6, 6)
        ink = "disabled" if entry.why_not is not None else "bad" if entry.dangerous else "text"
        if entry.icon:
            icons.paint(painter, QRectF(rect.left() + 18, rect.center().y() - 7.5, 16, 16), entry.icon, ink)
        right = rect.right() - 18
        if entry.keys:
            right = self._paint_keys(painter, rect, right, entry.keys)
        note = entry.why_not or entry.note or entry.group
        title_font, note_font = theme.font(), theme.font("small")
        title_width = QFontMetrics(title_font).horizontalAdvance(entry.title)
        room = max(0, right - (rect.left() + 46))
        title_width = min(title_width, room)
        painter.setFont(title_font)
        painter.setPen(theme.color(ink))
        title = QFontMetrics(title_font).elidedText(entry.title, Qt.TextElideMode.ElideRight, title_width + 1)
        painter.drawText(
            QRect(rect.left() + 46, rect.top(), title_width + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, title
        )
        left = rect.left() + 46 + title_width + 16
        if right > left + 24:
            painter.setFont(note_font)
            painter.setPen(theme.color("muted"))
            cut = QFontMetrics(note_font).elidedText(note, Qt.TextElideMode.ElideRight, right - left)
            painter.drawText(
                QRect(left, rect.top(), right - left, rect.height()),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                cut,
            )
        painter.restore()

    def _paint_keys(self, painter: QPainter, rect: QRect, right: int, keys: str) -> int:
        font = theme.font("small", QFont.Weight.Medium)
        width = QFontMetrics(font).horizontalAdvance(keys) + 12
        box = QRectF(right - width, rect.center().y() - 9, width, 19)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("head"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(font)
        painter.setPen(theme.color("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, keys)
        return right - width - 12


class CommandPalette(QFrame):
    """Lies over the window; closed by Escape, by a choice, and when the keyboard goes elsewhere."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._before: QWidget | None = None
        self._own: list[PaletteEntry] = []
        self.setProperty("role", "palette")
        self.setAccessibleName(tr("Commands"))
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        self.setGraphicsEffect(shadow)
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Type what to do, or a person's name"))
        self.line.setAccessibleName(tr("Command"))
        self.line.setProperty("role", "bare")
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._on_text)
        self.list = QListView()
        self.list.setAccessibleName(tr("Matching commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = _Entries(self.list)
        self.list.setModel(self._model)
        self.list.clicked.connect(self._on_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self._foot = ElidedLabel("", "small")
        self._foot.setContentsMargins(18, 6, 18, 10)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        column.addWidget(self._foot)
        self._finder = PeopleFinder(context, self)
        self._finder.found.connect(self._on_found)
        window.installEventFilter(self)
        self.hide()

    @property
    def entries(self) -> Sequence[PaletteEntry]:
        """What is offered, top to bottom."""
        return self._model.entries

    @Slot()
    def toggle(self) -> None:
        """Open it, or close it."""
        if self.isVisible():
            self.leave()
        else:
            self.open()

    def open(self) -> None:
        """Show everything that can be done now."""
        self._before = self._window.focusWidget()
        self._own = list(self._context.palette_entries())
        self.line.clear()
        self._finder.find("")
        self._offer()
        self._place()
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def leave(self) -> None:
        """Close it and go back to where the keyboard was."""
        self.hide()
        before, self._before = self._before, None
        if before is not None:
            from shiboken6 import isValid

            if isValid(before):
                before.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The kind first: when the window dies, its last events come after this object's attributes are gone.
        if event.type() not in _HEEDED or not self.isVisible():
            return False
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        if watched is self.line:
            if event.type() == QEvent.Type.KeyPress:
                assert isinstance(event, QKeyEvent)
                return self._on_key(event)
            if event.type() == QEvent.Type.FocusOut:
                QTimer.singleShot(0, self, self._on_focus_left)
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _PAGE,
            Qt.Key.Key_PageUp: -_PAGE,
        }
        if event.key() in steps:
            self._step(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._step(1 if event.key() == Qt.Key.Key_Tab else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        count = self._model.rowCount()
        if count:
            row = self.list.currentIndex().row() + by
            # One step past an end comes in at the other; a page stops there.
            row = row % count if abs(by) == 1 else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self._model.index(row, 0))

    def _run(self, index: QModelIndex) -> None:
        entry = index.data(_ENTRY)
        if not isinstance(entry, PaletteEntry):
            return
        if entry.why_not is not None:
            self._foot.set_text(entry.why_not)
            return
        self.leave()
        entry.run()

    def _offer(self) -> None:
        text = self.line.text().strip()
        entries = rank(text, self._own)
        strong = [entry for entry in entries if text and (fits(text, entry) or 0) >= _STRONG]
        others = [entry for entry in entries if entry not in strong]
        possible = [entry for entry in others if entry.why_not is None]
        refused = [entry for entry in others if entry.why_not is not None]
        search = [self._finder.search_entry(text)] if text and self._context.desk is not None else []
        self._model.offer([*strong, *self._finder.people, *possible, *search, *refused][:_MOST])
        self.list.setCurrentIndex(self._model.index(0, 0))
        self._on_current()
        self._place()

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 48)
        rows = min(max(1, self._model.rowCount()), _SHOWN)
        height = min(52 + rows * _ROW + 8 + 32, self._window.height() - 100)
        self.setGeometry((self._window.width() - width) // 2, 64, width, height)

    @Slot()
    def _on_focus_left(self) -> None:
        if self.isVisible() and not self.line.hasFocus() and self._window.isActiveWindow():
            self._before = None  # somebody went elsewhere: stay there
            self.leave()

    @Slot(str)
    def _on_text(self, text: str) -> None:
        self._finder.find(text.strip())
        self._offer()

    @Slot()
    def _on_found(self) -> None:
        if self.isVisible():
            self._offer()

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self._run(index)

    @Slot()
    def _on_current(self) -> None:
        entry = self.list.currentIndex().data(_ENTRY)
        reason = (entry.why_not or entry.hint) if isinstance(entry, PaletteEntry) else None
        nothing = tr("Nothing fits. Fewer letters find more.") if not self._model.rowCount() else ""
        self._foot.set_text(reason or nothing or tr("Up and Down choose, Enter does it, Escape closes"))
