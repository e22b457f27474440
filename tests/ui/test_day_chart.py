"""The chart of entries and exits per day: what it says, and how the keyboard goes through it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import shown
from ui.theme import theme
from ui.widgets.day_chart import Day, DayChart, _nice

FIRST = date(2026, 10, 27)


def days(*counts: tuple[int, int]) -> list[Day]:
    return [Day(FIRST + timedelta(days=number), up, down) for number, (up, down) in enumerate(counts)]


@pytest.fixture
def chart(qtbot: QtBot, dressed: QApplication) -> DayChart:
    made = DayChart("Entries and exits", "came", "left")
    made.resize(640, 220)
    shown(qtbot, made)
    return made


def test_it_tells_the_whole_and_the_marked_day(chart: DayChart) -> None:
    chart.set_days(days((3, 1), (0, 0), (1200, 2)))
    assert chart.accessibleDescription() == ("1,203 came, 3 left in 3 days. Thu 29 Oct 2026: 1,200 came, 2 left")


def test_keys_go_from_day_to_day(chart: DayChart) -> None:
    chart.set_days(days((3, 1), (0, 0), (5, 2)))
    for key, said in (
        (Qt.Key.Key_Left, "Wed 28 Oct"),
        (Qt.Key.Key_Left, "Tue 27 Oct"),
        (Qt.Key.Key_Left, "Tue 27 Oct"),
        (Qt.Key.Key_End, "Thu 29 Oct"),
        (Qt.Key.Key_Right, "Thu 29 Oct"),
        (Qt.Key.Key_Home, "Tue 27 Oct"),
    ):
        QTest.keyClick(chart, key)
        assert said in chart.accessibleDescription()


def test_the_mouse_marks_the_day_below_it(chart: DayChart) -> None:
    chart.set_days(days((3, 1), (0, 0), (5, 2)))
    assert chart._day_at(0) is None
    assert chart._day_at(50) == 0
    assert chart._day_at(625) == 2


@pytest.mark.parametrize("counts", [[], [(0, 0)], [(1, 0)], [(0, 7)], [(1_000_000, 1)] * 30])
def test_every_extent_is_painted(chart: DayChart, counts: list[tuple[int, int]]) -> None:
    chart.set_days(days(*counts))
    for scheme in ("light", "dark"):
        theme.choose(scheme)
        assert not chart.grab().isNull()
    QTest.keyClick(chart, Qt.Key.Key_Right)


def test_up_is_above_the_line_and_down_below(chart: DayChart) -> None:
    chart.set_days(days((5, 5)))
    chart.clearFocus()
    picture = chart.grab().toImage()
    column = [picture.pixelColor(44 + (640 - 54) // 2, y).name() for y in range(picture.height())]
    up = [y for y, colour in enumerate(column) if colour == theme.color("accent").name()]
    down = [y for y, colour in enumerate(column) if colour == theme.color("neutral").name()]
    assert up
    assert down
    assert max(up) < min(down)


@pytest.mark.parametrize(("value", "nice"), [(0, 0), (1, 1), (3, 5), (5, 5), (6, 10), (11, 20), (1_000_001, 2_000_000)])
def test_scales_end_at_round_numbers(value: int, nice: int) -> None:
    assert _nice(value) == nice
