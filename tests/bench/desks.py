"""Runs the real program inside a child and hands its Application to a benchmark, when the window has been shown."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

if TYPE_CHECKING:
    from app.errors import AppError
    from ui.application import Application
    from ui.widgets.table import UserTable


def run(arguments: Sequence[str], watch: Callable[[Application], None]) -> None:
    """The program's own main() with these arguments, until its window is closed. SystemExit where it fails."""
    from ui import __main__ as program
    from ui import plain_imports

    # As main() does before it imports the application, which is imported here to be watched.
    gc.disable()
    plain_imports.restore()
    from ui.application import Application

    start = Application.start

    def watched_start(application: Application, *, demo: bool = False, connection: str | None = None) -> None:
        # The program would go on after a fault inside it, and a benchmark would wait for what never comes.
        sys.excepthook = _Fault(application)
        start(application, demo=demo, connection=connection)
        watch(application)

    # By hand: unittest.mock would be imported within what is measured.
    Application.start = watched_start  # type: ignore[assignment, method-assign]
    code = program.main(arguments)
    if code != 0:
        raise SystemExit(f"the program ended with {code}")


class _Fault:
    """Tells of an exception that left a slot, shuts the program down, and fails the child."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        try:
            self._application.shutdown()
        finally:
            os._exit(1)


class OpenFailure(QObject):
    """Closes the window of a program whose demo did not open, and remembers why."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self._application = application
        self.error: AppError | None = None
        application.failed_to_open.connect(self._on_failed)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.error = error
        self._application.window.close()

    def check(self) -> None:
        """SystemExit with the reason, if it did not open."""
        if self.error is not None:
            raise SystemExit(f"the demo did not open: {self.error.code} {self.error.message} {self.error.subject}")


def users_table(application: Application) -> UserTable | None:
    """The table of the Users tab; None until the tab was shown."""
    from ui.widgets.table import UserTable

    tab = application.window.tab_widget("users")
    return tab.findChild(UserTable) if tab is not None else None
