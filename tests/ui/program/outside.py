"""The program and its servers, looked at from outside."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg

from app.desk import Desk
from app.onboarding.models import OnboardingStatus
from app.secrets import database_ref
from app.work import Work
from tests.ui.words import press, wait_for
from ui.application import Application
from ui.shell.rail import RailButton

ROOT = Path(__file__).parents[3]
PEOPLE = 20
STARTS = 60.0  # seconds that a demo may take on a busy machine


def into_demo(application: Application) -> Desk:
    press(application.window, "Explore the demo")
    return wait_for(lambda: application.context.desk, "the demo", application.window, STARTS)


def postgres(home: Path) -> int | None:
    """The process of the demo's database; None where there is none."""
    note = home / "data" / "demo" / "server-folder"
    folders = [Path(note.read_text())] if note.is_file() else []
    for folder in (*folders, home / "data" / "demo"):
        for found in folder.rglob("postmaster.pid") if folder.is_dir() else ():
            lines = found.read_text().split()
            if lines and alive(int(lines[0])):
                return int(lines[0])
    return None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def answers(desk: Desk, application: Application) -> bool:
    """Whether the demo's database still takes connections."""
    assert desk.connection.database is not None
    try:
        with psycopg.connect(
            desk.connection.database.conninfo(application.launcher.secrets.get(database_ref("demo"))), connect_timeout=5
        ):
            return True
    except psycopg.OperationalError:
        return False


def rail(application: Application, key: str) -> str:
    """A tab in the rail as a screen reader tells of it."""
    button = application.window.rail.findChild(RailButton, key)
    assert isinstance(button, RailButton)
    return button.accessibleName()


def waiting(desk: Desk) -> int:
    assert desk.onboarding is not None
    return len(desk.onboarding.list(OnboardingStatus.PENDING_APPROVAL))


class Held:
    """A job that waits for the test; as a change it cannot be cancelled half-way."""

    def __init__(self, at_end: Callable[[], object] = lambda: None) -> None:
        self.began = threading.Event()
        self.go = threading.Event()
        self.done: list[object] = []
        self._at_end = at_end

    def __call__(self, work: Work) -> None:
        self.began.set()
        assert self.go.wait(30)
        self.done.append(self._at_end())
