"""The timeline of one person: a line with a mark for each event, newest at the top."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from ui import errors
from ui.tabs.onboarding.timeline import Event, Timeline
from ui.text import ago, exact, tr, when
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, label

_AXIS = 7  # pixels from the left to the middle of the line
_MARK = 4.5
_WORDS = 24


class _Line(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._tone = "accent"
        self._first = self._last = False
        self._title = label("", "field", wrap=True)
        self._when = label("", "small")
        self._detail = label("", "small", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._when, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(_WORDS, 0, 0, 10)
        column.setSpacing(1)
        column.addLayout(head)
        column.addWidget(self._detail)
        theme.changed.connect(self.update)

    def show_event(self, event: Event, *, first: bool, last: bool) -> None:
        self._tone, self._first, self._last = event.tone, first, last
        self._title.setText(event.title)
        self._when.setText(when(event.at))
        self._when.setToolTip(f"{exact(event.at)}\n{ago(event.at)}")
        self._detail.setText(event.detail)
        self._detail.setVisible(bool(event.detail))
        self.setToolTip(event.hint)
        self.setAccessibleName(", ".join(part for part in (event.title, when(event.at), event.detail) if part))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self._title.fontMetrics().height() / 2
        painter.setPen(QPen(theme.color("strong"), 1.5))
        if not self._first:
            painter.drawLine(QPointF(_AXIS, 0), QPointF(_AXIS, middle - _MARK - 2))
        if not self._last:
            painter.drawLine(QPointF(_AXIS, middle + _MARK + 2), QPointF(_AXIS, self.height()))
        ink = theme.color(self._tone)
        painter.setPen(QPen(ink, 1.6))
        # What the row remembers is a ring; what the journal holds is filled, or a square where it did not go well.
        painter.setBrush(Qt.BrushStyle.NoBrush if self._tone == "accent" else ink)
        place = QPointF(_AXIS, middle)
        if self._tone in ("bad", "warn"):
            painter.drawRect(round(_AXIS - _MARK + 0.5), round(middle - _MARK + 0.5), 8, 8)
        else:
            painter.drawEllipse(place, _MARK - 0.5, _MARK - 0.5)
        painter.end()


class TimelineView(QWidget):
    """Lines are made once and filled anew."""

    activity_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Timeline"))
        self._lines: list[_Line] = []
        self._nothing = label(tr("Reading the timeline…"), "muted", wrap=True)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._legend = ElidedLabel(tr("○ database row   ● journal"), "small")
        self._activity = button(tr("Show in Activity"), "link")
        self._activity.clicked.connect(self.activity_requested)
        foot = QHBoxLayout()
        foot.addWidget(self._legend, 1)
        foot.addWidget(self._activity)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self._nothing)
        outer.addLayout(self._column)
        outer.addLayout(foot)
        outer.addStretch(1)

    @Slot(object)
    def show_timeline(self, timeline: Timeline | None) -> None:
        """Show other events; None while they are read."""
        events = timeline.events if timeline is not None else ()
        self._nothing.setVisible(not events)
        self._nothing.setText(tr("Reading the timeline…") if timeline is None else tr("Nothing is remembered."))
        for number, event in enumerate(events):
            if number == len(self._lines):
                self._lines.append(_Line())
                self._column.addWidget(self._lines[number])
            self._lines[number].show_event(event, first=number == 0, last=number == len(events) - 1)
        for number, line in enumerate(self._lines):
            line.setVisible(number < len(events))
        self._activity.setVisible(bool(events))
        more = timeline is not None and timeline.more
        self._activity.setText(tr("Older in Activity") if more else tr("Show in Activity"))

    @Slot(object)
    def show_error(self, error: AppError) -> None:
        """The journal cannot be read."""
        self.show_timeline(Timeline("", ()))
        self._nothing.setText(errors.present(error).body)
