"""The list of people: loads the pool into the index, and asks the index for views of it. No widget here.

Views are asked for on a worker. While rows arrive, at most four times a second and one at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.desk import Desk
from app.directory.index import BY_EMAIL
from app.directory.query import QueryError, parse
from app.errors import AppError, ErrorCode
from app.people import LoadReport
from app.pool.models import PoolSnapshot
from app.work import Progress, Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users.answers import Answers, Question
from ui.tabs.users.listing import Listing, Sort, Standing, has_content
from ui.tabs.users.server import ServerSearch
from ui.text import tr
from ui.view_state import Failed, Loading, Ready, ViewState
from ui.widgets.table_choice import Kept

REFRESH_MS = 250
TEMPO_AFTER = 1.0  # seconds; what is read sooner needs no pause and no stop

# Without the pool's description people can still be listed; after these there is no point in trying.
_HOPELESS = frozenset(
    {
        *(ErrorCode.UNREACHABLE, ErrorCode.TIMEOUT, ErrorCode.POOL_NOT_FOUND, ErrorCode.CREDENTIALS_MISSING),
        *(ErrorCode.CREDENTIALS_INVALID, ErrorCode.CREDENTIALS_EXPIRED),
    }
)


class UsersPresenter(QObject):
    """Owns the search text, the order and the present view."""

    state_changed = Signal(object)  # ViewState
    listing_changed = Signal(object)  # Listing
    summary_changed = Signal(str)  # "17 of 500 · as of 10:42"
    search_changed = Signal(str)
    mistake_changed = Signal(object)  # (text, QueryError) | None: the list keeps the last search that could be read
    loading_changed = Signal(bool)
    pace_changed = Signal(object)  # Pace | None
    full_speed_changed = Signal(bool)
    pool_changed = Signal(object)  # PoolSnapshot | None
    database_changed = Signal(object)  # AppError | None: why the database's columns are empty
    server_changed = Signal()  # what `server` has to say

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._text = ""
        self._typed = ""
        self._mistake: tuple[str, QueryError] | None = None
        self._take(context.search.strip())
        self._sort: Sort = BY_EMAIL
        self._pool: PoolSnapshot | None = None
        self._standing = Standing()
        self._state: ViewState = self._standing.state()
        self._load: Job | None = None
        self._again = False
        self._began = 0.0
        self._without_database = False
        self._answers = Answers(context, self._desk.index, self)
        self._answers.answered.connect(self._on_listing)
        self._answers.failed.connect(self._on_ask_failed)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_tick)
        self.server = ServerSearch(context, self)
        self.server.changed.connect(self._on_server)
        self._ordered = False  # by a person; else those whom a server search finds stay in the order of their arrival
        context.changed.connect(self._on_change)
        context.search_changed.connect(self.search)

    @property
    def state(self) -> ViewState:
        """What the table's place shows."""
        return self._state

    @property
    def listing(self) -> Listing | None:
        """The newest answer of the index."""
        return self._answers.listing

    @property
    def pool(self) -> PoolSnapshot | None:
        """The pool's settings; None until they are read, and where they may not be."""
        return self._pool

    @property
    def text(self) -> str:
        """What is searched for: the last text that could be read."""
        return self._text

    @property
    def mistake(self) -> tuple[str, QueryError] | None:
        """The text that cannot be read, and why; None where all is well."""
        return self._mistake

    @property
    def sort(self) -> Sort:
        """The present order."""
        return self._sort

    @property
    def remedy(self) -> str:
        """What the button of an empty list does: load, create or clear."""
        return self.server.remedy if self.server.active else self._standing.remedy

    @property
    def loading(self) -> bool:
        """Whether the pool is being read."""
        return self._load is not None

    @property
    def busy(self) -> bool:
        """Whether an answer is still awaited, of the pool or of the index."""
        return self._load is not None or self._answers.busy or self.server.busy

    @Slot()
    def open(self) -> None:
        """Read the pool's settings, then every user, unless another tab has read them already."""
        self._read(again=False)

    @Slot()
    def load(self) -> None:
        """Read the pool's settings, then every user. Does nothing while that is under way."""
        self._read(again=True)

    @Slot(bool)
    def pause(self, paused: bool) -> None:
        """Send nothing more to Cognito for the moment, or go on."""
        tempo = self._desk.people.listing.tempo
        (tempo.pause if paused else tempo.resume)()
        self._show_pace()

    @Slot()
    def stop(self) -> None:
        """End the reading here; who was read stays in the list."""
        if self._load is not None:
            self._load.cancel()

    @Slot(bool)
    def set_full_speed(self, on: bool) -> None:
        """Take all of the quota, now and for the next readings, or the polite part of it."""
        self._desk.people.listing.tempo.set_full_speed(on)
        self.full_speed_changed.emit(on)

    def _read(self, *, again: bool) -> None:
        if self._load is not None:
            return
        self._again = again
        self._standing = replace(self._standing, error=None, stopped=False, progress=None)
        pools = self._desk.pools

        def describe(work: Work) -> PoolSnapshot:
            return pools.describe()

        job = self._context.run(describe, name=tr("Reading the pool's settings"), key="users-pool", listed=False)
        job.succeeded.connect(self._on_pool)
        job.failed.connect(self._on_pool_failed)
        job.cancelled.connect(self._on_load_cancelled)
        self._load = job
        self._began = time.monotonic()
        self._timer.start()
        self.loading_changed.emit(True)
        self._show()

    @Slot(str)
    def search(self, text: str) -> None:
        """Show who matches; cheap enough for each keystroke."""
        before, mistake = self._text, self._mistake
        self._take(text.strip())
        if self._mistake != mistake:
            self.mistake_changed.emit(self._mistake)
        if self._text != before:
            self.search_changed.emit(self._text)
            if self.server.active:
                self.server.ask(self._text)
            else:
                self._ask(recount=self._load is None)

    @Slot(object)
    def order_by(self, sort: Sort) -> None:
        """Show the people in another order: columns of UserRow, each with whether it descends."""
        if sort and (sort != self._sort or not self._ordered):
            self._sort, self._ordered = sort, True
            self._ask()

    @Slot()
    def load_everybody(self) -> None:
        """Load the pool, however large it is."""
        self._desk.reach.insist()
        self.server.leave()
        self._read(again=True)

    def find_again(self, kept: Callable[[], Kept]) -> None:
        """Whom every answer shall find again: who is chosen in the table."""
        self._answers.find_again(kept)

    @Slot()
    def join_database_again(self) -> None:
        """Ask the database once more for its facts."""
        people = self._desk.people

        def join(work: Work) -> AppError | None:
            return people.join_database()

        job = self._context.run(join, name=tr("Reading onboarding from the database"), key="users-join")
        job.succeeded.connect(self._on_joined)

    def _take(self, text: str) -> None:
        if text == self._typed:
            return
        self._typed = text
        try:
            parse(text)
        except QueryError as error:
            self._mistake = (text, error)
        else:
            self._text, self._mistake = text, None

    # Loading, one step after the other.

    @Slot(object)
    def _on_pool(self, pool: PoolSnapshot) -> None:
        self._pool = pool
        self.pool_changed.emit(pool)
        self._start_listing()

    @Slot(object)
    def _on_pool_failed(self, error: AppError) -> None:
        if error.code in _HOPELESS:
            self._end_load(error)
        else:
            self._start_listing()

    def _start_listing(self) -> None:
        report = self._desk.people.loaded
        if report is not None and not self._again:
            self._on_loaded(report)
            return
        size = self._pool.estimated_users if self._pool is not None else 0
        if self._desk.reach.too_many(size):
            self.server.enter(size, self._text)
            self._end_load(None)
            return
        expected = (self._answers.listing.total if self._answers.listing is not None else 0) or size
        people = self._desk.people

        def read(work: Work) -> LoadReport:
            return people.load(work, estimated=expected or None)

        job = self._context.run(read, name=tr("Listing users"), key="users-load")
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_loaded)
        job.failed.connect(self._end_load)
        job.cancelled.connect(self._on_load_cancelled)
        self._load = job

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self._standing = replace(self._standing, progress=progress)
        self._show()

    @Slot(object)
    def _on_loaded(self, report: LoadReport) -> None:
        self._standing = replace(self._standing, as_of=report.at)
        self._set_database_error(report.database)
        self._end_load(None)

    @Slot()
    def _on_load_cancelled(self) -> None:
        self._standing = replace(self._standing, stopped=True)
        self._end_load(None)

    @Slot(object)
    def _end_load(self, error: AppError | None) -> None:
        self._load = None
        self._standing = replace(self._standing, error=error)
        self._timer.stop()
        self.pace_changed.emit(None)
        self.loading_changed.emit(False)
        self._ask()
        self._show()

    @Slot(object)
    def _on_joined(self, error: AppError | None) -> None:
        self._set_database_error(error)
        self._ask()

    def _set_database_error(self, error: AppError | None) -> None:
        if error is not None and error.code is ErrorCode.DATABASE_MISSING:
            error = None  # a connection without a database is no fault
        self._without_database = error is not None
        if error is not None:
            self._context.troubled.emit(error)
        self.database_changed.emit(error)

    # Views of the index.

    @Slot()
    def _on_tick(self) -> None:
        self._show_pace()
        if self._answers.stale:
            self._ask(recount=False)

    def _ask(self, *, recount: bool = True) -> None:
        wanted, sort = self._text, self._sort
        if self.server.active:
            wanted, sort = "", sort if self._ordered else ()
        self._answers.ask(Question(self._text, wanted, sort, recount))

    @Slot(object)
    def _on_listing(self, listing: Listing) -> None:
        self._context.search_values = listing.values
        self.listing_changed.emit(listing)
        self._show()

    @Slot(object)
    def _on_ask_failed(self, error: AppError) -> None:
        self._standing = replace(self._standing, error=error)
        self._show()

    @Slot()
    def _on_server(self) -> None:
        server = self.server
        if server.active and not self._desk.index.partial and self._desk.people.loaded is not None:
            server.leave()  # another tab has loaded everybody
        elif server.active and server.busy:
            self._timer.start()
        elif self._load is None:
            self._timer.stop()
            self._ask()
        if server.active and server.search is not None and not server.busy:
            self._set_database_error(server.search.database_error)
        self.server_changed.emit()
        self._show()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic == Topic.ONBOARDING and self._without_database:
            self.join_database_again()  # somebody has reached the database: it may be back
        elif change.topic in (Topic.USERS, Topic.ONBOARDING):
            self._ask()

    # What is shown.

    def _show_pace(self) -> None:
        if self._load is not None and time.monotonic() - self._began >= TEMPO_AFTER:
            tempo = self._desk.people.listing.tempo
            pace = tempo.pace()
            self.pace_changed.emit(replace(pace, paused=tempo.paused) if pace is not None else None)

    def _show(self) -> None:
        before = self._state
        self._standing = replace(
            self._standing,
            listing=self._answers.listing,
            loading=self._load is not None,
            asking=self._answers.busy,
        )
        shown, active = self._standing.total, self.server.active
        self._state = self.server.state(shown) if active else self._standing.state()
        if self._state != before:
            if isinstance(self._state, Loading | Failed) and self._state.keep_content and not has_content(before):
                self.state_changed.emit(
                    Ready(self._answers.listing)
                )  # the first rows are there: show them, and go on telling
            self.state_changed.emit(self._state)
        self.summary_changed.emit(self.server.summary(shown) if active else self._standing.summary())
