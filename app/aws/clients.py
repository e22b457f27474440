"""Makes Cognito clients: cached, guarded, paced, with short timeouts. Safe on any thread; raises AppError only."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.aws import guard, pages
from app.aws.pacing import Pacer
from app.aws.translate import translated
from app.connections import AccessKeys
from app.errors import invalid

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

CONNECT_TIMEOUT: Final = 5  # seconds
READ_TIMEOUT: Final = 20  # seconds
_CONNECTIONS: Final = 32  # a listing reads in 16 chains, beside everything else

# Asking these needs the network, and on a computer outside AWS they only answer by silence.
_NETWORK_METHODS = ("container-role", "iam-role")

_METHOD_WORDS = {
    "explicit": "access keys of this connection",
    "env": "environment variables",
    "shared-credentials-file": "shared credentials file",
    "config-file": "AWS configuration file",
    "custom-process": "a credential process of the profile",
    "assume-role": "a role that the profile assumes",
    "assume-role-with-web-identity": "a web identity role (IRSA)",
    "sso": "AWS IAM Identity Center sign-in",
    "login": "AWS console sign-in (aws login)",
    "container-role": "the container's role",
    "iam-role": "the EC2 instance's role",
}


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """Which credentials a connection would use. `key_hint` is the end of the access key, where it is read for free."""

    method: str | None  # botocore's name of the provider; None where none was found without asking the network
    words: str
    key_hint: str | None


class Clients:
    """Cognito clients by Region, endpoint and credentials. Those of the same credentials and Region share a Pacer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[tuple[object, ...], CognitoIdentityProviderClient] = {}
        self._pacers: dict[tuple[object, ...], Pacer] = {}
        # A session's first client loads the service model, which is most of the work.
        self._sessions: dict[tuple[object, ...], Session] = {}

    def cognito(
        self,
        region: str,
        *,
        endpoint: str | None = None,
        profile: str | None = None,
        keys: AccessKeys | None = None,
    ) -> CognitoIdentityProviderClient:
        """The cognito-idp client; made at the first call, no request is sent.

        Credentials: `keys`, else `profile`, else the default chain of the AWS SDK. AppError: CREDENTIALS_MISSING for
        an unknown profile, INVALID_INPUT naming the field for a Region or endpoint that is none, NOT_CONFIGURED for
        AWS files that cannot be read.
        """
        key = (region, endpoint, profile, keys)
        with self._lock:
            client = self._clients.get(key)
            if client is None:
                client = self._make(region, endpoint, profile, keys)
                guard.install(client)
                pages.install(client)
                self._pacer(region, endpoint, profile, keys).install(client)
                # A client without credentials never looks again: the next call, maybe after a sign-in, gets a new one.
                if self._sessions[profile, keys].get_credentials() is None:
                    del self._sessions[profile, keys]
                    return client
                self._clients[key] = client
            return client

    def pacer(
        self,
        region: str,
        *,
        endpoint: str | None = None,
        profile: str | None = None,
        keys: AccessKeys | None = None,
    ) -> Pacer:
        """The pacer of these credentials in this Region: its usage, and its share of the quota."""
        with self._lock:
            return self._pacer(region, endpoint, profile, keys)

    def identity(self, *, profile: str | None = None, keys: AccessKeys | None = None) -> CredentialReport:
        """Where the AWS SDK finds credentials, found out without a network call. AppError for an unknown profile."""
        with translated("GetCredentials", profile):
            session = _session(profile, keys)
            core = session._session  # the chain is not reachable otherwise
            chain = core.get_component("credential_provider")
            for method in _NETWORK_METHODS:
                chain.remove(method)
            found = core.get_credentials()
        if found is None:
            return CredentialReport(None, "none found on this computer", None)
        # Reading the key of a role or of a sign-in would fetch it from the network.
        local = found.method in {"explicit", "env", "shared-credentials-file", "config-file"}
        hint = f"…{found.access_key[-4:]}" if local and found.access_key else None
        return CredentialReport(found.method, _METHOD_WORDS.get(found.method, found.method), hint)

    def reset(self) -> None:
        """Forget every client and pacer, and close their connections."""
        with self._lock:
            clients = list(self._clients.values())
            self._clients.clear()
            self._pacers.clear()
            self._sessions.clear()
        for client in clients:
            client.close()

    def _pacer(self, region: str, endpoint: str | None, profile: str | None, keys: AccessKeys | None) -> Pacer:
        # The quota belongs to the account, but which account it is only STS could tell: credentials stand for it.
        identity = keys.access_key_id if keys is not None else (profile or "default chain")
        return self._pacers.setdefault((identity, region, endpoint), Pacer())

    def _make(
        self, region: str, endpoint: str | None, profile: str | None, keys: AccessKeys | None
    ) -> CognitoIdentityProviderClient:
        from botocore.config import Config

        if not region:
            raise invalid("region", "The Region is missing, for example eu-central-1.")
        config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": guard.ATTEMPTS},
            user_agent_extra="cognito-desk",
        )
        with translated("CreateClient", region):
            session = self._sessions.get((profile, keys)) or _session(profile, keys)
            self._sessions[profile, keys] = session
            try:
                return session.client("cognito-idp", region_name=region, endpoint_url=endpoint or None, config=config)
            except ValueError as exc:  # botocore's answer to an address that is none, and to some Regions
                if "egion" in str(exc):
                    raise invalid(
                        "region", f"“{region}” is not a Region of AWS. Regions look like eu-central-1."
                    ) from exc
                raise invalid("endpoint", f"“{endpoint}” is not an address. Write it as https://host:port.") from exc


def _session(profile: str | None, keys: AccessKeys | None) -> Session:
    import boto3

    if keys is not None:
        return boto3.Session(
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            aws_session_token=keys.session_token,
        )
    return boto3.Session(profile_name=profile)
