"""ListUsers of the emulator: whole walks, tokens, filters."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.demo.people import DemoPerson, people
from app.directory.models import User, UserStatus
from tests.services.emulated import Emulated, emulated, refused

MANY = 500


def _person(number: int) -> DemoPerson:
    sub = str(uuid.UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128, version=4))
    at = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=number)
    status = UserStatus.UNCONFIRMED if number % 10 == 0 else UserStatus.CONFIRMED
    attributes = {"sub": sub, "email": f"person{number:05d}@harbour.example", "name": f'No. {number} "the \\ one"'}
    user = User(sub, status, number % 7 != 0, at, at, attributes)
    return DemoPerson(user, "Lantern-Quay-4821", None, (), None, "")


@pytest.fixture(scope="module")
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        running.demo.fill([_person(number) for number in range(MANY)])
        yield running


def _walk(demo: Emulated, **more: object) -> list[str]:
    pages = demo.client.get_paginator("list_users").paginate(UserPoolId=demo.pool, **more)  # type: ignore[arg-type]
    return [user["Username"] for page in pages for user in page["Users"]]


def test_a_walk_meets_everybody_once(demo: Emulated) -> None:
    assert _walk(demo) == [_person(number).user.username for number in range(MANY)]


def test_sixteen_chains_meet_everybody_once(demo: Emulated) -> None:
    met = [name for digit in "0123456789abcdef" for name in _walk(demo, Filter=f'sub ^= "{digit}"')]
    assert len(met) == MANY
    assert set(met) == set(_walk(demo))


@pytest.mark.parametrize(("limit", "size"), [(0, 60), (1, 1), (60, 60)])
def test_limit(demo: Emulated, limit: int, size: int) -> None:
    assert len(demo.client.list_users(UserPoolId=demo.pool, Limit=limit)["Users"]) == size


def test_limit_61_is_refused(demo: Emulated) -> None:
    with refused("InvalidParameterException", "less than or equal to 60"):
        demo.client.list_users(UserPoolId=demo.pool, Limit=61)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('email = "person00042@harbour.example"', 1),
        ('email ^= "person0000"', 10),
        ('email = "Person00042@harbour.example"', 0),
        (f'sub = "{_person(3).user.sub}"', 1),
        (f'username = "{_person(3).user.sub}"', 1),
        ('name = "No. 5 \\"the \\\\ one\\""', 1),
        ('cognito:user_status = "UNCONFIRMED"', 50),
        ('status = "Disabled"', 72),
        ('"status"="Enabled"', 428),
        ('given_name ^= ""', 0),
    ],
)
def test_filters(demo: Emulated, text: str, number: int) -> None:
    assert len(_walk(demo, Filter=text)) == number


@pytest.mark.parametrize(
    "text",
    ['custom:role = "admin"', "email = person", 'email > "a"', 'email = "a" and name = "b"', f'email = "{"a" * 260}"'],
)
def test_bad_filters_are_refused(demo: Emulated, text: str) -> None:
    with refused("InvalidParameterException"):
        demo.client.list_users(UserPoolId=demo.pool, Filter=text)


def test_a_token_belongs_to_its_parameters_and_expires() -> None:
    with emulated() as demo:
        demo.demo.fill([_person(number) for number in range(10)])
        token = demo.client.list_users(UserPoolId=demo.pool, Limit=4)["PaginationToken"]
        with refused("InvalidParameterException", "differ"):
            demo.client.list_users(UserPoolId=demo.pool, PaginationToken=token, Filter='email ^= "p"')
        with refused("InvalidParameterException"):
            demo.client.list_users(UserPoolId=demo.pool, PaginationToken="nonsense")
        demo.clock.turn(minutes=61)
        with refused("InvalidParameterException", "expired"):
            demo.client.list_users(UserPoolId=demo.pool, PaginationToken=token)


def test_a_deletion_during_a_walk_skips_and_repeats_nobody() -> None:
    with emulated() as demo:
        demo.demo.fill([_person(number) for number in range(10)])
        first = demo.client.list_users(UserPoolId=demo.pool, Limit=4)
        for user in first["Users"]:
            demo.client.admin_delete_user(UserPoolId=demo.pool, Username=user["Username"])
        rest = demo.client.list_users(UserPoolId=demo.pool, PaginationToken=first["PaginationToken"])
        assert [u["Username"] for u in rest["Users"]] == [_person(number).user.username for number in range(4, 10)]


def test_people_arrive_as_they_are_written() -> None:
    crowd = people(60, 7)
    with emulated() as demo:
        demo.demo.fill(crowd)
        for person in crowd:
            user = person.user
            answer = demo.client.admin_get_user(UserPoolId=demo.pool, Username=user.username)
            assert {row["Name"]: row["Value"] for row in answer["UserAttributes"]} == dict(user.attributes)
            assert answer["UserStatus"] == user.status.value
            assert answer["Enabled"] == user.enabled
            assert (answer["UserCreateDate"], answer["UserLastModifiedDate"]) == (user.created, user.modified)
            assert len(answer.get("UserMFASettingList", [])) == len(person.mfa)
