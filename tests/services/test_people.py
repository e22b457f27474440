"""Every change of a person, on a strict emulator and a real database: Cognito, row and journal agree after it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from app.changes import Changes, Outcome
from app.demo.outbox import MessageKind
from app.demo.people import DemoPerson
from app.directory.index import UserIndex
from app.directory.models import MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import Entry, EntryState, Journal
from app.onboarding.database import Database
from app.onboarding.ladder import Edge
from app.onboarding.mirror import apply
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.people import People
from app.permissions import Action, Operator, Role
from app.work import Cancelled, Work
from tests.services.faults import access_denied, connection_reset, cut_body, lost_answer, server_error
from tests.services.pools import Pool, pool
from tests.services.relay import Relay

BOB = "bob@example.org"
GOOD = "Lantern-Quay-4821"
S = OnboardingStatus


class Office:
    """A pool, a database that can go away, a journal, and People of any role on them."""

    def __init__(self, cognito: Pool, relay: Relay, journal: Journal) -> None:
        self.cognito = cognito
        self.relay = relay
        self.journal = journal
        self.database = Database(relay.conninfo)
        self.onboarding = OnboardingUsers(self.database)
        self.index = UserIndex()
        self.people = self.of(Role.ADMIN)

    def of(self, role: Role, name: str = "ann") -> People:
        """People as somebody of this role has them."""
        changes = Changes(self.journal, Operator(name, role), "main", partial(apply, self.database))
        return People(self.cognito.users, changes, self.index, self.onboarding)

    def join(
        self,
        email: str = BOB,
        status: UserStatus = UserStatus.CONFIRMED,
        *,
        onboarding: OnboardingStatus | None = S.ACTIVE,
        **more: str,
    ) -> User:
        """Put a person into the pool, the index and, unless `onboarding` is None, the database."""
        made = datetime(2026, 1, 5, tzinfo=UTC)
        sub = str(uuid.uuid4())
        attributes = {"email": email, "sub": sub, "name": "Bob Reed", "email_verified": "true", **more}
        user = User(sub, status, True, made, made, attributes)
        self.cognito.demo.fill([DemoPerson(user, None, None, (), None, "")])
        self.index.put(user)
        if onboarding is not None:
            with self.database.connection() as connection:
                connection.execute(
                    "INSERT INTO auth.users (email, subject, name, auth_provider, status, email_verified)"
                    " VALUES (%s, %s, %s, 'cognito', %s, %s)",
                    (email, sub, attributes["name"], onboarding.value, attributes["email_verified"] == "true"),
                )
            assert self.people.join_database() is None
        return user

    def seen(self, user: User) -> User:
        """The person as Cognito holds them."""
        return self.cognito.users.get(user.username)

    def row(self, email: str = BOB) -> DatabaseUser:
        found = self.onboarding.find(email)
        assert found is not None
        return found

    def last(self) -> Entry:
        return self.journal.entries()[0]


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    journal = Journal(tmp_path / "journal.sqlite")
    with Relay(auth_database) as relay:
        made = Office(cognito, relay, journal)
        cognito.faults.calls.clear()
        yield made
        made.database.close()
    journal.close()
    cognito.faults.clear()
    for page in [cognito.users.list_page()]:
        for user in page.users:
            cognito.users.delete(user.username)


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
    assert (entry.action, entry.subject, entry.state) == (Action.CREATE_USER, BOB, EntryState.SUCCEEDED)
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


Change = Callable[[People, User], object]
CHANGES: dict[str, Change] = {
    "delete": lambda people, user: people.delete(user),
    "disable": lambda people, user: people.disable(user),
    "enable": lambda people, user: people.enable(replace(user, enabled=False)),
    "reset": lambda people, user: people.reset_password(user),
    "password": lambda people, user: people.set_password(user, GOOD, permanent=True),
    "resend": lambda people, user: people.resend_invitation(replace(user, status=UserStatus.FORCE_CHANGE_PASSWORD)),
    "attributes": lambda people, user: people.update_attributes(user, {"name": "X"}),
    "mfa": lambda people, user: people.set_mfa_preference(user, MfaPreference(sms=False)),
    "create": lambda people, user: people.create("new@example.org", {"email": "new@example.org"}),
}
OF_A_PERSON = {name: change for name, change in CHANGES.items() if name != "create"}


@pytest.mark.parametrize("change", OF_A_PERSON.values(), ids=list(OF_A_PERSON))
def test_somebody_deleted_meanwhile_is_said_and_written_down(office: Office, change: Change) -> None:
    user = office.join()
    office.cognito.users.delete(user.username)
    with pytest.raises(AppError) as caught:
        change(office.people, user)
    assert caught.value.code is ErrorCode.USER_NOT_FOUND
    assert (office.last().state, office.last().error_code) == (EntryState.FAILED, ErrorCode.USER_NOT_FOUND)
    assert office.row().status is S.ACTIVE, "the row is not touched by a change that was not made"
    assert office.people.read_again(user) is None
    assert office.index.get(user.username) is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_viewer_is_refused_before_anything_is_called(office: Office, change: Change) -> None:
    user = office.join()
    with pytest.raises(AppError) as caught:
        change(office.of(Role.VIEWER), user)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.faults.calls == []
    assert office.journal.entries() == []


@pytest.mark.parametrize("name", ["delete", "disable"])
def test_support_may_neither_delete_nor_disable(office: Office, name: str) -> None:
    user = office.join()
    with pytest.raises(AppError) as caught:
        CHANGES[name](office.of(Role.SUPPORT), user)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.faults.calls == []


@pytest.mark.parametrize("name", ["reset", "password", "attributes", "create"])
def test_support_may_help(office: Office, name: str) -> None:
    user = office.join()
    assert isinstance(CHANGES[name](office.of(Role.SUPPORT), user), Outcome)


def test_moving_along_the_ladder_touches_the_database_only(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_APPROVAL)
    outcome = office.people.move(office.row(), Edge.APPROVE)
    assert outcome.value.status is office.row().status is S.PENDING_MFA
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.onboarding == "pending_mfa"
    assert office.cognito.faults.calls == []
    entry = office.last()
    assert (entry.action, entry.details["from"]) == (Action.APPROVE, "pending_approval")


def test_a_row_that_somebody_else_moved_is_a_conflict(office: Office) -> None:
    office.join(onboarding=S.PENDING_APPROVAL)
    stale = office.row()
    office.people.move(stale, Edge.APPROVE)
    with pytest.raises(AppError) as caught:
        office.people.move(stale, Edge.REJECT)
    assert caught.value.code is ErrorCode.CONFLICT
    assert office.row().status is S.PENDING_MFA
    assert office.last().state is EntryState.FAILED


def test_roles_count_on_the_ladder_too(office: Office) -> None:
    office.join(onboarding=S.PENDING_APPROVAL)
    row = office.row()
    for role, edge in ((Role.VIEWER, Edge.APPROVE), (Role.SUPPORT, Edge.REJECT)):
        with pytest.raises(AppError) as caught:
            office.of(role).move(row, edge)
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.of(Role.SUPPORT).move(row, Edge.APPROVE).value.status is S.PENDING_MFA


def test_with_the_database_away_cognito_goes_on_and_the_row_follows(office: Office) -> None:
    user = office.join()
    office.relay.away()
    off = office.people.disable(user)
    assert off.mirror == "pending"
    assert off.note
    assert office.seen(user).enabled is False
    assert office.last().state is EntryState.SUCCEEDED
    created = office.people.create("new@example.org", {"email": "new@example.org"})
    assert created.mirror == "pending"
    assert office.people.land_mirrors(Work(), at_once=True) == 2
    office.relay.back()
    assert office.people.land_mirrors(Work(), at_once=True) == 0
    assert office.row().status is S.DISABLED
    assert office.row("new@example.org").subject == created.value.sub
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.onboarding == "disabled"


def test_loading_without_the_database_says_why_and_shows_the_pool(office: Office) -> None:
    user = office.join()
    office.relay.away()
    report = office.people.load(Work())
    assert report.users == 1
    assert report.database is not None
    assert report.database.code is ErrorCode.DATABASE_UNREACHABLE
    assert office.index.get(user.username) is not None
    office.relay.back()
    assert office.people.join_database() is None
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.onboarding == "active"


def test_loading_forgets_who_is_gone_and_a_cancelled_load_forgets_nobody(office: Office) -> None:
    gone, stays = office.join(), office.join("eve@example.org")
    office.cognito.users.delete(gone.username)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        office.people.load(work)
    assert office.index.get(gone.username) is not None
    assert office.people.load(Work()).users == 1
    assert office.index.get(gone.username) is None
    assert office.index.get(stays.username) is not None


def test_reading_bills_nobody_except_the_details(office: Office) -> None:
    user = office.join()
    office.people.load(Work())
    office.people.read_again(user)
    office.people.row(user)
    assert set(office.cognito.faults.calls) == {"ListUsers"}
    office.people.details(user.username)
    assert "AdminGetUser" in office.cognito.faults.calls


def test_no_change_bills_a_second_look(office: Office) -> None:
    user = office.join()
    office.people.disable(user)
    assert "AdminGetUser" not in office.cognito.faults.calls


def test_a_change_whose_second_look_fails_is_still_made(office: Office) -> None:
    user = office.join()
    office.cognito.faults.on("ListUsers", access_denied("cognito-idp:ListUsers"))
    outcome = office.people.disable(user)
    assert outcome.value.enabled is False
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.enabled is False


def test_a_missing_permission_is_named_and_written_down(office: Office) -> None:
    user = office.join()
    office.cognito.faults.on("AdminDisableUser", access_denied("cognito-idp:AdminDisableUser"))
    with pytest.raises(AppError) as caught:
        office.people.disable(user)
    assert caught.value.code is ErrorCode.ACCESS_DENIED
    assert caught.value.subject == "cognito-idp:AdminDisableUser"
    assert (office.last().state, office.last().error_code) == (EntryState.FAILED, ErrorCode.ACCESS_DENIED)
    assert office.row().status is S.ACTIVE


def test_an_answer_that_was_lost_is_read_back(office: Office) -> None:
    user = office.join()
    office.cognito.faults.on("AdminDisableUser", lost_answer(), times=1)
    outcome = office.people.disable(user)
    assert outcome.mirror == "done"
    assert office.row().status is S.DISABLED
    assert office.last().state is EntryState.SUCCEEDED


@pytest.mark.parametrize("fault", [connection_reset, partial(cut_body, 1), server_error], ids=["reset", "cut", "500"])
def test_what_nobody_can_tell_is_journalled_as_unknown(office: Office, fault: Callable[[], object]) -> None:
    user = office.join()
    office.cognito.faults.on("AdminResetUserPassword", fault())  # type: ignore[arg-type]
    with pytest.raises(AppError):
        office.people.reset_password(user)
    assert office.last().state is EntryState.UNKNOWN


def test_a_pool_without_a_database_works(office: Office) -> None:
    user = office.join(onboarding=None)
    changes = Changes(office.journal, Operator("ann", Role.ADMIN), "main", None)
    alone = People(office.cognito.users, changes, office.index, None)
    assert alone.disable(user).mirror == "none"
    missing = alone.join_database()
    assert missing is not None
    assert missing.code is ErrorCode.DATABASE_MISSING
    with pytest.raises(AppError) as caught:
        alone.row(user)
    assert caught.value.code is ErrorCode.DATABASE_MISSING
    assert alone.set_mfa_preference(user, MfaPreference(totp=False)).mirror == "none"
