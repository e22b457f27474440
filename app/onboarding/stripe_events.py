"""Stripe's `customer.subscription.created`, pasted or from a file: checked by its signature, read as a value.

The webhook itself lives in the application's backend; this is for the event that it missed. The library is loaded at
the first use, never talks to anybody here, and no body or secret reaches a log or an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.errors import AppError, ErrorCode, invalid

KIND = "customer.subscription.created"
PAID = frozenset({"active", "trialing"})  # of Subscription.status: what entitles to the product
WEBHOOK_TOLERANCE = timedelta(minutes=5)  # Stripe's own, for events as they arrive
PASTED_TOLERANCE = timedelta(days=30)  # as long as Stripe's dashboard shows events
LARGEST = 262_144  # bytes; Stripe's events are far smaller
_CLOCKS = timedelta(minutes=5)
# Keys of metadata under which applications keep whose subscription it is.
_IDS = ("user_id", "userid", "client_reference_id", "clientreferenceid", "sub", "cognito_sub", "subject")
_EMAILS = ("email", "user_email", "customer_email")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as Stripe tells it. `ids` and `emails` say whose it is, as far as it says so itself."""

    id: str
    status: str
    customer: str
    ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    live: bool = True

    @property
    def paid(self) -> bool:
        """Whether it entitles to the product now."""
        return self.status in PAID


@dataclass(frozen=True, slots=True)
class Event:
    """A verified event. `signed` is when Stripe sent it, `created` when it happened; UTC."""

    id: str
    created: datetime
    signed: datetime
    subscription: Subscription = field(default_factory=lambda: Subscription("", "", ""))


def read_event(
    payload: bytes,
    header: str,
    secret: str,
    *,
    tolerance: timedelta = PASTED_TOLERANCE,
    now: datetime | None = None,
) -> Event:
    """The event in `payload`, byte for byte as it was sent, with the Stripe-Signature `header` that came with it.

    `secret` is the endpoint's (whsec_…). AppError(INVALID_INPUT) names the field: payload, signature, secret or
    tolerance.
    """
    if not secret.startswith("whsec_"):
        raise invalid("secret", "The endpoint's signing secret begins with whsec_: see Developers, Webhooks in Stripe.")
    if len(payload) > LARGEST:
        raise invalid("payload", "This is too large for an event of Stripe.")
    signed = _verified(payload, header.strip(), secret)
    now = now or datetime.now(UTC)
    if now - signed > tolerance:
        raise invalid(
            "tolerance",
            f"Stripe signed this event {_days(now - signed)} ago; events older than {_days(tolerance)} are not taken."
            " Raise the limit if you know where it comes from, or check the person's subscription with Stripe instead.",
        )
    if signed - now > _CLOCKS:
        raise invalid("signature", "The signature is from the future: check this computer's clock.")
    try:
        body = json.loads(payload)
        if not isinstance(body, dict) or body.get("object") != "event":
            raise invalid("payload", "This is no event of Stripe.")
        if body.get("type") != KIND:
            shown = str(body.get("type"))[:80]
            raise invalid("payload", f"This is the event {shown}; only {KIND} moves somebody on.")
        found = read_subscription(body["data"]["object"])
        created = datetime.fromtimestamp(int(body["created"]), UTC)
        return Event(str(body["id"]), created, signed, found)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        raise invalid("payload", "The event is signed rightly, and lacks what an event of Stripe holds.") from None


def read_subscription(record: Mapping[str, Any]) -> Subscription:
    """A subscription from its JSON object. KeyError, TypeError or ValueError where it is none."""
    if record["object"] != "subscription":
        raise ValueError(record["object"])
    customer = record["customer"]
    emails: list[str] = []
    ids: list[str] = []
    holders = [record.get("metadata") or {}]
    if isinstance(customer, Mapping):
        emails.append(str(customer.get("email") or ""))
        holders.append(customer.get("metadata") or {})
        customer = customer["id"]
    for metadata in holders:
        told = {str(key).lower().replace("-", "_"): str(value).strip() for key, value in metadata.items()}
        ids += [told[key] for key in _IDS if key in told]
        emails += [told[key] for key in _EMAILS if key in told]
    return Subscription(
        id=str(record["id"]),
        status=str(record["status"]),
        customer=str(customer),
        ids=tuple(dict.fromkeys(filter(None, ids))),
        emails=tuple(dict.fromkeys(filter(None, emails))),
        live=bool(record.get("livemode", True)),
    )


def quiet_stripe() -> Any:
    """The library, silent: no telemetry, and no log, which would hold the bodies."""
    import logging

    import stripe
    from stripe import _util

    logging.getLogger("stripe").disabled = True
    stripe.enable_telemetry = False
    stripe.log = None
    _util.STRIPE_LOG = None  # from the environment
    return stripe


def _verified(payload: bytes, header: str, secret: str) -> datetime:
    stripe = quiet_stripe()
    if not header:
        raise invalid("signature", "Paste the value of the header Stripe-Signature too: it begins with t=.")
    times = re.findall(r"(?:^|,)\s*t=(\d{1,12})(?=,|$)", header)
    if len(times) != 1 or len(header) > 4_096:
        raise invalid("signature", "This is no Stripe-Signature: it looks like t=1767225600,v1=5257a8…")
    try:
        # Its own tolerance reads this computer's clock; the age is checked with the caller's.
        stripe.WebhookSignature.verify_header(payload, header, secret, None)
        return datetime.fromtimestamp(int(times[0]), UTC)
    except UnicodeDecodeError:
        raise invalid("payload", "The event is not UTF-8 text: take it byte for byte as Stripe sent it.") from None
    except stripe.SignatureVerificationError:
        # Not chained: the library's error holds the payload.
        raise AppError(
            ErrorCode.INVALID_INPUT,
            "The signature does not fit. The event must be exactly as Stripe sent it, byte for byte (text copied from"
            " the dashboard is laid out anew), and the secret must be this endpoint's.",
            subject="event",
            fields={"signature": "The signature does not fit this event and this secret."},
        ) from None


def _days(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2 * 24 * 60 else f"{minutes // 1440} days"
