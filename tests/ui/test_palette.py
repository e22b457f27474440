"""The command palette: opened from anywhere, found by typing, done with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.permissions import Role
from tests.ui import words
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from ui.context import Context
from ui.jobs import JobRunner
from ui.shell.palette import CommandPalette
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.tabs.users.view import UsersView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def other(context: Context) -> QWidget:
    return QLabel("another tab")


SPECS = (
    TabSpec("overview", "Overview", "overview", other),
    TabSpec("users", "Users", "users", UsersView, searches=True),
)


class Hands:
    """The window with a keyboard."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, role: Role = Role.ADMIN) -> None:
        self.qtbot = qtbot
        self.desk = FakeDesk([user("mora"), user("nils", email_verified="false"), user("zoe", enabled=False)], role)
        self.context = Context(runner, desk=self.desk.desk)
        self.window = MainWindow(self.context, SPECS, other)
        shown(qtbot, self.window)
        self.window.activateWindow()
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.context.runner.busy)

    @property
    def palette(self) -> CommandPalette:
        found = self.window.findChild(CommandPalette)
        assert isinstance(found, CommandPalette)
        return found

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget(), key, modifiers)
        self.settle()

    def open(self) -> None:
        self.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        assert self.palette.isVisible()

    def type(self, text: str) -> None:
        QTest.keyClicks(self.palette.line, text)
        self.settle()

    def offered(self) -> list[str]:
        return [entry.title for entry in self.palette.entries]

    def users(self) -> UsersView:
        self.window.show_tab("users")
        self.settle()
        found = self.window.tab_widget("users")
        assert isinstance(found, UsersView)
        return found


@pytest.fixture
def hands(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> Iterator[Hands]:
    made = Hands(qtbot, inline_runner)
    yield made
    made.settle()


def test_it_opens_anywhere_and_goes_to_another_tab(hands: Hands) -> None:
    hands.open()
    assert hands.window.focusWidget() is hands.palette.line
    hands.type("gu")
    hands.press(Qt.Key.Key_Return)
    assert hands.window.tab == "users"
    assert not hands.palette.isVisible()


def test_ctrl_k_again_and_escape_close_it_and_the_keyboard_returns(hands: Hands) -> None:
    view = hands.users()
    view.table.setFocus()
    for key, modifiers in (
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
    ):
        hands.open()
        hands.press(key, modifiers)
        assert not hands.palette.isVisible()
        assert hands.window.focusWidget() is view.table


def test_a_command_for_the_person_is_done_by_keys_alone(hands: Hands) -> None:
    view = hands.users()
    assert view.table.select("mora")
    hands.settle()
    hands.window.show_tab("overview")
    hands.open()
    hands.type("disa")
    assert hands.offered()[0] == "Disable…"
    hands.press(Qt.Key.Key_Return)
    assert hands.window.tab == "users"
    question = words.dialog("Disable mora@x.example?")
    words.press(question, "Disable")
    hands.settle()
    assert hands.desk.fake.users["mora"].enabled is False


def test_a_person_is_found_by_name_and_shown(hands: Hands) -> None:
    hands.users()
    hands.open()
    hands.type("zoe")
    assert "Zoe" in hands.offered()
    while hands.palette.entries[hands.palette.list.currentIndex().row()].title != "Zoe":
        hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Return)
    assert hands.users().table.current_username() == "zoe"


def test_people_looked_at_lately_are_offered_at_once(hands: Hands) -> None:
    view = hands.users()
    for name in ("mora", "zoe"):
        view.table.select(name)
        hands.settle()
    hands.open()
    offered = hands.offered()
    assert [title for title in offered if title in ("Mora", "Zoe")] == ["Zoe", "Mora"]


def test_what_cannot_be_done_is_shown_with_its_reason_and_does_nothing(hands: Hands) -> None:
    view = hands.users()
    view.table.select("nils")
    hands.settle()
    hands.open()
    hands.type("reset pass")
    entry = next(e for e in hands.palette.entries if e.title == "Reset password…")
    assert entry.why_not is not None
    row = list(hands.palette.entries).index(entry)
    hands.palette.list.setCurrentIndex(hands.palette.list.model().index(row, 0))
    assert "verified" in words.see(hands.palette)
    hands.press(Qt.Key.Key_Return)
    assert hands.palette.isVisible()
    assert ("reset", None) not in hands.desk.fake.calls
    hands.press(Qt.Key.Key_Escape)


def test_up_from_the_first_comes_in_at_the_last(hands: Hands) -> None:
    hands.open()
    hands.press(Qt.Key.Key_Up)
    assert hands.palette.list.currentIndex().row() == len(hands.palette.entries) - 1
    hands.press(Qt.Key.Key_Down)
    assert hands.palette.list.currentIndex().row() == 0
    hands.type("qqqq")
    assert hands.offered() == ["Search people for “qqqq”"]
    hands.press(Qt.Key.Key_Return)
    assert hands.context.search == "qqqq"


def test_slash_and_ctrl_f_go_to_the_search(hands: Hands) -> None:
    view = hands.users()
    for key, modifiers in (
        (Qt.Key.Key_Slash, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier),
    ):
        view.table.setFocus()
        hands.press(key, modifiers)
        assert hands.window.focusWidget() is hands.window.header.search
    QTest.keyClicks(hands.window.header.search, "a/b")
    assert hands.window.header.search.text() == "a/b"


def test_a_viewer_is_offered_no_change(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> None:
    hands = Hands(qtbot, inline_runner, Role.VIEWER)
    view = hands.users()
    view.table.select("mora")
    hands.settle()
    hands.open()
    allowed = {entry.id for entry in hands.palette.entries if entry.why_not is None}
    assert {each for each in allowed if each.startswith(("user.", "onboarding."))} == {"user.copy"}
    hands.press(Qt.Key.Key_Escape)


def test_offers_end_with_their_owner(hands: Hands) -> None:
    hands.users()
    assert any(entry.id == "user.new" for entry in hands.context.palette_entries())
    hands.context.set_desk(None)
    hands.qtbot.waitUntil(lambda: not any(e.id == "user.new" for e in hands.context.palette_entries()))
