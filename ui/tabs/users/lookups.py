"""What the pane's pages ask for when they are opened, each on its own. No widget here.

The newest person wins: an answer about somebody else is dropped. What was read is kept until a change touches it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.capabilities import Capability
from app.directory.history import AuthEventPage
from app.errors import AppError
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users.person import Person
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState

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
        self._older: ViewState | None = None
        context.changed.connect(self._on_change)

    def state(self, what: Lookup) -> ViewState | None:
        """The answer, or how it stands; None where nobody asked yet."""
        return self._states.get(what)

    @property
    def events(self) -> AuthEventPage | None:
        """The sign-ins read so far; None where there are none to be had."""
        state = self._states.get(Lookup.EVENTS)
        value = state.value if isinstance(state, Ready) else None
        return value if isinstance(value, AuthEventPage) else None

    @property
    def older(self) -> ViewState | None:
        """How reading the sign-ins before those stands: None, Loading, Failed, or Empty with why there are none."""
        return self._older

    @Slot()
    def read_older(self) -> None:
        """Ask for the sign-ins before those that are shown, once at a time; what is shown stays."""
        person, desk, shown = self._person, self._desk, self.events
        if person is None or shown is None or shown.token is None or isinstance(self._older, Loading):
            return
        token = shown.token

        def look(work: Work) -> AuthEventPage | Capability:
            return desk.security.history(person.user, token, person.pool)

        name = tr("Reading older sign-ins of {who}", who=person.address)
        job = self._context.run(look, name=name, key="user-events-older", listed=False)
        _AskedOlder(self, person.user.username, token, job)
        self._set_older(Loading())

    def take_older(self, username: str, token: str, answer: AuthEventPage | Capability | AppError) -> None:
        """What followed the page of that token; dropped where another person, or another page, is shown by now."""
        shown = self.events
        if self._person is None or self._person.user.username != username or shown is None or shown.token != token:
            return
        if isinstance(answer, AuthEventPage):
            self._older = None
            self._set(Lookup.EVENTS, Ready(shown.followed_by(answer)))
        elif isinstance(answer, Capability):
            self._set_older(Empty(answer.reason))
        else:
            self._set_older(Failed(answer))

    def _set_older(self, state: ViewState) -> None:
        self._older = state
        self.changed.emit(Lookup.EVENTS.value)

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
        if self._person is None or self._person.user.username != username:
            return
        if what is Lookup.EVENTS:
            state = self._with_older(state)
        self._set(what, state)

    def _with_older(self, state: ViewState) -> ViewState:
        """Reading the newest again must not take away what was read before them."""
        fresh = state.value if isinstance(state, Ready) else None
        if isinstance(fresh, AuthEventPage) and self.events is not None and fresh.meets(self.events):
            return Ready(fresh.followed_by(self.events))
        self._older = None
        return state

    def _set(self, what: Lookup, state: ViewState) -> None:
        self._states[what] = state
        self.changed.emit(what.value)

    def _forget(self) -> None:
        self._states.clear()
        self._older = None
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

    def __init__(self, lookups: Lookups, what: Lookup, username: str, job: Job) -> None:
        super().__init__(lookups)
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
        self._lookups.take(self._what, self._username, Failed(error))


class _AskedOlder(QObject):
    """One question for older sign-ins under way: remembers about whom, and after which page."""

    def __init__(self, lookups: Lookups, username: str, token: str, job: Job) -> None:
        super().__init__(lookups)
        self._lookups = lookups
        self._username = username
        self._token = token
        job.succeeded.connect(self._on_answer)
        job.failed.connect(self._on_answer)
        job.finished.connect(self.deleteLater)

    @Slot(object)
    def _on_answer(self, answer: AuthEventPage | Capability | AppError) -> None:
        self._lookups.take_older(self._username, self._token, answer)
