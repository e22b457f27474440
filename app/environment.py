"""The connection that the environment variables make, and a report on each of them. Pure, but for the secret store.

The variables are those of the source document, section 1 (AUTH_PROVIDER ... SECRETS_PREFIX) and DATABASE_URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.addresses import host_of, is_loopback
from app.connections import Connection, EnvironmentName, validate
from app.database_url import DatabaseUrl, parse
from app.errors import AppError

if TYPE_CHECKING:
    from app.secrets import SecretStore

CONNECTION_ID = "environment"
MASK = "••••••••"
_ENDPOINT = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"  # botocore's own name for it
_NOT_USED = "Set, but Cognito Desk does not read AWS Secrets Manager: give the secrets as variables or in the keyring."


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    purpose: str
    secret: bool = False
    required: bool = False
    note: str = ""


_KNOWN = (
    _Known("AUTH_PROVIDER", "Which provider signs people in: cognito, local or agencio (local if unset)"),
    _Known("COGNITO_USER_POOL_ID", "User pool", required=True),
    _Known("COGNITO_CLIENT_ID", "App client inside that pool", required=True),
    _Known("AWS_REGION", "Region of the pool"),
    _Known("AWS_ACCESS_KEY_ID", "Access keys", secret=True),
    _Known("AWS_SECRET_ACCESS_KEY", "Access keys", secret=True),
    _Known("AWS_SESSION_TOKEN", "Access keys that are temporary", secret=True),
    _Known("AWS_ROLE_ARN", "IAM role of a Kubernetes service account (IRSA)"),
    _Known("AWS_WEB_IDENTITY_TOKEN_FILE", "IAM role of a Kubernetes service account (IRSA)"),
    _Known("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "ECS task role"),
    _Known("AWS_PROFILE", "Named profile of ~/.aws"),
    _Known("USE_SECRETS_MANAGER", "Secrets from AWS Secrets Manager", note=_NOT_USED),
    _Known("AWS_SECRETS_REGION", "Region of AWS Secrets Manager", note=_NOT_USED),
    _Known("SECRETS_PREFIX", "Prefix of the secrets' names", note=_NOT_USED),
    _Known("DATABASE_URL", "Application database (PostgreSQL)"),
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable. `shown` may be put on screen: a secret is masked, a password cut out."""

    name: str
    purpose: str
    present: bool
    shown: str
    secret: bool
    required: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class CredentialChain:
    """Which link of the SDK's default chain would answer, as far as variables tell without asking the network."""

    key: str  # keys, web-identity, profile, container, instance
    text: str
    certain: bool  # False where only AWS can tell (an instance role, a profile's file)


@dataclass(frozen=True, slots=True)
class EnvironmentReport:
    """What the variables say. `connection` is None where the pool is missing or `problems` says what is wrong."""

    connection: Connection | None
    variables: tuple[Variable, ...]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    chain: CredentialChain
    auth_provider: str


def from_environment(environ: Mapping[str, str], *, secrets: SecretStore | None = None) -> EnvironmentReport:
    """Read the variables. The password of DATABASE_URL goes to `secrets` (memory only), and nowhere else."""
    values = {name: value.strip() for name, value in environ.items() if value.strip()}
    problems: list[str] = []
    notes: list[str] = []
    database = _database(values, problems, notes)
    chain = credential_chain(values, problems)
    connection = _connection(values, database, problems)
    if database and database.password is not None and secrets is not None:
        from app.secrets import database_ref

        secrets.keep(database_ref(CONNECTION_ID), database.password)
    provider = values.get("AUTH_PROVIDER", "local").lower()
    if provider not in {"cognito", "local", "agencio"}:
        problems.append(f'AUTH_PROVIDER is "{provider[:40]}"; it must be cognito, local or agencio.')
    elif provider != "cognito" and "COGNITO_USER_POOL_ID" in values:
        notes.append(_elsewhere(values.get("AUTH_PROVIDER")))
    if values.get("USE_SECRETS_MANAGER", "").lower() in {"true", "1", "yes"}:
        notes.append(_NOT_USED)
    return EnvironmentReport(
        connection=connection,
        variables=tuple(_variable(known, values, database) for known in _KNOWN),
        missing=tuple(known.name for known in _KNOWN if known.required and known.name not in values),
        problems=tuple(problems),
        notes=tuple(notes),
        chain=chain,
        auth_provider=provider,
    )


def credential_chain(values: Mapping[str, str], problems: list[str] | None = None) -> CredentialChain:
    """Which credentials the SDK would use, in botocore's order: keys, web identity, profile, container, instance.

    `problems` receives a sentence about each half-set pair. Reads whether ~/.aws/credentials exists, nothing in it.
    """
    problems = [] if problems is None else problems
    pairs = (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"))
    for one, other in (*pairs, *(pair[::-1] for pair in pairs)):
        if values.get(one) and not values.get(other):
            problems.append(f"{one} is set but {other} is not: set both or neither.")
    if values.get("AWS_ACCESS_KEY_ID"):
        temporary = " (temporary)" if values.get("AWS_SESSION_TOKEN") else ""
        return CredentialChain("keys", f"Access keys from the environment{temporary}", True)
    if values.get("AWS_WEB_IDENTITY_TOKEN_FILE") and values.get("AWS_ROLE_ARN"):
        return CredentialChain("web-identity", f"IAM role {values['AWS_ROLE_ARN']} through its web identity", True)
    if values.get("AWS_PROFILE"):
        return CredentialChain("profile", f"Profile {values['AWS_PROFILE']} of ~/.aws", False)
    if _shared_file(values).is_file():
        return CredentialChain("profile", "Profile default of ~/.aws", False)
    if values.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") or values.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        return CredentialChain("container", "ECS task role", True)
    return CredentialChain("instance", "Nothing is set: only an EC2 instance role could answer", False)


def _connection(values: Mapping[str, str], database: DatabaseUrl | None, problems: list[str]) -> Connection | None:
    pool = values.get("COGNITO_USER_POOL_ID")
    if not pool:
        return None
    endpoint = values.get(_ENDPOINT) or values.get("AWS_ENDPOINT_URL") or ""
    fields = {
        "id": CONNECTION_ID,
        "name": "From the environment",
        "pool_id": pool,
        "region": values.get("AWS_REGION", ""),
        "client_id": values.get("COGNITO_CLIENT_ID", ""),
        "endpoint": endpoint,
        "environment": _stage(values, endpoint),
    }
    try:
        connection = validate(fields)
    except AppError as error:
        names = {
            "pool_id": "COGNITO_USER_POOL_ID",
            "region": "AWS_REGION",
            "client_id": "COGNITO_CLIENT_ID",
            "endpoint": _ENDPOINT if values.get(_ENDPOINT) else "AWS_ENDPOINT_URL",
        }
        problems += [f"{names.get(name, name)}: {text}" for name, text in error.fields.items()]
        return None
    return replace(connection, database=database.address if database else None, read_only_origin="environment")


def _database(values: Mapping[str, str], problems: list[str], notes: list[str]) -> DatabaseUrl | None:
    text = values.get("DATABASE_URL")
    if text is None:
        return None
    try:
        database = parse(text)
    except AppError as error:
        problems += [f"DATABASE_URL: {message}" for message in error.fields.values()]
        return None
    if database.ignored:
        notes.append(f"DATABASE_URL: PostgreSQL does not know {', '.join(database.ignored)}; left out.")
    return database


def _variable(known: _Known, values: Mapping[str, str], database: DatabaseUrl | None) -> Variable:
    value = values.get(known.name)
    if value is None:
        shown = ""
    elif known.name == "DATABASE_URL":
        shown = str(database.address) if database else MASK
    else:
        shown = MASK if known.secret else value
    note = known.note if value is not None else ""
    return Variable(known.name, known.purpose, value is not None, shown, known.secret, known.required, note)


def _elsewhere(provider: str | None) -> str:
    """Why the application's own sign-in does not go through this pool."""
    if provider is None:
        return (
            "AUTH_PROVIDER is not set, so the application signs people in with local accounts; this pool is shown only."
        )
    how = "with local accounts" if provider.lower() == "local" else "through agencio"
    return f"AUTH_PROVIDER is {provider.lower()}: the application signs people in {how}; this pool is shown only."


def _stage(values: Mapping[str, str], endpoint: str) -> EnvironmentName:
    """How careful to be. Production unless something says otherwise."""
    stages: dict[str, EnvironmentName] = {"development": "development", "test": "development", "staging": "staging"}
    for name in ("COGNITO_DESK_ENVIRONMENT", "NODE_ENV"):
        if name in values:
            return stages.get(values[name].lower(), "production")
    return "development" if is_loopback(host_of(endpoint)) else "production"


def _shared_file(values: Mapping[str, str]) -> Path:
    given = values.get("AWS_SHARED_CREDENTIALS_FILE")
    return Path(given).expanduser() if given else Path.home() / ".aws" / "credentials"
