"""One demo for all tests of the Onboarding tab; each test adds the people that it is about."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.launcher import Launcher
from app.settings import Settings
from app.work import Work
from tests.ui.conftest import shown
from tests.ui.onboarding.desk import Open, Watched
from ui.jobs import JobRunner
from ui.tabs.onboarding.view import OnboardingView


@pytest.fixture(scope="package")
def launcher() -> Iterator[Launcher]:
    root = Path(tempfile.mkdtemp(prefix="cd-"))  # pytest's own folders are too long for a socket's path
    made = Launcher(Settings.load({"COGNITO_DESK_HOME": str(root)}), environ={})
    yield made
    made.close()
    shutil.rmtree(root)


@pytest.fixture(scope="package")
def demo(launcher: Launcher) -> Iterator[Desk]:
    """A demo of 60 people."""
    made = launcher.open_demo(Work(), people=60)
    yield made
    made.close()


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def watched(runner: JobRunner, demo: Desk) -> Watched:
    return Watched(runner, demo)


@pytest.fixture
def opened(qtbot: QtBot, runner: JobRunner, watched: Watched) -> Open:
    def make(desk: Desk | None = None) -> OnboardingView:
        view = OnboardingView(watched if desk is None else Watched(runner, desk))
        view.resize(1252, 820)
        shown(qtbot, view)
        return view

    return make
