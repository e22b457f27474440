"""Reads a QR code off a picture, on a worker. What it says goes to whoever asked, and nowhere else. No widget here."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter

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

    def read_dropped(self, mime: QMimeData) -> None:
        """Read what was dropped: one file of this computer, or a picture."""
        files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if len(files) > 1:
            words = tr("Picture: {n} files were dropped. Drop the one that shows the QR code.", n=len(files))
            self.failed.emit(invalid("picture", words))
        elif files:
            self.read_file(files[0])
        elif mime.hasImage():
            self.read_image(QImage(mime.imageData()))
        else:
            words = tr("Picture: this one is on the web, and is not fetched from there. Save it, and drop the file.")
            self.failed.emit(invalid("picture", words))

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

        def read(work: Work) -> str:
            flat = _flattened(image)
            return qr_reading.read_grey(flat.constBits(), flat.width(), flat.height())

        self._run(read)

    def _run(self, read: object) -> None:
        assert callable(read)
        job = self._context.run(read, name=tr("Read a QR code"), key=("read-qr", id(self)))
        job.succeeded.connect(self.found)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.failed.emit(error)


def _flattened(image: QImage) -> QImage:
    """In shades of grey on white paper, whose width is that of whole words: then nothing stands between the rows."""
    paper = QImage((image.width() + 3) // 4 * 4, image.height(), QImage.Format.Format_Grayscale8)
    paper.fill(Qt.GlobalColor.white)
    painter = QPainter(paper)
    painter.drawImage(image.rect(), image)
    painter.end()
    return paper
