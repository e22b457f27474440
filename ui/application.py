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
from shiboken6 import isValid

from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.settings import Settings
from app.work import Work
from ui import icons
from ui.context import Context
from ui.garbage import Collector
from ui.jobs import Job, JobRunner
from ui.leaving import LeaveQuestion, close, close_all
from ui.shell import geometry
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.tabs import activity, authenticator, onboarding, outbox, overview, users
from ui.text import tr
from ui.theme import STYLE, theme
from ui.welcome.page import WelcomePage

if TYPE_CHECKING:
    from app.connections import Connection
    from app.desk import Desk
    from ui.interrupts import Interrupts
    from ui.warming import Warming
    from ui.watches import ApprovalWatch
    from ui.widgets.dialogs import ErrorDialog

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.001
_READS_MS = 5_000  # at the end: a read that was given up changes nothing, so nobody need wait for it for long
_CHANGES_MS = 25_000  # at the end: the longest that a client waits for an answer
_UNSEEN_MS = 1_000  # a window that starts minimised is never painted, and must work all the same


def tabs(make_onboarding: Callable[[Context], QWidget]) -> list[TabSpec]:
    """Every tab of the window, in the order of the rail."""
    return [
        TabSpec("overview", tr("Overview"), "overview", overview.create),
        TabSpec("users", tr("Users"), "users", users.create, searches=True),
        TabSpec("onboarding", tr("Onboarding"), "onboarding", make_onboarding),
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
    ended = Signal()  # everything is closed: the event loop may end

    def __init__(self, launcher: Launcher, *, people: int = 500) -> None:
        super().__init__()
        self.launcher = launcher
        self._people = people
        self._opening: Job | None = None
        self._again: Callable[[], None] | None = None
        self._welcome: WelcomePage | None = None
        self._leaving: list[Desk] = []  # to be closed after their changes
        self._told: ErrorDialog | None = None
        self._quitting = False
        self._finished = False
        self._wants_demo = False
        self._begun = False
        self._interrupts: Interrupts | None = None
        self._warming: Warming | None = None
        self._approvals: ApprovalWatch | None = None
        self._collector = Collector(self)
        self.runner = JobRunner(self)
        self.runner.hold()
        self.context = Context(self.runner, launcher.settings)
        self.context.setParent(self)
        self.window = MainWindow(self.context, tabs(self._make_onboarding), welcome=self._make_welcome)
        self._question = LeaveQuestion(self.runner, self.window)
        self.window.connection_requested.connect(self.ask_to_leave)
        self.window.asks_before_closing = self._asks_before_closing
        self.window.closed.connect(self.quit)
        self.runner.failed.connect(self._on_late_failure)
        self.runner.stopped.connect(self._on_stopped)
        QApplication.setQuitOnLastWindowClosed(False)  # the loop goes on while jobs end behind the closed window

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
        """The window is there: threads may run now, and there is something to end in good order."""
        if self._begun:
            return
        self._begun = True
        self.runner.release()
        self._listen()
        self._watch()
        self._warm_up()
        if self._wants_demo:
            self._wants_demo = False
            self.open_demo()

    def _watch(self) -> None:
        from ui.watches import ApprovalWatch, EnrolmentWatch, LiveWatch, MirrorWatch

        MirrorWatch(self.context, self.window, self)
        EnrolmentWatch(self.context, self)
        LiveWatch(self.context, self)
        self._approvals = ApprovalWatch(self.context, self.window, self)

    def _warm_up(self) -> None:
        from ui.warming import Warming

        if not self._quitting:
            self._warming = Warming(self)

    def _listen(self) -> None:
        from ui.interrupts import Interrupts

        if not self._finished:
            self._interrupts = Interrupts(self)
            self._interrupts.raised.connect(self.quit)

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
    def ask_to_leave(self) -> None:
        """Leave the connection; while many people are being changed, after a question."""
        if self.context.desk is None or not self._question.ask(tr("Stop and leave"), self.leave):
            self.leave()

    def _asks_before_closing(self) -> bool:
        at_work = self.context.desk is not None and not self._quitting
        return at_work and self._question.ask(tr("Stop and quit"), self.quit)

    @Slot()
    def leave(self) -> None:
        """Close the open connection: a change of many people stops, others are waited for. Show the welcome page."""
        desk = self.context.desk
        self.runner.cancel_reads()
        self.context.set_desk(None)
        if desk is None:
            return
        for each in self.runner.long_changes():
            self.runner.cancel(each.id)
        self._leaving.append(desk)
        # The lane keeps the order: a change that was submitted before is finished before its services close.
        name = tr("Close {name}", name=desk.connection.name)
        job = self.context.run(partial(close, desk), name=name, lane="changes")
        job.succeeded.connect(self._on_left)
        if self._welcome is not None:
            self._welcome.show_connections()

    @Slot()
    def quit(self) -> None:
        """Hide the window at once; end every job, then close the Desk on a worker; then `ended`. Idempotent."""
        if self._quitting:
            return
        call = partial(close_all, *self._take_leave())
        self.runner.stop(call, name=tr("Close"), reads=_READS_MS, changes=_CHANGES_MS)

    def shutdown(self) -> None:
        """What `quit` does, or has left to do, at once and here: for when the event loop has ended. Idempotent."""
        if self._finished:
            return
        call = partial(close_all, *self._take_leave())
        self.runner.shutdown()
        try:
            call(Work())
        finally:
            self._finish()

    def _take_leave(self) -> tuple[list[Desk], Launcher, geometry.Geometry]:
        place = self.window.arrangement()
        if not self._quitting:
            self._quitting = True
            if self._warming is not None:
                self._warming.stop()
            desk = self.context.desk
            if desk is not None:
                self._leaving.append(desk)
            self._hide_windows()
        return self._leaving, self.launcher, place

    def _hide_windows(self) -> None:
        for widget in (self.window, *self.window.findChildren(QWidget)):
            if widget.isWindow() and widget.isVisible():
                widget.hide()

    @Slot(object)
    def _on_late_failure(self, error: AppError) -> None:
        """Nobody is there to read what a view may show of it now; the journal knows what became of changes."""
        if self._quitting:
            log.warning("while closing: %s %s", error.code.value, error.message)
            self._hide_windows()

    @Slot(bool)
    def _on_stopped(self, all_ended: bool) -> None:
        if not all_ended:
            log.warning("closed without waiting for calls that did not end")
        self._finish()

    def _finish(self) -> None:
        if not self._finished:
            self._finished = True
            self._collector.stop()
            if self._interrupts is not None:
                self._interrupts.close()
            self.ended.emit()

    def _make_onboarding(self, context: Context) -> QWidget:
        view = onboarding.create(context)
        assert self._approvals is not None  # a desk opens after the first paint
        view.waiting_changed.connect(self._approvals.show_count)
        return view

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
        # In the lane, behind the closing of what was left just now: a demo must have ended before it starts again.
        job = self.context.run(call, name=title, lane="changes")
        self._opening = job
        if self._welcome is not None:
            job.progressed.connect(self._welcome.show_progress)
        job.succeeded.connect(self._on_open)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_open(self, desk: Desk) -> None:
        self._opening = None
        if self._quitting:  # it was ready in the moment in which the window closed
            self._leaving.append(desk)
            return
        self.context.set_desk(desk)
        self._collector.settle()
        for problem in self.launcher.problems:
            self.context.toast(problem, "warn")
        self.opened.emit()

    @Slot(object)
    def _on_left(self, desk: Desk) -> None:
        self._leaving.remove(desk)

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
        """Show an error that no view expected; one at a time, for a fault in painting comes with every frame."""
        from ui.widgets.dialogs import show_error

        if self._told is None or not isValid(self._told) or not self._told.isVisible():
            self._told = show_error(self.window, error)

    @Slot(object)
    def on_no_log(self, error: AppError) -> None:
        """The log file cannot be written."""
        self.context.toast(tr("There is no log of this session. {why}", why=error.message), "warn")


def _find(launcher: Launcher, name: str, work: Work) -> Connection:
    work.check()
    return launcher.find(name)


def _open_demo(launcher: Launcher, people: int, work: Work) -> Desk:
    return launcher.open_demo(work, people=people)


def _open(launcher: Launcher, connection: Connection, work: Work) -> Desk:
    work.progress(0, None, connection.name)
    return launcher.open(connection)


def _configure_logs(settings: Settings, _: Work) -> None:
    from app import logs

    logs.configure(settings.log_dir)


def run_loop(qt: QApplication, application: Application) -> int:
    """The one event loop of the program, until the application has ended."""
    application.ended.connect(qt.exit)
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
    theme.begin(qt, settings.preferences.theme)
    application = Application(Launcher(settings), people=people)
    theme.finish(qt)
    sys.excepthook = partial(_unexpected, application)
    logs = application.context.run(partial(_configure_logs, settings), name=tr("Open the log"), listed=False)
    logs.failed.connect(application.on_no_log)
    application.start(demo=demo, connection=connection)
    try:
        return run_loop(qt, application)
    finally:
        application.shutdown()


def _unexpected(
    application: Application, kind: type[BaseException], error: BaseException, _: TracebackType | None
) -> None:
    """An exception that left a slot is told. app.logs, whose hook comes before this one, has written it down."""
    if isinstance(error, AppError):
        application.report(error)
    elif issubclass(kind, Exception):
        text = tr("Something went wrong inside the application ({kind}).", kind=kind.__name__)
        told = AppError(ErrorCode.INTERNAL, text)
        told.__cause__ = error
        application.report(told)
