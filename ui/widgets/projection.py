"""A QR code over a whole screen: black on white, with issuer and account below, for a customer's monitor."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPalette, QScreen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui.text import tr
from ui.theme import theme
from ui.widgets.labels import label
from ui.widgets.qr import QrCode

_PART = 0.72  # of the screen's shorter side, for the code


class Projection(QWidget):
    """Opened over a screen by `project`; Escape or a click closes it."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(tr("QR code"))
        self.setAutoFillBackground(True)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor("white"))
        palette.setColor(QPalette.ColorRole.WindowText, QColor("black"))
        self.setPalette(palette)
        self._code = QrCode(room=400)
        self._hidden = self._line("", "body")
        self._issuer = self._line("", "title")
        self._account = self._line("", "heading")
        self._hint = self._line(tr("Press Escape to close"), "small")
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._code, 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._hidden, self._issuer, self._account, self._hint):
            column.addWidget(part)
        column.addStretch(1)

    def project(self, screen: QScreen, issuer: str, account: str) -> None:
        """Cover a screen."""
        self._issuer.setText(issuer)
        self._account.setText(account)
        area = screen.geometry()
        self._code.set_room(int(min(area.width(), area.height()) * _PART))
        self.setGeometry(area)
        self.showFullScreen()

    def show_matrix(self, matrix: Sequence[Sequence[bool]]) -> None:
        """Show the modules; none: say that they are hidden."""
        self._code.show_matrix(matrix, tr("QR code"))
        self._code.setVisible(bool(matrix))
        self._hidden.setText("" if matrix else tr("The code is hidden. The person at the Desk can show it again."))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close()

    def hideEvent(self, event: QEvent) -> None:
        self._code.clear()
        self.closed.emit()

    def _line(self, text: str, role: str) -> QLabel:
        made = label(text)
        made.setFont(theme.font(role, QFont.Weight.DemiBold))
        made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        made.setStyleSheet("color: black;")
        return made
