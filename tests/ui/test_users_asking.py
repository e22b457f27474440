"""What the Users tab asks on demand: groups, and second factors of many. On the real demo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_demo
from app.errors import AppError, ErrorCode
from app.learning import Learning, Way
from app.permissions import Action, Operator, Role
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.ui import words
from tests.ui.conftest import shown
from ui.context import Context, Toast
from ui.dialogs.ask_factors import AskFactorsDialog
from ui.jobs import JobRunner
from ui.tabs.users.view import UsersView

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
MORE = "More for the whole list"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path_factory.mktemp("demo"))})
    made = open_demo(Work(), settings=settings, secrets=SecretStore(), people=40)
    yield made
    made.close()


class Person:
    """Somebody at the Users tab, with everybody loaded."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk)
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.view = UsersView(self.context)
        shown(qtbot, self.view)
        self.view.resize(1252, 818)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.view.presenter.busy and not self.context.runner.busy, timeout=20_000)

    def search(self, text: str) -> None:
        self.context.set_search(text)
        self.settle()

    def emails(self) -> set[str]:
        listing = self.view.presenter.listing
        return set() if listing is None else {row.email for row in listing.view.rows(0, 99)}

    def choose(self, entry: str) -> None:
        words.press(self.view, MORE)
        words.press(self.view, entry)

    def dialog(self) -> AskFactorsDialog:
        found = words.dialog("Ask Cognito for second factors")
        assert isinstance(found, AskFactorsDialog)
        return found


@pytest.fixture
def person(qtbot: QtBot, runner: JobRunner, demo: Desk) -> Person:
    demo.index.replace(())
    demo.people.loaded = None
    return Person(qtbot, runner, demo)


def test_a_search_for_a_group_offers_to_read_groups(person: Person) -> None:
    person.search("group:admin")
    assert "Groups have not been read" in words.see(person.view)
    words.press(person.view.states, "Show groups")
    person.settle()
    members = {user.email for page in person.desk.memberships.members("admin", Work()) for user in page.users}
    assert person.emails() == members
    assert "groups" in [column.key for column in person.view.table.user_model.columns]
    assert "in at least one" in person.toasts[-1].text


def test_groups_are_a_column_a_count_and_a_click(person: Person) -> None:
    person.choose("Show groups")
    person.settle()
    facets = words.see(person.view.facets)
    assert "Groups" in facets
    assert "in no group" in facets
    words.press(person.view.facets, "in no group...")
    person.settle()
    assert person.context.search == "group:none"
    assert all(row.groups == () for row in person.view.presenter.listing.view.rows(0, 9))  # type: ignore[union-attr]


def test_a_pool_that_may_not_be_asked_says_so(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AppError(ErrorCode.ACCESS_DENIED, "AWS denied it.", subject="cognito-idp:ListGroups")

    monkeypatch.setattr(person.desk.learning, "groups", refuse)
    person.choose("Show groups")
    words.wait_for(lambda: any("ListGroups" in words.see(each) for each in words.windows()), "the reason")
    for window in words.windows():
        if window is not person.view:
            window.close()


def test_the_cost_is_said_before_and_changes_with_the_choice(person: Person) -> None:
    person.search("status:confirmed")
    people = len(person.emails())
    person.choose("Ask Cognito for second factors…")
    dialog = person.dialog()
    said = words.see(dialog)
    assert f"up to {people} people" in said
    assert f"{people} requests" in said
    assert "nobody has proven" in said
    way = dialog.form.field("way")
    assert isinstance(way, QComboBox)
    words.type_into(dialog, "Operation", "AdminGetUser")
    assert f"This may bill {people} people as active users" in words.see(dialog)
    words.type_into(dialog, "Who", f"Everybody ({person.view.presenter.listing.total} people)")  # type: ignore[union-attr]
    assert f"Ask for {person.view.presenter.listing.total} people" in words.see(dialog)  # type: ignore[union-attr]
    dialog.reject()
    assert person.desk.journal.entries(subject="users") == []


def test_the_answers_fill_the_column_and_the_journal(person: Person) -> None:
    person.search("amira")
    person.choose("Ask Cognito for second factors…")
    dialog = person.dialog()
    assert dialog.way is Way.FACTORS
    words.press(dialog, "Ask for 1 person")
    person.qtbot.waitUntil(lambda: bool(person.toasts), timeout=20_000)
    person.settle()
    assert person.toasts[-1].text == "Cognito told the second factors of 1 person."
    entry = person.desk.journal.entries(subject="users")[0]
    assert (entry.action, entry.details["operation"]) == (Action.ASK_FACTORS, "AdminGetUserAuthFactors")


def test_a_refused_operation_names_the_other_and_does_not_take_it(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AppError(ErrorCode.NOT_SUPPORTED, "This pool does not offer AdminGetUserAuthFactors.")

    monkeypatch.setattr(person.desk.learning, "factors", refuse)
    person.search("amira")
    person.choose("Ask Cognito for second factors…")
    words.press(person.dialog(), "Ask for 1 person")
    words.wait_for(
        lambda: any("AdminGetUser tells them too" in words.see(each) for each in words.windows()), "the way out"
    )
    for window in words.windows():
        if window is not person.view:
            window.close()


def test_support_is_told_why_not(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person.desk, "operator", Operator("sue", Role.SUPPORT))
    words.press(person.view, MORE)
    assert "second factors of many people" in words.reason(person.view, "Ask Cognito for second factors…")
    person.view.whole.button.menu().close()


def test_it_can_be_stopped(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(self: Learning, way: Way) -> Callable[[str], str]:
        def ask(username: str) -> str:
            begun.set()
            go_on.wait(20)
            return "totp"

        return ask

    monkeypatch.setattr(Learning, "_ask", slow)
    person.choose("Ask Cognito for second factors…")
    words.press(person.dialog(), "Ask for ... people")
    person.qtbot.waitUntil(begun.is_set, timeout=20_000)
    job = next(job for job in person.context.runner.jobs() if job.name.startswith("Asking for") and job.under_way)
    person.context.runner.cancel(job.id)
    go_on.set()
    person.qtbot.waitUntil(lambda: bool(person.toasts), timeout=20_000)
    assert person.toasts[-1].text == "Stopped. What Cognito has told so far is shown."
    person.settle()
