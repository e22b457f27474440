"""What the database role may do: said in words, with the GRANTs, and nothing granted unasked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.extract import read_rows
from app.onboarding.users import OnboardingReader
from app.work import Work


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    execute(opened, "INSERT INTO auth.users (email, auth_provider) VALUES ('a@example.org', 'cognito')")
    yield opened
    opened.close()


def execute(database: Database, *statements: str) -> None:
    with database.connection() as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_an_owner_lacks_nothing(database: Database) -> None:
    report = database.check()
    assert (report.missing_grants, report.grants, report.readable, report.writable) == ((), "", True, True)


def test_a_reader_is_told_what_moving_people_needs(database: Database) -> None:
    execute(
        database,
        "REVOKE ALL ON auth.users FROM CURRENT_USER",
        "GRANT SELECT ON auth.users TO CURRENT_USER",
        "GRANT UPDATE (status, updated_at) ON auth.users TO CURRENT_USER",
    )
    report = database.check()
    assert (report.readable, report.writable, report.usable) == (True, False, True)
    update, insert = report.missing_grants
    assert update.startswith("UPDATE on auth.users (email, auth_provider, email_verified, subject,")
    assert "status," not in update.split("(")[1].split(")")[0].replace("status_before_disable", "")
    assert update.endswith("to move people and to write what Cognito did")
    assert insert.startswith("INSERT on auth.users (email, status,")
    assert OnboardingReader(database).count() == 1
    execute(database, *report.grants.strip().split("\n"))
    assert database.check().missing_grants == (), "the statements give what was missing"


def test_some_columns_are_enough_where_there_are_no_others(database: Database) -> None:
    others = sorted(database.columns() - {"id", "email", "status", "auth_provider", "email_verified"})
    execute(
        database,
        f"ALTER TABLE auth.users DROP {', DROP '.join(others)}",
        "REVOKE ALL ON auth.users FROM CURRENT_USER",
        "GRANT SELECT (id, email, status, auth_provider, email_verified) ON auth.users TO CURRENT_USER",
    )
    assert database.check().readable
    # A row's place in the table may not be named with rights on columns alone: it is read by COPY then.
    assert read_rows(database, Work())[0]["email"].to_list() == ["a@example.org"]


def test_a_role_that_may_not_look_into_the_schema_is_told_so(database: Database) -> None:
    execute(
        database,
        "REVOKE ALL ON auth.users FROM CURRENT_USER",
        "REVOKE ALL ON SCHEMA auth FROM CURRENT_USER, PUBLIC",
    )
    report = database.check()
    assert not report.usable
    assert report.missing_required == ()
    assert report.missing_grants[0].startswith("USAGE on schema auth")
    assert report.missing_grants[1].startswith("SELECT on auth.users (id, email, status,")
    with pytest.raises(AppError) as caught:
        OnboardingReader(database).count()
    assert caught.value.code is ErrorCode.DATABASE_REFUSED
    execute(database, *report.grants.strip().split("\n"))
    assert database.check().usable


def test_a_role_with_an_odd_name_is_quoted(database: Database) -> None:
    execute(database, "REVOKE UPDATE ON auth.users FROM CURRENT_USER")
    assert database.check().grants.endswith(" TO desk;\n")


def test_without_the_table_there_is_nothing_to_grant(database: Database) -> None:
    execute(database, "DROP TABLE auth.users")
    report = database.check()
    assert (report.missing_grants, report.usable) == ((), False)
    assert "CREATE TABLE auth.users" in report.sql


def test_why_nobody_can_be_moved_is_said_in_a_sentence(auth_database: str, database: Database) -> None:
    assert database.check().frozen is None
    execute(database, "REVOKE UPDATE ON auth.users FROM CURRENT_USER")
    execute(database, "GRANT UPDATE (email) ON auth.users TO CURRENT_USER")
    frozen = database.check().frozen
    assert frozen is not None
    assert "lacks UPDATE on auth.users" in frozen
    still = Database(make_conninfo(auth_database, options="-c default_transaction_read_only=on"))
    report = still.check()
    assert not report.writable
    assert report.frozen is not None
    assert "read-only" in report.frozen
    still.close()
