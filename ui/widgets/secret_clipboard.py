"""Secrets on the clipboard leave it after a minute, unless something else is there by then.

A program that is killed within that minute cannot do it: on X11 and Wayland the clipboard goes with it, on Windows and
macOS it stays. Nothing is written down to mend that at the next start, for it would be a trace of the secret: a
password is soon guessed from its hash, and a hash with a key needs a key that is written down too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QImage
from shiboken6 import isValid

SECONDS = 60
_AGAIN = 1_000  # milliseconds
_WINDOWS = 'application/x-qt-windows-mime;value="{}"'
# What clipboard managers ask for: whether to leave it out of the history and of other devices (Klipper; Windows,
# "Cloud Clipboard and Clipboard History Formats": the first by its presence, the others by a DWORD of 0). The mark of
# macOS (org.nspasteboard.ConcealedType) cannot be set: Qt puts other types under names of its own there, and its
# converter of types is not in the Python binding.
_MARKS = {
    "x-kde-passwordManagerHint": b"secret",
    _WINDOWS.format("ExcludeClipboardContentFromMonitorProcessing"): bytes(4),
    _WINDOWS.format("CanIncludeInClipboardHistory"): bytes(4),
    _WINDOWS.format("CanUploadToCloudClipboard"): bytes(4),
}


class SecretClipboard(QObject):
    """Copies a secret and takes it back: after a minute, and when the application ends."""

    def __init__(self, parent: QObject | None = None, *, seconds: float = SECONDS) -> None:
        super().__init__(parent)
        self._digest = b""  # of what was copied: the secret itself is not kept for this
        self._held = _text_held  # the same of what the clipboard holds now
        self._stay = round(seconds * 1000)  # milliseconds
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.take_back)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.take_back)

    def copy(self, text: str) -> None:
        """Put the secret on the clipboard, marked so that clipboard histories leave it out where they can."""
        mime = self._marked()
        mime.setText(text)
        self._put(mime, _digest(text), _text_held)

    def copy_image(self, image: QImage) -> None:
        """Put a picture of the secret on the clipboard, in the same way."""
        mime = self._marked()
        mime.setImageData(image)
        self._put(mime, _digest_image(image), _image_held)

    def _put(self, mime: QMimeData, digest: bytes, held: Callable[[], bytes]) -> None:
        QGuiApplication.clipboard().setMimeData(mime)
        self._digest, self._held = digest, held
        self._timer.start(self._stay)

    @staticmethod
    def _marked() -> QMimeData:
        mime = QMimeData()
        for name, value in _MARKS.items():
            mime.setData(name, value)
        return mime

    @Slot()
    def take_back(self) -> None:
        """Empty the clipboard if it still holds the secret; again in a second where another program keeps it open."""
        self._timer.stop()
        if self._digest and self._held() == self._digest:
            QGuiApplication.clipboard().clear()
            if self._held() == self._digest:
                self._timer.start(_AGAIN)
                return
        self._digest = b""


_shared: list[SecretClipboard] = []


def shared() -> SecretClipboard:
    """The one for whoever may be gone before the minute is over: it lives as long as the application."""
    if not _shared or not isValid(_shared[0]):
        _shared[:] = [SecretClipboard(QCoreApplication.instance())]
    return _shared[0]


def _text_held() -> bytes:
    return _digest(QGuiApplication.clipboard().text())


def _image_held() -> bytes:
    return _digest_image(QGuiApplication.clipboard().image())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _digest_image(image: QImage) -> bytes:
    grey = image.convertToFormat(
        QImage.Format.Format_Grayscale8
    )  # what other programs hand back may be of another depth
    return hashlib.sha256(bytes(grey.constBits())).digest() if not grey.isNull() else b""
