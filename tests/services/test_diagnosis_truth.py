"""What the sign-in rules say is what the emulator does, over generated accounts, pools and app clients."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.demo.factors import new_token
from app.demo.outbox import MessageKind
from app.demo.userpool import Account, DemoPool
from app.diagnosis.findings import Diagnosis, Gate, Snapshot
from app.diagnosis.signin import diagnose
from app.directory.models import User
from app.directory.users import Users
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.pool.models import ClientSnapshot, PoolSnapshot
from app.pool.snapshot import Pools
from tests.services.emulated import OTHER_PASSWORD, PASSWORD, Emulated, emulated

TOTP, SMS = "SOFTWARE_TOKEN_MFA", "SMS_MFA"
FLOWS = (["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
SETTINGS = {
    "by email": {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}},
    "alias": {"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}},
    "case": {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": True}},
}


@dataclass(frozen=True)
class Place:
    """A pool with two app clients, one of which has no password flow."""

    pool: DemoPool
    settings: PoolSnapshot
    clients: tuple[ClientSnapshot, ...]


class Cognito:
    """The emulator and its pools, by kind and MFA mode."""

    def __init__(self, made: Emulated, places: dict[tuple[str, str], Place]) -> None:
        self.made = made
        self.places = places


@pytest.fixture(scope="module")
def cognito() -> Iterator[Cognito]:
    """One emulator with nine pools."""
    with emulated() as made:
        emulator = made.demo._emulator
        assert emulator is not None
        places = {}
        for kind, config in SETTINGS.items():
            for mfa in ("OFF", "OPTIONAL", "ON"):
                answer = made.client.create_user_pool(PoolName=f"{kind}-{mfa}", MfaConfiguration=mfa, **config)  # type: ignore[arg-type]
                pool_id = answer["UserPool"]["Id"]
                apps = [
                    made.client.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows)  # type: ignore[arg-type]
                    for flows in FLOWS
                ]
                clients = tuple(Pools(made.client, pool_id, a["UserPoolClient"]["ClientId"]).client() for a in apps)
                settings_now = replace(Pools(made.client, pool_id).describe(), mfa=mfa)
                places[kind, mfa] = Place(emulator.backend.pool(pool_id), settings_now, clients)
        yield Cognito(made, places)


@dataclass(frozen=True)
class Sketch:
    """An account in outline."""

    status: str
    enabled: bool
    verified: bool
    phone: bool
    token: bool
    factors: frozenset[str]
    preferred: int  # of the factors in order; the next one after the last: none
    age: float
    row: str | None  # mfa_method of the row; "-" for no row
    twin: str  # "", "older", "younger"


sketches = st.builds(
    Sketch,
    status=st.sampled_from(
        ["CONFIRMED"] * 6
        + ["FORCE_CHANGE_PASSWORD", "UNCONFIRMED", "RESET_REQUIRED", "FORCE_CHANGE_PASSWORD", "EXTERNAL_PROVIDER"]
    ),
    enabled=st.sampled_from([True] * 7 + [False]),
    verified=st.booleans(),
    phone=st.booleans(),
    token=st.booleans(),
    factors=st.frozensets(st.sampled_from([TOTP, SMS])),
    preferred=st.integers(0, 2),
    age=st.sampled_from([0.5, 3.5, 6.5, 7.5, 40.5]),
    row=st.sampled_from(["-", None, "totp"]),
    twin=st.sampled_from(["", "", "", "older", "younger"]),
)


def account(sketch: Sketch, now: datetime) -> Account:
    """The account, as the emulator keeps it. No factor without what it needs to have been set up."""
    username = str(uuid.uuid4())
    attributes = {"sub": username, "email": f"p{username[:8]}@example.com", "email_verified": str(sketch.verified)}
    if sketch.phone:
        attributes |= {"phone_number": "+14155550123", "phone_number_verified": "true"}
    factors = {f for f in sketch.factors if f != TOTP or sketch.token}
    chosen = sorted(factors)[sketch.preferred : sketch.preferred + 1]
    at = now - timedelta(days=sketch.age)
    external = sketch.status == "EXTERNAL_PROVIDER"
    return Account(
        f"Google_{username}" if external else username,
        sketch.status,
        at,
        at,
        attributes,
        password=None if external else PASSWORD,
        enabled=sketch.enabled,
        token=new_token() if sketch.token else None,
        factors=factors,
        preferred=chosen[0] if chosen else None,
    )


def twin_of(one: Account, older: bool) -> Account:
    """Somebody else, whose address differs in capital letters only."""
    sub = str(uuid.uuid4())
    email = one.attributes["email"].upper()
    at = one.created + timedelta(days=-30 if older else 0.1)
    return Account(
        sub, "CONFIRMED", at, at, {"sub": sub, "email": email, "email_verified": "true"}, password=OTHER_PASSWORD
    )


def lets_in(made: Emulated, one: Account, client_id: str) -> bool:
    """Whether the person, who knows their password and has their phone, ends up with tokens."""
    email = one.attributes["email"]
    try:
        answer: Any = made.sign_in(email, PASSWORD, client_id)
        while "AuthenticationResult" not in answer:
            match answer["ChallengeName"]:
                case "NEW_PASSWORD_REQUIRED":
                    responses = {"NEW_PASSWORD": OTHER_PASSWORD}
                case "SELECT_MFA_TYPE":
                    responses = {"ANSWER": TOTP if TOTP in one.factors and one.token else SMS}
                case "SOFTWARE_TOKEN_MFA":
                    assert one.token is not None
                    responses = {"SOFTWARE_TOKEN_MFA_CODE": made.code(one.token.secret)}
                case "SMS_MFA":
                    code = made.mailed(one.attributes["phone_number"], MessageKind.SIGN_IN_CODE)
                    responses = {"SMS_MFA_CODE": code}
                case _:
                    return False  # MFA_SETUP: nobody is in before a factor is set up
            answer = made.respond(answer, email, client_id, **responses)
    except ClientError:
        return False
    return True


def read(
    made: Emulated, place: Place, client: ClientSnapshot, one: Account, sketch: Sketch, twin: Account | None
) -> Snapshot:
    """What the Desk would read of them."""
    users = Users(made.client, place.pool.id)
    user = users.get(one.username)
    row = None
    if sketch.row != "-":
        row = DatabaseUser(
            "1", user.email, OnboardingStatus.ACTIVE, "cognito", True, subject=user.sub, mfa_method=sketch.row
        )
    twins: tuple[User, ...] = (users.get(twin.username),) if twin is not None else ()
    return Snapshot(user, made.clock(), place.settings, client, row, row is not None, twins=twins)


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sketch=sketches,
    kind=st.sampled_from(sorted(SETTINGS)),
    mfa=st.sampled_from(["OFF", "OPTIONAL", "ON"]),
    flow=st.sampled_from([0, 0, 0, 0, 0, 1]),
)
def test_no_blocker_means_that_they_get_in_and_a_hard_one_that_they_do_not(
    cognito: Cognito, sketch: Sketch, kind: str, mfa: str, flow: int
) -> None:
    made, place = cognito.made, cognito.places[kind, mfa]
    client = place.clients[flow]
    one = account(sketch, made.clock())
    twin = twin_of(one, sketch.twin == "older") if sketch.twin else None
    present = [one] if twin is None else [twin, one] if sketch.twin == "older" else [one, twin]
    for each in present:
        place.pool.add(each)
    try:
        diagnosis = diagnose(read(made, place, client, one, sketch, twin))
        allowed = lets_in(made, one, client.id)
    finally:
        for each in present:
            place.pool.remove(each)
    said = gates(diagnosis)
    event(f"{'in' if allowed else 'out'} {'/'.join(sorted(said)) or 'clear'}")
    if Gate.COGNITO in said:
        assert not allowed, diagnosis.findings
    elif one.status == "EXTERNAL_PROVIDER":
        assert not allowed
        assert any(finding.kind == "federated" for finding in diagnosis.findings)
    elif Gate.PERHAPS not in said:
        assert allowed, (sketch, diagnosis.findings)


def gates(diagnosis: Diagnosis) -> set[Gate]:
    """The gates that are said to be closed."""
    return {finding.gate for finding in diagnosis.findings if finding.gate is not None}
