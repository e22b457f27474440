"""A person's sign-ins beyond the newest page: older ones join below, and nothing that was read goes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from app.capabilities import Capability, Feature, Hindrance
from app.directory.history import AuthEvent, AuthEventPage
from app.errors import AppError, ErrorCode
from tests.ui import words
from tests.ui.test_users_actions import Tab
from tests.ui.users_desk import NOW, FakeDesk, user
from ui.jobs import JobRunner
from ui.tabs.users.lookups import Lookup

FIRST = AuthEvent("0", "SignIn", NOW, "Pass", "NoRisk", "", False, (), "192.0.2.0", "", "", "", "")


def events(begin: int, end: int) -> tuple[AuthEvent, ...]:
    """Hourly sign-ins, the newest first; the address tells their number."""
    return tuple(
        replace(FIRST, id=str(number), at=NOW - timedelta(hours=number), ip=f"192.0.2.{number}")
        for number in range(begin, end)
    )


@pytest.fixture
def tab(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> Tab:
    made = Tab(qtbot, inline_runner, FakeDesk([user("mora"), user("nils")]))
    made.desk.security.history_now = AuthEventPage(events(0, 60), "page 2")
    made.desk.security.older = {
        "page 2": AuthEventPage(events(59, 120), "page 3"),
        "page 3": AuthEventPage(events(120, 130), None),
    }
    made.choose("mora")
    words.press(made.view.pane, "History")
    made.settle()
    return made


def numbers(tab: Tab) -> list[int]:
    """Of the sign-ins that are shown, as far down as the list goes."""
    seen = words.see(tab.view.pane).split("192.0.2.")[1:]
    return [int(part.split()[0]) for part in seen]


def older(tab: Tab) -> None:
    words.press(tab.view.pane, "Show older")
    tab.settle()


def test_older_sign_ins_join_below_until_the_end_is_said(tab: Tab) -> None:
    assert numbers(tab) == list(range(60))
    assert "The newest 60 are shown." in words.see(tab.view.pane)
    older(tab)
    assert numbers(tab) == list(range(120)), "an event on both pages is shown once"
    older(tab)
    assert numbers(tab) == list(range(130))
    assert "These are all that Cognito has kept." in words.see(tab.view.pane)
    assert not words.pressable(tab.view.pane, "Show older")


def test_the_place_in_the_list_is_kept(tab: Tab) -> None:
    bars = [area.verticalScrollBar() for area in tab.view.pane.findChildren(QScrollArea) if area.isVisible()]
    bar = max(bars, key=lambda each: each.maximum())
    bar.setValue(bar.maximum() - 40)
    place, longest = bar.value(), bar.maximum()
    older(tab)
    tab.qtbot.waitUntil(lambda: bar.maximum() > longest)
    assert bar.value() == place


def test_what_is_read_for_somebody_else_is_dropped(tab: Tab) -> None:
    lookups = tab.view.lookups
    tab.desk.security.history_now = AuthEventPage(events(0, 2), "page 2")
    lookups.read_older()  # of Mora; before its answer somebody else is chosen
    tab.choose("nils")
    assert numbers(tab) == [0, 1]
    assert words.pressable(tab.view.pane, "Show older")
    lookups.take_older("mora", "page 2", AuthEventPage(events(60, 90), None))
    assert numbers(tab) == [0, 1]


def test_a_failure_keeps_what_is_shown_and_can_be_tried_again(tab: Tab) -> None:
    tab.desk.fake.refuse["history"] = AppError(ErrorCode.THROTTLED, "Slow down.", retryable=True)
    older(tab)
    assert "Slow down." in words.see(tab.view.pane)
    assert numbers(tab) == list(range(60))
    tab.desk.fake.refuse.clear()
    older(tab)
    assert "Slow down." not in words.see(tab.view.pane)
    assert numbers(tab) == list(range(120))


def test_what_the_pool_offers_no_longer_is_said(tab: Tab) -> None:
    reason = "Sign-in history needs threat protection."
    tab.desk.security.older["page 2"] = Capability(Feature.HISTORY, Hindrance.TIER, reason)
    older(tab)
    assert reason in words.see(tab.view.pane)
    assert not words.pressable(tab.view.pane, "Show older")
    assert numbers(tab) == list(range(60))


def test_reading_the_newest_again_keeps_the_older(tab: Tab) -> None:
    older(tab)
    new = replace(FIRST, id="new", ip="192.0.2.200")
    tab.desk.security.history_now = AuthEventPage((new, *events(0, 59)), "another page 2")
    tab.view.lookups.again(Lookup.EVENTS)
    tab.settle()
    assert numbers(tab) == [200, *range(120)]
    older(tab)
    assert numbers(tab) == [200, *range(130)]


def test_a_gap_is_not_hidden(tab: Tab) -> None:
    older(tab)
    fresh = tuple(replace(each, id=f"later {each.id}") for each in events(0, 60))
    tab.desk.security.history_now = AuthEventPage(fresh, "page 2")
    tab.view.lookups.again(Lookup.EVENTS)
    tab.settle()
    assert numbers(tab) == list(range(60))
    assert words.pressable(tab.view.pane, "Show older")


def test_an_empty_page_is_not_the_end(tab: Tab) -> None:
    tab.desk.security.history_now = AuthEventPage((), "page 3")
    tab.choose("nils")
    assert "None among the newest; there may be older ones." in words.see(tab.view.pane)
    older(tab)
    assert numbers(tab) == list(range(120, 130))
