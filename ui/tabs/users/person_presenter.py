"""The selected person: shown at once from the table's row, then completed in the background. No widget here.

The newest selection wins: older answers are dropped by the runner. Reading bills nobody, except `ask_cognito`.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.desk import Desk
from app.directory.index import UserRow
from app.directory.models import User
from app.errors import AppError, ErrorCode
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.work import Work
from ui.context import Change, Context, Topic
from ui.tabs.users import person as people
from ui.tabs.users.person import Person
from ui.tabs.users.wording import ORIGIN
from ui.text import tr


class PersonPresenter(QObject):
    """Owns the person in the detail pane."""

    person_changed = Signal(object)  # Person | None
    reading_changed = Signal(bool)
    failed = Signal(object)  # AppError of Cognito's side; what is known stays shown
    gone = Signal(str)  # the name of somebody who is no longer in the pool

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._pool: PoolSnapshot | None = None
        self._client: ClientSnapshot | None = None
        self._client_asked = False
        self._person: Person | None = None
        self._under_way = 0  # an older reading may still run when a newer one begins
        context.changed.connect(self._on_change)

    @property
    def person(self) -> Person | None:
        """Who is shown."""
        return self._person

    def select(self, row: UserRow | None) -> None:
        """Show another person, or nobody. The same one again only takes over what the table knows better."""
        if row is None:
            self._set(None)
            return
        if self._person is not None and self._person.user.username == row.username:
            if self._person.row != row:
                self._set(replace(self._person, row=row))
            return
        person = people.sketch(row, self._pool, self._client)
        self._context.remember_person(row.username, person.title, person.address)
        self._set(person)
        self.read()
        self._ask_client()

    @Slot(object)
    def set_pool(self, pool: PoolSnapshot | None) -> None:
        """The pool's settings became known: policies and prechecks get sharper."""
        self._pool = pool
        if self._person is not None:
            self._set(replace(self._person, pool=pool))

    def _ask_client(self) -> None:
        """The app client decides how everybody signs in: read once, without it the diagnosis says less."""
        if self._client_asked:
            return
        self._client_asked = True
        pools = self._desk.pools

        def describe(work: Work) -> ClientSnapshot | None:
            try:
                return pools.client()
            except AppError:
                return None  # not named, or not allowed: the diagnosis tells that it could not look

        job = self._context.run(describe, name=tr("Reading the app client"), key="users-client", listed=False)
        job.succeeded.connect(self._on_client)

    @Slot(object)
    def _on_client(self, client: ClientSnapshot | None) -> None:
        self._client = client
        if self._person is not None:
            self._set(replace(self._person, client=client))

    def update(self, user: User) -> None:
        """A change told what Cognito holds now: show it at once, then look at the database."""
        if self._person is not None and self._person.user.username == user.username:
            self._set(replace(self._person, user=user))
            self.read(fresh=user)

    @Slot()
    def read(self, *, fresh: User | None = None) -> None:
        """Read both sides anew."""
        before, desk = self._person, self._desk
        if before is None:
            return

        def look(work: Work) -> Person | None:
            return people.read(desk, before, fresh=fresh)

        self._run(look, tr("Reading {who}", who=before.address), listed=False)

    @Slot()
    def ask_cognito(self) -> None:
        """Ask for the second factors too (AdminGetUser: counts the person as an active user this month)."""
        before, desk = self._person, self._desk
        if before is None:
            return

        def ask(work: Work) -> Person | None:
            try:
                user = desk.people.details(before.user.username)
            except AppError as error:
                if error.code is not ErrorCode.USER_NOT_FOUND:
                    raise
                desk.index.remove(before.user.username)
                return None
            return people.read(desk, before, fresh=user)

        self._run(ask, tr("Asking Cognito about {who}", who=before.address), listed=True)

    def _run(self, call: people.Reading, name: str, *, listed: bool) -> None:
        job = self._context.run(call, name=name, key="user-detail", listed=listed)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self.failed)
        job.finished.connect(self._on_finished)
        self._under_way += 1
        self.reading_changed.emit(True)

    @Slot()
    def _on_finished(self) -> None:
        self._under_way -= 1
        self.reading_changed.emit(self._under_way > 0)

    @Slot(object)
    def _on_read(self, person: Person | None) -> None:
        before = self._person
        if person is None:
            if before is not None:
                self._report_gone(before)
            return
        if before is not None and before.user.username == person.user.username:
            self._set(replace(person, pool=self._pool, client=self._client))

    def _report_gone(self, person: Person) -> None:
        self._set(None)
        self.gone.emit(person.address)
        self._context.announce(Change(Topic.USERS, (person.user.username,), ORIGIN))

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        person = self._person
        if person is None or change.origin == ORIGIN:
            return
        mine = {person.user.username, person.database.id if person.database is not None else ""}
        if change.topic in (Topic.USERS, Topic.ONBOARDING) and (not change.ids or mine & set(change.ids)):
            self.read()

    def _set(self, person: Person | None) -> None:
        self._person = person
        self.person_changed.emit(person)
