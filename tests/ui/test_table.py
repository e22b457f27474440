"""The user table: what it shows, and that it stays with the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.index import DatabaseFact, UserIndex, UserRow
from app.directory.models import User, UserStatus
from app.directory.selection import Picked
from ui.theme import theme
from ui.widgets.badge import Shape, Tone
from ui.widgets.table import UserTable, UserTableModel
from ui.widgets.table_columns import DEFAULT, columns_of, widths
from ui.widgets.table_delegate import UserTableDelegate
from ui.widgets.table_model import PAGE, PAGES

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
COLUMNS = columns_of(DEFAULT)
TITLES = [column.title for column in COLUMNS]
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def user(name: str, status: UserStatus = UserStatus.CONFIRMED, *, days: int = 30, enabled: bool = True) -> User:
    at = NOW - timedelta(days=days)
    return User(name, status, enabled, at, at, {"sub": name, "email": f"{name}@x.example", "name": name.title()})


def people(count: int) -> UserIndex:
    index = UserIndex()
    index.replace(user(f"u{i:05}") for i in range(count))
    return index


@pytest.fixture
def table(qtbot: QtBot, dressed: QApplication) -> UserTable:
    made = UserTable(model=UserTableModel(now=lambda: NOW))
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    return made


def shown(table: UserTable, row: int, title: str) -> str:
    return str(table.user_model.index(row, TITLES.index(title)).data())


def press(table: UserTable, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(table, key, modifier)


def click(table: UserTable, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table.scrollTo(table.user_model.index(row, 0))
    at = table.visualRect(table.user_model.index(row, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, at)


def picked(table: UserTable) -> list[str]:
    selection = table.selection()
    assert isinstance(selection, Picked)
    return list(selection.usernames)


@pytest.mark.parametrize(
    ("who", "word", "tone", "shape"),
    [
        (user("a"), "Confirmed", Tone.OK, Shape.DOT),
        (user("a", UserStatus.FORCE_CHANGE_PASSWORD, days=6), "Force change", Tone.WARN, Shape.TRIANGLE),
        (user("a", UserStatus.FORCE_CHANGE_PASSWORD, days=8), "Password expired", Tone.BAD, Shape.SQUARE),
        (user("a", UserStatus.UNCONFIRMED), "Unconfirmed", Tone.WARN, Shape.TRIANGLE),
        (user("a", UserStatus.RESET_REQUIRED), "Reset required", Tone.WARN, Shape.TRIANGLE),
        (user("a", enabled=False), "Disabled", Tone.NEUTRAL, Shape.DASHED),
    ],
)
def test_cognito_status_is_a_word_with_a_shape(
    table: UserTable, who: User, word: str, tone: Tone, shape: Shape
) -> None:
    index = UserIndex()
    index.put(who)
    table.set_temporary_password_validity(7)
    table.set_view(index.view())
    badge = table.user_model.cell(0, TITLES.index("Cognito")).badge
    assert badge is not None
    assert (badge.text, badge.tone, badge.drawn_shape) == (word, tone, shape)
    assert shown(table, 0, "Cognito") == word


def test_nothing_expires_while_the_validity_is_unknown_and_it_shows_when_it_is_known(table: UserTable) -> None:
    index = UserIndex()
    index.put(user("a", UserStatus.FORCE_CHANGE_PASSWORD, days=20))
    table.set_view(index.view())
    assert shown(table, 0, "Cognito") == "Force change"
    table.set_temporary_password_validity(7)
    assert shown(table, 0, "Cognito") == "Password expired"
    table.set_temporary_password_validity(90)
    assert shown(table, 0, "Cognito") == "Force change"


def test_what_the_database_says(table: UserTable) -> None:
    index = people(4)
    table.set_view(index.view())
    assert (shown(table, 0, "MFA"), shown(table, 0, "Onboarding")) == ("–", "–")
    index.join(
        [
            DatabaseFact("", "u00000", "pending_mfa", "totp", False, "acme"),
            DatabaseFact("", "u00001", "active", None, True, None),
            DatabaseFact("", "u00002", "active", None, False, None),
        ]
    )
    table.set_view(index.view())
    assert [shown(table, row, "MFA") for row in range(4)] == ["TOTP", "none", "none", "–"]
    assert [shown(table, row, "Onboarding") for row in range(2)] == ["Pending MFA", "Active"]
    assert shown(table, 3, "Onboarding") == "not in database"
    assert shown(table, 0, "Organisation") == "acme"
    required = table.user_model.cell(1, TITLES.index("MFA"))
    assert required.badge is not None
    assert required.badge.tone is Tone.WARN
    assert "required" in required.hint


def test_dates_are_local_with_the_exact_utc_as_tooltip(table: UserTable) -> None:
    table.set_view(people(1).view())
    index = table.user_model.index(0, TITLES.index("Created"))
    local = (NOW - timedelta(days=30)).astimezone()
    assert shown(table, 0, "Created").endswith(f"{local:%H:%M}")
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "2026-10-02 12:00:00 UTC"


def test_the_model_keeps_qts_rules_while_views_change(table: UserTable) -> None:
    tester = QAbstractItemModelTester(table.user_model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for count in (3, 0, 400, 400, 12):
        table.set_view(people(count).view())
        assert table.user_model.rowCount() == count
    table.set_view(None)
    assert table.user_model.rowCount() == 0
    assert tester.model() is table.user_model


def test_only_the_pages_in_sight_are_read_and_few_are_kept(table: UserTable, monkeypatch: pytest.MonkeyPatch) -> None:
    view = people(PAGE * 60).view()
    read: list[int] = []
    rows = view.rows

    def counted(start: int, stop: int) -> list[UserRow]:
        read.append(start)
        return rows(start, stop)

    monkeypatch.setattr(view, "rows", counted)
    table.set_view(view)
    table.viewport().repaint()
    assert set(read) == {0}
    for page in range(60):
        assert shown(table, page * PAGE, "Email").startswith(f"u{page * PAGE:05}")
    assert len(read) == 60
    shown(table, 59 * PAGE, "Email")
    assert len(read) == 60
    assert len(table.user_model._pages) <= PAGES
    assert len(table.user_model._cells) <= PAGES * PAGE


def test_a_user_who_is_not_shown_cannot_be_chosen(table: UserTable) -> None:
    assert not table.select("u00001")
    table.set_view(people(3).view())
    assert not table.select("nobody")
    assert picked(table) == []


def test_keys_move_open_and_copy(table: UserTable) -> None:
    table.set_view(people(200).view())
    opened: list[str] = []
    table.opened.connect(opened.append)
    table.select("u00000")
    for key, expected in (
        (Qt.Key.Key_End, "u00199"),
        (Qt.Key.Key_Up, "u00198"),
        (Qt.Key.Key_Home, "u00000"),
        (Qt.Key.Key_Down, "u00001"),
        (Qt.Key.Key_Right, "u00001"),
        (Qt.Key.Key_X, "u00001"),
    ):
        press(table, key)
        assert picked(table) == [expected], key
    press(table, Qt.Key.Key_Return)
    assert opened == ["u00001"]
    press(table, Qt.Key.Key_PageDown)
    assert table.current_username() not in ("u00001", "u00002")
    press(table, Qt.Key.Key_Home)
    press(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0] == TITLES
    assert [line[:3] for line in lines[1:]] == [
        ["u00000@x.example", "U00000", "Confirmed"],
        ["u00001@x.example", "U00001", "Confirmed"],
    ]
    assert {len(line) for line in lines} == {len(COLUMNS)}


def test_a_narrow_table_scrolls_sideways_and_a_wide_one_fills(table: UserTable, qtbot: QtBot) -> None:
    table.set_view(people(3).view())
    header = table.horizontalHeader()
    assert [header.sectionSize(i) for i in range(len(COLUMNS))] == widths(COLUMNS, table.viewport().width())
    assert table.horizontalScrollBar().maximum() == header.length() - table.viewport().width() > 0
    table.resize(1700, 400)
    qtbot.waitUntil(lambda: table.viewport().width() > 1600)
    assert 0 <= table.viewport().width() - header.length() < 8
    assert table.horizontalScrollBar().maximum() == 0


def test_a_text_that_is_cut_is_whole_in_the_tooltip(table: UserTable) -> None:
    index = UserIndex()
    index.put(user("a" * 80))
    index.put(user("b"))
    table.set_view(index.view())
    delegate = table.itemDelegate()
    assert isinstance(delegate, UserTableDelegate)
    long, short = (table.user_model.index(row, 0) for row in (0, 1))
    assert delegate.tip(long, table.visualRect(long)) == "a" * 80 + "@x.example"
    assert delegate.tip(short, table.visualRect(short)) == ""


def test_density_changes_the_rows(table: UserTable) -> None:
    table.set_view(people(3).view())
    assert table.rowHeight(0) == 32
    table.set_density("compact")
    assert table.rowHeight(0) == 26


def test_the_table_has_names_for_a_screen_reader(table: UserTable) -> None:
    table.set_view(people(1).view())
    assert table.accessibleName() == "Users"
    assert table.horizontalHeader().accessibleName()
    cell = table.user_model.index(0, TITLES.index("Cognito"))
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Confirmed"


def test_colours_follow_the_theme(table: UserTable) -> None:
    table.set_view(people(3).view())
    table.select("u00000")

    def background() -> str:
        spot = table.viewport().mapTo(table, table.visualRect(table.currentIndex()).center() + QPoint(60, 0))
        return table.grab().toImage().pixelColor(spot).name()

    assert background() == theme.css("sel").lower()
    theme.choose("dark")
    assert background() == theme.css("sel").lower()
