"""Codes in an enrolment: wrong ones, drifted clocks, expired sessions, lost answers, limits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from app.auth.enrolment import Authenticator, Drift, Start, Step
from app.auth.stages import AskPassword, Finished, Scan
from app.errors import AppError, ErrorCode
from tests.services.clinic import PASSWORD, Clinic, Phone, S, at, scan
from tests.services.faults import lost_answer, refusal


@contextlib.contextmanager
def refused(code: ErrorCode, words: str = "") -> Iterator[None]:
    with pytest.raises(AppError) as caught:
        yield
    assert (caught.value.code, caught.value.message) == (code, caught.value.message)
    assert words in caught.value.message


def test_a_drifted_clock_is_measured_and_no_attempt_is_spent(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    with refused(ErrorCode.CODE_WRONG, "about 3 min 30 s behind (7 steps)"):
        enrolment.verify(scan(enrolment, -210).code())
    with refused(ErrorCode.CODE_WRONG, "about 90 s ahead (3 steps)"):
        enrolment.verify(scan(enrolment, 90).code())
    with refused(ErrorCode.CODE_WRONG, "no code of the new entry"):
        enrolment.verify(Phone(scan(enrolment).otp).code(60))
    assert clinic.cognito.calls("VerifySoftwareToken") == 0
    enrolment.verify(scan(enrolment, 30).code())
    at(enrolment, Finished)
    assert at(enrolment, Finished).drift == Drift(1)


def test_a_code_that_cognito_refuses_may_be_followed_by_another(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.cognito.faults.on("VerifySoftwareToken", refusal(400, "EnableSoftwareTokenMFAException"), times=1)
    enrolment = clinic.begin(user)
    phone = scan(enrolment)
    with refused(ErrorCode.CODE_WRONG):
        enrolment.verify(phone.code())
    enrolment.verify(phone.code(1))
    at(enrolment, Finished)


def test_too_many_codes_are_not_made_more_by_the_desk(clinic: Clinic) -> None:
    user = clinic.join()
    for operation in ("VerifySoftwareToken", "InitiateAuth"):
        clinic.cognito.faults.on(operation, refusal(400, "LimitExceededException"), times=9)
    with refused(ErrorCode.LIMIT_EXCEEDED):
        clinic.begin(user)
    assert clinic.cognito.calls("InitiateAuth") == 1
    clinic.cognito.faults.clear()
    clinic.cognito.faults.on("VerifySoftwareToken", refusal(400, "LimitExceededException"), times=9)
    enrolment = clinic.enrolments.begin(clinic.enrolments.plan(clinic.join("eve@example.org")), Start.OWN)
    enrolment.sign_in(PASSWORD)
    with refused(ErrorCode.LIMIT_EXCEEDED):
        enrolment.verify(scan(enrolment).code())
    assert clinic.cognito.calls("VerifySoftwareToken") == 1


SESSION_OVER = refusal(400, "NotAuthorizedException", "Invalid session for the user, session is expired.")


def test_an_expired_session_asks_for_the_password_again(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.require_mfa()
    enrolment = clinic.begin(user)
    before = scan(enrolment)
    clinic.cognito.faults.on("VerifySoftwareToken", SESSION_OVER, times=1)
    enrolment.verify(before.code())
    assert at(enrolment, AskPassword) == AskPassword(again=True)
    assert f"delete its entry (demo: {user.email})".replace("demo", before.otp.issuer) in enrolment.notice
    enrolment.sign_in(PASSWORD)
    assert "delete its entry" in enrolment.notice
    after = clinic.complete(enrolment)
    assert after.otp.secret != before.otp.secret
    assert clinic.signs_in_with(user, after)


def test_an_expired_session_with_a_random_password_makes_a_new_code_by_itself(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.require_mfa()
    enrolment = clinic.begin(user, Start.RANDOM)
    before = scan(enrolment)
    clinic.cognito.faults.on("VerifySoftwareToken", SESSION_OVER, times=1)
    enrolment.verify(before.code())
    at(enrolment, Scan)
    assert "delete its entry" in enrolment.notice
    assert scan(enrolment).otp.secret != before.otp.secret
    clinic.complete(enrolment)


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_a_lost_answer_to_the_code_is_found_out_about(clinic: Clinic, mode: str) -> None:
    user = clinic.join()
    clinic.require_mfa(mode)
    enrolment = clinic.begin(user)
    clinic.cognito.faults.on("VerifySoftwareToken", lost_answer(), times=1)
    phone = clinic.complete(enrolment)
    assert Step.PREFER in enrolment.done
    assert clinic.row().status is S.PENDING_SUBSCRIPTION
    assert clinic.signs_in_with(user, phone)
    assert not clinic.enrolments.situation(user).unfinished


def test_a_code_whose_answer_is_lost_before_it_arrived_may_be_followed_by_another(clinic: Clinic) -> None:
    from tests.services.faults import connection_reset

    user = clinic.join()
    clinic.require_mfa()
    enrolment = clinic.begin(user)
    clinic.cognito.faults.on("VerifySoftwareToken", connection_reset(), times=1)
    phone = scan(enrolment)
    with refused(ErrorCode.BAD_RESPONSE, "next one"):
        enrolment.verify(phone.code())
    at(enrolment, Scan)
    enrolment.verify(phone.code(1))
    at(enrolment, Finished)


def test_a_lost_answer_to_the_challenge_leaves_an_authenticator_that_is_asked_for(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.require_mfa()
    enrolment = clinic.begin(user)
    clinic.cognito.faults.on("RespondToAuthChallenge", lost_answer(), times=1)
    phone = clinic.complete(enrolment)
    assert clinic.signs_in_with(user, phone)


def test_a_preference_that_fails_is_tried_again(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    for operation in ("SetUserMFAPreference", "AdminSetUserMFAPreference"):
        clinic.cognito.faults.on(operation, refusal(400, "InternalErrorException"), times=1)
    phone = scan(enrolment)
    with refused(ErrorCode.SERVICE_ERROR):
        enrolment.verify(phone.code())
    assert clinic.enrolments.situation(user).authenticator is Authenticator.VERIFIED
    enrolment.complete()
    at(enrolment, Finished)
    assert clinic.signs_in_with(user, phone)
