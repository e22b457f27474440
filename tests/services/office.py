"""A pool, a database that can go away and a journal, with People of any role on them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from psycopg import sql

from app.capabilities import Capabilities
from app.changes import Changes
from app.demo.cognito import GOOGLE_GROUP, GROUPS
from app.demo.people import DemoPerson
from app.directory.access import Access
from app.directory.devices import Devices
from app.directory.groups import Groups
from app.directory.history import History
from app.directory.identities import Identities
from app.directory.index import UserIndex
from app.directory.models import User, UserStatus
from app.directory.sessions import Sessions
from app.federation import Federation
from app.journal import Entry, Journal
from app.memberships import Memberships
from app.onboarding.database import Database
from app.onboarding.mirror import apply
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.people import People
from app.permissions import Operator, Role
from app.security import Security
from tests.services.pools import OtherPool, Pool
from tests.services.relay import Relay

BOB = "bob@example.org"
TARGET = "pool_1 at desk@db/app"
GOOD = "Lantern-Quay-4821"
S = OnboardingStatus


class Office:
    """A pool, a database that can go away, a journal, and People of any role on them."""

    def __init__(self, cognito: Pool, relay: Relay, journal: Journal) -> None:
        self.cognito = cognito
        self.relay = relay
        self.journal = journal
        self.database = Database(relay.conninfo)
        self.onboarding = OnboardingUsers(self.database)
        self.index = UserIndex()
        self.groups = Groups(cognito.client, cognito.demo.pool_id)
        self.capabilities = Capabilities(cognito.client)
        self.people = self.of(Role.ADMIN)

    def of(self, role: Role, name: str = "ann") -> People:
        """People as somebody of this role has them."""
        changes = Changes(self.journal, Operator(name, role), "main", partial(apply, self.database), target=TARGET)
        return People(self.cognito.users, changes, self.index, self.onboarding, groups=self.groups)

    def memberships(self, role: Role = Role.ADMIN) -> Memberships:
        """The groups as somebody of this role has them."""
        return Memberships(self.groups, self.of(role).upkeep)

    def security(self, role: Role = Role.ADMIN, name: str = "ann", pool: OtherPool | None = None) -> Security:
        """The ways in as somebody of this role has them, into the demo's pool or another."""
        client, id = self.cognito.client, pool.id if pool is not None else self.cognito.demo.pool_id
        return Security(
            Access(client, id, pool.users if pool is not None else self.cognito.users),
            Devices(client, id),
            Sessions(client, id),
            History(client, id),
            self.capabilities,
            self.of(role, name).upkeep,
        )

    def federation(self, role: Role = Role.ADMIN) -> Federation:
        """The identities elsewhere as somebody of this role has them."""
        identities = Identities(self.cognito.client, self.cognito.demo.pool_id, self.cognito.users)
        return Federation(identities, self.capabilities, self.of(role).upkeep)

    def join(
        self,
        email: str = BOB,
        status: UserStatus = UserStatus.CONFIRMED,
        *,
        onboarding: OnboardingStatus | None = S.ACTIVE,
        totp: str | None = None,
        **more: str,
    ) -> User:
        """Put a person into the pool, the index and, unless `onboarding` is None, the database."""
        made = datetime(2026, 1, 5, tzinfo=UTC)
        sub = str(uuid.uuid4())
        attributes = {"email": email, "sub": sub, "name": "Bob Reed", "email_verified": "true", **more}
        user = User(sub, status, True, made, made, attributes)
        self.cognito.demo.fill([DemoPerson(user, None, totp, ("totp",) if totp else (), None, "")])
        self.index.put(user)
        if onboarding is not None:
            with self.database.connection() as connection:
                connection.execute(
                    "INSERT INTO auth.users (email, subject, name, auth_provider, status, email_verified)"
                    " VALUES (%s, %s, %s, 'cognito', %s, %s)",
                    (email, sub, attributes["name"], onboarding.value, attributes["email_verified"] == "true"),
                )
            assert self.people.join_database() is None
        return user

    def set_row(self, email: str, **values: object) -> None:
        """Change columns of a person's row past the program."""
        names = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in values)
        query = sql.SQL("UPDATE auth.users SET {} WHERE email = %(address)s").format(names)
        with self.database.connection() as connection:
            assert connection.execute(query, {**values, "address": email}).rowcount == 1

    def seen(self, user: User) -> User:
        """The person as Cognito holds them."""
        return self.cognito.users.get(user.username)

    def row(self, email: str = BOB) -> DatabaseUser:
        found = self.onboarding.find(email)
        assert found is not None
        return found

    def last(self) -> Entry:
        return self.journal.entries()[0]


@contextmanager
def opened(cognito: Pool, conninfo: str, folder: Path) -> Iterator[Office]:
    """An office on a pool that may be shared by the tests of a module: nobody is left in it afterwards."""
    journal = Journal(folder / "journal.sqlite")
    try:
        with Relay(conninfo) as relay:
            made = Office(cognito, relay, journal)
            cognito.faults.calls.clear()
            try:
                yield made
            finally:
                made.database.close()
    finally:
        journal.close()
        cognito.faults.clear()
        while users := cognito.users.list_page().users:
            for user in users:
                cognito.users.delete(user.username)
        for group in made.groups.all():
            if group.name not in (*GROUPS, GOOGLE_GROUP):
                made.groups.delete(group.name)
