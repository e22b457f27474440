"""What auth.users has and lacks, and what its user may do: as the check tells it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.users import OnboardingUsers


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    yield opened
    opened.close()


def test_a_fresh_schema_lacks_nothing(database: Database) -> None:
    report = database.check()
    assert (report.missing_required, report.missing_optional, report.sql) == ((), (), "")
    assert report.usable
    assert report.unknown_statuses == ()


def test_a_database_without_the_schema_is_told_what_would_create_it(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("DROP SCHEMA auth CASCADE")
    assert database.columns() == frozenset()
    report = database.check()
    assert not report.usable
    with pytest.raises(AppError) as caught:
        OnboardingUsers(database).funnel()
    assert caught.value.code is ErrorCode.DATABASE_SCHEMA
    assert "no table auth.users" in caught.value.message
    with database.connection() as connection:
        connection.execute(report.sql.encode())
    assert database.check().usable
    assert OnboardingUsers(database).count() == 0


def test_missing_columns_are_named_with_the_statement_that_adds_them(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN name, DROP COLUMN status_before_disable")
    report = database.check()
    assert report.usable
    assert report.missing_optional == ("name", "status_before_disable")
    with database.connection() as connection:
        connection.execute(report.sql.encode())
    assert database.check().missing_optional == ()
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN auth_provider")
    report = database.check()
    assert report.missing_required == ("auth_provider",)
    with pytest.raises(AppError, match="lacks the columns auth_provider"):
        OnboardingUsers(database).count()


def test_a_table_that_changes_under_us_is_noticed(database: Database) -> None:
    users = OnboardingUsers(database)
    users.find("a@example.org")
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN name")
    with pytest.raises(AppError) as caught:
        users.find("a@example.org")
    assert caught.value.code is ErrorCode.DATABASE_SCHEMA
    assert users.find("a@example.org") is None


def test_statuses_that_the_ladder_does_not_know_are_reported(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP CONSTRAINT users_status_known")
        connection.execute("INSERT INTO auth.users (email, status) VALUES ('a', 'archived'), ('b', 'active')")
    assert database.check().unknown_statuses == ("archived",)
    users = OnboardingUsers(database)
    assert users.find("b") is not None
    with pytest.raises(AppError, match="archived") as caught:
        users.find("a")
    assert caught.value.code is ErrorCode.DATABASE_SCHEMA


def test_a_user_without_rights_is_told_which(database: Database, auth_database: str) -> None:
    with database.connection() as connection:
        connection.execute("REVOKE ALL ON auth.users FROM CURRENT_USER")
    with pytest.raises(AppError) as caught:
        OnboardingUsers(database).count()
    assert caught.value.code is ErrorCode.DATABASE_REFUSED
    assert "needs USAGE on schema auth and SELECT, INSERT and UPDATE" in caught.value.message
