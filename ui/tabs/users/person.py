"""One person as the detail pane shows them: both sides, read without billing anybody. `read` runs on a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from app.auth.enrolment import Situation
from app.diagnosis.account import provider_of
from app.diagnosis.findings import Diagnosis, Snapshot
from app.diagnosis.signin import diagnose
from app.directory.index import UserRow
from app.directory.models import User, UserStatus
from app.directory.query import QueryError, toggle
from app.errors import AppError, ErrorCode
from app.journal_models import Mirror, email_key
from app.onboarding.models import DatabaseUser
from app.permissions import Action, why_not
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.prechecks import guarded, obstacle
from app.work import Work

if TYPE_CHECKING:
    from app.desk import Desk
    from app.permissions import Operator


@dataclass(frozen=True, slots=True)
class Person:
    """Cognito's view and the database's.

    `complete`: every attribute was read, and the database was asked. Before that `user` is what the table knows.
    `database_error` tells why `database` is not known; DATABASE_MISSING where the connection has none.
    """

    user: User
    row: UserRow | None = None
    complete: bool = False
    database: DatabaseUser | None = None
    database_error: AppError | None = None
    waiting: tuple[Mirror, ...] = ()
    pool: PoolSnapshot | None = None
    client: ClientSnapshot | None = None
    rows: tuple[DatabaseUser, ...] = ()
    twins: tuple[User, ...] = ()
    enrolment: Situation | None = None

    @property
    def title(self) -> str:
        """What the person is called: the name, else the email, else the user name."""
        return self.user.name or self.user.email or self.user.username

    @property
    def address(self) -> str:
        """How actions name the person: the email, else the phone number, else the user name."""
        return self.user.email or self.user.phone or self.user.username

    @property
    def database_known(self) -> bool:
        """Whether it is known if the database has a row: it is configured, was asked, and answered."""
        return self.complete and self.database_error is None

    def diagnosis(self, now: datetime) -> Diagnosis:
        """Why the person cannot sign in, as far as what was read tells."""
        return diagnose(
            Snapshot(
                self.user,
                now,
                self.pool,
                self.client,
                self.database,
                self.database_known,
                self.rows,
                self.twins,
                self.waiting,
                self.enrolment,
            )
        )

    @property
    def federated(self) -> str:
        """The identity provider that keeps the person's password; empty where Cognito does."""
        external = self.user.status is UserStatus.EXTERNAL_PROVIDER
        return (provider_of(self.user) or "another identity provider") if external else ""

    def barred(self, action: Action, operator: Operator) -> str | None:
        """Why the operator may not do `action` to this person, whatever their state."""
        return why_not(operator, action) or guarded(operator, self.user, self.database)

    def why_not(self, action: Action, operator: Operator) -> str | None:
        """Why the operator cannot do `action` to this person now; None where nothing stands in the way."""
        return obstacle(action, operator, self.user, self.pool, self.database)


_MOST_TWINS = 20
Reading = Callable[[Work], Person | None]


def sketch(row: UserRow, pool: PoolSnapshot | None, client: ClientSnapshot | None = None) -> Person:
    """The person as far as the table knows them: shown at once, until `read` has the rest."""
    return Person(_from(row), row, pool=pool, client=client)


def _from(row: UserRow) -> User:
    known = {
        "sub": row.sub,
        "email": row.email,
        "email_verified": "true" if row.email_verified else "false",
        "phone_number": row.phone,
        "name": row.name,
        "custom:role": row.role,
    }
    attributes = {name: value for name, value in known.items() if value}
    return User(row.username, row.status, row.enabled, row.created, row.modified, attributes)


def read(desk: Desk, before: Person, *, fresh: User | None = None) -> Person | None:
    """Read both sides anew (ListUsers and one query; bills nobody). None where the person is gone from the pool.

    `fresh` spares the question to Cognito where a change has just told the answer. Raises AppError of Cognito's side;
    what the database says wrong is kept in `database_error`.
    """
    user = fresh or desk.people.read_again(before.user)
    if user is None:
        return None
    if user.factors is None and before.user.factors is not None:
        user = replace(user, factors=before.user.factors, preferred_factor=before.user.preferred_factor)
    database, error = None, None
    rows: tuple[DatabaseUser, ...] = ()
    try:
        database = desk.people.row(user)
        rows = desk.people.rows_alike(user)
    except AppError as caught:
        error = caught
    return Person(
        user,
        desk.index.get(user.username) or before.row,
        complete=True,
        database=database,
        database_error=error,
        waiting=_waiting(desk, user),
        pool=before.pool,
        client=before.client,
        rows=rows,
        twins=_twins(desk, user),
        enrolment=_enrolment(desk, user),
    )


def without_database(person: Person) -> bool:
    """Whether the connection has no database at all (which is no fault)."""
    return person.database_error is not None and person.database_error.code is ErrorCode.DATABASE_MISSING


def _waiting(desk: Desk, user: User) -> tuple[Mirror, ...]:
    return tuple(
        mirror
        for mirror in desk.journal.mirrors(desk.connection.id)
        if (mirror.sub and mirror.sub == user.sub) or (user.email and email_key(mirror.email) == email_key(user.email))
    )


def _enrolment(desk: Desk, user: User) -> Situation | None:
    try:
        return desk.enrolments.left(user)
    except AppError:
        return None  # a journal that cannot be read says so elsewhere


def _twins(desk: Desk, user: User) -> tuple[User, ...]:
    """Others of the list whose email differs in capital letters only."""
    if not user.email:
        return ()
    try:
        found = desk.index.view(toggle("", "email", user.email)).rows(0, _MOST_TWINS)
    except QueryError:
        return ()  # an address that is no search: nobody else has it
    wanted = user.email.casefold()
    return tuple(_from(row) for row in found if row.email.casefold() == wanted and row.username != user.username)
