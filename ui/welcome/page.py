"""The page without a connection: connections to choose from, or the steps of the one that is opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.errors import AppError
from app.work import Progress
from ui.context import Context
from ui.welcome.connections import ConnectionsView

if TYPE_CHECKING:
    from app.connections import Connection
    from app.launcher import Launcher
    from ui.shell.splash import Splash


class WelcomePage(QStackedWidget):
    """Asks for things to be opened; the application opens them."""

    demo_requested = Signal()
    open_requested = Signal(object)  # Connection
    cancel_requested = Signal()
    retry_requested = Signal()

    def __init__(self, context: Context, launcher: Launcher, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connections = ConnectionsView(context, launcher)
        self._connections.demo_requested.connect(self.demo_requested)
        self._connections.open_requested.connect(self.open_requested)
        self.addWidget(self._connections)
        self._splash: Splash | None = None

    def show_connections(self) -> None:
        """Back to the choice."""
        self._connections.reload()
        self.setCurrentWidget(self._connections)

    def show_opening(self, title: str) -> None:
        """Show the steps of what is being opened."""
        from ui.shell.splash import Splash

        self._drop_splash()
        splash = Splash(title)
        splash.cancel_requested.connect(self.cancel_requested)
        splash.retry_requested.connect(self.retry_requested)
        self._splash = splash
        self.addWidget(splash)
        self.setCurrentWidget(splash)

    @Slot(object)
    def show_progress(self, progress: Progress) -> None:
        """Another step."""
        if self._splash is not None:
            self._splash.show_progress(progress)

    def show_failure(self, error: AppError) -> None:
        """It could not be opened: why, Retry, Back."""
        if self._splash is not None:
            self._splash.show_error(error)

    @Slot(object)
    def show_connection_form(self, connection: Connection | None) -> None:
        """Ask for a new connection, or change one."""
        self.setCurrentWidget(self._connections)
        self._connections.edit(connection)

    def _drop_splash(self) -> None:
        if self._splash is not None:
            self.removeWidget(self._splash)
            self._splash.deleteLater()
            self._splash = None
