"""The program on its welcome page, and with the demo open."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.launcher import Launcher
from app.secrets import SecretStore
from app.settings import Settings
from tests.services.vault import Vault
from tests.ui.program.outside import PEOPLE, into_demo
from ui.application import Application


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cd-"))  # pytest's own folders are too long for a socket's path
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def application(qtbot: QtBot, dressed: QApplication, home: Path, vault: Vault) -> Iterator[Application]:
    """The program on its welcome page."""
    settings = Settings.load({"COGNITO_DESK_HOME": str(home)})
    made = Application(Launcher(settings, secrets=SecretStore(backend=vault), environ={}), people=PEOPLE)
    made.start()
    qtbot.waitExposed(made.window)
    yield made
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.done(0)
    made.shutdown()
    gc.disable()  # the session's own Collector goes on
    made.window.hide()
    made.window.deleteLater()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def opened(application: Application) -> Application:
    """The program with the demo open."""
    into_demo(application)
    return application
