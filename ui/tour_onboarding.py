"""The tour's way through the pages of onboarding beside the list: how long one may wait, what differs, who has paid.

Nothing of the payment service is asked: the event that was missed is made here, and signed with a secret of this tour.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Generator

from PySide6.QtWidgets import QDialog, QPushButton, QTableView, QWidget

from ui.tour_driver import (
    Condition,
    Script,
    TourError,
    can_press,
    open_dialog,
    paste_into,
    press,
    shows,
    type_into,
)

_SIGNING = "whsec_of_the_tour"  # kept in memory, and gone with the tour


def pages(
    window: QWidget, show: Callable[[str], None], picture: Callable[[str], Script], quiet: Callable[[], Condition]
) -> Script:
    """The board, the ladder with who came and left, the database, and the limits of waiting. `show` opens a page."""
    while can_press(window, "Dismiss")():  # what was told on the way lies over the pages
        press(window, "Dismiss")
        yield quiet()
    for page, words in (
        ("board", "People by onboarding status, as a board"),
        ("flow", "The onboarding ladder"),
        ("database", "PostgreSQL"),
    ):
        show(page)
        yield shows(window, words)
        yield quiet()
        yield from picture(f"onboarding-{page}")
    press(window, "Limits…")
    dialog = yield from _dialog(window)
    yield from picture("onboarding-limits")
    press(dialog, "Cancel")


def several(
    window: QWidget, show: Callable[[str], None], picture: Callable[[str], Script], quiet: Callable[[], Condition]
) -> Script:
    """Everybody on the list is chosen, and rejecting them tried: some can be, some cannot, and nobody is rejected."""
    show("list")
    press(window, next(each.text() for each in window.findChildren(QPushButton) if each.text().endswith(" stuck")))
    yield shows(window, "Stuck people")
    yield quiet()
    table = next(
        each
        for each in window.findChildren(QTableView)
        if each.isVisible() and each.accessibleName() == "People of the chosen status"
    )
    table.selectAll()
    yield shows(window, "They stand in several states")
    yield quiet()
    press(window, next(each.text() for each in window.findChildren(QPushButton) if each.text().startswith("Reject ")))
    dialog = yield from _dialog(window)
    yield shows(dialog, "people will be left as they are:", "Reason (optional; the journal keeps it)")
    yield quiet()
    yield from picture("onboarding-several")
    press(dialog, "Cancel")
    table.clearSelection()
    yield quiet()


def drift(
    window: QWidget, show: Callable[[str], None], picture: Callable[[str], Script], quiet: Callable[[], Condition]
) -> Script:
    """Compare pool and database, look at one kind of difference, and try its fix without mending anybody."""
    show("drift")
    yield can_press(window, "Compare again")  # the overview has compared already
    press(window, "Compare again")
    yield shows(window, "One person may differ in several ways.", "Only in Cognito: 1")
    yield quiet()
    yield from picture("onboarding-drift")
    press(window, "Email verified: 2")
    yield can_press(window, "Let the row say what Cognito says…")
    yield quiet()
    yield from picture("onboarding-drift-kind")
    press(window, "Let the row say what Cognito says…")
    dialog = yield from _dialog(window)
    yield can_press(dialog, "Mend (2)")
    yield shows(dialog, "Only the database is changed.")
    yield from picture("onboarding-drift-dry-run")
    press(dialog, "Cancel")
    yield quiet()
    if not can_press(window, "Email verified: 2")():
        raise TourError("a dry run has mended somebody")


def subscription(
    window: QWidget,
    show: Callable[[str], None],
    picture: Callable[[str], Script],
    quiet: Callable[[], Condition],
    email: str,
) -> Script:
    """An event that nobody heard moves its person on, who has to wait for a subscription: `email`."""
    show("subscriptions")
    yield shows(window, "no signing secret", "Stripe was not asked yet")
    yield quiet()
    yield from picture("onboarding-subscriptions")
    press(window, "Signing secret…")
    dialog = yield from _dialog(window)
    type_into(dialog, "Secret", _SIGNING)
    press(dialog, "For this session only")
    yield from picture("onboarding-signing-secret")
    press(dialog, "Keep")
    yield shows(window, "signing secret kept")
    body, signature = _event(email)
    paste_into(window, "Event", body)
    type_into(window, "Stripe-Signature header", signature)
    press(window, "Check event")
    yield can_press(window, "Move on")
    yield quiet()
    yield from picture("onboarding-missed-event")
    press(window, "Move on")
    yield lambda: not can_press(window, "Move on")()
    yield quiet()


def _event(email: str) -> tuple[str, str]:
    """An event of the test mode as the payment service would have sent it, and its signature."""
    record = {
        "id": "sub_1TourHarbour",
        "object": "subscription",
        "customer": "cus_TourHarbour",
        "livemode": False,
        "metadata": {"email": email},
        "status": "active",
    }
    event = {
        "id": "evt_1TourHarbour",
        "object": "event",
        "created": int(time.time()),
        "type": "customer.subscription.created",
        "data": {"object": record},
    }
    body = json.dumps(event, indent=2)
    signed = hmac.new(_SIGNING.encode(), f"{event['created']}.{body}".encode(), hashlib.sha256).hexdigest()
    return body, f"t={event['created']},v1={signed}"


def _dialog(window: QWidget) -> Generator[Condition, None, QDialog]:
    yield lambda: open_dialog(window) is not None
    found = open_dialog(window)
    assert found is not None
    return found
