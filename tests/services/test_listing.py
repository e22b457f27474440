"""Whole pools through the Desk's own client while the service throttles, cuts, loses and forgets: nobody is missing."""

from __future__ import annotations

import io
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.aws.clients import Clients
from app.aws.limits import enforced_rate
from app.aws.pacing import Pacer, QuotaCategory
from app.connections import AccessKeys
from app.demo.people import DemoPerson
from app.directory.index import UserIndex
from app.directory.listing import Listing
from app.directory.models import User, UserStatus
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Work
from tests.services import faults
from tests.services.emulated import Emulated, emulated

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from tests.services.faults import Fault

PEOPLE = 1_500
LIST = QuotaCategory.USER_LIST


class Office:
    """A crowded pool, and a listing at a speed that tests can wait for."""

    def __init__(self, demo: Emulated, clients: Clients) -> None:
        self.demo = demo
        self.faults = demo.faults
        keys = AccessKeys(demo.demo.access_key_id, demo.demo.secret_access_key, None)
        place = {"endpoint": demo.demo.endpoint, "keys": keys}
        self.client: CognitoIdentityProviderClient = clients.cognito(demo.demo.region, **place)  # type: ignore[arg-type]
        self.pacer: Pacer = clients.pacer(demo.demo.region, **place)  # type: ignore[arg-type]
        self.names = {person(number).user.username for number in range(PEOPLE)}
        self.begin()

    def begin(self) -> None:
        """As if nothing had been listed yet."""
        self.faults.clear()
        self.faults.calls.clear()
        self.pacer.set_quota(LIST, 1_000.0)
        self.index = UserIndex()
        self.listing = Listing(Users(self.client, self.demo.pool), pacer=self.pacer)
        self.listing.tempo.set_full_speed(True)

    def read(self, work: Work | None = None) -> set[str]:
        return self.listing.read(work or Work(), self.index.extend, estimated=PEOPLE)

    def check(self, seen: set[str]) -> None:
        """Everybody, and each of them once."""
        assert seen == self.names
        assert len(self.index) == PEOPLE
        assert {row.username for row in self.index.view().rows(0, PEOPLE)} == self.names


def person(number: int) -> DemoPerson:
    sub = str(uuid.UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128, version=4))
    at = datetime(2026, 10, 1, tzinfo=UTC)
    attributes = {"sub": sub, "email": f"person{number:05d}@harbour.example"}
    return DemoPerson(User(sub, UserStatus.CONFIRMED, True, at, at, attributes), None, None, (), None, "")


@pytest.fixture(scope="module")
def running() -> Iterator[Office]:
    clients = Clients()
    with emulated() as demo:
        demo.demo.fill([person(number) for number in range(PEOPLE)])
        try:
            yield Office(demo, clients)
        finally:
            clients.reset()


@pytest.fixture
def office(running: Office) -> Office:
    running.begin()
    return running


def empty_page() -> Fault:
    """A page with nobody on it and the token to go on with, which is normal for ListUsers."""

    def run(app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        token = json.loads(body).get("PaginationToken")
        if token is None:
            environ["wsgi.input"] = io.BytesIO(body)
            return app(environ, start_response)
        answer = json.dumps({"Users": [], "PaginationToken": token}).encode()
        start_response("200 OK", [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(answer)))])
        return [answer]

    return run


def test_sixteen_chains_meet_everybody_once(office: Office) -> None:
    office.check(office.read())
    assert 33 <= office.faults.calls.count("ListUsers") <= 60


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (faults.throttled(400), 6),
        (faults.throttled(429), 6),
        (faults.cut_body(200), 5),
        (faults.lost_answer(), 4),
        (faults.connection_reset(), 4),
        (faults.server_error(), 4),
        (faults.bad_gateway(), 4),
        (empty_page(), 20),
    ],
    ids=["throttled-400", "throttled-429", "cut", "lost", "reset", "error-500", "error-502", "empty"],
)
def test_nobody_is_missing_and_nobody_doubled(office: Office, fault: Fault, times: int) -> None:
    begun = threading.Event()

    def take(users: Iterable[User]) -> None:
        office.index.extend(users)
        if not begun.is_set():
            begun.set()
            office.faults.on("ListUsers", fault, times=times)

    office.check(office.listing.read(Work(), take, estimated=PEOPLE))
    assert office.faults.calls.count("ListUsers") >= 33 + times - 16


def test_throttling_cuts_the_rate(office: Office) -> None:
    office.faults.on("ListUsers", faults.throttled(429), times=3)
    office.check(office.read())
    assert office.pacer.usage()[LIST].eased < 1.0


def test_after_an_hour_tokens_have_expired_and_the_chains_begin_anew(office: Office) -> None:
    pages = 0

    def take(users: Iterable[User]) -> None:
        nonlocal pages
        pages += 1
        office.index.extend(users)
        if pages == 12:
            office.demo.clock.turn(minutes=61)

    office.check(office.listing.read(Work(), take, estimated=PEOPLE))


def test_whoever_is_deleted_meanwhile_is_no_error(office: Office) -> None:
    with emulated() as demo:
        clients = Clients()
        demo.demo.fill([person(number) for number in range(PEOPLE)])
        small = Office(demo, clients)
        gone = sorted(small.names)[-3:]
        begun: list[int] = []

        def take(users: Iterable[User]) -> None:
            small.index.extend(users)
            if not begun:
                begun.append(1)
                for name in gone:
                    demo.client.admin_delete_user(UserPoolId=demo.pool, Username=name)

        try:
            seen = small.listing.read(Work(), take, estimated=PEOPLE)
            small.index.retain(seen)
        finally:
            clients.reset()
        assert seen >= small.names - set(gone)
        assert len(small.index) == len(seen)


def test_a_refusal_in_the_middle_ends_it_with_its_reason(office: Office) -> None:
    begun: list[int] = []

    def take(users: Iterable[User]) -> None:
        office.index.extend(users)
        if not begun:
            begun.append(1)
            office.faults.on("ListUsers", faults.access_denied("cognito-idp:ListUsers"))

    with pytest.raises(AppError) as caught:
        office.listing.read(Work(), take, estimated=PEOPLE)
    assert caught.value.code is ErrorCode.ACCESS_DENIED
    office.faults.clear()
    office.check(office.read())


def in_background(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def settled(office: Office) -> int:
    """How many requests there were once what was under way has arrived."""
    before = -1
    while before != len(office.faults.calls):
        before = len(office.faults.calls)
        time.sleep(0.25)
    return before


def test_cancelling_stops_within_a_second_though_answers_are_late(office: Office) -> None:
    office.faults.on("ListUsers", faults.latency(0.2))
    work = Work()
    threading.Timer(0.5, work.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        office.read(work)
    assert time.monotonic() - began < 1.5
    sent = settled(office)
    time.sleep(0.5)
    assert len(office.faults.calls) == sent


def test_a_pause_really_sends_nothing(office: Office) -> None:
    office.pacer.set_quota(LIST, 40.0)
    seen: list[set[str]] = []
    thread = in_background(lambda: seen.append(office.read()))
    while len(office.faults.calls) < 10:
        time.sleep(0.01)
    office.listing.tempo.pause()
    sent = settled(office)
    time.sleep(1.0)
    assert len(office.faults.calls) == sent < 35
    office.pacer.set_quota(LIST, 1_000.0)
    office.listing.tempo.resume()
    thread.join(20)
    office.check(seen[0])


def test_the_enforced_rate_is_what_the_service_says(office: Office) -> None:
    assert enforced_rate(office.client, LIST) == 30.0


@pytest.mark.parametrize(
    "fault",
    [
        faults.access_denied("cognito-idp:GetProvisionedLimit"),
        faults.refusal(400, "UnknownOperationException"),
        faults.refusal(400, "ResourceNotFoundException"),
        faults.bad_gateway(),
    ],
    ids=["denied", "unknown", "category", "html"],
)
def test_a_rate_that_is_not_told_is_no_failure(office: Office, fault: Fault) -> None:
    office.faults.on("GetProvisionedLimit", fault)
    assert enforced_rate(office.client, LIST) is None


def test_an_older_sdk_cannot_ask_for_the_rate() -> None:
    assert enforced_rate(object(), LIST) is None  # type: ignore[arg-type]
