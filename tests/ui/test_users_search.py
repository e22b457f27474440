"""Searching in the Users tab: mistakes are pointed at, facets write the search, and the list keeps what it showed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.index import DatabaseFact
from app.directory.models import UserStatus
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from tests.ui.words import press, rows, see, wait_to_see
from ui.context import Context
from ui.jobs import JobRunner
from ui.tabs.users.facet_line import FacetLine
from ui.tabs.users.view import UsersView


class Desk:
    """The tab, with a few people of several kinds."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, search: str = "") -> None:
        self.qtbot = qtbot
        people = [
            user("carla", name="Inês Carla"),
            user("mora", UserStatus.UNCONFIRMED),
            user("zoe", UserStatus.UNCONFIRMED, enabled=False),
        ]
        fake = FakeDesk(people)
        fake.index.replace(people)
        fake.index.join([DatabaseFact(people[0].email, None, "active", "totp", None, "acme")])
        self.context = Context(runner, desk=fake.desk)
        self.context.set_search(search)
        self.view = UsersView(self.context)
        self.view.resize(1300, 800)
        shown(qtbot, self.view)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.view.presenter.busy)

    def search(self, text: str) -> None:
        self.context.set_search(text)
        self.settle()

    def press(self, words: str) -> None:
        press(self.view, words)
        self.settle()

    def line(self, words: str) -> FacetLine:
        lines = [line for line in self.view.findChildren(FacetLine) if line.accessibleName().startswith(words)]
        assert len(lines) == 1, [line.accessibleName() for line in lines]
        return lines[0]

    @property
    def emails(self) -> list[str]:
        return [row[0].split("@")[0] for row in rows(self.view.table)]


@pytest.fixture
def desk(dressed: QApplication, qtbot: QtBot, inline_runner: JobRunner) -> Desk:
    return Desk(qtbot, inline_runner)


def test_a_query_narrows_the_list(desk: Desk) -> None:
    desk.search("status:unconfirmed -enabled:no")
    assert desk.emails == ["mora"]
    desk.search("ines")
    assert desk.emails == ["carla"]


def test_a_mistake_is_shown_in_its_place_and_the_list_stays(desk: Desk) -> None:
    desk.search("mora")
    desk.search("mora stauts:confirmed x")
    seen = see(desk.view)
    assert "stauts:\nconfirmed x\nThere is no field “stauts”. Did you mean “status:”?" in seen
    assert "Search: mora" in seen
    assert desk.emails == ["mora"]
    desk.search("mora status:un x")
    assert "There is no field" not in see(desk.view)


def test_what_is_only_begun_is_told_after_a_while(desk: Desk) -> None:
    desk.search("created:>20")
    assert "Write a date" not in see(desk.view)
    wait_to_see(desk.view, "Write a date like 2026-01-31")
    desk.search("created:>2020")
    assert "Write a date" not in see(desk.view)
    assert len(desk.emails) == 3


def test_a_list_that_opens_with_a_mistake_shows_everybody(
    dressed: QApplication, qtbot: QtBot, inline_runner: JobRunner
) -> None:
    desk = Desk(qtbot, inline_runner, "foo:bar")
    assert "There is no field “foo”" in see(desk.view)
    assert len(desk.emails) == 3


def test_a_click_on_a_facet_searches_for_it_and_another_click_no_longer(desk: Desk) -> None:
    desk.search("example")
    desk.press("Unconfirmed: 2")
    assert desk.context.search == "example status:unconfirmed"
    assert desk.emails == ["mora", "zoe"]
    assert desk.line("Unconfirmed").accessibleDescription() == "searched for"
    desk.press("Disabled: 1")
    assert desk.context.search == "example status:unconfirmed enabled:no"
    assert desk.emails == ["zoe"]
    desk.press("Unconfirmed: 2")
    desk.press("Disabled: 1")
    assert desk.context.search == "example"


@pytest.mark.parametrize("key", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_ctrl_or_shift_leaves_people_out(desk: Desk, key: Qt.KeyboardModifier) -> None:
    line = desk.line("Unconfirmed")
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, key)
    desk.settle()
    assert desk.context.search == "-status:unconfirmed"
    assert desk.emails == ["carla"]
    assert line.accessibleDescription() == "left out"
    QTest.mouseClick(line, Qt.MouseButton.LeftButton)
    assert desk.context.search == "status:unconfirmed"


def test_facets_show_what_somebody_typed(desk: Desk) -> None:
    desk.search("-STATUS:conf onboarding:none")
    assert desk.line("Confirmed").accessibleDescription() == "left out"
    assert desk.line("not in the database").accessibleDescription() == "searched for"
    desk.press("not in the database: 2")
    assert desk.context.search == "-status:conf"
    desk.press("unknown: 2")
    assert desk.context.search == "-status:conf mfa:unknown"


def test_a_facet_does_not_throw_away_what_cannot_be_read(desk: Desk) -> None:
    desk.search("foo:bar")
    desk.press("Confirmed: 1")
    assert desk.context.search == "foo:bar status:confirmed"


def test_facets_are_walked_with_the_keyboard(desk: Desk, qtbot: QtBot) -> None:
    first, second = desk.line("Confirmed"), desk.line("Unconfirmed")
    assert first.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not second.focusPolicy() & Qt.FocusPolicy.TabFocus
    desk.view.activateWindow()
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    qtbot.waitUntil(second.hasFocus)
    QTest.keyClick(second, Qt.Key.Key_Return)
    assert desk.context.search == "status:unconfirmed"
    QTest.keyClick(second, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert desk.context.search == "-status:unconfirmed"


def test_the_search_learns_what_there_is_to_search_for(desk: Desk) -> None:
    values = desk.context.search_values
    assert values["status"] == {"UNCONFIRMED": 2, "CONFIRMED": 1}
    assert values["organization"] == {"": 2, "acme": 1}
    assert "email" in values
