"""Calls for the tests of the job runner, and a listener that writes down how they end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from app.work import Progress, Work
from ui.jobs import Job


class Listener(QObject):
    """Writes down what a job says, and on which thread."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.said: list[str] = []
        self.results: list[object] = []
        self.progress: list[Progress] = []
        self.times: list[float] = []
        self.threads: set[int] = set()
        job.succeeded.connect(self.on_succeeded)
        job.failed.connect(self.on_failed)
        job.cancelled.connect(self.on_cancelled)
        job.finished.connect(self.on_finished)
        job.progressed.connect(self.on_progressed)

    @Slot(object)
    def on_succeeded(self, result: object) -> None:
        self._note("succeeded", result)

    @Slot(object)
    def on_failed(self, error: object) -> None:
        self._note("failed", error)

    @Slot()
    def on_cancelled(self) -> None:
        self._note("cancelled", None)

    @Slot()
    def on_finished(self) -> None:
        self._note("finished", None)

    @Slot(object)
    def on_progressed(self, progress: Progress) -> None:
        self.progress.append(progress)
        self.times.append(time.monotonic())

    def _note(self, word: str, value: object) -> None:
        self.said.append(word)
        self.results.append(value)
        self.threads.add(threading.get_ident())


def done(listener: Listener) -> Callable[[], bool]:
    return lambda: "finished" in listener.said


def answer(value: object) -> Callable[[Work], object]:
    return lambda work: value


def waits_for(gate: threading.Event, value: object = None) -> Callable[[Work], object]:
    def call(work: Work) -> object:
        assert gate.wait(10)
        return value

    return call


def until_cancelled(work: Work) -> None:
    work.sleep(30)
    raise AssertionError("nobody cancelled")
