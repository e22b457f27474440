"""Connection records: what a person may type, and what survives on disk."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import psycopg.conninfo
import pytest

from app.connections import (
    AccessKeys,
    Connection,
    Connections,
    CredentialSource,
    DatabaseAddress,
    validate,
    validate_keys,
)
from app.errors import AppError, ErrorCode

GOOD = {
    "name": "Harbour",
    "region": "eu-west-1",
    "pool_id": "eu-west-1_AbCdEfG12",
    "client_id": "1234567890abcdefghij",
    "endpoint": "https://idp.example:8443/",
    "credentials": "profile",
    "profile": "harbour-admin",
    "environment": "staging",
    "database_host": "db.example.com",
    "database_port": "6432",
    "database_name": "product",
    "database_user": "desk",
    "database_sslmode": "verify-full",
}


def problems(**fields: str) -> dict[str, str]:
    with pytest.raises(AppError) as caught:
        validate(GOOD | fields)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    return dict(caught.value.fields)


def test_a_full_form_becomes_a_connection() -> None:
    connection = validate(GOOD)
    assert connection == Connection(
        id=connection.id,
        name="Harbour",
        region="eu-west-1",
        pool_id="eu-west-1_AbCdEfG12",
        client_id="1234567890abcdefghij",
        endpoint="https://idp.example:8443",
        credentials=CredentialSource.PROFILE,
        profile="harbour-admin",
        database=DatabaseAddress("db.example.com", 6432, "product", "desk", "verify-full"),
        environment="staging",
    )
    assert len(connection.id) == 32


def test_a_pool_id_is_enough() -> None:
    connection = validate({"pool_id": " us-gov-west-1_Ab1 "})
    assert connection.region == "us-gov-west-1"
    assert connection.name == "us-gov-west-1_Ab1"
    assert connection.credentials is CredentialSource.DEFAULT
    assert connection.database is None
    assert connection.client_id is None
    assert connection.environment == "production"


@pytest.mark.parametrize(
    ("field", "value", "part"),
    [
        ("region", "europe", "like us-east-1"),
        ("region", "eu-central-1", "belongs to eu-west-1, not to eu-central-1"),
        ("pool_id", "", "missing"),
        ("pool_id", "AbCdEfG12", "the Region, an underscore"),
        ("pool_id", "europe_AbCdEfG12", "the Region, an underscore"),
        ("pool_id", "eu-west-1_Ab Cd", "the Region, an underscore"),
        ("pool_id", "eu-west-1_" + "a" * 60, "the Region, an underscore"),
        ("pool_id", "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab", "what follows userpool/"),
        ("client_id", "abc def", "letters and digits only"),
        ("endpoint", "idp.example", "start with https://"),
        ("endpoint", "ftp://idp.example", "start with https://"),
        ("endpoint", "http://idp.example", "only for this machine"),
        ("endpoint", "http://127.0.0.1.example", "only for this machine"),
        ("endpoint", "https://user:pw@idp.example", "user name and password"),
        ("endpoint", "https://idp.example/?a=1", "? or #"),
        ("endpoint", "https://idp.example:99999", "not a URL"),
        ("endpoint", "https://idp example", "not a host name"),
        ("name", "x" * 81, "at most 80"),
        ("name", "a\x07b", "cannot be shown"),
        ("credentials", "magic", "default, profile, keys"),
        ("profile", "", "Profile is missing"),
        ("environment", "prod", "demo, development, staging, production"),
        ("database_host", "", "host is missing"),
        ("database_host", "postgresql://db.example", "without postgresql://"),
        ("database_host", "db.example:5432", "own field"),
        ("database_host", "db example", "not a host name"),
        ("database_host", "a.example,b.example", "one host"),
        ("database_port", "0", "1 to 65535"),
        ("database_port", "65536", "1 to 65535"),
        ("database_port", "54e2", "1 to 65535"),
        ("database_port", "٥٤٣٢", "1 to 65535"),
        ("database_name", "", "name is missing"),
        ("database_user", "", "user is missing"),
        ("database_sslmode", "yes", "verify-full"),
    ],
)
def test_a_wrong_field_is_named_with_its_fix(field: str, value: str, part: str) -> None:
    found = problems(**{field: value})
    assert list(found) == [field]
    assert part in found[field]


def test_every_wrong_field_is_named_at_once() -> None:
    found = problems(pool_id="x", client_id="?", database_port="x", endpoint="x")
    assert set(found) == {"pool_id", "client_id", "database_port", "endpoint"}


def test_a_password_in_the_host_field_is_not_repeated() -> None:
    assert "hunter2" not in problems(database_host="desk:hunter2@db.example/x")["database_host"]


@pytest.mark.parametrize("endpoint", ["http://localhost:5000", "http://127.0.0.1:4566", "http://[::1]:80"])
def test_plain_http_is_for_this_machine(endpoint: str) -> None:
    assert validate(GOOD | {"endpoint": endpoint}).endpoint == endpoint


@pytest.mark.parametrize("host", ["localhost", "10.0.0.7", "fe80::1", "[::1]", "/var/run/postgresql", "db_1.internal."])
def test_hosts_that_are_right(host: str) -> None:
    database = validate(GOOD | {"database_host": host}).database
    assert database is not None
    assert database.host == host.strip("[]")


def test_access_keys_are_checked_and_hidden() -> None:
    fields = {"access_key_id": "AKIA" + "Q" * 16, "secret_access_key": "s" * 40}
    keys = validate_keys(fields)
    assert keys == AccessKeys("AKIA" + "Q" * 16, "s" * 40)
    assert "ssss" not in repr(keys)
    assert "QQQQ" not in repr(keys)
    assert "token" not in repr(AccessKeys("ASIA" + "Q" * 16, "s" * 40, "token"))
    with pytest.raises(AppError) as caught:
        validate_keys({"access_key_id": "ASIA" + "Q" * 16, "secret_access_key": "short one"})
    assert set(caught.value.fields) == {"secret_access_key", "session_token"}
    assert "short one" not in str(caught.value.fields)
    emulator = {"access_key_id": "test", "secret_access_key": "test", "endpoint": "http://localhost:4566"}
    assert validate_keys(emulator).access_key_id == "test"
    with pytest.raises(AppError):
        validate_keys(emulator | {"endpoint": ""})


def test_a_connection_string_survives_any_password() -> None:
    address = DatabaseAddress("db.example", 5432, "a b", "o'neil", "require", (("application_name", "desk"),))
    parsed = psycopg.conninfo.conninfo_to_dict(address.conninfo("it's a \\ ' pass=word"))
    assert parsed["password"] == "it's a \\ ' pass=word"
    assert parsed["user"] == "o'neil"
    assert parsed["dbname"] == "a b"
    assert parsed["application_name"] == "desk"
    assert "password" not in address.conninfo()
    assert str(replace(address, host="::1")) == "o'neil@[::1]:5432/a b"


def test_connections_are_saved_replaced_and_removed(tmp_path: Path) -> None:
    path = tmp_path / "config" / "connections.json"
    store = Connections(path)
    assert store.list() == ()
    one = store.save(validate(GOOD))
    two = store.save(
        replace(
            validate({"pool_id": "us-east-1_Abc"}),
            database=DatabaseAddress("h", 1, "n", "u", "prefer", (("sslrootcert", "/ca.pem"),)),
            read_only_origin="environment",
        )
    )
    assert two.read_only_origin == "saved"
    assert Connections(path).list() == (one, two)
    renamed = store.save(replace(one, name="Häfen"))
    assert Connections(path).list() == (renamed, two)
    store.remove(one.id)
    store.remove("not there")
    assert Connections(path).list() == (two,)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"not json", b"[]", b'{"version": "1", "connections": []}', b"\x00\xff"])
def test_an_unreadable_file_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "connections.json"
    path.write_bytes(content)
    store = Connections(path)
    assert store.list() == ()
    (aside,) = tmp_path.glob("connections.json.unreadable-*")
    assert aside.read_bytes() == content
    assert aside.name in store.problems[0]
    saved = store.save(validate(GOOD))
    assert store.list() == (saved,)


def test_one_wrong_entry_hides_no_other_and_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "connections.json"
    store = Connections(path)
    saved = store.save(validate(GOOD))
    document = json.loads(path.read_text())
    wrong = {"id": "x", "pool_id": "oops", "added_by_hand": True}
    document["connections"] = [wrong, "text", *document["connections"]]
    path.write_text(json.dumps(document))
    store = Connections(path)
    assert store.list() == (saved,)
    assert "oops" in store.problems[0]
    store.save(replace(saved, name="Renamed"))
    assert wrong in json.loads(path.read_text())["connections"]


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "connections.json"
    path.write_text('{"version": 2, "connections": []}')
    with pytest.raises(AppError, match="newer version"):
        Connections(path).save(validate(GOOD))
    assert '"version": 2' in path.read_text()


def test_a_linked_file_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.json"
    target.write_text('{"version": 1, "connections": []}')
    link = tmp_path / "connections.json"
    link.symlink_to(target)
    Connections(link).save(validate(GOOD))
    assert link.is_symlink()
    assert "Harbour" in target.read_text()
