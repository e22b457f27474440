"""Where one user is signed in at this moment. Blocking; safe on any thread; raises AppError only.

Needs session tracking in the pool, the Essentials or Plus tier, and a recent AWS library: NOT_SUPPORTED says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from app.aws.features import method
from app.aws.sending import sent_once
from app.aws.translate import translated
from app.directory.records import moment
from app.errors import invalid

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_ID = re.compile(r"(tkn|sso)[a-z0-9]{25}")
_MOST_PAGES: Final = 20  # one page holds all the 125 that there can be


class SessionKind(StrEnum):
    """What the session is made of. A kind that is not known here becomes OTHER."""

    TOKEN = "TOKEN"  # noqa: S105 - an application holds tokens
    SSO = "SSO"  # the managed-login pages hold a cookie
    OTHER = "OTHER"

    @classmethod
    def _missing_(cls, value: object) -> SessionKind:
        return cls.OTHER


@dataclass(frozen=True, slots=True)
class UserSession:
    """One session. `origin` is the SSO session that a token session came through. Times are UTC."""

    id: str
    kind: SessionKind
    client_id: str
    created: datetime | None
    last_active: datetime | None
    device: str
    ip: str
    city: str
    country: str
    origin: str


class Sessions:
    """The sessions of the users of the pool `pool_id`."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str) -> None:
        self._client = client
        self._pool = pool_id

    def of(self, username: str) -> tuple[UserSession, ...]:
        """Every session that is active, the last active first (AdminListUserSessions; a few seconds late)."""
        if not username:
            raise invalid("username", "The username is missing.")
        ask = method(self._client, "AdminListUserSessions")
        found: dict[str, UserSession] = {}
        more: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            with translated("AdminListUserSessions", username):
                answer = ask(UserPoolId=self._pool, Username=username, **more)
            for record in answer.get("Sessions") or ():
                session = _read(record)
                found[session.id] = session
            token = answer.get("NextToken")
            if not token or token == more.get("NextToken"):
                break
            more["NextToken"] = token
        return tuple(sorted(found.values(), key=lambda s: -(s.last_active.timestamp() if s.last_active else -1.0)))

    def revoke(self, username: str, session_id: str, *, linked: bool = False) -> None:
        """End one session (AdminRevokeUserSession). AppError(GONE) where it has ended already.

        `linked`: the SSO session behind a token session too, or the token sessions that came through an SSO session.
        """
        if not _ID.fullmatch(session_id):
            raise invalid("session", "This is not the identifier of a session. Read the sessions again.")
        send = method(self._client, "AdminRevokeUserSession")
        sent_once(
            "AdminRevokeUserSession",
            username,
            lambda: send(
                UserPoolId=self._pool,
                Username=username,
                SessionId=session_id,
                RevokeAssociatedSessions="LINKED" if linked else "NONE",
            ),
            lambda: all(session.id != session_id for session in self.of(username)),
        )


def _read(record: Mapping[str, Any]) -> UserSession:
    place = record.get("LastLocation") or {}
    return UserSession(
        id=record["SessionId"],
        kind=SessionKind(record.get("SessionType", "")),
        client_id=record.get("ClientId") or "",
        created=moment(record.get("CreateDate")),
        last_active=moment(record.get("LastActiveDate")),
        device=record.get("DeviceType") or "",
        ip=record.get("LastIPAddress") or "",
        city=place.get("City") or "",
        country=place.get("Country") or "",
        origin=record.get("OriginSessionId") or "",
    )
