"""Shown while something big starts: its steps as they are done, a bar, Cancel; and what went wrong, if it did."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.errors import AppError
from app.work import Progress
from ui import icons
from ui.text import tr
from ui.theme import theme
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.labels import label

_ROW = 24


class Steps(QWidget):
    """A list of steps: done ones with a tick, the present one strong. A screen reader hears the present one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: list[str] = []
        self._finished = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    def add(self, words: str) -> None:
        """The present step; what came before it is done."""
        if words and (not self._steps or self._steps[-1] != words):
            self._steps.append(words)
            self.setAccessibleName(words)
            self.updateGeometry()
            self.update()

    def finish(self) -> None:
        """Every step is done."""
        self._finished = True
        self.update()

    def clear(self) -> None:
        """Begin again."""
        self._steps.clear()
        self._finished = False
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, max(6, len(self._steps)) * _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _ROW)  # the present step: an error above needs the room more

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font())
        shown = self._steps[-max(1, self.height() // _ROW) :]
        for row, words in enumerate(shown):
            present = words is shown[-1] and not self._finished
            box = QRectF(2, row * _ROW + (_ROW - 16) / 2, 16, 16)
            icons.paint(painter, box, "arrow-right" if present else "check", "accent" if present else "ok")
            painter.setPen(theme.color("text" if present else "muted"))
            room = self.rect().adjusted(28, row * _ROW, 0, 0)
            room.setHeight(_ROW)
            cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)
        painter.end()


class Splash(QWidget):
    """A page (or a window of its own): feed it a job's progress; `cancel_requested` and `retry_requested` come back."""

    cancel_requested = Signal()
    retry_requested = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Cognito Desk")
        card = QFrame()
        card.setProperty("role", "card")
        card.setFixedWidth(440)
        self._note = label(title, "large", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1)
        self._bar.setAccessibleName(title)
        self._steps = Steps()
        self._banner = Banner()
        self._banner.retry_requested.connect(self.retry_requested)
        self._cancel = button(tr("Cancel"))
        self._cancel.clicked.connect(self.cancel_requested)
        column = QVBoxLayout(card)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(16)
        column.addWidget(self._note)
        column.addWidget(self._bar)
        column.addWidget(self._banner)
        column.addWidget(self._steps)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self._cancel)
        column.addLayout(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        # Not by an alignment: that takes the card's first size, whatever its words need later.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(1)

    @Slot(object)
    def show_progress(self, progress: Progress) -> None:
        """Another step, and how far it all is."""
        self._banner.hide()
        self._steps.add(progress.note)
        if progress.total:
            self._bar.setRange(0, progress.total)
            self._bar.setValue(min(progress.done, progress.total))

    @Slot(object)
    def show_error(self, error: AppError) -> None:
        """It did not start: why, and Retry where that makes sense. Cancel goes back."""
        self._banner.show_error(error)
        self._cancel.setText(tr("Back"))

    def restart(self) -> None:
        """Begin again after a failure."""
        self._steps.clear()
        self._banner.hide()
        self._bar.setRange(0, 1)
        self._bar.setValue(0)
        self._cancel.setText(tr("Cancel"))
