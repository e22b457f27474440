"""The job runner's contract, on real threads: shutdown, late ends, faults in slots, thousands at once."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from app.work import Work
from tests.ui.jobs_heard import Listener, answer, done, until_cancelled, waits_for
from ui.jobs import Job, JobRunner, JobState


def test_shutdown_delivers_every_end_also_of_what_never_began(qapp: QCoreApplication) -> None:
    runner = JobRunner()
    gate = threading.Event()
    finishing = Listener(runner.submit(waits_for(gate, "done"), name="Finishing", lane="pool"))
    never = Listener(runner.submit(answer(1), name="Never", lane="pool"))
    sleeping = [Listener(runner.submit(until_cancelled, name=f"Sleeping {n}")) for n in range(40)]
    while finishing.job.state is not JobState.RUNNING:
        QCoreApplication.processEvents()
    threading.Timer(0.1, gate.set).start()
    assert runner.shutdown(10)
    assert finishing.said == ["succeeded", "finished"]
    assert never.said == ["cancelled", "finished"]
    assert all(one.said == ["cancelled", "finished"] for one in sleeping)
    assert not runner.busy


def test_a_call_that_outlasts_shutdown_is_never_called_cancelled(qapp: QCoreApplication) -> None:
    runner = JobRunner()
    gate = threading.Event()
    hung = Listener(runner.submit(waits_for(gate), name="Delete", lane="pool"))
    while hung.job.state is not JobState.RUNNING:
        QCoreApplication.processEvents()
    started = time.monotonic()
    assert not runner.shutdown(0.2)
    assert time.monotonic() - started < 2
    gate.set()
    assert hung.said == ["failed", "finished"]
    error = hung.results[0]
    assert isinstance(error, AppError)
    assert error.code is ErrorCode.TIMEOUT
    QCoreApplication.processEvents()
    assert hung.said == ["failed", "finished"], "the late answer is not a second end"


class Typed:
    """What somebody typed, a password say."""


def test_what_a_failed_call_was_given_is_kept_nowhere(runner: JobRunner, qtbot: QtBot) -> None:
    typed = Typed()
    gone = weakref.ref(typed)

    def refuse(given: Typed) -> None:
        try:
            raise ValueError(f"not {type(given).__name__}")
        except ValueError as error:
            raise AppError(ErrorCode.WRONG_PASSWORD, "It is not this one.") from error

    def sign_in(given: Typed) -> Callable[[Work], object]:
        return lambda work: refuse(given)

    heard = Listener(runner.submit(sign_in(typed), name="Sign in"))
    del typed
    qtbot.waitUntil(done(heard))
    gc.collect()
    assert heard.said == ["failed", "finished"]
    assert isinstance(heard.results[0], AppError)
    assert runner.jobs()[-1].error is heard.results[0]  # the record lives on
    assert gone() is None


def test_a_job_submitted_after_shutdown_ends_too(qtbot: QtBot) -> None:
    runner = JobRunner()
    runner.shutdown(1)
    heard = Listener(runner.submit(answer(1), name="Late"))
    assert heard.said == []
    qtbot.waitUntil(done(heard))
    assert heard.said == ["cancelled", "finished"]


class Owner(QObject):
    """A presenter whose method is the call: the runner may hold the last reference to it."""

    gone = Signal()

    def read(self, work: Work) -> str:
        return "read"


def test_the_call_and_its_owner_die_on_the_gui_thread(runner: JobRunner, qtbot: QtBot) -> None:
    deaths: list[int] = []
    for _ in range(200):
        owner = Owner()
        weakref.finalize(owner, lambda: deaths.append(threading.get_ident()))
        runner.submit(owner.read, name="Read")
        del owner
    qtbot.waitUntil(lambda: len(deaths) == 200)
    assert set(deaths) == {threading.get_ident()}


def test_a_slot_that_fails_does_not_keep_finished_from_coming(runner: JobRunner, qtbot: QtBot) -> None:
    class Clumsy(QObject):
        @Slot(object)
        def on_succeeded(self, result: object) -> None:
            raise ValueError("a fault in a view")

    clumsy = Clumsy()
    with qtbot.captureExceptions() as caught:
        job = runner.submit(answer(1), name="Read")
        job.succeeded.connect(clumsy.on_succeeded)
        heard = Listener(job)
        qtbot.waitUntil(done(heard))
    assert len(caught) == 1
    assert heard.said[-1] == "finished"


def test_stress_thousands_of_jobs_each_end_exactly_once(runner: JobRunner, qtbot: QtBot) -> None:
    ends: dict[int, list[str]] = {}

    class Counter(QObject):
        def note(self, word: str) -> None:
            job = self.sender()
            assert isinstance(job, Job)
            ends[job.id].append(word)

        @Slot()
        def on_cancelled(self) -> None:
            self.note("cancelled")

        @Slot(object)
        def on_succeeded(self, result: object) -> None:
            self.note("succeeded")

        @Slot(object)
        def on_failed(self, error: object) -> None:
            self.note("failed")

        @Slot()
        def on_finished(self) -> None:
            self.note("finished")

    counter = Counter()

    def call(number: int) -> Callable[[Work], int]:
        def run(work: Work) -> int:
            work.progress(number, 2000)
            if number % 7 == 0:
                raise AppError(ErrorCode.CONFLICT, "conflict")
            if number % 11 == 0:
                raise ValueError(number)
            work.check()
            return number

        return run

    for number in range(2000):
        lane = f"lane {number % 3}" if number % 5 == 0 else None
        key = f"key {number % 4}" if lane is None and number % 3 == 0 else None
        job = runner.submit(call(number), name="Stress", lane=lane, key=key)
        ends[job.id] = []
        job.succeeded.connect(counter.on_succeeded)
        job.failed.connect(counter.on_failed)
        job.cancelled.connect(counter.on_cancelled)
        job.finished.connect(counter.on_finished)
        if number % 13 == 0:
            job.cancel()
    del job
    qtbot.waitUntil(lambda: not runner.busy, timeout=30_000)
    assert all(len(said) == 2 and said[1] == "finished" for said in ends.values())
    assert {said[0] for said in ends.values()} == {"succeeded", "failed", "cancelled"}
    gc.collect()


def test_a_runner_that_is_held_begins_nothing_until_it_is_released(runner: JobRunner, qtbot: QtBot) -> None:
    ran: list[str] = []
    runner.hold()
    first = runner.submit(lambda work: ran.append("read"), name="read")
    second = runner.submit(lambda work: ran.append("change"), name="change", lane="changes")
    dropped = Listener(runner.submit(lambda work: ran.append("dropped"), name="dropped"))
    dropped.job.cancel()
    qtbot.waitUntil(lambda: dropped.said == ["cancelled", "finished"])
    assert (ran, first.state, second.state) == ([], JobState.WAITING, JobState.WAITING)
    with qtbot.waitSignals([first.finished, second.finished], timeout=5000):
        runner.release()
    assert sorted(ran) == ["change", "read"]


def test_shutdown_ends_what_is_still_held(qapp: QApplication) -> None:
    made = JobRunner()
    made.hold()
    held = Listener(made.submit(lambda work: None, name="held"))
    assert made.shutdown(5.0)
    made.release()
    assert held.said == ["cancelled", "finished"]
