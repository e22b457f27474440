"""Who is stuck, who came and left, and a table that changes meanwhile: read from a real auth.users."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.onboarding.database import Database
from app.onboarding.limits import Limits
from app.onboarding.models import Movement, OnboardingStatus
from app.onboarding.users import OnboardingUsers
from tests.services.test_onboarding_users import add, drop

S = OnboardingStatus
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    yield opened
    opened.close()


@pytest.fixture
def users(database: Database) -> OnboardingUsers:
    return OnboardingUsers(database)


def test_the_funnel_counts_who_is_stuck_and_the_list_begins_with_those_most_over_their_limit(
    database: Database, users: OnboardingUsers
) -> None:
    limits = Limits({S.PENDING_APPROVAL: 24, S.PENDING_MFA: 240})
    for email, status, hours in (
        ("twice", S.PENDING_APPROVAL, 48),
        ("just", S.PENDING_APPROVAL, 25),
        ("fresh", S.PENDING_APPROVAL, 23),
        ("thrice", S.PENDING_MFA, 720),
        ("patient", S.PENDING_MFA, 200),
        ("settled", S.ACTIVE, 9000),
    ):
        add(database, f"{email}@x.example", status=status.value, updated_at=NOW - timedelta(hours=hours))
    stages = {stage.status: (stage.count, stage.stuck) for stage in users.funnel(NOW, limits)}
    assert (stages[S.PENDING_APPROVAL], stages[S.PENDING_MFA], stages[S.ACTIVE]) == ((3, 2), (2, 1), (1, 0))
    assert all(stage.stuck == 0 for stage in users.funnel(NOW))
    found = [row.email.partition("@")[0] for row in users.stuck(limits, NOW)]
    assert found == ["thrice", "twice", "just"]
    assert len(users.stuck(limits, NOW, limit=2)) == 2
    assert users.stuck(Limits({}), NOW) == []


def test_without_times_nobody_is_known_to_be_stuck(database: Database, users: OnboardingUsers) -> None:
    add(database, "a@x.example", status="pending_mfa")
    drop(database, "updated_at", "created_at")
    assert users.stuck(Limits(), NOW) == []
    assert users.movements(S.PENDING_MFA, NOW) == ()
    assert {stage.stuck for stage in users.funnel(NOW, Limits())} == {0}


def test_the_table_tells_who_came_and_who_enrolled(database: Database, users: OnboardingUsers) -> None:
    moment = datetime(2026, 11, 20, 10, 7, tzinfo=UTC)
    quarter = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    for n in range(2):
        add(database, f"here{n}@x.example", status="pending_mfa", updated_at=moment)
    add(database, "old@x.example", status="pending_mfa", updated_at=NOW - timedelta(days=90))
    add(database, "left@x.example", status="active", updated_at=NOW, mfa_enrolled_at=moment)
    found = users.movements(S.PENDING_MFA, NOW - timedelta(days=30))
    assert set(found) == {Movement(quarter, 2, 0), Movement(quarter, 0, 1)}
    assert [movement.came for movement in users.movements(S.ACTIVE, NOW - timedelta(days=30))] == [1]


def test_a_column_that_is_dropped_meanwhile_is_done_without(database: Database, users: OnboardingUsers) -> None:
    add(database, "a@x.example", status="active", mfa_required=True)
    assert users.list(S.ACTIVE)[0].mfa_required
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN mfa_required")
    assert users.list(S.ACTIVE)[0].mfa_required is None
