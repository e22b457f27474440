"""The dialogs of the Users tab: create, edit, set a password. Mistakes are told at the field, and nothing is lost."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.errors import AppError, ErrorCode
from tests.ui import words
from tests.ui.test_users_actions import Tab
from tests.ui.users_desk import FakeDesk, user
from ui.jobs import JobRunner
from ui.widgets.dialogs import FormDialog

# A menu wants to grab the keyboard, which the offscreen platform does not know.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def tab(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> Tab:
    made = Tab(qtbot, inline_runner, FakeDesk([user("mora", given_name="Mora")]))
    made.choose("mora")
    return made


def told(tab: Tab, what: str) -> object:
    return next(value for call, value in tab.desk.fake.calls if call == what)


def test_an_invalid_email_is_told_at_its_field(tab: Tab) -> None:
    words.press(tab.view, "New user…")
    form = words.dialog("New user")
    words.type_into(form, "Email", "nobody at all")
    words.type_into(form, "Name", "Nora Body")
    words.press(form, "Create user")
    seen = words.see(form)
    assert "“nobody at all” is not an email address." in seen
    assert "Nora Body" in seen
    assert not tab.done("create")
    form.reject()


def test_creating_somebody(tab: Tab) -> None:
    words.press(tab.view, "New user…")
    form = words.dialog("New user")
    words.type_into(form, "Email", " created@x.example ")
    words.type_into(form, "Name", "New Person")
    words.type_into(form, "Organisation", "quay")
    words.press(form, "The email address is verified")
    words.press(form, "Create user")
    tab.settle()
    attributes = {
        "email": "created@x.example",
        "email_verified": "true",
        "name": "New Person",
        "custom:organizationId": "quay",
    }
    assert told(tab, "new") == ("created@x.example", attributes, None, True)
    assert not isValid(form) or not form.isVisible()
    assert tab.view.table.current_username() == "created"
    assert tab.toasts[-1].text == "created@x.example was created."


def test_without_invitation_a_password_must_be_given(tab: Tab) -> None:
    words.press(tab.view, "New user…")
    form = words.dialog("New user")
    words.type_into(form, "Email", "n@x.example")
    words.press(form, "Send the invitation by email")
    words.press(form, "Create user")
    assert "Without an invitation nobody learns a password" in words.see(form)
    assert not tab.done("create")
    form.reject()


def test_an_email_that_is_taken_is_told_at_the_email(tab: Tab) -> None:
    tab.desk.fake.refuse["create"] = AppError(
        ErrorCode.USER_EXISTS, "Taken.", fields={"username": "A user with this email exists already."}
    )
    words.press(tab.view, "New user…")
    form = words.dialog("New user")
    words.type_into(form, "Email", "mora@x.example")
    words.press(form, "Create user")
    tab.settle()
    assert "A user with this email exists already." in words.see(form)
    assert form.isVisible()
    form.reject()


def test_a_password_against_the_policy_is_refused_before_it_is_sent(tab: Tab) -> None:
    tab.view.commands.run("user.password")
    form = words.dialog("Set a password for mora@x.example")
    words.type_into(form, "Password", "short")
    words.press(form, "Set password")
    assert "at least 12 characters (it has 5)" in words.see(form)
    assert not tab.done("set_password")
    form.reject()


def test_rules_are_ticked_off_while_typing(tab: Tab) -> None:
    tab.view.commands.run("user.password")
    form = words.dialog("Set a password for mora@x.example")
    words.type_into(form, "Password", "Ab1")
    seen = words.see(form)
    assert "A digit: met" in seen
    assert "A symbol, such as ! # % - ?: not met yet" in seen
    assert "At least 12 characters: not met yet" in seen
    form.reject()


def test_a_generated_password_meets_every_rule_and_can_be_read(tab: Tab) -> None:
    tab.view.commands.run("user.password")
    form = words.dialog("Set a password for mora@x.example")
    words.type_into(form, "Kind", "Permanent")
    words.press(form, "Generate")
    assert "not met yet" not in words.see(form)
    words.press(form, "Set password")
    tab.settle()
    password, permanent = cast("tuple[str, bool]", told(tab, "password"))
    assert len(password) >= 12
    assert permanent is True
    assert not any(password in toast.text for toast in tab.toasts)


def test_a_password_that_cognito_refuses_is_told_at_the_field(tab: Tab) -> None:
    tab.desk.fake.refuse["set_password"] = AppError(ErrorCode.PASSWORD_REUSED, "It was used before.")
    tab.view.commands.run("user.password")
    form = words.dialog("Set a password for mora@x.example")
    words.press(form, "Generate")
    words.press(form, "Set password")
    tab.settle()
    assert "It was used before." in words.see(form)
    form.reject()


def test_only_what_was_changed_is_sent(tab: Tab) -> None:
    tab.view.commands.run("user.edit")
    form = words.dialog("Edit mora@x.example")
    words.type_into(form, "Name", "Mora Major")
    words.press(form, "Save")
    tab.settle()
    assert told(tab, "changes") == {"name": "Mora Major"}
    assert "Mora Major" in words.see(tab.view.pane)


def test_a_new_email_counts_as_unverified(tab: Tab) -> None:
    tab.view.commands.run("user.edit")
    form = words.dialog("Edit mora@x.example")
    assert "counts as unverified until the person confirms it" in words.see(form)
    words.type_into(form, "Email", "mora@y.example")
    words.press(form, "Save")
    tab.settle()
    assert told(tab, "changes") == {"email": "mora@y.example", "email_verified": "false"}


def test_the_operator_may_vouch_for_a_new_email(tab: Tab) -> None:
    tab.view.commands.run("user.edit")
    form = words.dialog("Edit mora@x.example")
    words.type_into(form, "Email", "mora@y.example")
    words.press(form, "The email address is verified")
    words.press(form, "Save")
    tab.settle()
    assert told(tab, "changes") == {"email": "mora@y.example", "email_verified": "true"}
    pools = [told for call, told in tab.desk.fake.calls if call == "pool"]
    assert pools, "the service decides by the pool which contacts stay as they were until they are verified"
    assert None not in pools


def test_the_subject_is_shown_and_locked(tab: Tab) -> None:
    tab.view.commands.run("user.edit")
    form = words.dialog("Edit mora@x.example")
    seen = words.see(form)
    assert "sub-mora" in seen
    assert "Text, cannot be changed." in seen
    words.press(form, "Save")
    assert "Nothing was changed." in words.see(form)
    assert not tab.done("update")
    form.reject()


def test_every_form_opens_at_its_first_field_that_can_be_edited(tab: Tab) -> None:
    titles = {"Edit attributes…": "Edit mora@x.example", "New user…": "New user"}
    for pressed, title in titles.items():
        words.press(tab.view, pressed)
        form = words.dialog(title)
        assert isinstance(form, FormDialog)
        assert form.focusWidget() is form.form.field("email")
        form.reject()


def test_the_tab_key_walks_the_attributes_before_the_buttons(tab: Tab) -> None:
    words.press(tab.view, "Edit attributes…")
    form = words.dialog("Edit mora@x.example")
    visited: list[str] = []
    while not visited or visited[-1] not in ("Save", visited[0] if len(visited) > 1 else ""):
        held = form.focusWidget()
        visited.append(held.accessibleName() or getattr(held, "text", str)())
        QTest.keyClick(held, Qt.Key.Key_Tab)
    assert visited[0] == "Email"
    assert visited[-2:] == ["Cancel", "Save"]
    assert "Given name" in visited
    form.reject()
