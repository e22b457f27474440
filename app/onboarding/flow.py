"""Entries into a state and exits from it, day by day, from what the table and the journal remember. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from app.onboarding.models import Movement, OnboardingStatus


@dataclass(frozen=True, slots=True)
class DayFlow:
    """Who came into a state and who left it on one day of the person's own time zone."""

    day: date
    came: int
    left: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one person that the journal remembers."""

    at: datetime
    person: str
    source: OnboardingStatus
    target: OnboardingStatus


def movements(steps: Iterable[Step], status: OnboardingStatus) -> list[Movement]:
    """What the steps tell of a state beyond what the table tells.

    Whoever came and did not leave again still stands there, and is told by the table: they are not counted twice.
    """
    found: list[Movement] = []
    here: dict[str, datetime] = {}
    for step in sorted(steps, key=lambda step: step.at):
        if step.source is status:
            found.append(Movement(step.at, 0, 1))
            came = here.pop(step.person, None)
            if came is not None:
                found.append(Movement(came, 1, 0))
        if step.target is status:
            here[step.person] = step.at
    return found


def by_day(movements: Iterable[Movement], now: datetime, days: int, zone: tzinfo | None = None) -> Sequence[DayFlow]:
    """The last `days` days up to today, oldest first, days without movement too. `zone` None: the local one."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    counted = {first + timedelta(days=number): [0, 0] for number in range(days)}
    for movement in movements:
        day = movement.at.astimezone(zone).date()
        if day in counted:
            counted[day][0] += movement.came
            counted[day][1] += movement.left
    return [DayFlow(day, came, left) for day, (came, left) in counted.items()]
