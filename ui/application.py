"""The program: one window, the welcome page, and the connection that is open. The only place that knows every tab."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QWidget

from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.settings import Settings
from app.work import Work
from ui import icons
from ui.context import Context
from ui.garbage import Collector
from ui.interrupts import Interrupts
from ui.jobs import Job, JobRunner
from ui.mirrors import MirrorWatch
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.tabs import activity, authenticator, onboarding, outbox, overview, users
from ui.text import tr
from ui.theme import STYLE, theme
from ui.welcome.page import WelcomePage

if TYPE_CHECKING:
    from app.connections import Connection
    from app.desk import Desk

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.001
_UNSEEN_MS = 1_000  # a window that starts minimised is never painted, and must work all the same


def tabs() -> list[TabSpec]:
    """Every tab of the window, in the order of the rail."""
    return [
        TabSpec("overview", tr("Overview"), "overview", overview.create),
        TabSpec("users", tr("Users"), "users", users.create, searches=True),
        TabSpec("onboarding", tr("Onboarding"), "onboarding", onboarding.create),
        TabSpec("authenticator", tr("Authenticator"), "authenticator", authenticator.create, needs_desk=False),
        TabSpec("activity", tr("Activity"), "activity", activity.create),
        TabSpec("outbox", tr("Outbox"), "outbox", outbox.create, offered=_has_outbox),
    ]


def _has_outbox(desk: Desk | None) -> bool:
    return desk is not None and desk.outbox is not None


class Application(QObject):
    """Owns the window, the job runner and the open Desk, from start to shutdown."""

    opened = Signal()  # a connection's tabs are up
    failed_to_open = Signal(object)  # AppError

    def __init__(self, launcher: Launcher, *, people: int = 500) -> None:
        super().__init__()
        self.launcher = launcher
        self._people = people
        self._opening: Job | None = None
        self._again: Callable[[], None] | None = None
        self._welcome: WelcomePage | None = None
        self._ended = False
        self._wants_demo = False
        self._collector = Collector(self)
        self.runner = JobRunner(self)
        self.runner.hold()
        self.context = Context(self.runner, launcher.settings)
        self.context.setParent(self)
        self.window = MainWindow(self.context, tabs(), welcome=self._make_welcome)
        self.window.connection_requested.connect(self.leave)
        self.window.closed.connect(self.shutdown)
        self._mirrors = MirrorWatch(self.context, self.window, self)

    def start(self, *, demo: bool = False, connection: str | None = None) -> None:
        """Show the window; then open the demo, or the connection of that name, or leave it to the person."""
        self.window.painted.connect(self._begin)
        QTimer.singleShot(_UNSEEN_MS, self._begin)
        self._wants_demo = demo
        self.window.show()
        if connection is not None:
            job = self.context.run(partial(_find, self.launcher, connection), name=tr("Find the connection"))
            job.succeeded.connect(self.open_connection)
            job.failed.connect(self._on_not_found)

    @Slot()
    def _begin(self) -> None:
        """The window is there: threads may run now."""
        self.runner.release()
        if self._wants_demo:
            self._wants_demo = False
            self.open_demo()

    @Slot()
    def open_demo(self) -> None:
        """Start the demo workspace and open it."""
        self._again = self.open_demo
        call = partial(_open_demo, self.launcher, self._people)
        self._open(call, tr("Starting the demo workspace"))

    @Slot(object)
    def open_connection(self, connection: Connection) -> None:
        """Open one of the connections."""
        self._again = partial(self.open_connection, connection)
        self._open(partial(_open, self.launcher, connection), tr("Opening {name}", name=connection.name))

    @Slot()
    def leave(self) -> None:
        """Close the open connection, after the changes under way, and show the welcome page."""
        desk = self.context.desk
        self.context.set_desk(None)
        if desk is None:
            return
        # The lane keeps the order: a change that was submitted before is finished before its services close.
        self.context.run(partial(_close, desk), name=tr("Close {name}", name=desk.connection.name), lane="changes")
        if self._welcome is not None:
            self._welcome.show_connections()

    @Slot()
    def shutdown(self) -> None:
        """End every job, close the Desk, leave. Idempotent."""
        if self._ended:
            return
        self._ended = True
        self.runner.shutdown()
        desk = self.context.desk
        try:
            if desk is not None:
                desk.close()
        finally:
            self.launcher.close()
            self._collector.stop()
            QApplication.quit()

    def _make_welcome(self, context: Context) -> QWidget:
        page = WelcomePage(context, self.launcher)
        page.demo_requested.connect(self.open_demo)
        page.open_requested.connect(self.open_connection)
        page.cancel_requested.connect(self._on_cancel)
        page.retry_requested.connect(self._on_retry)
        self._welcome = page
        return page

    def _open(self, call: Callable[[Work], object], title: str) -> None:
        if self._opening is not None:
            return
        if self._welcome is not None:
            self._welcome.show_opening(title)
        job = self.context.run(call, name=title)
        self._opening = job
        if self._welcome is not None:
            job.progressed.connect(self._welcome.show_progress)
        job.succeeded.connect(self._on_open)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_open(self, desk: Desk) -> None:
        self._opening = None
        self.context.set_desk(desk)
        self._collector.settle()
        for problem in self.launcher.problems:
            self.context.toast(problem, "warn")
        self.opened.emit()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._opening = None
        log.warning("could not open: %s %s", error.code.value, error.message)
        if self._welcome is not None:
            self._welcome.show_failure(error)
        self.failed_to_open.emit(error)

    @Slot(object)
    def _on_not_found(self, error: AppError) -> None:
        self.report(error)

    @Slot()
    def _on_cancelled(self) -> None:
        self._opening = None
        if self._welcome is not None:
            self._welcome.show_connections()

    @Slot()
    def _on_cancel(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
        elif self._welcome is not None:
            self._welcome.show_connections()

    @Slot()
    def _on_retry(self) -> None:
        if self._again is not None:
            self._again()

    def report(self, error: AppError) -> None:
        """Show an error that no view expected."""
        from ui.widgets.dialogs import show_error

        show_error(self.window, error)


def _find(launcher: Launcher, name: str, work: Work) -> Connection:
    work.check()
    return launcher.find(name)


def _open_demo(launcher: Launcher, people: int, work: Work) -> Desk:
    return launcher.open_demo(work, people=people)


def _open(launcher: Launcher, connection: Connection, work: Work) -> Desk:
    work.progress(0, None, connection.name)
    return launcher.open(connection)


def _close(desk: Desk, _: Work) -> None:
    desk.close()


def _configure_logs(settings: Settings, _: Work) -> None:
    from app import logs

    logs.configure(settings.log_dir)


def run_loop(qt: QApplication) -> int:
    """The one event loop of the program, until the window closes."""
    return qt.exec()


def run(*, demo: bool = False, connection: str | None = None, people: int = 500) -> int:
    """Run the program until its window closes; the exit code."""
    # Threads that compute hold the interpreter for up to this long before the window gets its turn; 5 ms by default.
    sys.setswitchinterval(_TURN_SECONDS)
    settings = Settings.load()
    qt = QApplication([*sys.argv[:1], *STYLE])
    qt.setApplicationName("cognito-desk")
    qt.setApplicationDisplayName("Cognito Desk")
    qt.setDesktopFileName("cognito-desk")
    qt.setWindowIcon(icons.icon("users", "accent"))
    theme.install(qt, settings.preferences.theme, styled=True)
    application = Application(Launcher(settings), people=people)
    sys.excepthook = partial(_unexpected, application)
    interrupts = Interrupts(application)
    interrupts.raised.connect(application.shutdown)
    application.context.run(partial(_configure_logs, settings), name=tr("Open the log"), listed=False)
    application.start(demo=demo, connection=connection)
    try:
        return run_loop(qt)
    finally:
        application.shutdown()
        interrupts.close()


def _unexpected(
    application: Application, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception that left a slot: logged with its trace (redacted there), and told without it."""
    log.critical("unexpected", exc_info=(kind, error, trace))
    if isinstance(error, AppError):
        application.report(error)
    elif issubclass(kind, Exception):
        text = tr("Something went wrong inside the application ({kind}).", kind=kind.__name__)
        application.report(AppError(ErrorCode.INTERNAL, text))
