"""One step for several people: a dry run that reads everybody again, then the run itself. No widget here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingReader
from app.people import action_of
from app.permissions import Operator
from app.prechecks import row_obstacle
from app.work import Work
from ui.context import Context
from ui.jobs import Job
from ui.tabs.onboarding.moves import Moves
from ui.text import count, tr


@dataclass(frozen=True, slots=True)
class Plan:
    """What the dry run found: who would take the step, as they are now, and who could not, with the reason."""

    ready: tuple[DatabaseUser, ...]
    refused: tuple[tuple[DatabaseUser, str], ...]


def dry_run(
    onboarding: OnboardingReader,
    people: tuple[DatabaseUser, ...],
    edge: Edge,
    operator: Operator,
    work: Work,
    goal: OnboardingStatus | None = None,
) -> Plan:
    """Read everybody again and ask the ladder and the row's own obstacles; changes nothing.

    With `goal`, whoever the step would take elsewhere is refused: enabling returns each to where they were.
    AppError where the database does not answer.
    """
    ready: list[DatabaseUser] = []
    refused: list[tuple[DatabaseUser, str]] = []
    for number, person in enumerate(people):
        work.progress(number, len(people), person.email)
        try:
            now = onboarding.get(person.id)
        except AppError as error:
            if error.code is not ErrorCode.USER_NOT_FOUND:
                raise
            refused.append((person, error.message))
            continue
        why = row_obstacle(action_of(edge), operator, now) or _no_way(edge, now, goal)
        if why is None:
            ready.append(now)
        else:
            refused.append((now, why))
    return Plan(tuple(ready), tuple(refused))


def _no_way(edge: Edge, row: DatabaseUser, goal: OnboardingStatus | None) -> str | None:
    why = ladder.why_not(edge, row.status)
    if why is None and goal is not None:
        found = ladder.step_to(goal, row.status, before=ladder.before_disable(row))
        return found if isinstance(found, str) else None
    return why


class BulkStep(QObject):
    """One step for several people, from the dry run to the result."""

    planned = Signal(object)  # Plan
    failed = Signal(object)  # AppError: the dry run
    progressed = Signal(object)  # Progress, of the dry run or the run
    reported = Signal(object)  # BulkReport
    stopped = Signal()  # before it began

    def __init__(
        self,
        context: Context,
        moves: Moves,
        edge: Edge,
        people: tuple[DatabaseUser, ...],
        goal: OnboardingStatus | None = None,
    ) -> None:
        super().__init__()
        assert context.desk is not None
        self._context = context
        self._onboarding = context.desk.onboarding
        self._moves = moves
        self._operator = context.desk.operator
        self._goal = goal
        self._job: Job | None = None
        self.edge = edge
        self.people = people
        self.plan: Plan | None = None

    @Slot()
    def check(self) -> None:
        """Begin the dry run, or repeat it."""
        onboarding, people, edge, operator, goal = self._onboarding, self.people, self.edge, self._operator, self._goal
        assert onboarding is not None
        name = tr("Dry run for {people}", people=count(len(people), "person", "people"))
        job = self._context.run(
            lambda work: dry_run(onboarding, people, edge, operator, work, goal),
            name=name,
            key="onboarding-dry-run",
            listed=False,
        )
        job.progressed.connect(self.progressed)
        job.succeeded.connect(self._on_planned)
        job.failed.connect(self.failed)

    @Slot(str)
    def run(self, reason: str = "") -> None:
        """Take the step for those whom the dry run found ready; the Moves tell everybody else of it."""
        assert self.plan is not None
        self._job = self._moves.move_several(self.edge, self.plan.ready, reason)
        self._job.progressed.connect(self.progressed)
        self._job.succeeded.connect(self.reported)
        self._job.cancelled.connect(self.stopped)
        self._job.failed.connect(self.failed)

    @Slot()
    def stop(self) -> None:
        """Leave those alone whose turn has not come; who was moved stays moved."""
        if self._job is not None:
            self._job.cancel()

    @Slot(object)
    def _on_planned(self, plan: Plan) -> None:
        self.plan = plan
        self.planned.emit(plan)
