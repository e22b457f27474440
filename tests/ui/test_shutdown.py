"""The end of the program: the window goes at once, what is under way ends or is given up, nothing stays behind."""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.connections import AccessKeys, Connection, CredentialSource
from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.services.orphans import eventually
from tests.services.vault import Vault
from tests.ui.program.outside import STARTS, alive, into_demo, postgres
from tests.ui.words import wait_for
from ui import application as program
from ui.application import Application
from ui.jobs import JobRunner, JobState
from ui.shell import geometry

ROOT = Path(__file__).parents[2]
KEYS = AccessKeys("AKIA" + "Q" * 16, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz")
FROZEN = 0.3  # seconds


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cd-"))  # pytest's own folders are too long for a socket's path
    yield folder
    shutil.rmtree(folder)


@contextmanager
def started(qtbot: QtBot, home: Path) -> Iterator[Application]:
    """The program on its welcome page, in this process."""
    settings = Settings.load({"COGNITO_DESK_HOME": str(home)})
    made = Application(Launcher(settings, secrets=SecretStore(backend=Vault()), environ={}), people=20)
    made.start()
    qtbot.waitExposed(made.window)
    try:
        yield made
    finally:
        made.shutdown()
        gc.disable()  # the session's own Collector goes on
        made.window.deleteLater()
        made.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def running(qtbot: QtBot, dressed: QApplication, home: Path) -> Iterator[Application]:
    with started(qtbot, home) as made:
        yield made


class Silence:
    """A server that lets everybody connect and never says a word."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def asked(self) -> bool:
        """Whether somebody has connected."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def silence() -> Iterator[Silence]:
    made = Silence()
    yield made
    made.close()


def silent(endpoint: str, credentials: CredentialSource = CredentialSource.KEYS) -> Connection:
    return Connection(
        "main", "Customers", "us-east-1", "us-east-1_AbCdEfGhI", endpoint=endpoint, credentials=credentials
    )


class Pulse(QObject):
    """The longest time, in seconds, for which the event loop did not turn."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        self._at = time.monotonic()
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    @Slot()
    def _beat(self) -> None:
        now = time.monotonic()
        self.longest, self._at = max(self.longest, now - self._at), now


class Ear(QObject):
    """Hears that the application has ended."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._heard: list[str] = []
        application.ended.connect(self.hear)

    @property
    def ended(self) -> bool:
        return bool(self._heard)

    @Slot()
    def hear(self) -> None:
        self._heard.append("ended")


def close(application: Application, seconds: float) -> Pulse:
    """Close the window; wait for the end."""
    ear, pulse = Ear(application), Pulse()
    began = time.monotonic()
    application.window.close()
    assert time.monotonic() - began < FROZEN
    assert not application.window.isVisible()
    assert not ear.ended, "the end comes through the event loop"
    wait_for(lambda: ear.ended, "the end", seconds=seconds)
    return pulse


def test_calls_that_hang_do_not_keep_the_window(
    running: Application, silence: Silence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_READS_MS", 700)
    connection = silent(silence.endpoint)
    running.launcher.save(connection, keys=KEYS)
    running.open_connection(connection)
    wait_for(lambda: running.context.desk, "the connection", running.window, STARTS)
    wait_for(lambda: silence.asked, "a question to Cognito", running.window, STARTS)
    wait_for(lambda: running.runner.busy, "a job that hangs", running.window)
    pulse = close(running, 3.0)
    assert pulse.longest < FROZEN
    # A timer may have asked for something after the end: that too is told that it is over.
    wait_for(lambda: not running.runner.busy, "the end of every job")
    assert all(not record.under_way for record in running.runner.jobs())


def test_closing_the_demo_leaves_nothing_and_never_freezes(running: Application, home: Path) -> None:
    into_demo(running)
    process = postgres(home)
    assert process is not None
    wait_for(lambda: not running.runner.busy, "quiet", running.window)
    pulse = close(running, 20.0)
    assert pulse.longest < FROZEN
    assert not alive(process)
    assert postgres(home) is None


def test_a_change_under_way_ends_before_its_services_are_closed(running: Application, home: Path) -> None:
    into_demo(running)
    desk = running.context.desk
    assert desk is not None
    database = desk.database
    assert database is not None
    began, go = threading.Event(), threading.Event()

    def change(_: Work) -> str:
        began.set()
        assert go.wait(20)
        return database.ping().version

    job = running.context.run(change, name="A change", lane="changes")
    heard: list[object] = []
    job.succeeded.connect(heard.append)
    wait_for(began.is_set, "the change", running.window)
    ear = Ear(running)
    running.window.close()
    assert not running.window.isVisible()
    QTimer.singleShot(300, go.set)
    wait_for(lambda: ear.ended, "the end", seconds=20)
    assert len(heard) == 1
    assert job.state is JobState.SUCCEEDED


def test_shutdown_in_the_middle_of_quitting_finishes_the_work(running: Application, home: Path) -> None:
    into_demo(running)
    process = postgres(home)
    assert process is not None
    ear = Ear(running)
    running.quit()
    running.shutdown()
    assert ear.ended
    assert not alive(process)
    running.quit()
    running.shutdown()


def test_dialogs_go_with_the_window_and_none_comes_up_behind_it(running: Application) -> None:
    began, go = threading.Event(), threading.Event()

    def change(_: Work) -> None:
        began.set()
        assert go.wait(20)
        raise AppError(ErrorCode.CONFLICT, "Somebody else was quicker.")

    class View(QObject):
        @Slot(object)
        def tell(self, error: AppError) -> None:
            running.report(error)

    view = View()
    running.context.run(change, name="A change", lane="changes").failed.connect(view.tell)
    wait_for(began.is_set, "the change", running.window)
    running.report(AppError(ErrorCode.CONFLICT, "An error that is read just now."))
    ear = Ear(running)
    running.quit()
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    assert shown == []
    go.set()
    wait_for(lambda: ear.ended, "the end")
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
    assert shown == []


def test_the_last_call_waits_for_every_end_and_is_given_up_itself(qtbot: QtBot, qapp: QApplication) -> None:
    runner = JobRunner()
    order: list[str] = []
    go = threading.Event()
    try:
        runner.submit(lambda work: go.wait(20), name="A read that hangs")
        job = runner.submit(lambda work: work.sleep(20), name="A read that listens")
        job.cancelled.connect(partial(order.append, "cancelled"))

        def last(_: Work) -> None:
            order.append("last")
            go.wait(20)

        with qtbot.waitSignal(runner.stopped, timeout=5000) as heard:
            runner.stop(last, name="Close", reads=200, changes=400)
            late = runner.submit(lambda work: order.append("never"), name="Late")
            late.cancelled.connect(partial(order.append, "late"))
        assert heard.args == [False]
        assert order.index("cancelled") < order.index("last")
        assert "never" not in order
        assert order.count("late") == 1
        assert not runner.busy
    finally:
        go.set()
        runner.shutdown(5)


def test_where_the_window_was_is_kept_when_it_changes_and_at_the_end(running: Application, home: Path) -> None:
    folder = running.launcher.settings.config_dir
    running.window.show_tab("authenticator")
    wait_for(lambda: geometry.load(folder).tab == "authenticator", "the tab on disk", seconds=5)
    running.window.resize(1000, 650)
    close(running, 10.0)
    assert geometry.load(folder) == running.window.arrangement()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send to another process")
def test_the_process_ends_although_its_calls_hang(home: Path, silence: Silence) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(home)})
    launcher = Launcher(settings, secrets=SecretStore(backend=Vault()), environ={})
    launcher.save(silent(silence.endpoint, CredentialSource.DEFAULT))
    launcher.close()
    environ = {
        **os.environ,
        "COGNITO_DESK_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "AWS_ACCESS_KEY_ID": KEYS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": KEYS.secret_access_key,
    }
    with subprocess.Popen(
        [sys.executable, "-m", "ui", "--connection", "Customers"], cwd=ROOT, env=environ, stderr=subprocess.PIPE
    ) as process:
        try:
            assert eventually(lambda: silence.asked or process.poll() is not None, 30)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            _, told = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, told.decode()
    assert b"Traceback" not in told
    assert time.monotonic() - began < 9, "reads are waited for five seconds"
