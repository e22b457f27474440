"""Whatever is typed in or comes back, a service raises AppError or does its work: nothing else ever leaves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.directory.access import Access
from app.directory.devices import Devices
from app.directory.groups import Group, Groups
from app.directory.history import History
from app.directory.identities import Identities, Identity
from app.directory.models import MfaPreference
from app.directory.sessions import Sessions
from app.errors import AppError, ErrorCode
from tests.services import faults
from tests.services.pools import Pool, person, pool


@pytest.fixture(scope="module")
def demo() -> Iterator[Pool]:
    with pool() as running:
        running.demo.fill([person("ada@example.com")])
        yield running


@pytest.fixture(autouse=True)
def no_faults(demo: Pool) -> Iterator[None]:
    yield
    demo.faults.clear()


# Everything that can be typed or pasted, halves of surrogate pairs and control characters too.
TEXT = st.text(max_size=12) | st.text(alphabet="\ud800\udfff\x00\n\t \"'\\/%*&\u202e\u0130é日", max_size=6)
LONG = TEXT | st.sampled_from(["x" * 128, "x" * 129, "x" * 5000, " ", "..", "admin ", "ADMIN"])


def calls(demo: Pool, name: str, other: str, number: int) -> list[Callable[[], object]]:
    """Every call of the services with odd values in every place."""
    client, id = demo.client, demo.demo.pool_id
    groups, access = Groups(client, id), Access(client, id, demo.users)
    devices, sessions, history = Devices(client, id), Sessions(client, id), History(client, id)
    identities = Identities(client, id, demo.users)
    user = replace(person("ada@example.com").user, username=name)
    return [
        lambda: groups.get(name),
        lambda: groups.create(name, description=other, precedence=number, role_arn=other),
        lambda: groups.update(Group(name, other, number)),
        lambda: groups.of(name),
        lambda: groups.add(name, other),
        lambda: groups.remove("id-of-ada@example.com", name),
        lambda: groups.members_page(name, other or None, number),
        lambda: access.confirm_sign_up(name),
        lambda: access.sign_out(name),
        lambda: access.remove_authenticator(name),
        lambda: devices.of(name),
        lambda: devices.forget(name, other),
        lambda: devices.remember("id-of-ada@example.com", name, remembered=True),
        lambda: sessions.of(name),
        lambda: sessions.revoke(name, other),
        lambda: history.page(name, other or None, number),
        lambda: identities.link(user, other, name),
        lambda: identities.unlink(user, Identity(name, other)),
        lambda: demo.users.factors(name),
        lambda: demo.users.set_mfa_preference(name, MfaPreference(preferred=other)),
    ]


def refusal(call: Callable[[], object]) -> AppError | None:
    """How the call was refused; None where it was done. Any other exception goes on."""
    try:
        call()
    except AppError as error:
        return error
    return None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LONG, LONG, st.integers(-(2**40), 2**40))
@example("\ud800", "\x00", 60)
@example("", "", 0)
def test_odd_input_is_refused_in_words(demo: Pool, name: str, other: str, number: int) -> None:
    for call in calls(demo, name, other, number):
        error = refusal(call)
        assert error is None or (error.message.rstrip()[-1] in ".!?…" and error.code is not ErrorCode.INTERNAL)


def answers(body: bytes) -> faults.Fault:
    """Status 200 with this body in place of the answer."""

    def run(_: Any, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))])
        return [body]

    return run


READS = ("AdminListDevices", "AdminListUserSessions", "AdminListUserAuthEvents", "AdminListGroupsForUser")
ODD = {
    "nothing": b"{}",
    "nulls": b'{"Devices": null, "Sessions": null, "AuthEvents": null, "Groups": null, "Users": null}',
    "empty records": b'{"Devices": [{"DeviceKey": "k"}], "Sessions": [{"SessionId": "s"}], "AuthEvents": [{}]}',
    "new words": b'{"Sessions": [{"SessionId": "s", "SessionType": "QUANTUM"}], "AuthEvents": [{"EventType": "Tele",'
    b' "EventRisk": {"RiskDecision": "Maybe"}}]}',
}


@pytest.mark.parametrize("body", ODD.values(), ids=list(ODD))
def test_answers_that_say_little_or_something_new_are_taken(demo: Pool, body: bytes) -> None:
    client, id, ada = demo.client, demo.demo.pool_id, "id-of-ada@example.com"
    for operation in READS:
        demo.faults.on(operation, answers(body))
    assert len(Devices(client, id).of(ada)) <= 1
    assert len(Sessions(client, id).of(ada)) <= 1
    assert len(History(client, id).page(ada).events) <= 1
    assert Groups(client, id).of(ada) == ()


def test_pages_that_go_round_in_a_circle_end(demo: Pool) -> None:
    client, id, ada = demo.client, demo.demo.pool_id, "id-of-ada@example.com"
    demo.faults.on("AdminListDevices", answers(b'{"Devices": [{"DeviceKey": "k"}], "PaginationToken": "again"}'))
    demo.faults.on("AdminListUserSessions", answers(b'{"Sessions": [], "NextToken": "again"}'))
    demo.faults.on("AdminListGroupsForUser", answers(b'{"Groups": [{"GroupName": "g"}], "NextToken": "again"}'))
    demo.faults.on("ListIdentityProviders", answers(b'{"Providers": [], "NextToken": "again"}'))
    assert len(Devices(client, id).of(ada)) == 1
    assert Sessions(client, id).of(ada) == ()
    assert [group.name for group in Groups(client, id).of(ada)] == ["g"]
    assert Identities(client, id, demo.users).providers() == ()


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.throttled(), ErrorCode.THROTTLED),
        (faults.server_error(), ErrorCode.SERVICE_ERROR),
        (faults.bad_gateway(), ErrorCode.BAD_RESPONSE),
        (faults.connection_reset(), ErrorCode.BAD_RESPONSE),
        (faults.cut_body(3), ErrorCode.BAD_RESPONSE),
    ],
    ids=["throttled", "failing", "proxy", "reset", "cut"],
)
def test_reads_that_fail_say_how(demo: Pool, operation: str, fault: faults.Fault, code: ErrorCode) -> None:
    client, id, ada = demo.client, demo.demo.pool_id, "id-of-ada@example.com"
    reads: dict[str, Callable[[], object]] = {
        "AdminListDevices": lambda: Devices(client, id).of(ada),
        "AdminListUserSessions": lambda: Sessions(client, id).of(ada),
        "AdminListUserAuthEvents": lambda: History(client, id).page(ada),
        "AdminListGroupsForUser": lambda: Groups(client, id).of(ada),
    }
    demo.faults.on(operation, fault)
    with pytest.raises(AppError) as caught:
        reads[operation]()
    assert caught.value.code is code
    assert caught.value.retryable
