"""The lights of the status bar tell what is so now: they follow failures and changes, and lead the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.aws.pacing import Usage
from app.desk import Desk, Health
from app.errors import AppError, ErrorCode
from app.work import Work
from tests.ui.users_desk import FakeDesk, user
from tests.ui.words import wait_for, wait_to_see
from ui.context import Change, Context, Topic
from ui.jobs import JobRunner
from ui.shell import health
from ui.shell.health import HealthWatch
from ui.shell.statusbar import StatusBar
from ui.tabs.users.presenter import UsersPresenter


@dataclass
class StandIn:
    """Two services that come and go."""

    away: bool = False
    cognito_away: bool = False
    database: object = field(default_factory=object)
    connection: object = field(default_factory=lambda: SimpleNamespace(id="health"))
    looks: int = 0

    @property
    def pools(self) -> StandIn:
        return self

    def describe(self) -> None:
        if self.cognito_away:
            raise AppError(ErrorCode.UNREACHABLE, "No answer.")

    def usage(self) -> Usage:
        return Usage(requests=0, limit=10, quota=30)

    def database_health(self) -> Health:
        self.looks += 1
        return Health(None, "connection refused") if self.away else Health(2.2, "PostgreSQL 18.4")


@dataclass
class Scene:
    services: StandIn
    context: Context
    bar: StatusBar
    told: list[Change]

    def fail(self, code: ErrorCode) -> None:
        """Have a job fail, as a view's would."""

        def read(_: Work) -> None:
            raise AppError(code, "It did not answer.")

        self.context.run(read, name="Read")


@pytest.fixture
def scene(dressed: QApplication, qtbot: QtBot, runner: JobRunner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(health, "_SOON_MS", 20)
    services = StandIn()
    context = Context(runner, desk=cast("Desk", services))
    bar = StatusBar(runner)
    qtbot.addWidget(bar)
    bar.resize(900, 30)
    bar.show()
    HealthWatch(context, bar)
    told: list[Change] = []
    context.changed.connect(told.append)
    wait_to_see(bar, "Database 2 ms")
    yield Scene(services, context, bar, told)
    context.set_desk(None)


def test_a_job_that_did_not_reach_the_database_turns_its_light_at_once(scene: Scene) -> None:
    scene.services.away = True
    scene.fail(ErrorCode.DATABASE_UNREACHABLE)
    wait_to_see(scene.bar, "Database away")
    assert scene.told == []


def test_a_job_that_did_not_reach_cognito_turns_its_light_at_once(scene: Scene) -> None:
    scene.services.cognito_away = True
    scene.fail(ErrorCode.UNREACHABLE)
    wait_to_see(scene.bar, "Cognito away")


def test_a_view_without_the_database_tells_it_although_no_job_failed(scene: Scene) -> None:
    scene.services.away = True
    scene.context.troubled.emit(AppError(ErrorCode.DATABASE_UNREACHABLE, "It did not answer."))
    wait_to_see(scene.bar, "Database away")


@pytest.mark.parametrize("topic", [Topic.ONBOARDING, Topic.JOURNAL, Topic.USERS])
def test_after_a_change_the_light_is_true_again_and_the_return_is_announced_once(scene: Scene, topic: Topic) -> None:
    scene.services.away = True
    scene.fail(ErrorCode.DATABASE_UNREACHABLE)
    wait_to_see(scene.bar, "Database away")
    scene.services.away = False
    scene.context.announce(Change(topic, origin="mirrors"))
    wait_to_see(scene.bar, "Database 2 ms")
    wait_for(lambda: len(scene.told) == 2, "the announcement")
    assert scene.told[1].topic == Topic.ONBOARDING
    looks = scene.services.looks
    scene.context.announce(Change(Topic.ONBOARDING, origin="health"))
    wait_for(lambda: not scene.context.runner.busy, "quiet")
    assert scene.services.looks == looks, "its own announcement is no reason to look"


def test_while_a_service_is_away_it_is_looked_at_more_often(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_AWAY_MS", 30)
    scene.services.away = True
    scene.fail(ErrorCode.DATABASE_UNREACHABLE)
    wait_to_see(scene.bar, "Database away")
    scene.services.away = False
    wait_to_see(scene.bar, "Database 2 ms")
    looks = scene.services.looks
    wait_for(lambda: not scene.context.runner.busy, "quiet")
    assert scene.services.looks <= looks + 1, "and as before when it is back"


def test_many_changes_are_one_look(scene: Scene) -> None:
    looks = scene.services.looks
    for number in range(100):
        scene.context.announce(Change(Topic.USERS, (str(number),), "bulk"))
    wait_for(lambda: scene.services.looks > looks, "a look")
    wait_for(lambda: not scene.context.runner.busy, "quiet")
    assert scene.services.looks == looks + 1


def test_other_failures_are_no_reason_to_look(scene: Scene) -> None:
    looks = scene.services.looks
    scene.fail(ErrorCode.CONFLICT)
    wait_for(lambda: not scene.context.runner.busy, "quiet")
    scene.fail(ErrorCode.DATABASE_UNREACHABLE)
    wait_for(lambda: scene.services.looks > looks, "a look")
    assert scene.services.looks == looks + 1


def test_the_users_tab_reads_the_database_again_when_it_is_back(qtbot: QtBot, inline_runner: JobRunner) -> None:
    people = FakeDesk([user("u1")])
    away = AppError(ErrorCode.DATABASE_UNREACHABLE, "No answer.")
    people.fake.database = away
    context = Context(inline_runner, desk=people.desk)
    told: list[object] = []
    troubled: list[object] = []
    context.troubled.connect(troubled.append)
    presenter = UsersPresenter(context)
    presenter.database_changed.connect(told.append)
    presenter.load()
    qtbot.waitUntil(lambda: told == [away])
    assert troubled == [away]
    people.fake.database = None
    context.announce(Change(Topic.ONBOARDING, origin="health"))
    qtbot.waitUntil(lambda: told == [away, None])
    asked = people.fake.calls.count(("join", None))
    context.announce(Change(Topic.ONBOARDING, origin="test"))
    qtbot.waitUntil(lambda: not inline_runner.busy)
    assert people.fake.calls.count(("join", None)) == asked, "asked only while something is missing"
