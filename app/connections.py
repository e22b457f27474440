"""Connections: where a user pool and its database are, and how to reach them. No secret is ever in here.

Blocking; any thread; raises AppError only.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, TypeVar, cast, get_args

from app import addresses
from app.errors import AppError, ErrorCode, invalid
from app.files import keep_aside, read_bytes, write_atomically

EnvironmentName = Literal["demo", "development", "staging", "production"]
Origin = Literal["saved", "environment", "demo"]
T = TypeVar("T")


class CredentialSource(StrEnum):
    """Where the AWS credentials of a connection come from."""

    DEFAULT = "default"  # the default chain of the AWS SDK
    PROFILE = "profile"  # a named profile of ~/.aws
    KEYS = "keys"  # access keys kept in the keyring


@dataclass(frozen=True, slots=True)
class AccessKeys:
    """AWS access keys. The representation shows none of it: it may end up in a log."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"AccessKeys({self.access_key_id[:4]}…)"


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where the application database is, without its password. `host` may be the folder of a socket.

    `options` are further libpq parameters, such as sslrootcert or application_name, in the order given.
    """

    host: str
    port: int
    name: str
    user: str
    sslmode: str = "prefer"
    options: tuple[tuple[str, str], ...] = ()

    def conninfo(self, password: str | None = None) -> str:
        """The libpq connection string (keyword/value form). With a password it is a secret: never show or log it."""
        pairs = [("host", self.host), ("port", str(self.port)), ("dbname", self.name), ("user", self.user)]
        pairs += [("sslmode", self.sslmode), *self.options]
        if password is not None:
            pairs.append(("password", password))
        return " ".join(f"{key}={_quoted(value)}" for key, value in pairs)

    def __str__(self) -> str:
        place = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{place}:{self.port}/{self.name}"


@dataclass(frozen=True, slots=True)
class Connection:
    """One user pool, with the database beside it where there is one. Credentials are named here, never held."""

    id: str
    name: str
    region: str
    pool_id: str
    client_id: str | None = None
    endpoint: str | None = None
    credentials: CredentialSource = CredentialSource.DEFAULT
    profile: str | None = None
    database: DatabaseAddress | None = None
    environment: EnvironmentName = "production"
    read_only_origin: Origin = "saved"


def validate(fields: Mapping[str, str]) -> Connection:
    """A Connection from the fields of a form; every wrong field is named at once in the error's `fields`.

    Fields: id (empty for a new one), name, region (empty: taken from the pool ID), pool_id, client_id, endpoint,
    credentials, profile, environment, database_host, database_port, database_name, database_user, database_sslmode.
    All database fields empty means no database. Access keys are checked by `validate_keys`.
    """
    import uuid

    problems: dict[str, str] = {}

    def take(name: str, check: Callable[[str], T], otherwise: T) -> T:
        try:
            return check(fields.get(name, ""))
        except AppError as error:
            problems.update(error.fields)
            return otherwise

    pool = take("pool_id", addresses.pool_id, "")
    implied = addresses.region_of(pool) if pool else ""
    region = take("region", addresses.region, "") if fields.get("region", "").strip() else implied
    if implied and region and implied != region:
        problems["region"] = (
            f"Region: the pool ID belongs to {implied}, not to {region}. Leave the Region empty to take the pool's."
        )
    source = take("credentials", _credential_source, CredentialSource.DEFAULT)
    connection = Connection(
        id=fields.get("id", "").strip() or uuid.uuid4().hex,
        name=take("name", lambda text: _name(text.strip() or pool or "Unnamed", "name", "Name", 80), ""),
        region=region,
        pool_id=pool,
        client_id=take("client_id", addresses.client_id, None),
        endpoint=take("endpoint", addresses.endpoint, None),
        credentials=source,
        profile=take("profile", _profile, None) if source is CredentialSource.PROFILE else None,
        database=_database(fields, take),
        environment=take("environment", _environment, "production"),
    )
    _raise(problems)
    return connection


def validate_keys(fields: Mapping[str, str]) -> AccessKeys:
    """Access keys from the fields access_key_id, secret_access_key and session_token (may be empty).

    With a custom `endpoint` (an emulator) any keys will do; AWS's own have at least 16 characters (IAM API).
    """
    names = ("access_key_id", "secret_access_key", "session_token")
    key, secret, token = (fields.get(name, "").strip() for name in names)
    least = 1 if fields.get("endpoint", "").strip() else 16
    problems: dict[str, str] = {}
    if not re.fullmatch(rf"\w{{{least},128}}", key, re.ASCII):
        problems |= {names[0]: "Access key ID: it has 16 or more letters and digits, and starts with AKIA or ASIA."}
    if len(secret) < least or not _one_word(secret):
        problems |= {names[1]: "Secret access key: paste all of it (40 characters), without spaces."}
    if token and not _one_word(token):
        problems |= {names[2]: "Session token: paste it as one line, without spaces."}
    if key.startswith("ASIA") and not token:
        problems |= {names[2]: "Session token is missing: keys that start with ASIA are temporary and need one."}
    _raise(problems)
    return AccessKeys(key, secret, token or None)


class Connections:
    """The saved connections, in one JSON file that only its owner can read. Safe on any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._kept: Sequence[object] = ()  # entries that cannot be understood: written back as they are
        self.problems: tuple[str, ...] = ()

    def list(self) -> tuple[Connection, ...]:
        """The saved connections, in the order saved. What could not be read is told in `problems` and never lost."""
        with self._lock:
            return self._read()

    def save(self, connection: Connection) -> Connection:
        """Add `connection`, or replace the one with the same id; returns it as saved."""
        saved = replace(connection, read_only_origin="saved")
        with self._lock:
            present = list(self._read())
            ids = [other.id for other in present]
            if saved.id in ids:
                present[ids.index(saved.id)] = saved
            else:
                present.append(saved)
            self._write(present)
        return saved

    def remove(self, connection_id: str) -> None:
        """Forget a connection; one that is not there is no error. Its secrets are the SecretStore's to delete."""
        with self._lock:
            present = self._read()
            rest = [other for other in present if other.id != connection_id]
            if len(rest) != len(present):
                self._write(rest)

    def _read(self) -> tuple[Connection, ...]:
        data = read_bytes(self._path)
        if data is None:
            return ()
        try:
            document = json.loads(data)
            version, entries = document["version"], document["connections"]
            if not isinstance(version, int) or not isinstance(entries, list):
                raise TypeError
        except (ValueError, TypeError, KeyError):
            aside = keep_aside(self._path)
            self.problems = (f"The saved connections could not be read. The file was kept as {aside.name}.",)
            return ()
        if version > 1:
            raise AppError(
                ErrorCode.FILE_ERROR,
                f"{self._path} was written by a newer version of Cognito Desk. Update this one to use it.",
                subject=str(self._path),
            )
        good, kept, problems = [], [], []
        for entry in entries:
            try:
                good.append(_from_record(entry))
            except AppError as error:
                kept.append(entry)
                problems.append(f"A saved connection was left out: {' '.join(error.fields.values()) or error.message}")
        self._kept = kept
        if problems:
            self.problems = tuple(problems)
        return tuple(good)

    def _write(self, connections: Sequence[Connection]) -> None:
        entries = [_record(connection) for connection in connections]
        document = {"version": 1, "connections": [*entries, *self._kept]}
        write_atomically(self._path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())


def _record(connection: Connection) -> dict[str, object]:
    record = asdict(connection)
    del record["read_only_origin"]
    return record


def _from_record(entry: object) -> Connection:
    """A Connection from its JSON form, through the same checks as the form: the file may have been edited by hand."""
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not entry["id"]:
        raise AppError(ErrorCode.INVALID_INPUT, "it is not a connection.")
    fields = {key: str(value) for key, value in entry.items() if isinstance(value, str | int)}
    database = entry.get("database")
    options: tuple[tuple[str, str], ...] = ()
    if isinstance(database, dict):
        fields |= {f"database_{key}": str(value) for key, value in database.items() if isinstance(value, str | int)}
        pairs = database.get("options")
        if isinstance(pairs, list):
            options = tuple((str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2)
    connection = validate(fields)
    if connection.database and options:
        return replace(connection, database=replace(connection.database, options=options))
    return connection


class _Take(Protocol):
    def __call__(self, name: str, check: Callable[[str], T], otherwise: T) -> T: ...


def _database(fields: Mapping[str, str], take: _Take) -> DatabaseAddress | None:
    names = ("database_host", "database_port", "database_name", "database_user")
    if not any(fields.get(name, "").strip() for name in names):
        return None
    return DatabaseAddress(
        host=take("database_host", addresses.host, ""),
        port=take("database_port", addresses.port, 0),
        name=take("database_name", lambda text: _name(text, "database_name", "Database name", 63), ""),
        user=take("database_user", lambda text: _name(text, "database_user", "Database user", 63), ""),
        sslmode=take("database_sslmode", addresses.ssl_mode, ""),
    )


def _raise(problems: Mapping[str, str]) -> None:
    if problems:
        message = next(iter(problems.values())) if len(problems) == 1 else f"{len(problems)} fields need attention."
        raise AppError(ErrorCode.INVALID_INPUT, message, fields=problems)


def _name(text: str, field_name: str, label: str, limit: int) -> str:
    return addresses.plain_name(text, field=field_name, label=label, limit=limit)


def _credential_source(text: str) -> CredentialSource:
    try:
        return CredentialSource(text.strip() or "default")
    except ValueError:
        raise invalid("credentials", f"Credentials: choose one of {', '.join(CredentialSource)}.") from None


def _environment(text: str) -> EnvironmentName:
    # Nothing said means production: the careful reading.
    name = text.strip() or "production"
    if name not in get_args(EnvironmentName):
        raise invalid("environment", f"Environment: choose one of {', '.join(get_args(EnvironmentName))}.")
    return cast(EnvironmentName, name)


def _profile(text: str) -> str | None:
    return _name(text, "profile", "Profile", 200)


def _one_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
