"""A QR code that does not stay: it hides after a while and when its window loses the focus, until asked for again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QFrame, QStackedLayout, QVBoxLayout, QWidget

from ui.text import tr
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.qr import QrCode

Matrix = Sequence[Sequence[bool]]


class HidingQr(QFrame):
    """Shows a QR code for `seconds`; `blur`: no longer than a window of the Desk has the focus.

    `companions` are other windows that show the same code: as long as one of them is active it may stay.
    """

    hidden_changed = Signal(bool)

    def __init__(self, *, room: int, seconds: int = 120, blur: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.companions: list[QWidget] = []
        self._blur = blur
        self._code = QrCode(room=room)
        self._matrix: Matrix = ()
        self._name = ""
        self._hidden = False
        self._wait = label(tr("Drawing the QR code…"), "muted")
        self._wait.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = label("", "muted", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        again = button(tr("Show the QR code"), icon="eye")
        again.clicked.connect(self.reveal)
        cover = QFrame()
        cover.setProperty("role", "card")
        column = QVBoxLayout(cover)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(again, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._cover = cover
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for part in (self._wait, self._code, cover):
            self._stack.addWidget(part)
        self.setFixedSize(room, room)
        self._timer = QTimer(self, singleShot=True, interval=seconds * 1000)
        self._timer.timeout.connect(self._on_time)
        self._window: QWidget | None = None

    @property
    def concealed(self) -> bool:
        """Whether the code is covered."""
        return self._hidden

    @property
    def matrix(self) -> Matrix:
        """The modules, for a companion; empty while they are hidden or not drawn yet."""
        return () if self._hidden else self._matrix

    def show_matrix(self, matrix: Matrix | None, name: str) -> None:
        """Show other modules, or that they are being drawn (None); the same ones again change nothing."""
        if matrix is None:
            self._matrix = ()
            self._code.clear()
            self._stack.setCurrentWidget(self._wait)
        elif matrix != self._matrix:
            self._matrix, self._name = matrix, name
            self.reveal()

    def clear(self) -> None:
        """Drop the modules from memory."""
        self._timer.stop()
        self._matrix = ()
        self._code.clear()
        self._hidden = False
        self._stack.setCurrentWidget(self._wait)

    @Slot()
    def reveal(self) -> None:
        """Show it, for a while."""
        self._code.show_matrix(self._matrix, self._name)
        self.setFixedSize(self._code.size())  # whole modules: a little less than the room
        self._stack.setCurrentWidget(self._code)
        self._timer.start()
        self._set_hidden(False)

    def conceal(self, why: str) -> None:
        """Cover it; `why` is written on the cover."""
        if self._hidden or not self._matrix:
            return
        self._timer.stop()
        self._code.clear()
        self._words.setText(why)
        self._stack.setCurrentWidget(self._cover)
        self._set_hidden(True)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.ParentChange) and self.window() is not self._window:
            if self._window is not None:
                self._window.removeEventFilter(self)
            self._window = self.window()
            self._window.installEventFilter(self)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate and self._blur:
            QTimer.singleShot(0, self, self._look_for_focus)  # which window has it now is only known after the event
        return super().eventFilter(watched, event)

    @Slot()
    def _look_for_focus(self) -> None:
        active = QApplication.activeWindow()
        if active is None or (active is not self._window and active not in self.companions):
            self.conceal(tr("Hidden, because another window came to the front."))

    @Slot()
    def _on_time(self) -> None:
        self.conceal(tr("Hidden after a while, so that nobody else scans it."))

    def _set_hidden(self, hidden: bool) -> None:
        if hidden != self._hidden:
            self._hidden = hidden
            self.hidden_changed.emit(hidden)
        elif not hidden:
            self.hidden_changed.emit(False)
