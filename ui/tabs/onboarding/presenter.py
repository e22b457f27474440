"""Reads the funnel, the people of one state, and the database writes that wait. No widget here."""

from __future__ import annotations

import time
from datetime import timedelta

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.errors import AppError, ErrorCode
from app.onboarding.limits import Limits
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingReader
from app.work import Work
from ui.context import Change, Context, Topic
from ui.tabs.onboarding.shown import Funnel, Listing, nobody, without_database
from ui.tabs.onboarding.wording import ORIGIN
from ui.text import tr
from ui.view_state import Failed, Loading, Ready

PAGE = 200
_SETTLE_MS = 80  # one change is often announced under several topics
_RETRY_MS = 10_000
_FUNNEL_SHARE = 10.0  # of the time, a tenth at most is spent on counting everybody anew because others change rows
_LIVE = "live"  # the origin of what others changed


class OnboardingPresenter(QObject):
    """Owns the funnel, the chosen state with its list, and who is chosen in it."""

    state_changed = Signal(object)  # ViewState of the whole tab; Ready carries a Funnel
    list_changed = Signal(object)  # ViewState of the list; Ready carries a Listing
    chosen_changed = Signal(object)  # OnboardingStatus, or None for the stuck of all states
    people_changed = Signal(object)  # tuple[DatabaseUser, ...]: who is chosen
    gone = Signal(str)  # email of somebody whose row is no longer there
    waiting_changed = Signal(int)  # how many wait for an approval

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._status: OnboardingStatus | None = OnboardingStatus.PENDING_APPROVAL
        stored = context.settings.preferences.stuck_hours if context.settings is not None else {}
        self._limits = Limits.stored(stored)
        self._funnel: Funnel | None = None
        self._listing: Listing | None = None
        self._people: tuple[DatabaseUser, ...] = ()
        self._failing = False
        self._list_due = False  # to be read once the funnel shows that the database is there
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.load)
        self._settle_list = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle_list.timeout.connect(self._on_settled_list)
        self._again = QTimer(self, singleShot=True, interval=_RETRY_MS)
        self._again.timeout.connect(self._on_time_to_retry)
        context.changed.connect(self._on_change)

    @property
    def status(self) -> OnboardingStatus | None:
        """The state whose people are listed; None while those are who are stuck, whatever their state."""
        return self._status

    @property
    def limits(self) -> Limits:
        """How long somebody may stand in a state."""
        return self._limits

    def set_limits(self, limits: Limits) -> None:
        """Count others as stuck from now on, and in the next session too."""
        self._limits = limits
        settings = self._context.settings
        if settings is not None:
            preferences = settings.preferences._replace(stuck_hours=limits.to_store())
            job = self._context.run(
                lambda _: settings.save_preferences(preferences),
                name=tr("Save the limits"),
                lane="preferences",
                listed=False,
            )
            job.failed.connect(self._on_not_saved)
        self.load()

    def is_stuck(self, row: DatabaseUser) -> bool:
        """Whether the person has stood there for longer than the limit of the state."""
        return self._limits.exceeded(row.status, self.age(row))

    @property
    def listing(self) -> Listing | None:
        """The list as last read."""
        return self._listing

    @property
    def people(self) -> tuple[DatabaseUser, ...]:
        """Who is chosen, as last read."""
        return self._people

    def age(self, row: DatabaseUser) -> timedelta | None:
        """How long ago the row changed; by its creation where the database keeps no time of change."""
        moment = row.updated_at or row.created_at
        return None if moment is None else max(timedelta(0), self._desk.now() - moment)

    @Slot()
    def load(self) -> None:
        """Read everything again; what is on screen stays as it is until then."""
        self._load(insist=False, quiet=self._funnel is not None)

    @Slot()
    def retry(self) -> None:
        """Read everything again, also if the database was found to be away a moment ago."""
        self._load(insist=True, quiet=False)

    def choose(self, status: OnboardingStatus | None) -> None:
        """List the people of another state, or those who are stuck in any; nobody is chosen then."""
        if status is self._status:
            return
        self._status = status
        self._listing = None
        self.select(())
        self.chosen_changed.emit(status)
        self._read_list(quiet=False)

    def show_more(self) -> None:
        """Read the next page of the list."""
        listing, onboarding = self._listing, self._desk.onboarding
        if onboarding is None or listing is None or not listing.more:
            return

        limits, now, wanted = self._limits, self._desk.now(), len(listing.rows) + PAGE

        def read(_: Work) -> Listing:
            if listing.status is None:  # their order changes with every second: there is no place to go on from
                rows = onboarding.stuck(limits, now, limit=wanted + 1)
                return Listing(None, tuple(rows[:wanted]), len(rows) > wanted)
            page = onboarding.list(listing.status, limit=PAGE + 1, after=listing.rows[-1])
            return Listing(listing.status, listing.rows + tuple(page[:PAGE]), len(page) > PAGE)

        self.list_changed.emit(Loading(tr("Reading more people…"), keep_content=True))
        self._run_list(read)

    def select(self, rows: tuple[DatabaseUser, ...]) -> None:
        """Choose people."""
        if rows != self._people:
            self._people = rows
            self.people_changed.emit(rows)

    def leave(self, row: DatabaseUser) -> None:
        """The person is no longer where they were chosen: they stay shown, as they are now, unless they are gone."""
        onboarding = self._desk.onboarding
        if onboarding is None:
            return

        def read(_: Work) -> Listing:
            return Listing(row.status, (), more=False, sought=row.id, followed=_follow(onboarding, (), row))

        job = self._context.run(read, name=tr("Read the person again"), key="onboarding-followed", listed=False)
        job.succeeded.connect(self._on_followed)

    def settle(self, still_chosen: tuple[DatabaseUser, ...]) -> None:
        """After the list was shown anew: who is still chosen in it. One who left it stays shown, as they are now."""
        if still_chosen:
            self.select(still_chosen)
            return
        followed = self._listing.followed if self._listing is not None else None
        if len(self._people) != 1:
            self.select(())
        elif followed is not None and followed.id == self._people[0].id:
            self.select((followed,))

    def _load(self, *, insist: bool, quiet: bool) -> None:
        desk, onboarding = self._desk, self._desk.onboarding
        self._settle.stop()
        self._again.stop()
        if onboarding is None or desk.database is None:
            self.state_changed.emit(without_database())
            return
        journal, connection, database, limits = desk.journal, desk.connection.id, desk.database, self._limits

        def read(_: Work) -> Funnel:
            if insist:
                database.ping()
            started = time.monotonic()
            stages = tuple(onboarding.funnel(desk.now(), limits))
            return Funnel(stages, tuple(journal.mirrors(connection)), time.monotonic() - started)

        if not quiet:
            self.state_changed.emit(Loading(tr("Asking the database…"), keep_content=self._funnel is not None))
        job = self._context.run(read, name=tr("Read the onboarding funnel"), key="onboarding-funnel", listed=False)
        job.succeeded.connect(self._on_funnel)
        job.failed.connect(self._on_failure)
        self._list_due = insist or self._failing
        if not self._list_due:
            self._read_list(quiet=quiet)

    def _read_list(self, *, quiet: bool) -> None:
        onboarding, status = self._desk.onboarding, self._status
        if onboarding is None:
            return
        before = self._listing
        limit = max(PAGE, len(before.rows)) if before is not None else PAGE
        followed = self._people[0] if len(self._people) == 1 else None
        limits, now = self._limits, self._desk.now()

        def read(_: Work) -> Listing:
            if status is None:
                page = onboarding.stuck(limits, now, limit=limit + 1)
            else:
                page = onboarding.list(status, limit=limit + 1)
            rows = tuple(page[:limit])
            sought = followed.id if followed is not None else ""
            return Listing(status, rows, len(page) > limit, sought, _follow(onboarding, rows, followed))

        if not quiet:
            self.list_changed.emit(Loading(tr("Reading the list…"), keep_content=before is not None))
        self._run_list(read)

    def _run_list(self, read: object) -> None:
        assert callable(read)
        job = self._context.run(read, name=tr("Read the onboarding list"), key="onboarding-list", listed=False)
        job.succeeded.connect(self._on_list)
        job.failed.connect(self._on_list_failure)

    @Slot(object)
    def _on_funnel(self, funnel: Funnel) -> None:
        self._funnel = funnel
        self._failing = False
        self.state_changed.emit(Ready(funnel))
        self.waiting_changed.emit(funnel.count(OnboardingStatus.PENDING_APPROVAL))
        if self._list_due:
            self._list_due = False
            self._read_list(quiet=self._listing is not None)

    @Slot(object)
    def _on_failure(self, error: AppError) -> None:
        self._failing = True
        self.state_changed.emit(Failed(error, keep_content=self._funnel is not None))
        if error.code is ErrorCode.DATABASE_UNREACHABLE:
            self._again.start()

    @Slot(object)
    def _on_list(self, listing: Listing) -> None:
        if listing.status is not self._status:
            return
        self._listing = listing
        if listing.rows:
            self.list_changed.emit(Ready(listing))
        else:
            self.list_changed.emit(nobody(listing.status))
        shown = self._people[0] if len(self._people) == 1 else None
        if shown is not None and shown.id == listing.sought and listing.followed is None:
            self.select(())
            self.gone.emit(shown.email)
        if self._failing:
            self.retry()

    @Slot(object)
    def _on_followed(self, found: Listing) -> None:
        shown = self._people[0] if len(self._people) == 1 else None
        if shown is None or shown.id != found.sought:
            return
        self.select(() if found.followed is None else (found.followed,))
        if found.followed is None:
            self.gone.emit(shown.email)

    @Slot(object)
    def _on_list_failure(self, error: AppError) -> None:
        if self._listing is None:
            self.list_changed.emit(Failed(error))
            if error.code is ErrorCode.DATABASE_UNREACHABLE:
                self._again.start()
            return
        self.list_changed.emit(Ready(self._listing))
        self._on_failure(error)

    @Slot()
    def _on_time_to_retry(self) -> None:
        self._load(insist=True, quiet=True)

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        concerns = change.topic in (Topic.ONBOARDING, Topic.USERS, Topic.JOURNAL)
        if not concerns or change.origin == ORIGIN:
            return
        if change.origin == _LIVE and self._funnel is not None and not self._failing:
            pause = max(_SETTLE_MS, round(1000 * _FUNNEL_SHARE * self._funnel.spent))
            # The list is read by an index and follows at once; counting everybody may take a while.
            if pause > _SETTLE_MS and not self._settle_list.isActive():
                self._settle_list.start()
        else:
            pause = _SETTLE_MS
        if not self._settle.isActive() or self._settle.remainingTime() > pause:
            self._settle.start(pause)

    @Slot()
    def _on_settled_list(self) -> None:
        if not self._settle.isActive():
            return  # everything was read meanwhile
        self._read_list(quiet=True)

    @Slot(object)
    def _on_not_saved(self, error: AppError) -> None:
        self._context.toast(tr("The limits count for this session only. {why}", why=error.message), "warn")


def _follow(
    onboarding: OnboardingReader, rows: tuple[DatabaseUser, ...], followed: DatabaseUser | None
) -> DatabaseUser | None:
    if followed is None:
        return None
    for row in rows:
        if row.id == followed.id:
            return row
    try:
        return onboarding.get(followed.id)
    except AppError as error:
        if error.code is ErrorCode.USER_NOT_FOUND:
            return None
        raise
