"""Whose clock counts in a sign-in: Cognito's for codes, one that nobody can set for how long a session lasts."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from app.auth import sign_in as module
from app.auth import totp
from app.auth.enrolment import Drift, judged
from app.auth.sign_in import Challenge, Flow, SignIn, Tokens
from app.auth.totp import OtpAuth
from app.elapsed import elapsed

NOON = 1_800_000_000.0
OTP = OtpAuth("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ada@example.org", "Harbour")


class Clocks:
    """The workstation's wall clock, the one that nobody sets, and Cognito's."""

    def __init__(self) -> None:
        self.wall = self.cognito = NOON
        self.since_start = 500.0

    def time(self) -> float:
        return self.wall

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.cognito += seconds
        self.since_start += seconds


class Cognito:
    """Answers a sign-in after two seconds."""

    def __init__(self, clocks: Clocks, **answer: Any) -> None:
        self._clocks = clocks
        self._answer = answer

    def admin_initiate_auth(self, **_: Any) -> dict[str, Any]:
        self._clocks.pass_by(2.0)
        date = format_datetime(datetime.fromtimestamp(self._clocks.cognito, UTC), usegmt=True)
        return {**self._answer, "ResponseMetadata": {"HTTPHeaders": {"date": date}}}


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(module, "time", made)
    monkeypatch.setattr(module, "elapsed", lambda: made.since_start)
    return made


def signing_in(clocks: Clocks, **answer: Any) -> tuple[SignIn, Tokens | Challenge]:
    client: Any = Cognito(clocks, **answer)
    made = SignIn(client, "pool", "client", "ada", (Flow.ADMIN,))
    return made, made.begin("password")


@pytest.mark.parametrize("jump", [-3600.0, 0.0, 3600.0, 86_400.0])
def test_a_code_is_judged_rightly_after_the_workstations_clock_has_jumped(clocks: Clocks, jump: float) -> None:
    running, _ = signing_in(clocks, ChallengeName="MFA_SETUP", Session="s")
    clocks.pass_by(40.0)
    clocks.wall += jump
    shown = totp.code(OTP, clocks.cognito)
    assert judged(OTP, shown, running.epoch + clocks.since_start) == Drift(0)


@pytest.mark.parametrize("ahead", [-600.0, 600.0])
def test_a_workstation_whose_clock_is_wrong_from_the_start_judges_by_cognitos(clocks: Clocks, ahead: float) -> None:
    clocks.wall += ahead
    running, _ = signing_in(clocks, ChallengeName="MFA_SETUP", Session="s")
    clocks.pass_by(100.0)
    assert running.epoch + clocks.since_start == pytest.approx(clocks.cognito, abs=2.0)


def test_a_session_never_lasts_longer_than_it_is_said_to(clocks: Clocks) -> None:
    _, challenge = signing_in(clocks, ChallengeName="MFA_SETUP", Session="s")
    assert isinstance(challenge, Challenge)
    assert challenge.asked == 500.0  # the moment before the request, not that of the answer
    running, tokens = signing_in(clocks, AuthenticationResult={"AccessToken": "a", "ExpiresIn": 300})
    assert isinstance(tokens, Tokens)
    assert tokens.until == 502.0 + 300.0
    assert running.epoch == pytest.approx(NOON - 500.0, abs=2.0)


def test_an_access_token_without_a_stated_end_has_none(clocks: Clocks) -> None:
    _, tokens = signing_in(clocks, AuthenticationResult={"AccessToken": "a"})
    assert isinstance(tokens, Tokens)
    assert tokens.until is None


def test_the_clock_of_countdowns_only_goes_on_whatever_the_wall_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    first = elapsed()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    second = elapsed()
    assert first <= second < first + 60.0
