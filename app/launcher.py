"""What the program has before any connection is open: settings, secrets, saved connections, the environment's one.

Blocking; any thread; raises AppError only.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode
from app.settings import Settings
from app.work import Work

if TYPE_CHECKING:
    from app.connections import AccessKeys, Connection, Connections
    from app.desk import Desk
    from app.environment import EnvironmentReport
    from app.journal import Journal
    from app.pool.probe import ProbeStep
    from app.secrets import KeyringStatus, SecretStore

log = logging.getLogger(__name__)


def has_secrets(connection: Connection) -> bool:
    """Whether a connection may have something in the keyring."""
    from app.connections import CredentialSource

    return connection.credentials is CredentialSource.KEYS or connection.database is not None


class Launcher:
    """Lists, keeps, tests and opens connections. One for the life of the program; `close` it last.

    It is made before the first window is painted: what it works with is loaded when a worker first asks.
    """

    def __init__(
        self, settings: Settings, *, secrets: SecretStore | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self.settings = settings
        self._secrets = secrets
        self._environ = os.environ if environ is None else environ
        self._saved: Connections | None = None
        self._making = threading.Lock()
        self._lock = threading.Lock()
        self._journal: Journal | None = None
        self._notes: tuple[str, ...] = ()

    @property
    def secrets(self) -> SecretStore:
        """Where secrets are kept, for this program's life."""
        with self._making:
            if self._secrets is None:
                from app.secrets import SecretStore

                self._secrets = SecretStore()
            return self._secrets

    @property
    def _connections(self) -> Connections:
        with self._making:
            if self._saved is None:
                from app.connections import Connections

                self._saved = Connections(self.settings.connections_path)
            return self._saved

    def environment(self) -> EnvironmentReport:
        """What the environment variables say. The password in DATABASE_URL stays in memory."""
        from app.environment import from_environment

        return from_environment(self._environ, secrets=self.secrets)

    def connections(self) -> tuple[Connection, ...]:
        """The environment's connection where it makes one, then the saved ones."""
        ready = self.environment().connection
        return ((ready,) if ready is not None else ()) + self._connections.list()

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about settings and saved connections that could not be used."""
        return self.settings.problems + self._connections.problems + self._notes

    def keyring(self) -> KeyringStatus:
        """Whether the operating system's keyring keeps secrets, tried for real."""
        return self.secrets.probe()

    def save(self, connection: Connection, *, keys: AccessKeys | None = None, password: str | None = None) -> bool:
        """Keep a connection and its secrets; None leaves a secret as it is.

        False where a secret could only be kept for this session, because no keyring is available.
        """
        from app.secrets import database_ref

        # Secrets first: a connection on disk must never point at a secret that was refused.
        places = []
        if keys is not None:
            places.append(self.secrets.set_keys(connection.id, keys))
        if password is not None:
            places.append(self.secrets.set(database_ref(connection.id), password))
        self._connections.save(connection)
        self._drop_unused(connection)
        return "session" not in places

    def remove(self, connection_id: str) -> None:
        """Forget a saved connection, its secrets, and what was arranged and searched for there.

        KEYRING_LOCKED or KEYRING_REFUSED: nothing was removed.
        """
        # Secrets first here too: without its connection nobody would find them again.
        if any(has_secrets(each) for each in self._connections.list() if each.id == connection_id):
            self.secrets.forget(connection_id)
        self._connections.remove(connection_id)
        from app.workbench import Workbenches

        Workbenches(self.settings.config_dir).forget(connection_id)

    def test(
        self, connection: Connection, work: Work, *, keys: AccessKeys | None = None, password: str | None = None
    ) -> Generator[ProbeStep, None, None]:
        """Try a connection that need not be saved, step by step. Secrets left out are those kept under its id."""
        import uuid

        from app.connections import CredentialSource
        from app.secrets import database_ref

        trial = replace(connection, id=f"trial-{uuid.uuid4().hex}")
        kept_keys, kept_password = keys, password
        if kept_keys is None and connection.credentials is CredentialSource.KEYS:
            kept_keys = self.secrets.keys(connection.id)
        if kept_password is None and connection.database is not None:
            kept_password = self.secrets.get(database_ref(connection.id))
        if kept_keys is not None:
            self.secrets.keep_keys(trial.id, kept_keys)
        if kept_password is not None:
            self.secrets.keep(database_ref(trial.id), kept_password)
        try:
            desk = self._desk(trial)
            try:
                yield from desk.probe(work)
            finally:
                desk.close()
        finally:
            self.secrets.drop(trial.id)

    def open(self, connection: Connection) -> Desk:
        """Open a connection. Makes no network call; see Desk.probe for that."""
        return self._desk(connection)

    def open_demo(self, work: Work, *, people: int = 500) -> Desk:
        """Start the demo workspace and open it. Raises DEMO_UNAVAILABLE or DEMO_RUNNING."""
        from app.desk import open_demo

        return open_demo(work, settings=self.settings, secrets=self.secrets, environ=self._environ, people=people)

    def find(self, name: str) -> Connection:
        """The connection with this name or id, as given on the command line. NOT_CONFIGURED where there is none."""
        for connection in self.connections():
            if name in {connection.id, connection.name}:
                return connection
        raise AppError(
            ErrorCode.NOT_CONFIGURED,
            f"There is no connection called “{name}”. Start without a name to see the saved ones.",
            subject=name,
        )

    def close(self) -> None:
        """Close the journal and forget the secrets held in memory."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
        self.secrets.clear_session()

    def _drop_unused(self, connection: Connection) -> None:
        from app.connections import CredentialSource
        from app.secrets import database_ref, keys_ref

        unused = []
        if connection.credentials is not CredentialSource.KEYS:
            unused.append(keys_ref(connection.id))
        if connection.database is None:
            unused.append(database_ref(connection.id))
        for ref in unused:
            try:
                self.secrets.delete(ref)
            except AppError as error:
                # The connection is saved and does not need it: no reason to call the saving failed.
                log.warning("a secret that is no longer used stays in the keyring: %s", error.message)

    def _desk(self, connection: Connection) -> Desk:
        from app.desk import open_desk

        return open_desk(
            connection,
            settings=self.settings,
            secrets=self.secrets,
            journal=self._opened_journal(),
            environ=self._environ,
        )

    def _opened_journal(self) -> Journal:
        from app.journal import Journal

        with self._lock:
            if self._journal is None:
                journal = Journal(self.settings.journal_path)
                # With a journal that cannot be used people can still look; changes are refused, and say why.
                if journal.problem is None:
                    journal.recover()
                else:
                    self._notes += (f"{journal.problem.message} Nothing can be changed until then.",)
                if journal.kept_aside is not None:
                    self._notes += (f"The journal was damaged. It was kept as {journal.kept_aside.name}.",)
                self._journal = journal
            return self._journal
