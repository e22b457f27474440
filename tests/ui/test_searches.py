"""Saved searches and the history: by the star, by the keyboard, in the popup of the search, on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.settings import Settings
from app.workbench import Workbench, Workbenches
from tests.ui import words
from tests.ui.test_search_completion import keys, offered, popup
from tests.ui.users_desk import FakeDesk
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.shell.recall import recalled
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.widgets.labels import label

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})


def opened(qtbot: QtBot, runner: JobRunner, settings: Settings, connection: str = "test") -> MainWindow:
    desk = FakeDesk([])
    desk.connection = replace(desk.connection, id=connection)
    context = Context(runner, settings)
    tabs = [TabSpec("users", "Users", "users", lambda context: label("people"), needs_desk=False, searches=True)]
    made = MainWindow(context, tabs)
    context.set_desk(desk.desk)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.header.search.setFocus()
    qtbot.waitUntil(lambda: made.header.search.hasFocus() and context.bench.ready)
    return made


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot, inline_runner: JobRunner, settings: Settings) -> MainWindow:
    return opened(qtbot, inline_runner, settings)


def search(window: MainWindow, text: str) -> None:
    window.header.search.clear()
    keys(window, text)
    QTest.keyClick(popup(window) or window.header.search, Qt.Key.Key_Return)


def entries(window: MainWindow) -> list[str]:
    window.searches.menu.aboutToShow.emit()
    return [action.text() for action in window.searches.menu.actions() if action.text()]


def save(window: MainWindow, name: str) -> None:
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    words.answer(window, "Save the search", press="Save", type=name, into="Name")


def test_a_search_is_saved_by_keyboard_and_called_back(window: MainWindow, qtbot: QtBot, settings: Settings) -> None:
    said: list[Toast] = []
    window.context.toast_requested.connect(said.append)
    search(window, "status:force")
    save(window, "Stuck people")
    assert said[-1].text == "Saved: Stuck people"
    search(window, "carla")
    assert "Stuck people" in entries(window)
    next(action for action in window.searches.menu.actions() if action.text() == "Stuck people").trigger()
    assert window.header.search.text() == window.context.search == "status:force"
    qtbot.waitUntil(lambda: len(Workbenches(settings.config_dir).load("test").searches) == 1)


def test_the_popup_recalls_by_name_and_by_text(window: MainWindow) -> None:
    search(window, "status:force")
    save(window, "Stuck people")
    search(window, "moreno harbour")
    window.header.search.clear()
    keys(window, "stuck")
    assert offered(window) == ["status:force"]
    QTest.keyClick(popup(window) or window, Qt.Key.Key_Down)
    QTest.keyClick(popup(window) or window, Qt.Key.Key_Return)
    assert window.context.search == "status:force"
    window.header.search.clear()
    keys(window, "harb")
    assert offered(window) == ["moreno harbour"]


def test_an_empty_field_offers_what_was_searched_for(window: MainWindow) -> None:
    for text in ("first one", "second one"):
        search(window, text)
    window.header.search.clear()
    QTest.mouseClick(window.header.search, Qt.MouseButton.LeftButton)
    assert offered(window) == ["second one", "first one"]
    QTest.keyClick(popup(window) or window, Qt.Key.Key_Escape)
    QTest.keyClick(window.header.search, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert offered(window) == ["second one", "first one"]


def test_only_what_can_be_read_is_remembered_and_only_when_it_is_whole(window: MainWindow) -> None:
    search(window, "stauts:x")
    assert list(window.context.bench.workbench.history) == []
    search(window, "carla")
    assert list(window.context.bench.workbench.history) == ["carla"]


def test_the_history_can_be_cleared_and_turned_off(window: MainWindow, qtbot: QtBot, settings: Settings) -> None:
    search(window, "carla")
    file = Workbenches(settings.config_dir).path("test")
    qtbot.waitUntil(lambda: file.exists() and "carla" in file.read_text())
    words.press(window, "Saved and earlier searches")
    words.press(window, "Clear the history")
    qtbot.waitUntil(lambda: "carla" not in file.read_text())
    search(window, "moreno")
    words.press(window, "Saved and earlier searches")
    words.press(window, "Remember what I search for")
    qtbot.waitUntil(lambda: "moreno" not in file.read_text())
    search(window, "okafor")
    assert window.context.bench.workbench.history == ()


def test_a_saved_search_can_be_removed_and_a_bad_name_is_told(window: MainWindow) -> None:
    search(window, "carla")
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    box = words.dialog("Save the search")
    words.type_into(box, "Name", "x" * 70)
    words.press(box, "Save")
    assert "at most 60 characters" in words.see(box)
    words.type_into(box, "Name", "Carla")
    words.press(box, "Save")
    entries(window)
    remove = next(action for action in window.searches.menu.actions() if action.text() == "Remove")
    submenu = remove.menu()
    assert isinstance(submenu, QMenu)
    submenu.actions()[0].trigger()
    assert window.context.bench.workbench.searches == ()


def test_every_connection_has_its_own(window: MainWindow, qtbot: QtBot, runner: JobRunner, settings: Settings) -> None:
    search(window, "carla")
    save(window, "Carla")
    files = Workbenches(settings.config_dir)
    qtbot.waitUntil(lambda: bool(files.load("test").searches))
    other = opened(qtbot, runner, settings, "other")
    assert other.context.bench.workbench == Workbench()
    again = opened(qtbot, runner, settings)
    assert again.context.bench.workbench.searches == files.load("test").searches


def test_what_is_recalled() -> None:
    bench = Workbench(history=("b", "aab", "aa")).with_search("Name of it", "zzz").with_search("Other", "aab")
    assert [(one.text, one.note) for one in recalled("aa", bench)] == [("aab", "saved: Other")]
    assert [one.text for one in recalled("name", bench)] == ["zzz"]
    assert recalled("a", bench) == []
    assert [one.text for one in recalled("", bench)] == ["zzz", "aab", "b", "aa"]


def test_who_is_quicker_than_the_disk_overwrites_nothing(
    dressed: QApplication, qtbot: QtBot, runner: JobRunner, settings: Settings
) -> None:
    files = Workbenches(settings.config_dir)
    files.save("test", Workbench().with_search("Mine", "mfa:none").searched("earlier"))
    runner.hold()
    made = Context(runner, settings)
    made.bench.open("test")
    made.bench.remember("now")
    made.bench.save_search("Quick", "status:confirmed")
    runner.release()
    qtbot.waitUntil(lambda: made.bench.ready)
    made.bench.keep()
    qtbot.waitUntil(lambda: not runner.busy)
    kept = files.load("test")
    assert [known.name for known in kept.searches] == ["Mine", "Quick"]
    assert kept.history == ("now", "earlier")
