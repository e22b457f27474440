"""What the person has arranged for the open connection, kept on disk by workers: read once, written after each change.

Without settings (and where the file cannot be written) it holds for this session.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import AppError
from app.work import Work
from app.workbench import Arrangement, Workbench, Workbenches
from ui.jobs import Job, JobRunner
from ui.text import tr

if TYPE_CHECKING:
    from app.settings import Settings

_PATIENCE_MS = 400  # a column that is being dragged wider changes with every pixel


class Bench(QObject):
    """The workbench of one connection after another. Lives on the GUI thread as long as the window."""

    changed = Signal()
    failed = Signal(object)  # AppError: it could not be read or written

    def __init__(self, runner: JobRunner, settings: Settings | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._files = Workbenches(settings.config_dir) if settings is not None else None
        self._connection: str | None = None
        self._workbench = Workbench()
        self._loading: Job | None = None
        self._timer = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._timer.timeout.connect(self.keep)

    @property
    def workbench(self) -> Workbench:
        """What is arranged now; the usual until it has been read."""
        return self._workbench

    @property
    def ready(self) -> bool:
        """Whether what was kept has been read."""
        return self._loading is None

    def open(self, connection_id: str | None) -> None:
        """Turn to another connection; what was changed for the one before is written first."""
        if self._timer.isActive():
            self.keep()
        self._connection = connection_id
        self._workbench = Workbench()
        self._loading = None
        if connection_id is not None and self._files is not None:
            files = self._files

            def load(work: Work) -> Workbench:
                return files.load(connection_id)

            job = self._runner.submit(load, name=tr("Reading your columns and searches"), key="bench", listed=False)
            job.succeeded.connect(self._on_loaded)
            job.failed.connect(self._on_failed)
            self._loading = job
        else:
            self.changed.emit()

    def arrange(self, arrangement: Arrangement) -> None:
        """Keep how the table is arranged."""
        self._take(replace(self._workbench, arrangement=arrangement), at_once=False)

    def save_search(self, name: str, text: str) -> None:
        """Save a search under a name. Raises AppError(INVALID_INPUT) for what cannot be saved."""
        self._take(self._workbench.with_search(name, text))

    def remove_search(self, name: str) -> None:
        """Remove a saved search."""
        self._take(self._workbench.without_search(name))

    def remember(self, text: str) -> None:
        """Put a search into the history, unless that is off."""
        self._take(self._workbench.searched(text))

    def clear_history(self) -> None:
        """Forget what was searched for."""
        self._take(replace(self._workbench, history=()))

    def set_remembering(self, on: bool) -> None:
        """Keep a history from now on, or none, and forget the present one."""
        self._take(self._workbench.remembering(on))

    def _take(self, workbench: Workbench, *, at_once: bool = True) -> None:
        if workbench == self._workbench:
            return
        self._workbench = workbench
        self.changed.emit()
        if self._connection is not None and self._files is not None:
            self.keep() if at_once else self._timer.start()

    @Slot()
    def keep(self) -> None:
        """Write it now."""
        self._timer.stop()
        connection, files, workbench = self._connection, self._files, self._workbench
        if connection is None or files is None:
            return
        if self._loading is not None:  # else what was kept would be overwritten before it was read
            self._timer.start()
            return

        def save(work: Work) -> None:
            files.save(connection, workbench)

        job = self._runner.submit(save, name=tr("Keeping your columns and searches"), lane="bench", listed=False)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_loaded(self, workbench: Workbench) -> None:
        if self.sender() is not self._loading:
            return
        self._loading = None
        self._workbench = _joined(workbench, self._workbench)
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self.sender() is self._loading:
            self._loading = None
            self.changed.emit()
        self.failed.emit(error)


def _joined(kept: Workbench, early: Workbench) -> Workbench:
    """What was kept, with what somebody did who was quicker than the disk."""
    if early.arrangement != Arrangement():
        kept = replace(kept, arrangement=early.arrangement)
    for known in early.searches:
        with contextlib.suppress(AppError):  # one too many
            kept = kept.with_search(known.name, known.text)
    for text in reversed(early.history):
        kept = kept.searched(text)
    return kept if early.remembers else kept.remembering(False)
