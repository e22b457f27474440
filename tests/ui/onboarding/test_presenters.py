"""The presenters of the tab without a window and without a database: what they read, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.onboarding.ladder import LADDER
from app.onboarding.limits import Limits
from app.onboarding.models import DatabaseUser, FunnelStage, Movement, OnboardingStatus
from ui.context import Change, Context, Topic
from ui.jobs import JobRunner
from ui.tabs.onboarding.board_presenter import PAGE, BoardPresenter, Columns
from ui.tabs.onboarding.flow import FlowPresenter
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.view_state import Failed, Ready

S = OnboardingStatus
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Table:
    """People of one state, and how often it was asked for what."""

    def __init__(self) -> None:
        self.people = dict.fromkeys(LADDER, 3)
        self.asked: list[str] = []
        self.error: AppError | None = None

    def funnel(self, now: datetime, limits: Limits) -> list[FunnelStage]:
        """As OnboardingReader does."""
        self._ask("funnel")
        return [FunnelStage(status, number, timedelta(days=1), 1) for status, number in self.people.items()]

    def list(
        self, status: OnboardingStatus, *, limit: int = 200, after: DatabaseUser | None = None
    ) -> Sequence[DatabaseUser]:
        """As OnboardingReader does."""
        self._ask(f"list {status.value}")
        start = int(after.id.rpartition("-")[2]) + 1 if after is not None else 0
        return [person(status, number) for number in range(start, min(start + limit, self.people[status]))]

    def stuck(self, limits: Limits, now: datetime, *, limit: int) -> Sequence[DatabaseUser]:
        """As OnboardingReader does."""
        self._ask("stuck")
        return [person(S.PENDING_MFA, number) for number in range(min(limit, 450))]

    def get(self, id: str) -> DatabaseUser:
        """As OnboardingReader does."""
        self._ask("get")
        raise AppError(ErrorCode.USER_NOT_FOUND, "gone", subject=id)

    def movements(self, status: OnboardingStatus, since: datetime) -> Sequence[Movement]:
        """As OnboardingReader does."""
        self._ask(f"movements {status.value}")
        return [Movement(NOW, 2, 0)]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.error is not None:
            raise self.error


def person(status: OnboardingStatus, number: int) -> DatabaseUser:
    at = NOW - timedelta(days=number)
    return DatabaseUser(f"{status.value}-{number}", f"p{number}@x.example", status, "cognito", True, updated_at=at)


class Bench:
    """A context over the table; keeps what the presenters tell."""

    def __init__(self, qtbot: QtBot, runner: JobRunner) -> None:
        self.qtbot = qtbot
        self.table = Table()
        journal = SimpleNamespace(mirrors=lambda connection: [], entries=lambda **asked: [])
        desk = SimpleNamespace(
            onboarding=self.table, database=SimpleNamespace(ping=lambda: None), journal=journal,
            connection=SimpleNamespace(id="c"), now=lambda: NOW,
        )  # fmt: skip
        self.context = Context(runner, None, cast("Desk", desk))
        self.told: list[object] = []

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.context.runner.busy)

    def until(self, look: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(look()), timeout=10_000)


@pytest.fixture
def bench(qtbot: QtBot, qapp: QApplication, runner: JobRunner) -> Bench:
    return Bench(qtbot, runner)


def test_what_others_change_is_listed_at_once_and_everybody_counted_when_it_is_time(bench: Bench) -> None:
    presenter = OnboardingPresenter(bench.context, bench.context)
    presenter.load()
    bench.settle()
    assert presenter._funnel is not None
    object.__setattr__(presenter._funnel, "spent", 600.0)  # counting takes long
    bench.table.asked.clear()
    bench.context.announce(Change(Topic.ONBOARDING, ("1",), "live"))
    bench.until(lambda: bench.table.asked)
    bench.settle()
    assert bench.table.asked == ["list pending_approval"]
    assert presenter._settle.remainingTime() > 1_000_000
    bench.context.announce(Change(Topic.ONBOARDING, (), "mirrors"))
    bench.until(lambda: "funnel" in bench.table.asked)


def test_its_own_changes_are_not_read_twice(bench: Bench) -> None:
    presenter = OnboardingPresenter(bench.context, bench.context)
    bench.context.announce(Change(Topic.ONBOARDING, (), "onboarding-tab"))
    bench.context.announce(Change(Topic.POOL, (), "pool"))
    assert not presenter._settle.isActive()


def test_the_stuck_are_read_on_from_the_beginning(bench: Bench) -> None:
    presenter = OnboardingPresenter(bench.context, bench.context)
    presenter.choose(None)
    bench.settle()
    assert presenter.listing is not None
    assert (presenter.listing.status, len(presenter.listing.rows), presenter.listing.more) == (None, 200, True)
    presenter.show_more()
    bench.settle()
    presenter.show_more()
    bench.settle()
    assert (len(presenter.listing.rows), presenter.listing.more) == (450, False)


def test_somebody_who_left_the_board_and_the_database_is_told_as_gone(bench: Bench) -> None:
    presenter = OnboardingPresenter(bench.context, bench.context)
    gone: list[str] = []
    presenter.gone.connect(gone.append)
    presenter.select((person(S.ACTIVE, 7),))
    presenter.leave(person(S.ACTIVE, 7))
    bench.settle()
    assert gone == ["p7@x.example"]
    assert presenter.people == ()


def board(bench: Bench) -> BoardPresenter:
    made = BoardPresenter(bench.context, bench.context)
    made.state_changed.connect(bench.told.append)
    return made


def test_the_board_reads_only_while_it_is_looked_at(bench: Bench) -> None:
    presenter = board(bench)
    presenter.load()
    bench.context.announce(Change(Topic.ONBOARDING, (), "live"))
    assert bench.table.asked == []
    presenter.set_active(True)
    bench.settle()
    assert bench.table.asked == [f"list {status.value}" for status in LADDER]
    presenter.set_active(False)
    presenter.set_active(True)
    bench.settle()
    assert len(bench.table.asked) == len(LADDER), "nothing has changed meanwhile"
    presenter.set_active(False)
    bench.context.announce(Change(Topic.ONBOARDING, (), "live"))
    presenter.set_active(True)
    bench.settle()
    assert len(bench.table.asked) == 2 * len(LADDER)


def test_a_column_is_read_on_page_by_page_and_once_at_a_time(bench: Bench) -> None:
    bench.table.people[S.ACTIVE] = 2 * PAGE + 5
    presenter = board(bench)
    presenter.set_active(True)
    bench.settle()
    lengths = []
    for _ in range(4):
        presenter.show_more(S.ACTIVE)
        presenter.show_more(S.ACTIVE)
        bench.settle()
        lengths.append(len(presenter.columns[S.ACTIVE].rows))
    assert lengths == [2 * PAGE, 2 * PAGE + 5, 2 * PAGE + 5, 2 * PAGE + 5]
    assert bench.table.asked.count("list active") == 3
    presenter.load()
    bench.settle()
    assert len(presenter.columns[S.ACTIVE].rows) == 2 * PAGE + 5, "reading again reads as far"


def test_a_board_that_cannot_be_read_keeps_what_it_had_and_tries_again(bench: Bench) -> None:
    presenter = board(bench)
    presenter.set_active(True)
    bench.settle()
    bench.table.error = AppError(ErrorCode.DATABASE_UNREACHABLE, "away", retryable=True)
    presenter.load()
    bench.settle()
    failed = bench.told[-1]
    assert isinstance(failed, Failed)
    assert failed.keep_content
    assert presenter._again.isActive()
    bench.table.error = None
    presenter.load()
    bench.settle()
    last = bench.told[-1]
    assert isinstance(last, Ready)
    assert set(cast("Columns", last.value)) == set(LADDER)


def test_the_flow_follows_the_state_and_waits_while_nobody_looks(bench: Bench) -> None:
    presenter = FlowPresenter(bench.context, bench.context)
    presenter.state_changed.connect(bench.told.append)
    presenter.choose(S.ACTIVE)
    assert bench.table.asked == []
    presenter.set_active(True)
    bench.settle()
    presenter.choose(S.REJECTED)
    bench.settle()
    assert bench.table.asked == ["movements active", "movements rejected"]
    assert isinstance(bench.told[-1], Ready)
    bench.context.announce(Change(Topic.ONBOARDING, (), "live"))
    assert presenter._settle.isActive(), "a chart is no clock"
