"""Every step that this tab takes along the ladder, one job at a time and in order, and how it ended. No widget here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.changes import MirrorReport, Outcome
from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.ladder import INVERSE, Edge
from app.onboarding.models import DatabaseUser
from app.people import action_of
from app.prechecks import row_obstacle
from app.way_back import before_step
from ui.context import Change, Context, Topic
from ui.tabs.onboarding.wording import ORIGIN, done, job_name
from ui.text import count, tr

LANE = "changes"


class Moves(QObject):
    """Takes steps and tells of them: toast, announcement, and signals for the view."""

    moved = Signal(object)  # DatabaseUser: the row afterwards
    failed = Signal(object)  # AppError
    settled = Signal()  # a step or several ended, well or not: what is shown is stale
    busy_changed = Signal()

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._under_way: dict[object, frozenset[str]] = {}
        self._read_only: str | None = None

    @Slot(object)
    def set_read_only(self, why: str | None) -> None:
        """Why the database takes no step from this connection; None where it does."""
        self._read_only = why
        self.busy_changed.emit()

    def why_not(self, edge: Edge, rows: tuple[DatabaseUser, ...], *, several: bool = False) -> str | None:
        """Why these people cannot take the step now; None where they can.

        `several`: more than one at once may; then it is enough that one of them can.
        """
        reason = self._desk.why_not(action_of(edge)) or self._read_only
        if reason is not None:
            return reason
        if not rows:
            return tr("Choose a person first.")
        if len(rows) > 1 and not several:
            return tr("This is done for one person at a time. Choose one.")
        busy = frozenset().union(*self._under_way.values())
        if any(row.id in busy for row in rows):
            return tr("Something is being done with this person right now.")
        if self.able(edge, rows):
            return None
        why = self._hindrance(edge, rows[0])
        mixed = len({row.status for row in rows}) > 1
        return tr("None of them can. {who}: {why}", who=rows[0].email, why=why) if mixed else why

    def able(self, edge: Edge, rows: tuple[DatabaseUser, ...]) -> int:
        """How many of these people the ladder and their rows let take the step, whoever is asking."""
        open_to = {status for status in {row.status for row in rows} if ladder.why_not(edge, status) is None}
        action, operator = action_of(edge), self._desk.operator
        return sum(row.status in open_to and row_obstacle(action, operator, row) is None for row in rows)

    def _hindrance(self, edge: Edge, row: DatabaseUser) -> str | None:
        return row_obstacle(action_of(edge), self._desk.operator, row) or ladder.why_not(edge, row.status)

    def move(self, edge: Edge, row: DatabaseUser, *, undoing: bool = False, reason: str = "") -> None:
        """Move one person."""
        people = self._desk.people
        job = self._context.run(lambda work: people.move(row, edge, reason), name=job_name(edge, row.email), lane=LANE)
        attempt = _Attempt(edge, row, undoing, self)
        self._under_way[attempt] = frozenset((row.id,))
        job.succeeded.connect(attempt.on_succeeded)
        job.failed.connect(attempt.on_failed)
        job.cancelled.connect(attempt.on_cancelled)
        job.finished.connect(attempt.on_finished)
        self.busy_changed.emit()

    def occupy(self, order: object, ids: frozenset[str]) -> None:
        """Something is done with several people: no step is taken for them meanwhile."""
        self._under_way[order] = ids
        self.busy_changed.emit()

    def vacate(self, order: object) -> None:
        """That has ended."""
        self._under_way.pop(order, None)
        self.busy_changed.emit()
        self.settled.emit()

    def retry_waiting(self) -> None:
        """Try the waiting database writes now."""
        people = self._desk.people
        job = self._context.run(
            lambda work: people.retry_mirrors(work, at_once=True), name=tr("Waiting database changes"), lane=LANE
        )
        job.succeeded.connect(self._on_landed)
        job.failed.connect(self.failed)

    def end_well(self, attempt: _Attempt, result: object) -> None:
        """The job of the attempt returned."""
        assert isinstance(result, Outcome)
        undo = self._undo(attempt, result.value)
        self._context.toast(done(attempt.edge, result), "ok", tr("Undo") if undo else "", undo)
        self._announce((result.value.id,))
        self.moved.emit(result.value)

    def end_badly(self, attempt: _Attempt, error: AppError) -> None:
        """The job of the attempt failed."""
        self._announce((attempt.row.id,))
        self.failed.emit(_in_words(error))

    def end_unbegun(self, attempt: _Attempt) -> None:
        """The job was cancelled before it began, or left in doubt while closing."""
        self._context.toast(tr("Stopped before it began: nobody was moved."), "warn")

    def end(self, attempt: _Attempt) -> None:
        """The attempt is over, however it ended."""
        self.vacate(attempt)

    def _undo(self, attempt: _Attempt, moved: DatabaseUser) -> Callable[[], object] | None:
        back = INVERSE.get(attempt.edge)
        if back is None or attempt.undoing or self._desk.why_not(action_of(back)) is not None:
            return None
        return Undo(self, back, before_step(attempt.row, attempt.edge, moved))

    def _announce(self, ids: tuple[str, ...]) -> None:
        self._context.announce(Change(Topic.ONBOARDING, ids, ORIGIN))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))

    @Slot(object)
    def _on_landed(self, report: MirrorReport) -> None:
        if report.waiting:
            self._context.toast(tr("{changes} still wait.", changes=_changes(report.waiting)), "warn")
        else:
            self._context.toast(tr("Every database change has landed."))
        self._announce(())
        self.settled.emit()


class _Attempt(QObject):
    """One job under way and what it was for; hands its end to the Moves that own it."""

    def __init__(self, edge: Edge, row: DatabaseUser, undoing: bool, moves: Moves) -> None:
        super().__init__(moves)
        self.edge = edge
        self.row = row
        self.undoing = undoing
        self._moves = moves

    @Slot(object)
    def on_succeeded(self, result: object) -> None:
        self._moves.end_well(self, result)

    @Slot(object)
    def on_failed(self, error: AppError) -> None:
        self._moves.end_badly(self, error)

    @Slot()
    def on_cancelled(self) -> None:
        self._moves.end_unbegun(self)

    @Slot()
    def on_finished(self) -> None:
        self._moves.end(self)
        self.deleteLater()


@dataclass(frozen=True, slots=True)
class Undo:
    """What a toast's Undo runs: it may outlive the tab, and then does nothing."""

    moves: Moves
    edge: Edge
    row: DatabaseUser

    def __call__(self) -> None:
        from shiboken6 import isValid

        if isValid(self.moves):
            self.moves.move(self.edge, self.row, undoing=True)


def _changes(pending: int) -> str:
    return count(pending, "database change", "database changes")


def _in_words(error: AppError) -> AppError:
    """A step that failed waits for nothing: unlike what follows a change in Cognito, it is not made later."""
    if error.code is not ErrorCode.DATABASE_UNREACHABLE:
        return error
    made = AppError(
        error.code,
        f"{error.message} {tr('The step was not taken and will not be taken later: try again when it is back.')}",
        subject=error.subject,
        retryable=error.retryable,
    )
    made.__cause__ = error.__cause__
    return made
