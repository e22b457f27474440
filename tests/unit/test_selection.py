"""Rows against a set of numbers; selections against a plain list of people; people found again in another view."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.directory import frames
from app.directory.index import UserIndex
from app.directory.models import User, UserStatus
from app.directory.selection import Matching, Picked, Rows
from app.errors import AppError
from tests.unit.test_query_reference import PEOPLE

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EDGES = st.integers(0, 24)
STEPS = st.lists(st.tuples(st.sampled_from(["plus", "without", "within"]), EDGES, EDGES), max_size=12)


def person(name: str, status: UserStatus = UserStatus.CONFIRMED) -> User:
    return User(name, status, True, NOW, NOW, {"sub": name, "email": f"{name}@harbour.example"})


def loaded(*names: str) -> UserIndex:
    index = UserIndex()
    index.replace(person(name) for name in names)
    return index


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "SEGMENT", 3)
    monkeypatch.setattr(frames, "FEW", 3)


@given(STEPS)
def test_rows_are_what_a_set_of_numbers_is(steps: list[tuple[str, int, int]]) -> None:
    rows, plain = Rows(), set[int]()
    for step, start, stop in steps:
        match step:
            case "plus":
                rows, plain = rows.plus(start, stop), plain | set(range(start, stop))
            case "without":
                rows, plain = rows.without(start, stop), plain - set(range(start, stop))
            case _:
                rows, plain = rows.within(stop), {row for row in plain if row < stop}
    spans = list(rows.spans())
    assert {row for start, stop in spans for row in range(start, stop)} == plain
    assert all(start < stop for start, stop in spans)
    assert all(left[1] < right[0] for left, right in pairwise(spans)), "no two spans touch"
    assert len(rows) == len(plain)
    assert [row for row in range(26) if row in rows] == sorted(plain)
    assert rows == Rows(spans)


def test_everybody_whom_a_query_finds_but_two() -> None:
    index = loaded("ada", "bo", "cy", "dee")
    everybody = Matching("harbour", frozenset({"bo", "nobody"}))
    assert index.chosen(everybody).usernames(0, 9) == ["ada", "cy", "dee"]
    index.put(person("abe"))
    index.remove("cy")
    assert index.chosen(everybody, (("email", True),)).usernames(0, 9) == ["dee", "ada", "abe"]
    assert index.chosen(Matching()).usernames(0, 9) == ["abe", "ada", "bo", "dee"]


def test_people_by_name_come_in_the_order_asked_for_and_without_those_who_are_gone() -> None:
    index = loaded("ada", "bo", "cy", "dee")
    index.remove("bo")
    picked = Picked(("dee", "bo", "ada"))
    assert index.chosen(picked).usernames(0, 9) == ["ada", "dee"]
    assert index.chosen(picked, (("email", True),)).usernames(0, 9) == ["dee", "ada"]
    assert len(index.chosen(Picked())) == 0


def test_nobody_is_chosen_of_an_empty_index_and_what_cannot_be_read_is_refused() -> None:
    for selection in (Matching(), Matching("x", frozenset({"ada"})), Picked(("ada",))):
        assert len(UserIndex().chosen(selection)) == 0
    with pytest.raises(AppError):
        loaded("ada").chosen(Matching("stauts:confirmed"))
    with pytest.raises(AppError):
        loaded("ada").chosen(Picked(("ada",)), (("shoe size", False),))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12),
    st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12),
    STEPS,
    st.booleans(),
)
def test_chosen_people_are_found_again_in_another_order_and_after_a_change(
    before: list[str], after: list[str], steps: list[tuple[str, int, int]], keep: bool
) -> None:
    index = loaded(*before)
    first = index.view("", (("email", False),))
    rows = Rows()
    for step, start, stop in steps:
        rows = rows.plus(start, stop) if step == "plus" else rows.without(start, stop)
    rows = rows.within(len(first))
    if not keep:
        index.replace(person(name) for name in after)
    second = index.view("", (("email", True),))
    chosen = set(first.names(rows))
    carried = second.carried(first, rows)
    assert second.names(carried) == [name for name in second.usernames(0, 99) if name in chosen]


def test_nothing_is_carried_from_no_view_and_into_an_empty_one() -> None:
    index = loaded("ada", "bo")
    view = index.view()
    assert len(view.carried(None, Rows([(0, 2)]))) == 0
    assert len(UserIndex().view().carried(view, Rows([(0, 2)]))) == 0
    assert view.carried(view, Rows([(1, 2)])) == Rows([(1, 2)])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PEOPLE, max_size=6, unique_by=lambda user: user.username))
def test_attributes_come_back_as_cognito_spells_them(users: list[User]) -> None:
    index = UserIndex()
    index.replace(users)
    found = index.view("", ()).attributes(0, 99)
    expected = [
        {name.lower(): value.replace("\x01", " ") for name, value in user.attributes.items() if value} for user in users
    ]
    assert [{name.lower(): value for name, value in one.items()} for one in found] == expected


def test_lines_within_a_value_and_many_attributes_survive() -> None:
    many = {f"custom:no{i}": f"Value {i}, ÉA" for i in range(60)}
    user = replace(person("ada"), attributes={**many, "address": "1 Quay\nHarbour\tWest", "email": "A@b.example"})
    index = UserIndex()
    index.put(user)
    assert index.view().attributes(0, 1) == [dict(user.attributes)]
    assert index.view('custom:no59:"value 59, ea"').usernames(0, 9) == ["ada"]
    assert index.view('address:"quay harbour west"').usernames(0, 9) == ["ada"]


def test_people_are_ordered_by_an_attribute_whatever_its_case_and_those_without_come_last() -> None:
    index = UserIndex()
    teams = {"ada": "blue", "bo": "", "cy": "Amber", "dee": "zinc"}
    index.replace(
        replace(person(name), attributes={"sub": name, **({"custom:crew": team} if team else {})})
        for name, team in teams.items()
    )
    assert index.view("", (("custom:crew", False),)).usernames(0, 9) == ["cy", "ada", "dee", "bo"]
    assert index.view("", (("custom:Crew", True),)).usernames(0, 9) == ["dee", "ada", "cy", "bo"]
    index.put(replace(person("ada"), attributes={"sub": "ada", "custom:crew": "zz"}))
    assert index.view("", (("custom:crew", False),)).usernames(0, 9) == ["cy", "dee", "ada", "bo"]


def test_two_pools_may_spell_an_attribute_differently() -> None:
    one, other = UserIndex(), UserIndex()
    one.put(replace(person("ada"), attributes={"custom:ShoeSize": "40"}))
    other.put(replace(person("bo"), attributes={"custom:shoesize": "41"}))
    assert other.view().attributes(0, 1) == [{"custom:shoesize": "41"}]
    assert other.view("custom:SHOESIZE:41").usernames(0, 9) == ["bo"]
    assert one.view("custom:shoesize:none").usernames(0, 9) == []
