"""Feeds the status bar: how fast Cognito and the database answer, and how much of the ListUsers quota is in use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from app.errors import AppError, ErrorCode
from app.work import Work
from ui import errors
from ui.context import Change, Context, Topic
from ui.shell.statusbar import StatusBar

if TYPE_CHECKING:
    from app.desk import Desk

# DescribeUserPool once a minute: a fraction of its quota, and no user is read (billing).
_LOOK_MS = 60_000
_AWAY_MS = 10_000  # while one of them is away: people wait for it
_SOON_MS = 300  # after something that tells of a service; what comes together is looked at once
_QUOTA_MS = 1_000
_ORIGIN = "health"
_TELLING = frozenset({Topic.USERS.value, Topic.ONBOARDING.value, Topic.JOURNAL.value})
_SUSPECT = frozenset({ErrorCode.DATABASE_UNREACHABLE, ErrorCode.UNREACHABLE, ErrorCode.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Answer:
    """How long a service took; `milliseconds` None where it did not answer, with the reason in `note`."""

    desk: Desk
    milliseconds: float | None
    note: str


class HealthWatch(QObject):
    """Looks at both services when a desk opens, once a minute, and whenever something tells that one may have gone or
    come back; never on the GUI thread. A database that is back is announced: what was read without it is read again.
    """

    def __init__(self, context: Context, bar: StatusBar) -> None:
        super().__init__(bar)
        self._context = context
        self._bar = bar
        self._look_timer = QTimer(self, interval=_LOOK_MS)
        self._look_timer.timeout.connect(self._look)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._look)
        self._cognito_away = False
        self._database_away = False
        self._quota_timer = QTimer(self, interval=_QUOTA_MS)
        self._quota_timer.timeout.connect(self._read_quota)
        context.desk_changed.connect(self._on_desk)
        context.changed.connect(self._on_change)
        context.runner.failed.connect(self._on_failure)
        context.troubled.connect(self._on_failure)
        self._on_desk()

    @Slot()
    def _on_desk(self) -> None:
        self._cognito_away = self._database_away = False
        self._soon.stop()
        if self._context.desk is None:
            self._look_timer.stop()
            self._quota_timer.stop()
            self._bar.set_no_connection()
            return
        self._look_timer.start(_LOOK_MS)
        self._quota_timer.start()
        self._look()

    @Slot()
    def _look(self) -> None:
        desk = self._context.desk
        if desk is None:
            return
        cognito = self._context.run(
            partial(_ask_cognito, desk), name="Cognito health", key=("health", "cognito"), listed=False
        )
        cognito.succeeded.connect(self._on_cognito)
        if desk.database is None:
            self._bar.set_no_database()
            return
        database = self._context.run(
            partial(_ask_database, desk), name="Database health", key=("health", "database"), listed=False
        )
        database.succeeded.connect(self._on_database)

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic in _TELLING and change.origin != _ORIGIN:
            self._look_soon()

    @Slot(object)
    def _on_failure(self, error: AppError) -> None:
        if error.code in _SUSPECT:
            self._look_soon()

    def _look_soon(self) -> None:
        if self._context.desk is not None and not self._soon.isActive():
            self._soon.start()

    @Slot(object)
    def _on_cognito(self, answer: Answer) -> None:
        if answer.desk is self._context.desk:
            self._bar.set_cognito(answer.milliseconds, answer.note)
            self._cognito_away = answer.milliseconds is None
            self._mind()

    @Slot(object)
    def _on_database(self, answer: Answer) -> None:
        if answer.desk is not self._context.desk:
            return
        self._bar.set_database(answer.milliseconds, answer.note)
        before, self._database_away = self._database_away, answer.milliseconds is None
        self._mind()
        if before and not self._database_away:
            self._context.announce(Change(Topic.ONBOARDING, origin=_ORIGIN))

    def _mind(self) -> None:
        wanted = _AWAY_MS if self._cognito_away or self._database_away else _LOOK_MS
        if self._look_timer.interval() != wanted:
            self._look_timer.start(wanted)

    @Slot()
    def _read_quota(self) -> None:
        desk = self._context.desk
        usage = desk.usage() if desk is not None else None
        if usage is not None:
            self._bar.set_quota(usage.requests, usage.quota)


def _ask_cognito(desk: Desk, work: Work) -> Answer:
    work.check()
    started = perf_counter()
    try:
        desk.pools.describe()
    except AppError as error:
        shown = errors.present(error)
        return Answer(desk, None, f"{shown.title}. {shown.body}")
    return Answer(desk, (perf_counter() - started) * 1000, "DescribeUserPool")


def _ask_database(desk: Desk, work: Work) -> Answer:
    work.check()
    health = desk.database_health()
    return Answer(desk, health.milliseconds, health.note)
