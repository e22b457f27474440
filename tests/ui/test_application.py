"""The program as a whole: from the welcome page into the demo and out again, and every way in which that can end."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app import logs
from app.connections import Connection, CredentialSource
from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from app.secrets import SecretStore, database_ref
from app.settings import Settings
from app.work import Work
from tests.services.orphans import eventually, holder
from tests.services.pools import Pool, pool
from tests.services.vault import Vault
from tests.ui.words import answer, dialog, press, see, wait_for, wait_to_see
from ui import watches
from ui.application import Application, _unexpected
from ui.context import Change, Topic
from ui.shell.rail import RailButton
from ui.shell.splash import Splash, Steps

ROOT = Path(__file__).parents[2]
PEOPLE = 20
STARTS = 60.0  # seconds that a demo may take on a busy machine


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cd-"))  # pytest's own folders are too long for a socket's path
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def application(qtbot: QtBot, dressed: QApplication, home: Path, vault: Vault) -> Iterator[Application]:
    """The program on its welcome page."""
    settings = Settings.load({"COGNITO_DESK_HOME": str(home)})
    made = Application(Launcher(settings, secrets=SecretStore(backend=vault), environ={}), people=PEOPLE)
    made.start()
    qtbot.waitExposed(made.window)
    yield made
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.done(0)
    made.shutdown()
    gc.disable()  # the session's own Collector goes on
    made.window.hide()
    made.window.deleteLater()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def opened(application: Application) -> Application:
    """The program with the demo open."""
    into_demo(application)
    return application


def into_demo(application: Application) -> Desk:
    press(application.window, "Explore the demo")
    return wait_for(lambda: application.context.desk, "the demo", application.window, STARTS)


def postgres(home: Path) -> int | None:
    """The process of the demo's database; None where there is none."""
    note = home / "data" / "demo" / "server-folder"
    folders = [Path(note.read_text())] if note.is_file() else []
    for folder in (*folders, home / "data" / "demo"):
        for found in folder.rglob("postmaster.pid") if folder.is_dir() else ():
            lines = found.read_text().split()
            if lines and alive(int(lines[0])):
                return int(lines[0])
    return None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def answers(desk: Desk, application: Application) -> bool:
    """Whether the demo's database still takes connections."""
    assert desk.connection.database is not None
    try:
        with psycopg.connect(
            desk.connection.database.conninfo(application.launcher.secrets.get(database_ref("demo"))), connect_timeout=5
        ):
            return True
    except psycopg.OperationalError:
        return False


def rail(application: Application, key: str) -> str:
    """A tab in the rail as a screen reader tells of it."""
    button = application.window.rail.findChild(RailButton, key)
    assert isinstance(button, RailButton)
    return button.accessibleName()


def waiting(desk: Desk) -> int:
    assert desk.onboarding is not None
    return len(desk.onboarding.list(OnboardingStatus.PENDING_APPROVAL))


class Held:
    """A job that waits for the test; as a change it cannot be cancelled half-way."""

    def __init__(self, at_end: Callable[[], object] = lambda: None) -> None:
        self.began = threading.Event()
        self.go = threading.Event()
        self.done: list[object] = []
        self._at_end = at_end

    def __call__(self, work: Work) -> None:
        self.began.set()
        assert self.go.wait(30)
        self.done.append(self._at_end())


def test_from_the_welcome_page_through_the_steps_into_the_tabs(application: Application) -> None:
    window = application.window
    wait_to_see(window, "Choose a connection")
    press(window, "Explore the demo")
    wait_to_see(window, "Starting the demo workspace")
    steps: set[str] = set()

    def ready() -> bool:
        for splash in window.findChildren(Splash):
            steps.update(child.accessibleName() for child in splash.findChildren(Steps))
        return application.context.desk is not None

    wait_for(ready, "the demo", window, STARTS)
    assert len(steps - {""}) >= 3, steps
    wait_to_see(window, "Harbour demo")
    assert window.windowTitle() == "Harbour demo – Cognito Desk"
    for name in ("Overview", "Users", "Onboarding", "Authenticator", "Activity", "Outbox"):
        press(window, f"{name}...")
        assert window.tab == name.lower()
    window.show_tab("activity")
    wait_to_see(window, "Starting the demo workspace | succeeded")


def test_the_rail_counts_approvals_at_once_and_after_changes(
    opened: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "_LEAST_MS", 20)
    desk = opened.context.desk
    assert desk is not None
    assert desk.onboarding is not None
    before = waiting(desk)
    assert before >= 2

    def counted(number: int) -> None:
        words = f"Onboarding, {number} waiting"
        wait_for(lambda: rail(opened, "onboarding") == words, words, opened.window)

    counted(before)
    first, second = desk.onboarding.list(OnboardingStatus.PENDING_APPROVAL)[:2]
    desk.people.move(first, Edge.APPROVE)
    opened.context.announce(Change(Topic.ONBOARDING, (first.id,), "test"))
    counted(before - 1)
    desk.people.move(second, Edge.REJECT)
    monkeypatch.setattr(watches, "_LEAST_MS", 3_600_000)
    opened.window.show_tab("onboarding")  # what the tab itself has read counts as well
    press(opened.window, "Refresh")
    counted(before - 2)


def test_many_changes_are_counted_once(opened: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = opened.context.desk
    assert desk is not None
    assert desk.onboarding is not None
    wait_for(lambda: "waiting" in rail(opened, "onboarding"), "the first count", opened.window)
    asked: list[object] = []
    funnel = desk.onboarding.funnel

    def watched(*arguments: object) -> object:
        asked.append(arguments)
        return funnel()

    opened.window.show_tab("activity")
    monkeypatch.setattr(watches, "_LEAST_MS", 300)
    monkeypatch.setattr(desk.onboarding, "funnel", watched)
    for number in range(50):
        opened.context.announce(Change(Topic.ONBOARDING, (str(number),), "test"))
    wait_for(lambda: len(asked) >= 1, "a count", opened.window)
    wait_for(lambda: not opened.runner.busy, "quiet", opened.window)
    by_the_watch = [arguments for arguments in asked if arguments]
    assert len(by_the_watch) <= 2


def test_a_demo_that_is_open_elsewhere_is_told_and_back_leads_to_the_connections(
    application: Application, home: Path
) -> None:
    (home / "data" / "demo").mkdir(parents=True, exist_ok=True)
    with holder(home / "data" / "demo") as other:
        press(application.window, "Explore the demo")
        said = wait_to_see(application.window, "A demo is already running", STARTS)
        assert "already open in another window of Cognito Desk" in said
        press(application.window, "Back")
        wait_to_see(application.window, "Explore the demo")
        assert application.context.desk is None
        press(application.window, "Explore the demo")
        wait_to_see(application.window, "A demo is already running", STARTS)
        assert other.finish() == 0
        press(application.window, "Retry")
        wait_for(lambda: application.context.desk, "the demo", application.window, STARTS)


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


def test_an_opening_that_fails_can_be_mended_and_tried_again(
    application: Application, cognito: Pool, vault: Vault
) -> None:
    connection = Connection(
        "main",
        "Customers",
        cognito.demo.region,
        cognito.demo.pool_id,
        endpoint=cognito.demo.endpoint,
        credentials=CredentialSource.KEYS,
    )
    application.launcher.save(connection, keys=cognito.keys)
    kept = dict(vault.entries)
    vault.entries.clear()
    application.open_connection(connection)
    said = wait_to_see(application.window, "No AWS credentials were found")
    assert "The access keys of Customers are not in the keyring" in said
    vault.entries.update(kept)
    press(application.window, "Retry")
    wait_for(lambda: application.context.desk, "the connection", application.window)
    wait_to_see(application.window, "Customers")
    assert rail(application, "onboarding") == "Onboarding", "nothing is counted without a database"
    application.leave()
    wait_to_see(application.window, "Choose a connection")
    application.launcher.remove("main")


def test_an_opening_can_be_cancelled(application: Application, home: Path) -> None:
    press(application.window, "Explore the demo")
    wait_to_see(application.window, "Starting the demo workspace")
    press(application.window, "Cancel")
    wait_to_see(application.window, "Choose a connection", STARTS)
    assert application.context.desk is None
    assert postgres(home) is None


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


class Bomb(QObject):
    """A slot with a fault, and a secret in its exception."""

    lit = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lit.connect(self.explode)

    @Slot()
    def explode(self) -> None:
        raise ValueError("password=hunter2-hunter2 for postgresql://app:hunter2-hunter2@db.example.com/app")


@pytest.mark.qt_no_exception_capture
def test_a_fault_in_a_slot_is_logged_without_secrets_and_told_once(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", partial(_unexpected, application))
    log = logs.configure(tmp_path / "logs")
    try:
        bomb = Bomb()
        for _ in range(3):
            bomb.lit.emit()
        box = dialog("Something went wrong inside Cognito Desk")
        said = see(box)
        assert "Something went wrong inside the application (ValueError)." in said
        press(box, "Details")
        details = wait_to_see(box, "in explode")
        assert "test_application.py" in details
        assert "hunter2" not in details
        wait_for(lambda: log.path.read_text().count("ValueError: ") == 3, "three entries in the log")
        boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        assert len(boxes) == 1, "one at a time"
        answer(None, "Something went wrong inside Cognito Desk", press="Close")
    finally:
        log.close()
    written = log.path.read_text()
    assert "explode" in written
    assert "[hidden]" in written
    assert "hunter2" not in written
    wait_to_see(application.window, "Explore the demo")  # the program goes on


@pytest.mark.qt_no_exception_capture
def test_an_error_of_the_services_that_no_view_expected_is_told_in_its_own_words(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused(QObject):
        asked = Signal()

        @Slot()
        def act(self) -> None:
            raise AppError(ErrorCode.NOT_ALLOWED, "Viewers may not do this.")

    monkeypatch.setattr(sys, "excepthook", partial(_unexpected, application))
    refused = Refused()
    refused.asked.connect(refused.act)
    refused.asked.emit()
    assert "Viewers may not do this." in see(dialog("Your role does not allow this"))
    answer(None, "Your role does not allow this", press="Close")


def test_without_a_log_the_program_runs_and_says_so(application: Application) -> None:
    application.on_no_log(AppError(ErrorCode.FILE_ERROR, "The folder cannot be written."))
    wait_to_see(application.window, "There is no log of this session. The folder cannot be written.")


def test_a_connection_of_the_command_line_that_does_not_exist(application: Application) -> None:
    application.start(connection="nonsense")
    said = see(dialog("Something is not set up yet"))
    assert "There is no connection called “nonsense”" in said
    answer(None, "Something is not set up yet", press="Close")


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
