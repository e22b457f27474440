"""How fast the pool is being read, with pause, stop and full speed. In the tab's head, while that takes a while."""

from __future__ import annotations

from datetime import timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QWidget

from app.directory.tempo import Pace
from ui import icons
from ui.text import age, number, tr
from ui.widgets.buttons import icon_button
from ui.widgets.labels import label

_LEAST_LEFT = 2  # seconds; less is not worth a number


class TempoBar(QWidget):
    """Shows a Pace; hidden where there is none."""

    pause_requested = Signal(bool)
    stop_requested = Signal()
    full_speed_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._paused = False
        self._words = label("", "muted")
        self._full = QCheckBox(tr("Full speed"))
        self._full.setToolTip(
            tr(
                "Take all of the account's ListUsers quota instead of a part. Your application and every other program "
                "of the AWS account share it: their lists may be refused meanwhile. Sign-ins have a quota of their own."
            )
        )
        self._pause = icon_button("pause", tr("Pause"), ink="text")
        self._stop = icon_button("stop", tr("Stop"), ink="text")
        self._full.clicked.connect(self.full_speed_requested)
        self._pause.clicked.connect(self._on_pause)
        self._stop.clicked.connect(self.stop_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(4)
        row.addWidget(self._words)
        row.addSpacing(8)
        row.addWidget(self._full)
        row.addSpacing(4)
        row.addWidget(self._pause)
        row.addWidget(self._stop)
        self.hide()

    @Slot(object)
    def show_pace(self, pace: Pace | None) -> None:
        """Show how it goes now; None hides the bar."""
        self.setVisible(pace is not None)
        if pace is None:
            return
        self._words.setText(words(pace))
        self._words.setToolTip("" if pace.quota is None else tr("{n} of the quota", n=f"{pace.quota:.0%}"))
        if pace.paused != self._paused:
            self._paused = pace.paused
            name = tr("Resume") if pace.paused else tr("Pause")
            icons.assign(self._pause, "play" if pace.paused else "pause", "text", 16)
            self._pause.setToolTip(name)
            self._pause.setAccessibleName(name)

    @Slot(bool)
    def show_full_speed(self, on: bool) -> None:
        """Whether full speed is chosen."""
        self._full.setChecked(on)

    @Slot()
    def _on_pause(self) -> None:
        self.pause_requested.emit(not self._paused)


def words(pace: Pace) -> str:
    """'1,740/s · 32 s left', or why it is slower than that."""
    if pace.paused:
        return tr("Paused")
    parts = [tr("AWS asked to slow down")] if pace.eased else []
    if pace.per_second >= 1:
        parts.append(tr("{n}/s", n=number(round(pace.per_second))))
    if not pace.eased and pace.seconds_left is not None and pace.seconds_left >= _LEAST_LEFT:
        parts.append(tr("{age} left", age=age(timedelta(seconds=pace.seconds_left))))
    return " · ".join(parts)
