"""Several people at once in the Users tab: the bar below the table, copying, comparing; and the columns, kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.models import UserStatus
from app.errors import AppError, ErrorCode
from app.settings import Settings
from app.work import Work
from app.workbench import Arrangement, Workbenches
from tests.ui import words
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from ui.context import Context, Toast
from ui.dialogs.choose_columns import ColumnsDialog
from ui.jobs import JobRunner
from ui.tabs.users import comparison
from ui.tabs.users.compare import CompareDialog
from ui.tabs.users.view import UsersView
from ui.widgets import table as table_module

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class Chooser:
    """Somebody at the Users tab who works by keyboard."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: FakeDesk, settings: Settings | None = None) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, settings, desk.desk)
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.view = UsersView(self.context)
        self.table = self.view.table
        shown(qtbot, self.view)
        self.view.resize(1252, 818)
        self.settle()
        self.table.selectRow(0)

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.view.presenter.busy and self.context.bench.ready)

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.table, key, held)

    def choose(self, rows: int) -> None:
        self.table.selectRow(0)
        for _ in range(rows - 1):
            self.press(Qt.Key.Key_Down, SHIFT)


@pytest.fixture
def people() -> FakeDesk:
    cid = replace(user("cid", UserStatus.UNCONFIRMED), enabled=False)
    cid = replace(cid, attributes={**cid.attributes, "custom:team": "red", "locale": "da"})
    ada = replace(user("ada"), attributes={**user("ada").attributes, "custom:team": "blue"})
    return FakeDesk([ada, user("bo"), cid, *(user(f"u{i}") for i in range(10))])


@pytest.fixture
def at(qtbot: QtBot, inline_runner: JobRunner, people: FakeDesk, dressed: QApplication) -> Chooser:
    return Chooser(qtbot, inline_runner, people)


def test_the_bar_counts_and_goes_away(at: Chooser) -> None:
    assert not at.view.choosing.bar.isVisible()
    at.choose(3)
    assert "3 selected" in words.see(at.view.choosing.bar)
    words.press(at.view.choosing.bar, "Select all 13")
    assert "All 13 selected" in words.see(at.view.choosing.bar)
    at.press(Qt.Key.Key_Space)
    assert "All 13 selected but 1" in words.see(at.view.choosing.bar)
    at.press(Qt.Key.Key_Escape)
    assert not at.view.choosing.bar.isVisible()


def test_everybody_of_a_search_is_told_and_ends_with_the_search(at: Chooser) -> None:
    at.context.set_search("-ada -bo -cid")
    at.settle()
    at.press(Qt.Key.Key_A, CONTROL)
    assert "All 10 matching selected" in words.see(at.view.choosing.bar)
    at.table.header.sort_by("name")
    at.settle()
    assert "All 10 matching selected" in words.see(at.view.choosing.bar)
    at.context.set_search("")
    at.settle()
    assert not at.view.choosing.bar.isVisible()


def test_copying_says_how_many_and_what_did_not_fit(at: Chooser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "AT_ONCE", 4)
    monkeypatch.setattr(table_module, "COPIED", 6)
    at.choose(3)
    words.press(at.view.choosing.bar, "Copy")
    assert at.toasts[-1].text == "3 people are on the clipboard."
    at.choose(8)
    at.press(Qt.Key.Key_C, CONTROL)
    at.qtbot.waitUntil(lambda: len(at.toasts) == 2)
    assert at.toasts[-1].text == "The first 6 of 8 people are on the clipboard. Export takes all."
    assert len(QGuiApplication.clipboard().text().splitlines()) == 7


def compared(at: Chooser) -> CompareDialog:
    words.press(at.view.choosing.bar, "Compare")
    at.qtbot.waitUntil(lambda: bool(at.view.findChildren(CompareDialog)))
    return at.view.findChildren(CompareDialog)[0]


def test_people_side_by_side_with_what_differs(at: Chooser) -> None:
    at.choose(3)
    dialog = compared(at)
    found = {line.name: line for line in dialog.table.rows()}
    assert found["Status"].values == ("Confirmed", "Confirmed", "Unconfirmed")
    assert found["Status"].odd == found["Enabled"].odd == frozenset({2})
    assert found["custom:team"].values == ("blue", "–", "red")
    assert found["custom:team"].odd == {0, 1, 2}, "no value prevails"
    assert not found["Username"].differs, "everybody has their own"
    assert found["Onboarding"].section == "Database"
    words.press(dialog, "Only what differs...")
    assert all(line.differs for line in dialog.table.rows())
    assert {"Status", "locale"} <= {line.name for line in dialog.table.rows()}
    words.press(dialog, "Close")


def test_too_many_cannot_be_compared_and_the_reason_is_told(at: Chooser) -> None:
    at.choose(7)
    assert words.reason(at.view.choosing.bar, "Compare") == "Choose 2 to 6 people to compare."


def test_where_the_database_is_away_the_comparison_says_so(at: Chooser) -> None:
    at.desk.fake.refuse["row"] = AppError(ErrorCode.DATABASE_UNREACHABLE, "No answer.")
    at.choose(2)
    dialog = compared(at)
    assert {line.values for line in dialog.table.rows() if line.section == "Database"} == {("not known", "not known")}
    dialog.reject()
    at.desk.fake.refuse["row"] = AppError(ErrorCode.DATABASE_MISSING, "None.")
    sides = comparison.read(at.desk.desk, ["ada", "bo", "gone"], Work())
    assert len(sides) == 2
    assert not [line for line in comparison.lines(sides) if line.section == "Database"]


def columns(at: Chooser) -> list[str]:
    return [column.key for column in at.table.user_model.columns]


def opened(at: Chooser) -> ColumnsDialog:
    at.view.arranging.open_dialog()
    dialog = words.dialog("Columns")
    assert isinstance(dialog, ColumnsDialog)
    return dialog


def test_an_attribute_becomes_a_column_that_sorts(at: Chooser) -> None:
    dialog = opened(at)
    names = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    team = names.index("team   (custom:team)")
    dialog.list.setCurrentRow(team)
    dialog.list.item(team).setCheckState(Qt.CheckState.Checked)
    for _ in range(team):
        QTest.keyClick(dialog.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    words.type_into(dialog, "Sort by 1", "team")
    words.press(dialog, "Apply")
    at.settle()
    assert columns(at)[:2] == ["custom:team", "email"]
    assert [at.table.user_model.cell(row, 0).words for row in range(3)] == ["blue", "red", ""]


def test_the_last_column_cannot_be_hidden_and_a_column_can_be_found(at: Chooser) -> None:
    dialog = opened(at)
    for row in range(dialog.list.count()):
        dialog.list.setCurrentRow(row)
        dialog.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert len(dialog.arrangement.columns) == 1
    words.type_into(dialog, "Find a column", "phone")
    seen = [dialog.list.item(row).text() for row in range(dialog.list.count()) if not dialog.list.item(row).isHidden()]
    assert seen == ["Phone"]
    words.press(dialog, "As usual")
    assert dialog.arrangement == Arrangement()
    words.press(dialog, "Cancel")
    assert len(columns(at)) == 8


def test_the_headers_menu_sorts_and_hides(at: Chooser) -> None:
    header = at.table.header
    spot = QPoint(header.sectionViewportPosition(1) + 10, 8)
    header.customContextMenuRequested.emit(spot)
    words.press(at.view, "Sort by Name")
    assert header.order == (("name", False),)
    header.customContextMenuRequested.emit(spot)
    words.press(at.view, "Hide Name")
    assert "name" not in columns(at)
    assert header.order == (("email", False),)
    header.customContextMenuRequested.emit(spot)
    words.press(at.view, "Columns as usual")
    assert "name" in columns(at)


def test_columns_widths_and_order_are_there_the_next_time(
    qtbot: QtBot, runner: JobRunner, people: FakeDesk, dressed: QApplication, tmp_path: Path
) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    wanted = Arrangement(("email", "custom:team"), (("email", 300),), (("custom:team", True), ("email", False)))
    first = Chooser(qtbot, runner, people, settings)
    first.table.arrange(wanted)
    first.table.arrangement_changed.emit(first.table.arrangement())
    first.context.set_desk(None)
    files = Workbenches(settings.config_dir)
    qtbot.waitUntil(lambda: files.load("test").arrangement == wanted)
    second = Chooser(qtbot, runner, people, settings)
    qtbot.waitUntil(lambda: second.table.arrangement() == wanted)
    second.settle()
    assert [second.table.user_model.cell(row, 1).words for row in range(3)] == ["red", "blue", ""]
    assert Workbenches(settings.config_dir).load("another").arrangement == Arrangement()
