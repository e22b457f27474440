"""People by the month in which their account was created, as small bars: press one to search for that month."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.directory.query import chosen as chosen_in
from ui.tabs.users.facet_line import INDENT
from ui.text import count, month, tr
from ui.theme import theme
from ui.widgets.labels import label

_HEIGHT = 44
_LEAST = 2  # pixels that stand for somebody among thousands
_NEGATING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class MonthBars(QWidget):
    """A heading, a bar for each month, and the first and last month below them. Left and Right move between bars."""

    chosen = Signal(str, str, bool)  # the field, "2026-01", whether to leave those people out

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.bars: list[_Bar] = []
        heading = label(tr("Created"), "heading")
        heading.setContentsMargins(INDENT, 0, 0, 2)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(INDENT, 0, INDENT, 0)
        self._row.setSpacing(1)
        self._first, self._last = label("", "small"), label("", "small")
        ends = QHBoxLayout()
        ends.setContentsMargins(INDENT, 0, INDENT, 0)
        ends.addWidget(self._first)
        ends.addStretch(1)
        ends.addWidget(self._last)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(heading)
        column.addLayout(self._row)
        column.addLayout(ends)
        self.hide()

    def show_search(self, text: str) -> None:
        """Mark what a search asks for."""
        self._text = text
        for bar in self.bars:
            bar.show_wanted(chosen_in(text, "created", bar.period) if bar.period else None)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show other months, the oldest first."""
        while len(self.bars) < len(counts):
            bar = _Bar()
            bar.setFocusPolicy(Qt.FocusPolicy.ClickFocus if self.bars else Qt.FocusPolicy.StrongFocus)
            bar.pressed_with.connect(self._on_pressed)
            bar.left.connect(self._on_left)
            self.bars.append(bar)
            self._row.addWidget(bar, 1)
        most = max(counts.values(), default=0)
        for bar, (period, people) in zip(self.bars, counts.items(), strict=False):
            bar.show_month(period, people, most)
        periods = list(counts)
        if periods:
            self._first.setText(month(periods[0]))
            self._last.setText(month(periods[-1]))
        self.show_search(self._text)
        self.setVisible(bool(most))

    @Slot(str, bool)
    def _on_pressed(self, period: str, negated: bool) -> None:
        self.chosen.emit("created", period, negated)

    @Slot(int)
    def _on_left(self, step: int) -> None:
        at = next((i for i, bar in enumerate(self.bars) if bar.hasFocus()), 0) + step
        if 0 <= at < len(self.bars):
            self.bars[at].setFocus(Qt.FocusReason.TabFocusReason)


class _Bar(QAbstractButton):
    """One month."""

    pressed_with = Signal(str, bool)  # the month, whether negated
    left = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.period = ""
        self._share = 0.0
        self._people = 0
        self._wanted: bool | None = None
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(8, _HEIGHT)

    def show_month(self, period: str, people: int, most: int) -> None:
        self.period, self._people = period, people
        self._share = people / most if most else 0.0
        told = tr("{month}: {people}", month=month(period), people=count(people, "person", "people"))
        self.setAccessibleName(told)
        self.setToolTip(f"{told}\n{tr('Click to search for them; with Ctrl or Shift to leave them out.')}")
        self.update()

    def show_wanted(self, wanted: bool | None) -> None:
        self._wanted = wanted
        said = "" if wanted is None else tr("searched for") if wanted else tr("left out")
        self.setAccessibleDescription(said)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._modifiers = event.modifiers()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}.get(
            Qt.Key(event.key()), 0
        )
        self._modifiers = event.modifiers()
        if step:
            self.left.emit(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.underMouse() or self._wanted is not None:
            painter.setBrush(
                theme.color("hover" if self._wanted is None else "accentsoft" if self._wanted else "badsoft")
            )
            painter.drawRoundedRect(area, 2, 2)
        height = max(_LEAST if self._people else 0.0, self._share * (area.height() - 4))
        painter.setBrush(theme.color("accent" if self._wanted is not False else "bad"))
        if self._wanted is None:
            painter.setBrush(theme.color("accent" if self.underMouse() else "strong"))
        painter.drawRect(QRectF(area.left() + 1, area.bottom() - height - 1, area.width() - 2, height))
        painter.setBrush(theme.color("border"))
        painter.drawRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(area, 2, 2)
        painter.end()

    @Slot()
    def _on_clicked(self) -> None:
        negated = bool(self._modifiers & _NEGATING)
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self.pressed_with.emit(self.period, negated)
