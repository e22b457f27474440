"""Tokens handed out and taken back. Signed with moto's key; who holds them and whether they live is kept here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from joserfc import jwk, jwt
from moto.utilities.utils import load_resource

from app.demo.habits import HERE, Place, SessionTrace
from app.demo.protocol import bad_parameter, not_authorized
from app.demo.userpool import Account, Clock, DemoPool

if TYPE_CHECKING:
    from moto.cognitoidp.models import CognitoIdpUserPoolClient

UNITS = {
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
# Name in TokenValidityUnits, unit and validity where the client does not say.
ACCESS, ID, REFRESH = ("AccessToken", "hours", 1), ("IdToken", "hours", 1), ("RefreshToken", "days", 30)


@dataclass(slots=True)
class Grant:
    """One token's holder."""

    pool: DemoPool
    account: Account
    client_id: str
    origin: str
    expires: datetime
    revoked: bool = False
    session: str = ""  # only a refresh token, or the cookie of the managed-login pages, has one
    sso: bool = False
    parent: str = ""  # the SSO session that it came through
    began: datetime | None = None
    active: datetime | None = None
    device: str = ""
    place: Place = HERE

    def to_json(self) -> dict[str, object]:
        """SessionType of AdminListUserSessions."""
        where = {name: value for name, value in (("City", self.place.city), ("Country", self.place.country)) if value}
        told: dict[str, object] = {
            "SessionId": self.session,
            "SessionType": "SSO" if self.sso else "TOKEN",
            "ClientId": self.client_id,
            "CreateDate": self.began,
            "LastActiveDate": self.active,
            "DeviceType": self.device,
            "LastIPAddress": self.place.ip,
            "LastLocation": where,
            "OriginSessionId": self.parent,
        }
        return {name: value for name, value in told.items() if value}


class Grants:
    """The tokens of one emulator. Callers hold the emulator's lock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def sign_in(self, pool: DemoPool, client: CognitoIdpUserPoolClient, account: Account) -> dict[str, Any]:
        """AuthenticationResultType with a new refresh token."""
        refresh = secrets.token_urlsafe(48)
        origin = str(uuid.uuid4())
        now = self._clock()
        grant = Grant(pool, account, client.id, origin, now + validity(client, REFRESH), session=_session_id("tkn"))
        grant.began = grant.active = now
        self._refresh[refresh] = grant
        return {**self._tokens(pool, client, account, origin), "RefreshToken": refresh}

    def refresh(self, client: CognitoIdpUserPoolClient, token: str) -> dict[str, Any]:
        """AuthenticationResultType without a refresh token. Refusal (NotAuthorizedException) where it is not good."""
        grant = self._refresh.get(token)
        if grant is None or grant.client_id != client.id:
            raise not_authorized("Invalid Refresh Token")
        if not grant.account.enabled:
            raise not_authorized("User is disabled.")
        if grant.revoked or grant.pool.users.get(grant.account.username) is not grant.account:
            raise not_authorized("Refresh Token has been revoked")
        if self._clock() >= grant.expires:
            raise not_authorized("Refresh Token has expired")
        grant.active = self._clock()
        return self._tokens(grant.pool, client, grant.account, grant.origin)

    def plant(self, pool: DemoPool, account: Account, client_id: str, trace: SessionTrace, parent: str) -> str:
        """A session from before the emulator started, whose token nobody has; its id."""
        id = _session_id("sso" if trace.sso else "tkn")
        grant = Grant(pool, account, client_id, str(uuid.uuid4()), trace.began + timedelta(days=30), session=id)
        grant.sso, grant.parent, grant.device, grant.place = trace.sso, parent, trace.device, trace.place
        grant.began, grant.active = trace.began, trace.active
        self._refresh[secrets.token_urlsafe(48)] = grant
        return id

    def sessions(self, pool: DemoPool, account: Account) -> list[Grant]:
        """The sessions of an account that live, the newest first."""
        now = self._clock()
        found = [
            grant
            for grant in self._refresh.values()
            if grant.account is account and grant.pool is pool and not grant.revoked and now < grant.expires
        ]
        return sorted(found, key=lambda grant: grant.began or now, reverse=True)

    def revoke_session(self, pool: DemoPool, account: Account, id: str, *, linked: bool) -> bool:
        """End a session, and with `linked` those that belong to it; false where it does not live."""
        live = self.sessions(pool, account)
        named = next((grant for grant in live if grant.session == id), None)
        if named is None:
            return False
        ended = [named]
        if linked:
            ended += [grant for grant in live if id == grant.parent or grant.session == named.parent != ""]
        for grant in ended:
            for other in (grant, *self._access.values()):
                if other.origin == grant.origin:
                    other.revoked = True
        return True

    def holder(self, token: str) -> Grant:
        """Whose access token it is. Refusal (NotAuthorizedException) where it is not good."""
        grant = self._access.get(token)
        if grant is None:
            raise not_authorized("Invalid Access Token")
        if grant.revoked:
            raise not_authorized("Access Token has been revoked")
        if self._clock() >= grant.expires:
            raise not_authorized("Access Token has expired")
        return grant

    def revoke(self, account: Account) -> None:
        """Take back every token of an account."""
        for grant in (*self._access.values(), *self._refresh.values()):
            if grant.account is account:
                grant.revoked = True

    def revoke_refresh(self, token: str, client_id: str) -> None:
        """Take back one refresh token and the access tokens that came of it."""
        grant = self._refresh.get(token)
        if grant is None or grant.client_id != client_id:
            return  # RevokeToken succeeds for a token that is not valid (RFC 7009, section 2.2)
        for other in (grant, *self._access.values()):
            if other.origin == grant.origin:
                other.revoked = True

    def _tokens(
        self, pool: DemoPool, client: CognitoIdpUserPoolClient, account: Account, origin: str
    ) -> dict[str, Any]:
        now = int(self._clock().timestamp())
        common: dict[str, Any] = {
            "sub": account.id,
            "iss": f"https://cognito-idp.{pool.region}.amazonaws.com/{pool.id}",
            "origin_jti": origin,
            "auth_time": now,
            "iat": now,
        }
        if account.groups:
            common["cognito:groups"] = sorted(group.group_name for group in account.groups)
        lasts = validity(client, ACCESS)
        access = _signed(
            common,
            token_use="access",  # noqa: S106
            exp=now + int(lasts.total_seconds()),
            client_id=client.id,
            username=account.username,
            scope="aws.cognito.signin.user.admin",
        )
        readable = client.extended_config.get("ReadAttributes")
        identity = _signed(
            {**common, **{k: _claim(k, v) for k, v in account.attributes.items() if not readable or k in readable}},
            token_use="id",  # noqa: S106
            exp=now + int(validity(client, ID).total_seconds()),
            aud=client.id,
            **{"cognito:username": account.username},
        )
        self._access[access] = Grant(pool, account, client.id, origin, self._clock() + lasts)
        seconds = int(lasts.total_seconds())
        return {"AccessToken": access, "IdToken": identity, "ExpiresIn": seconds, "TokenType": "Bearer"}


@cache
def _signing_key() -> jwk.RSAKey:
    """moto's private key, whose public half its JWKS serves. Reading it takes 0.2 s: once, when first needed."""
    return jwk.RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))


def _session_id(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:25]


def _signed(common: dict[str, Any], **claims: Any) -> str:
    # "dummy" is the key's id in the JWKS that moto serves
    header = {"kid": "dummy", "alg": "RS256"}
    return jwt.encode(header, {**common, **claims, "jti": str(uuid.uuid4())}, _signing_key())


def validity(client: CognitoIdpUserPoolClient, kind: tuple[str, str, int]) -> timedelta:
    """How long a token of the client lasts."""
    name, unit, default = kind
    units = client.extended_config.get("TokenValidityUnits") or {}
    amount: int = client.extended_config.get(f"{name}Validity") or default
    return amount * UNITS[units.get(name, unit)]


def check_secret_hash(client: CognitoIdpUserPoolClient, username: str, given: str | None) -> None:
    """Refusal where the client has a secret and the request does not prove it."""
    if not client.generate_secret:
        if given:
            raise not_authorized(f"Client {client.id} is not configured with secret but SECRET_HASH was received")
        return
    if not given:
        raise not_authorized(f"Client {client.id} is configured with secret but SECRET_HASH was not received")
    digest = hmac.digest(client.secret.encode(), (username + client.id).encode(), hashlib.sha256)
    if not hmac.compare_digest(base64.b64encode(digest).decode().encode(), given.encode()):
        raise not_authorized(f"Unable to verify secret hash for client {client.id}")


def required_entry(parameters: dict[str, Any], name: str) -> str:
    """A required entry of AuthParameters or ChallengeResponses."""
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise bad_parameter(f"Missing required parameter {name}")
    return value


def _claim(name: str, value: str) -> object:
    return value.lower() == "true" if name in ("email_verified", "phone_number_verified") else value
