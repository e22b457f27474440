"""A sign-in whose time runs out while its QR code is on show: by a challenge's session, and by an access token."""

from __future__ import annotations

import threading

import pytest

from app.auth.enrolment import Start, Step
from app.auth.stages import AskPassword, Expired, Scan
from app.directory.models import User
from app.directory.sessions import Sessions
from app.elapsed import elapsed
from app.errors import AppError, ErrorCode
from tests.services.clinic import PASSWORD, Clinic, at, scan
from tests.services.faults import access_denied, refusal

TOKEN_OVER = refusal(400, "NotAuthorizedException", "Access Token has expired")


def live(clinic: Clinic, user: User) -> int:
    """How many sessions of the person live."""
    return len(Sessions(clinic.cognito.client, clinic.connection.pool_id).of(user.username))


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_a_password_that_was_typed_is_asked_for_again_and_the_old_entry_named(clinic: Clinic, mode: str) -> None:
    user = clinic.join()
    clinic.require_mfa(mode)
    enrolment = clinic.begin(user)
    before = scan(enrolment)
    enrolment.expire()
    entry = f"{before.otp.issuer}: {user.email}"
    assert enrolment.stage == Expired(entry, typed=True)
    assert enrolment._made is None
    with pytest.raises(AppError) as caught:
        enrolment.verify(before.code())
    assert caught.value.code is ErrorCode.CHALLENGE_EXPIRED
    enrolment.renew()
    assert at(enrolment, AskPassword) == AskPassword(again=True)
    assert "password once more" in enrolment.notice
    assert f"delete its entry ({entry})" in enrolment.notice
    assert live(clinic, user) == 0
    enrolment.sign_in(PASSWORD)
    assert "new QR code" in enrolment.notice
    assert entry in enrolment.notice
    after = clinic.complete(enrolment)
    assert after.otp.secret != before.otp.secret
    assert live(clinic, user) == 0
    assert clinic.signs_in_with(user, after)


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_with_a_random_password_the_press_alone_makes_another(clinic: Clinic, mode: str) -> None:
    user = clinic.join()
    clinic.require_mfa(mode)
    enrolment = clinic.begin(user, Start.RANDOM)
    before = scan(enrolment)
    enrolment.expire()
    assert not at(enrolment, Expired).typed
    enrolment.renew()
    assert scan(enrolment).otp.secret != before.otp.secret
    assert "delete its entry" in enrolment.notice
    assert live(clinic, user) == (1 if mode == "OPTIONAL" else 0)  # the session before is ended, not left behind
    clinic.complete(enrolment)
    assert live(clinic, user) == 0


def test_the_countdown_of_an_access_token_is_what_the_app_client_says(clinic: Clinic) -> None:
    user = clinic.join()
    app = clinic.app_client("ALLOW_USER_PASSWORD_AUTH")
    clinic.aws.update_user_pool_client(
        UserPoolId=clinic.connection.pool_id,
        ClientId=app,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        AccessTokenValidity=5,
        TokenValidityUnits={"AccessToken": "minutes"},
    )
    clinic.through(app)
    before = elapsed()
    until = at(clinic.begin(user), Scan).until
    assert until is not None
    assert before + 300.0 <= until <= elapsed() + 300.0


@pytest.mark.parametrize("start", list(Start))
@pytest.mark.parametrize("operation", ["VerifySoftwareToken", "AssociateSoftwareToken"])
def test_an_access_token_that_cognito_calls_expired_leaves_no_session_behind(
    clinic: Clinic, start: Start, operation: str
) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user, start)
    clinic.cognito.faults.on(operation, TOKEN_OVER, times=1)
    if operation == "VerifySoftwareToken":
        enrolment.verify(scan(enrolment).code())
    else:
        enrolment.renew()
    if start is Start.OWN:
        at(enrolment, AskPassword)
        assert live(clinic, user) == 0
        enrolment.sign_in(PASSWORD)
    assert live(clinic, user) == 1
    assert Step.SIGN_OUT not in enrolment.done  # of the session that counts now
    clinic.complete(enrolment)
    assert live(clinic, user) == 0


def test_a_session_that_could_not_be_ended_before_the_next_is_told(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user, Start.RANDOM)
    enrolment.expire()
    clinic.cognito.faults.on("RevokeToken", refusal(400, "UnsupportedOperationException"), times=1)
    enrolment.renew()
    assert "all their devices" in enrolment.notice
    enrolment.expire()
    for operation in ("RevokeToken", "AdminUserGlobalSignOut"):
        clinic.cognito.faults.on(operation, access_denied(f"cognito-idp:{operation}"), times=1)
    enrolment.renew()
    assert "could not be ended" in enrolment.notice
    clinic.complete(enrolment)


def test_a_renewal_that_fails_can_be_pressed_again(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.require_mfa()
    enrolment = clinic.begin(user, Start.RANDOM)
    enrolment.expire()
    clinic.cognito.faults.on("InitiateAuth", refusal(400, "InternalErrorException"), times=1)
    with pytest.raises(AppError):
        enrolment.renew()
    at(enrolment, Expired)
    enrolment.renew()
    clinic.complete(enrolment)


def test_an_expired_enrolment_that_is_left_is_signed_out(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    enrolment.expire()
    clinic.enrolments.end(enrolment)
    assert live(clinic, user) == 0
    assert clinic.enrolments.unfinished() == ()


def test_the_clock_does_not_cut_into_a_call(clinic: Clinic) -> None:
    enrolment = clinic.begin(clinic.join())
    with enrolment.turn():
        other = threading.Thread(target=enrolment.expire)
        other.start()
        other.join()
    at(enrolment, Scan)
    enrolment.expire()
    at(enrolment, Expired)
    enrolment.expire()  # once more does nothing
    at(enrolment, Expired)
