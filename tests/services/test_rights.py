"""What a database user may do with auth.users: asked of a real server, and the statement that grants the rest works."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from app.onboarding.rights import WRITTEN, Rights, rights
from app.onboarding.schema import OPTIONAL, REQUIRED
from app.onboarding.users import OnboardingUsers


@pytest.fixture
def owner(auth_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(auth_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def clerk(auth_database: str, owner: psycopg.Connection) -> Iterator[Database]:
    """A user without any right on the table: its owner, who has taken them away and can grant them again."""
    owner.execute("REVOKE ALL ON auth.users FROM CURRENT_USER; REVOKE USAGE ON SCHEMA auth FROM CURRENT_USER")
    opened = Database(auth_database)
    yield opened
    opened.close()


def test_the_owner_lacks_nothing(auth_database: str) -> None:
    database = Database(auth_database)
    found = rights(database)
    assert (found.missing, found.sql, found.why_not_change) == ((), "", None)
    database.close()


def test_the_statement_grants_what_is_missing_and_no_more(clerk: Database, owner: psycopg.Connection) -> None:
    found = rights(clerk)
    assert not found.usage
    assert {name.partition(" ")[0] for name in found.missing} == {"USAGE", "SELECT", "INSERT", "UPDATE"}
    assert found.why_not_change is not None
    assert "lacks UPDATE" in found.why_not_change
    owner.execute(found.sql.encode())
    after = rights(clerk)
    assert (after.missing, after.sql, after.why_not_change) == ((), "", None)
    owner.execute("INSERT INTO auth.users (email, status) VALUES ('a@x.example', 'pending_approval')")
    users = OnboardingUsers(clerk)
    row = users.list(OnboardingStatus.PENDING_APPROVAL)[0]
    assert users.move(row, Edge.APPROVE).status is OnboardingStatus.PENDING_MFA
    with pytest.raises(AppError) as refused, clerk.connection() as connection:
        connection.execute("DELETE FROM auth.users")
    assert refused.value.code is ErrorCode.DATABASE_REFUSED


def test_who_may_only_look_is_told_so(clerk: Database, owner: psycopg.Connection) -> None:
    owner.execute("GRANT USAGE ON SCHEMA auth TO CURRENT_USER")
    owner.execute("GRANT SELECT, UPDATE (email) ON auth.users TO CURRENT_USER")
    found = rights(clerk)
    assert "email" not in found.fixed
    assert {"status", "updated_at"} <= set(found.fixed)
    assert found.why_not_change is not None
    assert "SELECT" not in found.missing


def test_a_database_that_is_read_only_is_told(auth_database: str) -> None:
    database = Database(make_conninfo(auth_database, options="-c default_transaction_read_only=on"))
    found = rights(database)
    assert found.why_not_change is not None
    assert "read-only" in found.why_not_change
    database.close()


def test_without_the_table_there_is_nothing_to_ask_about(auth_database: str, owner: psycopg.Connection) -> None:
    owner.execute("ALTER TABLE auth.users RENAME TO elsewhere")
    database = Database(auth_database)
    with pytest.raises(AppError) as refused:
        rights(database)
    assert refused.value.code is ErrorCode.DATABASE_SCHEMA
    database.close()


def test_names_are_quoted() -> None:
    found = Rights('odd "one"', False, False, True, ("status",), read_only=False, replica=False)
    assert found.sql == (
        'GRANT USAGE ON SCHEMA auth TO "odd ""one""";\n'
        'GRANT SELECT ON auth.users TO "odd ""one""";\n'
        'GRANT UPDATE ("status") ON auth.users TO "odd ""one""";\n'
    )


def test_a_replica_is_told_first() -> None:
    found = Rights("ada", True, True, True, (), read_only=True, replica=True)
    assert found.why_not_change is not None
    assert "replica" in found.why_not_change


def test_every_column_that_is_written_is_known() -> None:
    assert REQUIRED.keys() | OPTIONAL.keys() >= WRITTEN
