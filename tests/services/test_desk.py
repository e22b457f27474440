"""A Desk on the demo and on pools that refuse: the connection test step by step, health, and closing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from keyring.errors import NoKeyringError
from psycopg.conninfo import conninfo_to_dict

from app.connections import Connection, CredentialSource, DatabaseAddress
from app.desk import PROBE_STEPS, Desk, open_demo, open_desk
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.permissions import Action
from app.pool.probe import ProbeStep
from app.secrets import SecretStore, database_ref
from app.settings import Settings
from app.work import Cancelled, Work
from tests.services.faults import access_denied, refusal
from tests.services.pools import Pool, pool
from tests.services.relay import Relay
from tests.services.vault import Vault


@pytest.fixture(scope="module")
def demo_settings() -> Iterator[Settings]:
    """Settings in a folder of their own, on a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        yield Settings.load({"COGNITO_DESK_HOME": folder})


@pytest.fixture(scope="module")
def demo(demo_settings: Settings) -> Iterator[Desk]:
    """The demo workspace with 60 people."""
    vault = Vault()
    desk = open_demo(Work(), settings=demo_settings, secrets=SecretStore(backend=vault), people=60)
    try:
        yield desk
    finally:
        desk.close()
    assert vault.entries == {}, "the demo's keys never enter the keyring"


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        running.fill(3)
        yield running


@pytest.fixture
def vault() -> Vault:
    return Vault()


@contextmanager
def opened(cognito: Pool, tmp_path: Path, vault: Vault, conninfo: str = "", role: str = "admin") -> Iterator[Desk]:
    """A desk on the emulator, and on the database of `conninfo` where one is given."""
    secrets = SecretStore(backend=vault)
    secrets.keep_keys("here", cognito.keys)
    address = None
    if conninfo:
        parts = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
        secrets.keep(database_ref("here"), parts["password"])
        address = DatabaseAddress(parts["host"], int(parts["port"]), parts["dbname"], parts["user"], "disable")
    connection = Connection(
        "here",
        "Here",
        cognito.demo.region,
        cognito.demo.pool_id,
        client_id=cognito.demo.client_id,
        endpoint=cognito.demo.endpoint,
        credentials=CredentialSource.KEYS,
        database=address,
    )
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path / "desk"), "COGNITO_DESK_ROLE": role})
    journal = Journal(settings.journal_path)
    desk = open_desk(connection, settings=settings, secrets=secrets, journal=journal)
    try:
        yield desk
    finally:
        desk.close()
        journal.close()
        cognito.faults.clear()


def results(desk: Desk) -> dict[str, ProbeStep]:
    return {made.name: made for made in desk.probe(Work())}


def code(made: ProbeStep) -> ErrorCode | None:
    return made.error.code if made.error is not None else None


def test_everything_works_on_the_demo(demo: Desk) -> None:
    steps = results(demo)
    assert tuple(steps) == PROBE_STEPS
    assert [made.detail for made in steps.values() if not made.ok] == []
    assert "60 users" in steps["DescribeUserPool"].detail
    assert demo.database_health().milliseconds is not None
    assert demo.outbox is not None
    assert demo.usage().limit > 0


def test_opening_sends_nothing(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    cognito.faults.calls.clear()
    with opened(cognito, tmp_path, vault) as desk:
        assert desk.credentials().words == "access keys of this connection"
    assert cognito.faults.calls == []


def test_the_steps_come_one_by_one(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    with opened(cognito, tmp_path, vault) as desk:
        steps = desk.probe(Work())
        cognito.faults.calls.clear()
        assert next(steps).name == "Credentials"
        assert cognito.faults.calls == []
        assert next(steps).name == "DescribeUserPool"
        assert cognito.faults.calls == ["DescribeUserPool"]


def test_a_test_stops_between_its_steps(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    with opened(cognito, tmp_path, vault) as desk:
        work = Work()
        steps = desk.probe(work)
        next(steps)
        cognito.faults.calls.clear()
        work.cancel()
        with pytest.raises(Cancelled):
            next(steps)
    assert "ListUsers" not in cognito.faults.calls


def test_a_permission_that_is_missing_is_named_in_its_step_and_the_rest_goes_on(
    cognito: Pool, tmp_path: Path, vault: Vault
) -> None:
    cognito.faults.on("ListUsers", access_denied("cognito-idp:ListUsers"))
    with opened(cognito, tmp_path, vault) as desk:
        steps = results(desk)
    assert steps["DescribeUserPool"].ok
    assert code(steps["ListUsers"]) is ErrorCode.ACCESS_DENIED
    assert "cognito-idp:ListUsers" in steps["ListUsers"].detail
    assert steps["Keyring"].ok


def test_a_refused_describe_does_not_keep_the_users_from_being_tried(
    cognito: Pool, tmp_path: Path, vault: Vault
) -> None:
    cognito.faults.on("DescribeUserPool", access_denied("cognito-idp:DescribeUserPool"))
    with opened(cognito, tmp_path, vault) as desk:
        steps = results(desk)
    assert "cognito-idp:DescribeUserPool" in steps["DescribeUserPool"].detail
    assert steps["ListUsers"].ok


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("UnrecognizedClientException", ErrorCode.CREDENTIALS_INVALID),
        ("ExpiredTokenException", ErrorCode.CREDENTIALS_EXPIRED),
        ("ResourceNotFoundException", ErrorCode.POOL_NOT_FOUND),
    ],
)
def test_what_is_hopeless_is_asked_once(
    cognito: Pool, tmp_path: Path, vault: Vault, answer: str, expected: ErrorCode
) -> None:
    cognito.faults.on("DescribeUserPool", refusal(400, answer, "no"))
    cognito.faults.calls.clear()
    with opened(cognito, tmp_path, vault) as desk:
        steps = results(desk)
    assert code(steps["DescribeUserPool"]) is expected
    assert steps["ListUsers"].skipped
    assert cognito.faults.calls == ["DescribeUserPool"]


def test_a_database_that_is_away_is_a_step_of_its_own(
    cognito: Pool, tmp_path: Path, vault: Vault, auth_database: str
) -> None:
    with Relay(auth_database) as relay, opened(cognito, tmp_path, vault, relay.conninfo) as desk:
        assert results(desk)["Database"].ok
        relay.away()
        steps = results(desk)
        assert steps["ListUsers"].ok
        assert code(steps["Database"]) is ErrorCode.DATABASE_UNREACHABLE
        health = desk.database_health()
        assert health.milliseconds is None
        assert health.note
        relay.back()


def test_a_column_that_is_missing_is_named(cognito: Pool, tmp_path: Path, vault: Vault, auth_database: str) -> None:
    with psycopg.connect(auth_database) as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN email_verified")
    with opened(cognito, tmp_path, vault, auth_database) as desk:
        made = results(desk)["Database"]
    assert code(made) is ErrorCode.DATABASE_SCHEMA
    assert "email_verified" in made.detail


def test_no_database_and_no_keyring_are_said_and_stop_nothing(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    with opened(cognito, tmp_path, vault) as desk:
        vault.refusal = NoKeyringError()
        steps = results(desk)
        assert desk.database_health().note == "no database"
    assert code(steps["Database"]) is ErrorCode.DATABASE_MISSING
    assert code(steps["Keyring"]) is ErrorCode.KEYRING_MISSING
    assert "this session only" in steps["Keyring"].detail
    assert steps["ListUsers"].ok


def test_the_role_is_the_settings(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    with opened(cognito, tmp_path, vault, role="support") as desk:
        assert desk.why_not(Action.RESET_PASSWORD) is None
        assert "support" in (desk.why_not(Action.DELETE_USER) or "")


def test_closing_twice_is_closing_once(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    ends: list[str] = []
    with opened(cognito, tmp_path, vault) as desk:
        desk._on_close = lambda: ends.append("closed")
        desk.close()
        desk.close()
    assert ends == ["closed"]


def test_keys_that_are_nowhere_are_an_error_of_opening(cognito: Pool, tmp_path: Path, vault: Vault) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path / "desk")})
    connection = Connection("x", "X", "us-east-1", "us-east-1_AbCdEfG", credentials=CredentialSource.KEYS)
    journal = Journal(settings.journal_path)
    with pytest.raises(AppError) as caught:
        open_desk(connection, settings=settings, secrets=SecretStore(backend=vault), journal=journal)
    journal.close()
    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING


def test_a_second_demo_at_the_same_time_is_refused(demo: Desk, demo_settings: Settings) -> None:
    with pytest.raises(AppError) as caught:
        open_demo(Work(), settings=demo_settings, secrets=SecretStore(backend=Vault()), people=5)
    assert caught.value.code is ErrorCode.DEMO_RUNNING
    assert demo.database_health().milliseconds is not None, "the first one goes on"
    assert demo.journal.entries() == []
