"""The database's faults: away, gone in the middle, silent, wrong password, no schema, slow, crowded."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.errors import AppError, ErrorCode
from app.onboarding import leases
from app.onboarding.database import Database, ServerInfo
from app.onboarding.users import OnboardingUsers
from app.work import Cancelled, Work
from tests.services.relay import Relay


@pytest.fixture
def relay(auth_database: str) -> Iterator[Relay]:
    with Relay(auth_database) as running:
        yield running


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    yield opened
    opened.close()


@pytest.fixture
def far(relay: Relay) -> Iterator[Database]:
    """The same database through the relay."""
    opened = Database(relay.conninfo)
    yield opened
    opened.close()


def code_of(database: Database) -> AppError:
    with pytest.raises(AppError) as caught:
        database.ping()
    return caught.value


def in_the_middle(database: Database, happen: Callable[[], None]) -> None:
    with database.transaction() as connection:
        connection.execute("SELECT 1")
        happen()
        connection.execute("SELECT 1")


def test_ping_tells_version_and_time(database: Database) -> None:
    info = database.ping()
    assert isinstance(info, ServerInfo)
    assert re.match(r"\d+", info.version)
    assert 0 < info.milliseconds < 5000


def test_an_address_line_works_as_well_as_pairs(auth_database: str, relay: Relay) -> None:
    parts = conninfo_to_dict(relay.conninfo)
    url = f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{relay.port}/{parts['dbname']}?sslmode=disable"
    database = Database(url)
    assert database.columns() >= {"id", "email", "status"}
    database.close()


def test_nothing_is_imported_or_connected_before_the_first_use() -> None:
    program = (
        "import sys; from app.onboarding import database, users, mirror, ladder;"
        "database.Database('host=192.0.2.1'); assert 'psycopg' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_refused_connection_fails_at_once(relay: Relay) -> None:
    relay.away()
    database = Database(relay.conninfo)
    started = time.monotonic()
    error = code_of(database)
    assert time.monotonic() - started < 2
    assert error.code is ErrorCode.DATABASE_UNREACHABLE
    assert error.retryable
    assert "refused" in error.message
    relay.back()
    assert database.ping().version
    database.close()


def test_a_wrong_password_is_said_without_saying_the_password(auth_database: str) -> None:
    database = Database(make_conninfo(auth_database, password="tr0ub4dor"))
    error = code_of(database)
    assert error.code is ErrorCode.DATABASE_REFUSED
    assert "user name and password" in error.message
    assert not error.retryable
    assert "tr0ub4dor" not in f"{error!r}{error.__cause__!r}"
    database.close()


def test_a_database_that_does_not_exist(auth_database: str) -> None:
    database = Database(make_conninfo(auth_database, dbname="nowhere"))
    error = code_of(database)
    assert error.code is ErrorCode.DATABASE_REFUSED
    assert "no database of that name" in error.message
    database.close()


def test_a_host_that_does_not_exist(auth_database: str) -> None:
    database = Database(make_conninfo(auth_database, host="nowhere.invalid"))
    error = code_of(database)
    assert error.code is ErrorCode.DATABASE_UNREACHABLE
    assert "name of the database server is not known" in error.message
    database.close()


@pytest.mark.parametrize(
    "address", ["postgresql://desk:hunter 2@db/x", "postgresql://desk:hunter2@db/x?bogus=1", "hunter2", "host='hunter2"]
)
def test_an_address_that_cannot_be_read_is_explained_and_never_repeated(address: str) -> None:
    error = code_of(Database(address))
    assert error.code is ErrorCode.INVALID_INPUT
    assert "database" in error.fields
    assert "hunter" not in f"{error!r}{error.fields}{error.__cause__!r}"
    assert error.__suppress_context__


def test_connections_that_died_while_idle_are_replaced_unnoticed(far: Database, relay: Relay) -> None:
    with far.connection() as one, far.connection() as two:
        assert one is not two
    relay.away()
    relay.back()
    for _ in range(3):
        assert far.ping().version


def test_a_session_that_the_server_ends_is_replaced(database: Database, auth_database: str) -> None:
    with database.connection() as connection:
        pid = connection.info.backend_pid
    with psycopg.connect(auth_database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with database.connection() as connection:
        assert connection.info.backend_pid != pid


def test_a_server_lost_in_the_middle_is_unreachable_and_usable_when_it_is_back(
    far: Database, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AppError) as caught:
        in_the_middle(far, relay.away)
    assert caught.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert code_of(far).code is ErrorCode.DATABASE_UNREACHABLE
    relay.back()
    assert far.ping().version
    assert caplog.records == [], "no noise while the server is away"


def test_a_server_that_falls_silent_is_given_up(
    far: Database, relay: Relay, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(leases, "ANSWER_SECONDS", 0.5)
    far.ping()
    started = time.monotonic()
    with pytest.raises(AppError) as caught:
        in_the_middle(far, relay.silent)
    assert time.monotonic() - started < 5
    assert caught.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert caplog.records == []


def test_a_host_that_never_answers_costs_a_crowd_one_wait_not_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "CONNECT_SECONDS", 2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(20)
        database = Database(f"host=127.0.0.1 port={deaf.getsockname()[1]} user=u dbname=d sslmode=disable")
        errors: list[AppError] = []

        def ask() -> None:
            with pytest.raises(AppError) as caught:
                database.columns()
            errors.append(caught.value)

        started = time.monotonic()
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {error.code for error in errors} == {ErrorCode.DATABASE_UNREACHABLE}
        assert len(errors) == 8
        assert time.monotonic() - started < 4
        quick = time.monotonic()
        ask()
        assert time.monotonic() - quick < 0.2, "known to be away: no second wait"
        insisting = time.monotonic()
        code_of(database)
        assert time.monotonic() - insisting > 1.5, "ping asks all the same"
        database.close()


def test_a_slow_statement_is_stopped_by_the_server(auth_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "STATEMENT_SECONDS", 1)
    database = Database(auth_database)
    with pytest.raises(AppError) as caught, database.connection() as connection:
        connection.execute("SELECT pg_sleep(30)")
    assert caught.value.code is ErrorCode.DATABASE_REFUSED
    assert "too long" in caught.value.message
    assert caught.value.retryable
    assert database.ping().version
    database.close()


def test_the_limits_are_really_set(database: Database) -> None:
    with database.connection() as connection:
        rows = connection.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('TimeZone')"
        ).fetchall()
    assert rows == [("20s", "5s", "UTC")]


def test_no_more_connections_than_agreed_and_no_thread_is_left(
    database: Database, auth_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "STATEMENT_SECONDS", 0)
    monkeypatch.setattr(leases, "CONNECT_SECONDS", 1)
    before = set(threading.enumerate())
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cognito-desk' AND datname = %s"
    name = conninfo_to_dict(auth_database)["dbname"]
    with database.connection() as a, database.connection(), database.connection(), database.connection():
        row = a.execute(query, (name,)).fetchone()
        assert row == (leases.MOST_CONNECTIONS,)
        with pytest.raises(AppError, match="busy") as caught:
            database.ping()
        assert caught.value.retryable
    assert database.ping().version
    assert set(threading.enumerate()) == before
    database.close()
    with psycopg.connect(auth_database, autocommit=True) as other:
        for _ in range(100):
            row = other.execute(query, (name,)).fetchone()
            if row == (0,):
                break
            time.sleep(0.02)
        assert row == (0,)


def test_threads_share_it(database: Database) -> None:
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                OnboardingUsers(database).count()
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    cancelled = Work()
    cancelled.cancel()

    def insert(email: str, then: Callable[[], object]) -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO auth.users (email) VALUES (%s)", (email,))
            then()

    with pytest.raises(Cancelled):
        insert("a@example.org", cancelled.check)
    insert("b@example.org", Work().check)
    assert OnboardingUsers(database).find("a@example.org") is None
    assert OnboardingUsers(database).find("b@example.org") is not None


def test_a_closed_database_says_so(database: Database) -> None:
    database.ping()
    with database.connection() as connection:
        database.close()
        database.close()
        connection.execute("SELECT 1")
    assert connection.closed
    with pytest.raises(AppError, match="closed"):
        database.ping()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("INSERT INTO auth.users (email) VALUES ('a'), ('a')", ErrorCode.CONFLICT),
        ("INSERT INTO auth.users (email, status) VALUES ('a', 'odd')", ErrorCode.DATABASE_REFUSED),
        ("INSERT INTO auth.users (email) VALUES (NULL)", ErrorCode.DATABASE_REFUSED),
        ("SELECT * FROM auth.people", ErrorCode.DATABASE_SCHEMA),
        ("SELECT nothing FROM auth.users", ErrorCode.DATABASE_SCHEMA),
        ("CREATE ROLE someone", ErrorCode.DATABASE_REFUSED),
        ("BEGIN READ ONLY; DELETE FROM auth.users", ErrorCode.DATABASE_REFUSED),
        ("SELECT 'x'::uuid", ErrorCode.INVALID_INPUT),
        ("SELEKT", ErrorCode.DATABASE_REFUSED),
    ],
)
def test_what_the_server_refuses_has_a_code_and_its_own_words(
    database: Database, statement: str, code: ErrorCode
) -> None:
    with pytest.raises(AppError) as caught, database.connection() as connection:
        connection.execute(statement)
    assert caught.value.code is code
    assert 'It said: "' in caught.value.message


def test_a_locked_row_is_a_conflict_not_a_wait(
    auth_database: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LOCK_SECONDS", 1)
    with psycopg.connect(auth_database) as other:
        other.execute("INSERT INTO auth.users (email) VALUES ('a')")
        other.commit()
        other.execute("SELECT * FROM auth.users FOR UPDATE")
        with pytest.raises(AppError) as caught, database.connection() as connection:
            connection.execute("UPDATE auth.users SET name = 'x'")
    assert caught.value.code is ErrorCode.CONFLICT
    assert caught.value.retryable
