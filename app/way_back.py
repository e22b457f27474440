"""The way back from a step of the ladder, where it has one and the operator may go it. Blocking when it is run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.onboarding.ladder import INVERSE, Edge
from app.people import action_of

if TYPE_CHECKING:
    from app.changes import Inverse
    from app.onboarding.models import DatabaseUser
    from app.people import People


def before_step(row: DatabaseUser, edge: Edge, moved: DatabaseUser) -> DatabaseUser:
    """`moved`, with where the person stood before: a database without that column forgets it, and we have just seen it.

    `row` is the person as they were before they took `edge`.
    """
    if edge is Edge.DISABLE and moved.status_before_disable is None:
        return replace(moved, status_before_disable=row.status)
    return moved


def step_back(people: People, row: DatabaseUser, edge: Edge, moved: DatabaseUser) -> Inverse | None:
    """The step that takes `edge` back; None where the ladder has none, or the role does not allow it.

    Run, it is an AppError(CONFLICT) where somebody else changed the row meanwhile.
    """
    back = INVERSE.get(edge)
    if back is None:
        return None
    known = before_step(row, edge, moved)
    return people.upkeep.inverse(action_of(back), "Take the step back", lambda: people.move(known, back))
