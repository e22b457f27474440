"""The Activity tab: what runs, what was changed and how it ended, and database writes that wait for the database."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_desk
from app.errors import AppError, ErrorCode
from app.journal import Journal, MirrorRequest
from app.launcher import Launcher
from app.permissions import Action, Role
from app.secrets import database_ref
from app.settings import Settings
from app.work import Work
from tests.services.relay import Relay
from tests.ui.activity_bench import CARLA, NILS, Bench, FakeDesk
from tests.ui.words import press, pressable, reason, see, type_into, wait_for, wait_to_see
from ui.context import Change, Topic
from ui.jobs import JobRunner


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.sqlite")
    yield made
    made.close()


@pytest.fixture
def desk(journal: Journal) -> FakeDesk:
    return FakeDesk(journal)


@pytest.fixture
def bench(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: FakeDesk) -> Bench:
    return Bench(qtbot, runner, desk)


class Errand:
    """A job that waits for the test."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self, work: Work) -> None:
        work.progress(3, 10, "people")
        while not self.go.wait(0.005):
            work.check()


def test_a_job_appears_with_its_progress_and_how_long_it_took(bench: Bench) -> None:
    errand = Errand()
    bench.context.run(errand, name="Count the sheep")
    bench.until_job("Count the sheep", "running")
    wait_for(lambda: bench.job("Count the sheep")[2] == "3 / 10 people", "the progress", bench.view)
    assert bench.job("Count the sheep")[3].count(":") == 2
    assert bench.job("Count the sheep")[4] == ""
    errand.go.set()
    assert bench.until_job("Count the sheep", "succeeded")[4].split()[1] in {"ms", "s"}


def test_a_job_that_failed_says_why(bench: Bench) -> None:
    def fail(_: Work) -> None:
        raise AppError(ErrorCode.UNREACHABLE, "Cognito does not answer at 127.0.0.1.")

    bench.context.run(fail, name="Count the sheep")
    assert bench.until_job("Count the sheep", "failed")[2] == "Cognito does not answer at 127.0.0.1."


def test_a_running_job_can_be_cancelled_and_one_that_ended_cannot(bench: Bench) -> None:
    assert reason(bench.view, "Cancel job") == "Choose a job that is running."
    held = threading.Event()

    def stubborn(work: Work) -> None:
        held.wait(20)
        work.check()

    job = bench.context.run(stubborn, name="Count the sheep")
    bench.until_job("Count the sheep", "running")
    assert bench.view._jobs.select(job.id)
    press(bench.view, "Cancel job")
    wait_for(lambda: not pressable(bench.view, "Cancel job"), "the button to rest", bench.view)
    assert bench.view._jobs.selected()[0].stopping
    held.set()
    bench.until_job("Count the sheep", "cancelled")
    assert [record.id for record in bench.view._jobs.selected()] == [job.id], "it stays chosen"
    assert reason(bench.view, "Cancel job") == "Choose a job that is running."


def test_the_journal_tells_intent_and_outcome_in_words(bench: Bench, desk: FakeDesk) -> None:
    desk.write(Action.DELETE_USER, NILS)
    desk.journal.unknown(desk.write(Action.ENABLE_USER, NILS), "no answer in 20 s")
    desk.journal.succeed(desk.write(Action.SET_PASSWORD, CARLA, permanent="false"))
    desk.journal.succeed(desk.write(Action.SET_MFA_PREFERENCE, CARLA, preferred="totp"))
    desk.journal.succeed(desk.write(Action.CREATE_USER, CARLA, attributes="email, name", invited="true"))
    desk.journal.succeed(desk.write(Action.APPROVE, CARLA, **{"from": "pending_approval"}))
    bench.context.announce(Change(Topic.JOURNAL, origin="test"))
    wait_for(lambda: len(bench.journal()) == 6, "six entries", bench.view)
    assert [cells[1:] for cells in bench.journal()] == [
        ["Approve", CARLA, "done", "from Pending approval", "ada"],
        ["Create user", CARLA, "done", "email, name · invitation sent", "ada"],
        ["MFA preference", CARLA, "done", "preferred: TOTP", "ada"],
        ["Set password", CARLA, "done", "temporary", "ada"],
        ["Enable user", NILS, "unknown", "no answer in 20 s", "ada"],
        ["Delete user", NILS, "under way", "", "ada"],
    ]
    assert "just now\nintent 2" in bench.tip(0, 0)
    assert "outcome 2" in bench.tip(0, 0)
    assert "outcome" not in bench.tip(5, 0), "it is still under way"
    assert bench.tip(0, 2) == f"user name sub-{CARLA}"
    assert "the outcome is not known yet" in bench.tip(5, 3)


def test_every_action_has_words(bench: Bench, desk: FakeDesk) -> None:
    for action in Action:
        desk.journal.succeed(desk.write(action, CARLA))
    press(bench.view, "Refresh")
    wait_for(lambda: len(bench.journal()) == len(Action), "all entries", bench.view)
    for cells in bench.journal():
        assert cells[1][0].isupper(), cells
        assert "." not in cells[1], cells


def test_a_change_that_failed_shows_its_message_with_what_a_report_needs(bench: Bench, desk: FakeDesk) -> None:
    error = AppError(ErrorCode.ACCESS_DENIED, "AWS does not permit AdminDeleteUser.", request_id="req-77")
    desk.journal.fail(desk.write(Action.DELETE_USER, NILS), error)
    bench.context.announce(Change(Topic.JOURNAL, origin="test"))
    wait_for(bench.journal, "an entry", bench.view)
    assert bench.journal()[0][1:5] == ["Delete user", NILS, "failed", "AWS does not permit AdminDeleteUser."]
    assert bench.tip(0, 3).splitlines()[1:] == ["code: access_denied", "AWS request id: req-77"]


def test_searching_finds_what_is_to_be_seen(bench: Bench, desk: FakeDesk) -> None:
    desk.journal.succeed(desk.write(Action.APPROVE, CARLA, **{"from": "pending_approval"}))
    desk.journal.fail(desk.write(Action.DISABLE_USER, NILS), AppError(ErrorCode.THROTTLED, "Too many requests."))
    press(bench.view, "Refresh")
    wait_for(lambda: len(bench.journal()) == 2, "two entries", bench.view)
    for text, found in (
        ("nils", [NILS]),
        ("DISABLE user", [NILS]),
        ("failed", [NILS]),
        ("too many", [NILS]),
        ("user.disable", [NILS]),
        ("from pending", [CARLA]),
        ("ada done", [CARLA]),
        ("", [NILS, CARLA]),
    ):
        type_into(bench.view, "Search the journal", text)
        assert [cells[2] for cells in bench.journal()] == found, text
    type_into(bench.view, "Search the journal", "melon")
    assert "Nothing matches “melon”" in see(bench.view)
    bench.view.open_at({"search": CARLA})
    assert [cells[2] for cells in bench.journal()] == [CARLA]
    bench.view.open_at(None)


def test_a_search_stays_when_something_new_is_written(bench: Bench, desk: FakeDesk) -> None:
    desk.journal.succeed(desk.write(Action.APPROVE, CARLA))
    wait_to_see(bench.view, "No changes yet")
    type_into(bench.view, "Search the journal", "approve")
    desk.journal.succeed(desk.write(Action.APPROVE, NILS))
    desk.journal.succeed(desk.write(Action.REJECT, NILS))
    bench.context.announce(Change(Topic.JOURNAL, origin="test"))
    wait_for(lambda: [cells[2] for cells in bench.journal()] == [NILS, CARLA], "both", bench.view)


def test_other_connections_are_none_of_our_business(bench: Bench, desk: FakeDesk) -> None:
    entry = desk.journal.begin(connection="other", operator="ada", action=Action.APPROVE, subject=NILS, details={})
    desk.journal.succeed(entry)
    QTest.keyClick(bench.view, Qt.Key.Key_F5)
    said = wait_to_see(bench.view, "No changes yet")
    assert "Every change that somebody makes here is written down first." in said


def test_more_than_is_shown_says_so(bench: Bench, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.tabs.activity.presenter.SHOWN", 3)
    monkeypatch.setattr("ui.tabs.activity.view.SHOWN", 3)
    for _ in range(4):
        desk.journal.succeed(desk.write(Action.APPROVE, CARLA))
    press(bench.view, "Refresh")
    wait_to_see(bench.view, "the newest 3 changes")
    assert len(bench.journal()) == 3


def test_a_journal_that_cannot_be_read_says_so_and_can_be_tried_again(
    bench: Bench, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_to_see(bench.view, "No changes yet")
    desk.journal.succeed(desk.write(Action.APPROVE, CARLA))
    press(bench.view, "Refresh")
    wait_for(bench.journal, "an entry", bench.view)

    def refuse(**_: object) -> list[object]:
        raise AppError(ErrorCode.FILE_ERROR, "journal.sqlite cannot be read: the disk is gone.")

    with monkeypatch.context() as broken:
        broken.setattr(desk.journal, "entries", refuse)
        press(bench.view, "Refresh")
        wait_to_see(bench.view, "the disk is gone")
        assert len(bench.journal()) == 1, "what was read stays"
    press(bench.view, "Retry")
    wait_for(lambda: "the disk is gone" not in see(bench.view), "no banner", bench.view)


def test_a_journal_that_could_never_be_read(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> list[object]:
        raise AppError(ErrorCode.FILE_ERROR, "journal.sqlite cannot be read: the disk is gone.")

    with monkeypatch.context() as broken:
        broken.setattr(desk.journal, "entries", refuse)
        bench = Bench(qtbot, runner, desk)
        wait_to_see(bench.view, "A file could not be read or written")
        assert "the disk is gone" in see(bench.view)
    press(bench.view, "Retry")
    wait_to_see(bench.view, "No changes yet")


def test_waiting_database_writes_are_told_and_tried(bench: Bench, desk: FakeDesk) -> None:
    entry = desk.write(Action.ENABLE_USER, CARLA)
    desk.journal.succeed(entry, mirror=MirrorRequest("user_enabled", CARLA), target=desk.target)
    bench.context.announce(Change(Topic.JOURNAL, origin="test"))
    wait_to_see(bench.view, "1 database change waits")
    assert f"follows by itself once it answers: {CARLA}" in see(bench.view)
    desk.back = False
    press(bench.view, "Try now")
    bench.toast_of("1 database change still waits.")
    assert bench.toasts[-1].tone == "warn"
    desk.back = True
    press(bench.view, "Try now")
    bench.toast_of("Every database change has landed.")
    wait_for(lambda: "database change waits" not in see(bench.view), "no banner", bench.view)


def test_a_viewer_may_not_try(qtbot: QtBot, dressed: QApplication, runner: JobRunner, journal: Journal) -> None:
    desk = FakeDesk(journal, Role.VIEWER)
    journal.succeed(desk.write(Action.ENABLE_USER, CARLA), mirror=MirrorRequest("user_enabled", CARLA))
    bench = Bench(qtbot, runner, desk)
    wait_to_see(bench.view, "1 database change waits")
    assert "viewer" in reason(bench.view, "Try now")


@pytest.mark.parametrize("size", [(1252, 820), (964, 600)])
def test_nothing_lies_beyond_the_right_edge(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: FakeDesk, size: tuple[int, int]
) -> None:
    long = f"{'very.' * 20}long@an.address.example"
    error = AppError(ErrorCode.SERVICE_ERROR, "Cognito had a fault that takes many words to tell of. " * 5)
    desk.journal.fail(desk.write(Action.SET_MFA_PREFERENCE, long), error)
    bench = Bench(qtbot, runner, desk, size)
    wait_for(bench.journal, "an entry", bench.view)
    for table in (bench.view._jobs, bench.view._journal):
        assert table.horizontalScrollBar().maximum() == 0
    assert bench.view._journal.columnWidth(4) >= 150, "the details can be read"
    assert long in bench.tip(0, 2)


# On the real demo, with a database that goes away.


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    root = Path(tempfile.mkdtemp(prefix="cd-"))  # pytest's own folders are too long for a socket's path
    made = Launcher(Settings.load({"COGNITO_DESK_HOME": str(root)}), environ={})
    yield made
    made.close()
    shutil.rmtree(root)


@pytest.fixture
def demo(launcher: Launcher) -> Iterator[Desk]:
    made = launcher.open_demo(Work(), people=20)
    yield made
    made.close()


def test_a_change_made_while_the_database_is_away_lands_when_it_is_back(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, launcher: Launcher, demo: Desk
) -> None:
    address = demo.connection.database
    assert address is not None
    assert demo.onboarding is not None
    with Relay(address.conninfo(launcher.secrets.get(database_ref(demo.connection.id)))) as relay:
        through = replace(demo.connection, database=replace(address, host="127.0.0.1", port=relay.port))
        desk = open_desk(through, settings=launcher.settings, secrets=launcher.secrets, journal=demo.journal)
        try:
            desk.people.load(Work())
            row = next(r for r in desk.index.view("").rows(0, 20) if r.onboarding == "active" and r.enabled)
            relay.away()
            outcome = desk.people.disable(desk.people.details(row.username))
            assert outcome.mirror == "pending"
            bench = Bench(qtbot, runner, desk)
            wait_to_see(bench.view, "1 database change waits")
            assert bench.journal()[0][1:4] == ["Disable user", row.email, "done"]
            press(bench.view, "Try now")
            bench.toast_of("1 database change still waits.")
            relay.back()
            wait_for(lambda: _landed(bench), "the database change to land", bench.view, 20)
            found = demo.onboarding.find(row.email, row.sub)
            assert found is not None
            assert found.status.value == "disabled"
        finally:
            assert runner.shutdown(10)
            desk.close()


def _landed(bench: Bench) -> bool:
    """The database's back-off may let the first tries pass: press as often as a person would."""
    if pressable(bench.view, "Try now"):
        press(bench.view, "Try now")
    QTest.qWait(200)
    return any("Every database change has landed." in toast.text for toast in bench.toasts)
