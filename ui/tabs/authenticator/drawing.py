"""The right side of the Authenticator tab: what belongs to one secret. The view feeds it; it knows no presenter."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.auth.totp import grouped
from app.errors import AppError
from ui.tabs.authenticator.presenter import Checked, Drawn, LiveCode
from ui.text import tr
from ui.theme import theme
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.countdown import CountdownRing
from ui.widgets.forms import field_label
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.qr import QrCode
from ui.widgets.secret_key import SecretKey

_GAP = 24
_FACTS = 240  # pixels that the facts need beside the QR code; with less they stand under it
_SMALLEST, _LARGEST = 200, 400  # room for the QR code


class DrawingPanel(QWidget):
    """The QR code with its buttons; the account, the key to type, the live code and the check."""

    save_requested = Signal()
    print_requested = Signal()
    copy_image_requested = Signal()
    copy_address_requested = Signal()
    copy_secret_requested = Signal()
    code_typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._failure = Banner()
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(_GAP)
        self._columns.addWidget(self._make_picture(), 0, Qt.AlignmentFlag.AlignTop)
        self._columns.addWidget(self._make_facts(), 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._failure)
        column.addLayout(self._columns)
        column.addStretch(1)

    def show_drawn(self, drawn: Drawn) -> None:
        """Show another secret's QR code, masked."""
        otp = drawn.otp
        self._key.show_key(grouped(otp.secret))
        self._qr.show_matrix(drawn.matrix, tr("QR code for {account}", account=otp.account))
        self._account.set_text(otp.account)
        self._issuer.setText(otp.issuer or tr("no issuer"))
        unusual = (otp.digits, otp.period, otp.algorithm) != (6, 30, "SHA1")
        facts = tr(
            "{digits} digits, every {period} s, {algorithm}",
            digits=otp.digits,
            period=otp.period,
            algorithm=otp.algorithm,
        )
        self._unusual.setText(facts)
        self._unusual.setVisible(unusual)
        self._typed.setMaxLength(otp.digits + 4)
        self._typed.clear()
        self._failure.hide()

    def forget(self) -> None:
        """Drop the secret and the picture of it."""
        self._qr.clear()
        self._key.forget()
        self._code.clear()
        self._account.set_text("")
        self._typed.clear()
        self._failure.hide()

    @Slot()
    def conceal(self) -> None:
        """Hide the secret again."""
        self._key.conceal()

    @Slot(object)
    def show_code(self, code: LiveCode) -> None:
        """Show the code of this moment."""
        self._code.setText(code.text)
        self._code.setAccessibleName(tr("Code now: {code}", code=code.text))
        self._ring.show_left(code.seconds, code.period)

    @Slot(object)
    def show_check(self, checked: Checked | None) -> None:
        """Show how the typed code compares; None for no answer yet."""
        if checked is None:
            self._answer.hide()
        else:
            self._answer.show_message(checked.title, checked.body, checked.verdict.value)

    def show_failure(self, error: AppError) -> None:
        """Say that the picture could not be saved."""
        self._failure.show_error(error)

    def clear_failure(self) -> None:
        """Take that back."""
        self._failure.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        directions = QBoxLayout.Direction
        width = event.size().width()
        narrow = width - _GAP - _FACTS < _SMALLEST
        self._columns.setDirection(directions.TopToBottom if narrow else directions.LeftToRight)
        self._qr.set_room(max(_SMALLEST, min(width if narrow else width - _GAP - _FACTS, _LARGEST)))
        super().resizeEvent(event)

    def _make_picture(self) -> QWidget:
        self._qr = QrCode(room=_LARGEST)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        minute = tr("For a minute, unless something else is copied by then")
        for number, (text, icon, hint, wanted) in enumerate(
            (
                (tr("Save…"), "save", tr("PNG or SVG"), self.save_requested),
                (tr("Print…"), "external", tr("A page with instructions"), self.print_requested),
                (tr("Copy address"), "copy", minute, self.copy_address_requested),
                (tr("Copy image"), "copy", minute, self.copy_image_requested),
            )
        ):
            made_button = button(text, icon=icon, hint=hint)
            made_button.clicked.connect(wanted)
            buttons.addWidget(made_button, number // 2, number % 2)
        buttons.setColumnStretch(2, 1)
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._qr)
        column.addLayout(buttons)
        return made

    def _make_facts(self) -> QWidget:
        self._account = ElidedLabel("", "large")
        self._issuer = label("", "muted")
        self._unusual = label("", "small", wrap=True)
        made = QWidget()
        made.setMaximumWidth(480)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for part in (self._account, self._issuer, self._unusual):
            column.addWidget(part)
        column.addSpacing(theme.space("md"))
        column.addWidget(label(tr("Cannot scan? Type this key"), "heading", wrap=True))
        self._key = SecretKey()
        self._key.copy_requested.connect(self.copy_secret_requested)
        column.addWidget(self._key)
        column.addSpacing(theme.space("md"))
        column.addWidget(label(tr("Code now"), "heading"))
        column.addLayout(self._make_code())
        column.addSpacing(theme.space("md"))
        self._make_check(column)
        return made

    def _make_code(self) -> QHBoxLayout:
        self._code = label("", selectable=True)
        self._code.setFont(theme.mono("code"))
        self._ring = CountdownRing()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._code)
        row.addWidget(self._ring)
        row.addStretch(1)
        return row

    def _make_check(self, column: QVBoxLayout) -> None:
        self._typed = QLineEdit()
        self._typed.setProperty("role", "code")
        self._typed.setMaximumWidth(180)
        self._typed.setPlaceholderText("000 000")
        self._typed.textChanged.connect(self.code_typed)
        self._answer = Banner()
        column.addWidget(field_label(tr("Check a code"), self._typed))
        column.addWidget(self._typed)
        column.addSpacing(8)
        column.addWidget(self._answer)
