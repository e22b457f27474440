"""The columns of the user table: order, widths, what they sort by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.directory.index import UserIndex
from app.directory.models import UserStatus
from app.onboarding.models import OnboardingStatus
from app.workbench import Arrangement
from tests.ui.test_table import COLUMNS, SHIFT, TITLES, people, table, user
from tests.ui.test_table_choice import drag
from ui.widgets.badge import mfa_badge, onboarding_badge, user_badge
from ui.widgets.table import UserTable
from ui.widgets.table_columns import CATALOGUE, DEFAULT, widths
from ui.widgets.table_delegate import UserTableDelegate

__all__ = ["table"]


def click_header(table: UserTable, title: str, modifier: Qt.KeyboardModifier) -> None:
    header = table.header
    at = QPoint(header.sectionViewportPosition(TITLES.index(title)) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, modifier, at)


def test_a_header_click_sorts_and_with_shift_by_one_more_column(
    table: UserTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.set_view(people(3).view())
    asked: list[object] = []
    table.sort_changed.connect(asked.append)
    held = Qt.KeyboardModifier.NoModifier
    monkeypatch.setattr(QGuiApplication, "keyboardModifiers", lambda: held)
    for title, held in (
        ("Name", Qt.KeyboardModifier.NoModifier),
        ("Name", Qt.KeyboardModifier.NoModifier),
        ("Cognito", SHIFT),
        ("Cognito", SHIFT),
        ("Email", SHIFT),
        ("Cognito", SHIFT),
        ("Email", Qt.KeyboardModifier.NoModifier),
    ):
        click_header(table, title, held)
    assert asked == [
        (("name", False), ("email", False)),
        (("name", True), ("email", False)),
        (("name", True), ("status", False), ("email", False)),
        (("name", True), ("status", True), ("email", False)),
        (("name", True), ("status", True), ("email", False)),
        (("name", True), ("email", False)),
        (("email", False),),
    ]
    table.header.sort_by("name")
    table.header.sort_by("status", further=True)
    told = table.user_model.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Cognito, sorts ascending, rank 2"


def test_every_column_sorts_by_something_that_the_index_knows() -> None:
    index = people(3)
    for key in (*CATALOGUE, "custom:shoe_size", "locale"):
        for descending in (False, True):
            assert len(index.view("", ((key, descending),))) == 3


def test_columns_are_chosen_moved_and_resized_and_told(table: UserTable, qtbot: QtBot) -> None:
    index = UserIndex()
    index.replace([replace(user(name), attributes={**user(name).attributes, "custom:team": name[0]}) for name in "ab"])
    table.set_view(index.view())
    table.selectRow(1)
    told: list[Arrangement] = []
    table.arrangement_changed.connect(told.append)
    made = Arrangement(("custom:team", "email", "phone"), (("email", 300),), (("custom:team", True),))
    sorts: list[object] = []
    table.sort_changed.connect(sorts.append)
    table.arrange(made)
    assert sorts == [(("custom:team", True), ("email", False))]
    assert table.arrangement() == made
    assert [table.user_model.cell(0, column).words for column in range(3)] == ["a", "a@x.example", ""]
    titles = [table.user_model.headerData(column, Qt.Orientation.Horizontal) for column in range(3)]
    assert titles == ["team", "Email", "Phone"]
    assert (table.current_username(), table.header.sectionSize(1)) == ("b", 300)
    assert told == []
    table.header.moveSection(0, 2)
    qtbot.waitUntil(lambda: bool(told))
    assert told[-1].columns == ("email", "phone", "custom:team")
    assert table.user_model.cell(0, 0).words == "a@x.example"
    edge = QPoint(table.header.sectionSize(0) - 1, table.header.height() // 2)
    QTest.mousePress(table.header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, edge)
    for further in (5, 40):
        drag(table.header.viewport(), edge + QPoint(further, 0))
    QTest.mouseRelease(
        table.header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, edge + QPoint(40, 0)
    )
    assert dict(told[-1].widths)["email"] > 300
    table.arrange(Arrangement())
    assert table.arrangement() == Arrangement()
    assert [column.key for column in table.user_model.columns] == list(DEFAULT)


@pytest.mark.parametrize(
    ("room", "in_sight"),
    [(1300, 8), (1000, 7), (760, 5), (672, 4), (641, 4), (620, 4), (560, 4), (480, 3), (400, 2), (100, 1)],
)
def test_where_there_is_little_room_columns_are_whole_or_not_in_sight(room: int, in_sight: int) -> None:
    made = widths(COLUMNS, room)
    assert room - 8 < sum(made[:in_sight]) <= max(room, made[0])
    assert made[2:5] == [column.width for column in COLUMNS[2:5]], "a pill is never cut"
    assert made[0] >= 228, "the usual address is whole"


def test_a_width_that_somebody_has_set_stays() -> None:
    assert widths(COLUMNS, 700, {"email": 300})[0] == 300
    assert widths(COLUMNS, 2000, {"email": 100, "name": 90})[:2] == [100, 90]


def test_every_status_fits_its_column(table: UserTable) -> None:
    look = table.itemDelegate()
    assert isinstance(look, UserTableDelegate)
    room = dict(zip(TITLES, widths(COLUMNS, 600), strict=True))
    for status in OnboardingStatus:
        assert look.look.width("", onboarding_badge(status)) <= room["Onboarding"], status
    for method in ("totp", "sms", "email", "none"):
        assert look.look.width("", mfa_badge(method)) <= room["MFA"], method
    assert look.look.width("", user_badge(UserStatus.FORCE_CHANGE_PASSWORD, expired=True)) <= room["Cognito"]
    for user_status in UserStatus:
        assert look.look.width("", user_badge(user_status)) <= room["Cognito"], user_status
