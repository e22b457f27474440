"""Devices, sessions and sign-in history of one person: read, ended, and explained where they cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.capabilities import Capability, Feature, Hindrance
from app.demo.habits import DeviceTrace, EventTrace, Habits, Place, SessionTrace
from app.demo.people import DemoPerson
from app.directory.devices import Device
from app.directory.history import AuthEventPage
from app.directory.models import User
from app.directory.sessions import SessionKind, UserSession
from app.errors import AppError, ErrorCode
from app.permissions import Action, Role
from tests.services import faults
from tests.services.office import Office, opened
from tests.services.pools import Pool, person, pool

NOW = datetime.now(UTC).replace(microsecond=0)
HOME = Place("Hamburg", "Germany", "192.0.2.7")
FAR = Place("Valparaíso", "Chile", "203.0.113.77")
HOUR = timedelta(hours=1)


def device(number: int, *, remembered: bool = True) -> DeviceTrace:
    key = f"us-east-1_00000000-0000-4000-8000-{number:012}"
    return DeviceTrace(key, f"Device {number}", remembered, HOME.ip, NOW - 9 * HOUR, NOW - number * HOUR)


HABITS = Habits(
    devices=(device(2), device(1, remembered=False)),
    sessions=(
        SessionTrace("Chrome, Windows", HOME, NOW - 5 * HOUR, NOW - 4 * HOUR),
        SessionTrace("Firefox, Ubuntu", HOME, NOW - 3 * HOUR, NOW - HOUR, sso=True),
        SessionTrace("Firefox, Ubuntu", HOME, NOW - 3 * HOUR, NOW - 2 * HOUR, through_sso=True),
    ),
    events=(
        EventTrace("SignIn", NOW - HOUR, "Chrome 139, Windows 10", HOME),
        EventTrace("SignIn", NOW, "Chrome 139, Android", FAR, decision="AccountTakeover", level="High"),
        EventTrace("SignIn", NOW - 2 * HOUR, "", HOME, "Fail", challenges=(("Password", "Failure"),)),
    ),
)


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


@pytest.fixture
def ada(office: Office) -> User:
    """Somebody with HABITS."""
    return join(office, HABITS)


def join(office: Office, habits: Habits) -> User:
    made: DemoPerson = replace(person("ada@example.com"), habits=habits)
    office.cognito.demo.fill([made])
    return made.user


def devices_of(office: Office, user: User) -> tuple[Device, ...]:
    found = office.security().devices(user)
    assert not isinstance(found, Capability)
    return found


def sessions_of(office: Office, user: User) -> tuple[UserSession, ...]:
    found = office.security().sessions(user)
    assert not isinstance(found, Capability)
    return found


def test_devices_come_last_used_first_and_are_forgotten(office: Office, ada: User) -> None:
    first, second = devices_of(office, ada)
    assert (first.name, first.remembered, first.last_ip) == ("Device 1", False, HOME.ip)
    assert first.last_used == NOW - HOUR
    office.security(Role.SUPPORT).forget_device(ada, first)
    assert devices_of(office, ada) == (second,)
    assert (office.last().action, office.last().details["device"]) == (Action.FORGET_DEVICE, "Device 1")
    with pytest.raises(AppError) as caught:
        office.security().forget_device(ada, first)
    assert caught.value.code is ErrorCode.GONE


def test_a_device_is_no_longer_remembered_and_remembered_again(office: Office, ada: User) -> None:
    second = devices_of(office, ada)[1]
    outcome = office.security().remember_device(ada, second, remembered=False)
    assert devices_of(office, ada)[1].remembered is False
    assert outcome.undo is not None
    outcome.undo.run()
    assert devices_of(office, ada)[1].remembered is True


def test_every_device_is_read_to_the_last_page(office: Office) -> None:
    many = join(office, Habits(devices=tuple(device(number) for number in range(130))))
    assert len(devices_of(office, many)) == 130
    assert office.cognito.calls("AdminListDevices") == 3


@pytest.mark.parametrize("fault", [faults.lost_answer(), faults.cut_body(1)], ids=["reset", "cut"])
def test_a_lost_answer_is_no_failure_where_it_was_done(office: Office, ada: User, fault: faults.Fault) -> None:
    for operation in ("AdminForgetDevice", "AdminUpdateDeviceStatus", "AdminRevokeUserSession"):
        office.cognito.faults.on(operation, fault, times=1)
    first, second = devices_of(office, ada)
    office.security().forget_device(ada, first)
    office.security().remember_device(ada, second, remembered=False)
    assert [each.remembered for each in devices_of(office, ada)] == [False]
    office.security().revoke_session(ada, sessions_of(office, ada)[0])
    assert len(sessions_of(office, ada)) == 2


def test_sessions_tell_where_and_are_ended_one_by_one(office: Office, ada: User) -> None:
    sso, through, alone = sessions_of(office, ada)
    assert (sso.kind, through.kind, alone.kind) == (SessionKind.SSO, SessionKind.TOKEN, SessionKind.TOKEN)
    assert through.origin == sso.id
    assert (alone.device, alone.city, alone.country, alone.ip) == ("Chrome, Windows", *HOME)
    assert alone.client_id == office.cognito.demo.client_id
    assert alone.last_active == NOW - 4 * HOUR
    office.security(Role.SUPPORT).revoke_session(ada, alone)
    assert sessions_of(office, ada) == (sso, through)
    assert office.last().action is Action.REVOKE_SESSION
    assert office.last().details["session"] == "Chrome, Windows, Hamburg, Germany, 192.0.2.7"
    with pytest.raises(AppError) as caught:
        office.security().revoke_session(ada, alone)
    assert caught.value.code is ErrorCode.GONE


@pytest.mark.parametrize(("kind", "left"), [(SessionKind.SSO, 1), (SessionKind.TOKEN, 1)])
def test_what_belongs_to_a_session_can_be_ended_with_it(
    office: Office, ada: User, kind: SessionKind, left: int
) -> None:
    session = next(each for each in sessions_of(office, ada) if each.kind is kind and "Firefox" in each.device)
    office.security().revoke_session(ada, session, linked=True)
    assert len(sessions_of(office, ada)) == left


def test_signing_out_ends_every_session(office: Office, ada: User) -> None:
    office.security().sign_out(ada)
    assert sessions_of(office, ada) == ()


def test_history_comes_newest_first_with_its_risks(office: Office, ada: User) -> None:
    page = office.security().history(ada)
    assert isinstance(page, AuthEventPage)
    assert page.token is None
    strange, usual, failed = page.events
    assert (strange.risky, strange.decision, strange.level, strange.city) == (
        True,
        "AccountTakeover",
        "High",
        "Valparaíso",
    )
    assert (usual.risky, usual.result, usual.at) == (False, "Pass", NOW - HOUR)
    assert (failed.result, failed.challenges) == ("Fail", (("Password", "Failure"),))


def test_a_long_history_comes_in_pages(office: Office) -> None:
    events = tuple(EventTrace("SignIn", NOW - number * HOUR, "", HOME) for number in range(100))
    ada = join(office, Habits(events=events))
    first = office.security().history(ada)
    assert isinstance(first, AuthEventPage)
    second = office.security().history(ada, first.token)
    assert isinstance(second, AuthEventPage)
    assert (len(first.events), len(second.events), second.token) == (60, 40, None)
    assert len({event.id for event in (*first.events, *second.events)}) == 100


@pytest.mark.parametrize(
    ("operation", "feature"),
    [
        ("AdminListDevices", Feature.DEVICES),
        ("AdminListUserSessions", Feature.SESSIONS),
        ("AdminListUserAuthEvents", Feature.HISTORY),
    ],
)
def test_what_the_pool_or_a_policy_does_not_offer_is_told_not_raised(
    office: Office, ada: User, operation: str, feature: Feature
) -> None:
    security = office.security()
    reads: Any = {
        Feature.DEVICES: security.devices,
        Feature.SESSIONS: security.sessions,
        Feature.HISTORY: security.history,
    }
    office.cognito.demo.not_enabled(operation)
    try:
        refused = reads[feature](ada)
    finally:
        office.cognito.demo.not_enabled()
    assert (refused.feature, refused.hindrance) == (feature, Hindrance.SETTING)
    assert "does not offer" in refused.reason
    office.cognito.faults.on(operation, faults.access_denied(f"cognito-idp:{operation}"), times=1)
    denied = reads[feature](ada)
    assert (denied.hindrance, denied.subject) == (Hindrance.PERMISSION, f"cognito-idp:{operation}")
    assert not security.capabilities.of(feature).available
    assert not isinstance(reads[feature](ada), Capability)
    assert security.capabilities.of(feature).available


def test_pools_without_tracking_or_threat_protection_say_so(office: Office, ada: User) -> None:
    with office.cognito.other_pool(UserPoolTier="LITE") as other:
        security = office.security(pool=other)
        settings = other.pools.describe()
        user = other.users.create("ada@example.org", attributes={"email": "ada@example.org"}, send_email=False)
        found = [security.devices(user), security.sessions(user), security.history(user)]
        assert [type(each) for each in found] == [Capability] * 3
        assert [each.hindrance for each in found if isinstance(each, Capability)] == [Hindrance.SETTING] * 3
        told = [security.devices(user, settings), security.sessions(user, settings)]
        told.append(security.history(user, pool=settings))  # type: ignore[arg-type]  # of another kind
        assert [each.hindrance for each in told if isinstance(each, Capability)] == [
            Hindrance.SETTING,
            Hindrance.TIER,
            Hindrance.TIER,
        ]


@pytest.mark.parametrize("id", ["", "tkn", "x" * 28, "tknABCDEFGHIJKLMNOPQRSTUVWXYZ"])
def test_what_is_no_session_is_not_sent(office: Office, ada: User, id: str) -> None:
    session = replace(sessions_of(office, ada)[0], id=id)
    with pytest.raises(AppError) as caught:
        office.security().revoke_session(ada, session)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert office.cognito.calls("AdminRevokeUserSession") == 0


def test_nobody_has_nothing(office: Office) -> None:
    ghost = person("ghost@example.com").user
    for read in (office.security().devices, office.security().sessions, office.security().history):
        ask: Any = read
        with pytest.raises(AppError) as caught:
            ask(ghost)
        assert caught.value.code is ErrorCode.USER_NOT_FOUND
