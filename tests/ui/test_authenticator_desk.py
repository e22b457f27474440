"""Somebody on the phone, and the overview of factors, on the real demo: found, helped, counted, written to."""

from __future__ import annotations

import email
import itertools
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.auth.enrolment import Start
from app.auth.stages import Scan
from app.desk import Desk, open_demo
from app.permissions import Action, Operator, Role
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.enrolment_desk import PASSWORD, Support, code, scanned
from ui.jobs import JobRunner
from ui.tabs.authenticator.view import AuthenticatorView
from ui.tabs.users.view import UsersView
from ui.watches import EnrolmentWatch

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PEOPLE = 40
FIELD = "Email address, phone number, name or user name"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("demo")
    return Settings.load({"COGNITO_DESK_HOME": str(home), "COGNITO_DESK_OPERATOR": "sue@harbour.example"})


@pytest.fixture(scope="module")
def desk(settings: Settings) -> Iterator[Desk]:
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=PEOPLE)
    made.people.load(Work())
    yield made
    made.close()


@pytest.fixture
def support(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk, settings: Settings) -> Support:
    made = Support(qtbot, runner, desk, settings)
    made.house()
    made.require_mfa("OPTIONAL")
    return made


@pytest.fixture
def tab(support: Support, qtbot: QtBot) -> AuthenticatorView:
    view = AuthenticatorView(support.context)
    qtbot.addWidget(view)
    view.resize(1252, 818)
    view.show()
    qtbot.waitExposed(view)
    support.settle()
    return view


def caller(support: Support, *, enrolled: bool = False) -> str:
    address = f"zz.caller{next(_numbers)}@harbour.example"
    user = support.caller(address)
    if enrolled:
        running = support.desk.enrolments.begin(support.desk.enrolments.plan(user), Start.OWN)
        running.sign_in(PASSWORD)
        stage = running.stage
        assert isinstance(stage, Scan)
        running.verify(code(stage.otp))
        support.desk.enrolments.end(running)
    return address


def find(support: Support, tab: AuthenticatorView, text: str) -> None:
    words.type_into(tab, FIELD, text, enter=True)
    support.settle()


def test_a_new_support_person_gets_from_the_call_to_the_authenticator(support: Support, tab: AuthenticatorView) -> None:
    address = caller(support, enrolled=True)
    assert "Who is on the phone?" in words.see(tab)
    find(support, tab, address[:12])
    assert address in words.see(tab)
    support.press(tab, "Ask Cognito")
    assert "TOTP (preferred)" in words.see(tab)
    support.press(tab, "Lost phone…")
    window = words.dialog("Enrol an authenticator with...")
    support.settle()
    support.begin(window)  # type: ignore[arg-type]
    otp = scanned(window)
    assert otp is not None
    words.type_into(window, "The code that the app shows now", code(otp), enter=True)
    support.settle()
    support.press(window, "Give them this")
    assert "has a verified authenticator" in words.see(window)
    support.done(window)
    support.settle()
    assert "not asked" in words.see(tab)  # what was known before is no longer true


def test_nobody_and_nothing_typed_are_told_apart(support: Support, tab: AuthenticatorView) -> None:
    find(support, tab, "nobody.of.this.name@")
    assert "Nobody is found" in words.see(tab)
    find(support, tab, "   ")
    assert "write the beginning of the email address" in words.see(tab)
    find(support, tab, 'x"' * 200)
    assert "Cognito searches at most" in words.see(tab)


def test_removing_alone_says_what_the_next_sign_in_asks(support: Support, tab: AuthenticatorView) -> None:
    address = caller(support, enrolled=True)
    support.require_mfa("ON")
    tab.caller._presenter.open()  # type: ignore[union-attr]
    support.settle()
    find(support, tab, address)
    support.press(tab, "Only remove the authenticator…")
    question = words.dialog("Remove the authenticator of...")
    assert "MFA_SETUP" in words.see(question)
    assert "call back on the number" in words.see(question)
    support.press(question, "Remove it")
    (user,) = support.desk.enrolments.find(address)
    assert support.first_answer(user, PASSWORD)["ChallengeName"] == "MFA_SETUP"
    assert support.toasts[-1].text.startswith("Done for")


def test_text_messages_are_switched_on_and_preferred(support: Support, tab: AuthenticatorView) -> None:
    address = caller(support)
    (user,) = support.desk.enrolments.find(address)
    support.aws.admin_update_user_attributes(
        UserPoolId=support.desk.connection.pool_id,
        Username=user.username,
        UserAttributes=[
            {"Name": "phone_number", "Value": "+4930999999"},
            {"Name": "phone_number_verified", "Value": "true"},
        ],
    )
    find(support, tab, address)
    support.press(tab, "Ask Cognito")
    support.press(tab, "Second factors…")
    dialog = words.dialog("Second factors of...")
    words.type_into(dialog, "Code by text message (SMS)", "On")
    words.type_into(dialog, "Preferred", "Code by text message (SMS)")
    support.press(dialog, "Save")
    assert support.first_answer(user, PASSWORD)["ChallengeName"] == "SMS_MFA"
    support.press(tab, "Ask Cognito")
    assert "SMS (preferred)" in words.see(tab)


def test_a_half_done_enrolment_stands_there_and_is_undone(support: Support, tab: AuthenticatorView) -> None:
    address = caller(support)
    (user,) = support.desk.enrolments.find(address)
    running = support.desk.enrolments.begin(support.desk.enrolments.plan(user), Start.RANDOM)
    support.desk.enrolments.end(running)
    tab.caller._presenter.look_back()  # type: ignore[union-attr]
    support.settle()
    assert [row[2] for row in words.rows(tab.caller._left)] == ["Locked out"]  # type: ignore[union-attr]
    tab.caller._left.selectRow(0)  # type: ignore[union-attr]
    support.press(tab, "Finish or undo…")
    window = words.dialog("Enrol an authenticator with...")
    support.settle()
    support.press(window, "Undo it")
    support.done(window)
    support.settle()
    assert "Left half done" not in words.see(tab)


def test_a_locked_out_person_is_told_at_the_person_and_when_the_connection_opens(
    support: Support, qtbot: QtBot
) -> None:
    address = caller(support)
    (user,) = support.desk.enrolments.find(address)
    support.desk.enrolments.end(support.desk.enrolments.begin(support.desk.enrolments.plan(user), Start.RANDOM))
    support.desk.people.load(Work())
    went: list[tuple[str, object]] = []
    support.context.navigate.connect(lambda key, payload: went.append((key, payload)))
    watch = EnrolmentWatch(support.context)
    support.context.set_desk(support.desk)
    support.settle()
    toast = support.toasts[-1]
    assert f"1 enrolment was left half done: {address}." in toast.text
    assert toast.action is not None
    toast.action()
    assert went == [("authenticator", {"left": True})]
    view = UsersView(support.context)
    qtbot.addWidget(view)
    view.resize(1252, 818)
    view.show()
    support.context.set_search(address)
    support.settle()
    view.table.selectRow(0)
    support.settle()
    assert "left half done" in words.see(view.pane)
    support.press(view.pane, "Enrol...")
    window = words.dialog("Enrol an authenticator with...")
    support.settle()
    support.press(window, "Undo it")
    support.done(window)
    support.settle()
    assert "left half done" not in words.see(view.pane)
    watch.deleteLater()


def test_house_rules_are_kept_and_checked(support: Support, tab: AuthenticatorView) -> None:
    words.press(tab, "House rules…")
    dialog = words.dialog("House rules")
    words.type_into(dialog, "Name of the service in the app", "Har:bour")
    words.press(dialog, "Save")
    assert "take out the colon" in words.see(dialog)
    words.type_into(dialog, "Name of the service in the app", "Harbour")
    words.type_into(dialog, "How to make sure who is calling", "Ask for the customer number.")
    words.type_into(dialog, "A QR code hides after", "45")
    support.press(dialog, "Save")
    kept = support.settings.preferences.desk
    assert (kept.issuer, kept.identity_check, kept.qr_seconds) == ("Harbour", "Ask for the customer number.", 45)
    again = Settings.load({"COGNITO_DESK_HOME": str(support.settings.config_dir.parent)})
    assert again.preferences.desk == kept


def test_a_viewer_sees_and_is_told_why_not(support: Support, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support.desk, "operator", Operator("vic", Role.VIEWER))
    view = AuthenticatorView(support.context)
    qtbot.addWidget(view)
    view.resize(1252, 818)
    view.show()
    support.settle()
    find(support, view, caller(support))
    for button in ("Enrol an authenticator…", "Lost phone…", "Only remove the authenticator…", "Second factors…"):
        assert "viewer" in words.reason(view, button)


def test_the_overview_counts_asks_and_leads_to_the_people(support: Support, tab: AuthenticatorView) -> None:
    went: list[tuple[str, object]] = []
    support.context.navigate.connect(lambda key, payload: went.append((key, payload)))
    words.press(tab, "Who has none")
    support.settle()
    assert tab.factors is not None
    lines = words.rows(tab.factors._table)
    assert lines[0][0] == "Everybody"
    people = int(lines[0][1].partition(" of ")[2])
    assert people == sum(int(line[1].partition(" of ")[2]) for line in lines[1:])
    tab.factors._table.selectRow(1)
    words.press(tab, "Show these people")
    key, payload = went[-1]
    assert (key, payload) == ("users", {"search": f"mfa:none onboarding:{tab.factors._table.rows()[1].status}"})
    tab.factors._table.doubleClicked.emit(tab.factors._table.model().index(0, 3))
    search = went[-1][1]["search"]  # type: ignore[index]
    assert search.startswith("mfa:none created:2")
    assert len(support.desk.index.view(search)) >= 0  # it is a search that the box understands
    words.press(tab, "Ask Cognito…")
    question = words.dialog("Ask Cognito for second factors")
    assert "it may bill up to" in words.see(question)
    words.type_into(question, "Who", f"Everybody loaded ({len(support.desk.index)} people)")
    support.press(question, "Ask for ...")
    support.settle()
    assert "Cognito told the factors of" in support.toasts[-1].text
    assert words.rows(tab.factors._table)[0][1].endswith(f" of {len(support.desk.index)}")
    known = support.desk.index.facets()["mfa"]
    assert known.get("", 0) == 0
    assert known["none"] == int(words.rows(tab.factors._table)[0][1].partition(" of ")[0])


def test_without_a_database_cognitos_answers_are_counted(
    support: Support, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support.desk, "database", None)
    view = AuthenticatorView(support.context)
    qtbot.addWidget(view)
    view.resize(1252, 818)
    view.show()
    words.press(view, "Who has none")
    support.settle()
    assert view.factors is not None
    assert "Not asked yet" in words.see(view)
    assert "Confirmed" in [line[0] for line in words.rows(view.factors._table)]


def test_a_letter_is_written_for_the_mail_program(support: Support, tab: AuthenticatorView, tmp_path: Path) -> None:
    words.press(tab, "Who has none")
    support.settle()
    words.press(tab, "Write to them…")
    dialog = words.dialog("Write to people without a second factor")
    words.type_into(dialog, "Who", "mfa:nonsense")
    _save(support, dialog, tmp_path / "a.eml")
    assert "mfa" in words.see(dialog)
    assert not (tmp_path / "a.eml").exists()
    words.type_into(dialog, "Who", "mfa:none enabled:yes")
    words.type_into(dialog, "Subject", "Please set up your app")
    words.press(dialog, "Copy the addresses")
    support.settle()
    assert "@" in QGuiApplication.clipboard().text()
    _save(support, dialog, tmp_path / "a.eml")
    draft = email.message_from_bytes((tmp_path / "a.eml").read_bytes(), policy=default)
    assert draft["Subject"] == "Please set up your app"
    assert "two minutes" in draft.get_content()
    assert "mail program" in support.toasts[-1].text
    entries = support.desk.journal.entries(action=Action.EXPORT_USERS)
    assert [each.details["format"] for each in entries[:2]] == ["mail draft", "clipboard"]
    QGuiApplication.clipboard().clear()


def test_the_users_tab_opens_the_same_window(support: Support, qtbot: QtBot) -> None:
    address = caller(support)
    support.desk.people.load(Work())
    view = UsersView(support.context)
    qtbot.addWidget(view)
    view.resize(1252, 818)
    view.show()
    support.context.set_search(address)
    support.settle()
    view.table.selectRow(0)
    support.settle()
    words.press(view.pane, "Security")
    support.press(view.pane, "Lost phone…")
    window = words.dialog("Enrol an authenticator with...")
    support.settle()
    assert "which cannot be undone" in words.see(window)
    support.press(window, "Close")


def test_without_a_connection_there_is_the_qr_code_alone(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner
) -> None:
    from ui.context import Context

    view = AuthenticatorView(Context(runner))
    qtbot.addWidget(view)
    view.show()
    assert "Secret or otpauth address" in words.see(view)
    assert not words.pressable(view, "Who has none")
    view.open_at("linh@harbour.example")
    assert view.secret._presenter._entry.account == "linh@harbour.example"


def _save(support: Support, dialog: object, path: Path) -> None:
    from PySide6.QtWidgets import QDialog

    assert isinstance(dialog, QDialog)
    words.press(dialog, "Save the draft…")
    chooser = words.wait_for(
        lambda: next((w for w in dialog.findChildren(QFileDialog) if w.isVisible()), None), "a file dialog"
    )
    chooser.accepted.emit()
    chooser.fileSelected.emit(str(path))
    chooser.done(QFileDialog.DialogCode.Accepted)
    support.settle()
