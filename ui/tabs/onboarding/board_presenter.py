"""Reads the board: the first people of each state, more where somebody scrolls down. No widget here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import AppError, ErrorCode
from app.onboarding.ladder import LADDER
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.work import Work
from ui.context import Change, Context, Topic
from ui.text import tr
from ui.view_state import Failed, Loading, Ready

PAGE = 60
_SETTLE_MS = 80
_RETRY_MS = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """The people of one state as far as they were read, oldest change first; `more` wait behind them."""

    rows: tuple[DatabaseUser, ...]
    more: bool


Columns = Mapping[OnboardingStatus, Column]


class BoardPresenter(QObject):
    """Reads only while the board is looked at; what changed meanwhile is read when it is opened again."""

    state_changed = Signal(object)  # ViewState; Ready carries Columns, of all states or of one

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._wanted = dict.fromkeys(LADDER, PAGE)
        self._columns: dict[OnboardingStatus, Column] = {}
        self._active = False
        self._stale = True
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.load)
        self._again = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._again.timeout.connect(self.load)
        context.changed.connect(self._on_change)

    @property
    def columns(self) -> Columns:
        """What was read so far."""
        return self._columns

    def set_active(self, active: bool) -> None:
        """The board is looked at now, or no more."""
        self._active = active
        if not active:
            self._again.stop()
        elif self._stale:
            self.load()

    @Slot()
    def load(self) -> None:
        """Read all columns again, as far as they were read."""
        onboarding = self._desk.onboarding
        self._settle.stop()
        self._again.stop()
        if onboarding is None:
            return
        if not self._active:
            self._stale = True
            return
        wanted = dict(self._wanted)

        def read(work: Work) -> Columns:
            found = {}
            for status, number in wanted.items():
                work.check()
                page = onboarding.list(status, limit=number + 1)
                found[status] = Column(tuple(page[:number]), len(page) > number)
            return found

        if not self._columns:
            self.state_changed.emit(Loading(tr("Reading the board…")))
        job = self._context.run(read, name=tr("Read the onboarding board"), key="onboarding-board", listed=False)
        job.succeeded.connect(self._on_columns)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def show_more(self, status: OnboardingStatus) -> None:
        """Read on in one column."""
        column, onboarding = self._columns.get(status), self._desk.onboarding
        if onboarding is None or column is None or not column.more or self._wanted[status] > len(column.rows):
            return
        self._wanted[status] = len(column.rows) + PAGE

        def read(_: Work) -> Columns:
            page = onboarding.list(status, limit=PAGE + 1, after=column.rows[-1])
            return {status: Column(column.rows + tuple(page[:PAGE]), len(page) > PAGE)}

        job = self._context.run(
            read, name=tr("Read on in the board"), key=("onboarding-board", status.value), listed=False
        )
        job.succeeded.connect(self._on_columns)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_columns(self, columns: Columns) -> None:
        if len(columns) == len(LADDER):
            self._stale = False
        self._columns.update(columns)
        self.state_changed.emit(Ready(columns))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._wanted = {status: max(PAGE, len(column.rows)) for status, column in self._columns.items()} or self._wanted
        self.state_changed.emit(Failed(error, keep_content=bool(self._columns)))
        if error.code is ErrorCode.DATABASE_UNREACHABLE and self._active:
            self._again.start()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic not in (Topic.ONBOARDING, Topic.USERS):
            return
        if not self._active:
            self._stale = True
        elif not self._settle.isActive():
            self._settle.start()
