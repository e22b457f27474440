"""Finding, counting, listing and moving the rows of a real auth.users."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.ladder import LADDER, Edge
from app.onboarding.leases import Session
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingUsers
from tests.services.relay import Relay

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


def add(database: Database, email: str, **fields: object) -> str:
    fields = {"email": email, "auth_provider": "cognito", **fields}
    names, marks = ", ".join(fields), ", ".join(f"%({name})s" for name in fields)
    with database.connection() as connection:
        query = f"INSERT INTO auth.users ({names}) VALUES ({marks}) RETURNING id::text"
        row = connection.execute(query.encode(), fields).fetchone()
    assert row is not None
    return str(row[0])


def drop(database: Database, *columns: str) -> None:
    with database.connection() as connection:
        for column in columns:
            connection.execute(f"ALTER TABLE auth.users DROP COLUMN {column}".encode())
    database.check()


def test_a_row_reads_back_whole_and_in_utc(database: Database, users: OnboardingUsers) -> None:
    moment = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=UTC)
    id = add(
        database,
        "Zoë@example.org",
        subject="sub-1",
        name="Zoë; DROP TABLE auth.users",
        role="user",
        organization_id="org",
        email_verified=True,
        status="disabled",
        status_before_disable="active",
        mfa_required=True,
        mfa_method="totp",
        mfa_enrolled_at=moment,
        password_reset_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    row = users.get(id)
    assert row == DatabaseUser(
        id=id,
        email="Zoë@example.org",
        status=S.DISABLED,
        auth_provider="cognito",
        email_verified=True,
        subject="sub-1",
        name="Zoë; DROP TABLE auth.users",
        role="user",
        organization_id="org",
        mfa_required=True,
        mfa_method="totp",
        mfa_enrolled_at=moment,
        password_reset_at=moment,
        status_before_disable=S.ACTIVE,
        created_at=moment,
        updated_at=moment,
    )
    assert row.updated_at is not None
    assert row.updated_at.tzinfo is UTC


@pytest.mark.parametrize("id", ["0b8f7c1e-0000-4000-8000-000000000000", "no uuid", ""])
def test_a_row_that_is_gone_is_said_to_be_gone(users: OnboardingUsers, id: str) -> None:
    with pytest.raises(AppError) as caught:
        users.get(id)
    assert caught.value.code is ErrorCode.USER_NOT_FOUND


def test_a_person_is_found_by_subject_first_then_by_email_in_any_spelling(
    database: Database, users: OnboardingUsers
) -> None:
    by_subject = add(database, "old@example.org", subject="sub-1")
    by_email = add(database, "New@Example.org")
    found = users.find("new@example.org", "sub-1")
    assert found is not None
    assert found.id == by_subject
    for spelling in ("new@example.org", "NEW@EXAMPLE.ORG"):
        found = users.find(spelling, "sub-9")
        assert found is not None
        assert found.id == by_email
    assert users.find("nobody@example.org", "sub-9") is None
    assert users.find("", "") is None
    assert users.find("", "sub-1") is not None
    assert users.find("%@example.org", "") is None


def test_people_who_differ_by_case_are_not_mixed_up(database: Database, users: OnboardingUsers) -> None:
    lower = add(database, "sam@example.org", subject="sub-low")
    upper = add(database, "SAM@example.org", subject="sub-up")
    for email, sub, expected in (
        ("sam@example.org", "sub-low", lower),
        ("SAM@example.org", "sub-up", upper),
        ("sam@example.org", "", lower),
        ("SAM@example.org", "", upper),
    ):
        found = users.find(email, sub)
        assert found is not None
        assert found.id == expected
    assert users.find("Sam@example.org", "sub-third") is None
    assert users.find("Sam@example.org", "") is not None


def test_the_funnel_has_all_eight_states_in_order_with_median_ages(database: Database, users: OnboardingUsers) -> None:
    for days in (1, 3, 10):
        add(database, f"m{days}@example.org", status="pending_mfa", updated_at=NOW - timedelta(days=days))
    for days in (2, 4):
        add(database, f"a{days}@example.org", status="active", updated_at=NOW - timedelta(days=days))
    add(database, "future@example.org", status="rejected", updated_at=NOW + timedelta(hours=1))
    stages = {stage.status: stage for stage in users.funnel(NOW)}
    assert tuple(stages) == LADDER
    assert (stages[S.PENDING_MFA].count, stages[S.PENDING_MFA].median_age) == (3, timedelta(days=3))
    assert (stages[S.ACTIVE].count, stages[S.ACTIVE].median_age) == (2, timedelta(days=3))
    assert (stages[S.SUSPENDED].count, stages[S.SUSPENDED].median_age) == (0, None)
    assert stages[S.REJECTED].median_age == timedelta(0)
    assert users.count() == 6


def test_a_state_is_listed_oldest_change_first_in_pages(database: Database, users: OnboardingUsers) -> None:
    moments = [NOW - timedelta(hours=hours) for hours in (5, 5, 5, 3, 1)]
    for number, moment in enumerate(moments):
        add(database, f"p{number}@example.org", status="pending_approval", updated_at=moment)
    add(database, "other@example.org", status="active")
    everyone = users.list(S.PENDING_APPROVAL)
    assert [row.updated_at for row in everyone] == moments
    pages, after = [], None
    while page := users.list(S.PENDING_APPROVAL, limit=2, after=after):
        pages.append(len(page))
        assert page == everyone[sum(pages) - len(page) : sum(pages)]
        after = page[-1]
    assert pages == [2, 2, 1]


def test_rows_without_a_time_come_last_and_are_paged_too(database: Database, users: OnboardingUsers) -> None:
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users ALTER updated_at DROP NOT NULL")
    add(database, "dated@example.org", updated_at=NOW)
    for number in range(3):
        add(database, f"undated{number}@example.org", updated_at=None)
    everyone = users.list(S.PENDING_VERIFICATION)
    assert everyone[0].email == "dated@example.org"
    seen, after = [], None
    while page := users.list(S.PENDING_VERIFICATION, limit=1, after=after):
        seen += page
        after = page[-1]
    assert seen == everyone
    assert users.funnel(NOW)[0].median_age == timedelta(0)


def test_missing_optional_columns_read_as_none(database: Database, users: OnboardingUsers) -> None:
    drop(
        database,
        "subject", "name", "role", "organization_id", "mfa_required", "mfa_method", "mfa_enrolled_at",
        "password_reset_at", "status_before_disable", "created_at", "updated_at",
    )  # fmt: skip
    for number in range(3):
        add(database, f"p{number}@example.org", status="pending_approval")
    (first, *rest) = users.list(S.PENDING_APPROVAL, limit=2)
    assert users.list(S.PENDING_APPROVAL, limit=2, after=rest[-1]) != []
    assert first == DatabaseUser(first.id, first.email, S.PENDING_APPROVAL, "cognito", False)
    assert users.find("P0@example.org", "sub") is not None
    assert users.funnel(NOW)[1].count == 3
    assert users.funnel(NOW)[1].median_age is None
    moved = users.move(first, Edge.APPROVE)
    assert moved.status is S.PENDING_MFA
    disabled = users.move(moved, Edge.DISABLE)
    assert users.move(disabled, Edge.ENABLE, before=S.PENDING_MFA).status is S.PENDING_MFA


def test_ids_and_statuses_may_be_of_other_types(database: Database, users: OnboardingUsers) -> None:
    with database.connection() as connection:
        connection.execute("DROP TABLE auth.users")
        connection.execute(
            "CREATE TYPE auth.user_status AS ENUM ('active', 'suspended', 'disabled', 'pending_verification',"
            " 'pending_approval', 'pending_mfa', 'pending_subscription', 'rejected')"
        )
        connection.execute(
            "CREATE TABLE auth.users (id bigserial PRIMARY KEY, email varchar(200) UNIQUE, status auth.user_status,"
            " auth_provider varchar(20), email_verified boolean, subject uuid, status_before_disable auth.user_status,"
            " updated_at timestamp DEFAULT now())"
        )
    database.check()
    sub = "0b8f7c1e-0000-4000-8000-000000000000"
    id = add(database, "a@example.org", status="pending_approval", subject=sub, updated_at=NOW.replace(tzinfo=None))
    row = users.find("A@example.org", sub)
    assert row is not None
    assert (row.id, row.subject, row.updated_at) == (id, sub, NOW)
    assert users.find("a@example.org", "not a uuid") is not None
    assert users.list(S.PENDING_APPROVAL, after=replace(row, id="0")) == [row]
    disabled = users.move(row, Edge.DISABLE)
    assert disabled.status_before_disable is S.PENDING_APPROVAL
    assert users.move(disabled, Edge.ENABLE).status is S.PENDING_APPROVAL
    with pytest.raises(AppError) as caught:
        users.get("no number")
    assert caught.value.code is ErrorCode.USER_NOT_FOUND


def test_approving_moves_the_row_and_touches_nothing_else(database: Database, users: OnboardingUsers) -> None:
    then = NOW - timedelta(days=30)
    row = users.get(add(database, "a@example.org", status="pending_approval", updated_at=then, name="Ann"))
    other = users.get(add(database, "b@example.org", status="pending_approval", updated_at=then))
    moved = users.move(row, Edge.APPROVE)
    assert moved.updated_at is not None
    assert moved.updated_at > then
    assert moved == replace(row, status=S.PENDING_MFA, updated_at=moved.updated_at)
    assert users.get(row.id) == moved
    assert users.get(other.id) == other


def test_confirming_the_email_by_hand_marks_it_as_verified(database: Database, users: OnboardingUsers) -> None:
    row = users.get(add(database, "a@example.org"))
    moved = users.move(row, Edge.CONFIRM_EMAIL)
    assert (moved.status, moved.email_verified) == (S.PENDING_APPROVAL, True)


@pytest.mark.parametrize("status", [status for status in S if status is not S.DISABLED])
def test_disable_and_enable_return_to_where_the_person_stood(
    database: Database, users: OnboardingUsers, status: OnboardingStatus
) -> None:
    row = users.get(add(database, "a@example.org", status=status.value))
    disabled = users.move(row, Edge.DISABLE)
    assert (disabled.status, disabled.status_before_disable) == (S.DISABLED, status)
    enabled = users.move(disabled, Edge.ENABLE)
    assert (enabled.status, enabled.status_before_disable) == (status, None)


def test_a_step_that_the_ladder_lacks_is_refused_before_the_database_is_asked(
    database: Database, users: OnboardingUsers
) -> None:
    row = users.get(add(database, "a@example.org", status="active"))
    database.close()
    with pytest.raises(AppError) as caught:
        users.move(row, Edge.APPROVE)
    assert caught.value.code is ErrorCode.USER_STATE


def test_a_lost_race_names_both_values_and_changes_nothing(database: Database, users: OnboardingUsers) -> None:
    row = users.get(add(database, "a@example.org", status="pending_approval"))
    users.move(row, Edge.REJECT)
    with pytest.raises(AppError) as caught:
        users.move(row, Edge.APPROVE)
    assert caught.value.code is ErrorCode.CONFLICT
    assert "pending_approval" in caught.value.message
    assert "rejected" in caught.value.message
    assert users.get(row.id).status is S.REJECTED
    with database.connection() as connection:
        connection.execute("DELETE FROM auth.users")
    with pytest.raises(AppError) as caught:
        users.move(row, Edge.APPROVE)
    assert caught.value.code is ErrorCode.USER_NOT_FOUND


def test_of_many_who_approve_at_once_one_wins(database: Database, users: OnboardingUsers) -> None:
    row = users.get(add(database, "a@example.org", status="pending_approval"))
    start = threading.Barrier(6)
    results: list[str] = []

    def approve() -> None:
        start.wait()
        try:
            results.append(users.move(row, Edge.APPROVE).status.value)
        except AppError as error:
            results.append(error.code.value)

    threads = [threading.Thread(target=approve) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["conflict"] * 5 + ["pending_mfa"]


@pytest.mark.parametrize(("arrives", "comes_back"), [(True, True), (True, False), (False, True)])
def test_a_step_whose_answer_was_lost_is_read_again_not_guessed(
    auth_database: str, database: Database, users: OnboardingUsers, arrives: bool, comes_back: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    row = users.get(add(database, "a@example.org", status="pending_approval"))
    with Relay(auth_database) as relay:
        far = Database(relay.conninfo)
        far.columns()
        execute = Session.execute

        def broken(self: Session, query: object, *args: object, **kwargs: object) -> object:
            if self.info.port != relay.port or "UPDATE" not in str(query):
                return execute(self, query, *args, **kwargs)  # type: ignore[call-overload]
            monkeypatch.setattr(Session, "execute", execute)
            if arrives:
                execute(self, query, *args, **kwargs)  # type: ignore[call-overload]
            relay.away()
            if comes_back:
                relay.back()
            return execute(self, "SELECT 1")

        monkeypatch.setattr(Session, "execute", broken)
        if arrives and comes_back:
            assert OnboardingUsers(far).move(row, Edge.APPROVE).status is S.PENDING_MFA
        else:
            with pytest.raises(AppError) as caught:
                OnboardingUsers(far).move(row, Edge.APPROVE)
            expected = ErrorCode.DATABASE_UNREACHABLE if comes_back else ErrorCode.TIMEOUT
            assert caught.value.code is expected
        far.close()
    assert users.get(row.id).status is (S.PENDING_MFA if arrives else S.PENDING_APPROVAL)
