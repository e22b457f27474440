"""The page with the QR code: large, with issuer and account, the key to type, and the code that the phone shows."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.auth.stages import Scan
from app.auth.totp import OtpAuth, grouped
from app.elapsed import elapsed
from app.errors import AppError
from app.settings import DeskRules
from ui import screens
from ui.dialogs.enrolment.presenter import Matrix
from ui.text import tr
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.countdown import CountdownRing
from ui.widgets.forms import field_label
from ui.widgets.hiding_qr import HidingQr
from ui.widgets.labels import ElidedLabel, label, restyle
from ui.widgets.projection import Projection
from ui.widgets.secret_clipboard import shared
from ui.widgets.secret_key import SecretKey

ROOM = 404
_HURRY = 45.0  # seconds before the end of the session that are worth a word


class ScanPage(QWidget):
    """Emits the code that was typed. `verify` is the page's main button."""

    code_given = Signal(str)
    renew_requested = Signal()
    run_out = Signal()  # the session's time is over

    def __init__(self, rules: DeskRules, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._otp: OtpAuth | None = None
        self._until: float | None = None
        self._epoch = 0.0
        self._told = False  # that the time is over
        self.qr = HidingQr(room=ROOM, seconds=rules.qr_seconds, blur=rules.qr_blur)
        self.qr.hidden_changed.connect(self._mirror)
        self._projection: Projection | None = None
        self._clipboard = shared()  # it outlives this widget
        self.key = SecretKey()
        self.key.copy_requested.connect(self._on_copy)
        self.verify = button(tr("Check the code"), "primary")
        self.verify.clicked.connect(self._on_verify)
        self._second = QTimer(self, interval=250)
        self._second.timeout.connect(self._tick)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        row.addLayout(self._make_picture())
        row.addLayout(self._make_facts(), 1)

    def show_scan(self, scan: Scan, matrix: Matrix | None) -> None:
        """Show the code of this enrolment; another one starts afresh."""
        if self._otp != scan.otp:
            self._otp = scan.otp
            self._code.clear()
            self._say("")
            self.key.show_key(grouped(scan.otp.secret))
        self._until, self._epoch, self._told = scan.until, scan.epoch, False
        self._issuer.set_text(scan.otp.issuer or tr("no issuer"))
        self._account.set_text(scan.otp.account)
        over = self._until is not None and self._until <= elapsed()
        self.qr.show_matrix(None if over else matrix, tr("QR code for {account}", account=scan.otp.account))
        self._mirror()
        self._tick()

    def show_problem(self, error: AppError) -> bool:
        """Say at the field what is wrong with the code; false where the error is about something else."""
        words = error.fields.get("code")
        if words is None:
            return False
        self._say(words)
        self._code.setFocus()
        self._code.selectAll()
        return True

    def forget(self) -> None:
        """Drop the secret, the picture and the code."""
        self._otp = None
        self._second.stop()
        self.qr.clear()
        self.key.forget()
        self._code.clear()
        self._clipboard.take_back()
        if self._projection is not None:
            self._projection.close()

    def focus_code(self) -> None:
        """The cursor into the code's field."""
        self._code.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        self._second.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._second.stop()
        self.key.conceal()
        if self._projection is not None:
            self._projection.close()

    def _make_picture(self) -> QVBoxLayout:
        project = button(tr("Full screen"), icon="external", hint=tr("On the other monitor, where there is one"))
        project.clicked.connect(self._on_project)
        renew = button(tr("New QR code"), icon="refresh", hint=tr("Another secret, if somebody else saw this one"))
        renew.clicked.connect(self.renew_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(project)
        buttons.addWidget(renew)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(self.qr)
        column.addLayout(buttons)
        column.addStretch(1)
        return column

    def _make_facts(self) -> QVBoxLayout:
        self._issuer = ElidedLabel("", "large")
        self._account = ElidedLabel("", "muted")
        self._code = QLineEdit()
        self._code.setProperty("role", "code")
        self._code.setMaxLength(10)
        self._code.setMaximumWidth(170)
        self._code.setPlaceholderText("000 000")
        self._code.textEdited.connect(self._on_edited)
        self._code.returnPressed.connect(self._on_verify)
        self._ring = CountdownRing()
        self._problem = label("", "error", wrap=True)
        self._problem.hide()
        self._left = label("", "small", wrap=True)
        entry = QHBoxLayout()
        entry.setSpacing(12)
        entry.addWidget(self._code)
        entry.addWidget(self._ring)
        entry.addStretch(1)
        ask = label(tr("Have them open their authenticator app, add an entry and scan the code."), wrap=True)
        ask.setFont(theme.font("body", QFont.Weight.Normal))
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self._issuer)
        column.addWidget(self._account)
        column.addSpacing(4)
        column.addWidget(ask)
        column.addSpacing(4)
        column.addWidget(label(tr("Cannot scan? Type this key"), "heading", wrap=True))
        column.addWidget(self.key)
        column.addSpacing(8)
        column.addWidget(field_label(tr("The code that the app shows now"), self._code))
        column.addLayout(entry)
        column.addWidget(self._problem)
        column.addWidget(self._left)
        column.addStretch(1)
        return column

    def _say(self, words: str) -> None:
        self._problem.setText(words)
        self._problem.setVisible(bool(words))
        self._code.setProperty("invalid", "true" if words else "false")
        self._code.setAccessibleDescription(words)
        restyle(self._code)

    @Slot()
    def _on_edited(self) -> None:
        self._say("")
        self.verify.setEnabled(self._complete)

    @property
    def _complete(self) -> bool:
        return len(re.sub(r"\D", "", self._code.text())) == (self._otp.digits if self._otp else 6)

    @Slot()
    def _on_verify(self) -> None:
        if self._complete and self.isEnabled():
            self.code_given.emit(self._code.text())

    @Slot()
    def _on_copy(self) -> None:
        if self._otp is not None:
            self._clipboard.copy(self._otp.secret)

    @Slot()
    def _on_project(self) -> None:
        if self._otp is None:
            return
        if self._projection is None:
            self._projection = Projection(self)
            self.qr.companions.append(self._projection)
        if self.qr.concealed:
            self.qr.reveal()
        self._projection.show_matrix(self.qr.matrix)
        self._projection.project(screens.other(self), self._otp.issuer, self._otp.account)

    @Slot()
    def _mirror(self) -> None:
        if self._projection is not None and self._projection.isVisible():
            self._projection.show_matrix(self.qr.matrix)

    @Slot()
    def _tick(self) -> None:
        if self._otp is None:
            return
        now = elapsed()
        period = self._otp.period
        self._ring.show_left(math.ceil(period - (self._epoch + now) % period), period)
        self.verify.setEnabled(self._complete and self.isEnabled())  # not while a code is being checked
        if self._until is None:
            self._left.setText(tr("The ring shows how long the app's present code is valid."))
            return
        left = self._until - now
        if left <= 0:
            self._run_out()
            return
        words = tr("Cognito waits {time} more for the code.", time=_span(left))
        if left < _HURRY:
            words += " " + tr("If it runs out, nothing is lost: you make a new QR code then.")
        self._left.setText(words)

    def _run_out(self) -> None:
        """What is on show is of no use any more: away with it, at once and on every monitor."""
        self.qr.clear()
        self.key.forget()
        self._mirror()
        self._left.setText(tr("Cognito's time for this sign-in has run out."))
        if self.isEnabled() and not self._told:  # else a code is being checked: Cognito may have taken it in time
            self._told = True
            self.run_out.emit()


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
