"""Bars painted with the theme's colours. Each bar is a button: it has a name, takes the focus and can be pressed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from ui.text import number
from ui.theme import theme
from ui.widgets.badge import Tone

_LOW, _HIGH = 24, 38  # height of a row in pixels
_BAR = 14
_GAP = 12
_LEAST = 4  # what stands for 1 among thousands
_INKS = {
    Tone.OK: "ok",
    Tone.WARN: "warn",
    Tone.BAD: "bad",
    Tone.INFO: "accent",
    Tone.DEMO: "demo",
    Tone.NEUTRAL: "strong",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, how much, and a note at the right end. `spoken` is its accessible name, `hint` its tooltip.

    A `chosen` one stands out by its name, and is told to screen readers as checked.
    """

    key: Hashable
    name: str
    value: int
    note: str = ""
    tone: Tone = Tone.INFO
    spoken: str = ""
    hint: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the rows have in common: widths in pixels, and the value of a full bar."""

    name: int
    value: int
    note: int
    full: int


class BarRows(QWidget):
    """Horizontal bars to one scale, one below the other; they share the height that there is."""

    chosen = Signal(object)  # the key of the bar that was pressed

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._rows: list[_BarRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown, top to bottom."""
        return tuple(row.bar for row in self._rows)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show other bars. A row that stays in its place keeps the focus."""
        while len(self._rows) > len(bars):
            row = self._rows.pop()
            row.hide()
            row.deleteLater()
        columns = _columns(bars)
        for place, bar in enumerate(bars):
            if place == len(self._rows):
                row = _BarRow(bar, columns)
                row.clicked.connect(self._on_clicked)
                self._rows.append(row)
                self._column.addWidget(row)
            self._rows[place].show_bar(bar, columns)

    @Slot()
    def _on_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, _BarRow):
            self.chosen.emit(sender.bar.key)


class _BarRow(QAbstractButton):
    def __init__(self, bar: Bar, columns: _Columns) -> None:
        super().__init__()
        self.bar = bar
        self._columns = columns
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(_LOW)
        self.setMaximumHeight(_HIGH)
        theme.changed.connect(self.update)

    def show_bar(self, bar: Bar, columns: _Columns) -> None:
        self.bar, self._columns = bar, columns
        self.setAccessibleName(bar.spoken or f"{bar.name}: {number(bar.value)} {bar.note}".strip())
        self.setToolTip(bar.hint)
        self.setCheckable(bar.chosen)
        self.setChecked(bar.chosen)
        self.update()

    def sizeHint(self) -> QSize:
        widths = self._columns
        return QSize(widths.name + widths.value + widths.note + 3 * _GAP + 160, _LOW + 2)

    def minimumSizeHint(self) -> QSize:
        widths = self._columns
        return QSize(widths.name + widths.value + widths.note + 3 * _GAP + 40, _LOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar, widths, height = self.bar, self._columns, self.height()
        lit = self.isEnabled() and (self.underMouse() or self.isDown())
        painter.setFont(theme.font(weight=QFont.Weight.DemiBold) if bar.chosen else theme.font())
        painter.setPen(theme.color("accent" if lit or bar.chosen else "text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(0, 0, widths.name, height), middle | Qt.AlignmentFlag.AlignLeft, bar.name)
        note = QRect(self.width() - widths.note, 0, widths.note, height)
        value = QRect(note.left() - _GAP - widths.value, 0, widths.value, height)
        painter.setFont(theme.font(weight=QFont.Weight.Medium))
        painter.drawText(value, middle | Qt.AlignmentFlag.AlignRight, number(bar.value))
        painter.setFont(theme.font())
        painter.setPen(theme.color("warn" if bar.tone is Tone.WARN else "muted"))
        painter.drawText(note, middle | Qt.AlignmentFlag.AlignRight, bar.note)
        start = widths.name + _GAP
        track = QRectF(start, (height - _BAR) / 2, max(0, value.left() - _GAP - start), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("pressed" if lit else "track"))
        radius = theme.radius("sm")
        painter.drawRoundedRect(track, radius, radius)
        whole = QRectF(track)
        if bar.value > 0:
            share = bar.value / widths.full
            track.setWidth(max(_LEAST, track.width() * share))
            painter.setBrush(theme.color(_INKS[bar.tone]))
            painter.drawRoundedRect(track, min(radius, track.width() / 2), radius)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole.adjusted(-3, -3, 3, 3), radius + 2, radius + 2)
        painter.end()


def _columns(bars: Sequence[Bar]) -> _Columns:
    body = QFontMetrics(theme.font())
    # Measured alike whichever is chosen, so that the bars stay where they are.
    weight = QFont.Weight.DemiBold if any(bar.chosen for bar in bars) else QFont.Weight.Normal
    names = QFontMetrics(theme.font(weight=weight))
    medium = QFontMetrics(theme.font(weight=QFont.Weight.Medium))
    return _Columns(
        name=max((names.horizontalAdvance(bar.name) for bar in bars), default=0) + 2,
        value=max((medium.horizontalAdvance(number(bar.value)) for bar in bars), default=0) + 2,
        note=max((body.horizontalAdvance(bar.note) for bar in bars), default=0) + 2,
        full=max((bar.value for bar in bars), default=0) or 1,
    )
