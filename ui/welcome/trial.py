"""Tries a connection that need not be saved, and tells each step as it ends. No widget here."""

from __future__ import annotations

from contextlib import closing
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError
from app.launcher import Launcher
from app.pool.probe import ProbeStep
from app.work import Work
from ui.context import Context
from ui.jobs import Job
from ui.text import tr
from ui.welcome.draft import Draft


class Trial(QObject):
    """One connection test at a time. Read `steps` and `running` whenever `changed` is emitted."""

    changed = Signal()
    failed = Signal(object)  # AppError: the test could not even begin

    def __init__(self, context: Context, launcher: Launcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._launcher = launcher
        self._job: Job | None = None
        # Filled by the worker and only ever appended to; progress itself carries no more than a text.
        self._found: list[ProbeStep] = []

    @property
    def steps(self) -> tuple[ProbeStep, ...]:
        """The steps that have ended."""
        return tuple(self._found)

    @property
    def running(self) -> bool:
        """Whether a test is under way."""
        return self._job is not None

    def start(self, draft: Draft) -> None:
        """Try `draft`; a test under way is given up."""
        self._found = []
        job = self._context.run(
            partial(_try, self._launcher, draft, self._found),
            name=tr("Test {name}", name=draft.connection.name),
            key=("trial", id(self)),
        )
        self._job = job
        job.progressed.connect(self._on_progress)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self.changed.emit()

    @Slot()
    def give_up(self) -> None:
        """Stop a test under way and forget its steps."""
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self._found = []
        self.changed.emit()

    @Slot(object)
    def _on_progress(self, _: object) -> None:
        if self.sender() is self._job:
            self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self.sender() is self._job:
            self.failed.emit(error)

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self.changed.emit()


def _try(launcher: Launcher, draft: Draft, found: list[ProbeStep], work: Work) -> None:
    # Closed at once also where the person stops it: the trial's secrets and clients must not linger.
    with closing(launcher.test(draft.connection, work, keys=draft.keys, password=draft.password)) as steps:
        for made in steps:
            found.append(made)
            work.progress(len(found), None, made.name)
