"""Who came last and how many there are, from the loaded directory. No widget here.

Cognito cannot list by date, so the newest people need the whole pool in the index. The Users tab reads it too: both
use one job, LISTING. Whoever starts it, the other follows it through the runner's records and never reads again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from app.desk import Desk
from app.directory.index import UserRow
from app.drift.service import DriftReport
from app.errors import AppError
from app.people import LoadReport
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import JobRecord, JobState
from ui.text import clock, count, difference, number, tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState

ORIGIN = "overview"
LISTING = "Listing users"  # the job's name; its key follows
LISTING_KEY = "users-load"
NEWEST = 20
# Without being asked, at most this many are read: half a minute of the quota that production shares.
UNASKED = 50_000
_PER_SECOND = 1_800  # ListUsers: 30 requests of 60 users


@dataclass(frozen=True, slots=True)
class Census:
    """What the index tells. `total` is 0 before it is read. `without_mfa` of `mfa_known` people have no factor."""

    newest: tuple[UserRow, ...] = ()
    total: int = 0
    without_mfa: int = 0
    mfa_known: int = 0
    differences: DriftReport | None = None
    differences_note: str = ""
    compared: bool = False  # it was done for this census: others want to know of it


class CensusPresenter(QObject):
    """Owns the list of the newest people, and the counts that need the whole directory."""

    newest_changed = Signal(object)  # ViewState; Ready carries a tuple of UserRow
    census_changed = Signal(object)  # Census, of a directory that was read to its end

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._census: Census | None = None
        self._size: int | None = None
        self._size_asked = False  # the pool has answered or refused: reading may begin
        self._listing: JobRecord | None = None
        self._empty = False  # read to its end, and nobody was there
        self._stopped = False
        self._error: AppError | None = None
        self._given_up = False  # `_error` is that of reading the pool
        self._seen = True
        self._due = False
        context.runner.jobs_changed.connect(self._on_jobs)
        self._on_jobs()

    @property
    def census(self) -> Census | None:
        """The newest counts; None until the first look."""
        return self._census

    def set_seen(self, seen: bool) -> None:
        """Whether anybody looks: counting beside a listing that another tab shows would only slow that tab down."""
        self._seen = seen
        if seen and self._due:
            self.look()

    @Slot()
    def look(self) -> None:
        """Ask the index again, now or as soon as somebody looks. Reads nothing from Cognito."""
        self._due = not self._seen
        if self._due:
            return
        desk = self._desk

        def look(work: Work) -> Census:
            return _look(desk, work)

        job = self._context.run(look, name=tr("Counting users"), key="overview-census", listed=False)
        job.succeeded.connect(self._on_census)
        job.failed.connect(self._on_failed)

    def set_size(self, estimated: int | None) -> None:
        """How many users the pool has, about; None where it may not be asked."""
        self._size, self._size_asked = estimated, True
        if self._given_up:
            self._given_up, self._error = False, None
        self._begin_if_small()
        self._show()

    def give_up(self, error: AppError) -> None:
        """The pool cannot be reached at all: to try every user too would only take as long again."""
        if self._listing is None:
            self._given_up, self._error = True, error
            self._show()

    def refresh(self) -> None:
        """Read the pool again where that is quick, else only look at what is loaded."""
        if not self._too_many(self._expected()):
            self.load()
        else:
            self.look()

    @Slot()
    def load(self) -> None:
        """Read every user. Does nothing while that is under way, here or in the Users tab."""
        if self._listing is not None:
            return
        if self._too_many(self._size or 0):
            self._desk.reach.insist()  # nobody but a person asks for that
        people, expected = self._desk.people, self._expected() or None

        def read(work: Work) -> LoadReport:
            return people.load(work, estimated=expected)

        self._error, self._given_up, self._stopped = None, False, False
        job = self._context.run(read, name=tr(LISTING), key=LISTING_KEY)
        job.succeeded.connect(self._on_loaded)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self._on_jobs()

    @Slot(object)
    def _on_loaded(self, report: LoadReport) -> None:
        self._empty = report.users == 0
        self._on_jobs()
        self._context.announce(Change(Topic.USERS, origin=ORIGIN))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._error = error
        self._show()

    @Slot()
    def _on_cancelled(self) -> None:
        self._on_jobs()
        self._stopped = self._listing is None  # else the Users tab has taken over
        self._show()

    @Slot()
    def _on_jobs(self) -> None:
        """The listing under way, whoever started it. What another one's came to, a look at the index tells."""
        records = [record for record in self._context.runner.jobs() if record.name == tr(LISTING)]
        running = next((record for record in reversed(records) if record.under_way), None)
        before, self._listing = self._listing, running
        if running is not None:
            self._error, self._given_up, self._stopped = None, False, False
        elif before is not None:
            self._stopped = any(r.id == before.id and r.state is JobState.CANCELLED for r in records)
            self.look()
        if running != before:
            self._show()

    @Slot(object)
    def _on_census(self, census: Census) -> None:
        self._census = census
        if census.compared:
            self._context.announce(Change(Topic.DRIFT, origin=ORIGIN))
        self._begin_if_small()
        if self._listing is None:
            self.census_changed.emit(census)
        self._show()

    def _begin_if_small(self) -> None:
        """Read the pool as soon as its size is known, once; an empty one stays empty however often it is read."""
        unread = self._census is not None and not self._census.total and not self._empty
        idle = self._listing is None and self._error is None and not self._stopped
        if unread and idle and self._size_asked and not self._too_many(self._size or 0):
            self.load()

    def _too_many(self, size: int) -> bool:
        """Whether a pool of that size is not read unasked."""
        return size > UNASKED or self._desk.reach.too_many(size)

    def _expected(self) -> int:
        return (self._census.total if self._census is not None else 0) or self._size or 0

    def _show(self) -> None:
        self.newest_changed.emit(self._present())

    def _present(self) -> ViewState:
        newest = self._census.newest if self._census is not None else ()
        if self._listing is not None:
            return Loading(tr("Reading the users of the pool…"), self._listing.progress, keep_content=bool(newest))
        if self._error is not None:
            return Failed(self._error, keep_content=bool(newest))
        if newest:
            return Ready(newest)
        if self._stopped:
            hint = tr("Cognito cannot list by date: the newest people show once everybody is read.")
            return Empty(tr("Listing was stopped"), hint, tr("Load the users"), "users")
        if self._census is not None and self._too_many(self._size or 0):
            return _too_many(self._size or 0)
        if self._census is not None and self._empty:
            hint = tr("Create the first one in the Users tab, or let people sign up in your application.")
            return Empty(tr("This pool has no users yet"), hint, icon="users")
        return Loading()


def _too_many(size: int) -> Empty:
    minutes = max(1, round(size / _PER_SECOND / 60))
    hint = tr(
        "Cognito cannot list by date, so everybody has to be read first: {time} or more, from the quota that your "
        "application shares.",
        time=count(minutes, "minute", "minutes"),
    )
    return Empty(tr("About {n} users to read", n=number(size)), hint, tr("Load the users"), "users")


def _look(desk: Desk, work: Work) -> Census:
    index, onboarding = desk.index, desk.onboarding
    total = len(index)
    if not total or index.partial:
        return Census()
    factors = index.facets()["mfa"]
    made = Census(
        newest=tuple(index.newest(NEWEST)),
        total=total,
        without_mfa=factors.get("none", 0),
        mfa_known=sum(amount for factor, amount in factors.items() if factor),
    )
    if onboarding is None:
        return made
    found, note, compared = desk.drift.latest, "", False
    if not desk.drift.current and total <= UNASKED:
        try:
            found, compared = desk.drift.compare(work), True
        except AppError as error:
            note = error.message
    if found is None:
        note = note or tr("Not compared yet: a pool of this size is compared on the Onboarding tab, under Drift.")
        return replace(made, differences_note=note)
    told = f"{words(found)}\n{tr('As of {time}.', time=clock(found.at))} {note}".rstrip()
    return replace(made, differences=found, differences_note=told, compared=compared)


def words(report: DriftReport) -> str:
    """One line for each kind of difference that occurs; one person may be in several."""
    kinds = [f"{number(found)}: {difference(kind)}" for kind, found in report.counts.items() if found]
    return "\n".join(kinds) or tr("Pool and database agree.")
