"""DATABASE_URL taken apart: an address that may be stored and shown, and a password that may not. Pure.

The form is libpq's (PostgreSQL manual, 34.1.1.2); SQLAlchemy's driver suffix (postgresql+psycopg://) is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from app import addresses
from app.connections import DatabaseAddress
from app.errors import AppError, ErrorCode, invalid

# libpq's connection parameters that make sense here; others of other tools (schema, pgbouncer) libpq would refuse.
# fmt: off
_OPTIONS = frozenset({
    "hostaddr", "channel_binding", "connect_timeout", "client_encoding",
    "options", "application_name", "fallback_application_name", "keepalives",
    "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    "sslnegotiation", "sslcompression", "sslcert", "sslkey",
    "sslcertmode", "sslrootcert", "sslcrl", "sslcrldir",
    "sslsni", "requirepeer", "require_auth", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "gssencmode", "krbsrvname", "gsslib",
    "gssdelegation", "target_session_attrs", "load_balance_hosts",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A database URL in parts. `ignored` names the query parameters that PostgreSQL does not know."""

    address: DatabaseAddress
    password: str | None = field(default=None, repr=False)
    ignored: tuple[str, ...] = ()


def parse(text: str) -> DatabaseUrl:
    """Split postgresql://user:password@host:port/name?sslmode=require&...

    Raises AppError(INVALID_INPUT) that names the part and the fix, and shows neither password nor URL.
    """
    try:
        parts = urlsplit(text.strip())
        port = str(parts.port) if parts.port is not None else ""
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        user, password, host = parts.username, parts.password, parts.hostname
    except ValueError:
        raise invalid(
            "database_url",
            "It cannot be read as a URL. Write it like postgresql://user:password@host:5432/name, with characters such "
            "as / : @ # ? in the password percent-encoded.",
        ) from None
    if parts.scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise invalid("database_url", "It must start with postgresql://. Other kinds of database are not supported.")
    if parts.fragment:
        raise invalid("database_url", "It contains a #. In a password, write # as %23.")
    fields = {
        "database_host": query.pop("host", "") or unquote(host or "") or "localhost",
        "database_port": query.pop("port", "") or port,
        "database_user": query.pop("user", "") or unquote(user or ""),
        "database_sslmode": query.pop("sslmode", ""),
    }
    fields["database_name"] = query.pop("dbname", "") or unquote(parts.path.lstrip("/")) or fields["database_user"]
    secret = query.pop("password", "") or (unquote(password) if password is not None else None)
    problems: dict[str, str] = {}

    def check(name: str) -> str:
        value = fields[name]
        try:
            if name == "database_host":
                return addresses.host(value)
            if name == "database_port":
                return str(addresses.port(value))
            if name == "database_sslmode":
                return addresses.ssl_mode(value)
            label = "Database user" if name == "database_user" else "Database name"
            return addresses.plain_name(value, field=name, label=label)
        except AppError as error:
            problems.update(error.fields)
            return "0"

    clean = {name: check(name) for name in fields}
    if problems:
        raise AppError(ErrorCode.INVALID_INPUT, next(iter(problems.values())), fields=problems)
    address = DatabaseAddress(
        host=clean["database_host"],
        port=int(clean["database_port"]),
        name=clean["database_name"],
        user=clean["database_user"],
        sslmode=clean["database_sslmode"],
        options=tuple((key, value) for key, value in query.items() if key in _OPTIONS),
    )
    return DatabaseUrl(address, secret, tuple(key for key in query if key not in _OPTIONS))
