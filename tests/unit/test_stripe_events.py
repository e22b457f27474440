"""Events of Stripe: which are believed, and what is said of the others."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError, ErrorCode
from app.onboarding.stripe_account import check_key
from app.onboarding.stripe_events import KIND, PASTED_TOLERANCE, WEBHOOK_TOLERANCE, Event, read_event

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_unit_0123456789"


def body(**changes: object) -> bytes:
    subscription = {
        "id": "sub_1", "object": "subscription", "status": "active", "customer": "cus_1", "livemode": True,
        "metadata": {"userId": " u-1 ", "Email": "bob@example.org"},
    }  # fmt: skip
    event = {
        "id": "evt_1",
        "object": "event",
        "type": KIND,
        "created": int(NOW.timestamp()),
        "data": {"object": subscription},
    }
    return json.dumps({**event, **changes}, indent=2).encode()


def sign(payload: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    stamp = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={stamp},v0=abc,v1={'0' * 64},v1={digest}"


def read(payload: bytes, header: str | None = None, secret: str = SECRET, **more: object) -> Event:
    return read_event(payload, sign(payload) if header is None else header, secret, now=NOW, **more)  # type: ignore[arg-type]


def refused(payload: bytes, header: str | None = None, secret: str = SECRET, **more: object) -> AppError:
    with pytest.raises(AppError) as caught:
        read(payload, header, secret, **more)
    error = caught.value
    assert error.code is ErrorCode.INVALID_INPUT
    assert secret not in error.message
    assert (
        "bob@example.org"
        not in f"{error.message}{error.__cause__}{error.__context__ if not error.__suppress_context__ else ''}"
    )
    return error


def test_a_signed_event_is_read() -> None:
    event = read(body())
    assert (event.id, event.created, event.signed) == ("evt_1", NOW, NOW)
    found = event.subscription
    assert (found.id, found.customer, found.ids, found.emails) == ("sub_1", "cus_1", ("u-1",), ("bob@example.org",))
    assert (found.paid, found.live) == (True, True)


def test_a_changed_event_and_another_secret_are_not_believed() -> None:
    payload = body()
    assert "signature" in refused(payload.replace(b"sub_1", b"sub_2"), sign(payload)).fields
    assert "signature" in refused(json.dumps(json.loads(payload)).encode(), sign(payload)).fields
    assert "signature" in refused(payload, sign(payload, secret="whsec_other")).fields


@pytest.mark.parametrize(
    "header", ["", "t=1", "v1=abc", "t=x,v1=abc", "t=1,t=2,v1=abc", "t=1,v1=" + "a" * 5000, "\x00", "t=1=2,v1=\ud800"]
)
def test_what_is_no_signature_is_refused(header: str) -> None:
    assert "signature" in refused(body(), header).fields


@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_signature(header: str) -> None:
    assert "signature" in refused(body(), header).fields


def test_an_old_event_is_taken_within_the_limit_alone_and_says_so() -> None:
    payload = body()
    header = sign(payload, NOW - timedelta(days=3))
    assert read(payload, header).id == "evt_1"
    assert PASTED_TOLERANCE > WEBHOOK_TOLERANCE
    error = refused(payload, header, tolerance=WEBHOOK_TOLERANCE)
    assert "tolerance" in error.fields
    assert "3 days ago; events older than 5 minutes" in error.message
    assert "tolerance" in refused(payload, sign(payload, NOW - timedelta(days=31))).fields
    assert "clock" in refused(payload, sign(payload, NOW + timedelta(hours=1))).message


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (b"[]", "no event"),
        (b"{}", "no event"),
        (b"nonsense", "lacks"),
        (body(type="customer.subscription.deleted"), "customer.subscription.deleted"),
        (body(data={"object": {"object": "invoice"}}), "lacks"),
        (body(data=None), "lacks"),
        (body(created="x"), "lacks"),
        (body(created=10**30), "lacks"),
        (b"\xff\xfe{}", "UTF-8"),
        (b" " * 300_000, "too large"),
    ],
)
def test_signed_nonsense_is_refused(payload: bytes, word: str) -> None:
    assert word in refused(payload).message


def test_the_secret_must_be_an_endpoints() -> None:
    assert "secret" in refused(body(), secret="sk_live_1234").fields


def test_an_expanded_customer_tells_the_address() -> None:
    customer = {"id": "cus_9", "email": "ann@example.org", "metadata": {"client_reference_id": "ann"}}
    subscription = {
        "id": "sub_1",
        "object": "subscription",
        "status": "incomplete",
        "customer": customer,
        "livemode": False,
    }
    found = read(body(data={"object": subscription})).subscription
    assert (found.customer, found.emails, found.ids) == ("cus_9", ("ann@example.org",), ("ann",))
    assert (found.paid, found.live) == (False, False)


def test_the_library_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    read(body())
    import stripe

    logging.getLogger("stripe").error("a body")
    assert caplog.records == []
    assert (stripe.enable_telemetry, stripe.log) == (False, None)


def test_only_restricted_keys_are_taken() -> None:
    assert check_key(" rk_live_0123456789 ") == "rk_live_0123456789"
    for key in ("sk_live_0123456789", "pk_live_0123456789", "", "rk_live_", "rk_live_é123456789"):
        with pytest.raises(AppError) as caught:
            check_key(key)
        assert "stripe_key" in caught.value.fields
        assert len(key) < 10 or key not in caught.value.message
