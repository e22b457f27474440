"""Entries and exits per day: nobody is counted twice, and days begin where the person lives."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.onboarding.flow import DayFlow, Step, by_day, movements
from app.onboarding.models import Movement, OnboardingStatus

S = OnboardingStatus
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def step(person: str, days: int, source: OnboardingStatus, target: OnboardingStatus) -> Step:
    return Step(NOW - timedelta(days=days), person, source, target)


def test_whoever_came_and_stayed_is_told_by_the_table_alone() -> None:
    steps = [step("a", 3, S.PENDING_APPROVAL, S.PENDING_MFA)]
    assert movements(steps, S.PENDING_MFA) == []
    assert movements(steps, S.PENDING_APPROVAL) == [Movement(steps[0].at, 0, 1)]


def test_whoever_came_and_left_again_is_told_by_the_journal() -> None:
    there, back = step("a", 5, S.ACTIVE, S.SUSPENDED), step("a", 2, S.SUSPENDED, S.ACTIVE)
    assert movements([back, there], S.SUSPENDED) == [Movement(back.at, 0, 1), Movement(there.at, 1, 0)]
    again = step("a", 1, S.ACTIVE, S.SUSPENDED)
    assert sum(m.came for m in movements([there, back, again], S.SUSPENDED)) == 1


def test_every_day_has_its_place_and_what_lies_before_is_left_out() -> None:
    flow = by_day(
        [Movement(NOW, 2, 1), Movement(NOW - timedelta(days=2), 1, 0), Movement(NOW - timedelta(days=3), 9, 9)],
        NOW,
        3,
        UTC,
    )
    assert flow == [
        DayFlow(date(2026, 11, 20), 1, 0),
        DayFlow(date(2026, 11, 21), 0, 0),
        DayFlow(date(2026, 11, 22), 2, 1),
    ]


def test_days_are_local_across_a_change_of_the_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    late = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)  # half past midnight on the 25th, the day of 25 hours
    last = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)  # half past eleven in the evening of the same day
    flow = by_day([Movement(late, 1, 0), Movement(last, 1, 0)], last, 2, berlin)
    assert flow == [DayFlow(date(2026, 10, 24), 0, 0), DayFlow(date(2026, 10, 25), 2, 0)]
