"""The user table: what it shows, and that it stays with the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.index import DatabaseFact, UserIndex, UserRow
from app.directory.models import User, UserStatus
from app.onboarding.models import OnboardingStatus
from ui.theme import theme
from ui.widgets import table as table_module
from ui.widgets.badge import Shape, Tone, mfa_badge, onboarding_badge, user_badge
from ui.widgets.table import UserTable, UserTableModel
from ui.widgets.table_delegate import UserTableDelegate
from ui.widgets.table_model import COLUMNS, PAGE, PAGES, sort_of, widths

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
TITLES = [column.title for column in COLUMNS]


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


def test_selection_and_current_row_stay_with_the_people(table: UserTable) -> None:
    index = people(300)
    told: list[str | None] = []
    table.set_view(index.view())
    table.selected.connect(told.append)
    assert table.select("u00100")
    for name in ("u00040", "u00200"):
        at = table.user_model.view.position(name) if table.user_model.view else None
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        table.selectionModel().select(table.user_model.index(at or 0, 0), flags)
    index.remove("u00040")
    index.put(user("a-new-one"))
    table.set_view(index.view("", (("email", True),), locate=table.kept()))
    assert table.current_username() == "u00100"
    assert sorted(table.selection()) == ["u00100", "u00200"]
    assert shown(table, table.currentIndex().row(), "Email") == "u00100@x.example"
    assert told == ["u00100"]
    table.set_view(index.view("new"))
    assert table.selection() == []
    assert told == ["u00100", None]


def test_a_user_who_is_not_shown_cannot_be_chosen(table: UserTable) -> None:
    assert not table.select("u00001")
    table.set_view(people(3).view())
    assert not table.select("nobody")
    assert table.selection() == []


def test_a_header_click_shows_the_arrow_and_asks_for_the_order(table: UserTable) -> None:
    table.set_view(people(3).view())
    asked: list[object] = []
    table.sort_changed.connect(asked.append)
    header = table.horizontalHeader()

    def click(title: str) -> None:
        at = QPoint(header.sectionViewportPosition(TITLES.index(title)) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    click("Name")
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (1, Qt.SortOrder.AscendingOrder)
    click("Name")
    assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    click("Email")
    assert asked == [
        (("name", False), ("email", False)),
        (("name", True), ("email", False)),
        (("email", False),),
    ]
    assert table.sort == (("email", False),)


def test_every_column_sorts_by_something_that_the_index_knows() -> None:
    index = people(3)
    for number in range(len(COLUMNS)):
        for descending in (False, True):
            assert len(index.view("", sort_of(number, descending))) == 3


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
        assert table.selection() == [expected], key
    press(table, Qt.Key.Key_Return)
    assert opened == ["u00001"]
    press(table, Qt.Key.Key_PageDown)
    assert table.current_username() not in ("u00001", "u00002")
    press(table, Qt.Key.Key_Home)
    press(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert [line[:3] for line in lines] == [
        ["u00000@x.example", "U00000", "Confirmed"],
        ["u00001@x.example", "U00001", "Confirmed"],
    ]
    assert {len(line) for line in lines} == {len(COLUMNS)}


def test_copying_is_bounded_and_says_so(table: UserTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "COPIED", 5)
    told: list[tuple[int, int]] = []
    table.copied.connect(lambda done, chosen: told.append((done, chosen)))
    table.set_view(people(9).view())
    table.selectAll()
    table.copy()
    assert told == [(5, 9)]
    assert len(QGuiApplication.clipboard().text().splitlines()) == 5


def test_a_large_selection_is_counted_but_not_carried_over(table: UserTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "KEPT", 5)
    view = people(9).view()
    table.set_view(view)
    table.select("u00003")
    table.selectAll()
    assert len(table.selection()) == 9
    assert table.kept() == ["u00003"]
    table.set_view(view)
    assert table.current_username() == "u00003"
    assert table.selection() == []


def test_a_narrow_table_scrolls_sideways_and_a_wide_one_fills(table: UserTable, qtbot: QtBot) -> None:
    table.set_view(people(3).view())
    header = table.horizontalHeader()
    assert [header.sectionSize(i) for i in range(len(COLUMNS))] == [column.width for column in COLUMNS]
    assert table.horizontalScrollBar().maximum() == header.length() - table.viewport().width() > 0
    table.resize(1700, 400)
    qtbot.waitUntil(lambda: table.viewport().width() > 1600)
    assert 0 <= table.viewport().width() - header.length() < 8
    assert table.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize(
    ("room", "in_sight"),
    [(1300, TITLES), (780, TITLES[:5]), (664, TITLES[:5]), (656, TITLES[:5]), (558, TITLES[:4]), (490, TITLES[:4])],
)
def test_where_there_is_little_room_email_and_name_give_way_to_what_matters(room: int, in_sight: list[str]) -> None:
    made = widths(room)
    assert sum(made[: len(in_sight)]) <= room
    assert made[2:5] == [column.width for column in COLUMNS[2:5]], "a pill is never cut"
    assert made[0] >= 172
    if len(in_sight) < len(COLUMNS) and made[0] < COLUMNS[0].width:
        assert room - sum(made[: len(in_sight)]) < 3, "no room is lost"


def test_every_status_fits_its_column(table: UserTable) -> None:
    look = table.itemDelegate()
    assert isinstance(look, UserTableDelegate)
    room = dict(zip(TITLES, widths(600), strict=True))
    for status in OnboardingStatus:
        assert look.look.width("", onboarding_badge(status)) <= room["Onboarding"], status
    for method in ("totp", "sms", "email", "none"):
        assert look.look.width("", mfa_badge(method)) <= room["MFA"], method
    assert look.look.width("", user_badge(UserStatus.FORCE_CHANGE_PASSWORD, expired=True)) <= room["Cognito"]
    for user_status in UserStatus:
        assert look.look.width("", user_badge(user_status)) <= room["Cognito"], user_status


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
