"""Reads the journal when something changed, and passes on the jobs of this session. No widget here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.changes import MirrorReport
from app.errors import AppError
from app.journal_models import Entry
from app.permissions import Action
from app.waiting import Waiting, Why
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job, JobRecord
from ui.journal_words import action_words, details_words, outcome_words, person_words
from ui.tabs.activity.waiting_words import who
from ui.text import count, tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState

if TYPE_CHECKING:
    from app.journal import Journal
    from app.people import People

SHOWN = 500


@dataclass(frozen=True, slots=True)
class JournalPage:
    """The newest entries of this connection, and the database writes that still wait."""

    entries: tuple[Entry, ...]
    waiting: tuple[Waiting, ...]


class ActivityPresenter(QObject):
    """Owns the journal's page and the text that it is searched by."""

    state_changed = Signal(object)  # ViewState; Ready carries a JournalPage
    waiting_changed = Signal(object)  # tuple[Waiting, ...]: database writes that wait
    jobs_changed = Signal(object)  # list[JobRecord]

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._text = ""
        self._page: JournalPage | None = None
        self._landing: Job | None = None
        context.runner.jobs_changed.connect(self._on_jobs)
        context.changed.connect(self._on_change)

    def load(self) -> None:
        """Read the journal again."""
        if self._page is None:
            self._tell(Loading(tr("Reading the journal…")))
        read = partial(_read, self._desk.journal, self._desk.people, self._desk.connection.id)
        job = self._context.run(read, name=tr("Read the journal"), key="activity-journal", listed=False)
        job.succeeded.connect(self._on_page)
        job.failed.connect(self._on_failure)

    def search(self, text: str) -> None:
        """Show only entries that hold every word of `text`."""
        self._text = text
        self._show()

    def retry_mirrors(self) -> None:
        """Try the waiting database writes now."""
        if self._landing is not None:
            return
        job = self._context.run(partial(_land, self._desk.people), name=tr("Waiting database changes"), lane="changes")
        self._landing = job
        job.succeeded.connect(self._on_landed)
        job.failed.connect(self._on_failure)
        job.finished.connect(self._on_tried)

    @Slot(object)
    def discard(self, waiting: Waiting) -> None:
        """Give a waiting database write up for good; asked before."""
        name = tr("Discarding a database change of {who}", who=who(waiting))
        call = partial(_discard, self._desk.people, waiting.mirror.id)
        job = self._context.run(call, name=name, lane="changes")
        job.succeeded.connect(self._on_discarded)
        job.failed.connect(self._on_not_discarded)

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop."""
        self._context.runner.cancel(job_id)

    def jobs(self) -> list[JobRecord]:
        """Running jobs first, then finished ones, newest first."""
        return self._context.runner.jobs()

    def why_not_retry(self) -> str | None:
        """Why the waiting writes cannot be tried now; None where they can."""
        waiting = self._page.waiting if self._page is not None else ()
        here = [each for each in waiting if each.why is not Why.ELSEWHERE]
        if not here:
            return tr("They wait for another database.") if waiting else tr("Nothing waits.")
        # Who may make a change may also retry its write: one that may be tried is enough.
        return None if any(each.forbidden is None for each in here) else here[0].forbidden

    def why_not_discard(self) -> str | None:
        """Why the operator may not give waiting writes up; None where they may."""
        return self._desk.why_not(Action.DISCARD_MIRROR)

    @Slot(object)
    def _on_page(self, page: JournalPage) -> None:
        self._page = page
        self.waiting_changed.emit(page.waiting)
        self._show()

    @Slot(object)
    def _on_failure(self, error: AppError) -> None:
        self._tell(Failed(error, keep_content=self._page is not None))

    @Slot(object)
    def _on_landed(self, report: MirrorReport) -> None:
        if report.waiting:
            waits = count(report.waiting, "database change still waits.", "database changes still wait.")
            landed = tr("{n} landed.", n=report.done) if report.done else ""
            self._context.toast(f"{landed} {waits}".strip(), "warn")
        else:
            self._context.toast(tr("Every database change has landed."))
        self._context.announce(Change(Topic.ONBOARDING, origin="activity"))
        self.load()

    @Slot()
    def _on_discarded(self) -> None:
        self._context.toast(tr("The database change was discarded. The row stays as it is."))
        self._context.announce(Change(Topic.JOURNAL, origin="activity"))
        self.load()

    @Slot(object)
    def _on_not_discarded(self, error: AppError) -> None:
        self._on_failure(error)
        self.load()

    @Slot()
    def _on_tried(self) -> None:
        self._landing = None

    @Slot()
    def _on_jobs(self) -> None:
        self.jobs_changed.emit(self.jobs())

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic in (Topic.JOURNAL, Topic.USERS, Topic.ONBOARDING) and change.origin != "activity":
            self.load()

    def _show(self) -> None:
        if self._page is None:
            return
        words = self._text.casefold().split()
        entries = tuple(entry for entry in self._page.entries if _holds(entry, words))
        if not self._page.entries and not self._page.waiting:
            self._tell(Empty(tr("No changes yet"), tr("Every change that somebody makes here is written down first.")))
        elif not entries and words:
            self._tell(Empty(tr("Nothing matches “{text}”", text=self._text), tr("Try fewer words.")))
        else:
            self._tell(Ready(JournalPage(entries, self._page.waiting)))

    def _tell(self, state: ViewState) -> None:
        self.state_changed.emit(state)


def _read(journal: Journal, people: People, connection: str, _: Work) -> JournalPage:
    return JournalPage(tuple(journal.entries(connection=connection, limit=SHOWN)), people.waiting_mirrors())


def _land(people: People, work: Work) -> MirrorReport:
    return people.retry_mirrors(work, at_once=True)


def _discard(people: People, mirror_id: int, _: Work) -> None:
    people.discard_mirror(mirror_id)


def _holds(entry: Entry, words: list[str]) -> bool:
    """Found by what is to be seen of it, and by the name that it was stored under."""
    haystack = " ".join(
        (
            entry.operator,
            action_words(entry.action),
            entry.action,
            entry.subject,
            person_words(entry),
            outcome_words(entry.state),
            entry.message or "",
            details_words(entry.details),
        )
    ).casefold()
    return all(word in haystack for word in words)
