"""Changes that are refused: by the role, because somebody was faster, or because the person is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.changes import Outcome
from app.directory.models import MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.onboarding.ladder import Edge
from app.people import People
from app.permissions import Action, Role
from tests.services.office import BOB, GOOD, Office, S, opened
from tests.services.pools import Pool, pool


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


Change = Callable[[People, User], object]
CHANGES: dict[str, Change] = {
    "delete": lambda people, user: people.delete(user),
    "disable": lambda people, user: people.disable(user),
    "enable": lambda people, user: people.enable(replace(user, enabled=False)),
    "reset": lambda people, user: people.reset_password(user),
    "password": lambda people, user: people.set_password(user, GOOD, permanent=False),
    "resend": lambda people, user: people.resend_invitation(replace(user, status=UserStatus.FORCE_CHANGE_PASSWORD)),
    "attributes": lambda people, user: people.update_attributes(user, {"name": "X"}),
    "mfa": lambda people, user: people.set_mfa_preference(user, MfaPreference(sms=False)),
    "create": lambda people, user: people.create("new@example.org", {"email": "new@example.org"}),
}
OF_A_PERSON = {name: change for name, change in CHANGES.items() if name != "create"}


@pytest.mark.parametrize(("name", "value"), [("phone_number", "+351910000001"), ("preferred_username", "boss")])
def test_support_gives_nobody_what_an_administrator_signs_in_with(office: Office, name: str, value: str) -> None:
    boss = office.join("boss@example.org")
    office.cognito.users.update_attributes(boss.username, {"custom:role": "admin", name: value})
    user = office.join()
    support = office.of(Role.SUPPORT)
    with pytest.raises(AppError, match="administrator's account"):
        support.update_attributes(user, {name: value})
    with pytest.raises(AppError, match="administrator's account"):
        support.create("other", {"email": "other@example.org", name: value})
    other = value.replace("1", "2").replace("boss", "bob")
    assert support.update_attributes(user, {name: other}).value.attributes[name] == other


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


SUPPORT_MAY_NOT: dict[str, Change] = {
    "make an admin": lambda people, user: people.update_attributes(user, {"custom:role": "admin"}),
    "move to another organisation": lambda people, user: people.update_attributes(user, {"custom:organizationId": "x"}),
    "create an admin": lambda people, user: people.create(
        "new@example.org", {"email": "new@example.org", "custom:role": "admin"}
    ),
    "set a permanent password": lambda people, user: people.set_password(user, GOOD, permanent=True),
    "delete": lambda people, user: people.delete(user),
    "disable": lambda people, user: people.disable(user),
}


@pytest.mark.parametrize("change", SUPPORT_MAY_NOT.values(), ids=list(SUPPORT_MAY_NOT))
def test_support_cannot_gain_or_give_rights(office: Office, change: Change) -> None:
    user = office.join()
    with pytest.raises(AppError) as caught:
        change(office.of(Role.SUPPORT), user)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.faults.calls == []
    assert office.journal.entries() == []


@pytest.mark.parametrize("change", OF_A_PERSON.values(), ids=list(OF_A_PERSON))
def test_support_cannot_take_over_an_administrators_account(office: Office, change: Change) -> None:
    user = office.join()
    admin = replace(user, attributes={**user.attributes, "custom:role": "admin"})
    with pytest.raises(AppError) as caught:
        change(office.of(Role.SUPPORT), admin)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.faults.calls == []


def test_support_may_give_a_temporary_password(office: Office) -> None:
    user = office.join()
    assert office.of(Role.SUPPORT).set_password(user, GOOD, permanent=False).value.status is not user.status


def _by_the_row(office: Office, user: User) -> None:
    office.set_row(user.email, role="Admin")


def _by_the_group(office: Office, user: User) -> None:
    office.groups.add(user.username, "admin")


@pytest.mark.parametrize("made", [_by_the_row, _by_the_group, None], ids=["row", "group", "attribute"])
def test_support_helps_no_administrator_along(office: Office, made: Callable[[Office, User], None] | None) -> None:
    user = office.join(onboarding=S.PENDING_APPROVAL)
    if made is not None:
        made(office, user)
    else:
        office.cognito.users.update_attributes(user.username, {"custom:role": "admin"})
    with pytest.raises(AppError, match="administrator's account") as caught:
        office.of(Role.SUPPORT).move(office.row(), Edge.APPROVE)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.row().status is S.PENDING_APPROVAL
    assert office.people.move(office.row(), Edge.APPROVE).value.status is S.PENDING_MFA


@pytest.mark.parametrize("edge", [Edge.DISABLE, Edge.SUSPEND])
def test_nobody_locks_themselves_out_by_the_row(office: Office, edge: Edge) -> None:
    office.join()
    with pytest.raises(AppError, match="your own account"):
        office.of(Role.ADMIN, BOB.upper()).move(office.row(), edge)
    assert office.row().status is S.ACTIVE


@pytest.mark.parametrize("known_by", ["row", "attribute"])
def test_support_gives_nobody_an_administrators_address(office: Office, known_by: str) -> None:
    boss = office.join("boss@example.org")
    if known_by == "row":
        office.set_row("boss@example.org", role="admin", subject=None)
    else:
        office.cognito.users.update_attributes(boss.username, {"custom:role": "admin"})
    user = office.join()
    support = office.of(Role.SUPPORT)
    before = office.cognito.calls("AdminUpdateUserAttributes") + office.cognito.calls("AdminCreateUser")
    with pytest.raises(AppError, match="administrator's account") as caught:
        support.update_attributes(user, {"email": "Boss@example.org", "email_verified": "true"})
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    with pytest.raises(AppError, match="administrator's account"):
        support.create("other", {"email": "boss@example.org"})
    assert office.cognito.calls("AdminUpdateUserAttributes") + office.cognito.calls("AdminCreateUser") == before
    assert support.update_attributes(user, {"email": "bobby@example.org"}).value.email == "bobby@example.org"
