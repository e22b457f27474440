"""QR codes that go out and come back: SVG, printing, the clipboard's picture, and reading what was sent to somebody."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QPainter
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewWidget
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.auth import totp
from app.auth.totp import OtpAuth
from tests.ui import words
from ui.context import Context, Toast
from ui.dialogs.print_sheet import PrintDialog
from ui.tabs.authenticator.secret_page import SecretPage
from ui.widgets.secret_clipboard import shared
from ui.widgets.sheet import Sheet, paint_sheet

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADDRESS = f"otpauth://totp/Harbour:ada@harbour.example?secret={SECRET}&issuer=Harbour"


@pytest.fixture
def page(qtbot: QtBot, dressed: QApplication, context: Context) -> Iterator[SecretPage]:
    view = SecretPage(context)
    qtbot.addWidget(view)
    view.resize(1250, 760)
    view.show()
    qtbot.waitExposed(view)
    yield view
    QGuiApplication.clipboard().clear()


def drawn(page: SecretPage, text: str = ADDRESS) -> None:
    words.type_into(page, "Secret or otpauth address", text)
    words.wait_to_see(page, "Cannot scan?")


def decoded(image: QImage) -> list[str]:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = memoryview(grey.constBits()).cast("B", (grey.height(), grey.bytesPerLine()))
    return [found.text for found in zxingcpp.read_barcodes(pixels)]


def test_digits_period_and_algorithm_go_into_the_address(page: SecretPage) -> None:
    words.type_into(page, "Secret or otpauth address", SECRET)
    words.type_into(page, "Account", "ada@harbour.example")
    words.press(page, "Digits, period, algorithm")
    words.type_into(page, "Digits", "8")
    words.type_into(page, "Algorithm", "SHA-256")
    words.type_into(page, "Period in seconds", "6o")
    page._presenter.complain()
    assert 'Period: "6o" is not a number from 1 to 300.' in words.see(page)
    words.type_into(page, "Period in seconds", "60")
    words.wait_to_see(page, "8 digits, every 60 s, SHA256")
    otp = totp.parse(page._presenter.address())
    assert (otp.digits, otp.period, otp.algorithm) == (8, 60, "SHA256")


@pytest.mark.parametrize(("digits", "algorithm"), [("6", "SHA1"), ("8", "SHA256"), ("8", "SHA512")])
def test_the_live_code_is_that_of_the_parameters(digits: str, algorithm: str) -> None:
    otp = totp.parse(SECRET, account="a", digits=digits, algorithm=algorithm)
    assert len(totp.code(otp, 59)) == int(digits)


def test_an_svg_is_saved_that_reads_back(page: SecretPage, tmp_path: Path) -> None:
    drawn(page)
    page._on_path(str(tmp_path / "code.svg"))
    words.wait_for(lambda: (tmp_path / "code.svg").exists(), "the file", page)
    svg = (tmp_path / "code.svg").read_bytes()
    assert (tmp_path / "code.svg").stat().st_mode & 0o777 == 0o600
    assert SECRET.encode() not in svg
    image = QImage(400, 400, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    QSvgRenderer(svg).render(painter)
    painter.end()
    assert decoded(image) == [ADDRESS]


def test_the_picture_is_copied_and_taken_back(page: SecretPage) -> None:
    drawn(page)
    words.press(page, "Copy image")
    assert decoded(QGuiApplication.clipboard().image()) == [ADDRESS]
    page._clipboard._timer.start(1)
    words.wait_for(lambda: QGuiApplication.clipboard().image().isNull(), "an empty clipboard", page)


def test_what_was_copied_since_stays(page: SecretPage) -> None:
    drawn(page)
    words.press(page, "Copy image")
    QGuiApplication.clipboard().setText("something else")
    page._clipboard.take_back()
    assert QGuiApplication.clipboard().text() == "something else"


def test_the_page_is_previewed_and_becomes_a_pdf_and_a_print(page: SecretPage, tmp_path: Path) -> None:
    drawn(page)
    words.press(page, "Print…")
    dialog = words.dialog("Print the QR code")
    assert isinstance(dialog, PrintDialog)
    assert dialog.findChild(QPrintPreviewWidget) is not None
    assert "no printer" in words.reason(dialog, "Print…") or words.pressable(dialog, "Print…")
    words.press(dialog, "Save as PDF…")
    chooser = words.wait_for(
        lambda: next((w for w in dialog.findChildren(QFileDialog) if w.isVisible()), None), "a file dialog"
    )
    chooser.fileSelected.emit(str(tmp_path / "page.pdf"))
    chooser.reject()
    words.wait_for(lambda: (tmp_path / "page.pdf").exists(), "the PDF")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "page.pdf").stat().st_mode & 0o777 == 0o600


def test_one_code_to_a_page_that_a_phone_reads_off_the_paper(
    qtbot: QtBot, dressed: QApplication, context: Context, tmp_path: Path
) -> None:
    sheets = []
    for name in ("ada@harbour.example", "bo@harbour.example"):
        address = totp.address(OtpAuth(SECRET, name, "Harbour"))
        sheets.append(Sheet("Harbour", name, totp.grouped(SECRET), totp.qr_matrix(address)))
    dialog = PrintDialog(context, sheets)
    qtbot.addWidget(dialog)
    dialog.open()
    pages: list[QImage] = []
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "print.pdf"))
    dialog.paint(printer)
    assert (tmp_path / "print.pdf").read_bytes().count(b"/Type /Page\n") == 2
    for sheet in sheets:
        image = QImage(1240, 1754, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_sheet(painter, sheet, QRectF(120, 120, 1000, 1500), 150 / 25.4, with_key=True)
        painter.end()
        pages.append(image)
    assert [totp.parse(decoded(each)[0]).account for each in pages] == ["ada@harbour.example", "bo@harbour.example"]
    assert SECRET[:4] not in repr(sheets)
    dialog.reject()


def test_a_picture_file_is_read_and_compared(page: SecretPage, context: Context, tmp_path: Path) -> None:
    said: list[Toast] = []
    context.toast_requested.connect(said.append)
    (tmp_path / "sent.png").write_bytes(totp.qr_png(ADDRESS))
    page._reading.read_file(str(tmp_path / "sent.png"))
    words.wait_to_see(page, "ada@harbour.example")
    assert SECRET not in words.see(page)
    assert said[-1].text.startswith("Read. Compare account and issuer")


def test_the_menu_reads_a_screenshot_off_the_clipboard(page: SecretPage) -> None:
    screen = Image.new("RGB", (1200, 800), "#12161C")
    screen.paste(Image.open(io.BytesIO(totp.qr_png(ADDRESS))).convert("RGB"), (300, 200))
    QGuiApplication.clipboard().setImage(QImage(screen.tobytes(), 1200, 800, 3600, QImage.Format.Format_RGB888))
    menu = page._read.menu()
    assert isinstance(menu, QMenu)
    (paste,) = [each for each in menu.actions() if each.text() == "From the clipboard"]
    paste.trigger()
    words.wait_to_see(page, "ada@harbour.example")


def test_a_file_may_be_dropped(page: SecretPage, tmp_path: Path) -> None:
    (tmp_path / "sent.png").write_bytes(totp.qr_png(ADDRESS))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "sent.png"))])
    move = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier  # it would be moved
    enter = QDragEnterEvent(QPoint(5, 5), move, mime, buttons, keys)
    assert enter.proposedAction() is Qt.DropAction.MoveAction
    page.dragEnterEvent(enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(5, 5), move, mime, buttons, keys)
    page.dropEvent(event)
    assert event.dropAction() is Qt.DropAction.CopyAction  # else they would take the file away
    words.wait_to_see(page, "ada@harbour.example")


def dropped(page: SecretPage, mime: QMimeData) -> None:
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys))


def test_a_picture_may_be_dropped_of_odd_width_and_transparent(page: SecretPage) -> None:
    code = Image.open(io.BytesIO(totp.qr_png(ADDRESS))).convert("L")
    clear = Image.new("RGBA", (code.width + 1, code.height), (0, 0, 0, 0))
    clear.paste("black", (0, 0), code.point(lambda value: 255 - value))
    mime = QMimeData()
    mime.setImageData(QImage.fromData(encoded(clear)))
    dropped(page, mime)
    words.wait_to_see(page, "ada@harbour.example")


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        (["https://harbour.example/code.png"], "is not fetched from there"),
        (["file:///a.png", "file:///b.png"], "2 files were dropped"),
    ],
)
def test_what_cannot_be_read_when_it_is_dropped_says_why(page: SecretPage, urls: list[str], said: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(each) for each in urls])
    dropped(page, mime)
    assert said in words.see(page)


def encoded(image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def test_the_printers_queue_and_the_names_offered_hold_no_secret(
    page: SecretPage, qtbot: QtBot, context: Context
) -> None:
    drawn(page)
    assert page._presenter.drawn is not None
    otp = page._presenter.drawn.otp
    dialog = PrintDialog(context, [Sheet(otp.issuer, otp.account, totp.grouped(SECRET), page._presenter.drawn.matrix)])
    qtbot.addWidget(dialog)
    assert dialog._printer.docName() == "Authenticator"
    title = dialog.pdf().partition(b"/Title")[2][:200].replace(b"\0", b"")
    assert b"Authenticator" in title
    assert b"ada" not in title
    dialog._on_pdf()
    (chooser,) = dialog.findChildren(QFileDialog)
    assert [Path(each).name for each in chooser.selectedFiles()] == ["authenticator.pdf"]
    chooser.reject()
    dialog.reject()
    page._on_save()
    (chooser,) = page.findChildren(QFileDialog)
    assert SECRET not in "".join(chooser.selectedFiles())
    chooser.reject()


@pytest.mark.parametrize("text", ["https://harbour.example/?a=b", "hello", "otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP"])
def test_a_code_that_is_no_authenticator_is_explained(page: SecretPage, tmp_path: Path, text: str) -> None:
    (tmp_path / "sent.png").write_bytes(totp.qr_png(text))
    page._reading.read_file(str(tmp_path / "sent.png"))
    words.wait_for(lambda: page._form.problems().get("secret"), "what is wrong", page)


def test_a_picture_without_a_code_says_so(page: SecretPage, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "white").save(tmp_path / "blank.png")
    page._reading.read_file(str(tmp_path / "blank.png"))
    words.wait_to_see(page, "no QR code is to be seen")
    QGuiApplication.clipboard().clear()
    page._on_paste()
    words.wait_to_see(page, "there is none on the clipboard")
    drawn(page)


def test_a_picture_on_the_clipboard_that_is_too_large_is_refused_at_once(page: SecretPage) -> None:
    QGuiApplication.clipboard().setImage(QImage(9_000, 9_000, QImage.Format.Format_Grayscale8))
    page._on_paste()
    assert "9,000 × 9,000 pixels are more than 36 million" in words.see(page)


def test_what_was_copied_leaves_the_clipboard_also_when_the_page_is_gone(
    qtbot: QtBot, dressed: QApplication, context: Context
) -> None:
    page = SecretPage(context)
    page.show()
    qtbot.waitExposed(page)
    drawn(page)
    words.press(page, "Copy secret")
    assert QGuiApplication.clipboard().text() == SECRET
    page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    shared()._timer.start(1)
    words.wait_for(lambda: not QGuiApplication.clipboard().text(), "an empty clipboard")
