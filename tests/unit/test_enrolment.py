"""What an enrolment leaves behind, read off any record of steps, and how a code is judged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import totp
from app.auth.enrolment import (
    Authenticator,
    Did,
    Ending,
    Password,
    Record,
    Situation,
    Step,
    after,
    judged,
    replayed,
)
from app.auth.sign_in import Challenge, Flow, Tokens, usable
from app.auth.stages import AskCode, AskFactor, AskNewPassword, Stuck, asked_by
from app.auth.totp import OtpAuth
from app.errors import AppError, ErrorCode

NOW = 1_800_000_010.0
OTP = OtpAuth("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "ada@example.org", "Harbour")
records = st.builds(Record, st.sampled_from([*Step, None]), st.sampled_from(Did), st.sampled_from([*Ending, None]))


@given(st.lists(records))
def test_whatever_was_left_can_be_undone_step_by_step(history: list[Record]) -> None:
    situation = replayed(history)
    for step in (*situation.to_undo, Step.CLOSE):
        situation = after(situation, Record(step, Did.DONE))
    assert situation == Situation()
    assert not situation.unfinished


@given(st.lists(records))
def test_whatever_can_be_finished_ends_with_nothing_left(history: list[Record]) -> None:
    situation = replayed(history)
    steps = situation.to_finish
    for step in steps:
        situation = after(situation, Record(step, Did.DONE))
    assert situation.to_finish == ()
    assert situation.password is Password.THEIRS
    if Step.PREFER in steps:
        assert situation.authenticator is Authenticator.ACTIVE


@given(st.lists(records))
def test_what_failed_changes_nothing(history: list[Record]) -> None:
    done = [record for record in history if record.did is not Did.FAILED]
    assert replayed(history) == replayed(done)


@given(st.lists(records))
def test_a_password_that_nobody_knows_is_never_forgotten(history: list[Record]) -> None:
    last_set = last_settled = -1
    for place, record in enumerate(history):
        if record.step is Step.SET_RANDOM and record.did is not Did.FAILED:
            last_set = place
        settles = record.step in (None, Step.HAND_OVER, Step.CHOOSE_PASSWORD) and record.did is Did.DONE
        if settles and record.step is Step.HAND_OVER and record.ending is Ending.TEMPORARY:
            last_set, settles = place, False  # nobody knows that one either, until it is read
        if settles or (record.step is Step.CLOSE and record.did is not Did.FAILED):
            last_settled = place
    situation = replayed(history)
    assert (situation.password is not Password.THEIRS) == (last_set > last_settled)
    if last_set > last_settled:
        assert situation.unfinished
        assert Step.HAND_OVER in situation.to_finish
        assert Step.HAND_OVER in situation.to_undo


def test_a_temporary_password_is_theirs_once_somebody_has_read_it() -> None:
    random, handed = Record(Step.SET_RANDOM, Did.DONE), Record(Step.HAND_OVER, Did.DONE, Ending.TEMPORARY)
    unread = replayed([random, handed])
    assert (unread.password, unread.unfinished) == (Password.UNREAD, True)
    assert not replayed([random, handed, Record(Step.CLOSE, Did.DONE)]).unfinished
    assert replayed([random, Record(Step.HAND_OVER, Did.DONE, Ending.EMAIL)]).password is Password.THEIRS
    assert replayed([random, handed, Record(None, Did.DONE)]).password is Password.THEIRS, "set anew by another way"


@pytest.mark.parametrize("steps", range(-45, 46))
def test_a_code_tells_the_drift_of_the_phones_clock(steps: int) -> None:
    code = totp.code(OTP, NOW + 30 * steps)
    if abs(steps) <= 1:
        assert judged(OTP, code, NOW).seconds == 30 * steps
        return
    with pytest.raises(AppError) as caught:
        judged(OTP, code, NOW)
    assert caught.value.code is ErrorCode.CODE_WRONG
    words = caught.value.fields["code"]
    if abs(steps) > 40:
        assert "no code of the new entry" in words
    else:
        assert f"({abs(steps)} steps)" in words
        assert ("behind" in words) == (steps < 0)


@pytest.mark.parametrize("text", ["", "12345", "1234567", "12a456", "１２３４５"])
def test_what_is_no_code_is_said(text: str) -> None:
    with pytest.raises(AppError) as caught:
        judged(OTP, text, NOW)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert "code" in caught.value.fields


def test_which_flows_take_a_password() -> None:
    assert usable(None) == (Flow.ADMIN, Flow.USER)
    assert usable(("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")) == ()
    assert usable(("ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH")) == (Flow.ADMIN, Flow.USER)
    assert usable(("ADMIN_NO_SRP_AUTH",)) == (Flow.ADMIN,)
    assert usable(("ALLOW_USER_AUTH",)) == (Flow.CHOICE,)


def challenge(name: str, **parameters: str) -> Challenge:
    return Challenge(name, "session", parameters)


def test_what_each_challenge_asks_of_the_person() -> None:
    assert asked_by(challenge("MFA_SETUP", MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]')) is None
    assert asked_by(challenge("MFA_SETUP", MFAS_CAN_SETUP="[SOFTWARE_TOKEN_MFA, SMS_MFA]")) is None
    assert asked_by(challenge("MFA_SETUP")) is None
    assert isinstance(asked_by(challenge("MFA_SETUP", MFAS_CAN_SETUP='["SMS_MFA"]')), Stuck)
    assert asked_by(challenge("NEW_PASSWORD_REQUIRED", requiredAttributes="[]")) == AskNewPassword()
    lacking = asked_by(challenge("NEW_PASSWORD_REQUIRED", requiredAttributes='["userAttributes.given_name"]'))
    assert isinstance(lacking, Stuck)
    assert "given_name" in lacking.reason
    assert asked_by(challenge("SOFTWARE_TOKEN_MFA")) == AskCode("totp")
    assert asked_by(challenge("EMAIL_OTP", CODE_DELIVERY_DESTINATION="a***@e***")) == AskCode("email", "a***@e***")
    chosen = asked_by(challenge("SELECT_MFA_TYPE", MFAS_CAN_CHOOSE='["SMS_MFA","SOFTWARE_TOKEN_MFA"]'))
    assert chosen == AskFactor(("sms", "totp"))
    for name in ("CUSTOM_CHALLENGE", "DEVICE_SRP_AUTH", "PASSWORD_VERIFIER", "WEB_AUTHN", "SELECT_CHALLENGE", "NEW"):
        found = asked_by(challenge(name))
        assert isinstance(found, Stuck)
        assert found.reason


def test_sessions_and_tokens_hide_themselves() -> None:
    shown = repr((Tokens("secret-access", "secret-refresh"), Challenge("X", "secret-session", {"a": "secret-p"})))
    assert "secret" not in shown
