"""Reads entries into a state and exits from it per day, from the table and the journal. No widget here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import AppError
from app.journal import Journal
from app.journal_models import EntryState
from app.onboarding.flow import DayFlow, Step, by_day, movements
from app.onboarding.models import OnboardingStatus
from app.work import Work
from ui.context import Change, Context, Topic
from ui.text import tr
from ui.view_state import Failed, Loading, Ready

DAYS = 30
_PAGE = 500
_MOST = 50_000  # entries of the journal that are looked through
_SETTLE_MS = 2_000  # others may change many rows: the chart is no clock
_KNOWN = frozenset(status.value for status in OnboardingStatus)


@dataclass(frozen=True, slots=True)
class Flow:
    """The days of one state, oldest first."""

    status: OnboardingStatus
    days: Sequence[DayFlow]


def journal_steps(journal: Journal, connection: str, since: datetime, work: Work) -> Iterator[Step]:
    """The steps along the ladder that were made with this program, newest first."""
    before: int | None = None
    for _ in range(_MOST // _PAGE):
        work.check()
        page = journal.entries(connection=connection, limit=_PAGE, before=before)
        for entry in page:
            source, target = entry.details.get("from", ""), entry.details.get("to", "")
            if entry.state is EntryState.SUCCEEDED and source in _KNOWN and target in _KNOWN:
                yield Step(entry.at, entry.subject, OnboardingStatus(source), OnboardingStatus(target))
        if len(page) < _PAGE or page[-1].at < since:
            return
        before = page[-1].id


class FlowPresenter(QObject):
    """Reads for the state that is chosen, while the page is looked at."""

    state_changed = Signal(object)  # ViewState; Ready carries a Flow

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._status = OnboardingStatus.PENDING_APPROVAL
        self._shown = False
        self._active = False
        self._stale = True
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.load)
        context.changed.connect(self._on_change)

    @property
    def status(self) -> OnboardingStatus:
        """Whose comings and goings are shown."""
        return self._status

    def choose(self, status: OnboardingStatus) -> None:
        """Show another state."""
        if status is not self._status:
            self._status = status
            self.load()

    def set_active(self, active: bool) -> None:
        """The page is looked at now, or no more."""
        self._active = active
        if active and self._stale:
            self.load()

    @Slot()
    def load(self) -> None:
        """Read anew."""
        self._settle.stop()
        desk, onboarding, status = self._desk, self._desk.onboarding, self._status
        if onboarding is None:
            return
        self._stale = not self._active
        if not self._active:
            return
        journal, connection, now = desk.journal, desk.connection.id, desk.now()
        since = now - timedelta(days=DAYS + 1)

        def read(work: Work) -> Flow:
            found = list(onboarding.movements(status, since))
            found += movements(journal_steps(journal, connection, since, work), status)
            return Flow(status, by_day(found, now, DAYS))

        self.state_changed.emit(Loading(tr("Counting…"), keep_content=self._shown))
        job = self._context.run(read, name=tr("Count entries and exits"), key="onboarding-flow", listed=False)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_read(self, flow: Flow) -> None:
        if flow.status is self._status:
            self._shown = True
            self.state_changed.emit(Ready(flow))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._stale = True
        self.state_changed.emit(Failed(error, keep_content=self._shown))

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic == Topic.ONBOARDING:
            self._stale = True
            if self._active and not self._settle.isActive():
                self._settle.start()
