"""Every tab by the keyboard alone: each stop of the Tab key has a name, and the round comes back to its beginning."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.ui import words
from tests.ui.conftest import Windows
from ui.application import Application
from ui.widgets.reading_order import step, stops

PLACES = (
    ("overview", ""),
    ("users", ""),
    ("onboarding", "list"),
    ("onboarding", "board"),
    ("onboarding", "flow"),
    ("onboarding", "drift"),
    ("onboarding", "subscriptions"),
    ("onboarding", "database"),
    ("authenticator", ""),
    ("activity", ""),
    ("outbox", ""),
)


def settle(application: Application) -> None:
    words.wait_for(lambda: not application.runner.busy, "an end of the reading", application.window)
    words.turn(40)


def name(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def described(widget: QWidget) -> str:
    around = widget.parentWidget()
    return f"{type(widget).__name__} in {type(around).__name__} at {widget.geometry().getRect()}"


def round_trip(window: QWidget) -> list[QWidget]:
    """Press Tab until the keyboard is where it began; who had it."""
    step(window, forward=True)
    walked: list[QWidget] = []
    now: QWidget | None = window.focusWidget()
    while now is not None and now not in walked:
        walked.append(now)
        step(window, forward=True)
        now = window.focusWidget()
    assert walked
    assert now is walked[0], "the round comes back to its beginning"
    return walked


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700)])
def test_every_stop_has_a_name_and_can_be_reached(
    opened: Application, qapp: QApplication, size: tuple[int, int]
) -> None:
    window = opened.window
    windows = Windows(qapp)
    window.resize(*size)
    window.activateWindow()
    for tab, page in PLACES:
        window.show_tab(tab, {"page": page} if page else {})
        settle(opened)
        found = stops(window)
        assert [described(each) for each in found if not name(each)] == [], (tab, page)
        assert len(found) >= 5, (tab, page)
        walked = round_trip(window)
        assert (windows.seen, window.isActiveWindow()) == ([], True), "nothing flashes up or takes the keyboard away"
        # Of buttons of which one is always pressed, Qt makes that one the stop as soon as it has had the keyboard.
        assert set(walked) == set(stops(window)), (tab, page)
