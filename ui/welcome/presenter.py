"""Lists, keeps and removes connections through the Launcher, in the background. No widget here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError
from app.work import Work
from ui.context import Context
from ui.jobs import Job
from ui.text import tr
from ui.view_state import Failed, Loading, Ready, ViewState

if TYPE_CHECKING:
    from app.connections import Connection
    from app.environment import EnvironmentReport
    from app.launcher import Launcher
    from app.secrets import KeyringStatus
    from ui.welcome.draft import Draft


class Entrance(NamedTuple):
    """What the page shows. `unread` says why the saved connections are missing, where they could not be read."""

    connections: tuple[Connection, ...]
    environment: EnvironmentReport
    problems: tuple[str, ...] = ()
    unread: AppError | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about settings, saved connections and environment variables that need somebody's eye."""
        missing = self.environment.missing
        present = [known.name for known in self.environment.variables if known.required and known.present]
        half = tuple(
            tr("{given} is set in the environment but {name} is not.", given=present[0], name=name)
            for name in missing
            if present
        )
        return (*self.problems, *self.environment.problems, *half, *self.environment.notes)


class WelcomePresenter(QObject):
    """Owns the list of connections."""

    state_changed = Signal(object)  # ViewState; Ready carries an Entrance
    saved = Signal()
    save_failed = Signal(object)  # AppError
    save_cancelled = Signal()
    remove_failed = Signal(object)  # AppError
    keyring_known = Signal(object)  # KeyringStatus

    def __init__(self, context: Context, launcher: Launcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._launcher = launcher
        self._entrance: Entrance | None = None
        self._saving: Job | None = None

    @Slot()
    def load(self) -> None:
        """Read the connections again."""
        self._tell(Loading(tr("Reading the connections…"), keep_content=self._entrance is not None))
        job = self._context.run(
            partial(_read, self._launcher), name=tr("Read the connections"), key="connections", listed=False
        )
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failure)

    def save(self, draft: Draft) -> None:
        """Keep a connection and its secrets; ends in `saved`, `save_failed` or `save_cancelled`."""
        job = self._context.run(partial(_save, self._launcher, draft), name=tr("Save the connection"), lane="changes")
        self._saving = job
        job.succeeded.connect(self._on_saved)
        job.failed.connect(self.save_failed)
        job.cancelled.connect(self.save_cancelled)

    @Slot()
    def stop_saving(self) -> None:
        """Ask a save under way to stop."""
        if self._saving is not None:
            self._saving.cancel()

    def remove(self, connection: Connection) -> None:
        """Forget a saved connection and its secrets."""
        job = self._context.run(
            partial(_remove, self._launcher, connection.id), name=tr("Remove the connection"), lane="changes"
        )
        job.succeeded.connect(self._on_removed)
        job.failed.connect(self.remove_failed)

    def ask_keyring(self) -> None:
        """Find out whether secrets can be kept. The system may ask for the keyring's password."""
        job = self._context.run(
            partial(_keyring, self._launcher), name=tr("Ask the keyring"), key="keyring", listed=False
        )
        job.succeeded.connect(self.keyring_known)

    @Slot(object)
    def _on_read(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._tell(Ready(entrance))

    @Slot(object)
    def _on_failure(self, error: AppError) -> None:
        self._tell(Failed(error, keep_content=self._entrance is not None))

    @Slot(object)
    def _on_saved(self, kept: bool) -> None:
        self._saving = None
        if kept:
            self._context.toast(tr("Connection saved."))
        else:
            self._context.toast(tr("Connection saved. Its secrets last for this session only."), "warn")
        self.saved.emit()
        self.load()

    @Slot(object)
    def _on_removed(self, _: object) -> None:
        self._context.toast(tr("Connection removed."))
        self.load()

    def _tell(self, state: ViewState) -> None:
        self.state_changed.emit(state)


def _read(launcher: Launcher, work: Work) -> Entrance:
    work.check()
    environment = launcher.environment()
    try:
        return Entrance(launcher.connections(), environment, launcher.problems)
    except AppError as error:
        # The demo and the environment's connection are there all the same.
        ready = (environment.connection,) if environment.connection is not None else ()
        return Entrance(ready, environment, launcher.problems, error)


def _save(launcher: Launcher, draft: Draft, work: Work) -> bool:
    work.check()
    return launcher.save(draft.connection, keys=draft.keys, password=draft.password)


def _remove(launcher: Launcher, connection_id: str, work: Work) -> None:
    work.check()
    launcher.remove(connection_id)


def _keyring(launcher: Launcher, work: Work) -> KeyringStatus:
    work.check()
    return launcher.keyring()
