"""One deed for many people: dry run, question, one after another, and a line for each."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.bulk import Fate, run
from app.directory.models import UserStatus
from app.directory.row import DatabaseFact
from app.directory.selection import Matching
from app.errors import AppError, ErrorCode
from app.permissions import Operator, Role
from app.work import Work
from tests.ui import words
from tests.ui.test_users_actions import Tab
from tests.ui.users_desk import FakeDesk, pool, user
from ui.jobs import JobRunner
from ui.tabs.users.bulk import MOST, DeedOrder
from ui.tabs.users.deeds import DEEDS

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def everybody() -> list:  # type: ignore[type-arg]
    return [user("ada"), user("mora"), user("nils"), user("zoe", enabled=False)]


@pytest.fixture
def desk() -> FakeDesk:
    made = FakeDesk(everybody())
    made.operator = made.fake.operator = Operator("ada@x.example", Role.ADMIN)
    return made


@pytest.fixture
def tab(qtbot: QtBot, inline_runner: JobRunner, desk: FakeDesk, dressed: QApplication) -> Tab:
    made = Tab(qtbot, inline_runner, desk)
    made.view.table.selectRow(0)
    made.view.table.selectAll()
    made.settle()
    return made


def enabled(tab: Tab) -> dict[str, bool]:
    return {name: each.enabled for name, each in tab.desk.fake.users.items()}


def test_menus_say_that_they_mean_several(tab: Tab) -> None:
    action = tab.view.commands.set.action
    assert action("user.disable").text() == "Disable for 4 people…"
    assert action("user.copy").text() == "Copy email for 4 people…"
    assert not action("user.password").isEnabled()
    assert "one person at a time" in action("user.password").toolTip()
    assert words.pressable(tab.view.pane, "Edit attributes…")  # the pane still means its own person
    tab.view.table.selectRow(1)
    assert action("user.disable").text() == "Disable…"
    assert action("user.password").isEnabled()


def test_the_dry_run_tells_who_is_refused_and_why_before_anything_happens(tab: Tab) -> None:
    tab.view.commands.set.action("user.disable").trigger()
    tab.settle()
    question = words.dialog("Disable 2 people?")
    said = words.see(question)
    assert "2 of 4 people will be left as they are:" in said
    assert "1: This is your own account. Ask another administrator to do it." in said
    assert "1: … is already disabled." in said
    assert "up to 2 people as billed active users" in said
    assert not words.pressable(question, "Disable (2)")
    assert enabled(tab) == {"ada": True, "mora": True, "nils": True, "zoe": False}
    words.type_into(question, "Type DISABLE 2 to confirm", "DISABLE 2")
    words.press(question, "Disable (2)")
    tab.settle()
    assert enabled(tab) == {"ada": True, "mora": False, "nils": False, "zoe": False}
    seen = words.see(question)
    assert "4 people: 2 done, 2 left alone" in seen
    words.press(question, "Copy")
    assert "mora@x.example\tdone" in QGuiApplication.clipboard().text()
    words.press(question, "Close")


def test_a_whole_run_can_be_taken_back(tab: Tab) -> None:
    tab.view.commands.set.action("user.disable").trigger()
    tab.settle()
    question = words.dialog("Disable 2 people?")
    words.type_into(question, "Type DISABLE 2 to confirm", "DISABLE 2")
    words.press(question, "Disable (2)")
    tab.settle()
    words.press(question, "Undo for 2 people…")
    assert "Take it back for 2 people?" in words.see(question)
    assert "up to 2 people" not in words.see(question), "the first question is gone"
    assert enabled(tab) == {"ada": True, "mora": False, "nils": False, "zoe": False}
    del tab.desk.fake.users["mora"]  # somebody else was faster
    words.press(question, "Take back (2)")
    tab.settle()
    assert enabled(tab) == {"ada": True, "nils": True, "zoe": False}
    said = words.see(question)
    assert "2 people: 1 taken back, 1 failed" in said
    assert "Undo" not in said
    words.press(question, "Close")


def test_what_was_done_may_stay(tab: Tab) -> None:
    tab.view.commands.set.action("user.disable").trigger()
    tab.settle()
    question = words.dialog("Disable 2 people?")
    words.type_into(question, "Type DISABLE 2 to confirm", "DISABLE 2")
    words.press(question, "Disable (2)")
    tab.settle()
    words.press(question, "Undo for 2 people…")
    words.press(question, "Leave it done")
    tab.settle()
    assert "mora@x.example | done" in words.see(question), "how everybody fared is shown again"
    words.press(question, "Close")
    assert enabled(tab) == {"ada": True, "mora": False, "nils": False, "zoe": False}


def test_nothing_is_offered_where_nothing_can_be_taken_back(tab: Tab) -> None:
    tab.view.commands.set.action("user.sign_out").trigger()
    tab.settle()
    question = words.dialog("Sign 4 people out everywhere?")
    words.press(question, "Sign out (4)")
    tab.settle()
    assert "4 people: 4 done" in words.see(question)
    assert "Undo" not in words.see(question)
    words.press(question, "Close")


def test_requiring_mfa_foresees_who_has_no_row_and_of_whom_it_is_required_already(
    qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication
) -> None:
    desk = FakeDesk(everybody())
    facts = [
        DatabaseFact(f"{name}@x.example", f"sub-{name}", "active", None, required, None)
        for name, required in (("ada", True), ("mora", False), ("nils", False))
    ]
    tab = Tab(qtbot, inline_runner, desk)
    desk.index.join(facts)
    tab.view.table.selectRow(0)
    tab.view.table.selectAll()
    tab.settle()
    tab.view.commands.set.action("user.require_mfa").trigger()
    tab.settle()
    question = words.dialog("Require MFA of 2 people?")
    said = words.see(question)
    assert "1: The requirement is kept in the database, which has no row for this person." in said
    assert "1: It is required already." in said
    words.press(question, "Cancel")


def test_deleting_many_by_the_del_key_asks_for_the_number(tab: Tab) -> None:
    tab.view.activateWindow()
    tab.view.table.setFocus()
    QTest.keyClick(tab.view.table, Qt.Key.Key_Delete)
    tab.settle()
    question = words.dialog("Delete 3 people?")
    words.type_into(question, "Type DELETE 3 to confirm", "DELETE 4")
    assert not words.pressable(question, "Delete (3)")
    words.type_into(question, "Type DELETE 3 to confirm", "DELETE 3")
    words.press(question, "Delete (3)")
    tab.settle()
    assert set(tab.desk.fake.users) == {"ada"}
    words.press(question, "Close")
    assert tab.listed() == ["ada"]


def test_a_failure_stops_nobody_else(tab: Tab) -> None:
    del tab.desk.fake.users["mora"]
    tab.view.commands.set.action("user.sign_out").trigger()
    tab.settle()
    question = words.dialog("Sign 4 people out everywhere?")
    tab.desk.fake.refuse["sign_out"] = AppError(ErrorCode.THROTTLED, "Slow down.")
    words.press(question, "Sign out (4)")
    tab.settle()
    assert "4 people: 0 done, 4 failed" in words.see(question)
    assert "Slow down." in words.see(question)
    words.press(question, "Close")


def test_nobody_is_left(tab: Tab) -> None:
    tab.view.commands.set.action("user.resend").trigger()
    tab.settle()
    box = next(w for w in QApplication.allWidgets() if isinstance(w, QDialog) and w.isVisible())
    said = words.see(box)
    assert "Nobody is left for whom it can be done." in said
    assert "has already accepted the invitation" in said
    words.press(box, "Close")


def test_several_join_a_group(tab: Tab) -> None:
    tab.view.commands.set.action("user.group_add").trigger()
    choice = words.dialog("Add 4 people to a group")
    words.type_into(choice, "Group", "beta")
    words.press(choice, "Add")
    tab.settle()
    question = words.dialog("Add 4 people to beta?")
    words.press(question, "Add (4)")
    tab.settle()
    assert tab.desk.memberships.of_user == dict.fromkeys(("ada", "mora", "nils", "zoe"), ("beta",))
    words.press(question, "Close")


def test_copying_several_addresses(tab: Tab) -> None:
    tab.view.commands.set.action("user.copy").trigger()
    tab.settle()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied == ["ada@x.example", "mora@x.example", "nils@x.example", "zoe@x.example"]


def test_a_viewer_may_do_it_to_nobody(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> None:
    made = Tab(qtbot, inline_runner, FakeDesk(everybody(), Role.VIEWER))
    made.view.table.selectRow(0)
    made.view.table.selectAll()
    action = made.view.commands.set.action("user.disable")
    assert not action.isEnabled()
    assert action.toolTip().startswith("You are signed in as a viewer")


def disabling(desk: FakeDesk) -> DeedOrder:
    return DeedOrder(desk.desk, DEEDS["user.disable"], Matching(), len(desk.index), pool())


class StopsAfter(Work):
    """Work that is asked to stop after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        if done >= self.steps:
            self.cancel()
        super().progress(done, total, note)


def test_stopped_early_it_says_who_was_left() -> None:
    desk = FakeDesk([user(f"u{n}", UserStatus.CONFIRMED) for n in range(5)])
    desk.index.replace(desk.fake.users.values())
    order = disabling(desk)
    plan = order.plan(Work())
    assert len(plan.ready) == 5
    assert order.seconds(5) == pytest.approx(5 / 25)
    report = run(plan, order.change(""), StopsAfter(2))
    assert [each.person.key for each in report.of(Fate.DONE)] == ["u0", "u1"]
    assert [person.key for person in report.untried] == ["u2", "u3", "u4"]
    assert sum(not each.enabled for each in desk.fake.users.values()) == 2


def test_a_second_dry_run_is_for_those_alone_and_tells_who_has_gone() -> None:
    desk = FakeDesk([user(f"u{n}", UserStatus.CONFIRMED) for n in range(5)])
    desk.index.replace(desk.fake.users.values())
    order = disabling(desk)
    people = order.plan(Work()).ready
    desk.index.remove("u3")
    again = order.plan_again(people[2:4], Work())
    assert [each.key for each in again.ready] == ["u2"]
    assert [(each.who, each.reason) for each in again.refused] == [("u3@x.example", "They are no longer in the pool.")]


def test_too_many_are_refused_with_the_limit() -> None:
    desk = FakeDesk([])
    desk.index.replace([user(f"u{n}") for n in range(MOST + 1)])
    with pytest.raises(AppError, match="20,001 people are chosen") as caught:
        disabling(desk).plan(Work())
    assert caught.value.code is ErrorCode.INVALID_INPUT


def test_an_unknown_fault_is_one_persons_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = FakeDesk([user("mora"), user("nils")])
    desk.index.replace(desk.fake.users.values())
    disable = desk.fake.disable

    def sometimes(who: object) -> object:
        if getattr(who, "username", "") == "mora":
            raise RuntimeError("boom")
        return disable(who)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.fake, "disable", sometimes)
    order = disabling(desk)
    report = run(order.plan(Work()), order.change(""), Work())
    assert [each.person.key for each in report.of(Fate.DONE)] == ["nils"]
    (failed,) = report.of(Fate.FAILED)
    assert (failed.person.key, "boom" in failed.note) == ("mora", False)


def test_without_an_answer_nobody_is_said_to_have_failed(tab: Tab) -> None:
    tab.view.commands.set.action("user.sign_out").trigger()
    tab.settle()
    question = words.dialog("Sign 4 people out everywhere?")
    tab.desk.fake.refuse["sign_out"] = AppError(ErrorCode.TIMEOUT, "No answer.")
    words.press(question, "Sign out (4)")
    tab.settle()
    assert "4 people: 0 done, 4 not known" in words.see(question)
    words.press(question, "Close")


def test_copying_very_many_addresses_needs_the_right_to_export(
    qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication
) -> None:
    desk = FakeDesk([user(f"u{n:03}") for n in range(501)], Role.VIEWER)

    def refuse(people: int) -> None:
        raise AppError(ErrorCode.NOT_ALLOWED, f"No export of {people}.")

    desk.exports = SimpleNamespace(copying=refuse)
    made = Tab(qtbot, inline_runner, desk)
    made.view.table.selectRow(0)
    made.view.table.selectAll()
    QGuiApplication.clipboard().setText("before")
    made.view.commands.set.action("user.copy").trigger()
    made.settle()
    refusal = words.dialog("Your role does not allow this")
    assert "No export of 501." in words.see(refusal)
    assert QGuiApplication.clipboard().text() == "before"
    words.press(refusal, "Close")


def test_a_group_is_for_those_who_were_chosen_when_it_was_asked_for(tab: Tab) -> None:
    tab.view.commands.set.action("user.group_add").trigger()
    choice = words.dialog("Add 4 people to a group")
    tab.view.table.selectRow(0)
    words.type_into(choice, "Group", "beta")
    words.press(choice, "Add")
    tab.settle()
    words.press(words.dialog("Add 4 people to beta?"), "Cancel")


def test_a_group_is_for_the_person_whom_the_dialog_names(tab: Tab) -> None:
    tab.choose("mora")
    words.press(tab.view.pane, "Actions")
    words.press(tab.view, "Add to group…")
    choice = words.dialog("Add mora@x.example to a group")
    tab.choose("nils")  # as when a refresh takes the selection elsewhere
    words.type_into(choice, "Group", "beta")
    words.press(choice, "Add")
    tab.settle()
    assert tab.desk.memberships.of_user == {"mora": ("beta",)}
