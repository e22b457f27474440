"""One demo and one emulated pool for the tests of the Overview."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_demo
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.services.pools import Pool, pool
from tests.services.vault import Vault
from tests.ui.overview.admin import Admin, opened
from ui.jobs import JobRunner


@pytest.fixture(scope="package")
def demo() -> Iterator[Desk]:
    """The demo workspace with 60 people, on a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        settings = Settings.load({"COGNITO_DESK_HOME": folder})
        desk = open_demo(Work(), settings=settings, secrets=SecretStore(backend=Vault()), people=60)
        try:
            yield desk
        finally:
            desk.close()


@pytest.fixture(scope="package")
def emulator() -> Iterator[Pool]:
    """A pool of 30 people in which faults can be planned; no database."""
    with pool() as running:
        running.fill(30)
        yield running


@pytest.fixture
def desk(emulator: Pool, tmp_path: Path) -> Iterator[Desk]:
    with opened(emulator, tmp_path) as made:
        emulator.faults.calls.clear()
        yield made


@pytest.fixture
def on_demo(qtbot: QtBot, dressed: QApplication, runner: JobRunner, demo: Desk) -> Admin:
    admin = Admin(qtbot, runner, demo)
    admin.settle()
    return admin
