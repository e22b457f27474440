"""The rail of tabs at the left: icon, word, and a count of what waits; icons only where the window is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy, QVBoxLayout, QWidget

from ui import icons
from ui.shell.tabs import TabSpec
from ui.text import tr
from ui.theme import theme

WIDE = 176
NARROW = 60
_HIGH = 34
_TALL = 40  # of a narrow rail's buttons: the count stands above the icon


class RailButton(QAbstractButton):
    """One tab in the rail, painted from the theme."""

    def __init__(self, text: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._count = 0
        self._narrow = False
        self._hover = False
        self._reason = ""
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()
        theme.changed.connect(self.update)

    def set_count(self, count: int) -> None:
        """How much waits there; 0 shows nothing."""
        self._count = count
        self._name()
        self.update()

    def set_reason(self, reason: str | None) -> None:
        """Enable it, or disable it and say why."""
        self._reason = reason or ""
        self.setEnabled(reason is None)
        self._name()

    def set_narrow(self, narrow: bool) -> None:
        """Show the icon only; the word becomes the tooltip."""
        self._narrow = narrow
        self._name()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(NARROW - 16, _TALL) if self._narrow else QSize(WIDE - 16, _HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(NARROW - 16, self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        chosen = self.isChecked()
        if chosen or (self._hover and self.isEnabled()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accentsoft" if chosen else "hover"))
            painter.drawRoundedRect(box, theme.radius("md"), theme.radius("md"))
        if self.hasFocus():
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, theme.radius("md"), theme.radius("md"))
        ink = "accent" if chosen else "muted"
        if not self.isEnabled():
            ink = "disabled"
        icons.paint(painter, self.icon_box(), self._icon, ink)
        if not self._narrow:
            painter.setFont(theme.font("body", QFont.Weight.Medium))
            painter.setPen(theme.color(ink))
            room = QRect(37, 0, self.width() - 37 - (40 if self._count else 8), self.height())
            words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if self._count:
            self._paint_count(painter)
        painter.end()

    def icon_box(self) -> QRectF:
        """Where the icon is painted."""
        left = (self.width() - 18) / 2 if self._narrow else 10
        top = self.height() - 18 - 4 if self._narrow and self._count else (self.height() - 18) / 2
        return QRectF(left, top, 18, 18)

    def count_box(self) -> QRectF:
        """Where the count is painted, if there is one."""
        words = QFontMetrics(theme.font("small", QFont.Weight.Medium)).horizontalAdvance(self._count_words())
        width = max(16, words + (6 if self._narrow else 10))
        if self._narrow:
            return QRectF(self.width() - width - 3, 3, width, 14)
        return QRectF(self.width() - width - 8, (self.height() - 16) / 2, width, 16)

    def _paint_count(self, painter: QPainter) -> None:
        box = self.count_box()
        painter.setFont(theme.font("small", QFont.Weight.Medium))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("warnsoft"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(theme.color("warn"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._count_words())

    def _count_words(self) -> str:
        most = 99 if self._narrow else 999
        return str(self._count) if self._count <= most else f"{most}+"

    def _name(self) -> None:
        waiting = tr("{name}, {count} waiting", name=self.text(), count=self._count) if self._count else self.text()
        self.setAccessibleName(waiting)
        hints = [waiting if self._narrow else "", self._reason]
        self.setToolTip("\n".join(hint for hint in hints if hint))


class Rail(QFrame):
    """The tabs, one below the other. Arrow keys move within, Ctrl+1 to Ctrl+9 choose from anywhere (the window)."""

    chosen = Signal(str)

    def __init__(self, tabs: Sequence[TabSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setAccessibleName(tr("Tabs"))
        self.setFixedWidth(WIDE)
        self._buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 12, 9, 12)
        self._column.setSpacing(2)
        for number, tab in enumerate(tabs, start=1):
            button = RailButton(tr(tab.title), tab.icon)
            button.setObjectName(tab.key)
            button.setAccessibleDescription(f"Ctrl+{number}" if number < 10 else "")
            button.clicked.connect(self._on_clicked)
            self._group.addButton(button)
            self._buttons[tab.key] = button
            self._column.addWidget(button)
        self._column.addStretch(1)

    def choose(self, key: str) -> None:
        """Mark a tab as the present one, without announcing it."""
        self._buttons[key].setChecked(True)

    def unchoose(self) -> None:
        """Mark none: the welcome page is up."""
        self._group.setExclusive(False)
        for button in self._buttons.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def set_count(self, key: str, count: int) -> None:
        """Show how much waits on a tab."""
        self._buttons[key].set_count(count)

    def set_enabled(self, key: str, reason: str | None) -> None:
        """Enable a tab, or disable it and say why."""
        self._buttons[key].set_reason(reason)

    def set_offered(self, key: str, offered: bool) -> None:
        """Show a tab, or leave it out: it makes no sense on this connection."""
        self._buttons[key].setVisible(offered)

    def set_narrow(self, narrow: bool) -> None:
        """Icons only, or icons and words."""
        self.setFixedWidth(NARROW if narrow else WIDE)
        for button in self._buttons.values():
            button.set_narrow(narrow)

    @Slot()
    def _on_clicked(self) -> None:
        self.chosen.emit(self.sender().objectName())
