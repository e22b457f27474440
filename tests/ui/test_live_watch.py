"""The watch that tells every tab what others change in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.onboarding.live_models import LiveMode, LiveState, News
from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.context import Change, Context, Topic
from ui.jobs import JobRunner
from ui.watches import LIVE, LiveWatch

ROW = DatabaseUser(
    "1", "a@x.example", OnboardingStatus.ACTIVE, "cognito", True, updated_at=datetime(2026, 1, 1, tzinfo=UTC)
)
LISTENING = LiveState(LiveMode.LISTENING)


class FakeDesk:
    """Has news when a test says so."""

    def __init__(self) -> None:
        self.live = self.people = self
        self.loaded = object()
        self.connection = SimpleNamespace(id="live")
        self.news: list[News] = []
        self.state = LISTENING
        self.learnt: list[DatabaseUser] = []
        self.joined = self.hurried = 0

    def look(self) -> News:
        """As Live does."""
        return self.news.pop(0) if self.news else News()

    def hurry(self) -> None:
        """As Live does."""
        self.hurried += 1

    def learn(self, rows: Sequence[DatabaseUser]) -> None:
        """As People does."""
        self.learnt += rows

    def join_database(self) -> AppError | None:
        """As People does."""
        self.joined += 1
        return None


class Bench:
    """The watch over a desk; looks when told to."""

    def __init__(self, qtbot: QtBot, runner: JobRunner) -> None:
        self.qtbot = qtbot
        self.desk = FakeDesk()
        self.context = Context(runner)
        self.changes: list[Change] = []
        self.context.changed.connect(self.changes.append)
        self.watch = LiveWatch(self.context, self.context)
        self.watch._timer.setInterval(3_600_000)
        self.context.set_desk(cast("Desk", self.desk))
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.context.runner.busy)

    def look(self, *news: News) -> list[Change]:
        """What is announced when there is this news."""
        self.desk.news += news
        self.changes.clear()
        self.watch.look()
        self.settle()
        return list(self.changes)


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication, runner: JobRunner) -> Bench:
    return Bench(qtbot, runner)


def test_how_it_goes_is_told_at_first_and_whenever_it_changes(bench: Bench) -> None:
    assert bench.changes == [Change(Topic.LIVE, origin=LIVE)]
    assert bench.look() == []
    bench.desk.state = LiveState(LiveMode.AWAY, error=AppError(ErrorCode.DATABASE_UNREACHABLE, "gone"))
    assert bench.look() == [Change(Topic.LIVE, origin=LIVE)]


def test_rows_that_changed_reach_the_index_before_they_are_announced(bench: Bench) -> None:
    assert bench.look(News(rows=(ROW,))) == [Change(Topic.ONBOARDING, ("1",), LIVE)]
    assert bench.desk.learnt == [ROW]
    assert bench.desk.joined == 0


def test_where_it_is_not_known_what_changed_everything_is_joined_anew(bench: Bench) -> None:
    changes = bench.look(News(everything=True))
    assert changes == [Change(Topic.ONBOARDING, (), LIVE), Change(Topic.USERS, (), LIVE)]
    assert bench.desk.joined == 1


def test_a_crowd_is_joined_rather_than_learnt_one_by_one(bench: Bench) -> None:
    bench.look(News(rows=tuple(replace(ROW, id=str(n)) for n in range(60))))
    assert (bench.desk.learnt, bench.desk.joined) == ([], 1)


def test_joining_anew_takes_no_more_than_its_share_of_the_time(bench: Bench) -> None:
    bench.watch._join_at = float("inf")
    bench.look(News(gone=("1",)))
    assert bench.desk.joined == 0
    bench.watch._join_at = 0.0
    bench.look()
    assert bench.desk.joined == 1, "it was owed"


def test_before_the_pool_was_read_there_is_nothing_to_join_to(bench: Bench) -> None:
    bench.desk.loaded = cast("object", None)
    bench.look(News(everything=True))
    assert bench.desk.joined == 0


def test_somebody_who_reaches_the_database_lets_it_try_at_once(bench: Bench) -> None:
    bench.context.announce(Change(Topic.ONBOARDING, origin="health"))
    assert bench.desk.hurried == 1
    bench.look(News(rows=(ROW,)))
    assert bench.desk.hurried == 1, "its own news are no reason"


def test_news_of_a_desk_that_was_left_is_not_told(bench: Bench) -> None:
    bench.desk.news = [News(rows=(ROW,))]
    bench.changes.clear()
    bench.watch.look()
    bench.context.set_desk(None)
    bench.settle()
    assert bench.changes == []
    bench.watch.look()
    assert not bench.watch._timer.isActive()
