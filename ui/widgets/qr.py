"""A QR code as a widget: black on white in every theme, each module a whole number of device pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
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


def picture_of(matrix: Sequence[Sequence[bool]], box: int = 8) -> QImage:
    """The modules as a picture, `box` pixels each, with the quiet zone."""
    modules = len(matrix) + 2 * QUIET_ZONE
    made = QImage(modules * box, modules * box, QImage.Format.Format_RGB32)
    made.fill(_PAPER)
    painter = QPainter(made)
    paint_modules(painter, matrix, QRect(0, 0, modules * box, modules * box))
    painter.end()
    return made


def paint_modules(painter: QPainter, matrix: Sequence[Sequence[bool]], area: QRect) -> None:
    """Paint the modules into a square of the painter's own units, with the quiet zone, on white."""
    modules = len(matrix) + 2 * QUIET_ZONE
    painter.fillRect(area, _PAPER)
    edges = [round(area.width() * n / modules) for n in range(modules + 1)]
    for y, row in enumerate(matrix, start=QUIET_ZONE):
        for x, dark in enumerate(row, start=QUIET_ZONE):
            if dark:
                left, top = area.left() + edges[x], area.top() + edges[y]
                painter.fillRect(QRect(left, top, edges[x + 1] - edges[x], edges[y + 1] - edges[y]), _INK)
