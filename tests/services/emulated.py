"""A running DemoCognito with a clock to turn, faults to plan and boto3 clients to ask it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from app.demo.cognito import DemoCognito
from app.demo.factors import totp
from app.demo.outbox import MessageKind, Outbox
from tests.services.faults import Faults

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PASSWORD = "Lantern-Quay-4821"
OTHER_PASSWORD = "Mooring-Buoy-7730"


class TurnableClock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Go forward by the units of timedelta."""
        self.now += timedelta(**by)


class Emulated:
    """What a test needs around one emulator."""

    def __init__(
        self, demo: DemoCognito, clock: TurnableClock, faults: Faults, client: CognitoIdentityProviderClient
    ) -> None:
        self.demo = demo
        self.clock = clock
        self.faults = faults
        self.client = client
        self.pool = demo.pool_id
        self.app = demo.client_id

    def create(self, email: str, **more: Any) -> str:
        """AdminCreateUser; the username."""
        answer = self.client.admin_create_user(UserPoolId=self.pool, Username=email, **more)
        return str(answer["User"]["Username"])

    def member(self, email: str, *, verified: bool = True) -> str:
        """A CONFIRMED user with PASSWORD and, unless told otherwise, a verified email; the username."""
        username = self.create(
            email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email_verified", "Value": "true" if verified else "false"}],
        )
        self.client.admin_set_user_password(UserPoolId=self.pool, Username=username, Password=PASSWORD, Permanent=True)
        return username

    def status(self, username: str) -> str:
        """UserStatus of AdminGetUser."""
        return str(self.client.admin_get_user(UserPoolId=self.pool, Username=username)["UserStatus"])

    def sign_in(self, username: str, password: str = PASSWORD, app: str | None = None) -> Any:
        """InitiateAuth with USER_PASSWORD_AUTH."""
        return self.client.initiate_auth(
            ClientId=app or self.app,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )

    def respond(self, answer: Any, username: str, app: str | None = None, **responses: str) -> Any:
        """RespondToAuthChallenge to the challenge of an earlier answer."""
        return self.client.respond_to_auth_challenge(
            ClientId=app or self.app,
            ChallengeName=answer["ChallengeName"],
            Session=answer["Session"],
            ChallengeResponses={"USERNAME": username, **responses},
        )

    def code(self, secret: str, steps: int = 0) -> str:
        """The authenticator code of the emulator's time, `steps` of 30 s away."""
        return totp(secret, int(self.clock.now.timestamp()) // 30 + steps)

    def mailed(self, to: str, kind: MessageKind) -> str:
        """The code in the newest message of a kind to an address."""
        message = next(m for m in self.demo.outbox.messages(to) if m.kind is kind)
        assert message.code is not None
        return message.code


@cache
def _session() -> Any:
    import boto3

    return boto3.session.Session()


@contextmanager
def emulated() -> Iterator[Emulated]:
    """Start an emulator; stop it, and close the client, at the end."""
    from botocore.config import Config

    clock, faults = TurnableClock(), Faults()
    demo = DemoCognito(Outbox(), clock=clock, middleware=faults)
    demo.start()
    try:
        client = _session().client(
            "cognito-idp",
            region_name=demo.region,
            endpoint_url=demo.endpoint,
            aws_access_key_id=demo.access_key_id,
            aws_secret_access_key=demo.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
        )
        try:
            yield Emulated(demo, clock, faults, client)
        finally:
            client.close()
    finally:
        demo.close()


@contextmanager
def refused(code: str, match: str | None = None) -> Iterator[None]:
    """Expect boto3's ClientError with this code."""
    with pytest.raises(ClientError, match=match) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
