"""The enrolment window when the countdown reaches zero: it says so at once, and one press makes another QR code."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_demo
from app.elapsed import elapsed
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import PASSWORD, Support, code, gone, scanned
from ui.dialogs.enrolment import scan as scan_module
from ui.dialogs.enrolment.window import EnrolmentDialog
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("demo")
    return Settings.load({"COGNITO_DESK_HOME": str(home)})


@pytest.fixture(scope="module")
def desk(settings: Settings) -> Iterator[Desk]:
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=5)
    yield made
    made.close()


@pytest.fixture
def support(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk, settings: Settings) -> Support:
    return Support(qtbot, runner, desk, settings)


def run_out(monkeypatch: pytest.MonkeyPatch, window: EnrolmentDialog, seconds: float) -> None:
    """As much time passes, for the countdown."""
    with monkeypatch.context() as patched:
        patched.setattr(scan_module, "elapsed", lambda: elapsed() + seconds)
        words.wait_to_see(window, "The time for this QR code has run out")


@pytest.mark.parametrize(("mode", "seconds"), [("ON", 181.0), ("OPTIONAL", 3601.0)])
def test_with_a_random_password_one_press_makes_another(
    support: Support, monkeypatch: pytest.MonkeyPatch, mode: str, seconds: float
) -> None:
    support.require_mfa(mode)
    window = support.open(support.caller(f"r{next(_numbers)}@harbour.example"))
    support.begin(window)
    before = scanned(window)
    assert before is not None
    run_out(monkeypatch, window, seconds)
    assert scanned(window) is None
    assert f"delete the entry “harbour-demo: {before.account}”" in words.see(window)
    assert "needs nothing else" in words.see(window)
    support.press(window, "New QR code")
    after = scanned(window)
    assert after is not None
    assert after.secret != before.secret
    assert "delete its entry" in words.see(window)
    words.type_into(window, "The code that the app shows now", code(after), enter=True)
    support.settle()
    support.press(window, "Give them this")
    support.done(window)
    assert gone(window)


def test_a_typed_password_is_asked_for_again(support: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    support.require_mfa("ON")
    user = support.caller(f"o{next(_numbers)}@harbour.example")
    window = support.open(user)
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    words.type_into(window, "The code that the app shows now", "123")
    run_out(monkeypatch, window, 181.0)
    assert "takes their password once more" in words.see(window)
    assert "now" in [label.accessibleName().rsplit(": ")[-1] for label in _steps(window, "Sign in as the person")]
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    support.settle()
    assert "has run out" in words.see(window)  # a Return that was meant for the code presses nothing
    support.press(window, "New QR code")
    seen = words.see(window)
    assert "delete its entry" in seen
    assert "They type their password" in seen
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    assert "delete its entry" in words.see(window)
    otp = scanned(window)
    assert otp is not None
    words.type_into(window, "The code that the app shows now", code(otp), enter=True)
    support.settle()
    support.done(window)
    assert support.signs_in(user, PASSWORD, otp)


def test_a_question_at_closing_that_lasts_too_long_leads_back_to_the_truth(
    support: Support, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.require_mfa("ON")
    window = support.open(support.caller(f"q{next(_numbers)}@harbour.example"))
    support.begin(window)
    support.press(window, "Close")
    with monkeypatch.context() as patched:
        patched.setattr(scan_module, "elapsed", lambda: elapsed() + 181.0)
        words.press(window, "Go on with the enrolment")
        assert scanned(window) is None
        words.wait_to_see(window, "The time for this QR code has run out")
    support.press(window, "Close")
    support.press(window, "Undo it now")
    support.done(window)


def _steps(window: EnrolmentDialog, words_of_it: str) -> list[QLabel]:
    return [label for label in window.checklist.findChildren(QLabel) if label.text() == words_of_it]
