"""A welcome page in front of real files and a keyring that can be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.connections import AccessKeys, Connection, CredentialSource, DatabaseAddress
from app.launcher import Launcher
from app.secrets import SecretStore
from app.settings import Settings
from tests.services.vault import Vault
from tests.ui.conftest import shown
from tests.ui.words import dialog, press, wait_for, wait_to_see
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.welcome.dialog import ConnectionDialog
from ui.welcome.page import WelcomePage

KEYS = AccessKeys("AKIA" + "Q" * 16, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz")
OTHER_SECRET = "0ther/secret+0ther/secret+0ther/secret+0"
PASSWORD = "hunter2-hunter2"
POOL = "eu-central-1_AbCdEfGhI"
ENVIRONMENT = {
    "AUTH_PROVIDER": "cognito",
    "COGNITO_USER_POOL_ID": "eu-west-1_FromEnv1",
    "COGNITO_CLIENT_ID": "1234567890abcdefghij",
}
MAIN = Connection(
    "main",
    "Customers",
    "eu-central-1",
    POOL,
    credentials=CredentialSource.KEYS,
    database=DatabaseAddress("db.example.com", 6432, "app", "desk", "require", (("application_name", "desk"),)),
)


class Lobby:
    """A welcome page in front of real files and a keyring that can be taken away."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, folder: Path) -> None:
        self._qtbot = qtbot
        self._runner = runner
        self.settings = Settings.load({"COGNITO_DESK_HOME": str(folder)})
        self.vault = Vault()
        self.toasts: list[Toast] = []
        self.opened: list[Connection] = []
        self.launcher = self.launch({})
        self.page: WelcomePage

    def launch(self, environ: dict[str, str]) -> Launcher:
        self.launcher = Launcher(self.settings, secrets=SecretStore(backend=self.vault), environ=environ)
        return self.launcher

    def enter(
        self, *saved: Connection, environ: dict[str, str] | None = None, size: tuple[int, int] = (1220, 810)
    ) -> WelcomePage:
        """Show the page, with these connections saved before."""
        self.launch(environ or {})
        for connection in saved:
            self.launcher.save(connection, keys=KEYS, password=PASSWORD)
        context = Context(self._runner, self.settings)
        context.toast_requested.connect(self.toasts.append)
        self.page = WelcomePage(context, self.launcher)
        context.setParent(self.page)
        self.page.open_requested.connect(self.opened.append)
        self.page.resize(*size)
        shown(self._qtbot, self.page)
        ready = (
            *(each.name for each in saved),
            *(["From the environment"] if "AUTH_PROVIDER" in (environ or {}) else []),
        )
        for name in (*ready, "Explore the demo"):
            wait_to_see(self.page, name)
        return self.page

    def form(self, title: str = "New connection") -> ConnectionDialog:
        """The form that is open."""
        made = dialog(title)
        assert isinstance(made, ConnectionDialog)
        return made

    def new(self) -> ConnectionDialog:
        press(self.page, "New connection…")
        return self.form()

    @property
    def file(self) -> str:
        path = self.settings.connections_path
        return path.read_text() if path.exists() else ""


@contextmanager
def entering(qtbot: QtBot, runner: JobRunner, folder: Path) -> Iterator[Lobby]:
    """A lobby whose dialogs are closed afterwards."""
    made = Lobby(qtbot, runner, folder)
    try:
        yield made
    finally:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.done(0)
        made.launcher.close()


def gone(widget: QWidget) -> None:
    """Wait until a dialog has closed."""
    wait_for(lambda: not isValid(widget) or not widget.isVisible(), "the end of the dialog")
