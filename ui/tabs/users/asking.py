"""Asks on demand for what lists do not tell: the groups of everybody, the second factors of many. Opens the dialogs."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.errors import AppError, ErrorCode
from app.learning import FactorsRead, GroupsRead, Way
from app.work import Work
from ui.context import Change, Context, Topic
from ui.dialogs.ask_factors import AskFactorsDialog
from ui.dialogs.export import Scope
from ui.jobs import Job
from ui.tabs.users.wording import ORIGIN
from ui.text import count, tr
from ui.widgets.dialogs import show_error

SHOWN_EVERY = 1.0  # seconds; each time the whole table asks the index anew


class Asking(QObject):
    """Belongs to the view. `scopes` tells who can be meant."""

    groups_read = Signal()
    busy_changed = Signal()

    def __init__(self, context: Context, scopes: Callable[[], list[Scope]], owner: QWidget) -> None:
        super().__init__(owner)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._scopes = scopes
        self._owner = owner
        self._groups: Job | None = None
        self._factors: Job | None = None
        self._dialog: AskFactorsDialog | None = None
        self._way = Way.FACTORS
        self._shown = 0.0

    @property
    def reading_groups(self) -> bool:
        """Whether groups are being read."""
        return self._groups is not None

    @property
    def asking_factors(self) -> bool:
        """Whether second factors are being asked for."""
        return self._factors is not None

    @Slot()
    def read_groups(self) -> None:
        """Read who is in which group, in the background. Does nothing while that is under way."""
        if self._groups is not None:
            return
        learning = self._desk.learning

        def read(work: Work) -> GroupsRead:
            return learning.groups(work)

        job = self._context.run(read, name=tr("Reading groups"), key="users-groups")
        job.succeeded.connect(self._on_groups)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_groups_end)
        self._groups = job
        self.busy_changed.emit()

    @Slot()
    def ask_factors(self) -> None:
        """Say what it costs, and ask for second factors if that is wanted."""
        self._dialog = AskFactorsDialog(self._scopes(), self._desk.learning.seconds, self._owner)
        self._dialog.submitted.connect(self._on_confirmed)
        self._dialog.open()

    @Slot()
    def _on_confirmed(self) -> None:
        assert self._dialog is not None
        learning, who, way, people = self._desk.learning, self._dialog.who, self._dialog.way, self._dialog.people
        self._dialog.succeed()
        self._dialog = None

        def ask(work: Work) -> FactorsRead:
            return learning.factors(work, who, way)

        name = tr("Asking for the second factors of {people}", people=count(people, "person", "people"))
        job = self._context.run(ask, name=name)
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_factors)
        job.failed.connect(self._on_factors_failed)
        job.cancelled.connect(self._on_stopped)
        job.finished.connect(self._on_factors_end)
        self._factors, self._way = job, way
        self.busy_changed.emit()

    @Slot()
    def _on_progress(self) -> None:
        if time.monotonic() - self._shown >= SHOWN_EVERY:
            self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        self._context.announce(Change(Topic.USERS, (), ORIGIN))

    @Slot(object)
    def _on_groups(self, read: GroupsRead) -> None:
        if read.groups:
            groups, people = count(read.groups, "group", "groups"), count(read.people, "person", "people")
            self._context.toast(tr("{groups} read: {people} in at least one.", groups=groups, people=people))
        else:
            self._context.toast(tr("This pool has no groups."), "info")
        self.groups_read.emit()

    @Slot()
    def _on_groups_end(self) -> None:
        self._groups = None
        self._show()
        self.busy_changed.emit()

    @Slot(object)
    def _on_factors(self, read: FactorsRead) -> None:
        said = tr("Cognito told the second factors of {people}.", people=count(read.told, "person", "people"))
        if read.missing:
            said += " " + tr("{n} are no longer in the pool.", n=read.missing)
        if read.failed and read.error is not None:
            said += " " + tr("{n} could not be told: {why}", n=read.failed, why=read.error.message)
        self._context.toast(said, "warn" if read.failed else "ok")

    @Slot(object)
    def _on_factors_failed(self, error: AppError) -> None:
        if self._way is Way.FACTORS and error.code in (ErrorCode.NOT_SUPPORTED, ErrorCode.ACCESS_DENIED):
            hint = tr("AdminGetUser tells them too, but counts everybody as active: choose it if that is meant.")
            told = AppError(
                error.code,
                f"{error.message} {hint}",
                subject=error.subject,
                request_id=error.request_id,
            )
            told.__cause__ = error
            error = told
        show_error(self._owner, error)

    @Slot()
    def _on_stopped(self) -> None:
        self._context.toast(tr("Stopped. What Cognito has told so far is shown."), "info")

    @Slot()
    def _on_factors_end(self) -> None:
        self._factors = None
        self._show()
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        self.busy_changed.emit()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        show_error(self._owner, error)
