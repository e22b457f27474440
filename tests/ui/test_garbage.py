"""QObjects in cycles die on the GUI thread, however busy the workers are."""

from __future__ import annotations

import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.work import Work
from ui.jobs import JobRunner


class Knot(QObject):
    """Refers to itself, as a widget with a captured lambda does."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


def churn(work: Work) -> None:
    for _ in range(200):
        work.check()
        made: list[list[object]] = [[] for _ in range(500)]
        for one in made:
            one.append(one)


def test_cycles_die_on_the_gui_thread(runner: JobRunner, qtbot: QtBot) -> None:
    deaths: list[int] = []
    for _ in range(300):
        weakref.finalize(Knot(), lambda: deaths.append(threading.get_ident()))
    for _ in range(6):
        runner.submit(churn, name="Churn")
    qtbot.waitUntil(lambda: len(deaths) == 300 and not runner.busy, timeout=20_000)
    assert set(deaths) == {threading.get_ident()}
