"""The popup under the search field: offered while typing, chosen with the keyboard or the mouse, never in the way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView
from pytestqt.qtbot import QtBot

from tests.ui.words import rows, wait_for
from ui.context import Context
from ui.jobs import JobRunner
from ui.shell.header import SearchField
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.widgets.labels import label

FACETS = {"mfa": {"totp": 1200, "none": 7}, "organization": {"two words": 2}}
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot, inline_runner: JobRunner) -> MainWindow:
    tabs = [TabSpec("users", "Users", "users", lambda context: label("people"), needs_desk=False, searches=True)]
    made = MainWindow(Context(inline_runner), tabs)
    made.header.search.setEnabled(True)
    made.context.search_values = FACETS
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.header.search.setFocus()
    qtbot.waitUntil(made.header.search.hasFocus)
    return made


def popup(window: MainWindow) -> QListView | None:
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QListView) and w.isVisible()]
    return found[0] if found else None


def offered(window: MainWindow) -> list[str]:
    view = popup(window)
    return [] if view is None else [row[0] for row in rows(view)]


def keys(window: MainWindow, text: str) -> SearchField:
    """Type, wherever the keys go."""
    for character in text:
        QTest.keyClicks(popup(window) or window.header.search, character)
    return window.header.search


def test_typing_goes_on_while_something_is_offered(window: MainWindow) -> None:
    field = keys(window, "mf")
    assert offered(window) == ["mfa:"]
    keys(window, "a:")
    assert offered(window) == ["mfa:totp", "mfa:none", "mfa:sms", "mfa:email", "mfa:unknown"]
    keys(window, "no")
    assert offered(window) == ["mfa:none"]
    keys(window, "x carla")
    assert field.text() == "mfa:nox carla"
    assert popup(window) is None


def test_down_and_enter_choose(window: MainWindow, qtbot: QtBot) -> None:
    field = keys(window, "zoe mfa:")
    view = popup(window)
    assert view is not None
    assert not view.currentIndex().isValid()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert field.text() == "zoe mfa:"
    with qtbot.waitSignal(window.context.search_changed) as heard:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert field.text() == "zoe mfa:none "
    assert heard.args == ["zoe mfa:none"]
    assert popup(window) is None


def test_a_chosen_field_offers_its_values(window: MainWindow) -> None:
    keys(window, "mf")
    view = popup(window)
    assert view is not None
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(0, 0)).center())
    wait_for(lambda: "mfa:totp" in offered(window), "the values of mfa")
    assert window.header.search.text() == "mfa:"


def test_escape_closes_what_is_offered_and_only_then_empties_the_field(window: MainWindow) -> None:
    field = keys(window, "mfa:")
    view = popup(window)
    assert view is not None
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert popup(window) is None
    assert field.text() == "mfa:"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_enter_without_a_choice_takes_what_was_typed(window: MainWindow) -> None:
    field = keys(window, "mfa:no")
    QTest.keyClick(popup(window) or field, Qt.Key.Key_Return)
    assert window.context.search == "mfa:no"
    assert popup(window) is None


def test_tab_takes_the_choice_or_else_closes_what_is_offered(window: MainWindow) -> None:
    field = keys(window, "mfa:")
    QTest.keyClick(popup(window) or field, Qt.Key.Key_Tab)
    assert popup(window) is None
    assert field.hasFocus()
    keys(window, "no")
    view = popup(window)
    assert view is not None
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Tab)
    assert field.text() == "mfa:none "
    assert field.hasFocus()


def test_it_is_asked_for_with_ctrl_space(window: MainWindow) -> None:
    window.header.search.setText("organization:")
    QTest.keyClick(window.header.search, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert offered(window) == ['organization:"two words"']
    view = popup(window)
    assert view is not None
    view.grab()  # painted without a complaint, note and all
    view.hide()
