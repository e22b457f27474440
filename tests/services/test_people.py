"""Every change of a person, on a strict emulator and a real database: Cognito, row and journal agree after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.demo.outbox import MessageKind
from app.directory.models import MfaPreference, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.permissions import Action, Role
from app.pool.models import PoolSnapshot
from tests.services.office import BOB, GOOD, Office, S, opened
from tests.services.pools import Pool, boto3_client, pool


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def test_creating_makes_the_account_the_row_the_invitation_and_the_entry(office: Office) -> None:
    outcome = office.people.create(BOB, {"email": BOB, "name": "Bob Reed"})
    user = outcome.value
    assert user.status is UserStatus.FORCE_CHANGE_PASSWORD
    assert outcome.mirror == "done"
    row = office.row()
    assert (row.subject, row.name, row.status) == (user.sub, "Bob Reed", S.PENDING_VERIFICATION)
    (invitation,) = office.cognito.demo.outbox.messages(BOB)[:1]
    assert invitation.kind is MessageKind.INVITATION
    assert office.index.get(user.username) is not None
    entry = office.last()
    assert (entry.action, entry.subject, entry.state) == (Action.CREATE_USER, user.username, EntryState.SUCCEEDED)
    assert entry.details["person"] == BOB
    assert entry.finished_at is not None
    assert invitation.code is not None
    assert invitation.code not in repr(entry)


def test_creating_a_verified_person_without_an_invitation(office: Office) -> None:
    before = len(office.cognito.demo.outbox.messages(BOB))
    outcome = office.people.create(
        BOB, {"email": BOB, "email_verified": "true"}, temporary_password=GOOD, send_invitation=False
    )
    assert outcome.mirror == "done"
    assert office.row().status is S.PENDING_APPROVAL
    assert len(office.cognito.demo.outbox.messages(BOB)) == before
    assert GOOD not in repr(office.journal.entries())


def test_somebody_who_exists_is_not_created_twice(office: Office) -> None:
    office.join()
    with pytest.raises(AppError) as caught:
        office.people.create(BOB, {"email": BOB})
    assert caught.value.code is ErrorCode.USER_EXISTS
    assert (office.last().state, office.last().error_code) == (EntryState.FAILED, ErrorCode.USER_EXISTS)


def test_an_invalid_email_never_leaves_the_house(office: Office) -> None:
    with pytest.raises(AppError) as caught:
        office.people.create("bob", {"email": "bob"})
    assert "email" in caught.value.fields
    assert office.cognito.faults.calls == []


def test_disabling_and_enabling_return_the_row_to_where_it_was(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_MFA)
    off = office.people.disable(user)
    assert (off.value.enabled, off.mirror) == (False, "done")
    assert office.seen(user).enabled is False
    assert (office.row().status, office.row().status_before_disable) == (S.DISABLED, S.PENDING_MFA)
    shown = office.index.get(user.username)
    assert shown is not None
    assert (shown.enabled, shown.onboarding) == (False, "disabled")
    on = office.people.enable(off.value)
    assert (on.value.enabled, on.mirror) == (True, "done")
    assert office.seen(user).enabled is True
    assert (office.row().status, office.row().status_before_disable) == (S.PENDING_MFA, None)
    assert [entry.action for entry in office.journal.entries()] == [Action.ENABLE_USER, Action.DISABLE_USER]
    assert {entry.state for entry in office.journal.entries()} == {EntryState.SUCCEEDED}


def test_what_is_so_already_is_refused_before_anything_is_called(office: Office) -> None:
    user = office.join()
    with pytest.raises(AppError, match="already enabled") as caught:
        office.people.enable(user)
    assert caught.value.code is ErrorCode.USER_STATE
    assert office.cognito.faults.calls == []
    assert office.journal.entries() == []


def test_nobody_disables_or_deletes_themselves(office: Office) -> None:
    user = office.join()
    own = office.of(Role.ADMIN, name=BOB.upper())
    for change in (own.disable, own.delete):
        with pytest.raises(AppError, match="your own account"):
            change(user)
    assert office.seen(user).enabled


def test_deleting_leaves_the_row_disabled_and_the_list_without_them(office: Office) -> None:
    user = office.join()
    outcome = office.people.delete(user)
    assert outcome.mirror == "done"
    with pytest.raises(AppError) as caught:
        office.seen(user)
    assert caught.value.code is ErrorCode.USER_NOT_FOUND
    assert office.row().status is S.DISABLED
    assert office.index.get(user.username) is None
    assert (office.last().action, office.last().details["person"]) == (Action.DELETE_USER, BOB)


def test_a_reset_sends_a_code(office: Office) -> None:
    user = office.join()
    outcome = office.people.reset_password(user)
    assert outcome.value.status is UserStatus.RESET_REQUIRED
    assert outcome.mirror == "none"
    assert office.cognito.demo.outbox.messages(BOB)[0].kind is MessageKind.RESET_CODE
    assert office.last().state is EntryState.SUCCEEDED


def test_a_reset_without_a_verified_contact_is_refused_with_the_way_out(office: Office) -> None:
    user = office.join(email_verified="false")
    with pytest.raises(AppError) as caught:
        office.people.reset_password(user)
    assert caught.value.code is ErrorCode.USER_STATE
    assert "no verified email address or phone number" in caught.value.message
    assert "temporary password" in caught.value.message
    assert office.cognito.faults.calls == []


def test_cognito_has_the_last_word_where_the_list_was_out_of_date(office: Office) -> None:
    user = office.join(email_verified="false")
    stale = replace(user, attributes={**user.attributes, "email_verified": "true"})
    with pytest.raises(AppError) as caught:
        office.people.reset_password(stale)
    assert caught.value.code is ErrorCode.USER_STATE
    assert (office.last().state, office.last().error_code) == (EntryState.FAILED, ErrorCode.USER_STATE)


def test_a_password_against_the_policy_is_an_error_at_its_field(office: Office) -> None:
    user = office.join()
    with pytest.raises(AppError) as caught:
        office.people.set_password(user, "short", permanent=True)
    assert caught.value.code is ErrorCode.PASSWORD_POLICY
    assert "password" in caught.value.fields
    assert office.last().state is EntryState.FAILED
    assert "short" not in repr(office.last())


def test_a_permanent_and_a_temporary_password(office: Office) -> None:
    user = office.join(status=UserStatus.FORCE_CHANGE_PASSWORD)
    confirmed = office.people.set_password(user, GOOD, permanent=True).value
    assert confirmed.status is office.seen(user).status is UserStatus.CONFIRMED
    waiting = office.people.set_password(confirmed, GOOD + "x", permanent=False).value
    assert waiting.status is office.seen(user).status is UserStatus.FORCE_CHANGE_PASSWORD
    assert office.last().details["permanent"] == "false"
    assert GOOD not in repr(office.journal.entries())


def test_a_federated_person_gets_no_password(office: Office) -> None:
    user = office.join(status=UserStatus.EXTERNAL_PROVIDER)
    with pytest.raises(AppError, match="another identity provider"):
        office.people.set_password(user, GOOD, permanent=True)


def test_a_new_invitation_reaches_the_outbox_and_starts_the_clock_again(office: Office) -> None:
    user = office.join(status=UserStatus.FORCE_CHANGE_PASSWORD)
    outcome = office.people.resend_invitation(user)
    message = office.cognito.demo.outbox.messages(BOB)[0]
    assert message.kind is MessageKind.INVITATION
    assert message.code is not None
    assert outcome.value.username == user.username
    assert outcome.value.modified > user.modified
    expiry = outcome.value.temporary_password_expiry(7)
    assert expiry is not None
    assert expiry > datetime.now(UTC) + timedelta(days=6)
    assert message.code not in repr(office.last())


def test_an_invitation_that_was_accepted_is_not_sent_again(office: Office) -> None:
    user = office.join()
    with pytest.raises(AppError, match="already accepted"):
        office.people.resend_invitation(user)


def test_a_new_name_and_address_reach_the_row(office: Office) -> None:
    user = office.join()
    new = "robert@example.org"
    outcome = office.people.update_attributes(user, {"email": new, "name": "Robert Reed"})
    assert outcome.mirror == "done"
    assert outcome.value.email == office.seen(user).email == new
    assert outcome.value.email_verified is office.seen(user).email_verified is False
    row = office.row(new)
    assert (row.name, row.email_verified, row.status) == ("Robert Reed", False, S.ACTIVE)
    assert office.last().details["attributes"] == "email, name"
    assert new not in office.last().details.values()


def test_verifying_the_address_moves_the_row_up_the_ladder(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_VERIFICATION, email_verified="false")
    outcome = office.people.update_attributes(user, {"email_verified": "true"})
    assert outcome.mirror == "done"
    assert (office.row().email_verified, office.row().status) == (True, S.PENDING_APPROVAL)
    shown = office.index.get(user.username)
    assert shown is not None
    assert (shown.email_verified, shown.onboarding) == (True, "pending_approval")


def test_an_attribute_that_the_database_does_not_keep_is_no_mirror(office: Office) -> None:
    user = office.join()
    assert office.people.update_attributes(user, {"locale": "de"}).mirror == "none"
    assert office.seen(user).attributes["locale"] == "de"


def test_mfa_stays_on_while_the_database_requires_it(office: Office) -> None:
    user = office.join()
    with office.database.connection() as connection:
        connection.execute("UPDATE auth.users SET mfa_required = TRUE, mfa_method = 'totp'")
    with pytest.raises(AppError, match="required for this person"):
        office.people.set_mfa_preference(user, MfaPreference(totp=False))
    assert office.cognito.faults.calls == []
    with office.database.connection() as connection:
        connection.execute("UPDATE auth.users SET mfa_required = FALSE")
    assert office.people.set_mfa_preference(user, MfaPreference(totp=False)).mirror == "done"
    assert office.row().mfa_method is None


def test_mfa_is_not_switched_off_while_nobody_can_ask_the_database(office: Office) -> None:
    user = office.join()
    office.relay.away()
    with pytest.raises(AppError) as caught:
        office.people.set_mfa_preference(user, MfaPreference(totp=False))
    assert caught.value.code is ErrorCode.DATABASE_UNREACHABLE
    assert office.cognito.faults.calls == []


def test_disabling_and_enabling_take_each_other_back(office: Office) -> None:
    user = office.join()
    disabled = office.people.disable(user)
    assert disabled.undo is not None
    assert disabled.undo.words == "Enable again"
    enabled = disabled.undo.run()
    assert office.seen(user).enabled
    assert office.row().status is S.ACTIVE
    assert enabled.undo is not None
    enabled.undo.run()
    assert not office.seen(user).enabled
    assert office.row().status is S.DISABLED


def test_support_is_offered_no_way_back_that_it_may_not_go(office: Office) -> None:
    user = office.people.disable(office.join()).value
    enabled = office.of(Role.SUPPORT).enable(user)
    assert enabled.undo is None


def test_changed_attributes_are_put_back_with_the_proof_of_the_address(office: Office) -> None:
    user = office.join()
    changed = office.people.update_attributes(user, {"email": "rob@example.org", "name": "", "nickname": "Rob"})
    assert office.row("rob@example.org").email_verified is False
    assert changed.undo is not None
    changed.undo.run()
    now = office.seen(user)
    assert (now.email, now.email_verified, now.name, now.attributes.get("nickname")) == (BOB, True, "Bob Reed", None)
    assert office.row().email_verified is True


def test_an_undo_does_not_run_over_what_somebody_else_did_meanwhile(office: Office) -> None:
    user = office.join()
    changed = office.people.update_attributes(user, {"name": "Rob Reed"})
    office.cognito.users.update_attributes(user.username, {"name": "Robert Reed"})
    assert changed.undo is not None
    with pytest.raises(AppError) as caught:
        changed.undo.run()
    assert caught.value.code is ErrorCode.CONFLICT
    assert office.seen(user).name == "Robert Reed"


def test_a_preference_is_put_back_as_it_was(office: Office) -> None:
    user = office.join(phone_number="+4930123456", phone_number_verified="true")
    office.people.set_mfa_preference(user, MfaPreference(sms=True, preferred="sms"))
    changed = office.people.set_mfa_preference(user, MfaPreference(sms=False))
    assert office.cognito.users.factors(user.username).mfa == ()
    assert changed.undo is not None
    undone = changed.undo.run()
    factors = office.cognito.users.factors(user.username)
    assert (factors.mfa, factors.preferred) == (("sms",), "sms")
    assert undone.undo is not None
    undone.undo.run()
    assert office.cognito.users.factors(user.username).mfa == ()


def test_a_password_for_somebody_of_another_provider_only_by_choice(office: Office) -> None:
    user = office.join(status=UserStatus.EXTERNAL_PROVIDER)
    with pytest.raises(AppError) as caught:
        office.people.set_password(user, GOOD, permanent=True)
    assert caught.value.code is ErrorCode.USER_STATE
    outcome = office.people.set_password(user, GOOD, permanent=True, allow_federated=True)
    assert outcome.value.status is UserStatus.CONFIRMED
    with pytest.raises(AppError) as caught:
        office.of(Role.VIEWER).set_password(user, GOOD, permanent=True, allow_federated=True)
    assert caught.value.code is ErrorCode.NOT_ALLOWED


@pytest.fixture
def careful(office: Office) -> Iterator[PoolSnapshot]:
    """The pool keeps an address until the new one is verified."""
    demo = office.cognito
    admin = boto3_client(demo)
    settings: Any = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    before = admin.describe_user_pool(UserPoolId=demo.demo.pool_id)["UserPool"]
    kept: Any = {name: before[name] for name in ("AutoVerifiedAttributes", "AccountRecoverySetting", "Policies")}
    admin.update_user_pool(UserPoolId=demo.demo.pool_id, UserAttributeUpdateSettings=settings, **kept)
    pool = demo.pools.describe()
    assert pool.kept_until_verified == ("email",)
    yield pool
    admin.update_user_pool(UserPoolId=demo.demo.pool_id, **kept)
    admin.close()


def test_a_contact_that_waits_for_its_proof_is_not_told_to_the_database(office: Office, careful: PoolSnapshot) -> None:
    user = office.join()
    changed = office.people.update_attributes(user, {"email": "rob@example.org", "name": "Rob Reed"}, careful)
    assert (changed.value.email, changed.value.email_verified, changed.value.name) == (BOB, True, "Rob Reed")
    row = office.row()
    assert (row.email, row.name, row.email_verified) == (BOB, "Rob Reed", True)
    proven = {"email": "rob@example.org", "email_verified": "true"}
    assert office.people.update_attributes(user, proven, careful).value.email == "rob@example.org"
    assert office.row("rob@example.org").email_verified


def test_an_address_that_is_put_back_waits_for_its_proof_as_well(office: Office, careful: PoolSnapshot) -> None:
    user = office.join(email_verified="false")
    proven = {"email": "rob@example.org", "email_verified": "true"}
    changed = office.people.update_attributes(user, proven, careful)
    assert office.row("rob@example.org").email_verified
    assert changed.undo is not None
    undone = changed.undo.run()
    assert undone.value.email == "rob@example.org", "Cognito keeps it until the old one is proven again"
    assert office.row("rob@example.org").email == "rob@example.org"


def test_factors_can_be_chosen_while_the_database_is_away(office: Office) -> None:
    user = office.join(
        totp="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", phone_number="+4930123456", phone_number_verified="true"
    )
    office.relay.away()
    assert office.people.set_mfa_preference(user, MfaPreference(sms=True)).mirror == "none"
    enabled = office.people.set_mfa_preference(user, MfaPreference(totp=True, preferred="totp"))
    assert enabled.mirror == "pending"
    assert office.cognito.users.factors(user.username).preferred == "totp"
    with pytest.raises(AppError) as caught:
        office.people.set_mfa_preference(user, MfaPreference(totp=False))
    assert caught.value.code is ErrorCode.DATABASE_UNREACHABLE
    office.relay.back()
