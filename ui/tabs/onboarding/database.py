"""Looks at the database itself: its version, what auth.users lacks, and what its user may do. No widget here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError
from app.onboarding.database import ServerInfo
from app.onboarding.schema import SchemaReport
from app.work import Work
from ui.context import Context
from ui.text import tr
from ui.view_state import Failed, Loading, Ready


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """What was found."""

    server: ServerInfo
    schema: SchemaReport


class DatabasePresenter(QObject):
    """Looks when the tab opens and when asked; nothing is ever changed."""

    state_changed = Signal(object)  # ViewState; Ready carries a DatabaseReport
    read_only_changed = Signal(object)  # why nobody can be moved, or None

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._report: DatabaseReport | None = None

    @property
    def report(self) -> DatabaseReport | None:
        """What was found last."""
        return self._report

    @Slot()
    def load(self) -> None:
        """Look anew."""
        database = self._desk.database
        if database is None:
            return

        def read(work: Work) -> DatabaseReport:
            server = database.ping()
            work.check()
            return DatabaseReport(server, database.check())

        self.state_changed.emit(Loading(tr("Looking at the database…"), keep_content=self._report is not None))
        job = self._context.run(read, name=tr("Look at the database"), key="onboarding-database", listed=False)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_read(self, report: DatabaseReport) -> None:
        before = self._report
        self._report = report
        self.state_changed.emit(Ready(report))
        if before is None or before.schema.frozen != report.schema.frozen:
            self.read_only_changed.emit(report.schema.frozen)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.state_changed.emit(Failed(error, keep_content=self._report is not None))
