"""Groups and their members, against the demo's strict emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo.cognito import GROUPS
from app.directory.groups import Group, Groups, kept
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Work
from tests.services import faults
from tests.services.pools import Pool, person, pool

ROLE = "arn:aws:iam::123456789012:role/teams/ops"


@pytest.fixture
def demo() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def groups(demo: Pool) -> Groups:
    return Groups(demo.client, demo.demo.pool_id)


@pytest.fixture
def ada(demo: Pool) -> str:
    demo.demo.fill([person("ada@example.com")])
    return "id-of-ada@example.com"


def test_a_group_keeps_what_it_was_made_with_and_what_was_changed(groups: Groups) -> None:
    made = groups.create("ops", description="Runs the harbour", precedence=7, role_arn=ROLE)
    assert (made.name, made.description, made.precedence, made.role_arn) == ("ops", "Runs the harbour", 7, ROLE)
    assert made.created is not None
    assert made.created.utcoffset() is not None
    assert groups.get("ops") == made
    changed = groups.update(Group("ops", "", 0, ROLE))
    assert (changed.description, changed.precedence) == ("", 0)
    groups.delete("ops")
    with pytest.raises(AppError) as caught:
        groups.get("ops")
    assert caught.value.code is ErrorCode.GROUP_NOT_FOUND


def test_what_cognito_cannot_take_away_is_said(groups: Groups) -> None:
    groups.create("ops", precedence=7, role_arn=ROLE)
    wanted = Group("ops", "New words")
    now = groups.update(wanted)
    assert (now.description, now.precedence, now.role_arn) == ("New words", 7, ROLE)
    assert "kept the precedence and the IAM role" in kept(wanted, now)
    assert kept(now, now) == kept(wanted, Group("ops")) == ""


def test_every_group_is_read_to_the_last_page_in_order(demo: Pool, groups: Groups) -> None:
    for number in range(130):
        groups.create(f"team-{number:03}", precedence=None if number % 2 else 500 - number)
    found = groups.all()
    assert demo.calls("ListGroups") == 3
    assert len({group.name for group in found}) == len(found) == 131 + len(GROUPS)
    precedences = [group.precedence if group.precedence is not None else 2**31 for group in found]
    assert precedences == sorted(precedences)


def test_a_cancelled_reading_stops(groups: Groups) -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        groups.all(work)
    with pytest.raises(Cancelled):
        list(groups.members("admin", work))


def test_a_person_joins_and_leaves_and_twice_is_no_error(groups: Groups, ada: str) -> None:
    groups.add(ada, "support")
    groups.add("ada@example.com", "support")
    assert [group.name for group in groups.of(ada)] == ["support"]
    assert [user.username for user in groups.members_page("support").users] == [ada]
    groups.remove(ada, "support")
    groups.remove(ada, "support")
    assert groups.of(ada) == ()


def test_members_come_page_by_page_to_the_last(demo: Pool, groups: Groups) -> None:
    demo.fill(125)
    for number in range(125):
        groups.add(f"id-of-person-{number:04}@example.com", "support")
    sizes = [len(page.users) for page in groups.members("support", Work())]
    assert sizes == [60, 60, 5]
    assert demo.calls("ListUsersInGroup") == 3


@pytest.mark.parametrize(
    ("group", "field"),
    [
        (Group(""), "name"),
        (Group("two words"), "name"),
        (Group("tab\there"), "name"),
        (Group("x" * 129), "name"),
        (Group("ops", "x" * 2049), "description"),
        (Group("ops", "", -1), "precedence"),
        (Group("ops", "", 2**31), "precedence"),
        (Group("ops", "", None, "ops-role"), "role_arn"),
        (Group("ops", "", None, "arn:aws:s3:::bucket/of/things"), "role_arn"),
    ],
)
def test_what_a_group_cannot_be_is_told_at_its_field_before_anything_is_sent(
    demo: Pool, groups: Groups, group: Group, field: str
) -> None:
    with pytest.raises(AppError) as caught:
        groups.create(group.name, description=group.description, precedence=group.precedence, role_arn=group.role_arn)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert set(caught.value.fields) == {field}
    assert demo.faults.calls == []


def test_every_wrong_field_is_named_at_once(groups: Groups) -> None:
    with pytest.raises(AppError) as caught:
        groups.create("two words", precedence=-1, role_arn="x")
    assert set(caught.value.fields) == {"name", "precedence", "role_arn"}


@pytest.mark.parametrize("name", ["Überflieger-東京", "a", "x" * 128, "€-team", "eu-central-1_Abc_Google"])
def test_names_that_cognito_takes_are_taken(groups: Groups, name: str) -> None:
    assert groups.create(name).name == name


def test_a_second_group_of_the_same_name_is_refused_at_its_field(groups: Groups) -> None:
    with pytest.raises(AppError) as caught:
        groups.create("admin")
    assert caught.value.code is ErrorCode.GROUP_EXISTS
    assert "name" in caught.value.fields


def test_missing_people_and_missing_groups_are_told_apart(groups: Groups, ada: str) -> None:
    for call, code in (
        (lambda: groups.add("nobody", "support"), ErrorCode.USER_NOT_FOUND),
        (lambda: groups.add(ada, "nothing"), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.remove("nobody", "support"), ErrorCode.USER_NOT_FOUND),
        (lambda: groups.of("nobody"), ErrorCode.USER_NOT_FOUND),
        (lambda: groups.delete("nothing"), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.update(Group("nothing")), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.members_page("nothing"), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.add("", "support"), ErrorCode.INVALID_INPUT),
        (lambda: groups.members_page("support", limit=61), ErrorCode.INVALID_INPUT),
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is code


def test_a_missing_pool_is_not_a_missing_group(demo: Pool) -> None:
    with pytest.raises(AppError) as caught:
        Groups(demo.client, "us-east-1_Nowhere").get("admin")
    assert caught.value.code is ErrorCode.POOL_NOT_FOUND


LOST = [faults.lost_answer(), faults.cut_body(5)]


@pytest.mark.parametrize("fault", LOST, ids=["reset", "cut"])
def test_changes_whose_answers_were_lost_are_reported_as_made(
    demo: Pool, groups: Groups, ada: str, fault: faults.Fault
) -> None:
    for operation in ("CreateGroup", "UpdateGroup", "AdminAddUserToGroup", "AdminRemoveUserFromGroup", "DeleteGroup"):
        demo.faults.on(operation, fault, times=1)
    assert groups.create("ops", precedence=3).precedence == 3
    assert groups.update(Group("ops", "Words")).precedence == 3
    groups.add(ada, "ops")
    assert [group.name for group in groups.of(ada)] == ["ops"]
    groups.remove(ada, "ops")
    groups.delete("ops")
    assert "ops" not in {group.name for group in groups.all()}
    for operation in ("CreateGroup", "UpdateGroup", "AdminAddUserToGroup", "AdminRemoveUserFromGroup", "DeleteGroup"):
        assert demo.calls(operation) == 1


def test_changes_that_never_arrived_are_reported_as_not_made(demo: Pool, groups: Groups, ada: str) -> None:
    for operation in ("CreateGroup", "AdminAddUserToGroup", "DeleteGroup"):
        demo.faults.on(operation, faults.connection_reset())
    for call in (lambda: groups.create("ops"), lambda: groups.add(ada, "support"), lambda: groups.delete("admin")):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.BAD_RESPONSE
        assert "has not been made so far" in caught.value.message


def test_a_page_that_was_cut_short_is_read_again_and_loses_nobody(demo: Pool, groups: Groups) -> None:
    demo.fill(70)
    for number in range(70):
        groups.add(f"id-of-person-{number:04}@example.com", "support")
    demo.faults.on("ListUsersInGroup", faults.cut_body(40), times=1)
    assert sum(len(page.users) for page in groups.members("support", Work())) == 70


def test_a_missing_permission_is_named(demo: Pool, groups: Groups) -> None:
    demo.faults.on("ListGroups", faults.access_denied("cognito-idp:ListGroups"))
    with pytest.raises(AppError) as caught:
        groups.all()
    assert (caught.value.code, caught.value.subject) == (ErrorCode.ACCESS_DENIED, "cognito-idp:ListGroups")
