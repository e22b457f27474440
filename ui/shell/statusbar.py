"""The status bar: health of both services and quota use at the left, the running job at the right."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from app.work import Progress
from ui import text
from ui.jobs import JobRecord, JobRunner, JobState
from ui.text import tr
from ui.theme import theme
from ui.widgets.badge import Tone
from ui.widgets.buttons import icon_button
from ui.widgets.labels import ElidedLabel, label

HEIGHT = 30
_PATIENCE = timedelta(milliseconds=400)  # shorter jobs would only flicker
_DOT_TOKENS = {Tone.OK: "ok", Tone.WARN: "warn", Tone.BAD: "bad"}


class Light(QWidget):
    """A shape and a word for the health of a service: a dot is well, a square is not, a ring is unknown or absent."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._tone = Tone.NEUTRAL
        self._words = ""
        self.set_state(Tone.NEUTRAL, tr("{name}: not connected", name=name))
        theme.changed.connect(self.update)

    def set_state(self, tone: Tone, words: str, hint: str = "") -> None:
        """Show another state."""
        self._tone, self._words = tone, words
        self.setAccessibleName(words)
        self.setToolTip(hint)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(theme.font("small")).horizontalAdvance(self._words) + 16, HEIGHT - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - 8) / 2, 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(_DOT_TOKENS.get(self._tone, "neutral")))
        if self._tone is Tone.BAD:
            painter.drawRect(box)
        elif self._tone is Tone.NEUTRAL:
            painter.setPen(theme.color("neutral"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box)
        else:
            painter.drawEllipse(box)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("muted"))
        painter.drawText(self.rect().adjusted(15, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._words)
        painter.end()


class StatusBar(QFrame):
    """Reads the runner's jobs; the health is told to it."""

    jobs_pressed = Signal()

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self.setFixedHeight(HEIGHT)
        self._runner = runner
        self._shown: JobRecord | None = None
        self._rate = _Rate()
        self.cognito = Light("Cognito")
        self.database = Light(tr("Database"))
        self._quota = label("", "small")
        self._name = ElidedLabel(tr("No running jobs"))
        self._name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(140)
        self._amount = label("", "small")
        self._cancel = icon_button("close", tr("Cancel this job"), size=14)
        self._cancel.clicked.connect(self._on_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        for part in (self.cognito, self.database, self._quota):
            row.addWidget(part)
        row.addWidget(self._name, 1)
        row.addWidget(self._bar)
        row.addWidget(self._amount)
        row.addWidget(self._cancel)
        self._again = QTimer(self, singleShot=True, interval=250)
        self._again.timeout.connect(self._refresh)
        runner.jobs_changed.connect(self._refresh)
        self._refresh()

    def set_cognito(self, milliseconds: float | None, note: str = "") -> None:
        """The time of Cognito's last answer, or why there is none."""
        _set_light(self.cognito, "Cognito", milliseconds, note)

    def set_database(self, milliseconds: float | None, note: str = "") -> None:
        """The time of the database's last answer, or why there is none."""
        _set_light(self.database, tr("Database"), milliseconds, note)

    def set_no_connection(self) -> None:
        """No connection is open."""
        for light, name in ((self.cognito, "Cognito"), (self.database, tr("Database"))):
            light.set_state(Tone.NEUTRAL, tr("{name}: not connected", name=name))
        self._quota.setText("")

    def set_no_database(self) -> None:
        """The connection has no database."""
        self.database.set_state(Tone.NEUTRAL, tr("No database"), tr("Onboarding needs the application database."))

    def set_quota(self, requests: int, limit: float) -> None:
        """ListUsers requests of the last second, of what the account allows."""
        self._quota.setText(tr("UserList {requests} of {limit} requests/s", requests=requests, limit=f"{limit:g}"))

    @Slot()
    def _refresh(self) -> None:
        now = datetime.now(UTC)
        under_way = [job for job in self._runner.jobs() if job.under_way]
        patient = [job for job in under_way if now - job.submitted >= _PATIENCE]
        running = [job for job in patient if job.state is JobState.RUNNING] or patient
        job = max(
            running, key=lambda one: (one.progress is not None and bool(one.progress.total), one.id), default=None
        )
        self._show_job(job, len(patient))
        if under_way and not self._again.isActive():
            self._again.start()

    def _show_job(self, job: JobRecord | None, count: int) -> None:
        if job is None or self._shown is None or job.id != self._shown.id:
            self._rate = _Rate()
        self._shown = job
        progress = job.progress if job is not None else None
        self._bar.setVisible(progress is not None and bool(progress.total))
        self._amount.setVisible(progress is not None)
        self._cancel.setVisible(job is not None)
        if job is None:
            self._name.set_text(tr("No running jobs"))
            return
        name = tr("Stopping: {name}", name=job.name) if job.stopping else job.name
        note = f" · {progress.note}" if progress is not None and progress.note else ""
        more = tr(" (and {n} more)", n=count - 1) if count > 1 else ""
        self._name.set_text(f"{name}{note}{more}")
        self._cancel.setEnabled(not job.stopping)
        if progress is not None:
            if progress.total:
                self._bar.setRange(0, progress.total)
                self._bar.setValue(min(progress.done, progress.total))
                self._bar.setAccessibleName(job.name)
            self._amount.setText(self._rate.words(progress))

    @Slot()
    def _on_cancel(self) -> None:
        if self._shown is not None:
            self._runner.cancel(self._shown.id)
            self._refresh()


class _Rate:
    """'360 of 500 · 1,740/s · 2 s left': from what was seen since the job came up."""

    def __init__(self) -> None:
        self._since: tuple[float, int] | None = None

    def words(self, progress: Progress) -> str:
        now = time.monotonic()
        amount = text.number(progress.done)
        if progress.total:
            amount = tr("{done} of {total}", done=amount, total=text.number(progress.total))
        if self._since is None:
            self._since = (now, progress.done)
            return amount
        seconds, done = now - self._since[0], progress.done - self._since[1]
        if seconds < 1 or done < 10:
            return amount
        rate = done / seconds
        amount += f" · {text.number(round(rate))}/s" if rate >= 1 else ""
        left = (progress.total - progress.done) / rate if progress.total else 0
        return amount + (tr(" · {age} left", age=text.age(timedelta(seconds=left))) if left >= 2 else "")


def _set_light(light: Light, name: str, milliseconds: float | None, note: str) -> None:
    if milliseconds is None:
        light.set_state(Tone.BAD, tr("{name} away", name=name), note)
    else:
        slow = milliseconds > 2000
        words = f"{name} {text.milliseconds(milliseconds)}"
        light.set_state(Tone.WARN if slow else Tone.OK, words, note)
