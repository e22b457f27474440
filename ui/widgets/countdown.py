"""A ring that empties while time runs out, with the seconds left in it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.text import tr
from ui.theme import theme

_SIZE = 40
_WIDTH = 4
_HURRY = 5  # seconds


class CountdownRing(QWidget):
    """Painted once per change: nothing moves by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds, self._whole = 0, 1
        self.setFixedSize(_SIZE, _SIZE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(_SIZE, _SIZE)

    def show_left(self, seconds: int, whole: int) -> None:
        """Show how many of `whole` seconds are left."""
        self._seconds, self._whole = seconds, max(1, whole)
        self.setAccessibleName(tr("New code in {n} s", n=seconds))
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = _WIDTH / 2 + 1
        ring = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.setPen(QPen(theme.color("track"), _WIDTH))
        painter.drawEllipse(ring)
        ink = theme.color("warn" if self._seconds <= _HURRY else "accent")
        painter.setPen(QPen(ink, _WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, 90 * 16, round(360 * 16 * min(1.0, self._seconds / self._whole)))
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font("small", QFont.Weight.DemiBold))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._seconds))
        painter.end()
