"""The table of values: it stays with what was chosen, copies what is seen, and tells what it had to cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.index import UserIndex
from tests.ui.conftest import shown
from tests.ui.users_desk import user
from tests.ui.words import rows
from ui.theme import theme
from ui.widgets.badge import Badge, Tone, badge_size
from ui.widgets.rows import Column, RowTable, badge_width
from ui.widgets.table import UserTable

LONG = "a sentence that is much too long for the column that it stands in, and goes on\nin a second line"


@dataclass(frozen=True)
class Fruit:
    name: str
    price: int = 1
    fresh: bool = True


def badge(fruit: Fruit) -> Badge | None:
    if fruit.name == "plum":
        return None
    return Badge("fresh", Tone.OK) if fruit.fresh else Badge("old", Tone.BAD, hint="Nobody should eat it.")


def fruits(*names: str) -> list[Fruit]:
    return [Fruit(name, number) for number, name in enumerate(names)]


def made(qtbot: QtBot, *, several: bool = False) -> RowTable[Fruit]:
    table: RowTable[Fruit] = RowTable(
        "Fruit",
        [
            Column("Name", lambda fruit: fruit.name, 0),
            Column("State", lambda fruit: "fresh" if fruit.fresh else "old", 100, badge=badge),
            Column("Price", lambda fruit: str(fruit.price), 80, hint=lambda fruit: f"{fruit.price} cents", right=True),
        ],
        key=lambda fruit: fruit.name,
        several=several,
    )
    table.resize(420, 240)
    shown(qtbot, table)
    return table


@pytest.fixture
def table(qtbot: QtBot, dressed: QApplication) -> RowTable[Fruit]:
    return made(qtbot)


@pytest.fixture
def several(qtbot: QtBot, dressed: QApplication) -> RowTable[Fruit]:
    return made(qtbot, several=True)


def current(table: RowTable[Fruit]) -> str:
    return table.rows()[table.currentIndex().row()].name if table.currentIndex().isValid() else ""


def key(table: RowTable[Fruit], which: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
    QTest.keyClick(table, which, modifier or Qt.KeyboardModifier.NoModifier)


def pixel(table: RowTable[Fruit] | UserTable, row: int, x: int, below_top: int) -> QColor:
    y = table.rowViewportPosition(row) + below_top
    return table.viewport().grab().toImage().pixelColor(QPoint(x, y))


def test_rows_are_shown_as_declared(table: RowTable[Fruit]) -> None:
    tester = QAbstractItemModelTester(table.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert rows(table) == []
    table.set_rows([Fruit("apple", 3), Fruit("pear", 4, fresh=False)])
    assert rows(table) == [["apple", "fresh", "3"], ["pear", "old", "4"]]
    table.set_rows([])
    assert rows(table) == []
    assert tester.model() is table.model()
    assert table.accessibleName() == "Fruit"


def test_the_selection_stays_with_its_rows(several: RowTable[Fruit]) -> None:
    several.set_rows(fruits("apple", "fig", "pear", "plum"))
    several.select("pear")
    several.setFocus()
    key(several, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert [fruit.name for fruit in several.selected()] == ["fig", "pear"]
    told: list[Fruit | None] = []
    several.chosen.connect(told.append)
    several.set_rows([*fruits("plum", "pear", "quince"), Fruit("fig", 77)])
    assert [fruit.name for fruit in several.selected()] == ["pear", "fig"]
    assert told == [Fruit("pear", 1)]
    several.set_rows(fruits("pear"))
    assert [fruit.name for fruit in several.selected()] == ["pear"]


def test_whoever_listens_hears_that_the_chosen_row_is_gone(table: RowTable[Fruit]) -> None:
    told: list[Fruit | None] = []
    table.set_rows(fruits("apple", "fig"))
    table.select("fig")
    table.chosen.connect(told.append)
    table.set_rows(fruits("apple"))
    assert told == [None]
    assert table.selected() == []
    table.set_rows([])
    assert told == [None], "nothing was chosen any more"


def test_the_keyboard_goes_on_where_it_was(table: RowTable[Fruit]) -> None:
    table.set_rows(fruits("apple", "fig", "pear", "plum"))
    table.select("pear")
    table.set_rows(fruits("quince", "apple", "fig", "pear", "plum"))
    assert current(table) == "pear"
    key(table, Qt.Key.Key_Down)
    assert (current(table), [fruit.name for fruit in table.selected()]) == ("plum", ["plum"])


def test_where_the_current_row_has_gone_the_keyboard_goes_on_below_it(table: RowTable[Fruit]) -> None:
    table.set_rows(fruits("apple", "fig", "pear", "plum"))
    table.select("pear")
    table.set_rows(fruits("apple", "fig", "plum"))
    assert (current(table), table.selected()) == ("fig", [])
    key(table, Qt.Key.Key_Down)
    assert current(table) == "plum"
    table.select("apple")
    table.set_rows(fruits("fig", "plum"))
    key(table, Qt.Key.Key_Down)
    assert current(table) == "fig"


def test_other_rows_do_not_move_what_is_being_read(table: RowTable[Fruit]) -> None:
    table.set_rows(fruits(*(f"fruit {number:03}" for number in range(200))))
    table.select("fruit 003")
    table.verticalScrollBar().setValue(1600)
    table.set_rows(fruits(*(f"fruit {number:03}" for number in range(201))))
    assert table.verticalScrollBar().value() == 1600
    assert current(table) == "fruit 003"


def test_select_tells_whether_it_is_there(table: RowTable[Fruit]) -> None:
    table.set_rows(fruits("apple", "fig"))
    assert table.select("fig")
    assert not table.select("melon")
    assert [fruit.name for fruit in table.selected()] == ["fig"]


def test_enter_and_a_double_click_open(table: RowTable[Fruit]) -> None:
    opened: list[Fruit] = []
    table.opened.connect(opened.append)
    key(table, Qt.Key.Key_Return)
    assert opened == []
    table.set_rows(fruits("apple", "fig"))
    table.select("fig")
    key(table, Qt.Key.Key_Return)
    key(table, Qt.Key.Key_Enter)
    at = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [fruit.name for fruit in opened] == ["fig", "fig", "apple"]


def test_what_is_chosen_is_copied_as_a_table(several: RowTable[Fruit]) -> None:
    several.set_rows([Fruit("apple", 3), Fruit("a\tb\nc", 4, fresh=False), Fruit("pear")])
    several.select("apple")
    key(several, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    key(several, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "apple\tfresh\t3\na b c\told\t4"


def test_a_column_with_pills_has_words_for_a_screen_reader(table: RowTable[Fruit]) -> None:
    table.set_rows([Fruit("apple"), Fruit("plum")])
    assert table.model().index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "fresh"
    left = table.columnViewportPosition(1) + 14
    soft, plain = theme.color("oksoft").name(), theme.color("surface").name()
    assert pixel(table, 0, left, 8).name() == soft
    assert pixel(table, 1, left, 8).name() == plain
    assert badge_width("fresh") > badge_size(Badge("fresh")).width()


def test_tooltips_say_what_was_cut_and_what_there_is_beyond(table: RowTable[Fruit]) -> None:
    table.set_rows([Fruit(LONG, 12), Fruit("fig", fresh=False)])
    tip = table.tip
    assert tip(0, 0) == LONG
    assert tip(1, 0) == "", "what is seen whole needs no tooltip"
    assert tip(1, 1) == "Nobody should eat it."
    assert tip(0, 2) == "12 cents"
    table.setColumnWidth(1, 48)
    assert tip(1, 1) == "old\nNobody should eat it."
    table.setWordWrap(True)
    assert tip(0, 0) == ""


def test_a_text_of_several_lines_takes_one_row_unless_it_wraps(table: RowTable[Fruit]) -> None:
    table.set_rows([Fruit(LONG)])
    assert table.rowHeight(0) == 32
    table.setWordWrap(True)
    table.resizeRowsToContents()
    assert table.rowHeight(0) > 60
    ink = [pixel(table, 0, x, table.rowHeight(0) - 14).lightness() < 128 for x in range(10, 200)]
    assert any(ink), "the last line is painted"


def test_figures_stand_at_the_right_with_the_headers_margin(table: RowTable[Fruit]) -> None:
    table.set_rows([Fruit("apple", 8888)])
    right = table.columnViewportPosition(2) + table.columnWidth(2)
    dark = [x for x in range(right - 60, right) if any(pixel(table, 0, x, y).lightness() < 128 for y in range(10, 22))]
    assert 9 <= right - 1 - max(dark) <= 12


def user_table(qtbot: QtBot) -> UserTable:
    index = UserIndex()
    index.replace(user(name) for name in ("ada", "bob", "cleo"))
    made = UserTable()
    made.resize(420, 240)
    shown(qtbot, made)
    made.set_view(index.view())
    return made


def row_table(qtbot: QtBot) -> RowTable[Fruit]:
    table = made(qtbot)
    table.set_rows(fruits("apple", "fig", "pear"))
    return table


@pytest.mark.parametrize("make", [row_table, user_table])
def test_rows_look_the_same_in_both_kinds_of_table(
    qtbot: QtBot, dressed: QApplication, make: Callable[[QtBot], RowTable[Fruit] | UserTable]
) -> None:
    table = make(qtbot)
    table.selectRow(1)
    table.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    spot = table.viewport().width() - 4
    assert table.rowHeight(0) == 32
    assert pixel(table, 0, spot, 31).name() == theme.color("border").name()
    assert pixel(table, 1, spot, 3).name() == theme.color("sel").name()
    assert pixel(table, 1, 1, 6).name() == theme.color("accent").name(), "the row under the keyboard"
    at = QPointF(20, 10)
    none, no_key = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    move = QMouseEvent(QEvent.Type.MouseMove, at, table.viewport().mapToGlobal(at), none, none, no_key)
    QApplication.sendEvent(table.viewport(), move)
    assert {pixel(table, 0, x, 3).name() for x in (6, spot)} == {theme.color("hover").name()}
    QApplication.sendEvent(table, QEvent(QEvent.Type.Leave))
    assert pixel(table, 0, spot, 3).name() == theme.color("surface").name()
    theme.choose("dark")
    assert pixel(table, 1, spot, 3).name() == theme.color("sel").name()


def test_the_height_for_a_number_of_rows(table: RowTable[Fruit]) -> None:
    table.set_rows(fruits("apple", "fig", "pear"))
    table.resize(420, table.fitting_height(3))
    assert table.verticalScrollBar().maximum() == 0
    table.resize(420, table.fitting_height(2))
    assert table.verticalScrollBar().maximum() > 0
