"""Assisted enrolment on a strict emulator and a real database: from "I lost my phone" to a code that signs in."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator

import pytest

from app.auth.enrolment import Authenticator, Ending, Password, Start
from app.auth.sign_in import Flow
from app.auth.stages import AskCode, AskEnding, AskNewPassword, AskPassword, Finished, Scan, Stuck
from app.directory.models import MfaPreference, UserStatus
from app.errors import AppError, ErrorCode
from app.permissions import Role
from app.secrets import client_secret_ref
from tests.services.clinic import BOB, OWN, PASSWORD, Clinic, S, at, scan
from tests.services.faults import access_denied, lost_answer, refusal


@contextlib.contextmanager
def refused(code: ErrorCode, words: str = "") -> Iterator[None]:
    with pytest.raises(AppError) as caught:
        yield
    assert (caught.value.code, caught.value.message) == (code, caught.value.message)
    assert words in caught.value.message


def done(clinic: Clinic) -> list[str]:
    assert {state for _, state in clinic.steps()} == {"succeeded"}
    return [step for step, _ in clinic.steps()]


def test_with_their_own_password_where_mfa_is_optional(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    assert enrolment.way == "InitiateAuth (USER_PASSWORD_AUTH)"
    phone = clinic.complete(enrolment)
    assert clinic.signs_in_with(user, phone)
    assert (clinic.row().status, clinic.row().mfa_method) == (S.PENDING_SUBSCRIPTION, "totp")
    fact = clinic.index.get(user.username)
    assert fact is not None
    assert fact.mfa == "totp"
    assert done(clinic) == ["begin", "sign_in", "associate", "verify", "prefer", "sign_out", "close"]
    assert not clinic.enrolments.situation(user).unfinished


def test_with_their_own_password_where_mfa_is_required(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.require_mfa()
    phone = clinic.complete(clinic.begin(user))
    assert clinic.signs_in_with(user, phone)
    assert done(clinic) == ["begin", "sign_in", "associate", "verify", "answer_setup", "prefer", "sign_out", "close"]
    assert clinic.row().status is S.PENDING_SUBSCRIPTION
    seen = clinic.cognito.users.get(user.username)
    assert (seen.factors, seen.preferred_factor) == (("totp",), "totp")


def test_an_address_that_would_turn_round_its_neighbours_is_enrolled_and_shown_as_such(clinic: Clinic) -> None:
    user = clinic.join("moc.knab\u202e@example.org")
    enrolment = clinic.begin(user)
    assert at(enrolment, Scan).otp.account == "moc.knab\ufffd@example.org"
    assert clinic.signs_in_with(user, clinic.complete(enrolment))


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_with_a_random_password_that_is_replaced_by_a_temporary_one(clinic: Clinic, mode: str) -> None:
    user = clinic.join()
    clinic.require_mfa(mode)
    enrolment = clinic.begin(user, Start.RANDOM)
    phone = scan(enrolment)
    enrolment.verify(phone.code())
    at(enrolment, AskEnding)
    assert at(enrolment, AskEnding).ways == {Ending.TEMPORARY: None, Ending.EMAIL: None}
    enrolment.hand_over(Ending.TEMPORARY)
    at(enrolment, Finished)
    given = at(enrolment, Finished).temporary_password
    assert given is not None
    assert given not in repr(enrolment.stage)
    assert clinic.cognito.users.get(user.username).status is UserStatus.FORCE_CHANGE_PASSWORD
    assert clinic.signs_in_with(user, phone, given)


def test_with_a_random_password_that_ends_in_an_email(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.complete(clinic.begin(user, Start.RANDOM), ending=Ending.EMAIL)
    message = clinic.cognito.demo.outbox.messages(BOB)[0]
    assert message.kind.value == "reset_code"
    assert clinic.cognito.users.get(user.username).status is UserStatus.RESET_REQUIRED


def test_an_email_is_not_offered_without_a_verified_address(clinic: Clinic) -> None:
    user = clinic.join(email_verified="false")
    enrolment = clinic.begin(user, Start.RANDOM)
    enrolment.verify(scan(enrolment).code())
    at(enrolment, AskEnding)
    assert "verified" in (at(enrolment, AskEnding).ways[Ending.EMAIL] or "")
    assert at(enrolment, AskEnding).ways[Ending.TEMPORARY] is None


def test_the_desks_own_session_is_ended_and_the_persons_others_are_not(clinic: Clinic) -> None:
    user = clinic.join()
    theirs = clinic.sign_in(user)["AuthenticationResult"]["AccessToken"]
    enrolment = clinic.begin(user)
    where = enrolment._where
    clinic.complete(enrolment)
    assert clinic.aws.get_user(AccessToken=theirs)["Username"] == user.username
    with pytest.raises(clinic.aws.exceptions.NotAuthorizedException, match="revoked"):
        clinic.aws.get_user(AccessToken=where.access)  # type: ignore[union-attr]


def test_where_one_session_cannot_be_ended_all_are_and_it_is_said(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.cognito.faults.on("RevokeToken", refusal(400, "UnsupportedOperationException"))
    enrolment = clinic.begin(user)
    clinic.complete(enrolment)
    assert "all their devices" in enrolment.notice
    assert clinic.cognito.calls("AdminUserGlobalSignOut") == 1


def test_the_admin_flow_is_used_where_the_client_allows_it(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.require_mfa()
    app = clinic.app_client("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    clinic.through(app)
    enrolment = clinic.begin(user)
    assert enrolment.way == "AdminInitiateAuth (ADMIN_USER_PASSWORD_AUTH)"
    phone = clinic.complete(enrolment)
    assert clinic.cognito.calls("AdminRespondToAuthChallenge") == 1
    assert clinic.signs_in_with(user, phone)


def test_without_the_permission_for_the_admin_flow_the_other_is_taken(clinic: Clinic) -> None:
    user = clinic.join()
    app = clinic.app_client("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH")
    clinic.through(app)
    clinic.cognito.faults.on("AdminInitiateAuth", access_denied("cognito-idp:AdminInitiateAuth"))
    enrolment = clinic.begin(user)
    assert enrolment.way == "InitiateAuth (USER_PASSWORD_AUTH)"


def test_a_client_that_takes_no_password_is_said_before_anything_is_changed(clinic: Clinic) -> None:
    user = clinic.join()
    app = clinic.app_client("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
    clinic.through(app)
    plan = clinic.enrolments.plan(user)
    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in (plan.obstacle or "")
    with refused(ErrorCode.USER_STATE, "ALLOW_ADMIN_USER_PASSWORD_AUTH"):
        clinic.enrolments.begin(plan, Start.RANDOM)
    assert clinic.steps() == []


@pytest.mark.parametrize("where", ["keyring", "aws"])
def test_a_client_secret_is_proved_from_the_keyring_or_as_aws_tells_it(clinic: Clinic, where: str) -> None:
    user = clinic.join()
    clinic.require_mfa()
    app = clinic.app_client("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", secret=True)
    clinic.through(app)
    if where == "keyring":
        described = clinic.aws.describe_user_pool_client(UserPoolId=clinic.connection.pool_id, ClientId=app)
        assert clinic.enrolments.keep_secret(described["UserPoolClient"]["ClientSecret"])
        clinic.cognito.faults.on("DescribeUserPoolClient", access_denied("cognito-idp:DescribeUserPoolClient"))
    plan = clinic.enrolments.plan(user)
    assert plan.flows == ((Flow.ADMIN, Flow.USER) if where == "keyring" else (Flow.USER,))
    phone = clinic.complete(clinic.begin(user))
    assert clinic.signs_in_with(user, phone)


def test_a_wrong_client_secret_names_itself(clinic: Clinic) -> None:
    user = clinic.join()
    app = clinic.app_client("ALLOW_USER_PASSWORD_AUTH", secret=True)
    clinic.through(app)
    clinic.secrets.set(client_secret_ref("main"), base64.b64encode(b"wrong").decode())
    with pytest.raises(AppError) as caught:
        clinic.begin(user)
    assert "client_secret" in caught.value.fields


def test_a_wrong_password_may_be_typed_again(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.enrolments.begin(clinic.enrolments.plan(user), Start.OWN)
    with refused(ErrorCode.WRONG_PASSWORD):
        enrolment.sign_in("not it at all")
    assert at(enrolment, AskPassword) == AskPassword()
    enrolment.sign_in(PASSWORD)
    at(enrolment, Scan)


def test_a_temporary_password_leads_through_a_new_one(clinic: Clinic) -> None:
    user = clinic.join(temporary=True)
    clinic.require_mfa()
    enrolment = clinic.begin(user)
    assert at(enrolment, AskNewPassword) == AskNewPassword()
    with refused(ErrorCode.PASSWORD_POLICY):
        enrolment.choose_password("short")
    enrolment.choose_password(OWN)
    phone = clinic.complete(enrolment)
    assert clinic.signs_in_with(user, phone, OWN)


def test_who_changes_phones_proves_the_old_one_first(clinic: Clinic) -> None:
    user = clinic.join()
    old = clinic.complete(clinic.begin(user))
    enrolment = clinic.begin(user)
    assert at(enrolment, AskCode) == AskCode("totp")
    with refused(ErrorCode.CODE_EXPIRED, "used already"):
        enrolment.answer_code(old.code())  # the code that enrolled it
    enrolment.answer_code(old.code(1))
    new = clinic.complete(enrolment)
    assert new.otp.secret != old.otp.secret
    assert clinic.signs_in_with(user, new)


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_a_lost_phone_is_removed_on_the_way(clinic: Clinic, mode: str) -> None:
    user = clinic.join()
    clinic.complete(clinic.begin(user))
    clinic.require_mfa(mode)
    enrolment = clinic.begin(user, Start.RANDOM)
    assert at(enrolment, AskCode) == AskCode("totp")
    enrolment.remove_lost()
    phone = scan(enrolment)
    enrolment.verify(phone.code())
    enrolment.hand_over(Ending.TEMPORARY)
    at(enrolment, Finished)
    assert clinic.signs_in_with(user, phone, at(enrolment, Finished).temporary_password or "")


def test_a_lost_phone_that_can_only_be_switched_off_is_explained_where_mfa_is_required(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.complete(clinic.begin(user))
    clinic.cognito.faults.on("AdminDeleteSoftwareToken", access_denied("cognito-idp:AdminDeleteSoftwareToken"))
    enrolment = clinic.begin(user, Start.RANDOM)
    enrolment.remove_lost()
    assert isinstance(enrolment.stage, Scan)  # where MFA is optional, switched off is enough
    assert clinic.row().mfa_method is None
    clinic.complete(enrolment)
    clinic.require_mfa()
    enrolment = clinic.begin(user, Start.RANDOM)
    enrolment.remove_lost()
    assert "AdminDeleteSoftwareToken" in at(enrolment, Stuck).reason


def test_a_code_by_text_message_leads_on_to_an_authenticator(clinic: Clinic) -> None:
    user = clinic.join(phone_number="+4930123456", phone_number_verified="true")
    clinic.cognito.users.set_mfa_preference(user.username, MfaPreference(sms=True, preferred="sms"))
    enrolment = clinic.begin(user)
    at(enrolment, AskCode)
    assert at(enrolment, AskCode).factor == "sms"
    assert at(enrolment, AskCode).destination
    message = clinic.cognito.demo.outbox.messages("+4930123456")[0]
    with refused(ErrorCode.CODE_WRONG):
        enrolment.answer_code("000000" if message.code != "000000" else "111111")
    enrolment.answer_code(message.code or "")
    assert clinic.signs_in_with(user, clinic.complete(enrolment))


def test_support_may_enrol_people_but_not_an_administrator(clinic: Clinic) -> None:
    user, boss = clinic.join(), clinic.join("boss@example.org", custom__role="admin")
    clinic.enrolments = clinic.of(Role.SUPPORT)
    clinic.complete(clinic.begin(user, Start.RANDOM))
    with refused(ErrorCode.NOT_ALLOWED, "administrator"):
        clinic.begin(boss, Start.RANDOM)
    clinic.aws.admin_add_user_to_group(UserPoolId=clinic.connection.pool_id, Username=user.username, GroupName="admin")
    with refused(ErrorCode.NOT_ALLOWED, "administrator"):
        clinic.begin(user, Start.RANDOM)
    clinic.enrolments = clinic.of(Role.VIEWER)
    with refused(ErrorCode.NOT_ALLOWED, "viewer"):
        clinic.begin(user, Start.RANDOM)


def test_one_person_is_enrolled_once_at_a_time(clinic: Clinic) -> None:
    user = clinic.join()
    plan = clinic.enrolments.plan(user)
    first = clinic.enrolments.begin(plan, Start.OWN)
    with refused(ErrorCode.CONFLICT):
        clinic.enrolments.begin(plan, Start.OWN)
    clinic.enrolments.end(first)
    clinic.enrolments.end(clinic.enrolments.begin(plan, Start.OWN))


def test_nothing_secret_is_written_down_or_represented(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="app")
    user = clinic.join()
    enrolment = clinic.begin(user, Start.RANDOM)
    random, tokens = enrolment._random, enrolment._where
    phone = scan(enrolment)
    shown = f"{enrolment.stage!r} {tokens!r} {enrolment!r}"
    code = phone.code()
    enrolment.verify(code)
    enrolment.hand_over(Ending.TEMPORARY)
    at(enrolment, Finished)
    temporary = at(enrolment, Finished).temporary_password
    written = shown + repr(clinic.entries()) + caplog.text
    for secret in (random, temporary, phone.otp.secret, code, tokens.access, tokens.refresh):  # type: ignore[union-attr]
        assert secret
        assert secret not in written
    clinic.enrolments.end(enrolment)
    kept = [enrolment._random, enrolment._where, enrolment._made, enrolment._setup]
    assert kept == [None] * 4


def test_closed_before_anything_happened_leaves_nothing_to_do(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.enrolments.end(clinic.enrolments.begin(clinic.enrolments.plan(user), Start.OWN))
    assert clinic.enrolments.unfinished() == ()


@pytest.mark.parametrize("mode", ["OPTIONAL", "ON"])
def test_closed_at_the_qr_code_or_a_question_with_their_own_password_leaves_nothing(clinic: Clinic, mode: str) -> None:
    user = clinic.join()
    clinic.require_mfa(mode)
    clinic.enrolments.end(clinic.begin(user))
    assert not clinic.enrolments.situation(user).begun
    clinic.complete(clinic.begin(user))
    asked = clinic.begin(user)
    at(asked, AskCode)
    clinic.enrolments.end(asked)
    assert clinic.enrolments.unfinished() == ()


def test_closed_while_the_answer_to_a_code_was_lost_stays_to_be_looked_after(clinic: Clinic) -> None:
    user = clinic.join()
    enrolment = clinic.begin(user)
    for operation in ("VerifySoftwareToken", "SetUserMFAPreference"):
        clinic.cognito.faults.on(operation, lost_answer(), times=1)
    with refused(ErrorCode.BAD_RESPONSE):
        enrolment.verify(scan(enrolment).code())
    clinic.enrolments.end(enrolment)
    (left,) = clinic.enrolments.unfinished()
    assert left.situation.authenticator is Authenticator.MAYBE_VERIFIED
    clinic.enrolments.finish(user)
    assert clinic.row().status is S.PENDING_SUBSCRIPTION


def test_where_there_is_no_authenticator_removing_it_is_no_failure(clinic: Clinic) -> None:
    user = clinic.join()
    none_there = refusal(400, "InvalidParameterException", "User has no software token.")
    clinic.cognito.faults.on("AdminDeleteSoftwareToken", none_there)
    running = clinic.enrolments.begin(clinic.enrolments.plan(user), Start.OWN, lost=True)
    running.sign_in(PASSWORD)
    phone = clinic.complete(running)
    assert clinic.signs_in_with(user, phone)


def test_left_at_the_qr_code_with_a_random_password_is_told_and_handed_over(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.enrolments.end(clinic.begin(user, Start.RANDOM))
    (left,) = clinic.enrolments.unfinished()
    assert (left.username, left.address, left.operator) == (user.username, BOB, "ann")
    assert left.situation.password is Password.RANDOM
    assert left.situation.authenticator is Authenticator.MADE
    assert left.situation.needs_phone
    given = clinic.enrolments.undo(user)
    assert given is not None
    assert clinic.sign_in(user, given)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    clinic.enrolments.close(user)
    assert clinic.enrolments.unfinished() == ()


def test_a_password_that_came_by_another_way_settles_the_random_one(clinic: Clinic) -> None:
    user = clinic.join()
    clinic.enrolments.end(clinic.begin(user, Start.RANDOM))
    clinic.people.set_password(user, OWN, permanent=False)
    assert clinic.enrolments.situation(user).password is Password.THEIRS
