"""Connections from the environment and from disk, their secrets in a keyring, and the test of one that is not saved."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked, NoKeyringError
from psycopg.conninfo import conninfo_to_dict

from app.connections import AccessKeys, Connection, CredentialSource, DatabaseAddress, validate
from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Cancelled, Work
from app.workbench import Workbench, Workbenches
from tests.services.pools import Pool, pool
from tests.services.vault import Vault

KEYS = AccessKeys("AKIA" + "Q" * 16, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz")
PASSWORD = "hunter2-hunter2"
ENVIRONMENT = {
    "AUTH_PROVIDER": "cognito",
    "COGNITO_USER_POOL_ID": "eu-west-1_FromEnv1",
    "COGNITO_CLIENT_ID": "1234567890abcdefghij",
    "DATABASE_URL": f"postgresql://app:{PASSWORD}@db.example.com/app",
}
MAIN = Connection(
    "main",
    "Customers",
    "eu-central-1",
    "eu-central-1_AbCdEfGhI",
    credentials=CredentialSource.KEYS,
    database=DatabaseAddress("db.example.com", 5432, "app", "desk"),
)


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"COGNITO_DESK_HOME": str(tmp_path / "desk")})


def launch(settings: Settings, vault: Vault, environ: dict[str, str] | None = None) -> Launcher:
    """As a new start of the program: the files and the keyring are what is left of the one before."""
    return Launcher(settings, secrets=SecretStore(backend=vault), environ=environ or {})


@pytest.fixture
def launcher(settings: Settings, vault: Vault) -> Iterator[Launcher]:
    made = launch(settings, vault)
    yield made
    made.close()


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        running.fill(3)
        yield running


def emulated(cognito: Pool, database: str | None = None) -> Connection:
    """A connection to the emulator, with its keys in the keyring under "trying"."""
    address = None
    if database is not None:
        parts = {key: str(value) for key, value in conninfo_to_dict(database).items()}
        address = DatabaseAddress(parts["host"], int(parts["port"]), parts["dbname"], parts["user"], "disable")
    return Connection(
        "trying",
        "Trying",
        cognito.demo.region,
        cognito.demo.pool_id,
        endpoint=cognito.demo.endpoint,
        credentials=CredentialSource.KEYS,
        database=address,
    )


def test_nothing_saved_and_nothing_in_the_environment_is_an_empty_list(launcher: Launcher) -> None:
    assert launcher.connections() == ()
    assert launcher.problems == ()


def test_a_saved_connection_and_its_secrets_are_there_at_the_next_start(
    launcher: Launcher, settings: Settings, vault: Vault
) -> None:
    assert launcher.save(MAIN, keys=KEYS, password=PASSWORD) is True
    launcher.close()
    again = launch(settings, vault)
    assert again.connections() == (MAIN,)
    assert again.secrets.keys("main") == KEYS
    assert again.secrets.get("database/main") == PASSWORD


def test_no_secret_is_in_any_file(launcher: Launcher, settings: Settings) -> None:
    launcher.save(MAIN, keys=KEYS, password=PASSWORD)
    launcher.open(MAIN).close()
    files = [path for path in settings.config_dir.parent.rglob("*") if path.is_file()]
    assert settings.connections_path in files
    for path in files:
        content = path.read_bytes()
        for secret in (KEYS.access_key_id, KEYS.secret_access_key, PASSWORD):
            assert secret.encode() not in content, path
    if os.name == "posix":
        assert stat.S_IMODE(settings.connections_path.stat().st_mode) == 0o600


def test_secrets_left_out_stay_as_they_are(launcher: Launcher) -> None:
    launcher.save(MAIN, keys=KEYS, password=PASSWORD)
    launcher.save(replace(MAIN, name="Renamed"))
    assert [each.name for each in launcher.connections()] == ["Renamed"]
    assert launcher.secrets.keys("main") == KEYS
    assert launcher.secrets.get("database/main") == PASSWORD


def test_secrets_that_are_no_longer_used_leave_the_keyring(launcher: Launcher, vault: Vault) -> None:
    launcher.save(MAIN, keys=KEYS, password=PASSWORD)
    launcher.save(replace(MAIN, credentials=CredentialSource.PROFILE, profile="ops"))
    assert launcher.secrets.keys("main") is None
    assert launcher.secrets.get("database/main") == PASSWORD
    launcher.save(replace(MAIN, credentials=CredentialSource.DEFAULT, database=None))
    assert vault.entries == {}


def test_removing_takes_the_secrets_and_the_searches_along(launcher: Launcher, vault: Vault) -> None:
    launcher.save(MAIN, keys=KEYS, password=PASSWORD)
    benches = Workbenches(launcher.settings.config_dir)
    benches.save("main", Workbench().searched("carla"))
    launcher.remove("main")
    assert not benches.path("main").exists()
    assert launcher.connections() == ()
    assert vault.entries == {}
    launcher.remove("main")


def test_a_locked_keyring_keeps_the_connection_so_that_its_secrets_can_be_found_again(
    launcher: Launcher, vault: Vault
) -> None:
    launcher.save(MAIN, keys=KEYS, password=PASSWORD)
    vault.refusal = KeyringLocked()
    with pytest.raises(AppError) as caught:
        launcher.remove("main")
    assert caught.value.code is ErrorCode.KEYRING_LOCKED
    assert launcher.connections() == (MAIN,)
    vault.refusal = None
    launcher.remove("main")
    assert vault.entries == {}


def test_a_connection_without_secrets_can_be_removed_while_the_keyring_is_locked(
    launcher: Launcher, vault: Vault
) -> None:
    plain = replace(MAIN, credentials=CredentialSource.DEFAULT, database=None)
    launcher.save(plain)
    vault.refusal = KeyringLocked()
    launcher.remove("main")
    assert launcher.connections() == ()


def test_without_a_keyring_secrets_last_for_the_session_only(
    launcher: Launcher, settings: Settings, vault: Vault
) -> None:
    vault.refusal = NoKeyringError()
    assert launcher.keyring().available is False
    assert launcher.save(MAIN, keys=KEYS, password=PASSWORD) is False
    launcher.open(MAIN).close()
    launcher.close()
    again = launch(settings, vault)
    assert again.connections() == (MAIN,)
    with pytest.raises(AppError) as caught:
        again.open(MAIN)
    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING
    assert "not in the keyring" in caught.value.message
    assert "access_key_id" in caught.value.fields
    again.close()


def test_the_environment_makes_a_connection_of_its_own(settings: Settings, vault: Vault) -> None:
    launcher = launch(settings, vault, ENVIRONMENT)
    launcher.save(MAIN)
    ready, saved = launcher.connections()
    assert (ready.read_only_origin, ready.pool_id) == ("environment", "eu-west-1_FromEnv1")
    assert saved == MAIN
    assert launcher.secrets.get("database/environment") == PASSWORD
    assert vault.entries == {}, "the password of DATABASE_URL stays in memory"
    assert "FromEnv1" not in settings.connections_path.read_text()


def test_connections_are_found_by_name_and_by_id(settings: Settings, vault: Vault) -> None:
    launcher = launch(settings, vault, ENVIRONMENT)
    launcher.save(MAIN)
    assert launcher.find("Customers") == launcher.find("main") == MAIN
    assert launcher.find("environment").read_only_origin == "environment"
    with pytest.raises(AppError) as caught:
        launcher.find("Custumers")
    assert caught.value.code is ErrorCode.NOT_CONFIGURED
    assert "Custumers" in caught.value.message


def test_an_unreadable_file_is_told_and_kept(launcher: Launcher, settings: Settings) -> None:
    settings.connections_path.write_text("{ not json")
    assert launcher.connections() == ()
    (problem,) = launcher.problems
    assert "could not be read" in problem
    assert any(path.read_text() == "{ not json" for path in settings.config_dir.iterdir())


def test_a_test_of_a_connection_that_is_not_saved_runs_every_step_and_leaves_nothing(
    launcher: Launcher, vault: Vault, cognito: Pool, auth_database: str, settings: Settings
) -> None:
    connection = emulated(cognito, auth_database)
    password = str(conninfo_to_dict(auth_database)["password"])
    steps = list(launcher.test(connection, Work(), keys=cognito.keys, password=password))
    assert [(made.name, made.ok) for made in steps] == [
        ("Credentials", True),
        ("DescribeUserPool", True),
        ("ListUsers", True),
        ("Database", True),
        ("Keyring", True),
    ], steps
    assert all(made.milliseconds > 0 for made in steps[1:])
    assert steps[3].detail.startswith("PostgreSQL ")
    assert launcher.secrets.keys("trying") is None
    assert vault.entries == {}
    assert not settings.connections_path.exists()
    assert launcher.secrets._memory == {}


def test_a_test_uses_the_kept_secrets_where_none_were_typed(
    launcher: Launcher, cognito: Pool, auth_database: str
) -> None:
    connection = emulated(cognito, auth_database)
    password = str(conninfo_to_dict(auth_database)["password"])
    launcher.save(connection, keys=cognito.keys, password=password)
    assert all(made.ok for made in launcher.test(connection, Work()))
    wrong = {made.name: made for made in launcher.test(connection, Work(), password="another")}
    refused = wrong["Database"].error
    assert refused is not None
    assert refused.code is ErrorCode.DATABASE_REFUSED
    assert "another" not in refused.message
    assert launcher.secrets.get("database/trying") == password, "what was typed for the test replaces nothing"


def test_two_tests_at_once_do_not_take_each_others_secrets(launcher: Launcher, cognito: Pool) -> None:
    first = launcher.test(emulated(cognito), Work(), keys=cognito.keys)
    second = launcher.test(emulated(cognito), Work(), keys=cognito.keys)
    next(first)
    next(second)
    list(first)
    assert launcher.secrets._memory, "the second still has its own"
    assert next(second).ok
    list(second)
    assert launcher.secrets._memory == {}


def test_a_test_that_is_given_up_leaves_no_secret_behind(launcher: Launcher, cognito: Pool) -> None:
    work = Work()
    steps = launcher.test(emulated(cognito), work, keys=cognito.keys, password="x")
    next(steps)
    work.cancel()
    with pytest.raises(Cancelled):
        list(steps)
    assert launcher.secrets._memory == {}


def test_keys_that_are_nowhere_are_said_before_anything_is_sent(launcher: Launcher, cognito: Pool) -> None:
    cognito.faults.calls.clear()
    with pytest.raises(AppError) as caught:
        list(launcher.test(emulated(cognito), Work()))
    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING
    assert cognito.faults.calls == []


def test_an_unknown_profile_is_an_error_at_its_field(launcher: Launcher) -> None:
    connection = replace(MAIN, credentials=CredentialSource.PROFILE, profile="nobody", database=None)
    with pytest.raises(AppError) as caught:
        list(launcher.test(connection, Work()))
    assert caught.value.code is ErrorCode.CREDENTIALS_MISSING
    assert "nobody" in caught.value.fields["profile"]


def test_an_endpoint_that_nobody_answers_fails_fast_and_the_steps_after_it_say_so(launcher: Launcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    connection = replace(MAIN, endpoint=f"http://127.0.0.1:{port}", database=None)
    steps = {made.name: made for made in launcher.test(connection, Work(), keys=KEYS)}
    described = steps["DescribeUserPool"]
    assert described.error is not None
    assert described.error.code is ErrorCode.UNREACHABLE
    assert f"127.0.0.1:{port}" in described.detail
    assert described.milliseconds < 8000
    assert steps["ListUsers"].skipped
    assert "Not tried" in steps["ListUsers"].detail
    database = steps["Database"].error
    assert database is not None
    assert database.code is ErrorCode.DATABASE_MISSING
    assert steps["Keyring"].ok


def test_an_unusable_journal_lets_people_look_and_says_so(tmp_path: Path) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path / "home")})
    settings.journal_path.mkdir(parents=True)  # a folder where the file belongs
    launcher = Launcher(settings, secrets=SecretStore(backend=Vault()), environ={})
    desk = launcher.open(validate({"pool_id": "eu-central-1_AbCdEfGhI", "name": "shop"}))
    try:
        assert any("Nothing can be changed" in problem for problem in launcher.problems)
    finally:
        desk.close()
        launcher.close()
