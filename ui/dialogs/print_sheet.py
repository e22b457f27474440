"""Print preview of authenticator sheets, one to a page, and the printing itself. Loads Qt's print support."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QStandardPaths, Qt, Slot
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo, QPrintPreviewWidget
from PySide6.QtWidgets import QCheckBox, QFileDialog, QWidget

from app.files import write_atomically
from app.work import Work
from ui.context import Context
from ui.text import count, tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label
from ui.widgets.sheet import Sheet, paint_sheet

_MM_PER_INCH = 25.4
_MARGINS = QMarginsF(56, 56, 56, 56)  # points: 2 cm


class PrintDialog(Dialog):
    """Shows the pages as they will be printed. Nothing is printed or written before a button is pressed."""

    def __init__(self, context: Context, sheets: Sequence[Sheet], parent: QWidget | None = None) -> None:
        super().__init__(tr("Print the QR code"), parent)
        self._context = context
        self._banner = Banner()
        self._sheets = list(sheets)
        self._printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        self._printer.setPageLayout(
            QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, _MARGINS)
        )
        self._printer.setDocName(tr("Authenticator"))  # the queue shows it to everybody: no account, no issuer
        self._key = QCheckBox(tr("Print the key as text too"))
        self._key.setChecked(True)
        self._preview = QPrintPreviewWidget(self._printer)
        self._preview.setMinimumSize(420, 460)
        self._preview.paintRequested.connect(self.paint)
        self._preview.fitInView()
        self._key.toggled.connect(self._preview.updatePreview)
        pages = count(len(self._sheets), "page", "pages")
        self.body.addWidget(
            label(tr("{pages}. Each holds a secret: hand it over, do not leave it.", pages=pages), wrap=True)
        )
        self.body.addWidget(self._banner)
        self.body.addWidget(self._key)
        self.body.addWidget(self._preview, 1)
        cancel = button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        pdf = button(tr("Save as PDF…"), icon="save")
        pdf.clicked.connect(self._on_pdf)
        self._print = button(tr("Print…"), "primary")
        self._print.clicked.connect(self._on_print)
        if not QPrinterInfo.availablePrinterNames():
            disable(self._print, tr("This computer has no printer set up. Save a PDF, and print it elsewhere."))
        for each in (cancel, pdf, self._print):
            self.buttons.addWidget(each)

    @Slot(QPrinter)
    def paint(self, printer: QPrinter) -> None:
        """Paint every sheet on a page of its own."""
        self._paint(printer, printer.resolution())

    def pdf(self) -> bytes:
        """The pages as a PDF."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setPageLayout(self._printer.pageLayout())
        writer.setResolution(300)
        writer.setTitle(self._printer.docName())
        self._paint(writer, 300)
        return bytes(buffer.data().data())

    def _paint(self, device: QPrinter | QPdfWriter, dots_per_inch: int) -> None:
        painter = QPainter(device)
        millimetre = dots_per_inch / _MM_PER_INCH
        # The painter's origin is the corner of the printable part.
        room = device.pageLayout().paintRectPixels(dots_per_inch)
        area = QRectF(0, 0, room.width(), room.height())
        for number, sheet in enumerate(self._sheets):
            if number:
                device.newPage()
            paint_sheet(painter, sheet, area, millimetre, with_key=self._key.isChecked())
        painter.end()

    @Slot()
    def _on_print(self) -> None:
        chooser = QPrintDialog(self._printer, self)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.accepted.connect(self._on_printer)
        chooser.setWindowModality(Qt.WindowModality.WindowModal)
        chooser.show()  # its own open() wants a slot by name

    @Slot()
    def _on_printer(self) -> None:
        self.paint(self._printer)
        self.accept()

    @Slot()
    def _on_pdf(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self, tr("Save as PDF"), folder, tr("PDF (*.pdf)"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("pdf")
        chooser.selectFile("authenticator.pdf")
        chooser.fileSelected.connect(self.write_pdf)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def write_pdf(self, name: str) -> None:
        """Write the pages into a PDF that only its owner can read."""
        path, data = Path(name), self.pdf()

        def write(work: Work) -> Path:
            write_atomically(path, data)
            return path

        job = self._context.run(write, name=tr("Save the page"))
        job.succeeded.connect(self._on_saved)
        job.failed.connect(self._banner.show_error)

    @Slot(object)
    def _on_saved(self, path: Path) -> None:
        self._context.toast(tr("Saved {name}. It holds the secret: delete it once it is printed.", name=path.name))
        self.accept()
