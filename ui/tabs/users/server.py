"""The list of a pool that is too large to be loaded: each search asks Cognito or the database. No widget here.

The people who are found are in the index like those of a loaded pool, so the table shows them in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.desk import Desk
from app.directory.query import QueryError
from app.directory.route import Impossible, InDatabase
from app.errors import AppError
from app.reach import Search
from app.work import Progress, Work
from ui.context import Context
from ui.jobs import Job
from ui.text import number, tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState

PATIENCE_MS = 350  # after the last keystroke: every question is a request from the quota that production shares


class ServerSearch(QObject):
    """`active` while the pool is searched where it is. `size` is about how many people it has."""

    changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self.active = False
        self.size = 0
        self.search: Search | None = None
        self.facets: Mapping[str, Mapping[str, int]] = {}
        self._text = ""
        self._job: Job | None = None
        self._progress: Progress | None = None
        self._error: AppError | None = None
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited, or about to be asked for."""
        return self._job is not None or self._patience.isActive()

    @property
    def words(self) -> str:
        """What the present search looks at."""
        route = None if self.search is None else self.search.route
        return "" if route is None or isinstance(route, Impossible) else route.words

    @property
    def remedy(self) -> str:
        """What the button of an empty list does: everything (load it) or clear."""
        return "everything" if self.search is not None and isinstance(self.search.route, Impossible) else "clear"

    def enter(self, size: int, text: str) -> None:
        """The pool has about `size` people, too many: search it where it is, beginning with `text`."""
        self.active, self.size, self._text = True, size, text
        job = self._context.run(self._count, name=tr("Counting the database's rows"), key="users-counts", listed=False)
        job.succeeded.connect(self._on_counts)
        self._begin()

    def leave(self) -> None:
        """The pool is loaded after all."""
        self.active = False
        self._patience.stop()
        if self._job is not None:
            self._job.cancel()
        self.search = None
        self.changed.emit()

    def ask(self, text: str) -> None:
        """Search for something else, once nobody types for a moment."""
        self._text = text
        self._patience.start()
        self.changed.emit()

    @Slot()
    def more(self) -> None:
        """Find more of the same, where there are any."""
        if self.active and not self.busy and self._error is None and self.search is not None and not self.search.ended:
            self._run(self.search)

    def state(self, shown: int) -> ViewState:
        """What the table's place shows, with so many people found."""
        search = self.search
        if self._error is not None:
            return Failed(self._error, keep_content=shown > 0)
        if self.busy:
            note = tr("Searching the database…") if self._in_database else tr("Searching Cognito…")
            return Loading(note, self._progress, keep_content=shown > 0)
        if search is not None and isinstance(search.route, Impossible):
            hint = tr("{why} With everybody loaded it can be searched for.", why=tr(search.route.reason))
            return Empty(tr("Not without loading everybody"), hint, tr("Load everybody…"), "search")
        if not shown and search is not None and search.ended:
            return Empty(tr("Nobody was found"), self._nobody(search), tr("Clear the search") if self._text else "")
        return Ready() if shown else Loading(tr("Searching Cognito…"))

    def summary(self, shown: int) -> str:
        """One line beside the title."""
        search = self.search
        if search is None or isinstance(search.route, Impossible):
            return tr("about {n}", n=number(self.size))
        if self.busy and not shown:
            return tr("searching about {n}", n=number(self.size))
        found = tr("{n} found", n=number(shown)) if search.ended else tr("the first {n}", n=number(shown))
        parts = [tr("{found} of about {all}", found=found, all=number(self.size))]
        if search.strangers:
            parts.append(tr("{n} only in the database", n=number(search.strangers)))
        return " · ".join(parts)

    @property
    def _in_database(self) -> bool:
        return self.search is not None and isinstance(self.search.route, InDatabase)

    def _nobody(self, search: Search) -> str:
        if search.strangers:
            return tr(
                "{n} rows of the database match, but their people are not in the pool.", n=number(search.strangers)
            )
        if self._in_database:
            return tr("The database has no such row.")
        return tr("Without loading everybody only beginnings are found, not what stands in the middle.")

    @Slot()
    def _begin(self) -> None:
        self._patience.stop()
        self._error = self._progress = None
        try:
            self.search = self._desk.reach.search(self._text)
        except QueryError:
            return  # the line under the head says what is wrong with it
        if isinstance(self.search.route, Impossible):
            if self._job is not None:
                self._job.cancel()
            self._job = None
            self.changed.emit()
        else:
            self._run(self.search)

    def _run(self, search: Search) -> None:
        def find(work: Work) -> None:
            search.more(work)

        self._error = None
        job = self._context.run(find, name=tr("Searching people"), key="users-server")
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self._job = job
        self.changed.emit()

    def _count(self, _: Work) -> dict[str, int]:
        return self._desk.reach.counts()

    @Slot(object)
    def _on_counts(self, counts: dict[str, int]) -> None:
        self.facets = {"onboarding": counts} if counts else {}
        self.changed.emit()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self._progress = progress
        self.changed.emit()

    @Slot()
    def _on_found(self) -> None:
        self._job = None
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._job = None
        self._error = error
        self.changed.emit()

    @Slot()
    def _on_cancelled(self) -> None:
        # A newer search ends an older one so, and has taken its place; else somebody pressed Stop.
        if self._job is not None and self.sender() is self._job:
            self._job = None
            self.changed.emit()
