"""Secrets on the clipboard leave it after a minute, unless something else is there by then."""

from __future__ import annotations

import hashlib

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QImage

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
        mime = self._marked()
        mime.setText(text)
        QGuiApplication.clipboard().setMimeData(mime)
        self._digest = _digest(text)
        self._timer.start()

    def copy_image(self, image: QImage) -> None:
        """Put a picture of the secret on the clipboard, in the same way."""
        mime = self._marked()
        mime.setImageData(image)
        QGuiApplication.clipboard().setMimeData(mime)
        self._digest = _digest_image(image)
        self._timer.start()

    @staticmethod
    def _marked() -> QMimeData:
        mime = QMimeData()
        mime.setData("x-kde-passwordManagerHint", b"secret")
        mime.setData('application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"', b"\0\0\0\0")
        return mime

    @Slot()
    def take_back(self) -> None:
        """Empty the clipboard if it still holds the secret."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if self._digest and self._digest in (_digest(clipboard.text()), _digest_image(clipboard.image())):
            clipboard.clear()
        self._digest = b""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _digest_image(image: QImage) -> bytes:
    grey = image.convertToFormat(
        QImage.Format.Format_Grayscale8
    )  # what other programs hand back may be of another depth
    return hashlib.sha256(bytes(grey.constBits())).digest() if not grey.isNull() else b""
