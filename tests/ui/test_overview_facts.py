"""What the Overview says in words: pool, client, sign-in provider, differences, and the bars that it paints."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from app.directory.differences import Kind
from app.drift.report import DriftReport, DriftView
from app.environment import from_environment
from app.onboarding.models import FunnelStage, OnboardingStatus
from app.pool.models import ClientSnapshot, PasswordPolicy, PoolSnapshot
from tests.ui.conftest import shown
from ui.tabs.overview.census import words
from ui.tabs.overview.facts import Fact, client_facts, duration, password_words, pool_facts, provider_fact
from ui.tabs.overview.people_cards import bars
from ui.theme import theme
from ui.widgets.badge import Tone
from ui.widgets.charts import Bar, BarRows

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
POOL = PoolSnapshot(
    id="eu-west-1_Pool", name="Pool", arn="arn", mfa="OPTIONAL", factors=("totp", "sms"),
    password_policy=PasswordPolicy(minimum_length=8), username_attributes=("email",), alias_attributes=(),
    auto_verified=("email",), recovery=("verified_email",), case_sensitive=False, admin_create_only=False,
    estimated_users=12345, tier="ESSENTIALS", deletion_protection=True, schema=(), created=None, modified=None,
    taken=NOW,
)  # fmt: skip
CLIENT = ClientSnapshot(
    id="client", name="web", flows=("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"), has_secret=False,
    access_validity=timedelta(hours=1), id_validity=timedelta(minutes=90), refresh_validity=timedelta(days=30),
    revocation=True, prevents_enumeration=True, callback_urls=(), providers=(),
)  # fmt: skip


def fact(facts: tuple[Fact, ...], name: str) -> Fact:
    return next(each for each in facts if each.name == name)


def warned(facts: tuple[Fact, ...]) -> list[str]:
    return [warn.text for each in facts for warn in each.warnings]


def test_a_pool_as_the_application_needs_it_gives_no_warning() -> None:
    assert warned(pool_facts(POOL)) == []
    assert fact(pool_facts(POOL), "Users").value == "about 12,345"
    assert fact(pool_facts(POOL), "MFA").value == "Optional · authenticator app, SMS"


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        (replace(POOL, mfa="OFF"), "MFA is off"),
        (replace(POOL, factors=("sms",)), "no authenticator app"),
        (replace(POOL, case_sensitive=True), "duplicates possible"),
        (replace(POOL, username_attributes=("phone_number",)), "not with email"),
    ],
)
def test_what_breaks_the_application_is_warned_of(changed: PoolSnapshot, warning: str) -> None:
    assert warned(pool_facts(changed)) == [warning]


def test_factors_that_may_not_be_read_are_not_said_to_be_none() -> None:
    known = fact(pool_facts(replace(POOL, factors=(), factors_known=False)), "MFA")
    assert "not readable" in known.value
    assert "cognito-idp:GetUserPoolMfaConfig" in known.hint
    assert known.warnings == ()


def test_email_as_an_alias_is_good_enough() -> None:
    found = fact(pool_facts(replace(POOL, username_attributes=(), alias_attributes=("email",))), "Sign-in")
    assert found.value == "user name or email"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("flows", "warnings"),
    [
        (("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"), []),
        (("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"), ["USER_PASSWORD_AUTH missing"]),
        (("ALLOW_USER_PASSWORD_AUTH",), ["REFRESH_TOKEN_AUTH missing"]),
        (("ALLOW_USER_SRP_AUTH",), ["USER_PASSWORD_AUTH missing", "REFRESH_TOKEN_AUTH missing"]),
    ],
)
def test_flows_that_the_application_needs_are_missed(flows: tuple[str, ...], warnings: list[str]) -> None:
    assert warned(client_facts(replace(CLIENT, flows=flows))) == warnings


def test_a_client_that_tells_who_exists_is_warned_of() -> None:
    assert warned(client_facts(replace(CLIENT, prevents_enumeration=False))) == ["not prevented"]
    assert fact(client_facts(CLIENT), "Tokens").value == "1 h access · 90 min ID · 30 d refresh"


def test_words_for_policies_and_spans() -> None:
    strict = PasswordPolicy(12, uppercase=True, lowercase=True, digits=True, symbols=True, history=3)
    assert password_words(strict) == "12+ characters, upper, lower, digit, symbol, none of the last 3"
    assert password_words(PasswordPolicy(6)) == "6+ characters"
    assert [duration(timedelta(seconds=s)) for s in (45, 300, 3600, 86400, 90000)] == [
        "45 s",
        "5 min",
        "1 h",
        "1 d",
        "25 h",
    ]


@pytest.mark.parametrize(
    ("environ", "value", "warnings"),
    [
        ({}, "local (AUTH_PROVIDER is not set)", []),
        ({"AUTH_PROVIDER": "agencio"}, "agencio (AUTH_PROVIDER)", []),
        ({"AUTH_PROVIDER": "cognito"}, "cognito (AUTH_PROVIDER)", ["falls back to local"]),
        (
            {"AUTH_PROVIDER": "cognito", "COGNITO_USER_POOL_ID": "eu-west-1_A", "COGNITO_CLIENT_ID": "abc"},
            "cognito (AUTH_PROVIDER)",
            [],
        ),
        ({"AUTH_PROVIDER": "okta"}, "okta (AUTH_PROVIDER)", ["not a provider"]),
    ],
)
def test_which_provider_signs_people_in(environ: dict[str, str], value: str, warnings: list[str]) -> None:
    found = provider_fact(from_environment(environ))
    assert found.value == value
    assert warned((found,)) == warnings


def test_differences_are_told_by_their_kinds() -> None:
    counts = dict.fromkeys(Kind, 0)
    report = DriftReport(NOW, 10, 9, 0, 0, counts, DriftView(pl.DataFrame()))
    assert words(report) == "Pool and database agree."
    found = replace(report, counts={**counts, Kind.ONLY_COGNITO: 1_200, Kind.ENABLED: 2})
    assert words(found) == "1,200: Only in Cognito\n2: Enabled against status"


def stage(status: OnboardingStatus, count: int, days: float | None) -> FunnelStage:
    return FunnelStage(status, count, None if days is None else timedelta(days=days))


def test_the_group_that_waits_longest_stands_out_from_a_week_on() -> None:
    approval, mfa = OnboardingStatus.PENDING_APPROVAL, OnboardingStatus.PENDING_MFA
    quick = bars((stage(approval, 3, 2), stage(mfa, 4, 6), stage(OnboardingStatus.ACTIVE, 9, 400)))
    assert [bar.tone for bar in quick] == [Tone.INFO, Tone.INFO, Tone.OK]
    slow = bars((stage(approval, 3, 2), stage(mfa, 4, 9), stage(OnboardingStatus.ACTIVE, 0, None)))
    assert [bar.tone for bar in slow] == [Tone.INFO, Tone.WARN, Tone.OK]
    assert slow[1].spoken == "Pending MFA: 4 people, median 9 d"
    assert slow[2].note == ""


def test_bars_are_painted_to_one_scale_and_can_be_pressed(qtbot: QtBot, dressed: QApplication) -> None:
    chart = BarRows("Fruit")
    chart.resize(500, 120)
    shown(qtbot, chart)
    chart.set_bars([Bar("a", "Apples", 100), Bar("b", "Pears", 50, "2 d"), Bar("c", "Plums", 0)])
    qtbot.waitUntil(
        lambda: len(chart.findChildren(QAbstractButton)) == 3 and chart.findChildren(QAbstractButton)[0].width() > 0
    )
    filled = [_inked(button) for button in chart.findChildren(QAbstractButton)]
    assert filled[0] > 200
    assert abs(filled[1] - filled[0] / 2) <= 2
    assert filled[2] == 0
    with qtbot.waitSignal(chart.chosen) as pressed:
        chart.findChildren(QAbstractButton)[1].click()
    assert pressed.args == ["b"]
    chart.set_bars([Bar("z", "Figs", 1)])
    assert [bar.key for bar in chart.bars] == ["z"]


def _inked(button: QAbstractButton) -> int:
    """How many pixels along the middle of the row have the colour of the bar."""
    picture = button.grab().toImage()
    ratio = picture.devicePixelRatio()
    ink = QColor(theme.color("accent")).rgb()
    middle = round(button.height() / 2 * ratio)
    return sum(picture.pixelColor(QPoint(x, middle)).rgb() == ink for x in range(picture.width()))
