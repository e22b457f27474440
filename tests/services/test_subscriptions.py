"""Subscriptions move on whoever waits for one, and nobody else: events, and what the stand-in for Stripe says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.changes import Changes
from app.connections import Connection, EnvironmentName
from app.directory.models import User
from app.errors import AppError, ErrorCode
from app.onboarding.mirror import apply
from app.onboarding.stripe_account import StripeAccount
from app.onboarding.stripe_events import KIND
from app.permissions import Action, Operator, Role
from app.secrets import SecretStore
from app.subscriptions import Reading, Subscriptions
from app.work import Work
from tests.services.office import BOB, TARGET, Office, S, opened
from tests.services.pools import Pool, pool
from tests.services.stripe_stand_in import KEY, StripeStandIn, stripe_stand_in
from tests.services.vault import Vault
from tests.unit.test_stripe_events import SECRET, sign


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    with stripe_stand_in() as running:
        yield running


def subscriptions(
    office: Office,
    stripe: StripeStandIn | None = None,
    role: Role = Role.ADMIN,
    environment: EnvironmentName = "staging",
) -> Subscriptions:
    changes = Changes(office.journal, Operator("ann", role), "main", partial(apply, office.database), target=TARGET)
    connection = Connection("main", "Main", "eu-west-1", "eu-west-1_abc", environment=environment)
    address = stripe.address if stripe is not None else ""
    made = Subscriptions(
        connection, SecretStore(backend=Vault()), office.journal, changes, office.index, office.onboarding,
        lambda key: StripeAccount(key, address=address),
    )  # fmt: skip
    made.keep_endpoint_secret(SECRET)
    if stripe is not None:
        made.keep_key(KEY)
    return made


def event(subscription: dict[str, Any], id: str = "evt_1") -> tuple[bytes, str]:
    now = datetime.now(UTC)
    made = {
        "id": id,
        "object": "event",
        "type": KIND,
        "created": int(now.timestamp()),
        "data": {"object": subscription},
    }
    payload = json.dumps(made).encode()
    return payload, sign(payload, now)


def plain(status: str = "active", id: str = "sub_1", live: bool = False, **metadata: str) -> dict[str, Any]:
    return {
        "id": id, "object": "subscription", "status": status, "customer": "cus_1", "metadata": metadata,
        "livemode": live,
    }  # fmt: skip


def waiting(office: Office, email: str = BOB) -> User:
    return office.join(email, onboarding=S.PENDING_SUBSCRIPTION)


def test_an_event_that_names_the_person_activates_them_once(office: Office) -> None:
    user = waiting(office)
    service = subscriptions(office)
    reading = service.read(*event(plain(user_id=user.sub)))
    assert (reading.match.reason, reading.checked) == (None, False)
    assert office.row().status is S.PENDING_SUBSCRIPTION, "reading moves nobody"
    assert service.activate(reading).status is S.ACTIVE
    found = office.index.get(user.username)
    assert found is not None
    assert found.onboarding == "active"
    assert (office.last().action, office.last().details["subscription"]) == (Action.ACTIVATE, "sub_1")
    again = service.read(*event(plain(user_id=user.sub)))
    assert "active already" in (again.match.reason or "")
    with pytest.raises(AppError) as caught:
        service.activate(again)
    assert caught.value.code is ErrorCode.USER_STATE


def test_a_subscription_that_was_used_is_not_used_again(office: Office) -> None:
    user = waiting(office)
    service = subscriptions(office)
    payload = event(plain(user_id=user.sub))
    service.activate(service.read(*payload))
    with office.database.connection() as connection:  # as if it had begun anew
        connection.execute("UPDATE auth.users SET status = 'pending_subscription'")
    reading = service.read(*payload)
    assert "already" in (reading.match.reason or "")
    with pytest.raises(AppError):
        service.activate(reading)
    assert office.row().status is S.PENDING_SUBSCRIPTION


@pytest.mark.parametrize("status", [status for status in S if status not in (S.PENDING_SUBSCRIPTION, S.ACTIVE)])
def test_an_event_that_comes_too_early_or_too_late_moves_nobody(office: Office, status: S) -> None:
    user = office.join(onboarding=status)
    service = subscriptions(office)
    reading = service.read(*event(plain(user_id=user.sub)))
    assert reading.match.reason is not None
    with pytest.raises(AppError):
        service.activate(reading)
    assert office.row().status is status


def test_a_person_is_found_by_address_and_never_guessed(office: Office) -> None:
    waiting(office, "Bob@Example.org")
    service = subscriptions(office)
    assert service.read(*event(plain(email=BOB))).match.reason is None
    waiting(office, "bob@example.ORG")
    reason = service.read(*event(plain(email=BOB))).match.reason
    assert reason is not None
    assert "several" in reason
    assert "Bob@Example.org (pending_subscription)" in reason


def reason_of(reading: Reading) -> str:
    assert reading.match.reason is not None
    return reading.match.reason


def test_why_nobody_is_found(office: Office) -> None:
    user = waiting(office)
    waiting(office, "amy@example.org")
    service = subscriptions(office)
    assert "says nothing of whose" in reason_of(service.read(*event(plain())))
    assert "does not know" in reason_of(service.read(*event(plain(user_id="nobody"))))
    assert "does not know" in reason_of(service.read(*event(plain(user_id="nobody", email=user.email))))
    assert "nobody with the address" in reason_of(service.read(*event(plain(email="zoe@example.org"))))
    assert "Look which is right" in reason_of(service.read(*event(plain(user_id=user.sub, email="amy@example.org"))))
    assert "incomplete" in reason_of(service.read(*event(plain("incomplete", user_id=user.sub))))
    production = subscriptions(office, environment="production")
    assert "test mode" in reason_of(production.read(*event(plain(user_id=user.sub))))
    assert production.read(*event(plain(live=True, user_id=user.sub))).match.reason is None
    assert service.read(*event(plain(user_id=office.row().id))).match.reason is None


def test_stripe_is_asked_whether_it_still_stands_and_whose_it_is(office: Office, stripe: StripeStandIn) -> None:
    waiting(office)
    service = subscriptions(office, stripe)
    made = stripe.subscribe("sub_1", BOB)
    reading = service.read(*event(made))
    assert (reading.checked, reading.match.reason) == (True, None)
    made["status"] = "canceled"
    with pytest.raises(AppError) as caught:
        service.activate(reading)
    assert "canceled" in caught.value.message
    assert office.row().status is S.PENDING_SUBSCRIPTION
    with pytest.raises(AppError) as caught:
        service.read(*event(plain(id="sub_of_another_account")))
    assert caught.value.code is ErrorCode.USER_NOT_FOUND
    made["status"] = "trialing"
    assert service.activate(reading).status is S.ACTIVE
    assert set(stripe.authorized) == {f"Bearer {KEY}"}


def test_people_who_wait_although_they_have_paid_are_found_and_moved(office: Office, stripe: StripeStandIn) -> None:
    for email in (BOB, "Amy@example.org", "cy@example.org", "dee@example.org"):
        waiting(office, email)
    office.join("eve@example.org")
    stripe.subscribe("sub_bob", BOB)
    stripe.subscribe("sub_amy", "amy@example.org", "past_due")
    stripe.subscribe("sub_cy_old", "cy@example.org", "canceled")
    stripe.subscribe("sub_cy", "cy@example.org")
    stripe.subscribe("sub_eve", "eve@example.org")
    service = subscriptions(office, stripe)
    found = {each.row.email: each for each in service.stuck(Work())}
    assert {email: each.paid.id if each.paid else None for email, each in found.items()} == {
        BOB: "sub_bob", "Amy@example.org": None, "cy@example.org": "sub_cy", "dee@example.org": None,
    }  # fmt: skip
    assert "past due" in found["Amy@example.org"].note
    assert "no subscription" in found["dee@example.org"].note
    with office.database.connection() as connection:
        connection.execute("UPDATE auth.users SET status = 'suspended' WHERE email LIKE 'cy%'")
    assert service.activate_paid(found[BOB]).note == "The row is active now."
    assert office.row().status is S.ACTIVE
    with pytest.raises(AppError) as raced:
        service.activate_paid(found["cy@example.org"])
    assert raced.value.code is ErrorCode.CONFLICT
    for who, why in ((BOB, "moved somebody on already"), ("dee@example.org", "no subscription")):
        with pytest.raises(AppError, match=why) as refused:
            service.activate_paid(found[who])
        assert refused.value.code is ErrorCode.USER_STATE


def test_who_may_not_activate_moves_nobody(office: Office, stripe: StripeStandIn) -> None:
    waiting(office)
    stripe.subscribe("sub_bob", BOB)
    service = subscriptions(office, stripe, Role.SUPPORT)
    with pytest.raises(AppError) as caught:
        service.activate_paid(service.stuck(Work())[0])
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.row().status is S.PENDING_SUBSCRIPTION


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, ErrorCode.CREDENTIALS_INVALID), (403, ErrorCode.ACCESS_DENIED), (429, ErrorCode.THROTTLED),
     (400, ErrorCode.INVALID_INPUT), (500, ErrorCode.SERVICE_ERROR)],
)  # fmt: skip
def test_what_stripe_refuses_is_told_without_its_words(
    office: Office, stripe: StripeStandIn, status: int, code: ErrorCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.onboarding.stripe_account._RETRIES", 0)
    waiting(office)
    stripe.fault = (status, "bad")
    with pytest.raises(AppError) as caught:
        subscriptions(office, stripe).stuck(Work())
    assert caught.value.code is code
    assert KEY not in f"{caught.value.message}{caught.value.__cause__}"
    assert caught.value.__suppress_context__


def test_stripe_that_cannot_be_reached_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.onboarding.stripe_account._RETRIES", 0)
    waiting(office)
    with pytest.raises(AppError) as caught:
        subscriptions(office, StripeStandIn("http://127.0.0.1:9")).stuck(Work())
    assert (caught.value.code, caught.value.retryable) == (ErrorCode.UNREACHABLE, True)


def test_the_key_goes_as_it_is_whatever_netrc_says(
    office: Office, stripe: StripeStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    waiting(office)
    subscriptions(office, stripe).stuck(Work())
    assert set(stripe.authorized) == {f"Bearer {KEY}"}


def test_without_secrets_it_says_what_to_enter(office: Office) -> None:
    service = subscriptions(office)
    assert service.kept() == (True, False)
    with pytest.raises(AppError) as caught:
        service.stuck(Work())
    assert caught.value.code is ErrorCode.NOT_CONFIGURED
    service.keep_endpoint_secret("")
    with pytest.raises(AppError) as caught:
        service.read(*event(plain()))
    assert caught.value.code is ErrorCode.NOT_CONFIGURED
    with pytest.raises(AppError):
        service.keep_endpoint_secret("rk_live_0123456789")
