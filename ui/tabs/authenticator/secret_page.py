"""QR for a secret: the form at the left; the code, the key and the check of a phone's code at the right."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from app.auth.totp import grouped
from app.errors import AppError
from ui.context import Context
from ui.tabs.authenticator.drawing import DrawingPanel
from ui.tabs.authenticator.presenter import AuthenticatorPresenter, Drawn, Entry
from ui.tabs.authenticator.reading import QrReading
from ui.text import tr
from ui.view_state import Empty, Ready, ViewState
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.cards import Card, scrolling
from ui.widgets.forms import Form, PasswordField
from ui.widgets.labels import label
from ui.widgets.qr import picture_of
from ui.widgets.secret_clipboard import SECONDS, shared
from ui.widgets.sheet import Sheet
from ui.widgets.states import StateView


class _LiveForm(Form):
    """Marks fields while somebody types: the focus stays where it is."""

    def mark(self, problems: Mapping[str, str]) -> None:
        for name, row in self._rows.items():
            row.set_problem(problems.get(name, ""))


class SecretPage(QWidget):
    """The page. It works without a connection too."""

    def __init__(
        self, context: Context, parent: QWidget | None = None, *, presenter: AuthenticatorPresenter | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = presenter or AuthenticatorPresenter(context)
        self._presenter.setParent(self)
        self._clipboard = shared()  # it outlives this widget
        self._reading = QrReading(context, self)
        self._reading_failure = Banner()
        self._address = False
        self.setAcceptDrops(True)
        self._panel = DrawingPanel()
        self._states = StateView(scrolling(self._panel, tr("QR code of the secret")))
        drawing = Card()
        drawing.add(self._reading_failure)
        drawing.add(self._states, 1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._make_form(), 2)
        row.addWidget(drawing, 5)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addLayout(row, 1)
        # "Clear" stands above the form, and would be reached first.
        fields = [self._form.field(name) for name in ("account", "issuer", "digits", "period", "algorithm")]
        order = [self._text.line, self._text.eye, *fields[:2], self._more, *fields[2:]]
        for before, after in pairwise([*order, self._generate, self._read, self._clear]):
            QWidget.setTabOrder(before, after)
        self.setFocusProxy(self._text.line)
        self._connect()
        self._show_rows()
        self._presenter.edit(Entry())

    def open_at(self, payload: object) -> None:
        """Take an otpauth address, or the account of the person who needs a QR code."""
        if isinstance(payload, str):
            self._presenter.prefill(payload)
            self._text.line.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        self._presenter.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self._presenter.set_active(False)
        self._panel.conceal()
        self._text.show_text(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._presenter.clear()
        super().closeEvent(event)

    def _make_form(self) -> QWidget:
        self._form = _LiveForm()
        self._text = PasswordField()
        self._text.line.setPlaceholderText(tr("JBSW Y3DP … or otpauth://totp/…"))
        self._form.add("secret", tr("Secret or otpauth address"), self._text)
        self._form.add_line(
            "account", tr("Account"), hint=tr("Usually the person's email address."), placeholder="ada@example.com"
        )
        self._form.add_line("issuer", tr("Issuer"), hint=tr("The service, as the app will show it. May stay empty."))
        self._form.add_choice("digits", tr("Digits"), {"6": "6", "7": "7", "8": "8"}, "6")
        self._form.add_line("period", tr("Period in seconds"), "30")
        algorithms = {"SHA1": "SHA-1", "SHA256": "SHA-256", "SHA512": "SHA-512"}
        hint = tr("Cognito makes six digits every 30 s with SHA-1. Not every app can do anything else.")
        self._form.add_choice("algorithm", tr("Algorithm"), algorithms, "SHA1", hint=hint)
        self._more = button(tr("Digits, period, algorithm"), "link")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._show_rows)
        self._read = button(tr("Read a QR code…"), icon="search", menu=self._make_reading())
        self._generate = button(tr("Generate a new secret"), icon="refresh")
        self._clear = button(tr("Clear"), "quiet")
        card = Card(tr("QR code for"))
        card.setMinimumWidth(248)
        card.setMaximumWidth(400)
        card.add_head(self._clear)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(8)
        column.addWidget(self._form)
        column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(4)
        column.addWidget(self._generate, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._read, 0, Qt.AlignmentFlag.AlignLeft)
        hint = tr("A new secret is for tests: Cognito makes its own when somebody enrols.")
        column.addWidget(label(hint, "small", wrap=True))
        column.addStretch(1)
        card.add(scrolling(content), 1)
        card.add(label(tr("Nothing here is saved or logged. Clear it when you are done."), "small", wrap=True))
        return card

    def _make_reading(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(tr("From a picture file…"), self._on_open)
        menu.addAction(tr("From the clipboard"), self._on_paste)
        return menu

    def _connect(self) -> None:
        presenter, panel = self._presenter, self._panel
        self._reading.found.connect(self._on_read)
        self._reading.failed.connect(self._on_read_failed)
        panel.copy_image_requested.connect(self._on_copy_image)
        panel.print_requested.connect(self._on_print)
        self._form.edited.connect(self._on_edited)
        self._form.submitted.connect(presenter.complain)
        self._text.line.editingFinished.connect(presenter.complain)
        self._generate.clicked.connect(self._on_generate)
        self._clear.clicked.connect(presenter.clear)
        self._states.retry_requested.connect(self._on_edited)
        presenter.state_changed.connect(self._on_state)
        presenter.problems_changed.connect(self._on_problems)
        presenter.entry_filled.connect(self._on_filled)
        presenter.code_changed.connect(panel.show_code)
        presenter.checked.connect(panel.show_check)
        presenter.saved.connect(self._on_saved)
        presenter.save_failed.connect(self._on_save_failed)
        panel.save_requested.connect(self._on_save)
        panel.copy_address_requested.connect(self._on_copy_address)
        panel.copy_secret_requested.connect(self._on_copy_secret)
        panel.code_typed.connect(presenter.check)

    @Slot()
    def _on_edited(self) -> None:
        values = self._form.values()
        entry = Entry(
            values["secret"],
            values["account"],
            values["issuer"],
            values["digits"],
            values["period"],
            values["algorithm"],
        )
        self._show_names(entry)
        self._presenter.edit(entry)

    @Slot(object)
    def _on_filled(self, entry: Entry) -> None:
        self._text.line.setText(entry.text)
        for name in ("account", "issuer", "period"):
            line = self._form.field(name)
            assert isinstance(line, QLineEdit)
            line.setText(getattr(entry, name))
        for name in ("digits", "algorithm"):
            choice = self._form.field(name)
            assert isinstance(choice, QComboBox)
            choice.setCurrentIndex(choice.findData(getattr(entry, name)))
        self._text.show_text(False)
        self._show_names(entry)

    def _show_names(self, entry: Entry) -> None:
        """An address names account, issuer and all the rest itself."""
        self._address = entry.is_address
        self._show_rows()

    @Slot()
    def _show_rows(self) -> None:
        for name in ("account", "issuer"):
            self._form.set_row_visible(name, not self._address)
        self._more.setVisible(not self._address)
        for name in ("digits", "period", "algorithm"):
            self._form.set_row_visible(name, not self._address and self._more.isChecked())

    @Slot(object)
    def _on_problems(self, problems: dict[str, str]) -> None:
        if problems != self._form.problems():
            self._form.mark(problems)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        if isinstance(state, Ready) and isinstance(state.value, Drawn):
            self._panel.show_drawn(state.value)
        elif isinstance(state, Empty):
            self._panel.forget()
        self._states.show_state(state)

    @Slot()
    def _on_generate(self) -> None:
        values = self._form.values()
        self._presenter.generate(values["account"], values["issuer"])
        if not values["account"].strip():
            self._form.field("account").setFocus()

    @Slot()
    def _on_copy_address(self) -> None:
        self._copy(self._presenter.address(), tr("Address copied."))

    @Slot()
    def _on_copy_secret(self) -> None:
        drawn = self._presenter.drawn
        self._copy(drawn.otp.secret if drawn else "", tr("Secret copied."))

    def _copy(self, text: str, said: str) -> None:
        if text:
            self._clipboard.copy(text)
            self._context.toast(f"{said} {tr('It leaves the clipboard in {n} s.', n=SECONDS)}", "info")

    @Slot()
    def _on_copy_image(self) -> None:
        if self._presenter.drawn is not None:
            picture = picture_of(self._presenter.drawn.matrix)
            self._clipboard.copy_image(picture)
            self._context.toast(tr("Picture copied. It leaves the clipboard in {n} s.", n=SECONDS), "info")

    @Slot()
    def _on_print(self) -> None:
        drawn = self._presenter.drawn
        if drawn is None:
            return
        from ui.dialogs.print_sheet import PrintDialog  # printing loads libraries of its own

        PrintDialog(
            self._context, [Sheet(drawn.otp.issuer, drawn.otp.account, grouped(drawn.otp.secret), drawn.matrix)], self
        ).open()

    @Slot()
    def _on_open(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        kinds = tr("Pictures (*.png *.jpg *.jpeg *.gif *.bmp *.tif *.tiff)")
        chooser = QFileDialog(self, tr("Read a QR code off a picture"), folder, kinds)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(self._reading.read_file)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot()
    def _on_paste(self) -> None:
        self._reading.read_image(QGuiApplication.clipboard().image())

    @Slot(object)
    def _on_read(self, text: str) -> None:
        self._reading_failure.hide()
        self._presenter.prefill_read(text)
        self._context.toast(tr("Read. Compare account and issuer with what was meant."), "info")

    @Slot(object)
    def _on_read_failed(self, error: AppError) -> None:
        words = error.fields.get("picture")
        if words is None:
            self._reading_failure.show_error(error)
        else:  # it says all, and no field is marked
            self._reading_failure.show_message(tr("No QR code was read"), words, "bad")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime, copy = event.mimeData(), Qt.DropAction.CopyAction
        if event.possibleActions() & copy and (mime.hasUrls() or mime.hasImage()):
            event.setDropAction(copy)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)  # a file manager that means to move it would take it away
        event.accept()
        self._reading.read_dropped(event.mimeData())

    @Slot()
    def _on_save(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self, tr("Save the QR code"), folder, tr("PNG picture (*.png);;SVG drawing (*.svg)"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("png")
        chooser.filterSelected.connect(self._on_filter)
        chooser.selectFile(self._presenter.file_name())
        chooser.fileSelected.connect(self._on_path)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def _on_filter(self, words: str) -> None:
        chooser = self.sender()
        if isinstance(chooser, QFileDialog):
            chooser.setDefaultSuffix("svg" if "svg" in words else "png")

    @Slot(str)
    def _on_path(self, path: str) -> None:
        self._panel.clear_failure()
        self._presenter.save(Path(path))

    @Slot(object)
    def _on_saved(self, path: Path) -> None:
        text = tr("Saved {name}. It holds the secret: delete it once it is scanned.", name=path.name)
        self._context.toast(text)

    @Slot(object)
    def _on_save_failed(self, error: AppError) -> None:
        self._panel.show_failure(error)
