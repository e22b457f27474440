"""What one user did to get in, and how risky Cognito found it. Blocking; safe on any thread; raises AppError only.

Needs threat protection, so the Plus tier (or the older advanced security): NOT_SUPPORTED says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.aws.translate import translated
from app.directory.records import moment
from app.errors import invalid

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PAGE_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """One event, in the words of the Cognito API.

    `kind`: SignIn, SignUp, ForgotPassword, PasswordChange, ResendCode. `result`: Pass, Fail, InProgress. `decision`:
    NoRisk, AccountTakeover, Block. `level`: Low, Medium, High, or empty. `challenges`: pairs such as
    (Password, Success). `feedback`: Valid or Invalid, where somebody said whether it really was the person.
    """

    id: str
    kind: str
    at: datetime | None
    result: str
    decision: str
    level: str
    compromised: bool
    challenges: tuple[tuple[str, str], ...]
    ip: str
    device: str
    city: str
    country: str
    feedback: str

    @property
    def risky(self) -> bool:
        """Whether Cognito found anything wrong with it."""
        return self.compromised or self.decision not in ("", "NoRisk")


@dataclass(frozen=True, slots=True)
class AuthEventPage:
    """Some events, newest first. Only a `token` of None means that there are no more."""

    events: tuple[AuthEvent, ...]
    token: str | None

    def followed_by(self, older: AuthEventPage) -> AuthEventPage:
        """Both as one; what is on both is told as this one tells it. Events may have come in between two readings."""
        known = {event.id for event in self.events}
        rest = tuple(event for event in older.events if event.id not in known)
        return AuthEventPage((*self.events, *rest), older.token)

    def meets(self, older: AuthEventPage) -> bool:
        """Whether no event can be missing between the two: they share one."""
        known = {event.id for event in self.events}
        return any(event.id in known for event in older.events)


class History:
    """The sign-in history of the users of the pool `pool_id`."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str) -> None:
        self._client = client
        self._pool = pool_id

    def page(self, username: str, token: str | None = None, limit: int = PAGE_LIMIT) -> AuthEventPage:
        """One page of a user's events (AdminListUserAuthEvents); `limit` is 1 to 60."""
        if not username:
            raise invalid("username", "The username is missing.")
        if not 1 <= limit <= PAGE_LIMIT:
            raise invalid("limit", f"A page of events holds 1 to {PAGE_LIMIT}, not {limit}.")
        more = {"NextToken": token} if token else {}
        with translated("AdminListUserAuthEvents", username):
            answer = self._client.admin_list_user_auth_events(
                UserPoolId=self._pool, Username=username, MaxResults=limit, **more
            )
        events = [_read(record) for record in answer.get("AuthEvents") or ()]
        events.sort(key=lambda event: -(event.at.timestamp() if event.at else -1.0))
        return AuthEventPage(tuple(events), answer.get("NextToken") or None)


def _read(record: Mapping[str, Any]) -> AuthEvent:
    risk, context = record.get("EventRisk") or {}, record.get("EventContextData") or {}
    return AuthEvent(
        id=record.get("EventId") or "",
        kind=record.get("EventType") or "",
        at=moment(record.get("CreationDate")),
        result=record.get("EventResponse") or "",
        decision=risk.get("RiskDecision") or "",
        level=risk.get("RiskLevel") or "",
        compromised=bool(risk.get("CompromisedCredentialsDetected")),
        challenges=tuple(
            (each.get("ChallengeName") or "", each.get("ChallengeResponse") or "")
            for each in record.get("ChallengeResponses") or ()
        ),
        ip=context.get("IpAddress") or "",
        device=context.get("DeviceName") or "",
        city=context.get("City") or "",
        country=context.get("Country") or "",
        feedback=(record.get("EventFeedback") or {}).get("FeedbackValue") or "",
    )
