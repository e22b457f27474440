"""A connection that is left, in the order in which the application does it, while an enrolment begins."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.auth.enrolment import Password, Step
from app.auth.sign_in import Challenge, SignIn, Tokens
from app.desk import open_demo
from app.journal import EntryState, Journal
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import Support, code, gone, scanned
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("when", ["signing in", "at the code"])
def test_leaving_the_connection_ends_the_session_and_takes_the_window_along(
    qtbot: QtBot,
    dressed: QApplication,
    runner: JobRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    desk = open_demo(Work(), settings=settings, secrets=SecretStore(), people=5)
    arrived, opened = threading.Event(), threading.Event()
    sign_in = SignIn.begin

    def slow(self: SignIn, password: str) -> Tokens | Challenge:
        answer = sign_in(self, password)
        arrived.set()
        assert opened.wait(15.0)
        return answer

    monkeypatch.setattr(SignIn, "begin", slow)
    support = Support(qtbot, runner, desk, settings)
    window = support.open(support.caller("caller@harbour.example"))
    words.press(window, "I have made sure who is calling")
    words.press(window, "Begin")
    words.wait_for(arrived.is_set, "the sign-in")
    if when == "at the code":
        opened.set()
        support.settle()
    support.context.set_desk(None)
    support.context.run(lambda work: desk.close(), name="Close", lane="changes")
    opened.set()
    support.settle()
    assert gone(window)
    later = Journal(settings.data_dir / "demo-journal.sqlite")
    try:
        signed_out = [each for each in later.entries() if each.details.get("step") == Step.SIGN_OUT]
        assert [each.state for each in signed_out] == [EntryState.SUCCEEDED]
        assert later.entries(limit=1)[0].details["step"] == Step.SIGN_OUT
    finally:
        later.close()


def test_a_temporary_password_that_nobody_has_read_is_asked_about_and_told_later(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, tmp_path: Path
) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    desk = open_demo(Work(), settings=settings, secrets=SecretStore(), people=5)
    try:
        support = Support(qtbot, runner, desk, settings)
        user = support.caller("caller@harbour.example")
        window = support.open(user)
        support.begin(window)
        otp = scanned(window)
        assert otp is not None
        words.type_into(window, "The code that the app shows now", code(otp), enter=True)
        support.settle()
        support.press(window, "Give them this")
        lost = window.last._secret
        support.press(window, "Done")
        assert "Nobody has read the temporary password" in words.see(window)
        support.press(window, "Done")  # they must go: once asked, it closes
        assert gone(window)
        (left,) = desk.enrolments.unfinished()
        assert left.situation.password is Password.UNREAD
        again = support.open(user)
        assert "nobody read it before the window closed" in words.see(again)
        support.press(again, "Finish it")
        assert again.last._secret not in ("", lost)
        support.press(again, "Done")
        support.press(again, "Copy secret")
        assert "Nobody has read" not in words.see(again)
        given = again.last._secret
        support.press(again, "Done")
        assert gone(again)
        assert desk.enrolments.unfinished() == ()
        assert support.signs_in(user, given, otp)
    finally:
        desk.close()
