"""Somebody at the Overview, and a desk on the emulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.connections import Connection, CredentialSource
from app.desk import Desk, open_desk
from app.journal import Journal
from app.secrets import SecretStore
from app.settings import Settings
from tests.services.pools import Pool
from tests.services.vault import Vault
from tests.ui import words
from tests.ui.conftest import shown
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.tabs import overview
from ui.tabs.overview.view import OverviewView
from ui.view_state import Loading

WIDE, LOW = (1252, 818), (964, 618)  # what the tab has of windows of 1440x900 and 1024x700


@contextmanager
def opened(
    running: Pool, folder: Path, *, client: bool = True, environ: Mapping[str, str] | None = None
) -> Iterator[Desk]:
    """A desk on the emulator, with or without an app client, of a program that was started with `environ`."""
    secrets = SecretStore(backend=Vault())
    secrets.keep_keys("here", running.keys)
    connection = Connection(
        "here",
        "Here",
        running.demo.region,
        running.demo.pool_id,
        client_id=running.demo.client_id if client else None,
        endpoint=running.demo.endpoint,
        credentials=CredentialSource.KEYS,
    )
    settings = Settings.load({"COGNITO_DESK_HOME": str(folder / "desk")})
    journal = Journal(settings.journal_path)
    desk = open_desk(connection, settings=settings, secrets=secrets, journal=journal, environ=environ or {})
    try:
        yield desk
    finally:
        running.faults.clear()
        desk.close()
        journal.close()


class Admin:
    """Somebody who looks at the Overview."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk, size: tuple[int, int] = WIDE) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk)
        self.went: list[tuple[str, object]] = []
        self.toasts: list[Toast] = []
        self.context.navigate.connect(self._on_navigate)
        self.context.toast_requested.connect(self.toasts.append)
        made = overview.create(self.context)
        assert isinstance(made, OverviewView)
        self.view = made
        self.view.resize(*size)
        shown(qtbot, self.view)

    def _on_navigate(self, key: str, payload: object) -> None:
        self.went.append((key, payload))

    def settle(self) -> None:
        """Wait until nothing is under way and everybody was told."""
        self.qtbot.waitUntil(lambda: not self.context.runner.busy and not self._telling, timeout=20_000)

    @property
    def _telling(self) -> bool:
        return isinstance(self.view.newest.states.state, Loading)

    def sees(self, root: QWidget, *texts: str) -> None:
        for text in texts:
            words.wait_to_see(root, text, 15.0)

    def hears(self, start: str) -> str:
        """Wait for the accessible name of a label of the Connection card that begins like this."""

        def look() -> str | None:
            names = (label.accessibleName() for label in self.view.connection.findChildren(QLabel) if label.isVisible())
            return next((name for name in names if name.startswith(start)), None)

        return words.wait_for(look, f"“{start}…”", self.view.connection, 15.0)

    def copied(self) -> str:
        words.press(self.view, "Copy report")
        return QGuiApplication.clipboard().text()
