"""Changing people: what is said afterwards, and what when it cannot be done."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.changes import MirrorResult
from app.directory.models import UserStatus
from app.errors import AppError, ErrorCode
from app.permissions import Role
from tests.ui import words
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from ui.context import Change, Context, Toast, Topic
from ui.jobs import JobRunner
from ui.tabs.users.view import UsersView

# A menu wants to grab the keyboard, which the offscreen platform does not know.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Tab:
    """The Users tab on a desk in memory, with what it told the others."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: FakeDesk) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk.desk)
        self.toasts: list[Toast] = []
        self.changes: list[Change] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.context.changed.connect(self.changes.append)
        self.view = UsersView(self.context)
        shown(qtbot, self.view)
        self.view.resize(1252, 818)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.qtbot.waitUntil(lambda: not self.context.runner.busy)

    def choose(self, username: str) -> None:
        """Click on somebody."""
        assert self.view.table.select(username)
        self.settle()

    def listed(self) -> list[str]:
        """Who is in the table."""
        listing = self.view.presenter.listing
        return [] if listing is None else [row.username for row in listing.view.rows(0, 50)]

    def done(self, name: str) -> bool:
        """Whether the desk was asked to."""
        return name in [call for call, _ in self.desk.fake.calls]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(
        [
            user("carla", UserStatus.FORCE_CHANGE_PASSWORD),
            user("mora"),
            user("nils", email_verified="false"),
            user("zoe", enabled=False),
        ]
    )


@pytest.fixture
def tab(qtbot: QtBot, inline_runner: JobRunner, desk: FakeDesk, dressed: QApplication) -> Tab:
    return Tab(qtbot, inline_runner, desk)


def test_the_remedy_is_a_button_in_the_pane(tab: Tab) -> None:
    tab.choose("carla")
    seen = words.see(tab.view.pane)
    assert "Cannot sign in: 1 thing blocks" in seen
    assert "Set about 25 days ago; this pool allows 7 days." in seen
    words.press(tab.view.pane, "Resend invitation")
    tab.settle()
    assert tab.done("resend")
    assert tab.toasts[-1].text == "The invitation was sent again to carla@x.example."
    assert "expired" not in words.see(tab.view.pane)


def test_disabling_asks_first_and_can_be_undone(tab: Tab) -> None:
    tab.choose("mora")
    words.press(tab.view, "Actions")
    words.press(tab.view, "Disable…")
    question = words.dialog("Disable mora@x.example?")
    said = words.see(question)
    assert "can no longer sign in" in said
    assert "can be undone" in said
    assert "billed active users" in said
    words.press(question, "Disable")
    tab.settle()
    assert tab.desk.fake.users["mora"].enabled is False
    assert "The account is disabled in Cognito." in words.see(tab.view.pane)
    toast = tab.toasts[-1]
    assert (toast.text, toast.action_text) == ("mora@x.example is disabled.", "Undo")
    assert toast.action is not None
    toast.action()
    tab.settle()
    assert tab.desk.fake.users["mora"].enabled is True


def test_cancelling_changes_nothing(tab: Tab) -> None:
    tab.choose("mora")
    tab.view.commands.run("user.disable")
    words.answer(None, "Disable mora@x.example?", press="Cancel")
    tab.settle()
    assert not tab.done("disable")


def test_a_database_that_is_away_is_told_after_a_change(tab: Tab) -> None:
    tab.desk.fake.mirror = "pending"
    tab.choose("zoe")
    words.press(tab.view.pane, "Enable")
    tab.settle()
    assert tab.toasts[-1].tone == "warn"
    assert tab.toasts[-1].text == "zoe@x.example is enabled. The database change waits and will be made later."


@pytest.mark.parametrize("mirror", ["pending", "skipped"])
def test_what_the_database_did_not_take_is_told_in_its_own_words(tab: Tab, mirror: MirrorResult) -> None:
    tab.desk.fake.mirror = mirror
    tab.desk.fake.note = "The database has no row for zoe@x.example."
    tab.choose("zoe")
    words.press(tab.view.pane, "Enable")
    tab.settle()
    assert tab.toasts[-1].tone == "warn"
    assert tab.toasts[-1].text == "zoe@x.example is enabled. The database has no row for zoe@x.example."


def test_a_database_that_took_it_is_not_talked_of(tab: Tab) -> None:
    tab.desk.fake.note = "zoe@x.example enabled in the database; the status is active again."
    tab.choose("zoe")
    words.press(tab.view.pane, "Enable")
    tab.settle()
    assert (tab.toasts[-1].tone, tab.toasts[-1].text) == ("ok", "zoe@x.example is enabled.")


def test_the_others_are_told_of_a_change(tab: Tab) -> None:
    tab.choose("zoe")
    words.press(tab.view.pane, "Enable")
    tab.settle()
    assert [(c.topic, c.ids) for c in tab.changes] == [(Topic.USERS, ("zoe",)), (Topic.JOURNAL, ())]


def test_resetting_without_a_verified_contact_is_refused_with_the_reason(tab: Tab) -> None:
    reason = "There is no verified email address or phone number to send the code to."
    tab.choose("nils")
    words.press(tab.view.pane, "Security")
    assert reason in words.see(tab.view.pane)
    assert words.reason(tab.view.pane, "Reset password…").startswith(reason)
    words.press(tab.view, "Actions")
    assert words.reason(tab.view, "Reset password…").startswith(reason)
    tab.view.pane.actions_button.menu().hide()
    tab.view.commands.run("user.reset")  # tried all the same
    refusal = words.dialog("The account's present state does not allow this")
    assert reason in words.see(refusal)
    refusal.reject()
    assert not tab.done("reset")


def test_deleting_needs_the_username_typed(tab: Tab) -> None:
    tab.choose("mora")
    tab.view.commands.run("user.delete")
    question = words.dialog("Delete mora@x.example?")
    said = words.see(question)
    assert "This cannot be undone." in said
    assert "row in the application database stays, but becomes disabled" in said
    words.type_into(question, "Type the username mora (mora@x.example) to confirm", "mora@x.example")
    assert not words.pressable(question, "Delete")
    words.type_into(question, "Type the username mora (mora@x.example) to confirm", "mora")
    words.press(question, "Delete")
    tab.settle()
    assert tab.listed() == ["carla", "nils", "zoe"]
    assert "Choose a person" in words.see(tab.view.pane)
    assert tab.toasts[-1].text == "mora@x.example was deleted."


def test_somebody_deleted_meanwhile_leaves_the_table(tab: Tab) -> None:
    tab.choose("zoe")
    del tab.desk.fake.users["zoe"]
    words.press(tab.view.pane, "Enable")
    tab.settle()
    assert tab.listed() == ["carla", "mora", "nils"]
    assert "zoe@x.example was deleted by somebody else meanwhile." in words.see(tab.view.pane)


def test_somebody_gone_is_noticed_when_they_are_opened(tab: Tab) -> None:
    del tab.desk.fake.users["zoe"]
    tab.choose("zoe")
    assert tab.listed() == ["carla", "mora", "nils"]
    assert "zoe@x.example is no longer in the pool" in words.see(tab.view.pane)


def test_a_missing_permission_is_named(tab: Tab) -> None:
    tab.desk.fake.refuse["disable"] = AppError(
        ErrorCode.ACCESS_DENIED, "AWS refused.", subject="cognito-idp:AdminDisableUser"
    )
    tab.choose("mora")
    tab.view.commands.run("user.disable")
    words.answer(None, "Disable mora@x.example?", press="Disable")
    refusal = words.dialog("AWS does not permit this")
    assert "cognito-idp:AdminDisableUser" in words.see(refusal)
    refusal.reject()
    tab.settle()


def test_a_viewer_may_look_and_is_told_why_not_more(
    qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication
) -> None:
    tab = Tab(qtbot, inline_runner, FakeDesk([user("mora")], Role.VIEWER))
    tab.choose("mora")
    assert words.reason(tab.view, "New user…").startswith("You are signed in as a viewer")
    words.press(tab.view, "Actions")
    for text in ("Disable…", "Delete…", "Set password…", "Edit attributes…"):
        assert words.reason(tab.view, text).startswith("You are signed in as a viewer")
    tab.view.pane.actions_button.menu().hide()


def test_second_factors_are_asked_only_on_demand(tab: Tab) -> None:
    tab.choose("mora")
    words.press(tab.view.pane, "Security")
    assert not tab.done("details")
    assert "counts the person as an active user this month" in words.see(tab.view.pane)
    words.press(tab.view.pane, "Ask Cognito")
    tab.settle()
    assert "TOTP (preferred)" in words.see(tab.view.pane)


def test_reading_fails_but_what_the_table_knows_stays(tab: Tab) -> None:
    tab.desk.fake.refuse["read_again"] = AppError(ErrorCode.THROTTLED, "Slow down.", retryable=True)
    tab.choose("mora")
    seen = words.see(tab.view.pane)
    assert "mora@x.example" in seen
    assert "Slow down." in seen
    tab.desk.fake.refuse.clear()
    words.press(tab.view.pane, "Retry")
    tab.settle()
    assert "Slow down." not in words.see(tab.view.pane)


def test_without_a_database_everything_else_works(
    qtbot: QtBot, inline_runner: JobRunner, desk: FakeDesk, dressed: QApplication
) -> None:
    missing = AppError(ErrorCode.DATABASE_MISSING, "No application database is configured.")
    desk.fake.refuse["row"] = desk.fake.database = missing
    desk.onboarding = None
    tab = Tab(qtbot, inline_runner, desk)
    tab.choose("mora")
    assert "no row" not in words.see(tab.view.pane)
    words.press(tab.view.pane, "Onboarding")
    assert "No application database is connected" in words.see(tab.view.pane)
    tab.view.commands.run("user.disable")
    question = words.dialog("Disable mora@x.example?")
    assert "database" not in words.see(question)
    question.reject()


def test_the_selection_survives_a_refresh(tab: Tab) -> None:
    tab.choose("mora")
    tab.desk.fake.users["anna"] = user("anna")
    words.press(tab.view, "Refresh")
    tab.settle()
    assert tab.listed()[0] == "anna"
    assert tab.view.table.current_username() == "mora"
    assert "mora@x.example" in words.see(tab.view.pane)


def test_clearing_the_search_brings_everybody_back(tab: Tab) -> None:
    tab.context.set_search("zzz")
    tab.settle()
    assert "Nobody matches “zzz”" in words.see(tab.view)
    words.press(tab.view.states, "Clear the search")
    tab.settle()
    assert tab.context.search == ""
    assert len(tab.listed()) == 4


def test_going_to_a_person_by_name(tab: Tab) -> None:
    tab.context.set_search("carla")
    tab.settle()
    tab.view.open_at({"username": "zoe"})
    tab.settle()
    assert tab.view.table.current_username() == "zoe"


def test_the_keyboard_goes_from_the_table_into_the_pane_and_back(tab: Tab) -> None:
    tab.choose("mora")
    tab.view.activateWindow()
    tab.view.table.setFocus()
    QTest.keyClick(tab.view.table, Qt.Key.Key_Return)
    assert tab.view.pane.isAncestorOf(tab.view.focusWidget())
    QTest.keyClick(tab.view.focusWidget(), Qt.Key.Key_Escape)
    assert tab.view.focusWidget() is tab.view.table


def test_f5_reads_everybody_again(tab: Tab) -> None:
    tab.desk.fake.users["anna"] = user("anna")
    tab.view.activateWindow()
    tab.view.table.setFocus()
    QTest.keyClick(tab.view.table, Qt.Key.Key_F5)
    tab.settle()
    assert "anna" in tab.listed()


def test_every_control_has_a_name(tab: Tab) -> None:
    tab.choose("carla")
    for page in ("Profile", "Security", "Groups", "Sessions", "History", "Onboarding", "Raw"):
        words.press(tab.view.pane, page)
        for control in tab.view.findChildren(QWidget):
            if not control.isVisible() or control.focusPolicy() is Qt.FocusPolicy.NoFocus:
                continue
            if isinstance(control, QAbstractButton | QAbstractItemView | QLineEdit | QPlainTextEdit):
                text = control.text() if isinstance(control, QAbstractButton) else ""
                assert text or control.accessibleName(), f"{type(control).__name__} on {page}"


def test_the_same_thing_is_not_done_twice_at_once(tab: Tab) -> None:
    tab.choose("carla")
    tab.view.commands.run("user.resend")
    assert tab.view.commands.why_not("user.resend") == "This is being done right now."
    assert not words.pressable(tab.view.pane, "Resend invitation")
    tab.settle()
    assert [call for call, _ in tab.desk.fake.calls].count("resend") == 1


def test_nothing_secret_is_in_what_the_raw_page_copies(tab: Tab) -> None:
    tab.choose("mora")
    words.press(tab.view.pane, "Raw")
    words.press(tab.view.pane, "Copy")
    copied = json.loads(QGuiApplication.clipboard().text())
    assert copied["cognito"]["Attributes"]["email"] == "mora@x.example"
    assert copied["database"]["status"] == "active"
    assert "password" not in copied["cognito"]["Attributes"]
