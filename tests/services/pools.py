"""The demo's Cognito with faults to plan, reached through the Desk's own clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.aws.clients import Clients
from app.aws.pacing import Pacer
from app.connections import AccessKeys
from app.demo.cognito import DemoCognito
from app.demo.outbox import Outbox
from app.demo.people import DemoPerson
from app.directory.models import User, UserStatus
from app.directory.users import Users
from app.pool.snapshot import Pools
from tests.services.faults import Faults

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class Pool:
    """One emulated pool. Its clock is the real one, so that creation times can be compared with the answers' dates."""

    def __init__(self, demo: DemoCognito, faults: Faults, clients: Clients) -> None:
        self.demo = demo
        self.faults = faults
        self.clients = clients
        self.keys = AccessKeys(demo.access_key_id, demo.secret_access_key, None)
        self.client: CognitoIdentityProviderClient = clients.cognito(
            demo.region, endpoint=demo.endpoint, keys=self.keys
        )
        self.pacer: Pacer = clients.pacer(demo.region, endpoint=demo.endpoint, keys=self.keys)
        self.users = Users(self.client, demo.pool_id)
        self.pools = Pools(self.client, demo.pool_id, demo.client_id)

    @contextmanager
    def other_pool(self, **settings: Any) -> Iterator[OtherPool]:
        """A pool beside the demo's, with other settings (CreateUserPool); deleted at the end."""
        admin = boto3_client(self)
        made = admin.create_user_pool(PoolName="other", **settings)["UserPool"]["Id"]
        try:
            yield OtherPool(made, self.client)
        finally:
            admin.delete_user_pool(UserPoolId=made)
            admin.close()

    def fill(self, count: int) -> None:
        """Put `count` confirmed users into the pool, past the API."""
        self.demo.fill(person(f"person-{n:04}@example.com") for n in range(count))

    def calls(self, operation: str) -> int:
        """How often an operation arrived."""
        return self.faults.calls.count(operation)


class OtherPool:
    """What a test needs of a pool that is not the demo's."""

    def __init__(self, id: str, client: CognitoIdentityProviderClient) -> None:
        self.id = id
        self.client = client
        self.users = Users(client, id)
        self.pools = Pools(client, id)


def boto3_client(pool: Pool) -> CognitoIdentityProviderClient:
    """A client without the Desk's guard, for operations that the Desk never calls."""
    import boto3

    return boto3.client(
        "cognito-idp",
        region_name=pool.demo.region,
        endpoint_url=pool.demo.endpoint,
        aws_access_key_id=pool.keys.access_key_id,
        aws_secret_access_key=pool.keys.secret_access_key,
    )


def person(email: str, status: UserStatus = UserStatus.CONFIRMED) -> DemoPerson:
    """A person for DemoCognito.fill, a year old."""
    made = datetime(2025, 11, 1, tzinfo=UTC)
    user = User(f"id-of-{email}", status, True, made, made, {"email": email, "sub": f"id-of-{email}"})
    return DemoPerson(user=user, password=None, totp_secret=None, mfa=(), row=None, story="")


# Shared, because loading the service model takes most of a test's time. Every emulator has an address of its own, so no
# client and no pacer is used by two tests.
_clients = Clients()


@contextmanager
def pool() -> Iterator[Pool]:
    """Start an emulator of its own and a client for it; stop both at the end."""
    faults = Faults()
    demo = DemoCognito(Outbox(), middleware=faults)
    demo.start()
    try:
        running = Pool(demo, faults, _clients)
        try:
            yield running
        finally:
            running.client.close()
    finally:
        demo.close()
