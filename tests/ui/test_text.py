"""Words and numbers as people read them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.directory.models import UserStatus
from app.onboarding.models import OnboardingStatus
from ui import text
from ui.text import tr

NOON = datetime(2026, 10, 28, 12, 0, 5, tzinfo=UTC)


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A local time nine hours ahead of UTC, without daylight saving."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_dates_are_local_with_the_exact_utc_at_hand(tokyo: None) -> None:
    assert text.when(NOON) == "28 Oct 2026, 21:00"
    assert text.clock(NOON) == "21:00:05"
    assert text.exact(NOON) == "2026-10-28 12:00:05 UTC"
    assert text.day(NOON + timedelta(hours=4)) == "2026-10-29"


def test_what_has_no_date_is_a_dash() -> None:
    assert (text.when(None), text.day(None), text.clock(None), text.exact(None)) == ("–", "–", "–", "")
    assert (text.age(None), text.ago(None)) == ("–", "–")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=6), "6 h"),
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(days=9), "9 d"),
        (timedelta(days=89), "89 d"),
        (timedelta(days=90), "3 mo"),
        (timedelta(days=729), "24 mo"),
        (timedelta(days=730), "2 y"),
    ],
)
def test_ages(span: timedelta, words: str) -> None:
    assert text.age(span) == words


def test_ago_knows_the_future_too() -> None:
    assert text.ago(NOON, NOON + timedelta(seconds=4)) == "just now"
    assert text.ago(NOON, NOON + timedelta(minutes=12)) == "12 min ago"
    assert text.ago(NOON, NOON - timedelta(days=3)) == "in 3 d"


def test_counts() -> None:
    assert text.number(1234567) == "1,234,567"
    assert text.count(1, "person", "people") == "1 person"
    assert text.count(1200, "person", "people") == "1,200 people"
    assert text.count(0, "person", "people") == "0 people"
    assert (text.percent(137, 500), text.percent(0, 0)) == ("27 %", "–")
    assert (text.milliseconds(38.4), text.milliseconds(1440)) == ("38 ms", "1.4 s")


def test_tr_fills_places_and_leaves_braces_alone_otherwise() -> None:
    assert tr("{n} of {text}", n=3, text="7") == "3 of 7"
    assert tr("a {brace} stays") == "a {brace} stays"


def test_every_status_has_words() -> None:
    assert all(text.user_status(status) and text.user_status_meaning(status) for status in UserStatus)
    assert (
        text.onboarding_status("pending_mfa") == text.onboarding_status(OnboardingStatus.PENDING_MFA) == "Pending MFA"
    )
    assert text.onboarding_status("invented") == "invented"
    assert [text.mfa(method) for method in ("totp", "SMS", "none", None)] == ["TOTP", "SMS", "none", "unknown"]
