"""The enrolment window on the real demo: from "I lost my phone" to a verified authenticator, in one window."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from app.auth.enrolment import Password
from app.desk import Desk, open_demo
from app.directory.models import UserStatus
from app.permissions import Role
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import OWN, PASSWORD, Support, code, gone, scanned
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("demo")
    return Settings.load({"COGNITO_DESK_HOME": str(home), "COGNITO_DESK_OPERATOR": "sue@harbour.example"})


@pytest.fixture(scope="module")
def desk(settings: Settings) -> Iterator[Desk]:
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=30)
    yield made
    made.close()


@pytest.fixture
def support(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk, settings: Settings) -> Support:
    made = Support(qtbot, runner, desk, settings)
    made.house()
    made.require_mfa("OPTIONAL")
    return made


def email() -> str:
    return f"caller{next(_numbers)}@harbour.example"


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_from_i_lost_my_phone_to_a_new_authenticator(support: Support, mode: str) -> None:
    user = support.caller(email())
    old = _enrolled(support, user.email)
    support.require_mfa(mode)
    window = support.open(user, lost=True)
    assert words.reason(window, "Begin").startswith("First make sure")
    assert "cannot be undone" in words.see(window)
    support.begin(window)
    otp = scanned(window)
    assert otp is not None
    assert (otp.account, otp.issuer) == (user.email, "harbour-demo")
    assert otp.secret != old
    words.type_into(window, "The code that the app shows now", code(otp))
    support.press(window, "Check the code")
    assert "password of their own" in words.see(window)
    support.press(window, "Give them this")
    assert "has a verified authenticator" in words.see(window)
    words.press(window, "Show")
    given = window.last._secret
    assert given in words.see(window)
    support.done(window)
    assert support.signs_in(user, given, otp)


def test_with_their_own_password_in_a_pool_that_requires_mfa(support: Support) -> None:
    user = support.caller(email())
    support.require_mfa("ON")
    window = support.open(user)
    assert "MFA_SETUP" in words.see(window)
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", "not this one", enter=True)
    support.settle()
    assert f"The password of {user.email} is not this one." in words.see(window)
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    assert "InitiateAuth (USER_PASSWORD_AUTH)" in words.see(window)
    assert "Cognito waits 2:" in words.see(window)
    otp = scanned(window)
    assert otp is not None
    words.type_into(window, "The code that the app shows now", code(otp), enter=True)
    support.settle()
    assert "has a verified authenticator" in words.see(window)
    support.done(window)
    assert support.signs_in(user, PASSWORD, otp)


def test_a_temporary_password_is_changed_on_the_way(support: Support) -> None:
    user = support.caller(email())
    pool = support.desk.connection.pool_id
    support.aws.admin_set_user_password(UserPoolId=pool, Username=user.username, Password=PASSWORD, Permanent=False)
    window = support.open(user)
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    words.type_into(window, "New password", "short", enter=True)
    assert "The pool also asks for" in words.see(window)
    words.type_into(window, "New password", OWN, enter=True)
    support.settle()
    otp = scanned(window)
    assert otp is not None
    words.type_into(window, "The code that the app shows now", code(otp), enter=True)
    support.settle()
    support.done(window)
    assert support.signs_in(user, OWN, otp)


def test_a_second_factor_that_is_asked_for_can_be_given_or_called_lost(support: Support) -> None:
    user = support.caller(email())
    _enrolled(support, user.email)
    window = support.open(user)
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    assert "Cognito asks for their second factor" in words.see(window)
    words.type_into(window, "Code", "000000", enter=True)
    support.settle()
    assert "Cognito does not accept this code" in words.see(window)
    support.press(window, "It is lost: remove it")
    assert "The lost authenticator is removed" in words.see(window)
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    assert scanned(window) is not None
    support.press(window, "Close")


def test_a_wrong_code_and_a_drifted_clock_are_told_at_the_field(support: Support) -> None:
    window = support.open(support.caller(email()))
    support.begin(window, "They type their own password")
    words.type_into(window, "Their password", PASSWORD, enter=True)
    support.settle()
    otp = scanned(window)
    assert otp is not None
    assert words.reason(window, "Check the code") != ""
    words.type_into(window, "The code that the app shows now", code(otp, -300))
    support.press(window, "Check the code")
    assert "The phone's clock is about 5 min behind (10 steps)" in words.see(window)
    words.type_into(window, "The code that the app shows now", code(otp, 30 * 90))
    support.press(window, "Check the code")
    assert "This is no code of the new entry" in words.see(window)
    support.press(window, "Close")
    assert gone(window)


def test_another_qr_code_replaces_one_that_was_seen(support: Support) -> None:
    window = support.open(support.caller(email()))
    support.begin(window)
    first = scanned(window)
    support.press(window, "New QR code")
    second = scanned(window)
    assert first is not None
    assert second is not None
    assert first.secret != second.secret
    words.type_into(window, "The code that the app shows now", code(second), enter=True)
    support.settle()
    support.press(window, "Give them this")
    support.done(window)


def test_closing_half_way_asks_in_the_window_and_the_next_time_tells(support: Support) -> None:
    user = support.caller(email())
    window = support.open(user)
    support.begin(window)
    otp = scanned(window)
    support.press(window, "Close")
    assert window.isVisible()
    assert "half done" in words.see(window)
    assert scanned(window) is None
    support.press(window, "Go on with the enrolment")
    assert scanned(window) == otp
    support.press(window, "Close")
    support.press(window, "Leave it as it is")
    assert gone(window)
    assert support.desk.enrolments.situation(user).password is Password.RANDOM
    again = support.open(user)
    assert "a random password that nobody knows" in words.see(again)
    assert "A temporary password that you read out" in words.see(again)
    support.press(again, "Undo it")
    assert "The account is as before" in words.see(again)
    given = again.last._secret
    assert support.first_answer(user, given)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    support.done(again)


def test_undone_from_the_question_at_closing(support: Support) -> None:
    user = support.caller(email())
    window = support.open(user)
    support.begin(window)
    support.press(window, "Close")
    words.press(window, "A code by email")
    support.press(window, "Undo it now")
    assert "The account is as before" in words.see(window)
    support.done(window)
    (now,) = support.desk.enrolments.find(user.email)
    assert now.status is UserStatus.RESET_REQUIRED
    assert not support.desk.enrolments.situation(user).unfinished


def test_the_qr_code_hides_after_a_while_and_when_the_focus_goes(support: Support, qtbot: QtBot) -> None:
    support.house(qr_seconds=10)
    window = support.open(support.caller(email()))
    support.begin(window)
    assert scanned(window) is not None
    assert window.scan.qr._timer.interval() == 10_000
    window.scan.qr._timer.timeout.emit()
    assert scanned(window) is None
    assert "Hidden after a while" in words.see(window)
    words.press(window, "Show the QR code")
    assert scanned(window) is not None
    other = QLineEdit()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    words.wait_to_see(window, "another window came to the front")
    assert scanned(window) is None
    other.close()
    support.press(window, "Close")
    support.press(window, "Undo it now")
    support.done(window)


def test_on_the_other_monitor_the_same_code_is_shown_and_hidden(support: Support) -> None:
    window = support.open(support.caller(email()))
    support.begin(window)
    otp = scanned(window)
    words.press(window, "Full screen")
    projection = window.scan._projection
    assert projection is not None
    assert scanned(projection) == otp
    assert {"harbour-demo", otp.account if otp else ""} <= set(words.see(projection).split("\n"))
    window.scan.qr.conceal("why")
    assert scanned(projection) is None
    projection.close()
    support.press(window, "Close")
    support.press(window, "Undo it now")
    support.done(window)


def test_the_key_is_masked_in_groups_of_four_and_leaves_the_clipboard_with_the_window(support: Support) -> None:
    window = support.open(support.caller(email()))
    support.begin(window)
    otp = scanned(window)
    assert otp is not None
    groups = " ".join(otp.secret[n : n + 4] for n in range(0, len(otp.secret), 4))
    assert groups not in words.see(window)
    words.press(window, "Show")
    assert groups in words.see(window)
    words.press(window, "Copy secret")
    assert QGuiApplication.clipboard().text() == otp.secret
    support.press(window, "Close")
    support.press(window, "Leave it as it is")
    assert QGuiApplication.clipboard().text() == ""


def test_everything_secret_is_dropped_when_the_window_closes(support: Support) -> None:
    window = support.open(support.caller(email()))
    support.begin(window)
    otp = scanned(window)
    assert otp is not None
    presenter, enrolment, qr = window._presenter, window._presenter._enrolment, window.scan.qr
    assert enrolment is not None
    words.type_into(window, "The code that the app shows now", code(otp))
    words.press(window, "Show")
    window._forget()  # what closing does, before the window itself is gone
    lines: list[QLabel | QLineEdit] = [*window.findChildren(QLabel), *window.findChildren(QLineEdit)]
    assert not any(otp.secret[:4] in line.text() for line in lines)
    assert (qr.matrix, window.scan._otp, presenter._enrolment, presenter._drawn) == ((), None, None, None)
    support.settle()
    assert (enrolment._random, enrolment._where, enrolment._made) == (None, None, None)
    support.press(window, "Close")


def _enrolled(support: Support, address: str) -> str:
    """Enrol somebody past the window; the secret."""
    from app.auth.enrolment import Start
    from app.auth.stages import Scan

    assert support.desk.operator.role is Role.ADMIN
    (user,) = support.desk.enrolments.find(address)
    running = support.desk.enrolments.begin(support.desk.enrolments.plan(user), Start.OWN)
    running.sign_in(PASSWORD)
    stage = running.stage
    assert isinstance(stage, Scan)
    running.verify(code(stage.otp))
    support.desk.enrolments.end(running)
    return stage.otp.secret
