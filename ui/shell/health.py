"""Feeds the status bar: how fast Cognito and the database answer, and how much of the ListUsers quota is in use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from app.errors import AppError
from app.work import Work
from ui import errors
from ui.context import Context
from ui.shell.statusbar import StatusBar

if TYPE_CHECKING:
    from app.desk import Desk

# DescribeUserPool once a minute: a fraction of its quota, and no user is read (billing).
_LOOK_MS = 60_000
_QUOTA_MS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """How long a service took; `milliseconds` None where it did not answer, with the reason in `note`."""

    milliseconds: float | None
    note: str


class HealthWatch(QObject):
    """Looks at both services when a desk opens and once a minute; never on the GUI thread."""

    def __init__(self, context: Context, bar: StatusBar) -> None:
        super().__init__(bar)
        self._context = context
        self._bar = bar
        self._look_timer = QTimer(self, interval=_LOOK_MS)
        self._look_timer.timeout.connect(self._look)
        self._quota_timer = QTimer(self, interval=_QUOTA_MS)
        self._quota_timer.timeout.connect(self._read_quota)
        context.desk_changed.connect(self._on_desk)
        self._on_desk()

    @Slot()
    def _on_desk(self) -> None:
        if self._context.desk is None:
            self._look_timer.stop()
            self._quota_timer.stop()
            self._bar.set_no_connection()
            return
        self._look_timer.start()
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
    def _on_cognito(self, answer: Answer) -> None:
        if self._context.desk is not None:
            self._bar.set_cognito(answer.milliseconds, answer.note)

    @Slot(object)
    def _on_database(self, answer: Answer) -> None:
        if self._context.desk is not None:
            self._bar.set_database(answer.milliseconds, answer.note)

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
        return Answer(None, f"{shown.title}. {shown.body}")
    return Answer((perf_counter() - started) * 1000, "DescribeUserPool")


def _ask_database(desk: Desk, work: Work) -> Answer:
    work.check()
    health = desk.database_health()
    return Answer(health.milliseconds, health.note)
