"""How much of the quota of ListUsers a listing uses, and how much faster it is than boto3's own paginator.

Both read from one server (list_server.py) with the latency and the hard rate of Cognito.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.bench.children import ROOT, environment

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from app.directory.listing import Listing

USERS = 100_000
PAGINATED = 6_000  # users that the paginator reads: its speed does not change on the way
RATE = 30  # requests per second: UserList
PAGE = 60
LATENCY_MS = 80
POOL = "us-east-1_Bench0000"
KEYS = ("AKIABENCHBENCHBENCH0", "bench")


def measure() -> dict[str, float]:
    """RuntimeError where a user is missing or doubled, on either side."""
    with server(USERS) as address:
        seconds = listed(address)
        refused = int(stats(address)["refused"])
        paginator = paginated(address)
    speed = USERS / seconds
    return {
        "listing_quota_share": round(speed / (RATE * PAGE), 3),
        "listing_vs_paginator": round(speed / paginator, 2),
        "listing_refused": refused,
    }


@contextmanager
def server(users: int) -> Iterator[str]:
    """The address of a server of its own process."""
    command = [sys.executable, "-m", "tests.bench.list_server", "0", str(users), str(LATENCY_MS), str(RATE)]
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment(os.environ, home), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"the load server ended with {child.wait()}")
            yield f"http://127.0.0.1:{json.loads(line)['port']}"
        finally:
            child.communicate(timeout=30)  # closes its standard input, at which it ends


def stats(address: str) -> dict[str, Any]:
    """How many requests the server accepted and refused."""
    with urllib.request.urlopen(address) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def reader(address: str) -> Listing:
    """A listing of the Desk's own, at full speed, as a connection has it."""
    from app.aws.clients import Clients
    from app.aws.limits import enforced_rate
    from app.aws.quotas import QuotaCategory
    from app.connections import AccessKeys
    from app.directory.listing import Listing
    from app.directory.users import Users

    clients, keys = Clients(), AccessKeys(*KEYS, None)
    client = clients.cognito("us-east-1", endpoint=address, keys=keys)
    pacer = clients.pacer("us-east-1", endpoint=address, keys=keys)
    listing = Listing(Users(client, POOL), pacer=pacer, ask_rate=lambda: enforced_rate(client, QuotaCategory.USER_LIST))
    listing.tempo.set_full_speed(True)
    return listing


def listed(address: str) -> float:
    """Seconds that the Desk needs at full speed for everybody, into the index."""
    from app.directory.index import UserIndex
    from app.work import Work

    listing, index = reader(address), UserIndex()
    began = time.perf_counter()
    seen = listing.read(Work(), index.extend, estimated=USERS)
    index.retain(seen)
    seconds = time.perf_counter() - began
    if len(seen) != USERS or len(index) != USERS:
        raise RuntimeError(f"{len(seen)} users were listed and {len(index)} are in the index, of {USERS}")
    return seconds


def paginated(address: str) -> float:
    """Users per second of boto3's paginator with a client as anybody makes it, one page after the other."""
    import boto3

    client: CognitoIdentityProviderClient = boto3.Session(*KEYS).client(
        "cognito-idp", region_name="us-east-1", endpoint_url=address
    )
    pages = client.get_paginator("list_users").paginate(
        UserPoolId=POOL, PaginationConfig={"PageSize": PAGE, "MaxItems": PAGINATED}
    )
    try:
        began = time.perf_counter()
        names = [user["Username"] for page in pages for user in page["Users"]]
        seconds = time.perf_counter() - began
    finally:
        client.close()
    if len(set(names)) != PAGINATED:
        raise RuntimeError(f"the paginator met {len(set(names))} of {PAGINATED} users")
    return PAGINATED / seconds


if __name__ == "__main__":
    print(json.dumps(measure()))
