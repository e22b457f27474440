"""Leaving a connection or the program: the question before a change of many people is stopped, and what is closed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.launcher import Launcher
from app.work import Work
from ui.jobs import JobRecord, JobRunner
from ui.shell import geometry
from ui.text import number, tr

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.widgets.dialogs import ConfirmDialog


class LeaveQuestion:
    """Asks once at a time, over `window`."""

    def __init__(self, runner: JobRunner, window: QWidget) -> None:
        self._runner = runner
        self._window = window
        self._box: ConfirmDialog | None = None

    def ask(self, action: str, go_on: Callable[[], None]) -> bool:
        """Whether it has to be asked; then `go_on` is called, by a press on `action`, later or never."""
        running = self._runner.long_changes()
        if not running:
            return False
        from ui.widgets.dialogs import ConfirmDialog  # not needed to start

        if self._box is None or not isValid(self._box) or not self._box.isVisible():
            kept = tr("Whoever was changed stays changed. The others are left alone; the journal has everybody's.")
            self._box = ConfirmDialog(
                tr("Stop what is running?"),
                tr("It is not finished, and it cannot go on without this connection."),
                action,
                consequences=[*map(_said, running), kept],
                dangerous=True,
                parent=self._window,
            )
            self._box.confirmed.connect(go_on)
            self._box.open()
        return True


def _said(running: JobRecord) -> str:
    assert running.progress is not None
    done, total = number(running.progress.done), number(running.progress.total or 0)
    return tr("{what}: {done} of {total} done.", what=running.name, done=done, total=total)


def close(desk: Desk, _: Work) -> Desk:
    """Close the services of a connection."""
    desk.close()
    return desk


def close_all(desks: list[Desk], launcher: Launcher, place: geometry.Geometry, _: Work) -> None:
    """Close everything, whatever one of them says; every one is idempotent."""
    with ExitStack() as stack:
        stack.callback(launcher.close)
        for desk in desks:
            stack.callback(desk.close)
        geometry.save(launcher.settings.config_dir, place)
