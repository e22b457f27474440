"""Brings waiting database writes home: retried in the background until they land, counted in the rail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from app.work import Work
from ui.context import Change, Context, Topic
from ui.text import tr

if TYPE_CHECKING:
    from app.people import People
    from ui.shell.window import MainWindow

_EVERY_MS = 10_000  # what is due is tried; when it is due, the journal says


class MirrorWatch(QObject):
    """Runs while a desk with a database is open."""

    def __init__(self, context: Context, window: MainWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._window = window
        self._waiting = 0
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.try_now)
        context.desk_changed.connect(self._on_desk)

    @Slot()
    def try_now(self) -> None:
        """Retry what is due."""
        desk = self._context.desk
        if desk is None:
            return
        job = self._context.run(
            partial(_land, desk.people), name=tr("Waiting database changes"), lane="changes", listed=False
        )
        job.succeeded.connect(self._on_done)

    @Slot()
    def _on_desk(self) -> None:
        self._waiting = 0
        desk = self._context.desk
        if desk is None or desk.database is None:
            self._timer.stop()
            return
        self._timer.start()
        self.try_now()

    @Slot(object)
    def _on_done(self, waiting: int) -> None:
        if waiting < self._waiting:
            self._context.toast(tr("Database changes that waited have landed."))
            self._context.announce(Change(Topic.ONBOARDING, origin="mirrors"))
        self._waiting = waiting
        self._window.set_count("activity", waiting)


def _land(people: People, work: Work) -> int:
    return people.land_mirrors(work)
