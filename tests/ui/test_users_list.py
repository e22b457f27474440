"""The list of people: loading, searching, empty and failed states, without a window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from tests.ui.users_desk import FakeDesk, user
from ui.context import Change, Context, Topic
from ui.jobs import JobRunner
from ui.tabs.users.presenter import UsersPresenter
from ui.view_state import Empty, Failed, Loading, Ready

Make = Callable[..., UsersPresenter]


@pytest.fixture
def people() -> FakeDesk:
    return FakeDesk([user("carla"), user("mora"), user("zoe")])


@pytest.fixture
def presenter(inline_runner: JobRunner, people: FakeDesk) -> UsersPresenter:
    return UsersPresenter(Context(inline_runner, desk=people.desk))


def names(presenter: UsersPresenter) -> list[str]:
    return [] if presenter.listing is None else [row.username for row in presenter.listing.view.rows(0, 100)]


def shows(presenter: UsersPresenter, kind: type) -> bool:
    return isinstance(presenter.state, kind)


def load(qtbot: QtBot, presenter: UsersPresenter) -> None:
    presenter.load()
    qtbot.waitUntil(lambda: not presenter.loading)
    settle(qtbot, presenter)


def settle(qtbot: QtBot, presenter: UsersPresenter) -> None:
    qtbot.waitUntil(lambda: not presenter.busy)


def test_the_whole_pool_is_listed_by_email(qtbot: QtBot, presenter: UsersPresenter) -> None:
    assert shows(presenter, Loading)
    notes: list[str] = []
    presenter.summary_changed.connect(notes.append)
    load(qtbot, presenter)
    assert names(presenter) == ["carla", "mora", "zoe"]
    assert shows(presenter, Ready)
    assert notes[-1].startswith("3 · as of ")


def test_searching_narrows_and_the_summary_says_of_how_many(qtbot: QtBot, presenter: UsersPresenter) -> None:
    notes: list[str] = []
    presenter.summary_changed.connect(notes.append)
    load(qtbot, presenter)
    presenter.search("mor")
    settle(qtbot, presenter)
    assert names(presenter) == ["mora"]
    assert notes[-1].startswith("1 of 3 · as of ")


def test_the_newest_search_wins(qtbot: QtBot, presenter: UsersPresenter) -> None:
    load(qtbot, presenter)
    for text in ("m", "mo", "zo"):
        presenter.search(text)
    settle(qtbot, presenter)
    assert names(presenter) == ["zoe"]


def test_the_windows_search_field_is_followed(qtbot: QtBot, inline_runner: JobRunner, people: FakeDesk) -> None:
    context = Context(inline_runner, desk=people.desk)
    presenter = UsersPresenter(context)
    load(qtbot, presenter)
    context.set_search("carl")
    settle(qtbot, presenter)
    assert names(presenter) == ["carla"]


def test_another_order_is_asked_of_the_index(qtbot: QtBot, presenter: UsersPresenter) -> None:
    load(qtbot, presenter)
    presenter.order_by((("email", True),))
    settle(qtbot, presenter)
    assert names(presenter) == ["zoe", "mora", "carla"]


def test_nobody_matches(qtbot: QtBot, presenter: UsersPresenter) -> None:
    load(qtbot, presenter)
    presenter.search("xyz")
    settle(qtbot, presenter)
    state = presenter.state
    assert isinstance(state, Empty)
    assert (state.title, presenter.remedy) == ("Nobody matches “xyz”", "clear")


def test_an_empty_pool_invites_to_create_the_first_user(qtbot: QtBot, inline_runner: JobRunner) -> None:
    presenter = UsersPresenter(Context(inline_runner, desk=FakeDesk([]).desk))
    load(qtbot, presenter)
    state = presenter.state
    assert isinstance(state, Empty)
    assert (state.action, presenter.remedy) == ("Create the first user", "create")


def test_a_failed_listing_can_be_retried(qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk) -> None:
    denied = AppError(ErrorCode.ACCESS_DENIED, "Not authorised.", subject="cognito-idp:ListUsers")
    people.fake.refuse["load"] = denied
    load(qtbot, presenter)
    assert shows(presenter, Failed)
    people.fake.refuse.clear()
    load(qtbot, presenter)
    assert shows(presenter, Ready)


def test_a_listing_that_was_stopped_before_anybody_was_read_can_be_begun_again(
    qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk
) -> None:
    people.fake.stop_load = True
    load(qtbot, presenter)
    state = presenter.state
    assert isinstance(state, Empty)
    assert (state.title, presenter.remedy) == ("Listing was stopped", "load")
    people.fake.stop_load = False
    load(qtbot, presenter)
    assert shows(presenter, Ready)


def test_a_failed_refresh_keeps_what_was_there(qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk) -> None:
    load(qtbot, presenter)
    people.fake.refuse["load"] = AppError(ErrorCode.THROTTLED, "Slow down.")
    load(qtbot, presenter)
    state = presenter.state
    assert isinstance(state, Failed)
    assert state.keep_content
    assert names(presenter) == ["carla", "mora", "zoe"]


def test_without_the_right_to_describe_the_pool_people_are_listed_all_the_same(
    qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk
) -> None:
    people.snapshot = AppError(ErrorCode.ACCESS_DENIED, "No.", subject="cognito-idp:DescribeUserPool")
    load(qtbot, presenter)
    assert names(presenter) == ["carla", "mora", "zoe"]
    assert presenter.pool is None


def test_where_cognito_is_away_it_is_not_asked_twice(qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk) -> None:
    people.snapshot = AppError(ErrorCode.UNREACHABLE, "No route.")
    load(qtbot, presenter)
    assert presenter.state == Failed(people.snapshot)
    assert ("load", None) not in people.fake.calls


def test_a_database_that_is_away_is_told_and_asked_again(
    qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk
) -> None:
    told: list[object] = []
    presenter.database_changed.connect(told.append)
    people.fake.database = away = AppError(ErrorCode.DATABASE_UNREACHABLE, "No answer.")
    load(qtbot, presenter)
    assert told == [away]
    people.fake.database = None
    presenter.join_database_again()
    qtbot.waitUntil(lambda: told[-1] is None)


def test_no_database_at_all_is_no_fault(qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk) -> None:
    told: list[object] = []
    presenter.database_changed.connect(told.append)
    people.fake.database = AppError(ErrorCode.DATABASE_MISSING, "None.")
    load(qtbot, presenter)
    assert told == [None]


def test_a_change_elsewhere_shows_at_once(qtbot: QtBot, inline_runner: JobRunner, people: FakeDesk) -> None:
    context = Context(inline_runner, desk=people.desk)
    presenter = UsersPresenter(context)
    load(qtbot, presenter)
    people.index.remove("mora")
    context.announce(Change(Topic.USERS, ("mora",), "another tab"))
    settle(qtbot, presenter)
    assert names(presenter) == ["carla", "zoe"]


def test_a_second_load_while_one_runs_changes_nothing(
    qtbot: QtBot, presenter: UsersPresenter, people: FakeDesk
) -> None:
    presenter.load()
    presenter.load()
    qtbot.waitUntil(lambda: not presenter.loading)
    settle(qtbot, presenter)
    assert people.fake.calls.count(("load", None)) == 1
