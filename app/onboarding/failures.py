"""What psycopg's and PostgreSQL's errors mean to a person: one table. No message holds a password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    import psycopg

_E = ErrorCode


@dataclass(frozen=True, slots=True)
class _Meaning:
    code: ErrorCode
    sentence: str
    retryable: bool = False


_AWAY = _Meaning(_E.DATABASE_UNREACHABLE, "The database cannot be reached.", retryable=True)
_LOST = _Meaning(_E.DATABASE_UNREACHABLE, "The connection to the database was lost.", retryable=True)
_STOPPING = _Meaning(_E.DATABASE_UNREACHABLE, "The database is starting up or shutting down.", retryable=True)
_FULL = _Meaning(_E.DATABASE_UNREACHABLE, "The database takes no more connections just now.", retryable=True)
_LOGIN = _Meaning(_E.DATABASE_REFUSED, "The database does not accept this user name and password.")
_NO_DATABASE = _Meaning(_E.DATABASE_REFUSED, "The server has no database of that name.")
_NO_RIGHT = _Meaning(
    _E.DATABASE_REFUSED,
    "The database user may not do this. It needs USAGE on schema auth and SELECT, INSERT and UPDATE on auth.users.",
)
_NO_SCHEMA = _Meaning(
    _E.DATABASE_SCHEMA,
    "The database has no table auth.users with the columns that are needed. Doctor shows what to add.",
)
_SLOW = _Meaning(
    _E.DATABASE_REFUSED, "The database needed too long and stopped the statement. Nothing was changed.", retryable=True
)
_LOCKED = _Meaning(
    _E.CONFLICT, "Another session holds this row. Nothing was changed; try again in a moment.", retryable=True
)
_RACE = _Meaning(_E.CONFLICT, "Another session changed the same rows. Nothing was changed.", retryable=True)
_DUPLICATE = _Meaning(_E.CONFLICT, "Another row of auth.users has this value already.")
_RULE = _Meaning(_E.DATABASE_REFUSED, "A rule of the table auth.users forbids this.")
_READ_ONLY = _Meaning(_E.DATABASE_REFUSED, "This database is read-only: it may be a replica.")
_NO_SPACE = _Meaning(_E.DATABASE_REFUSED, "The disk of the database server is full.", retryable=True)
_VALUE = _Meaning(_E.INVALID_INPUT, "The database cannot store this value.")
_OTHER = _Meaning(_E.DATABASE_REFUSED, "The database refused.")
_TLS = _Meaning(_E.DATABASE_REFUSED, "No secure connection to the database: check the SSL mode and the certificate.")

# SQLSTATE, or its class of two characters (PostgreSQL, appendix A).
_BY_STATE: dict[str, _Meaning] = {
    "08": _LOST,
    "22": _VALUE,
    "23505": _DUPLICATE,
    "23": _RULE,
    "25006": _READ_ONLY,
    "28": _LOGIN,
    "3D000": _NO_DATABASE,
    "3F000": _NO_SCHEMA,
    "40": _RACE,
    "42501": _NO_RIGHT,
    "42703": _NO_SCHEMA,
    "42P01": _NO_SCHEMA,
    "53100": _NO_SPACE,
    "53300": _FULL,
    "55P03": _LOCKED,
    "57014": _SLOW,
    "57P": _STOPPING,
}

# libpq hands no SQLSTATE over when connecting fails: the server's English words are all there is.
_BY_WORDS: tuple[tuple[str, _Meaning], ...] = (
    (r"password authentication failed|no password supplied|role .* does not exist|authentication failed", _LOGIN),
    (r"no pg_hba\.conf entry", _Meaning(_E.DATABASE_REFUSED, "The database server does not let this computer in.")),
    (r"database .* does not exist", _NO_DATABASE),
    (r"permission denied for database", _NO_RIGHT),
    (r"SSL|TLS|certificate", _TLS),
    (r"too many (clients|connections)|remaining connection slots", _FULL),
    (r"starting up|shutting down|recovery mode", _STOPPING),
    (r"could not translate host name|[Nn]ame or service not known|resolve host", _Meaning(
        _E.DATABASE_UNREACHABLE, "The name of the database server is not known.", retryable=True)),
)  # fmt: skip


def translate(error: psycopg.Error, *, connecting: bool = False) -> AppError:
    """The AppError for an error of psycopg; `connecting` while no connection was made yet."""
    import psycopg

    state = error.sqlstate or ""
    meaning = _BY_STATE.get(state) or _BY_STATE.get(state[:3]) or _BY_STATE.get(state[:2])
    said = (error.diag.message_primary or "").strip()
    if meaning is None and connecting:
        text = str(error)
        said = _server_words(text)
        meaning = next((meaning for words, meaning in _BY_WORDS if re.search(words, text)), _AWAY)
    elif meaning is None and isinstance(error, psycopg.OperationalError) and not state:
        meaning = _LOST
    elif meaning is None and isinstance(error, psycopg.DataError):
        meaning = _VALUE
    meaning = meaning or _OTHER
    detail = f' It said: "{said}".' if said else ""
    return AppError(meaning.code, meaning.sentence + detail, subject="database", retryable=meaning.retryable)


def _server_words(text: str) -> str:
    # The first line has the reason; the others guess, or repeat it for each address of the host.
    first = text.strip().partition("\n")[0]
    return re.sub(r"^.*\bfailed: ", "", first).removeprefix("FATAL:").strip().rstrip(".")
