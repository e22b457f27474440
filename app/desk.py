"""The composition root: a Connection becomes a Desk with every service, and is closed again.

Blocking; any thread; raises AppError only. Opening makes no network call: `probe` and the services do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.aws.quotas import QuotaCategory
from app.changes import Changes
from app.connections import AccessKeys, Connection, CredentialSource
from app.demo.outbox import Outbox
from app.errors import AppError, ErrorCode
from app.federation import Federation
from app.journal import Journal
from app.learning import Learning
from app.memberships import Memberships
from app.people import People
from app.permissions import Action, Operator, why_not
from app.pool.probe import ProbeStep, probe, step
from app.secrets import SecretStore, database_ref
from app.security import Security
from app.settings import Settings
from app.work import Work

if TYPE_CHECKING:
    from app.aws.clients import Clients, CredentialReport
    from app.aws.pacing import Pacer, Usage
    from app.directory.exchange import Exports
    from app.directory.index import UserIndex
    from app.drift.service import Drift
    from app.enrolments import Enrolments
    from app.environment import EnvironmentReport
    from app.factors import Factors
    from app.onboarding.database import Database
    from app.onboarding.live import Live
    from app.onboarding.users import OnboardingReader
    from app.pool.snapshot import Pools
    from app.reach import Reach
    from app.subscriptions import Subscriptions

PROBE_STEPS = ("Credentials", "DescribeUserPool", "ListUsers", "Database", "Keyring")  # as Desk.probe yields them

_NO_VARIABLES: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Health:
    """One look at the two services: milliseconds of a cheap call, or why there are none."""

    milliseconds: float | None
    note: str


class Desk:
    """Every service of one open connection. Made by `open_desk`; `close` is idempotent."""

    def __init__(
        self,
        connection: Connection,
        operator: Operator,
        *,
        people: People,
        memberships: Memberships,
        security: Security,
        federation: Federation,
        index: UserIndex,
        exports: Exports,
        drift: Drift,
        subscriptions: Subscriptions,
        reach: Reach,
        learning: Learning,
        pools: Pools,
        enrolments: Enrolments,
        factors: Factors,
        journal: Journal,
        secrets: SecretStore,
        clients: Clients,
        pacer: Pacer,
        credentials: Callable[[], CredentialReport],
        probe_cognito: Callable[[], Iterator[ProbeStep]],
        database: Database | None,
        onboarding: OnboardingReader | None,
        live: Live | None = None,
        outbox: Outbox | None,
        environ: Mapping[str, str],
        on_close: Callable[[], None],
    ) -> None:
        self.connection = connection
        self.operator = operator
        self.people = people
        self.memberships = memberships
        self.security = security
        self.federation = federation
        self.index = index
        self.exports = exports
        self.drift = drift
        self.subscriptions = subscriptions
        self.reach = reach
        self.learning = learning
        self.pools = pools
        self.enrolments = enrolments
        self.factors = factors
        self.journal = journal
        self.database = database
        self.onboarding = onboarding
        self.live = live
        self.outbox = outbox
        self._secrets = secrets
        self._clients = clients
        self._pacer = pacer
        self._credentials = credentials
        self._probe_cognito = probe_cognito
        self._environ = environ
        self._on_close = on_close
        self._closing = threading.Lock()
        self._closed = False

    def why_not(self, action: Action) -> str | None:
        """Why the operator may not do `action` at all; None where the role allows it."""
        return why_not(self.operator, action)

    def usage(self) -> Usage:
        """How much of the quota of ListUsers the last second took. Never blocks."""
        return self._pacer.usage()[QuotaCategory.USER_LIST]

    def credentials(self) -> CredentialReport:
        """Which AWS credentials this connection uses, found out without a network call."""
        return self._credentials()

    def environment(self) -> EnvironmentReport:
        """What the environment variables say that the program was started with."""
        from app.environment import from_environment

        return from_environment(self._environ)

    def probe(self, work: Work) -> Iterator[ProbeStep]:
        """Test the connection: credentials, DescribeUserPool, ListUsers with one user, database, keyring.

        Yields each step as it ends. A failed step is a result, never an exception.
        """
        yield step("Credentials", self._probe_credentials)
        for made in self._probe_cognito():
            work.check()
            yield made
        yield step("Database", self._probe_database)
        work.check()
        yield step("Keyring", self._probe_keyring)

    def database_health(self) -> Health:
        """One ping of the database."""
        if self.database is None:
            return Health(None, "no database")
        try:
            info = self.database.ping()
        except AppError as error:
            return Health(None, error.message)
        return Health(info.milliseconds, f"PostgreSQL {info.version}")

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)

    def close(self) -> None:
        """End running enrolments (for a few seconds at most), give back connections; in the demo stop its servers."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        try:
            self.enrolments.leave()  # they sign out with the clients that are given back below
            if self.live is not None:
                self.live.close()
            if self.database is not None:
                self.database.close()
        finally:
            self._clients.reset()
            self._on_close()

    def _probe_credentials(self) -> str:
        report = self._credentials()
        if report.method is None:
            return "nothing in variables or files: only a role of this machine could answer"
        return f"{report.words} {report.key_hint}" if report.key_hint else report.words

    def _probe_database(self) -> str:
        if self.database is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        info = self.database.ping()
        report = self.database.check()
        if report.missing_required:
            raise AppError(
                ErrorCode.DATABASE_SCHEMA,
                f"auth.users lacks the columns {', '.join(report.missing_required)}.",
                subject="auth.users",
            )
        if not report.readable:
            message = f"The database user lacks {'; '.join(report.missing_grants)}."
            raise AppError(ErrorCode.DATABASE_REFUSED, message, subject="auth.users")
        return f"PostgreSQL {info.version}{'' if report.writable else ', read only: people cannot be moved'}"

    def _probe_keyring(self) -> str:
        status = self._secrets.probe()
        if not status.available:
            raise AppError(ErrorCode.KEYRING_MISSING, status.reason)
        return status.backend or "available"


def open_desk(
    connection: Connection,
    *,
    settings: Settings,
    secrets: SecretStore,
    journal: Journal,
    environ: Mapping[str, str] = _NO_VARIABLES,
    outbox: Outbox | None = None,
    on_close: Callable[[], None] = lambda: None,
) -> Desk:
    """Build the services of a connection. Raises CREDENTIALS_MISSING where its access keys are in no keyring.

    `environ` is what Desk.environment tells of, nothing is read from it here. `on_close` stops what was started for
    this connection alone (the demo's servers).
    """
    from app.aws.clients import Clients
    from app.aws.limits import enforced_rate
    from app.capabilities import Capabilities
    from app.directory.access import Access
    from app.directory.devices import Devices
    from app.directory.exchange import Exports
    from app.directory.groups import Groups
    from app.directory.history import History
    from app.directory.identities import Identities
    from app.directory.index import UserIndex
    from app.directory.listing import Listing
    from app.directory.sessions import Sessions
    from app.directory.tempo import Tempo
    from app.directory.users import Users
    from app.drift.service import Drift
    from app.enrolments import Enrolments
    from app.factors import Factors
    from app.onboarding.database import Database
    from app.onboarding.live import Live
    from app.onboarding.mirror import apply
    from app.onboarding.search import OnboardingSearch
    from app.onboarding.users import OnboardingReader, OnboardingUsers
    from app.pool.snapshot import Pools
    from app.reach import Reach
    from app.subscriptions import Subscriptions

    clients = Clients()
    keys = _access_keys(connection, secrets)
    place = {"endpoint": connection.endpoint, "profile": connection.profile}
    client = clients.cognito(connection.region, **place, keys=keys)
    database = None
    if connection.database is not None:
        database = Database(connection.database.conninfo(secrets.get(database_ref(connection.id))))
    live = database
    operator = Operator(settings.operator, settings.role)
    changes = Changes(
        journal,
        operator,
        connection.id,
        (lambda mirror: apply(live, mirror)) if live is not None else None,
        # An id may come to stand for another pool or database; a write that waits is for the one it was made for.
        target=f"{connection.pool_id} at {connection.database}",
    )
    onboarding = OnboardingUsers(database) if database is not None else None
    index = UserIndex()
    pacer = clients.pacer(connection.region, **place, keys=keys)
    users = Users(client, connection.pool_id)
    tempo = Tempo(settings.list_share) if settings.list_share is not None else Tempo()
    listing = Listing(users, pacer=pacer, ask_rate=lambda: enforced_rate(client, QuotaCategory.USER_LIST), tempo=tempo)
    groups = Groups(client, connection.pool_id)
    search = OnboardingSearch(database) if database is not None else None
    capabilities = Capabilities(client)
    people = People(users, changes, index, onboarding, listing, groups)
    pools = Pools(client, connection.pool_id, connection.client_id)
    access = Access(client, connection.pool_id, users)
    return Desk(
        connection,
        operator,
        people=people,
        memberships=Memberships(groups, people.upkeep),
        security=Security(
            access,
            Devices(client, connection.pool_id),
            Sessions(client, connection.pool_id),
            History(client, connection.pool_id),
            capabilities,
            people.upkeep,
        ),
        federation=Federation(Identities(client, connection.pool_id, users), capabilities, people.upkeep),
        index=index,
        exports=Exports(index, changes),
        drift=Drift(people, users, changes, index, onboarding),
        subscriptions=Subscriptions(connection, secrets, journal, changes, index, onboarding),
        learning=Learning(users, groups, index, changes),
        reach=Reach(users, groups, index, search, settings.load_limit),
        pools=pools,
        enrolments=Enrolments(
            connection=connection,
            client=client,
            pools=pools,
            access=access,
            upkeep=people.upkeep,
            journal=journal,
            secrets=secrets,
        ),
        factors=Factors(index, people.upkeep, database),
        journal=journal,
        secrets=secrets,
        clients=clients,
        pacer=pacer,
        credentials=lambda: clients.identity(profile=connection.profile, keys=keys),
        probe_cognito=lambda: probe(client, connection.pool_id),
        database=database,
        onboarding=OnboardingReader(database) if database is not None else None,
        live=Live(database) if database is not None else None,
        outbox=outbox,
        environ=environ,
        on_close=on_close,
    )


def open_demo(
    work: Work,
    *,
    settings: Settings,
    secrets: SecretStore,
    environ: Mapping[str, str] = _NO_VARIABLES,
    people: int = 500,
) -> Desk:
    """Start the demo workspace and open a Desk on it; closing the Desk stops it.

    Raises DEMO_UNAVAILABLE (a part is not installed, no free port) and DEMO_RUNNING (open in another window).
    """
    from app.demo.workspace import DemoWorkspace

    workspace = DemoWorkspace.open(work, root=settings.data_dir / "demo", people=people)
    try:
        # The demo's keys are worth nothing and change at every start: they never enter the keyring.
        secrets.keep_keys(workspace.connection.id, workspace.access_keys)
        secrets.keep(database_ref(workspace.connection.id), workspace.database_password)
        journal = _fresh_journal(settings.data_dir / "demo-journal.sqlite")
    except BaseException:
        workspace.close()
        raise

    def stop() -> None:
        journal.close()
        workspace.close()

    try:
        return open_desk(
            workspace.connection,
            settings=settings,
            secrets=secrets,
            journal=journal,
            environ=environ,
            outbox=workspace.outbox,
            on_close=stop,
        )
    except BaseException:
        stop()
        raise


def _fresh_journal(path: Path) -> Journal:
    """The demo begins anew at every start: what an earlier one left waiting concerns people who are gone."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return Journal(path)


def _access_keys(connection: Connection, secrets: SecretStore) -> AccessKeys | None:
    if connection.credentials is not CredentialSource.KEYS:
        return None
    keys = secrets.keys(connection.id)
    if keys is None:
        raise AppError(
            ErrorCode.CREDENTIALS_MISSING,
            f"The access keys of {connection.name} are not in the keyring. Edit the connection and enter them again.",
            subject=connection.id,
            fields={"access_key_id": "Access key ID: no keys are kept for this connection. Enter both parts again."},
        )
    return keys
