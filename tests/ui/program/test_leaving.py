"""Out of the program again: with work under way, while it starts, by a signal; no server stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from app.work import Cancelled, Work
from tests.services.orphans import eventually
from tests.ui.program.outside import PEOPLE, ROOT, STARTS, Held, alive, answers, postgres, rail
from tests.ui.words import answer, dialog, press, wait_for, wait_to_see
from ui.application import Application


def test_leaving_waits_for_changes_closes_the_desk_and_the_demo_can_be_opened_again(
    opened: Application, home: Path
) -> None:
    desk = opened.context.desk
    assert desk is not None
    process = postgres(home)
    assert process is not None
    change = Held(at_end=lambda: answers(desk, opened))
    opened.context.run(change, name="A long change", lane="changes")
    listing = threading.Event()
    read = opened.context.run(partial(_until_cancelled, listing), name="A long listing")
    wait_for(lambda: change.began.is_set() and listing.is_set(), "both jobs", opened.window)
    ended: list[str] = []
    read.cancelled.connect(lambda: ended.append("cancelled"))

    opened.window.connection_requested.emit()
    wait_to_see(opened.window, "Choose a connection")
    assert opened.window.windowTitle() == "Cognito Desk"
    assert rail(opened, "onboarding") == "Onboarding"
    wait_for(lambda: ended == ["cancelled"], "the end of the listing", opened.window)
    press(opened.window, "Explore the demo")  # while the one before has not ended yet
    wait_to_see(opened.window, "Starting the demo workspace")
    assert alive(process)
    assert change.done == []
    change.go.set()
    again = wait_for(lambda: opened.context.desk, "the demo, again", opened.window, STARTS)
    assert change.done == [True], "the change still had its database"
    assert again is not desk
    assert not alive(process)
    assert postgres(home) not in (None, process)


def _until_cancelled(began: threading.Event, work: Work) -> None:
    began.set()
    while True:
        work.sleep(0.01)


def _many(began: threading.Event, work: Work) -> int:
    """A change of many people: how many were reached before it was stopped."""
    for place in range(1_000_000):
        try:
            work.progress(place, 1_000_000)
        except Cancelled:
            return place
        began.set()
        time.sleep(0.002)
    return 1_000_000


@pytest.mark.parametrize("way", ["leave", "quit"])
def test_a_change_of_many_people_is_asked_about_before_it_is_stopped(opened: Application, way: str) -> None:
    desk, window = opened.context.desk, opened.window
    assert desk is not None
    began = threading.Event()
    reached: list[int] = []
    job = opened.context.run(partial(_many, began), name="Disable 1,000,000 people", lane="changes")
    job.succeeded.connect(reached.append)
    wait_for(lambda: opened.runner.long_changes(), "progress", window)
    go = window.connection_requested.emit if way == "leave" else window.close
    go()
    asked = wait_to_see(dialog("Stop what is running?"), "Disable 1,000,000 people: ")
    assert "of 1,000,000 done." in asked
    answer(window, "Stop what is running?", press="Cancel")
    assert opened.context.desk is desk
    assert window.isVisible()
    assert reached == []
    go()
    answer(window, "Stop what is running?", press=f"Stop and {way}")
    wait_for(lambda: reached, "the end of the change")
    assert 0 < reached[0] < 1_000_000
    if way == "leave":
        wait_to_see(window, "Choose a connection")
    wait_for(lambda: window.isVisible() == (way == "leave"), "the window's end")
    wait_for(lambda: not opened.runner.busy, "the end of every job", seconds=STARTS)


def test_closing_the_window_ends_jobs_and_leaves_no_server(opened: Application, home: Path) -> None:
    desk = opened.context.desk
    assert desk is not None
    process = postgres(home)
    assert process is not None
    began = threading.Event()
    job = opened.context.run(partial(_until_cancelled, began), name="A long listing")
    ended: list[str] = []
    job.cancelled.connect(lambda: ended.append("cancelled"))
    wait_for(began.is_set, "the listing", opened.window)
    opened.window.close()
    wait_for(lambda: ended == ["cancelled"], "the end of the listing")
    wait_for(lambda: not alive(process), "the end of PostgreSQL", seconds=STARTS)
    wait_for(lambda: not opened.runner.busy, "the end of every job")
    assert postgres(home) is None
    assert not answers(desk, opened)
    opened.shutdown()


def test_closing_the_window_right_after_leaving_leaves_no_server(opened: Application, home: Path) -> None:
    process = postgres(home)
    assert process is not None
    change = Held()
    opened.context.run(change, name="A change", lane="changes")
    wait_for(change.began.is_set, "the change", opened.window)
    opened.leave()
    threading.Timer(0.3, change.go.set).start()
    opened.shutdown()
    assert not alive(process)


def test_closing_the_window_while_the_demo_starts_leaves_no_server(application: Application, home: Path) -> None:
    press(application.window, "Explore the demo")
    wait_for(lambda: postgres(home) or application.context.desk, "PostgreSQL", application.window, STARTS)
    application.window.close()
    wait_for(lambda: not application.runner.busy and postgres(home) is None, "the end of PostgreSQL", seconds=STARTS)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send to another process")
@pytest.mark.parametrize("moment", ["while it starts", "when it is open"])
def test_sigterm_ends_the_program_in_good_order(home: Path, moment: str) -> None:
    (home / "data" / "demo-journal.sqlite").unlink(missing_ok=True)
    environ = {**os.environ, "COGNITO_DESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-m", "ui", "--demo", "--people", str(PEOPLE)],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            journal = home / "data" / "demo-journal.sqlite"
            sign: Callable[[], object] = journal.exists if moment == "when it is open" else partial(postgres, home)
            assert eventually(lambda: bool(sign()) or process.poll() is not None, STARTS)
            server = postgres(home)
            assert server is not None
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=40)
        finally:
            process.kill()
    noise = "This plugin does not support propagateSizeHints()"
    assert [line for line in (out + err).splitlines() if line and line != noise] == []
    assert process.returncode == 0
    assert not alive(server)
    assert postgres(home) is None
