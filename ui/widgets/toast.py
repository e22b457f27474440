"""Short messages at the lower left that go away by themselves; one with an action, such as Undo, stays longer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ui import icons
from ui.context import Toast
from ui.text import tr
from ui.theme import theme
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import label

_SECONDS = 5
_SECONDS_WITH_ACTION = 10
_MOST = 4
_WIDTH = 380
_MARGIN = 16
_GAP = 6
_ICONS = {
    "ok": ("check-circle", "ok"),
    "info": ("info", "accent"),
    "warn": ("warning", "warn"),
    "bad": ("error", "bad"),
}


class ToastCard(QFrame):
    """One message. It waits while the mouse is over it or the keyboard is in it."""

    closed = Signal(object)

    def __init__(self, toast: Toast, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(toast.text)
        self._picture = _ICONS[toast.tone]
        self._action: Callable[[], object] | None = toast.action
        self._icon = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 10)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(label(toast.text, wrap=True), 1)
        if toast.action is not None:
            act = button(toast.action_text or tr("Undo"), "link")
            act.clicked.connect(self._on_action)
            row.addWidget(act)
        close = icon_button("close", tr("Dismiss"), size=14)
        close.clicked.connect(self._on_close)
        row.addWidget(close)
        self._timer = QTimer(self, singleShot=True)
        self._timer.setInterval(1000 * (_SECONDS if toast.action is None else _SECONDS_WITH_ACTION))
        self._timer.timeout.connect(self._on_close)
        self._timer.start()
        self._draw()
        theme.changed.connect(self._draw)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    @Slot()
    def _draw(self) -> None:
        name, ink = self._picture
        self._icon.setPixmap(icons.pixmap(name, theme.css(ink), 18, self.devicePixelRatioF()))

    @Slot()
    def _on_action(self) -> None:
        action, self._action = self._action, None
        self._on_close()
        if action is not None:
            action()

    @Slot()
    def _on_close(self) -> None:
        self._timer.stop()
        self.closed.emit(self)


class Toasts(QObject):
    """Stacks the messages in the lower left corner above `over`, the newest lowest. No more than four at a time.

    The rail ends in nothing there; in the middle they lay over a tab's own tabs, at the right over the detail pane.
    """

    def __init__(self, window: QWidget, over: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._over = over
        self._cards: list[ToastCard] = []
        window.installEventFilter(self)

    @Slot(object)
    def show_toast(self, toast: Toast) -> None:
        """Show a message; screen readers are told."""
        card = ToastCard(toast, self._window)
        card.closed.connect(self._on_closed)
        self._cards.append(card)
        while len(self._cards) > _MOST:
            self._on_closed(self._cards[0])
        # In place before it is seen: shown at the upper left first, the mouse there would hold it open.
        card.ensurePolished()
        self._place()
        card.show()
        QAccessible.updateAccessibility(QAccessibleEvent(card, QAccessible.Event.Alert))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    @Slot(object)
    def _on_closed(self, card: ToastCard) -> None:
        if card in self._cards:
            self._cards.remove(card)
            card.hide()
            card.deleteLater()
            self._place()

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 2 * _MARGIN)
        bottom = self._window.height()
        if self._over is not None:
            bottom = self._over.mapTo(self._window, self._over.rect().topLeft()).y()
        bottom -= _MARGIN
        for card in reversed(self._cards):
            card.setFixedWidth(width)
            height = max(card.sizeHint().height(), card.heightForWidth(width))
            bottom -= height
            card.setGeometry(_MARGIN, bottom, width, height)
            card.raise_()
            bottom -= _GAP
