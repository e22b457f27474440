"""Ways in of one person: what Cognito, the row and the journal say after each change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.capabilities import Capability, Hindrance
from app.changes import Outcome
from app.directory.models import AuthFactors, MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.permissions import Action, Role
from app.security import not_ended
from tests.services import faults
from tests.services.office import BOB, Office, S, opened
from tests.services.pools import Pool, pool

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PHONE: Any = {"phone_number": "+4930123456", "phone_number_verified": "true"}


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def with_authenticator(office: Office, **more: Any) -> User:
    """Bob, whose authenticator is enrolled on both sides."""
    user = office.join(totp=SECRET, **more)
    office.set_row(BOB, mfa_method="totp", mfa_enrolled_at="2026-01-06")
    return user


# Sign-up.


def test_a_confirmed_sign_up_lets_the_person_in_and_the_address_stays_unverified(office: Office) -> None:
    bob = office.join(status=UserStatus.UNCONFIRMED, onboarding=S.PENDING_VERIFICATION, email_verified="false")
    outcome = office.security(Role.SUPPORT).confirm(bob)
    assert outcome.value.status is office.seen(bob).status is UserStatus.CONFIRMED
    assert office.row().status is S.PENDING_VERIFICATION
    assert (outcome.mirror, outcome.undo) == ("none", None)
    assert (office.last().action, office.last().state) == (Action.CONFIRM_SIGN_UP, EntryState.SUCCEEDED)


def test_confirming_can_verify_the_address_too_and_then_the_database_moves_on(office: Office) -> None:
    bob = office.join(status=UserStatus.UNCONFIRMED, onboarding=S.PENDING_VERIFICATION, email_verified="false")
    outcome = office.security(Role.SUPPORT).confirm(bob, verify_email=True)
    now = office.seen(bob)
    assert (now.status, now.email_verified) == (UserStatus.CONFIRMED, True)
    assert outcome.value.status is UserStatus.CONFIRMED
    assert office.row().status is S.PENDING_APPROVAL
    assert [entry.action for entry in office.journal.entries()] == [Action.UPDATE_ATTRIBUTES, Action.CONFIRM_SIGN_UP]


def test_a_verified_address_is_mirrored_with_the_confirmation(office: Office) -> None:
    bob = office.join(status=UserStatus.UNCONFIRMED, onboarding=S.PENDING_VERIFICATION)
    assert office.security().confirm(bob).mirror == "done"
    assert office.row().status is S.PENDING_APPROVAL


def test_half_a_confirmation_says_which_half(office: Office) -> None:
    bob = office.join(status=UserStatus.UNCONFIRMED, onboarding=S.PENDING_VERIFICATION, email_verified="false")
    office.cognito.faults.on("AdminUpdateUserAttributes", faults.access_denied("cognito-idp:AdminUpdateUserAttributes"))
    outcome = office.security().confirm(bob, verify_email=True)
    assert outcome.value.status is UserStatus.CONFIRMED
    assert "confirmed, but the address could not be marked as verified" in outcome.note
    assert "cognito-idp:AdminUpdateUserAttributes" in outcome.note


def test_half_a_confirmation_without_an_answer_is_not_told_as_failed(office: Office) -> None:
    bob = office.join(status=UserStatus.UNCONFIRMED, onboarding=S.PENDING_VERIFICATION, email_verified="false")

    def lost(*_: object) -> None:
        raise AppError(ErrorCode.TIMEOUT, "No answer.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office.cognito.users, "update_attributes", lost)
        note = office.security().confirm(bob, verify_email=True).note
    assert "it is not known whether the address was marked as verified" in note
    assert office.last().state is EntryState.UNKNOWN


def test_who_did_not_sign_up_cannot_be_confirmed(office: Office) -> None:
    bob = office.join()
    with pytest.raises(AppError) as caught:
        office.security().confirm(bob)
    assert caught.value.code is ErrorCode.USER_STATE
    assert office.cognito.calls("AdminConfirmSignUp") == 0


def test_a_confirmation_whose_answer_was_lost_is_told_as_made(office: Office) -> None:
    bob = office.join(status=UserStatus.UNCONFIRMED, email_verified="false")
    office.cognito.faults.on("AdminConfirmSignUp", faults.lost_answer(), times=1)
    assert office.security().confirm(bob).value.status is UserStatus.CONFIRMED


# Signing out.


def test_signing_out_says_what_it_cannot_end(office: Office) -> None:
    bob = office.join()
    client = office.cognito.pools.client()
    outcome = office.security(Role.SUPPORT).sign_out(bob, client)
    assert outcome.value.remains == not_ended(client)
    assert "for up to 1 hour" in outcome.value.remains[0]
    assert "managed-login" in outcome.value.remains[1]
    assert office.cognito.calls("AdminUserGlobalSignOut") == 1
    assert office.last().action is Action.SIGN_OUT


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 minutes"), (60, "1 hour"), (90, "90 minutes"), (1440, "1 day"), (120, "2 hours")]
)
def test_the_life_of_a_token_is_put_into_words(office: Office, minutes: int, words: str) -> None:
    client = replace(office.cognito.pools.client(), access_validity=timedelta(minutes=minutes))
    assert f"for up to {words}." in not_ended(client)[0]
    assert "until they run out" in not_ended(None)[0]


# Second factors.


def test_a_lost_authenticator_goes_from_both_sides_even_where_mfa_is_required(office: Office) -> None:
    bob = with_authenticator(office)
    office.set_row(BOB, mfa_required=True)
    outcome = office.security(Role.SUPPORT).remove_authenticator(bob)
    assert outcome.value.deleted
    assert office.cognito.users.factors(bob.username).mfa == ()
    row = office.row()
    assert (row.mfa_method, row.mfa_enrolled_at, row.mfa_required, row.status) == (None, None, True, S.ACTIVE)
    assert office.last().action is Action.RESET_AUTHENTICATOR


def test_the_list_no_longer_shows_an_authenticator_that_is_gone(office: Office) -> None:
    bob = with_authenticator(office)
    assert office.people.join_database() is None
    office.people.details(bob.username)
    assert shown_factor(office, bob) == "totp"
    office.security().remove_authenticator(bob)
    assert shown_factor(office, bob) == "none"


def shown_factor(office: Office, user: User) -> str | None:
    row = office.index.get(user.username)
    assert row is not None
    return row.mfa


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.refusal(400, "OperationNotEnabledException", "Not enabled"), "does not offer"),
        (faults.access_denied("cognito-idp:AdminDeleteSoftwareToken"), "cognito-idp:AdminDeleteSoftwareToken"),
        (faults.refusal(400, "UnknownOperationException", ""), "does not offer"),
    ],
)
def test_an_authenticator_that_cannot_be_deleted_is_switched_off(
    office: Office, fault: faults.Fault, words: str
) -> None:
    bob = with_authenticator(office)
    office.cognito.faults.on("AdminDeleteSoftwareToken", fault)
    outcome = office.security().remove_authenticator(bob)
    assert not outcome.value.deleted
    assert words in outcome.value.why
    assert office.cognito.users.factors(bob.username).mfa == ()
    assert office.row().mfa_method is None


def test_a_removal_that_failed_is_a_failure(office: Office) -> None:
    bob = with_authenticator(office)
    office.cognito.faults.on("AdminDeleteSoftwareToken", faults.throttled())
    with pytest.raises(AppError) as caught:
        office.security().remove_authenticator(bob)
    assert caught.value.code is ErrorCode.THROTTLED
    assert office.row().mfa_method == "totp"


def test_factors_are_told_and_where_that_is_not_allowed_why_not(office: Office) -> None:
    bob = with_authenticator(office)
    office.cognito.users.set_mfa_preference(bob.username, MfaPreference(totp=True, preferred="totp"))
    found = office.security().factors(bob)
    assert isinstance(found, AuthFactors)
    assert (found.mfa, found.preferred) == (("totp",), "totp")
    office.cognito.faults.on("AdminGetUserAuthFactors", faults.access_denied("cognito-idp:AdminGetUserAuthFactors"))
    denied = office.security().factors(bob)
    assert isinstance(denied, Capability)
    assert (denied.hindrance, denied.subject) == (Hindrance.PERMISSION, "cognito-idp:AdminGetUserAuthFactors")


# Requiring MFA.


def test_mfa_is_required_and_the_factor_that_is_there_is_asked_for(office: Office) -> None:
    bob = with_authenticator(office)
    outcome = office.security().require_mfa(bob, required=True)
    assert (outcome.value.required, outcome.value.asked, outcome.mirror) == (True, True, "done")
    assert office.row().mfa_required is True
    assert office.cognito.users.factors(bob.username).preferred == "totp"
    assert outcome.undo is not None
    assert outcome.undo.words == "Lift the requirement again"
    lifted = outcome.undo.run()
    assert office.row().mfa_required is False
    assert lifted.undo is not None
    assert office.cognito.users.factors(bob.username).preferred == "totp"


def test_mfa_is_required_of_somebody_who_has_no_factor_yet(office: Office) -> None:
    bob = office.join()
    outcome = office.security().require_mfa(bob, required=True)
    assert (outcome.value.required, outcome.value.asked) == (True, False)
    assert "no authenticator app enrolled" in outcome.value.why
    assert office.row().mfa_required is True
    with pytest.raises(AppError) as caught:
        office.people.set_mfa_preference(bob, MfaPreference(totp=False))
    assert caught.value.code is ErrorCode.USER_STATE


def test_a_preference_of_the_person_is_left_alone(office: Office) -> None:
    bob = office.join(**PHONE)
    office.cognito.users.set_mfa_preference(bob.username, MfaPreference(sms=True, preferred="sms"))
    assert office.security().require_mfa(bob, required=True).value.asked
    assert office.cognito.users.factors(bob.username).preferred == "sms"
    assert office.cognito.calls("AdminSetUserMFAPreference") == 1


def test_requiring_twice_has_no_undo(office: Office) -> None:
    bob = office.join()
    office.security().require_mfa(bob, required=True)
    assert office.security().require_mfa(bob, required=True).undo is None


def test_without_a_row_nothing_can_be_required(office: Office) -> None:
    bob = office.join(onboarding=None)
    with pytest.raises(AppError) as caught:
        office.security().require_mfa(bob, required=True)
    assert (caught.value.code, BOB in caught.value.message) == (ErrorCode.USER_STATE, True)


def test_while_the_database_is_away_the_requirement_cannot_be_made(office: Office) -> None:
    bob = office.join()
    office.relay.away()
    with pytest.raises(AppError) as caught:
        office.security().require_mfa(bob, required=True)
    assert caught.value.code is ErrorCode.DATABASE_UNREACHABLE


# Permissions.


def test_a_viewer_changes_nothing_and_support_does_not_decide_about_mfa(office: Office) -> None:
    bob = with_authenticator(office)
    viewer, support = office.security(Role.VIEWER), office.security(Role.SUPPORT)
    calls: tuple[Any, ...] = (
        lambda: viewer.confirm(bob),
        lambda: viewer.sign_out(bob),
        lambda: viewer.remove_authenticator(bob),
        lambda: viewer.require_mfa(bob, required=False),
        lambda: support.require_mfa(bob, required=False),
    )
    office.cognito.faults.calls.clear()
    for call in calls:
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.faults.calls == []


def test_support_touches_no_administrator(office: Office) -> None:
    bob = with_authenticator(office, **{"custom:role": "admin"})
    support = office.security(Role.SUPPORT)
    for call in (lambda: support.sign_out(bob), lambda: support.remove_authenticator(bob)):
        call_: Any = call
        with pytest.raises(AppError) as caught:
            _: Outcome[Any] = call_()
        assert caught.value.code is ErrorCode.NOT_ALLOWED
