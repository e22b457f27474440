"""Who may be put into which group, what the journal says of it, and how it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.directory.groups import Group
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.memberships import gives_rights
from app.permissions import Action, Role
from tests.services import faults
from tests.services.office import BOB, Office, opened
from tests.services.pools import Pool, pool

ROLE_ARN = "arn:aws:iam::123456789012:role/teams/ops"
CREW = Group("crew")
ADMIN = Group("admin")
ADMIN_ROLE: Any = {"custom:role": "admin"}


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        made.groups.create("crew", precedence=5)
        yield made


def names(groups: tuple[Group, ...]) -> list[str]:
    return [group.name for group in groups]


def test_joining_is_written_down_and_can_be_undone_and_done_again(office: Office) -> None:
    bob, memberships = office.join(), office.memberships()
    joined = memberships.add(bob, CREW)
    assert names(joined.value) == ["crew"]
    entry = office.last()
    assert (entry.action, entry.subject, entry.state) == (Action.ADD_TO_GROUP, bob.username, EntryState.SUCCEEDED)
    assert (entry.details["group"], entry.details["person"]) == ("crew", BOB)
    assert joined.undo is not None
    assert joined.undo.words == "Remove from crew again"
    left = joined.undo.run()
    assert left.value == memberships.of(bob) == ()
    assert office.last().action is Action.REMOVE_FROM_GROUP
    assert left.undo is not None
    assert names(left.undo.run().value) == ["crew"]


def test_what_changed_nothing_has_no_undo(office: Office) -> None:
    bob, memberships = office.join(), office.memberships()
    assert memberships.remove(bob, CREW).undo is None
    memberships.add(bob, CREW)
    again = memberships.add(bob, CREW)
    assert again.undo is None
    assert names(again.value) == ["crew"]


def test_support_may_use_ordinary_groups(office: Office) -> None:
    bob, memberships = office.join(), office.memberships(Role.SUPPORT)
    assert memberships.why_not(CREW) is None
    assert names(memberships.add(bob, CREW).value) == ["crew"]
    assert memberships.remove(bob, CREW).value == ()


@pytest.mark.parametrize("role_of_group", ["name", "arn", "stale"])
def test_support_may_not_give_rights(office: Office, role_of_group: str) -> None:
    bob, memberships = office.join(), office.memberships(Role.SUPPORT)
    group = ADMIN
    if role_of_group != "name":
        group = office.groups.create("ops", role_arn=ROLE_ARN)
    if role_of_group == "stale":
        group = Group("ops")  # read before the group got its role
    else:
        assert gives_rights(group)
        assert memberships.why_not(group) is not None
    with pytest.raises(AppError) as caught:
        memberships.add(bob, group)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert "group that gives rights" in caught.value.message
    assert office.groups.of(bob.username) == ()


def test_support_cannot_take_an_admin_out_or_touch_one(office: Office) -> None:
    bob = office.join()
    office.memberships().add(bob, ADMIN)
    support = office.memberships(Role.SUPPORT)
    for call in (
        lambda: support.remove(bob, ADMIN),
        lambda: support.add(bob, CREW),
        lambda: office.of(Role.SUPPORT).set_password(bob, "Lantern-Quay-4821", permanent=False),
        lambda: office.of(Role.SUPPORT).update_attributes(bob, {"email": "mallory@example.org"}),
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert names(office.groups.of(bob.username)) == ["admin"]
    assert office.seen(bob).email == BOB


def test_where_groups_may_not_be_read_the_attributes_still_guard_an_admin(office: Office) -> None:
    bob = office.join(**ADMIN_ROLE)
    carl = office.join("carl@example.org")
    office.cognito.faults.on("AdminListGroupsForUser", faults.access_denied("cognito-idp:AdminListGroupsForUser"))
    people = office.of(Role.SUPPORT)
    with pytest.raises(AppError) as caught:
        people.set_password(bob, "Lantern-Quay-4821", permanent=False)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    people.set_password(carl, "Lantern-Quay-4821", permanent=False)


def test_an_admin_of_the_database_alone_is_guarded_too(office: Office) -> None:
    bob = office.join()
    office.set_row(BOB, role="Admin")
    with pytest.raises(AppError) as caught:
        office.of(Role.SUPPORT).set_password(bob, "Lantern-Quay-4821", permanent=False)
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    office.relay.away()
    office.of(Role.SUPPORT).set_password(bob, "Lantern-Quay-4821", permanent=False)
    office.relay.back()


def test_while_the_groups_cannot_be_asked_support_waits(office: Office) -> None:
    bob = office.join()
    office.cognito.faults.on("AdminListGroupsForUser", faults.server_error())
    with pytest.raises(AppError) as caught:
        office.of(Role.SUPPORT).set_password(bob, "Lantern-Quay-4821", permanent=False)
    assert caught.value.code is ErrorCode.SERVICE_ERROR
    assert office.cognito.calls("AdminSetUserPassword") == 0


def test_a_viewer_may_look_only(office: Office) -> None:
    bob, memberships = office.join(), office.memberships(Role.VIEWER)
    assert memberships.of(bob) == ()
    assert "admin" in names(memberships.all())
    for call in (
        lambda: memberships.add(bob, CREW),
        lambda: memberships.remove(bob, CREW),
        lambda: memberships.create(Group("more")),
        lambda: memberships.update(CREW),
        lambda: memberships.delete("crew"),
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.journal.entries() == []


def test_groups_are_made_changed_and_deleted_by_admins(office: Office) -> None:
    memberships = office.memberships()
    made = memberships.create(Group("ops", "Runs it", 3, ROLE_ARN))
    assert made.value.precedence == 3
    assert office.last().details == {"description": "Runs it", "precedence": "3", "role": ROLE_ARN}
    assert memberships.update(Group("ops", "Ran it", 4, ROLE_ARN)).value.description == "Ran it"
    role_left_out = memberships.update(Group("ops", "Ran it", 4))
    assert "kept the IAM role" in role_left_out.note
    memberships.delete("ops")
    assert [entry.action for entry in office.journal.entries()] == [
        Action.DELETE_GROUP,
        Action.UPDATE_GROUP,
        Action.UPDATE_GROUP,
        Action.CREATE_GROUP,
    ]
    with pytest.raises(AppError) as caught:
        office.memberships(Role.SUPPORT).create(Group("x"))
    assert caught.value.code is ErrorCode.NOT_ALLOWED


def test_a_bad_group_is_refused_before_the_journal(office: Office) -> None:
    with pytest.raises(AppError) as caught:
        office.memberships().create(Group("two words"))
    assert set(caught.value.fields) == {"name"}
    assert office.journal.entries() == []


def test_a_missing_group_is_told_and_written_down_as_failed(office: Office) -> None:
    bob = office.join()
    with pytest.raises(AppError) as caught:
        office.memberships().delete("nothing")
    assert caught.value.code is ErrorCode.GROUP_NOT_FOUND
    assert office.last().state is EntryState.FAILED
    with pytest.raises(AppError) as caught:
        office.memberships().add(bob, Group("nothing"))
    assert caught.value.code is ErrorCode.GROUP_NOT_FOUND


def test_what_was_done_is_reported_even_if_it_cannot_be_read_again(office: Office) -> None:
    bob = office.join()
    office.cognito.faults.on("AdminListGroupsForUser", faults.server_error())
    joined = office.memberships().add(bob, CREW)
    assert names(joined.value) == ["crew"]
    assert joined.undo is None
