"""Compares pool and database, filters what was found, tries and takes the fixes, exports. No widget here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.drift.service import Drift, DriftLine, DriftReport, DriftView, Fix, Kind
from app.errors import AppError
from app.work import Progress, Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.onboarding.mend import MENDED, MendOrder
from ui.tabs.onboarding.wording import ORIGIN
from ui.text import count, tr
from ui.view_state import Empty, Failed, Loading, Ready

SHOWN = 1_000  # lines on screen; the others are counted, filtered and exported all the same
LANE = "changes"
_ECHO = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class DriftShown:
    """The report, the kinds that are asked for (empty: all), the lines of it on screen and how many there are."""

    report: DriftReport
    kinds: frozenset[Kind]
    text: str
    view: DriftView
    lines: tuple[DriftLine, ...]


class DriftPresenter(QObject):
    """Compares when asked: it reads the whole table. What changes afterwards makes the report stale, and it says so."""

    state_changed = Signal(object)  # ViewState; Ready carries a DriftShown
    stale_changed = Signal(bool)  # somebody has changed something since the comparison
    exported = Signal(str)  # what was written, in words
    failed = Signal(object)  # AppError of an export

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._shown: DriftShown | None = None
        self._kinds: frozenset[Kind] = frozenset()
        self._text = ""
        self._job: Job | None = None
        self._stale = False
        context.changed.connect(self._on_change)

    @property
    def drift(self) -> Drift:
        """The service."""
        return self._desk.drift

    @property
    def shown(self) -> DriftShown | None:
        """What is on screen."""
        return self._shown

    def start(self) -> None:
        """Show the last comparison, whoever asked for it, or say that there is none yet."""
        if self._shown is not None or self._job is not None:
            return
        if self._desk.drift.latest is not None:
            self._adopt(self._desk.drift.latest)
        else:
            self.state_changed.emit(
                Empty(
                    tr("Nothing was compared yet"),
                    tr(
                        "The whole table auth.users is read and held against the pool: who is on one side only, and "
                        "whose two sides differ. Nothing is changed. A million people take a few seconds."
                    ),
                    action=tr("Compare now"),
                    icon="database",
                )
            )

    @Slot()
    def compare(self) -> None:
        """Compare everybody, after the pool was read if it was not yet."""
        if self._job is not None:
            return
        desk = self._desk

        def compare(work: Work) -> DriftReport:
            if desk.people.loaded is None:
                desk.people.load(work)
            return desk.drift.compare(work)

        self.state_changed.emit(Loading(tr("Comparing…"), keep_content=self._shown is not None))
        job = self._context.run(compare, name=tr("Compare pool and database"), key="drift-compare")
        self._job = job
        job.progressed.connect(self._on_progress)
        job.succeeded.connect(self._on_report)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    @Slot()
    def cancel(self) -> None:
        """Stop comparing; what was found before stays."""
        if self._job is not None:
            self._job.cancel()

    def choose(self, kinds: frozenset[Kind]) -> None:
        """Show the lines of these kinds only; of all where there are none."""
        self._kinds = kinds
        self._filter()

    @Slot(str)
    def search(self, text: str) -> None:
        """Show only lines in which the text occurs."""
        self._text = text
        self._filter()

    def mend(self, fix: Fix, only: tuple[int, ...] = ()) -> MendOrder:
        """The fix for all lines of the present filter, or for those at some positions of it."""
        assert self._shown is not None
        return MendOrder(self._desk.drift, fix, self._shown.view, only)

    def export(self, path: Path, *, replace: bool) -> None:
        """Write the lines of the present filter into a file."""
        assert self._shown is not None
        drift, view = self._desk.drift, self._shown.view
        job = self._context.run(
            lambda work: (drift.export(work, view, path, replace=replace), path.name),
            name=tr("Export the differences"),
            lane=LANE,
        )
        job.succeeded.connect(self._on_exported)
        job.failed.connect(self.failed)

    def _filter(self, report: DriftReport | None = None) -> None:
        report = report or (self._shown.report if self._shown is not None else None)
        if report is None:
            return
        found, kinds, text = report, self._kinds, self._text

        def look(_: Work) -> DriftShown:
            view = found.view(kinds, text)
            return DriftShown(found, kinds, text, view, tuple(view.lines(0, SHOWN)))

        job = self._context.run(look, name=tr("Filter the differences"), key="drift-view", listed=False)
        job.succeeded.connect(self._on_shown)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_report(self, report: DriftReport) -> None:
        self._job = None
        self._adopt(report)
        self._context.announce(Change(Topic.USERS, (), ORIGIN))  # `drift:` of the search knows it now
        self._context.announce(Change(Topic.DRIFT, (), ORIGIN))

    def _adopt(self, report: DriftReport) -> None:
        self._set_stale(not self._desk.drift.current)
        self._filter(report)

    @Slot(object)
    def _on_shown(self, shown: DriftShown) -> None:
        self._shown = shown
        self.state_changed.emit(Ready(shown))

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self.state_changed.emit(Loading(tr("Comparing…"), progress, keep_content=self._shown is not None))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._job = None
        self.state_changed.emit(Failed(error, keep_content=self._shown is not None))

    @Slot()
    def _on_cancelled(self) -> None:
        self._job = None
        if self._shown is not None:
            self.state_changed.emit(Ready(self._shown))
        else:
            self.start()

    @Slot(object)
    def _on_exported(self, result: tuple[int, str]) -> None:
        people, name = result
        self.exported.emit(tr("{people} written to {file}.", people=count(people, "person", "people"), file=name))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        shown, latest = self._shown, self._desk.drift.latest
        if change.topic == Topic.DRIFT and change.origin != ORIGIN and latest is not None and self._job is None:
            self._adopt(latest)
            return
        if change.topic not in (Topic.USERS, Topic.ONBOARDING) or change.origin == ORIGIN or shown is None:
            return
        if change.origin == MENDED:
            if change.topic == Topic.ONBOARDING:
                self.compare()
            return
        # The watch over the database tells a moment later what the comparison has seen already.
        seen = change.origin == "live" and self._desk.now() - shown.report.at < _ECHO
        if not seen:
            self._set_stale(True)

    def _set_stale(self, stale: bool) -> None:
        if stale != self._stale:
            self._stale = stale
            self.stale_changed.emit(stale)
