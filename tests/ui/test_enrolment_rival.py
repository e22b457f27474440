"""The enrolment window while somebody in another window of the program is at the same person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.auth.enrolment import Start
from app.desk import Desk, open_demo, open_desk
from app.journal import Journal
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import Support, code, scanned
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
BANNER = "Somebody is enrolling this person now"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"COGNITO_DESK_HOME": str(tmp_path), "COGNITO_DESK_OPERATOR": "sue@harbour.example"})


@pytest.fixture
def secrets() -> SecretStore:
    return SecretStore()


@pytest.fixture
def desk(settings: Settings, secrets: SecretStore) -> Iterator[Desk]:
    made = open_demo(Work(), settings=settings, secrets=secrets, people=5)
    yield made
    made.close()


@pytest.fixture
def rival(desk: Desk, settings: Settings, secrets: SecretStore) -> Iterator[Desk]:
    """Bea's window on the same workstation: another process to the journal."""
    theirs = Settings.load(
        {"COGNITO_DESK_HOME": str(settings.data_dir), "COGNITO_DESK_OPERATOR": "bea@harbour.example"}
    )
    journal = Journal(settings.data_dir / "demo-journal.sqlite")
    made = open_desk(desk.connection, settings=theirs, secrets=secrets, journal=journal)
    yield made
    made.close()
    journal.close()


@pytest.fixture
def support(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk, settings: Settings) -> Support:
    made = Support(qtbot, runner, desk, settings)
    made.require_mfa("ON")
    return made


def test_the_first_page_says_who_is_at_it_and_the_code_page_whose_code_counts(support: Support, rival: Desk) -> None:
    user = support.caller("twice@harbour.example")
    assert BANNER not in words.see(support.open(user))
    theirs = rival.enrolments.begin(rival.enrolments.plan(user), Start.RANDOM)
    window = support.open(user)
    seen = words.see(window)
    assert BANNER in seen
    assert "bea@harbour.example began it in another window of this program" in seen
    assert "half done" not in seen, "it runs: there is nothing to finish or undo"
    support.begin(window)
    early = scanned(window)
    assert early is not None
    theirs.renew()  # bea takes over: the code on this screen is worth nothing any more
    words.type_into(window, "The code that the app shows now", code(early), enter=True)
    support.settle()
    assert "bea@harbour.example is enrolling this person" in words.see(window)
    rival.enrolments.end(theirs)


def test_who_begins_after_the_first_page_was_read_is_told_of_at_the_press(support: Support, rival: Desk) -> None:
    user = support.caller("late@harbour.example")
    window = support.open(user)
    assert BANNER not in words.see(window)
    theirs = rival.enrolments.begin(rival.enrolments.plan(user), Start.RANDOM)
    support.begin(window)
    assert scanned(window) is None
    assert BANNER in words.see(window)
    assert words.pressable(window, "Begin"), "told of it, they may begin all the same"
    rival.enrolments.end(theirs)
