"""The pool's groups: listed, made, edited and deleted, and what stands in the way is said where it would be done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QTableWidget
from pytestqt.qtbot import QtBot

from app.changes import Outcome
from app.directory.groups import Group, checked, kept
from app.errors import AppError, ErrorCode
from app.permissions import Operator, Role
from app.work import Work
from tests.ui import words
from tests.ui.test_users_actions import Tab
from tests.ui.users_desk import FakeDesk, FakeMemberships, user
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

ROLE = "arn:aws:iam::123456789012:role/auditor"


class Memberships(FakeMemberships):
    """Groups that can be changed, with the checks of the true ones."""

    def all(self, work: Work | None = None) -> tuple[Group, ...]:
        self.people.tried("all groups")
        return super().all(work)

    def create(self, group: Group) -> Outcome[Group]:
        checked(group)
        if group.name in self.groups:
            raise AppError(ErrorCode.GROUP_EXISTS, f"There is a group {group.name} already.")
        return self.update(group)

    def update(self, group: Group) -> Outcome[Group]:
        checked(group)
        before = self.groups.get(group.name, group)
        now = replace(group, precedence=before.precedence if group.precedence is None else group.precedence)
        self.groups[group.name] = now
        return Outcome(now, 1, "none", kept(group, now))

    def delete(self, name: str) -> Outcome[None]:
        self.people.tried("delete group")
        del self.groups[name]
        return Outcome(None, 1, "none", "")


@pytest.fixture
def tab(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> Tab:
    desk = FakeDesk([user("mora"), user("nils")])
    desk.memberships = Memberships(desk.fake)
    return Tab(qtbot, inline_runner, desk)


def open_groups(tab: Tab) -> QDialog:
    tab.view.commands.open_groups()
    tab.settle()
    return words.dialog("Groups of the pool")


def choose(tab: Tab, window: QDialog, name: str) -> None:
    table = window.findChild(QTableWidget)
    assert isinstance(table, QTableWidget)
    table.selectRow([row[0] for row in words.rows(table)].index(name))
    tab.settle()


def test_the_palette_and_the_menu_open_it(tab: Tab) -> None:
    entries = {entry.title: entry for entry in tab.view.commands._palette_entries()}
    entries["Groups of the pool…"].run()
    tab.settle()
    words.dialog("Groups of the pool").reject()
    titles = [action.text() for action in tab.view.commands.menu(tab.view).actions()]
    assert titles[-1] == "Groups of the pool…"


def test_a_group_is_created_with_exact_errors(tab: Tab) -> None:
    window = open_groups(tab)
    words.press(window, "Create group…")
    form = words.dialog("Create a group")
    words.type_into(form, "Name", "two words")
    words.type_into(form, "Precedence", "-1")
    words.press(form, "Create")
    assert "The precedence is a whole number from 0" in words.see(form)
    words.type_into(form, "Precedence", "7")
    words.type_into(form, "IAM role", "auditor")
    words.press(form, "Create")
    tab.settle()
    seen = words.see(form)
    assert "The name of a group has no spaces" in seen
    assert "It looks like arn:aws:iam::123456789012:role/name." in seen
    words.type_into(form, "Name", "auditors")
    words.type_into(form, "IAM role", ROLE)
    words.press(form, "Create")
    tab.settle()
    assert tab.desk.memberships.groups["auditors"] == Group("auditors", "", 7, ROLE)
    assert f"auditors | – | 7 | {ROLE}" in words.see(window)
    assert tab.toasts[-1].text == "The group auditors was created."


def test_a_name_that_is_taken_is_told_and_nothing_typed_is_lost(tab: Tab) -> None:
    window = open_groups(tab)
    words.press(window, "Create group…")
    form = words.dialog("Create a group")
    words.type_into(form, "Name", "beta")
    words.press(form, "Create")
    tab.settle()
    seen = words.see(form)
    assert "There is a group beta already." in seen
    form.reject()


def test_a_group_is_edited_and_what_cognito_keeps_is_said(tab: Tab) -> None:
    tab.desk.memberships.groups["beta"] = Group("beta", "Early", 3)
    window = open_groups(tab)
    assert not words.pressable(window, "Edit…")
    choose(tab, window, "beta")
    words.press(window, "Edit…")
    form = words.dialog("Edit the group beta")
    words.type_into(form, "Description", "Try things first")
    words.type_into(form, "Precedence", "")
    words.press(form, "Save")
    tab.settle()
    assert "beta | Try things first | 3 | –" in words.see(window)
    assert "Cognito kept the precedence" in tab.toasts[-1].text


def test_deleting_asks_for_the_name_and_says_what_members_lose(tab: Tab) -> None:
    window = open_groups(tab)
    choose(tab, window, "admin")
    words.press(window, "Delete…")
    question = words.dialog("Delete the group admin?")
    seen = words.see(question)
    assert "Everybody in it loses it" in seen
    assert "They stay users." in seen
    assert "This group gives rights." in seen
    words.type_into(question, "Type admin to confirm", "admi")
    assert not words.pressable(question, "Delete")
    words.answer(None, "Delete the group admin?", type="admin", press="Delete")
    tab.settle()
    assert "admin" not in tab.desk.memberships.groups
    assert "admin |" not in words.see(window)


def test_a_refusal_is_shown_and_the_group_stays(tab: Tab) -> None:
    window = open_groups(tab)
    choose(tab, window, "beta")
    tab.desk.fake.refuse["delete group"] = AppError(ErrorCode.ACCESS_DENIED, "AWS does not permit DeleteGroup.")
    words.press(window, "Delete…")
    words.answer(None, "Delete the group beta?", type="beta", press="Delete")
    tab.settle()
    assert "beta |" in words.see(window)
    assert any("AWS does not permit DeleteGroup." in words.see(each) for each in words.windows())


def test_members_are_searched_for(tab: Tab) -> None:
    sent: list[object] = []
    tab.context.navigate.connect(lambda key, payload: sent.append((key, payload)))
    window = open_groups(tab)
    choose(tab, window, "beta")
    words.press(window, "Show members")
    assert sent == [("users", {"search": "group:beta"})]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT])
def test_who_may_not_change_groups_sees_them_and_why(tab: Tab, role: Role) -> None:
    tab.desk.operator = Operator(tab.desk.operator.name, role=role)
    window = open_groups(tab)
    choose(tab, window, "beta")
    for name in ("Create group…", "Edit…", "Delete…"):
        assert not words.pressable(window, name)
    assert "create a group" in words.see(window), "the reason"
    assert words.pressable(window, "Show members")


def test_no_group_and_no_permission_are_told(tab: Tab) -> None:
    tab.desk.memberships.groups.clear()
    window = open_groups(tab)
    words.wait_to_see(window, "This pool has no group.")
    window.reject()
    tab.desk.fake.refuse["all groups"] = AppError(ErrorCode.ACCESS_DENIED, "AWS does not permit ListGroups.")
    words.wait_to_see(open_groups(tab), "AWS does not permit ListGroups.")
