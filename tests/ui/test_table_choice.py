"""Choosing people in the user table, copying them, and that they stay chosen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.directory.selection import Matching
from tests.ui.test_table import CONTROL, SHIFT, click, people, picked, press, shown, table, user
from ui.widgets import table as table_module
from ui.widgets.table import UserTable
from ui.widgets.table_text import Clip

__all__ = ["table"]


def drag(widget: QWidget, at: QPoint) -> None:
    where = QPointF(at)
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, where, QPointF(widget.mapToGlobal(at)), Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_selection_and_current_row_stay_with_the_people(table: UserTable) -> None:
    index = people(300)
    told: list[str | None] = []
    table.set_view(index.view())
    table.selected.connect(told.append)
    for row in (40, 200, 100):
        click(table, row, CONTROL)
    assert told == ["u00040", "u00200", "u00100"]
    index.remove("u00040")
    index.put(user("a-new-one"))
    table.set_view(index.view("", (("email", True),)))
    assert table.current_username() == "u00100"
    assert picked(table) == ["u00200", "u00100"]
    assert shown(table, table.currentIndex().row(), "Email") == "u00100@x.example"
    assert told[3:] == []
    table.set_view(index.view("new"), "new")
    assert picked(table) == []
    assert told[3:] == [None]


def test_copying_is_bounded_and_says_so(table: UserTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "COPIED", 5)
    told: list[tuple[int, int]] = []
    table.copied.connect(lambda done, chosen: told.append((done, chosen)))
    table.set_view(people(9).view())
    table.selectAll()
    table.copy()
    assert told == [(5, 9)]
    assert len(QGuiApplication.clipboard().text().splitlines()) == 6


def test_copying_many_is_left_to_a_worker(table: UserTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "AT_ONCE", 5)
    asked: list[Clip] = []
    table.copy_requested.connect(asked.append)
    table.set_view(people(2_500).view())
    table.selectAll()
    click(table, 3, CONTROL)
    table.copy()
    lines = asked[0].text().splitlines()
    assert len(lines) == 1 + 2_499
    assert [line.split("\t")[0] for line in lines[3:5]] == ["u00002@x.example", "u00004@x.example"]
    table.take(asked[0], "whatever it made")
    assert QGuiApplication.clipboard().text() == "whatever it made"


def test_everybody_is_a_query_with_exceptions_whatever_comes_and_in_which_order(table: UserTable) -> None:
    index = people(30)
    counts: list[int] = []
    table.choice_changed.connect(counts.append)
    table.set_view(index.view("x.example"), "x.example")
    press(table, Qt.Key.Key_A, CONTROL)
    click(table, 4, CONTROL)
    click(table, 9, CONTROL)
    assert table.selection() == Matching("x.example", frozenset({"u00004", "u00009"}))
    assert counts == [30, 29, 28]
    index.remove("u00004")
    index.put(user("a-new-one"))
    table.set_view(index.view("x.example", (("email", True),)), "x.example")
    assert table.count_chosen() == 29
    index.put(user("u00004"))
    table.set_view(index.view("x.example"), "x.example")
    assert table.selection() == Matching("x.example", frozenset({"u00004", "u00009"})), "left out stays left out"
    assert len(index.chosen(table.selection())) == table.count_chosen() == 29
    table.set_view(index.view("u0000"), "u0000")
    assert table.count_chosen() == 0, "another search is another everybody"


def test_ranges_by_mouse_and_keyboard(table: UserTable) -> None:
    table.set_view(people(200).view())
    click(table, 2)
    click(table, 5, SHIFT)
    assert picked(table) == [f"u0000{i}" for i in (2, 3, 4, 5)]
    click(table, 8, CONTROL)
    press(table, Qt.Key.Key_Down, CONTROL)
    press(table, Qt.Key.Key_Space)
    assert picked(table) == [f"u0000{i}" for i in (2, 3, 4, 5, 8, 9)]
    click(table, 4, CONTROL)
    assert picked(table) == [f"u0000{i}" for i in (2, 3, 5, 8, 9)]
    press(table, Qt.Key.Key_Escape)
    assert picked(table) == ["u00004"]
    press(table, Qt.Key.Key_End, SHIFT)
    assert table.count_chosen() == 196
    press(table, Qt.Key.Key_PageUp, SHIFT)
    assert 150 < table.count_chosen() < 196
    press(table, Qt.Key.Key_Home)
    assert picked(table) == ["u00000"]
    start = table.visualRect(table.user_model.index(1, 0)).center()
    end = table.visualRect(table.user_model.index(3, 0)).center()
    QTest.mousePress(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    drag(table.viewport(), end)
    drag(table.viewport(), end + QPoint(3, 0))
    QTest.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert picked(table) == ["u00001", "u00002", "u00003"]


def test_a_right_click_keeps_those_who_are_chosen_and_else_chooses_one(table: UserTable) -> None:
    table.set_view(people(20).view())
    click(table, 2)
    click(table, 5, SHIFT)
    for row, expected in ((3, 4), (7, 1)):
        at = table.visualRect(table.user_model.index(row, 0)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, at)
        assert table.count_chosen() == expected
    assert picked(table) == ["u00007"]


def test_what_is_chosen_while_an_answer_is_on_its_way_is_not_lost(table: UserTable) -> None:
    index = people(50)
    table.set_view(index.view())
    click(table, 2)
    kept = table.kept()
    view = index.view("", (("email", True),))
    found = kept.found_in(view, "")
    click(table, 4, CONTROL)
    table.set_view(view, "", found)
    assert picked(table) == ["u00004", "u00002"]
