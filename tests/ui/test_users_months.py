"""The months of creation beside the table, as bars that search."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from ui.context import Context
from ui.jobs import JobRunner
from ui.tabs.users.month_bars import MonthBars
from ui.tabs.users.view import UsersView


@pytest.fixture
def bars(qtbot: QtBot, dressed: QApplication) -> MonthBars:
    made = MonthBars()
    shown(qtbot, made)
    made.show_counts({"2026-01": 3, "2026-02": 0, "2026-03": 12})
    return made


def test_each_month_is_a_button_with_its_count(bars: MonthBars) -> None:
    names = [bar.accessibleName() for bar in bars.bars]
    assert names == ["Jan 2026: 3 people", "Feb 2026: 0 people", "Mar 2026: 12 people"]


def test_a_press_asks_for_the_month_and_the_keyboard_moves_between_them(bars: MonthBars) -> None:
    asked: list[tuple[str, str, bool]] = []
    bars.chosen.connect(lambda *what: asked.append(what))
    bars.bars[0].setFocus()
    QTest.keyClick(bars.bars[0], Qt.Key.Key_Right)
    assert bars.bars[1].hasFocus()
    QTest.keyClick(bars.bars[1], Qt.Key.Key_Return)
    QTest.mouseClick(bars.bars[2], Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert asked == [("created", "2026-02", False), ("created", "2026-03", True)]


def test_what_the_search_asks_for_is_marked(bars: MonthBars) -> None:
    bars.show_search("x created:2026-01")
    assert [bar.accessibleDescription() for bar in bars.bars] == ["searched for", "", ""]
    bars.show_search("-created:2026-03")
    assert [bar.accessibleDescription() for bar in bars.bars] == ["", "", "left out"]


def test_nobody_shows_nothing(bars: MonthBars) -> None:
    bars.show_counts({})
    assert not bars.isVisible()


def test_another_month_takes_the_place_of_the_first(
    qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication
) -> None:
    people = [
        replace(user(name), created=datetime(2026, month, 9, tzinfo=UTC)) for month, name in ((9, "a"), (10, "b"))
    ]
    context = Context(inline_runner, desk=FakeDesk(people).desk)
    view = UsersView(context)
    shown(qtbot, view)
    view.resize(1400, 900)
    qtbot.waitUntil(lambda: not view.presenter.busy)
    context.set_search("x.example")
    months = view.facets.months
    for bar, expected in (
        (-1, "x.example created:2026-10"),
        (-2, "x.example created:2026-09"),
        (-2, "x.example"),
    ):
        months.bars[bar].click()
        assert context.search == expected
    qtbot.waitUntil(lambda: not view.presenter.busy)
