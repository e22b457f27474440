"""One printed page per authenticator: the QR code, what it is for, what to do with it. At any resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from ui.text import tr
from ui.theme import theme
from ui.widgets.qr import paint_modules

_CODE = 70.0  # millimetres
_STEPS = (
    "Install an authenticator app on your phone, such as Google Authenticator, Microsoft Authenticator or Aegis.",
    "Open it, add an entry, and scan this code. If you cannot scan it, type the key below instead.",
    "Sign in. When you are asked for a code, type the six digits that the app shows for this entry.",
    "Destroy this page: whoever has it can make your codes.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on one page. The representation hides the secret parts."""

    issuer: str
    account: str
    key: str = field(repr=False)
    matrix: Sequence[Sequence[bool]] = field(repr=False)


def paint_sheet(painter: QPainter, sheet: Sheet, area: QRectF, millimetre: float, *, with_key: bool) -> None:
    """Paint a page into `area` (the printable part, in the painter's units); `millimetre` is one in those units."""
    painter.setPen(QColor("black"))
    y = area.top()

    def line(text: str, size: float, *, bold: bool = False, gap: float = 3.0, mono: bool = False) -> None:
        nonlocal y
        font = QFont(theme.mono() if mono else theme.font())
        font.setPixelSize(max(1, round(size * millimetre)))
        font.setBold(bold)
        painter.setFont(font)
        room = QRectF(area.left(), y, area.width(), area.height())
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        used = painter.boundingRect(room, int(flags), text)
        painter.drawText(room, int(flags), text)
        y += used.height() + gap * millimetre

    line(tr("Set up your authenticator app"), 8.0, bold=True, gap=4.0)
    line(sheet.issuer or tr("(no issuer)"), 5.5, bold=True, gap=1.0)
    line(sheet.account, 5.0, gap=4.0)
    side = round(min(_CODE * millimetre, area.width()))
    paint_modules(painter, sheet.matrix, QRect(round(area.left()), round(y), side, side))
    y += side + 6 * millimetre
    for number, step in enumerate(_STEPS, start=1):
        line(f"{number}.  {tr(step)}", 4.2, gap=2.0)
    if with_key:
        y += 4 * millimetre
        line(tr("Key to type"), 4.2, bold=True, gap=1.5)
        line(sheet.key, 5.0, mono=True)
