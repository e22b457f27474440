"""Two bars for each day: what came upwards, what went downwards, to one scale. Left and Right go from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.text import number, tr
from ui.theme import theme

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 10, 10, 24
_LEAST_LABEL = 46  # pixels between two dates
_LEAST_LINE = 16  # and between two numbers
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Day:
    """One day: how many came and how many left."""

    day: date
    up: int
    down: int


class DayChart(QWidget):
    """Painted with the theme's colours. One day is marked: the last one at first."""

    def __init__(self, name: str, up: str, down: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._up, self._down = name, up, down
        self._days: tuple[Day, ...] = ()
        self._at = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)
        self._tell()

    @property
    def days(self) -> tuple[Day, ...]:
        """What is shown, oldest first."""
        return self._days

    def set_days(self, days: Sequence[Day]) -> None:
        """Show other days."""
        self._days = tuple(days)
        if not 0 <= self._at < len(days):
            self._at = len(days) - 1
        self._tell()
        self.update()

    def words(self, at: int) -> str:
        """What one day says: 'Tue 3 Nov 2026: 5 came, 2 left'."""
        each = self._days[at]
        when = f"{each.day:%a} {each.day.day} {_MONTHS[each.day.month - 1]} {each.day.year}"
        return f"{when}: {number(each.up)} {self._up}, {number(each.down)} {self._down}"

    def sizeHint(self) -> QSize:
        return QSize(640, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 140)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._days) - 1
        keys = {
            Qt.Key.Key_Left: max(0, self._at - 1),
            Qt.Key.Key_Right: min(last, self._at + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        wanted = keys.get(Qt.Key(event.key()))
        if wanted is None or last < 0:
            super().keyPressEvent(event)
            return
        self._mark(wanted)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self._day_at(event.position().x())
        if found is not None:
            self._mark(found)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._day_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self.words(found) if found is not None else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        up = _nice(max((each.up for each in self._days), default=0))
        down = _nice(max((each.down for each in self._days), default=0))
        scale = room.height() / ((up + down) or 1)
        zero = room.top() + up * scale if up + down else room.bottom()
        if not up + down and self._days:
            painter.setFont(theme.font())
            painter.setPen(theme.color("muted"))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, tr("Nothing in these days"))
        self._paint_scale(painter, room, zero, up, down, scale)
        step = room.width() / max(1, len(self._days))
        width = max(2.0, min(18.0, step * 0.62))
        painter.setPen(Qt.PenStyle.NoPen)
        for at, each in enumerate(self._days):
            left = room.left() + at * step + (step - width) / 2
            if at == self._at:
                painter.setBrush(theme.color("hover"))
                painter.drawRect(QRectF(room.left() + at * step, room.top(), step, room.height()))
            for value, token, sign in ((each.up, "accent", -1), (each.down, "neutral", 1)):
                if value:
                    high = max(2.0, value * scale)
                    box = QRectF(left, zero - high if sign < 0 else zero + 1, width, high)
                    painter.setBrush(theme.color(token))
                    painter.drawRoundedRect(box, min(3.0, width / 2), min(3.0, high / 2))
        self._paint_dates(painter, room, step)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.radius("sm"), theme.radius("sm"))
        painter.end()

    def _paint_scale(self, painter: QPainter, room: QRectF, zero: float, up: int, down: int, scale: float) -> None:
        painter.setFont(theme.font("small"))
        for value, y in ((up, zero - up * scale), (0, zero), (down, zero + down * scale)):
            if value == 0 and y != zero:
                continue
            painter.setPen(QPen(theme.color("strong" if y == zero else "border"), 1))
            painter.drawLine(QPointF(room.left(), round(y) + 0.5), QPointF(room.right(), round(y) + 0.5))
            if y != zero and abs(y - zero) < _LEAST_LINE:
                continue
            painter.setPen(theme.color("muted"))
            box = QRectF(0, y - 9, _LEFT - 8, 18)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(value))

    def _paint_dates(self, painter: QPainter, room: QRectF, step: float) -> None:
        font = theme.font("small", QFont.Weight.Normal)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        every = max(1, -(-_LEAST_LABEL // max(1, int(step))))
        for at in range(len(self._days) - 1, -1, -every):
            day = self._days[at].day
            words = f"{day.day} {_MONTHS[day.month - 1]}"
            wide = metrics.horizontalAdvance(words) + 4
            middle = room.left() + (at + 0.5) * step
            left = min(max(0.0, middle - wide / 2), self.width() - wide)
            painter.setPen(theme.color("text" if at == self._at else "muted"))
            painter.drawText(QRectF(left, room.bottom() + 4, wide, 18), Qt.AlignmentFlag.AlignCenter, words)

    def _day_at(self, x: float) -> int | None:
        wide = self.width() - _LEFT - _RIGHT
        at = int((x - _LEFT) * len(self._days) / wide) if wide > 0 and x >= _LEFT else -1
        return at if 0 <= at < len(self._days) else None

    def _mark(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self._tell()
            self.update()

    def _tell(self) -> None:
        self.setAccessibleName(self._name)
        total = tr(
            "{up} {came}, {down} {left} in {days} days",
            up=number(sum(d.up for d in self._days)), came=self._up,
            down=number(sum(d.down for d in self._days)), left=self._down, days=len(self._days),
        )  # fmt: skip
        marked = self.words(self._at) if 0 <= self._at < len(self._days) else ""
        self.setAccessibleDescription(". ".join(part for part in (total, marked) if part))


def _nice(value: int) -> int:
    """The next round number: 1, 2, 5, 10, 20, 50, …; 0 stays 0."""
    if value <= 0:
        return 0
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= value:
                return factor * power
        power *= 10
