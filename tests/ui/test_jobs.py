"""The job runner's contract, on real threads: delivery, keys, lanes, cancelling, progress, records."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from app.work import Work
from tests.ui.jobs_heard import Listener, answer, done, until_cancelled, waits_for
from ui.jobs import JobRunner, JobState


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
