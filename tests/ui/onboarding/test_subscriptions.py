"""Subscriptions in the tab on the real demo: a missed event, who has paid by Stripe, and the keys."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.onboarding.models import OnboardingStatus
from app.onboarding.stripe_events import Subscription
from app.permissions import Role
from tests.ui.onboarding.desk import Open, Watched, add, second_desk, status_of
from tests.ui.words import answer, dialog, press, pressable, reason, rows, see, type_into, wait_for, wait_to_see
from ui.tabs.onboarding.view import OnboardingView

S = OnboardingStatus
SIGNING = "whsec_of_this_test"


class Account:
    """What Stripe says: who has paid, by address."""

    live = True

    def __init__(self, paid: dict[str, str]) -> None:
        self.paid = paid
        self.error: AppError | None = None

    def subscription(self, id: str) -> Subscription:
        """As it stands."""
        found = next((email for email, known in self.paid.items() if known == id), None)
        if found is None:
            raise AppError(ErrorCode.USER_NOT_FOUND, "Stripe knows no such subscription.", subject=id)
        return Subscription(id, "active", "cus_1", emails=(found,))

    def subscriptions_of(self, email: str) -> list[Subscription]:
        """Of one address."""
        if self.error is not None:
            raise self.error
        return [Subscription(self.paid[email], "active", "cus_1", emails=(email,))] if email in self.paid else []


@pytest.fixture
def account(demo: Desk) -> Iterator[Account]:
    """Stands in for Stripe; there is a signing secret, and no key yet."""
    made = Account({})
    demo.subscriptions._make_account = lambda key: made
    demo.subscriptions.keep_endpoint_secret(SIGNING, session=True)
    yield made
    demo.subscriptions._make_account = None
    demo.subscriptions.keep_key("")
    demo.subscriptions.keep_endpoint_secret("")


def page(opened: Open, desk: Desk | None = None) -> OnboardingView:
    view = opened(desk)
    press(view, "Subscriptions")
    return view


def event(email: str, subscription: str, *, status: str = "active", secret: str = SIGNING) -> tuple[str, str]:
    """An event of Stripe and its signature."""
    record = {
        "object": "subscription", "id": subscription, "status": status, "livemode": True,
        "customer": "cus_1", "metadata": {"email": email},
    }  # fmt: skip
    body = json.dumps(
        {"object": "event", "id": f"evt_{subscription}", "created": int(time.time()),
         "type": "customer.subscription.created", "data": {"object": record}}, indent=2,
    )  # fmt: skip
    return body, sign(body.encode(), secret)


def sign(body: bytes, secret: str = SIGNING) -> str:
    at = int(time.time())
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def paste(view: OnboardingView, body: str, signature: str) -> None:
    view.subscriptions.payload.setPlainText(body)
    view.subscriptions.signature.setText(signature)
    press(view, "Check event")


def test_a_missed_event_is_checked_and_moves_its_person_on_once(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack, account: Account
) -> None:
    add(demo, cleanup, "has.paid@quay.example", S.PENDING_SUBSCRIPTION)
    view = page(opened)
    wait_to_see(view, "signing secret kept")
    body, signature = event("has.paid@quay.example", "sub_once")
    paste(view, body, signature)
    wait_to_see(view, "Moves to active. Only the database row changes.")
    wait_to_see(view, "not asked: the event alone counts")
    assert status_of(demo, "has.paid@quay.example") == "pending_subscription", "checking moves nobody"
    press(view, "Move on")
    watched.toast_of("The subscription of has.paid@quay.example was recorded")
    assert status_of(demo, "has.paid@quay.example") == "active"
    paste(view, body, signature)
    wait_to_see(view, "active already: nothing is to be done")
    assert "active already" in reason(view, "Move on")


@pytest.mark.parametrize(
    ("secret", "status", "said"),
    [
        ("whsec_another", "active", "signature"),
        (SIGNING, "incomplete", "only an active one, or a trial, moves somebody on"),
    ],
)
def test_a_foreign_or_unpaid_event_moves_nobody(
    opened: Open, demo: Desk, cleanup: ExitStack, account: Account, secret: str, status: str, said: str
) -> None:
    add(demo, cleanup, "not.yet@quay.example", S.PENDING_SUBSCRIPTION)
    view = page(opened)
    paste(view, *event("not.yet@quay.example", "sub_foreign", status=status, secret=secret))
    wait_to_see(view, said)
    assert not pressable(view, "Move on")
    assert status_of(demo, "not.yet@quay.example") == "pending_subscription"


def test_a_file_is_checked_byte_for_byte(
    opened: Open, demo: Desk, cleanup: ExitStack, account: Account, tmp_path: Path
) -> None:
    add(demo, cleanup, "by.file@quay.example", S.PENDING_SUBSCRIPTION)
    body, _ = event("by.file@quay.example", "sub_file")
    content = body.replace("\n", "\r\n").encode()  # a text field would turn these into others
    path = tmp_path / "event.json"
    path.write_bytes(content)
    view = page(opened)
    view.subscriptions._on_path(str(path))
    wait_for(lambda: "sub_file" in view.subscriptions.payload.toPlainText(), "the event", view)
    view.subscriptions.signature.setText(sign(content))
    press(view, "Check event")
    wait_to_see(view, "Moves to active.")
    view.subscriptions.payload.appendPlainText(" ")
    assert "Moves to active." not in see(view), "what was changed must be checked again"
    press(view, "Check event")
    wait_to_see(view, "signature")


def test_a_file_that_is_not_there_is_told(opened: Open, account: Account, tmp_path: Path) -> None:
    view = page(opened)
    view.subscriptions._on_path(str(tmp_path / "nothing.json"))
    wait_to_see(view, "nothing.json cannot be read")


def test_stripe_is_asked_and_who_has_paid_is_moved_on(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack, account: Account
) -> None:
    for name in ("paid.one", "paid.two", "unpaid"):
        add(demo, cleanup, f"{name}@quay.example", S.PENDING_SUBSCRIPTION)
    account.paid = {"paid.one@quay.example": "sub_one", "paid.two@quay.example": "sub_two"}
    view = page(opened)
    wait_to_see(view, "It takes a restricted key of the account.")
    press(view, "Enter key…")
    answer(view, "Restricted key for Stripe", type="sk_live_everything", press="Keep")
    wait_to_see(dialog("Restricted key for Stripe"), "This is a secret key, which may do anything")
    type_into(dialog("Restricted key for Stripe"), "Key", "rk_live_0123456789")
    press(dialog("Restricted key for Stripe"), "For this session only")
    answer(view, "Restricted key for Stripe", press="Keep")
    wait_to_see(view, "restricted key kept")
    wait_for(lambda: pressable(view, "Ask Stripe"), "the question", view)
    assert "It takes a restricted key" not in see(view)
    press(view, "Ask Stripe")
    wait_to_see(view, "2 have paid")
    listed = rows(view.subscriptions.table)
    assert [line[2] for line in listed[:3]] == ["paid", "paid", "not paid"]
    assert {line[3] for line in listed[:2]} == {"sub_one is active.", "sub_two is active."}
    press(view, "Move 2 people on…")
    asked = dialog("Move 2 people on?")
    assert "nobody is charged" in wait_to_see(asked, "nothing at Stripe")
    press(asked, "Move on (2)")
    wait_to_see(asked, "2 people: 2 moved on")
    press(asked, "Close")
    assert [status_of(demo, f"{name}@quay.example") for name in ("paid.one", "paid.two", "unpaid")] == [
        "active", "active", "pending_subscription",
    ]  # fmt: skip
    wait_for(lambda: "paid.one@quay.example" not in see(view), "a list without them", view)
    account.error = AppError(ErrorCode.UNREACHABLE, "Stripe cannot be reached.", retryable=True)
    press(view, "Ask again")
    wait_to_see(view, "Stripe cannot be reached.")
    assert "unpaid@quay.example" in see(view), "what was read stays"


def test_a_viewer_may_look_but_move_nobody(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack, account: Account
) -> None:
    add(demo, cleanup, "waits@quay.example", S.PENDING_SUBSCRIPTION)
    desk = second_desk(launcher, demo, cleanup, role=Role.VIEWER)
    view = page(opened, desk)
    paste(view, *event("waits@quay.example", "sub_viewer"))
    wait_to_see(view, "Moves to active.")
    assert "signed in as a viewer" in reason(view, "Move on")


def test_no_secret_stays_in_a_widget(opened: Open, demo: Desk, account: Account) -> None:
    view = page(opened)
    wait_to_see(view, "signing secret kept")
    press(view, "Signing secret…")
    assert "Leave it empty to forget" in see(dialog("Signing secret of the endpoint"))
    assert SIGNING not in see(dialog("Signing secret of the endpoint"))
    answer(view, "Signing secret of the endpoint", press="Keep")
    wait_to_see(view, "no signing secret")
    assert demo.subscriptions.kept()[0] is False
