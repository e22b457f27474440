"""SIGTERM and Ctrl+C end the program in good order: a signal wakes Qt's event loop through a socket."""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Emits `raised` on the GUI thread. Made on the main thread, once."""

    raised = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        # Python runs signal handlers between bytecodes only, and Qt's loop executes none: the descriptor wakes it.
        self._old_descriptor = signal.set_wakeup_fd(self._write.fileno())
        self._old_handlers = {number: signal.signal(number, _nothing) for number in _SIGNALS}
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_wake)

    def close(self) -> None:
        """Give the signals back to whoever had them."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_descriptor)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()

    @Slot()
    def _on_wake(self) -> None:
        # Each byte is the number of a signal; others may have Python handlers too.
        if set(self._read.recv(64)) & set(_SIGNALS):
            self.raised.emit()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The wake-up descriptor does the work; a handler must be set for it to be written to."""
