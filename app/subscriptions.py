"""Subscriptions of one connection: an event that the backend missed, and people who wait although they have paid.

Secrets come from the keyring. Blocking; any thread; raises AppError only. Every move goes through Changes.perform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from app.bulk import Done
from app.errors import AppError, ErrorCode, invalid
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.stripe_events import PASTED_TOLERANCE, Event, Subscription, read_event
from app.onboarding.subscription import Account, Match, Stuck, activate_user_on_subscription, check_stuck, match
from app.permissions import Action
from app.secrets import SecretStore, stripe_endpoint_ref, stripe_key_ref
from app.upkeep import fact
from app.work import Work

if TYPE_CHECKING:
    from app.changes import Changes
    from app.connections import Connection
    from app.directory.index import UserIndex
    from app.journal import Journal
    from app.onboarding.users import OnboardingUsers

_USED = """SELECT 1 FROM entries WHERE connection = ? AND action = ? AND state = 'succeeded'
    AND json_extract(details, '$.subscription') = ? LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Reading:
    """A verified event, and whom it would move. `checked`: Stripe was asked whether the subscription still stands."""

    event: Event
    match: Match
    checked: bool


class Subscriptions:
    """For one operator on one connection. `account` makes the reader of Stripe from a key; tests put another there."""

    def __init__(
        self,
        connection: Connection,
        secrets: SecretStore,
        journal: Journal,
        changes: Changes,
        index: UserIndex,
        onboarding: OnboardingUsers | None,
        account: Callable[[str], Account] | None = None,
    ) -> None:
        self._connection = connection
        self._secrets = secrets
        self._journal = journal
        self._changes = changes
        self._index = index
        self._onboarding = onboarding
        self._make_account = account

    def keep_endpoint_secret(self, secret: str, *, session: bool = False) -> None:
        """Keep the endpoint's signing secret (whsec_…); empty forgets it. `session`: in memory only."""
        secret = secret.strip()
        if secret and not secret.startswith("whsec_"):
            raise invalid("stripe_endpoint_secret", "A signing secret begins with whsec_.")
        self._keep(stripe_endpoint_ref(self._connection.id), secret, session)

    def keep_key(self, key: str, *, session: bool = False) -> None:
        """Keep a restricted key (rk_…) that reads customers and subscriptions; empty forgets it."""
        from app.onboarding.stripe_account import check_key

        self._keep(stripe_key_ref(self._connection.id), check_key(key) if key.strip() else "", session)

    def kept(self) -> tuple[bool, bool]:
        """Whether there is a signing secret, and whether there is a key."""
        references = stripe_endpoint_ref(self._connection.id), stripe_key_ref(self._connection.id)
        signing, key = (self._secrets.get(reference) is not None for reference in references)
        return signing, key

    def read(self, payload: bytes, signature: str, *, tolerance: timedelta = PASTED_TOLERANCE) -> Reading:
        """Check an event and find its person; moves nobody. A pasted event is older than the webhook's five minutes.

        AppError(INVALID_INPUT) names the field, NOT_CONFIGURED where there is no signing secret.
        """
        rows = self._rows()
        secret = self._secrets.get(stripe_endpoint_ref(self._connection.id))
        if secret is None:
            message = "The signing secret of the webhook endpoint is not known. Enter it first: it begins with whsec_."
            raise AppError(ErrorCode.NOT_CONFIGURED, message, subject="stripe_endpoint_secret")
        event = read_event(payload, signature, secret, tolerance=tolerance)
        account = self._account_for(event.subscription)
        now = event.subscription if account is None else account.subscription(event.subscription.id)
        found = match(rows, now, production=self._production)
        if found.reason is None and self._used(now.id):
            reason = f"{now.id} has moved somebody on already. It is not used twice."
            found = Match(now, found.row, reason)
        return Reading(event, found, account is not None)

    def activate(self, reading: Reading) -> DatabaseUser:
        """Move the person of an event on, after looking once more. AppError(USER_STATE) says why nobody was moved."""
        subscription = reading.event.subscription
        self._refuse_used(subscription.id)
        return activate_user_on_subscription(
            reading.event,
            self._rows(),
            lambda row, edge: self._move(row, edge, subscription.id, reading.event.id),
            production=self._production,
            account=self._account_for(subscription),
        )

    def stuck(self, work: Work) -> list[Stuck]:
        """Ask Stripe about everybody in pending_subscription. AppError(NOT_CONFIGURED) where there is no key."""
        account = self._account()
        if account is None:
            message = "There is no key for Stripe. Enter a restricted key that reads Customers and Subscriptions."
            raise AppError(ErrorCode.NOT_CONFIGURED, message, subject="stripe_key")
        return check_stuck(work, self._rows(), account, production=self._production)

    def why_not(self) -> str | None:
        """Why the operator may move nobody on, in a sentence; None where it is allowed."""
        return self._changes.why_not(Action.ACTIVATE)

    def activate_paid(self, person: Stuck) -> Done:
        """Move somebody on who has paid. AppError(USER_STATE) where they have not, or it moved somebody already."""
        if person.paid is None:
            raise AppError(ErrorCode.USER_STATE, person.note, subject=person.row.email)
        self._refuse_used(person.paid.id)
        row = self._move(person.row, Edge.SUBSCRIBE, person.paid.id, "")
        return Done(f"The row is {row.status.value.replace('_', ' ')} now.")

    @property
    def _production(self) -> bool:
        return self._connection.environment == "production"

    def _rows(self) -> OnboardingUsers:
        if self._onboarding is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        return self._onboarding

    def _account(self) -> Account | None:
        key = self._secrets.get(stripe_key_ref(self._connection.id))
        if key is None:
            return None
        if self._make_account is not None:
            return self._make_account(key)
        from app.onboarding.stripe_account import StripeAccount

        return StripeAccount(key)

    def _account_for(self, subscription: Subscription) -> Account | None:
        account = self._account()
        return account if account is not None and account.live is subscription.live else None

    def _move(self, row: DatabaseUser, edge: Edge, subscription: str, event: str) -> DatabaseUser:
        onboarding = self._rows()
        outcome = self._changes.perform(
            Action.ACTIVATE,
            row.subject or row.email,
            lambda: onboarding.move(row, edge),
            details={
                "person": row.email,
                "from": row.status.value,
                "to": OnboardingStatus.ACTIVE.value,
                "subscription": subscription,
                "event": event,
            },
            sub=row.subject or "",
        )
        self._index.learn(fact(outcome.value))
        return outcome.value

    def _refuse_used(self, subscription: str) -> None:
        if self._used(subscription):
            message = f"{subscription} has moved somebody on already. It is not used twice."
            raise AppError(ErrorCode.USER_STATE, message, subject=subscription)

    def _used(self, subscription: str) -> bool:
        with self._journal.reading() as db:
            found = db.execute(_USED, (self._connection.id, Action.ACTIVATE.value, subscription)).fetchone()
        return found is not None

    def _keep(self, reference: str, secret: str, session: bool) -> None:
        if not secret:
            self._secrets.delete(reference)
        elif session:
            self._secrets.keep(reference, secret)
        else:
            self._secrets.set(reference, secret)
