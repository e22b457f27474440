"""A pool that is too large to be loaded: what the Users tab finds, says and offers. On the real demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_demo
from app.directory.filters import starts_with
from app.errors import AppError, ErrorCode
from app.reach import Reach, Search
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.conftest import shown
from tests.unit.sheets import read
from ui.context import Context
from ui.jobs import JobRunner
from ui.tabs.users.view import UsersView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PEOPLE = 150


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    environ = {"COGNITO_DESK_HOME": str(tmp_path_factory.mktemp("demo")), "COGNITO_DESK_LOAD_LIMIT": "100"}
    made = open_demo(Work(), settings=Settings.load(environ), secrets=SecretStore(), people=PEOPLE)
    yield made
    made.close()


class Person:
    """Somebody at the Users tab of a pool with more people than are loaded."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk)
        self.view = UsersView(self.context)
        shown(qtbot, self.view)
        self.view.resize(1252, 818)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.view.presenter.busy and not self.context.runner.busy, timeout=20_000)

    def search(self, text: str) -> None:
        self.context.set_search(text)
        self.settle()

    def emails(self) -> list[str]:
        listing = self.view.presenter.listing
        return [] if listing is None else [row.email for row in listing.view.rows(0, PEOPLE)]

    def seen(self) -> str:
        return words.see(self.view)


@pytest.fixture
def person(qtbot: QtBot, runner: JobRunner, demo: Desk, monkeypatch: pytest.MonkeyPatch) -> Person:
    demo.index.partial = False
    demo.index.replace(())
    demo.people.loaded = None
    fresh = Reach(demo.reach._users, demo.reach._groups, demo.index, demo.reach._database, demo.reach.limit)
    monkeypatch.setattr(demo, "reach", fresh)
    return Person(qtbot, runner, demo)


def test_it_says_that_nothing_is_loaded_and_shows_the_first_people(person: Person) -> None:
    assert len(person.emails()) == 60
    assert "the first 60 of about 150" in person.seen()
    assert "Server search" in person.seen()
    assert "Shows everybody, in no order." in person.seen()
    assert "Onboarding" in words.see(person.view.facets)


def test_scrolling_to_the_end_finds_more(person: Person) -> None:
    for expected in (120, PEOPLE):
        bar = person.view.table.verticalScrollBar()
        bar.setValue(bar.maximum())
        person.settle()
        assert len(person.emails()) == expected
    assert "150 found of about 150" in person.seen()


def test_a_word_is_a_beginning_and_the_person_can_be_worked_with(person: Person) -> None:
    person.search("carla.m")
    assert person.emails() == ["carla.moreno@tidewater.example"]
    assert "“carla.m” at the beginning" in person.seen()
    assert "1 found of about 150" in person.seen()
    person.view.table.selectRow(0)
    person.settle()
    assert "The temporary password has expired." in words.see(person.view.pane)


def test_onboarding_is_asked_of_the_database(person: Person) -> None:
    person.search("onboarding:pending_mfa")
    rows = person.view.presenter.listing
    assert rows is not None
    assert {row.onboarding for row in rows.view.rows(0, 99)} == {"pending_mfa"}
    assert "rows of the database: pending MFA" in person.seen()


def test_a_change_shows_at_once(person: Person) -> None:
    person.search("amira.haddad")
    person.view.table.selectRow(0)
    person.settle()
    user = person.view.people.person
    assert user is not None
    person.view.commands.run("user.disable")
    words.answer(person.view, "Disable amira.haddad@northwind.example?", press="Disable")
    person.settle()
    assert "Disabled" in words.rows(person.view.table)[0]
    person.desk.people.enable(replace(user.user, enabled=False))


def test_what_cannot_be_asked_says_why_and_offers_to_load(person: Person) -> None:
    person.search("custom:team:blue")
    assert "Cognito does not search custom attributes." in person.seen()
    words.press(person.view.states, "Load everybody…")
    words.answer(person.view, "Load about 150 people?", press="Load everybody")
    person.qtbot.waitUntil(lambda: person.desk.people.loaded is not None, timeout=20_000)
    person.search("")
    assert len(person.emails()) == PEOPLE
    assert "Server search" not in person.seen()
    person.search("arla.mor")
    assert person.emails() == ["carla.moreno@tidewater.example"]


def test_the_question_can_be_declined(person: Person) -> None:
    words.press(person.view, "Load everybody…")
    dialog = words.dialog("Load about 150 people?")
    assert "ListUsers quota" in words.see(dialog)
    dialog.reject()
    person.settle()
    assert person.view.presenter.server.active


def test_nobody_found_says_what_was_looked_at(person: Person) -> None:
    person.search("nobody-at-all")
    assert "Nobody was found" in person.seen()
    assert "only beginnings are found" in person.seen()
    words.press(person.view.states, "Clear the search")
    person.settle()
    assert len(person.emails()) == 60


def test_a_failure_keeps_whom_it_found_and_can_be_tried_again(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    real = person.desk.reach.listed

    def down(*_: object) -> None:
        raise AppError(ErrorCode.UNREACHABLE, "Cognito cannot be reached.", retryable=True)

    monkeypatch.setattr(person.desk.reach, "listed", down)
    bar = person.view.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    person.settle()
    assert "Cognito cannot be reached." in person.seen()
    assert len(person.emails()) == 60
    monkeypatch.setattr(person.desk.reach, "listed", real)
    bar.setValue(0)  # at the end of the list the next page would be asked for at once
    words.press(person.view.states, "Retry")
    person.settle()
    assert "Cognito cannot be reached." not in person.seen()
    assert len(person.emails()) == 60


def test_typing_on_asks_once(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = person.desk.reach.search

    def search(text: str) -> Search:
        asked.append(text)
        return real(text)

    monkeypatch.setattr(person.desk.reach, "search", search)
    for end in range(1, 8):
        person.context.set_search("carla.m"[:end])
    person.settle()
    assert asked == ["carla.m"]


def test_an_export_is_of_those_who_were_found(person: Person) -> None:
    person.search("onboarding:rejected")
    words.press(person.view, "More for the whole list")
    words.press(person.view, "Export…")
    dialog = words.dialog("Export people")
    assert isinstance(dialog, QDialog)
    assert "Those who were found so far" in dialog.form.field("who").currentText()  # type: ignore[attr-defined]
    dialog.reject()


def test_choosing_everybody_means_those_who_were_found(person: Person) -> None:
    person.search("group:admin")
    person.view.table.selectAll()
    chosen = person.desk.index.chosen(person.view.table.selection())
    assert len(chosen) == len(person.emails()) > 0
    words.press(person.view, "More for the whole list")
    assert "group:NAME" in words.reason(person.view, "Show groups")
    person.view.whole.button.menu().close()


def test_an_export_can_be_of_all_whom_the_search_finds(person: Person, tmp_path: Path) -> None:
    words.press(person.view, "More for the whole list")
    words.press(person.view, "Export…")
    dialog = words.dialog("Export people")
    words.type_into(dialog, "Who", "All whom the search finds, to its end")
    words.type_into(dialog, "File", str(tmp_path / "people.jsonl"))
    words.press(dialog, "Export")
    person.qtbot.waitUntil(lambda: (tmp_path / "people.jsonl").exists(), timeout=20_000)
    person.settle()
    assert len(read(tmp_path / "people.jsonl")) == PEOPLE
    assert len(person.emails()) == PEOPLE


def test_somebody_who_is_asked_for_from_elsewhere_is_found(person: Person) -> None:
    page = person.desk.reach._users.list_page(filter=starts_with("email", "olga.sava@"))
    person.view.open_at({"username": page.users[0].username})
    person.settle()
    person.qtbot.waitUntil(lambda: person.view.table.current_username() == page.users[0].username, timeout=10_000)


def test_the_members_of_a_group_are_found(person: Person) -> None:
    person.search("group:admin")
    assert "who is in the group “admin”" in person.seen()
    assert person.emails()
    person.search("group:no-such-group")
    assert "no such group" in person.seen().lower() or "no group" in person.seen().lower()


def test_a_search_that_is_no_query_is_told_in_its_place(person: Person) -> None:
    person.search("colour:red")
    assert "There is no field “colour”" in person.seen()
    assert len(person.emails()) == 60
