"""The job runner's contract (design, section 4), on real threads."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from app.work import Progress, Work
from ui.jobs import Job, JobRunner, JobState


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


def test_a_result_arrives_on_the_gui_thread_then_finished(runner: JobRunner, qtbot: QtBot) -> None:
    workers: list[int] = []

    def call(work: Work) -> str:
        workers.append(threading.get_ident())
        return "result"

    heard = Listener(runner.submit(call, name="Read"))
    qtbot.waitUntil(done(heard))
    assert (heard.said, heard.results) == (["succeeded", "finished"], ["result", None])
    assert heard.threads == {threading.get_ident()}
    assert workers
    assert workers[0] != threading.get_ident()


@pytest.mark.parametrize("inline", [True, False])
def test_delivery_is_queued_so_that_connecting_after_submit_is_safe(qtbot: QtBot, inline: bool) -> None:
    runner = JobRunner(inline=inline)
    job = runner.submit(answer(1), name="Quick")
    time.sleep(0.05)  # the call itself is long over: only the delivery may still be out
    heard = Listener(job)
    assert heard.said == []
    qtbot.waitUntil(done(heard))
    assert heard.said == ["succeeded", "finished"]
    assert runner.shutdown(5)


def test_an_app_error_is_handed_on_as_it_is(runner: JobRunner, qtbot: QtBot) -> None:
    error = AppError(ErrorCode.THROTTLED, "Slow down.", retryable=True)

    def call(work: Work) -> None:
        raise error

    heard = Listener(runner.submit(call, name="Read"))
    qtbot.waitUntil(done(heard))
    assert heard.said == ["failed", "finished"]
    assert heard.results[0] is error


@pytest.mark.parametrize("kind", [ZeroDivisionError, SystemExit, KeyboardInterrupt])
def test_an_unknown_exception_becomes_internal_with_its_cause(
    runner: JobRunner, qtbot: QtBot, kind: type[BaseException]
) -> None:
    def call(work: Work) -> None:
        raise kind("secret=hunter2")

    heard = Listener(runner.submit(call, name="Read"))
    qtbot.waitUntil(done(heard))
    error = heard.results[0]
    assert isinstance(error, AppError)
    assert error.code is ErrorCode.INTERNAL
    assert isinstance(error.__cause__, kind)
    assert "hunter2" not in error.message


def test_a_newer_read_of_the_same_key_supersedes_the_older(runner: JobRunner, qtbot: QtBot) -> None:
    gate = threading.Event()
    older = Listener(runner.submit(waits_for(gate, "old"), name="Search", key="search"))
    newer = Listener(runner.submit(answer("new"), name="Search", key="search"))
    qtbot.waitUntil(done(newer))
    gate.set()
    qtbot.waitUntil(done(older))
    assert newer.said == ["succeeded", "finished"]
    assert older.said == ["cancelled", "finished"]


def test_a_read_that_is_superseded_after_it_ended_is_dropped_too(inline_runner: JobRunner, qtbot: QtBot) -> None:
    older = Listener(inline_runner.submit(answer("old"), name="Search", key="search"))
    newer = Listener(inline_runner.submit(answer("new"), name="Search", key="search"))
    qtbot.waitUntil(done(newer))
    assert older.said == ["cancelled", "finished"]
    assert newer.results[0] == "new"


def test_other_keys_are_left_alone(runner: JobRunner, qtbot: QtBot) -> None:
    one = Listener(runner.submit(answer(1), name="One", key="one"))
    two = Listener(runner.submit(answer(2), name="Two", key="two"))
    qtbot.waitUntil(lambda: done(one)() and done(two)())
    assert (one.said[0], two.said[0]) == ("succeeded", "succeeded")


def test_a_lane_runs_one_at_a_time_in_order_while_reads_pass(runner: JobRunner, qtbot: QtBot) -> None:
    gate, order, running = threading.Event(), [], []

    def change(number: int) -> Callable[[Work], None]:
        def call(work: Work) -> None:
            running.append(number)
            assert len(running) == 1
            if number == 0:
                assert gate.wait(10)
            order.append(number)
            running.remove(number)

        return call

    changes = [Listener(runner.submit(change(n), name=f"Change {n}", lane="pool")) for n in range(6)]
    other = Listener(runner.submit(answer("other lane"), name="Other", lane="another"))
    read = Listener(runner.submit(answer("read"), name="Read"))
    qtbot.waitUntil(lambda: done(read)() and done(other)())
    assert order == []
    gate.set()
    qtbot.waitUntil(lambda: all(done(change)() for change in changes))
    assert order == list(range(6))
    assert all(change.said == ["succeeded", "finished"] for change in changes)


def test_a_lane_goes_on_after_a_failure_and_a_cancellation(runner: JobRunner, qtbot: QtBot) -> None:
    gate = threading.Event()
    first = Listener(runner.submit(waits_for(gate), name="First", lane="pool"))
    waiting = Listener(runner.submit(answer("never"), name="Waiting", lane="pool"))

    def fails(work: Work) -> None:
        raise AppError(ErrorCode.CONFLICT, "Changed meanwhile.")

    failing = Listener(runner.submit(fails, name="Failing", lane="pool"))
    last = Listener(runner.submit(answer("last"), name="Last", lane="pool"))
    waiting.job.cancel()
    qtbot.waitUntil(done(waiting))
    assert waiting.said == ["cancelled", "finished"]
    gate.set()
    qtbot.waitUntil(done(last))
    assert (first.said[0], failing.said[0], last.results[0]) == ("succeeded", "failed", "last")


def test_key_and_lane_exclude_each_other(runner: JobRunner) -> None:
    with pytest.raises(ValueError, match="choose one"):
        runner.submit(answer(1), name="Both", key="k", lane="l")


def test_submit_is_refused_on_another_thread(runner: JobRunner) -> None:
    caught: list[BaseException] = []

    def elsewhere() -> None:
        try:
            runner.submit(answer(1), name="Wrong thread")
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_cancel_is_noticed_at_once_by_sleeping_work(runner: JobRunner, qtbot: QtBot) -> None:
    heard = Listener(runner.submit(until_cancelled, name="Long"))
    qtbot.waitUntil(lambda: heard.job.state is JobState.RUNNING)
    started = time.monotonic()
    heard.job.cancel()
    qtbot.waitUntil(done(heard))
    assert heard.said == ["cancelled", "finished"]
    assert time.monotonic() - started < 2


def test_a_call_that_finished_anyway_reports_success(runner: JobRunner, qtbot: QtBot) -> None:
    gate = threading.Event()
    heard = Listener(runner.submit(waits_for(gate, "deleted"), name="Delete", lane="pool"))
    qtbot.waitUntil(lambda: heard.job.state is JobState.RUNNING)
    heard.job.cancel()
    gate.set()
    qtbot.waitUntil(done(heard))
    assert heard.said == ["succeeded", "finished"]
    assert heard.results[0] == "deleted"


def test_cancelling_what_has_ended_changes_nothing(runner: JobRunner, qtbot: QtBot) -> None:
    heard = Listener(runner.submit(answer(1), name="Quick"))
    qtbot.waitUntil(done(heard))
    heard.job.cancel()
    QCoreApplication.processEvents()
    assert heard.said == ["succeeded", "finished"]


def test_progress_is_throttled_to_ten_a_second_and_the_last_word_is_seen(runner: JobRunner, qtbot: QtBot) -> None:
    gate = threading.Event()

    def call(work: Work) -> None:
        end = time.monotonic() + 0.75
        number = 0
        while time.monotonic() < end:
            number += 1
            work.progress(number, None, "counting")
            time.sleep(0.001)
        work.progress(1_000_000, None, "waiting")
        assert gate.wait(10)

    heard = Listener(runner.submit(call, name="Long"))
    qtbot.waitUntil(lambda: bool(heard.progress) and heard.progress[-1].note == "waiting")
    gate.set()
    qtbot.waitUntil(done(heard))
    assert 4 <= len(heard.progress) <= 15, "0.75 s of progress at 10 Hz, and the last word"
    assert [p.done for p in heard.progress] == sorted(p.done for p in heard.progress)


def test_records_tell_the_whole_life(runner: JobRunner, qtbot: QtBot) -> None:
    gate = threading.Event()
    slow = Listener(runner.submit(waits_for(gate), name="Slow", lane="pool"))
    Listener(runner.submit(answer(1), name="Waiting", lane="pool"))
    hidden = Listener(runner.submit(answer(1), name="Hidden", listed=False))
    qtbot.waitUntil(lambda: done(hidden)() and slow.job.state is JobState.RUNNING)
    states = {record.name: record.state for record in runner.jobs()}
    assert states == {"Slow": JobState.RUNNING, "Waiting": JobState.WAITING}
    with qtbot.waitSignal(runner.jobs_changed):
        gate.set()
    qtbot.waitUntil(lambda: not runner.busy)
    newest, oldest = runner.jobs()
    assert (newest.name, oldest.name) == ("Waiting", "Slow")
    assert newest.state is JobState.SUCCEEDED
    assert oldest.started is not None
    assert oldest.ended is not None
    assert oldest.submitted <= oldest.started <= oldest.ended


def test_only_the_last_200_ends_are_kept(inline_runner: JobRunner, qtbot: QtBot) -> None:
    for number in range(230):
        inline_runner.submit(answer(number), name=f"Job {number}")
    qtbot.waitUntil(lambda: not inline_runner.busy)
    names = [record.name for record in inline_runner.jobs()]
    assert len(names) == 200
    assert names[0] == "Job 229"


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
