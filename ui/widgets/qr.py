"""A QR code as a widget: black on white in every theme, each module a whole number of device pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import theme

QUIET_ZONE = 4  # modules of white on each side (ISO/IEC 18004)
_INK, _PAPER = QColor(0, 0, 0), QColor(255, 255, 255)  # not tokens: cameras want this contrast in the dark theme too


class QrCode(QWidget):
    """Shows the modules that it is given, True for dark, without their quiet zone. As large as fits into its room."""

    def __init__(self, parent: QWidget | None = None, *, room: int = 320) -> None:
        super().__init__(parent)
        self._matrix: Sequence[Sequence[bool]] = ()
        self._room = room
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._fit()
        theme.changed.connect(self.update)

    def show_matrix(self, matrix: Sequence[Sequence[bool]], name: str) -> None:
        """Show other modules; `name` is what a screen reader says."""
        self._matrix = matrix
        self.setAccessibleName(name)
        self._fit()
        self.update()

    def set_room(self, side: int) -> None:
        """Use at most a square of `side` pixels."""
        if side != self._room:
            self._room = side
            self._fit()

    def clear(self) -> None:
        """Show white paper."""
        self.show_matrix((), "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("border"))
        painter.setBrush(_PAPER)
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(edge, theme.radius("lg"), theme.radius("lg"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        # In device pixels, where a module can be exact at any scale of the screen.
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        module = self._module()
        start = (int(self.width() * ratio) - module * len(self._matrix)) // 2
        for y, row in enumerate(self._matrix):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRect(start + x * module, start + y * module, module, module), _INK)
        painter.end()

    def _module(self) -> int:
        """The side of a module in device pixels."""
        modules = len(self._matrix) + 2 * QUIET_ZONE
        return max(1, int(self._room * self.devicePixelRatioF()) // modules)

    def _fit(self) -> None:
        """Be as large as the whole modules are: a white rim of another width would look crooked."""
        modules = len(self._matrix) + 2 * QUIET_ZONE
        side = math.ceil(self._module() * modules / self.devicePixelRatioF()) if self._matrix else self._room
        self.setFixedSize(QSize(side, side))
