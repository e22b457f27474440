"""Runs Desk.probe as one job that can be cancelled, and shows each of its steps when it ends. No widget here.

A worker may tell the GUI thread only that there is news (design, section 4). So it puts each step on a queue and
reports progress; whoever hears of the progress takes the steps from the queue. Nothing waits for the last step.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal, Slot

from app.desk import PROBE_STEPS
from app.errors import AppError
from app.pool.probe import ProbeStep
from app.work import Work
from ui.context import Context
from ui.jobs import Job
from ui.text import tr


@dataclass(frozen=True, slots=True)
class ProbeState:
    """The steps that ended so far, in order. `ended` is None before and during a test; `note` says why it broke off."""

    steps: tuple[ProbeStep, ...] = ()
    running: bool = False
    ended: datetime | None = None
    note: str = ""

    @property
    def waiting(self) -> tuple[str, ...]:
        """The names of the steps that have not ended; the first of them is under way while `running`."""
        return PROBE_STEPS[len(self.steps) :]


class Probing(QObject):
    """One test at a time."""

    changed = Signal(object)  # ProbeState

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._done: deque[ProbeStep] = deque()
        self._job: Job | None = None
        self._state = ProbeState()

    @property
    def state(self) -> ProbeState:
        """How far the test is."""
        return self._state

    @Slot()
    def start(self) -> None:
        """Test the connection. Does nothing while a test is under way."""
        if self._job is not None:
            return
        desk, done = self._desk, deque[ProbeStep]()

        def test(work: Work) -> None:
            for number, step in enumerate(desk.probe(work), 1):
                done.append(step)
                work.progress(number, len(PROBE_STEPS), step.name)

        self._done = done
        self._tell(ProbeState(running=True))
        self._job = self._context.run(test, name=tr("Test connection"))
        self._job.progressed.connect(self._on_progress)
        self._job.succeeded.connect(self._on_done)
        self._job.failed.connect(self._on_failed)
        self._job.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_progress(self, _: object) -> None:
        self._tell(ProbeState(self._take(), running=True))

    @Slot(object)
    def _on_done(self, _: object) -> None:
        self._end("")

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._end(error.message)

    @Slot()
    def _on_cancelled(self) -> None:
        self._end(tr("The test was cancelled."))

    def _end(self, note: str) -> None:
        self._job = None
        self._tell(ProbeState(self._take(), ended=self._desk.now(), note=note))

    def _take(self) -> tuple[ProbeStep, ...]:
        fresh: list[ProbeStep] = []
        while self._done:
            fresh.append(self._done.popleft())
        return (*self._state.steps, *fresh)

    def _tell(self, state: ProbeState) -> None:
        self._state = state
        self.changed.emit(state)
