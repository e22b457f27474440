"""Reads a QR code off a picture, on a worker. What it says goes to whoever asked, and nowhere else. No widget here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal, Slot
from PySide6.QtGui import QImage

from app.auth import qr_reading
from app.errors import AppError, invalid
from app.work import Work
from ui.context import Context
from ui.text import tr


class QrReading(QObject):
    """`found` carries the text of the code, `failed` an AppError."""

    found = Signal(object)  # str
    failed = Signal(object)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context

    @Slot(str)
    def read_file(self, name: str) -> None:
        """Read a file."""
        path = Path(name)

        def read(work: Work) -> str:
            return qr_reading.read_file(path)

        self._run(read)

    def read_image(self, image: QImage) -> None:
        """Read a picture that was copied or dropped."""
        if image.isNull():
            words = tr("Picture: there is none on the clipboard. Take a screenshot of the QR code, then try again.")
            self.failed.emit(invalid("picture", words))
            return
        try:
            qr_reading.check_size(image.width(), image.height())
        except AppError as error:
            self.failed.emit(error)
            return
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        # BMP is the fastest, and it goes no farther than the worker.
        image.save(buffer, "BMP")  # type: ignore[call-overload]  # the stubs want bytes, which it refuses
        data = bytes(buffer.data().data())

        def read(work: Work) -> str:
            return qr_reading.read_picture(data)

        self._run(read)

    def _run(self, read: object) -> None:
        assert callable(read)
        job = self._context.run(read, name=tr("Read a QR code"), key=("read-qr", id(self)))
        job.succeeded.connect(self.found)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.failed.emit(error)
