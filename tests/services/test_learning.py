"""What is asked on demand: the groups of everybody, the second factors of many. On a strict emulator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.changes import Changes
from app.directory.groups import Group, Groups
from app.directory.models import MfaPreference, User
from app.directory.selection import Matching, Picked
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.learning import Learning, Way
from app.memberships import Memberships
from app.permissions import Action, Operator, Role
from app.work import Cancelled, Progress, Work
from tests.services.faults import access_denied, refusal, server_error, throttled
from tests.services.office import Office, opened
from tests.services.pools import Pool, pool


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        for group in groups(made).all():
            groups(made).delete(group.name)
        yield made


def groups(office: Office) -> Groups:
    return Groups(office.cognito.client, office.cognito.demo.pool_id)


def learning(office: Office, role: Role = Role.ADMIN) -> Learning:
    changes = Changes(office.journal, Operator("ann", role), "main", None)
    return Learning(office.cognito.users, groups(office), office.index, changes)


def people(office: Office, *names: str) -> list[User]:
    return [office.join(f"{name}@x.example") for name in names]


def in_groups(office: Office) -> dict[str, tuple[str, ...] | None]:
    return {row.email[0]: row.groups for row in office.index.view().rows(0, 99)}


def test_groups_are_read_group_by_group_and_searched(office: Office) -> None:
    ann, bob, _ = people(office, "ann", "bob", "cid")
    for name, rank in (("beta", 5), ("admin", 1), ("empty", None)):
        groups(office).create(name, precedence=rank)
    groups(office).add(ann.username, "beta")
    groups(office).add(ann.username, "admin")
    groups(office).add(bob.username, "beta")
    assert in_groups(office) == {"a": None, "b": None, "c": None}
    assert not office.index.groups_known
    office.cognito.faults.calls.clear()
    read = learning(office).groups(Work())
    assert (read.groups, read.people) == (3, 2)
    assert in_groups(office) == {"a": ("admin", "beta"), "b": ("beta",), "c": ()}
    assert office.index.facets()["group"] == {"beta": 2, "": 1, "admin": 1}
    assert [row.email[0] for row in office.index.view("group:beta").rows(0, 9)] == ["a", "b"]
    assert [row.email[0] for row in office.index.view("group:none").rows(0, 9)] == ["c"]
    assert set(office.cognito.faults.calls) == {"ListGroups", "ListUsersInGroup"}


def test_groups_outlive_a_refresh_and_follow_changes(office: Office) -> None:
    ann, bob = people(office, "ann", "bob")
    memberships = Memberships(groups(office), office.people.upkeep)
    beta = memberships.create(Group("beta")).value
    memberships.add(bob, beta)
    assert in_groups(office)["b"] is None, "nobody has asked for groups"
    learning(office).groups(Work())
    memberships.add(ann, beta)
    assert in_groups(office) == {"a": ("beta",), "b": ("beta",)}
    office.people.load(Work())
    assert in_groups(office) == {"a": ("beta",), "b": ("beta",)}
    memberships.remove(ann, beta)
    assert in_groups(office) == {"a": (), "b": ("beta",)}
    office.people.disable(bob)
    assert in_groups(office)["b"] == ("beta",)
    memberships.delete("beta")
    assert in_groups(office) == {"a": (), "b": ()}


def test_a_group_that_goes_meanwhile_is_left_out(office: Office) -> None:
    (ann,) = people(office, "ann")
    for name in ("one", "two"):
        groups(office).create(name)
        groups(office).add(ann.username, name)

    class Meanwhile(Work):
        def _report(self, progress: Progress) -> None:
            if progress.done == 1 and progress.note == "two":
                groups(office).delete("two")

    assert learning(office).groups(Meanwhile()).people == 1
    assert in_groups(office) == {"a": ("one",)}


def test_groups_are_read_although_aws_says_too_fast(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.directory.chain._BACKOFF", 0.01)
    (ann,) = people(office, "ann")
    groups(office).create("one")
    groups(office).add(ann.username, "one")
    office.cognito.faults.on("ListUsersInGroup", throttled(), times=4)
    office.cognito.faults.on("AdminGetUserAuthFactors", throttled(), times=4)
    assert learning(office).groups(Work()).people == 1
    assert learning(office).factors(Work(), Matching(), Way.FACTORS).told == 1


def test_stopped_or_refused_it_leaves_the_groups_as_they_were(office: Office) -> None:
    (ann,) = people(office, "ann")
    groups(office).create("one")
    learning(office).groups(Work())
    groups(office).add(ann.username, "one")
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        learning(office).groups(work)
    office.cognito.faults.on("ListUsersInGroup", access_denied("cognito-idp:ListUsersInGroup"))
    with pytest.raises(AppError) as caught:
        learning(office).groups(Work())
    assert caught.value.code is ErrorCode.ACCESS_DENIED
    assert in_groups(office) == {"a": ()}


def enrolled(office: Office, name: str) -> User:
    user = office.join(f"{name}@x.example", phone_number="+4930123456", phone_number_verified="true")
    office.cognito.users.set_mfa_preference(user.username, MfaPreference(sms=True, preferred="sms"))
    return office.people.read_again(user) or user


@pytest.mark.parametrize("way", list(Way))
def test_factors_are_told_one_by_one_and_written_down(office: Office, way: Way) -> None:
    people(office, "ann", "bob")
    enrolled(office, "cid")
    office.cognito.faults.calls.clear()
    told = learning(office).factors(Work(), Matching("x.example"), way)
    assert (told.told, told.missing, told.failed, told.error) == (3, 0, 0, None)
    assert {row.email[0]: row.mfa for row in office.index.view().rows(0, 9)} == {"a": "none", "b": "none", "c": "sms"}
    assert office.cognito.calls(way.value) == 3
    assert set(office.cognito.faults.calls) == {way.value}, "never another operation in its place"
    entry = office.last()
    assert (entry.action, entry.state) == (Action.ASK_FACTORS, EntryState.SUCCEEDED)
    assert dict(entry.details) == {"people": "3", "search": "x.example", "operation": way.value}


def test_told_factors_outlive_a_refresh_until_the_account_changes(office: Office) -> None:
    user = enrolled(office, "cid")
    learning(office).factors(Work(), Picked((user.username,)), Way.FACTORS)
    office.people.load(Work())
    assert office.index.view().rows(0, 1)[0].mfa == "sms"
    office.people.set_mfa_preference(user, MfaPreference(sms=False))
    row = office.index.view().rows(0, 1)[0]
    assert row.mfa == "none", "what the database says, until somebody asks again"


def test_who_is_gone_leaves_the_list(office: Office) -> None:
    ann, bob = people(office, "ann", "bob")
    office.cognito.users.delete(ann.username)
    told = learning(office).factors(Work(), Matching(), Way.FACTORS)
    assert (told.told, told.missing) == (1, 1)
    assert office.index.get(ann.username) is None
    assert office.index.get(bob.username) is not None


def test_one_failure_is_counted_and_the_rest_is_told(office: Office) -> None:
    people(office, "ann", "bob", "cid")
    office.cognito.faults.on("AdminGetUser", refusal(400, "InternalErrorException"), times=1)
    office.cognito.faults.on("AdminGetUserAuthFactors", server_error(), times=4)
    told = learning(office).factors(Work(), Matching(), Way.FACTORS)
    assert told.told + told.failed == 3
    assert told.told >= 1


def test_what_fails_for_everybody_ends_it(office: Office) -> None:
    people(office, *"abcdefghij")
    office.cognito.faults.on("AdminGetUserAuthFactors", access_denied("cognito-idp:AdminGetUserAuthFactors"))
    with pytest.raises(AppError) as caught:
        learning(office).factors(Work(), Matching(), Way.FACTORS)
    assert caught.value.code is ErrorCode.ACCESS_DENIED
    assert office.cognito.calls("AdminGetUserAuthFactors") < 10
    assert "AdminGetUser" not in office.cognito.faults.calls, "nobody is billed in place of what was refused"
    assert office.last().state is EntryState.FAILED


def test_stopped_it_keeps_what_was_told(office: Office) -> None:
    for name in "abcdefghijklmnop":
        enrolled(office, name)

    class Soon(Work):
        def _report(self, progress: Progress) -> None:
            if progress.done >= 3:
                self.cancel()

    with pytest.raises(Cancelled):
        learning(office).factors(Soon(), Matching(), Way.FACTORS)
    told = [row.mfa for row in office.index.view().rows(0, 99)].count("sms")
    assert 3 <= told < 16
    entry = office.last()
    assert (entry.state, entry.message) == (EntryState.FAILED, "Stopped: not everybody was asked for.")


def test_only_an_admin_may_ask_for_many(office: Office) -> None:
    people(office, "ann")
    for role in (Role.SUPPORT, Role.VIEWER):
        with pytest.raises(AppError) as caught:
            learning(office, role).factors(Work(), Matching(), Way.FACTORS)
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.calls("AdminGetUserAuthFactors") == 0


def test_of_nobody_nothing_is_asked(office: Office) -> None:
    assert learning(office).factors(Work(), Matching("nobody"), Way.USER).told == 0
    assert office.journal.entries() == []
    assert learning(office).seconds(60) == 1.0


def test_a_factor_without_a_preference_is_one(office: Office) -> None:
    (ann,) = people(office, "ann")
    office.index.put(replace(ann, factors=("totp",), preferred_factor=None))
    row = office.index.get(ann.username)
    assert row is not None
    assert row.mfa == "totp"
