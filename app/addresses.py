"""What a person types to say where something is, checked and cleaned. Pure.

Each function returns the clean value or raises AppError(INVALID_INPUT) that names the field and says how to mend it.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from app.errors import invalid

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")  # libpq's sslmode

_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+){1,3}-\d{1,2}", re.ASCII)
_POOL_ID = re.compile(r"(?P<region>[\w-]+)_(?P<rest>[0-9a-zA-Z]+)", re.ASCII)  # UserPoolIdType of the Cognito API
_CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)  # ClientIdType
_HOST_LABEL = re.compile(r"(?!-)[a-zA-Z0-9_-]{1,63}(?<!-)", re.ASCII)


def region(value: str, *, field: str = "region") -> str:
    """An AWS Region such as `us-east-1`."""
    text = value.strip().lower()
    if not _REGION.fullmatch(text):
        raise invalid(field, f"Region: {_shown(value)} is not an AWS Region. Write it like us-east-1.")
    return text


def pool_id(value: str, *, field: str = "pool_id") -> str:
    """A user pool ID such as `us-east-1_AbCdEfG` (at most 55 characters)."""
    text = value.strip()
    if not text:
        raise invalid(field, "User pool ID is missing. It looks like us-east-1_AbCdEfG and stands on the pool's page.")
    if text.startswith("arn:"):
        raise invalid(field, "User pool ID: this is an ARN. Use only what follows userpool/, like us-east-1_AbCdEfG.")
    match = _POOL_ID.fullmatch(text)
    if not match or len(text) > 55 or not _REGION.fullmatch(match["region"]):
        raise invalid(
            field,
            f"User pool ID: {_shown(text)} is not a pool ID. It is the Region, an underscore, then letters and digits, "
            "like us-east-1_AbCdEfG.",
        )
    return text


def region_of(pool: str) -> str:
    """The Region that a valid pool ID names."""
    return pool.rpartition("_")[0]


def client_id(value: str, *, field: str = "client_id") -> str | None:
    """An app client ID; None where it is left empty."""
    text = value.strip()
    if not text:
        return None
    if not _CLIENT_ID.fullmatch(text):
        raise invalid(
            field,
            f"App client ID: {_shown(text)} is not one. It has letters and digits only, like 1234567890abcdefghij.",
        )
    return text


def is_loopback(host: str) -> bool:
    """Whether `host` names this very machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def endpoint(value: str, *, field: str = "endpoint") -> str | None:
    """A custom endpoint URL; None where it is left empty. Plain http only to this machine: requests carry secrets."""
    text = value.strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise invalid(
            field, f"Endpoint: {_shown_url(text)} is not a URL. Write it like https://host.example:8443."
        ) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise invalid(field, "Endpoint: start with https:// and a host, like https://host.example:8443.")
    if parts.username is not None or parts.password is not None:
        raise invalid(field, "Endpoint: take the user name and password out of the URL.")
    if parts.query or parts.fragment:
        raise invalid(field, "Endpoint: leave out everything from the ? or # on.")
    if re.search(r"\s", text) or not _is_host(parts.hostname):
        raise invalid(field, f"Endpoint: {_shown(parts.hostname)} is not a host name.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise invalid(field, "Endpoint: use https. Plain http is only for this machine (localhost or 127.0.0.1).")
    return text.rstrip("/")


def host(value: str, *, field: str = "database_host") -> str:
    """A database host: a name, an IP address, or the absolute path of a socket folder."""
    text = value.strip()
    if not text:
        raise invalid(field, "Database host is missing. Write a name like db.example.com.")
    if "://" in text:
        raise invalid(field, "Database host: write the host alone, without postgresql:// in front.")
    if text.startswith("/"):
        return text
    if "," in text:
        raise invalid(field, "Database host: give one host; a list of hosts is not supported.")
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if bare.count(":") == 1:
        raise invalid(field, "Database host: write the port into its own field, without the colon.")
    if "/" in bare or "@" in bare or not _is_host(bare):
        raise invalid(field, f"Database host: {_shown_url(text)} is not a host name or an IP address.")
    return bare


def port(value: str, *, field: str = "database_port", default: int = 5432) -> int:
    """A TCP port from 1 to 65535; `default` where it is left empty."""
    text = value.strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise invalid(field, f"Database port: {_shown(text)} is not a port. Use a number from 1 to 65535, often 5432.")
    return int(text)


def ssl_mode(value: str, *, field: str = "database_sslmode") -> str:
    """libpq's sslmode; `prefer` (libpq's own default) where it is left empty."""
    text = value.strip().lower()
    if not text:
        return "prefer"
    if text not in SSL_MODES:
        raise invalid(field, f"Database SSL mode: {_shown(text)} is not one of {', '.join(SSL_MODES)}.")
    return text


def plain_name(value: str, *, field: str, label: str, limit: int = 63) -> str:
    """A name that must not be empty, of at most `limit` characters, without control characters."""
    text = value.strip()
    if not text:
        raise invalid(field, f"{label} is missing.")
    if len(text) > limit:
        raise invalid(field, f"{label} has {len(text)} characters; use at most {limit}.")
    if any(not character.isprintable() for character in text):
        raise invalid(field, f"{label} contains a character that cannot be shown. Type it again.")
    return text


def host_of(url: str) -> str:
    """The host that a URL names; an empty string where it cannot be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return len(text) <= 253 and all(_HOST_LABEL.fullmatch(label) for label in text.rstrip(".").split("."))
    return True


def _shown(value: str) -> str:
    text = value.strip()
    return f'"{text[:40]}…"' if len(text) > 41 else f'"{text}"'


def _shown_url(value: str) -> str:
    """Like `_shown`, without what stands before an @: it may be a password."""
    return _shown(value.rpartition("@")[2])
