"""Secrets on the clipboard leave it after a minute, unless something else is there by then."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication

SECONDS = 60


class SecretClipboard(QObject):
    """Copies a secret and takes it back: after a minute, and when the application ends."""

    def __init__(self, parent: QObject | None = None, *, seconds: float = SECONDS) -> None:
        super().__init__(parent)
        self._digest = b""  # of what was copied: the secret itself is not kept for this
        self._timer = QTimer(self, singleShot=True, interval=round(seconds * 1000))
        self._timer.timeout.connect(self.take_back)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.take_back)

    def copy(self, text: str) -> None:
        """Put the secret on the clipboard, marked so that clipboard histories leave it out where they can."""
        mime = QMimeData()
        mime.setText(text)
        mime.setData("x-kde-passwordManagerHint", b"secret")
        mime.setData('application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"', b"\0\0\0\0")
        QGuiApplication.clipboard().setMimeData(mime)
        self._digest = _digest(text)
        self._timer.start()

    @Slot()
    def take_back(self) -> None:
        """Empty the clipboard if it still holds the secret."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if self._digest and _digest(clipboard.text()) == self._digest:
            clipboard.clear()
        self._digest = b""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
