"""What the pane's pages ask for when they are opened, each on its own. No widget here.

The newest person wins: an answer about somebody else is dropped. What was read is kept until a change touches it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.directory.history import AuthEventPage
from app.errors import AppError
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job, JobState
from ui.tabs.users.person import Person
from ui.text import tr
from ui.view_state import Failed, Loading, Ready, ViewState

if TYPE_CHECKING:
    from app.desk import Desk

JOURNAL_ENTRIES = 100


class Lookup(StrEnum):
    """One thing to be asked for."""

    GROUPS = "groups"
    SESSIONS = "sessions"
    DEVICES = "devices"
    EVENTS = "events"
    JOURNAL = "journal"


Read = Callable[["Desk", Person], object]

_READS: dict[Lookup, tuple[str, Read]] = {
    Lookup.GROUPS: ("Reading the groups of {who}", lambda desk, person: desk.memberships.of(person.user)),
    Lookup.SESSIONS: (
        "Reading the sessions of {who}",
        lambda desk, person: desk.security.sessions(person.user, person.pool),
    ),
    Lookup.DEVICES: (
        "Reading the devices of {who}",
        lambda desk, person: desk.security.devices(person.user, person.pool),
    ),
    Lookup.EVENTS: (
        "Reading the sign-ins of {who}",
        lambda desk, person: desk.security.history(person.user, None, person.pool),
    ),
    Lookup.JOURNAL: (
        "Reading what was done to {who}",
        lambda desk, person: tuple(
            desk.journal.entries(connection=desk.connection.id, subject=person.user.username, limit=JOURNAL_ENTRIES)
        ),
    ),
}


class Lookups(QObject):
    """Asks, and keeps the answers, about the person who is shown."""

    changed = Signal(str)  # Lookup

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._person: Person | None = None
        self._states: dict[Lookup, ViewState] = {}
        self._open: frozenset[Lookup] = frozenset()
        self._older: Job | None = None
        context.changed.connect(self._on_change)

    def state(self, what: Lookup) -> ViewState | None:
        """The answer, or how it stands; None where nobody asked yet."""
        return self._states.get(what)

    def show_person(self, person: Person | None) -> None:
        """Another person is shown, or the same with more known."""
        before, self._person = self._person, person
        same = before is not None and person is not None and before.user.username == person.user.username
        if not same:
            self._forget()

    def want(self, *lookups: Lookup) -> None:
        """A page that shows these is open: ask for what is not there yet."""
        self._open = frozenset(lookups)
        for what in lookups:
            if self._person is not None and what not in self._states:
                self._ask(what, keep=False)

    @Slot(str)
    def again(self, what: str) -> None:
        """Ask once more."""
        self._ask(Lookup(what), keep=True)

    @property
    def reading_older(self) -> bool:
        """Whether earlier sign-ins are on their way."""
        return self._older is not None and self._older.state in (JobState.WAITING, JobState.RUNNING)

    @Slot()
    def older(self) -> None:
        """Ask for the sign-ins before those that are there, to be added below them. They stay where that fails."""
        known, person, desk = self._states.get(Lookup.EVENTS), self._person, self._desk
        if person is None or self.reading_older or not isinstance(known, Ready):
            return
        page = known.value
        if not isinstance(page, AuthEventPage) or page.token is None:
            return

        def look(work: Work) -> object:
            more = desk.security.history(person.user, page.token, person.pool)
            return AuthEventPage(page.events + more.events, more.token) if isinstance(more, AuthEventPage) else more

        name = tr("Reading earlier sign-ins of {who}", who=person.address)
        job = self._context.run(look, name=name, key=f"user-{Lookup.EVENTS}", listed=False)
        self._older = job
        _Asked(self, Lookup.EVENTS, person.user.username, job, kept=known)
        self.changed.emit(Lookup.EVENTS.value)

    def touch(self, username: str) -> None:
        """A change was made to somebody: what was read of them may be old."""
        if self._person is None or self._person.user.username != username:
            return
        for what in [what for what in self._states if what not in self._open]:
            del self._states[what]
        for what in self._open:
            self._ask(what, keep=True)

    def _ask(self, what: Lookup, *, keep: bool) -> None:
        person, desk = self._person, self._desk
        if person is None:
            return
        words, read = _READS[what]

        def look(work: Work) -> object:
            return read(desk, person)

        name = tr(words, who=person.address)
        job = self._context.run(look, name=name, key=f"user-{what.value}", listed=False)
        _Asked(self, what, person.user.username, job)
        if not (keep and isinstance(self._states.get(what), Ready)):
            self._set(what, Loading())

    def take(self, what: Lookup, username: str, state: ViewState) -> None:
        """An answer came."""
        if self._person is not None and self._person.user.username == username:
            self._set(what, state)

    def fail_older(self, error: AppError) -> None:
        """What came before could not be read: said, and what is there stays."""
        self._context.toast(tr("Earlier sign-ins could not be read. {why}", why=error.message), "bad")

    def _set(self, what: Lookup, state: ViewState) -> None:
        self._states[what] = state
        self.changed.emit(what.value)

    def _forget(self) -> None:
        self._states.clear()
        if self._person is not None:
            for what in self._open:
                self._ask(what, keep=False)

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic == Topic.JOURNAL and Lookup.JOURNAL in self._states:
            if Lookup.JOURNAL in self._open:
                self._ask(Lookup.JOURNAL, keep=True)
            else:
                del self._states[Lookup.JOURNAL]


class _Asked(QObject):
    """One question under way: remembers about whom it is."""

    def __init__(self, lookups: Lookups, what: Lookup, username: str, job: Job, kept: Ready | None = None) -> None:
        super().__init__(lookups)
        self._kept = kept
        self._lookups = lookups
        self._what = what
        self._username = username
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.finished.connect(self.deleteLater)

    @Slot(object)
    def _on_succeeded(self, value: object) -> None:
        self._lookups.take(self._what, self._username, Ready(value))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._kept is not None:
            self._lookups.fail_older(error)
        self._lookups.take(self._what, self._username, self._kept or Failed(error))
