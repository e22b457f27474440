"""From a subscription to the person who waits for it: pending_subscription -> active, and nothing else.

Replayed, reordered and foreign events change nothing: a person moves along the ladder's one edge, from that state only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.errors import AppError, ErrorCode
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.stripe_events import Event, Subscription
from app.work import Work

_S = OnboardingStatus


class Rows(Protocol):
    """What OnboardingReader answers."""

    def alike(self, email: str, sub: str = "") -> tuple[DatabaseUser, ...]:
        """Every row that could be a person's."""

    def get(self, id: str) -> DatabaseUser:
        """The row of that id, or AppError(USER_NOT_FOUND)."""

    def list(
        self, status: OnboardingStatus, *, limit: int = 200, after: DatabaseUser | None = None
    ) -> list[DatabaseUser]:
        """The people in one state."""


class Account(Protocol):
    """What StripeAccount answers."""

    live: bool

    def subscription(self, id: str) -> Subscription:
        """A subscription as it stands."""

    def subscriptions_of(self, email: str) -> list[Subscription]:
        """Every subscription of the customers with this address."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whose subscription it is, and why they are not moved on; `reason` is None where they can be."""

    subscription: Subscription
    row: DatabaseUser | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Stuck:
    """Somebody in pending_subscription, and what Stripe says of them. `paid` is None where they have not paid."""

    row: DatabaseUser
    paid: Subscription | None
    note: str


def match(rows: Rows, subscription: Subscription, *, production: bool) -> Match:
    """Find whose it is: by an id or subject in its metadata, else by the customer's address; never by guessing.

    AppError of the database.
    """
    if production and not subscription.live:
        return Match(subscription, None, "This is a subscription of Stripe's test mode: it moves nobody in production.")
    try:
        row = _whose(rows, subscription)
    except AppError as error:
        if error.code is not ErrorCode.USER_STATE:
            raise
        return Match(subscription, None, error.message)
    if not subscription.paid:
        words = subscription.status.replace("_", " ")
        return Match(
            subscription, row, f"The subscription is {words}: only an active one, or a trial, moves somebody on."
        )
    if row.status is _S.ACTIVE:
        return Match(subscription, row, f"{row.email} is active already: nothing is to be done.")
    return Match(subscription, row, ladder.why_not(Edge.SUBSCRIBE, row.status))


def activate_user_on_subscription(
    event: Event,
    rows: Rows,
    move: Callable[[DatabaseUser, Edge], DatabaseUser],
    *,
    production: bool,
    account: Account | None = None,
) -> DatabaseUser:
    """Move the person of a verified event on; with an `account` only if Stripe says that the subscription still stands.

    `move` makes the change (permission, journal, database). AppError(USER_STATE) says why nobody was moved.
    """
    subscription = event.subscription
    if account is not None and account.live is subscription.live:
        subscription = account.subscription(
            subscription.id
        )  # it may have ended since, or belong to somebody by address
    found = match(rows, subscription, production=production)
    if found.reason is not None or found.row is None:
        raise AppError(ErrorCode.USER_STATE, found.reason or "Nobody was found.", subject=subscription.id)
    return move(found.row, Edge.SUBSCRIBE)


def check_stuck(work: Work, rows: Rows, account: Account, *, production: bool, limit: int = 1_000) -> list[Stuck]:
    """Ask Stripe about everybody who waits for a subscription, longest first, two calls or more for each.

    AppError of Stripe or the database ends it.
    """
    found: list[Stuck] = []
    after: DatabaseUser | None = None
    while len(found) < limit:
        page = rows.list(_S.PENDING_SUBSCRIPTION, limit=min(200, limit - len(found)), after=after)
        for row in page:
            work.progress(len(found), None, row.email)
            found.append(_asked(rows, account, row, production))
        if len(page) < 200:
            break
        after = page[-1]
    return found


def _asked(rows: Rows, account: Account, row: DatabaseUser, production: bool) -> Stuck:
    if not row.email:
        return Stuck(row, None, "The row has no address to ask Stripe about.")
    theirs = account.subscriptions_of(row.email)
    if not theirs:
        return Stuck(row, None, "Stripe has no subscription for this address.")
    reasons = []
    for subscription in theirs:
        result = match(rows, subscription, production=production)
        if result.reason is None and result.row is not None and result.row.id == row.id:
            return Stuck(row, subscription, f"{subscription.id} is {subscription.status}.")
        reasons.append(result.reason or "The subscription belongs to somebody else.")
    return Stuck(row, None, reasons[0])


def _whose(rows: Rows, subscription: Subscription) -> DatabaseUser:
    """AppError(USER_STATE) says why nobody can be named."""
    named: dict[str, DatabaseUser] = {}
    for id in subscription.ids:
        for row in _by_id(rows, id):
            named[row.id] = row
    addressed = {row.id: row for email in subscription.emails for row in rows.alike(email)}
    if not named and subscription.ids:  # of another program or another database, whoever has the address here
        raise _nobody("Its metadata names somebody whom the database does not know.")
    if not named and not subscription.emails:
        raise _nobody(
            "It says nothing of whose it is: no id in its metadata, no address. With a key that may read customers,"
            " Stripe can be asked for the address."
        )
    candidates = named or addressed
    if not candidates:
        raise _nobody(f"The database has nobody with the address {', '.join(subscription.emails)}.")
    if len(candidates) > 1:
        several = ", ".join(sorted(f"{row.email} ({row.status.value})" for row in candidates.values()))
        raise _nobody(f"It could be several people's: {several}. Nobody is moved on a guess.")
    (row,) = candidates.values()
    if named and addressed and row.id not in addressed:
        others = ", ".join(sorted(other.email for other in addressed.values()))
        raise _nobody(
            f"Its metadata names {row.email}, and its customer's address is of {others}. Look which is right."
        )
    return row


def _by_id(rows: Rows, id: str) -> list[DatabaseUser]:
    found = [row for row in rows.alike("", id) if row.subject == id]
    try:
        found.append(rows.get(id))
    except AppError as error:
        if error.code is not ErrorCode.USER_NOT_FOUND:
            raise
    return found


def _nobody(message: str) -> AppError:
    return AppError(ErrorCode.USER_STATE, message, subject="subscription")
