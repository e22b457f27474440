"""The one dialog for a change of many people, with an order that changes a dictionary: every stage, in human words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.bulk import Change, Done, Left, Plan, Ready, Refused, Report
from app.changes import Inverse, Outcome
from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.permissions import Action
from app.work import Work
from tests.ui.conftest import shown
from tests.ui.words import clean, dialog, press, pressable, see, turn, type_into, wait_for, wait_to_see
from ui.context import Context, Toast
from ui.dialogs.bulk.order import Asked, BulkOrder, Words
from ui.dialogs.bulk.window import BulkDialog
from ui.jobs import JobRunner

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Painting(BulkOrder[str]):
    """Paints everybody blue. Whoever is called after a fault fails with it, once."""

    words = Words(will="will be painted", done="painted")

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.colours = dict.fromkeys(names, "white")
        self.faults: dict[str, AppError] = {}
        self.asked = Asked("Paint them?", ("The paint is blue.",), "Paint")
        self.refused: tuple[Refused, ...] = ()
        self.forbidden = ""
        self.unreadable: AppError | None = None
        self.undoable = True
        self.reasons: list[str] = []
        self.heard: list[str] = []
        self.wait_at = ""
        self.arrived, self.opened = threading.Event(), threading.Event()

    @property
    def title(self) -> str:
        return "Paint some people?"

    def plan(self, work: Work) -> Plan[str]:
        if self.unreadable is not None:
            raise self.unreadable
        return Plan(tuple(Ready(f"{name}@x.example", name) for name in self.names), self.refused, self.forbidden)

    def plan_again(self, people: Sequence[Ready[str]], work: Work) -> Plan[str]:
        return Plan(tuple(people))

    def change(self, reason: str) -> Change[str]:
        self.reasons.append(reason)
        return self._paint

    def question(self, plan: Plan[str]) -> Asked:
        return self.asked

    def job(self, people: int) -> str:
        return f"Painting {people}"

    def will(self, item: str) -> str:
        return "white → blue"

    def announce(self, context: Context, report: Report[str]) -> None:
        self.heard.append("announced")

    def begun(self, people: Sequence[Ready[str]]) -> None:
        self.heard.append(f"begun {len(people)}")

    def ended(self) -> None:
        self.heard.append("ended")

    def _paint(self, name: str) -> Done | Left:
        if name == self.wait_at:
            self.arrived.set()
            assert self.opened.wait(10)
        if name in self.faults:
            raise self.faults.pop(name)
        if self.colours[name] == "blue":
            return Left("Blue already.")
        self.colours[name] = "blue"

        def back() -> Outcome[None]:
            if (fault := self.faults.pop(f"back of {name}", None)) is not None:
                raise fault
            self.colours[name] = "white"
            return Outcome(None, 1, "done", "")

        return Done("Was white.", Inverse(Action.ENABLE_USER, "Paint it over", back) if self.undoable else None)


Enter = Callable[[Painting], "Room"]


class Exports:
    def __init__(self) -> None:
        self.refusal: AppError | None = None
        self.copied = 0
        self.written: list[Any] = []

    def copying(self, people: int) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.copied = people

    def result(self, work: Work, path: Path, head: Any, lines: Any, *, what: str, replace: bool) -> int:
        if self.refusal is not None:
            raise self.refusal
        self.written.append((path.name, head, lines, what))
        return len(lines)


class Room:
    """A window with the dialog over it, and what was told to the rest of the program."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, order: Painting) -> None:
        self.exports = Exports()
        desk = SimpleNamespace(connection=SimpleNamespace(id="c"), exports=self.exports)
        self.context = Context(runner, None, cast("Desk", desk))
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.order = order
        self.window = shown(qtbot, QWidget())
        self.dialog = BulkDialog(self.context, order, self.window)
        self.dialog.open()

    def run(self, go: str = "Paint (...)") -> None:
        press(self.dialog, go)

    def toast(self, text: str) -> Toast:
        return wait_for(lambda: next((each for each in self.toasts if text in each.text), None), f"the toast “{text}”")


@pytest.fixture
def enter(qtbot: QtBot, runner: JobRunner, dressed: QApplication) -> Iterator[Enter]:
    """Opens a room. As in the program, its context outlives every dialog and every job."""
    rooms: list[Room] = []

    def make(order: Painting) -> Room:
        rooms.append(Room(qtbot, runner, order))
        return rooms[-1]

    yield make
    turn(20)
    rooms.clear()


@pytest.fixture
def room(enter: Enter) -> Room:
    return enter(Painting("ada", "bob", "cy"))


def test_nothing_is_changed_before_the_answer(room: Room) -> None:
    said = wait_to_see(room.dialog, "will be painted")
    assert "ada@x.example | will be painted | white → blue" in said
    assert "The paint is blue." in said
    assert "It can be stopped; whoever was done stays done." in said
    press(room.dialog, "Cancel")
    assert set(room.order.colours.values()) == {"white"}
    assert room.order.heard == []


def test_everybody_is_done_told_copied_and_written_into_a_file(room: Room, tmp_path: Path) -> None:
    wait_to_see(room.dialog, "will be painted")
    room.run()
    said = wait_to_see(room.dialog, "3 people: 3 painted")
    assert "ada@x.example | painted | Was white." in said
    assert set(room.order.colours.values()) == {"blue"}
    assert room.toast("Painting 3: 3 painted.").tone == "ok"
    assert room.order.heard == ["begun 3", "announced", "ended"]
    press(room.dialog, "Copy")
    wait_for(lambda: "ada@x.example\tpainted\tWas white." in QGuiApplication.clipboard().text(), "the copy")
    room.dialog._on_path(str(tmp_path / "result.csv"))
    room.toast("The result is in result.csv.")
    name, head, lines, what = room.exports.written[0]
    assert (name, head, what) == ("result.csv", ("person", "result", "reason"), "Paint some people")
    assert lines[0] == ("ada@x.example", "done", "Was white.")
    press(room.dialog, "Close")


def test_who_is_left_alone_is_counted_by_reason_and_listed(enter: Enter) -> None:
    order = Painting("ada")
    order.refused = tuple(Refused(f"{name}@x.example", f"{name}@x.example is away.") for name in ("yan", "zoe"))
    room = enter(order)
    said = wait_to_see(room.dialog, "2 of 3 people will be left as they are:")
    assert "2: … is away." in said
    assert "yan@x.example | cannot | yan@x.example is away." in said
    room.run()
    said = wait_to_see(room.dialog, "3 people: 1 painted, 2 left alone")
    assert "zoe@x.example | left alone | zoe@x.example is away." in said
    press(room.dialog, "Close")


def test_the_word_must_be_typed_and_the_reason_may(enter: Enter) -> None:
    order = Painting("ada")
    order.asked = Asked("Paint?", (), "Paint", danger=True, typed="PAINT 1", reason="Why")
    room = enter(order)
    wait_to_see(room.dialog, "Type PAINT 1 to confirm")
    assert not pressable(room.dialog, "Paint (1)")
    type_into(room.dialog, "Why", " it was dull ")
    type_into(room.dialog, "Type PAINT 1 to confirm", "PAINT 1")
    room.run()
    wait_to_see(room.dialog, "1 person: 1 painted")
    assert order.reasons == ["it was dull"]
    press(room.dialog, "Close")


def test_it_is_tried_again_for_those_who_failed_and_the_result_is_of_both(room: Room) -> None:
    room.order.faults["bob"] = AppError(ErrorCode.CONFLICT, "The brush was taken.")
    wait_to_see(room.dialog, "will be painted")
    room.run()
    said = wait_to_see(room.dialog, "3 people: 2 painted, 1 failed")
    assert "bob@x.example | failed | The brush was taken." in said
    assert room.toast("Painting 3: 2 painted, 1 failed.").tone == "warn"
    press(room.dialog, "Try again for 1 person…")
    wait_to_see(room.dialog, "will be painted")
    press(room.dialog, "Cancel")
    wait_to_see(room.dialog, "3 people: 2 painted, 1 failed")
    press(room.dialog, "Try again for 1 person…")
    wait_to_see(room.dialog, "will be painted")
    room.run("Paint (1)")
    wait_to_see(room.dialog, "3 people: 3 painted")
    assert not pressable(room.dialog, "Try again...")
    press(room.dialog, "Undo for 3 people…")
    press(room.dialog, "Take back (3)")
    wait_to_see(room.dialog, "3 people: 3 taken back")
    assert set(room.order.colours.values()) == {"white"}
    assert not pressable(room.dialog, "Undo...")
    press(room.dialog, "Close")


def test_without_an_answer_it_is_not_offered_again(room: Room) -> None:
    room.order.faults["bob"] = AppError(ErrorCode.TIMEOUT, "No answer.")
    wait_to_see(room.dialog, "will be painted")
    room.run()
    said = wait_to_see(room.dialog, "3 people: 2 painted, 1 not known")
    assert "read those people again before you repeat it" in said
    assert not pressable(room.dialog, "Try again...")
    press(room.dialog, "Close")


def test_what_everybody_would_meet_ends_it_and_says_why(room: Room) -> None:
    room.order.faults["bob"] = AppError(ErrorCode.UNREACHABLE, "There is no network.")
    wait_to_see(room.dialog, "will be painted")
    room.run()
    said = wait_to_see(room.dialog, "3 people: 1 painted, 2 not tried")
    assert said.count("There is no network.") == 3
    press(room.dialog, "Try again for 2 people…")
    wait_to_see(room.dialog, "will be painted")
    room.run("Paint (2)")
    wait_to_see(room.dialog, "3 people: 3 painted")
    press(room.dialog, "Close")


def test_stopped_in_the_middle_the_others_stay_as_they_were(room: Room) -> None:
    room.order.wait_at = "bob"
    wait_to_see(room.dialog, "will be painted")
    room.run()
    wait_for(room.order.arrived.is_set, "bob's turn")
    wait_to_see(room.dialog, "1 of 3: bob@x.example")
    press(room.dialog, "Stop")
    wait_to_see(room.dialog, "Stopping…")
    room.order.opened.set()
    said = wait_to_see(room.dialog, "3 people: 2 painted, 1 not tried")
    assert "It was stopped." in said
    assert room.order.colours == {"ada": "blue", "bob": "blue", "cy": "white"}
    press(room.dialog, "Close")


def hidden_run(room: Room) -> None:
    room.order.wait_at = "bob"
    wait_to_see(room.dialog, "will be painted")
    room.run()
    wait_for(room.order.arrived.is_set, "bob's turn")
    QTest.keyClick(room.dialog, Qt.Key.Key_Escape)
    assert not room.dialog.isVisible()


def test_hidden_it_goes_on_and_does_not_come_back_where_all_is_well(room: Room) -> None:
    hidden_run(room)
    room.order.opened.set()
    room.toast("Painting 3: 3 painted.")
    assert not [w for w in QApplication.allWidgets() if isinstance(w, QDialog) and w.isVisible()]


def test_hidden_it_comes_back_where_somebody_needs_attention(room: Room) -> None:
    hidden_run(room)
    room.order.faults["cy"] = AppError(ErrorCode.CONFLICT, "The brush was taken.")
    room.order.opened.set()
    box = dialog("3 people: 2 painted, 1 failed")
    assert "The brush was taken." in see(box)
    press(box, "Close")


def test_the_dialog_may_go_meanwhile_and_the_result_is_told_all_the_same(qtbot: QtBot, room: Room) -> None:
    hidden_run(room)
    room.dialog.deleteLater()  # as with the tab, when another connection is opened
    qtbot.waitUntil(lambda: not [w for w in QApplication.allWidgets() if isinstance(w, BulkDialog)])
    room.order.opened.set()
    room.toast("Painting 3: 3 painted.")
    assert room.order.heard == ["begun 3", "announced", "ended"]


def test_of_another_connection_by_now_only_the_toast_tells(room: Room) -> None:
    hidden_run(room)
    room.dialog.deleteLater()
    room.context.set_desk(None)
    room.order.opened.set()
    room.toast("Painting 3: 3 painted.")
    assert "announced" not in room.order.heard


def test_a_stopped_way_back_can_be_gone_on_with(room: Room) -> None:
    wait_to_see(room.dialog, "will be painted")
    room.run()
    press(room.dialog, "Undo for 3 people…")
    said = wait_to_see(room.dialog, "Take it back for 3 people?")
    assert "cy@x.example | can be put back" in said
    room.order.faults["back of cy"] = AppError(ErrorCode.UNREACHABLE, "There is no network.")
    press(room.dialog, "Take back (3)")
    said = wait_to_see(room.dialog, "3 people: 0 taken back, 3 not tried")
    assert room.order.colours == dict.fromkeys(("ada", "bob", "cy"), "blue")
    press(room.dialog, "Undo for 3 people…")
    press(room.dialog, "Take back (3)")
    wait_to_see(room.dialog, "3 people: 3 taken back")
    assert set(room.order.colours.values()) == {"white"}
    assert not pressable(room.dialog, "Undo...")
    press(room.dialog, "Close")


def test_a_failed_dry_run_can_be_repeated(enter: Enter) -> None:
    order = Painting("ada")
    order.unreadable = AppError(ErrorCode.DATABASE_UNREACHABLE, "It is away.", retryable=True)
    room = enter(order)
    wait_to_see(room.dialog, "The application database cannot be reached")
    assert not pressable(room.dialog, "Paint...")
    order.unreadable = None
    press(room.dialog, "Retry")
    wait_to_see(room.dialog, "will be painted")
    press(room.dialog, "Cancel")


@pytest.mark.parametrize("forbidden", ["", "You are signed in as a viewer."])
def test_where_nobody_is_left_there_is_nothing_to_press(enter: Enter, forbidden: str) -> None:
    order = Painting(*(["ada"] if forbidden else []))
    order.forbidden = forbidden
    order.refused = (Refused("zoe@x.example", "She is away."),)
    room = enter(order)
    heading = "Tried only: you may not do this." if forbidden else "Nobody is left for whom it can be done."
    said = wait_to_see(room.dialog, heading)
    assert forbidden in said
    assert ("ada@x.example | possible" in said) == bool(forbidden)
    assert "will be painted" not in said
    assert "zoe@x.example | cannot | She is away." in said
    assert not pressable(room.dialog, "Paint...")
    press(room.dialog, "Close")


def test_many_lines_on_the_clipboard_need_the_right_to_export(enter: Enter) -> None:
    room = enter(Painting(*(f"p{number}" for number in range(600))))
    wait_to_see(room.dialog, "will be painted")
    QGuiApplication.clipboard().setText("before")
    room.exports.refusal = AppError(ErrorCode.NOT_ALLOWED, "No export of 600.")
    press(room.dialog, "Copy")
    refusal = dialog("Your role does not allow this")
    assert "No export of 600." in see(refusal)
    press(refusal, "Close")
    assert QGuiApplication.clipboard().text() == "before"
    room.exports.refusal = None
    press(room.dialog, "Copy")
    wait_for(lambda: "p599@x.example" in QGuiApplication.clipboard().text(), "the copy")
    assert room.exports.copied == 600
    press(room.dialog, "Cancel")


def test_words_are_read_as_a_person_reads_them(room: Room) -> None:
    wait_to_see(room.dialog, "will be painted")
    assert clean(room.dialog.windowTitle()) == "Paint them?"
    assert "The paint is blue." in room.dialog.accessibleDescription()
    press(room.dialog, "Cancel")
