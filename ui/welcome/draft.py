"""What the form of a connection holds, checked as a whole: every wrong field is named at once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.connections import AccessKeys, Connection, CredentialSource, validate, validate_keys
from app.errors import AppError, ErrorCode
from ui.text import tr

KEY_FIELDS = ("access_key_id", "secret_access_key", "session_token")


@dataclass(frozen=True, slots=True)
class Draft:
    """A connection from the form, with the secrets that were typed (None: left as they are)."""

    connection: Connection
    keys: AccessKeys | None
    password: str | None = field(repr=False)


def keeps_keys(existing: Connection | None) -> bool:
    """Whether access keys may be left empty, because the connection being edited has some."""
    return existing is not None and existing.credentials is CredentialSource.KEYS


def read_draft(fields: Mapping[str, str], existing: Connection | None = None) -> Draft:
    """The form as a connection. Raises INVALID_INPUT with every wrong field in `fields`.

    Secrets that are left empty stay as they are where the `existing` connection has them.
    """
    problems: dict[str, str] = {}
    connection: Connection | None = None
    keys: AccessKeys | None = None
    try:
        connection = validate(fields)
    except AppError as error:
        problems.update(error.fields)
    if fields.get("credentials") == CredentialSource.KEYS.value:
        typed = any(fields.get(name, "").strip() for name in KEY_FIELDS)
        if typed or not keeps_keys(existing):
            try:
                keys = validate_keys(fields)
            except AppError as error:
                problems.update(error.fields)
    password = fields.get("database_password") or None
    if connection is not None and connection.database is None and password is not None:
        problems["database_host"] = tr("Database host is missing: a password alone does not name a database.")
    if connection is None or problems:
        raise AppError(ErrorCode.INVALID_INPUT, tr("Some fields need attention."), fields=problems)
    return Draft(_with_options(connection, existing), keys, password)


def _with_options(connection: Connection, existing: Connection | None) -> Connection:
    """Further libpq parameters have no field: what a file or a URL said of them survives an edit."""
    if connection.database is None or existing is None or existing.database is None:
        return connection
    return replace(connection, database=replace(connection.database, options=existing.database.options))
