"""The index against a naive list of users, through random histories."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.directory import columns, frames
from app.directory.index import DatabaseFact, UserIndex, UserRow
from app.directory.models import User, UserStatus

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = [f"user-{i}" for i in range(12)]
TEXTS = st.text(alphabet="aAbBéÉßςΣσ .*(+zŻ", max_size=5)
SORTS = ["username", "sub", "email", "name", "phone", "status", "enabled", "created", "role", "organization"]
SORTS += ["email_verified", "onboarding", "mfa", "in_database", "mfa_required", "groups"]


def make(username: str, texts: list[str], status: UserStatus, enabled: bool, day: int, factors: Any) -> User:
    email, name, phone, role, organization, custom = texts
    attributes = {
        "sub": username if day % 2 else f"sub-{username}",
        "email": email,
        "name": name,
        "phone_number": phone,
        "custom:role": role,
        "custom:organizationId": organization,
        "custom:note": custom,
        "email_verified": "true" if day % 3 else "false",
    }
    attributes = {key: value for key, value in attributes.items() if value}
    modified = EPOCH + timedelta(days=day // 3)
    return User(username, status, enabled, EPOCH + timedelta(days=day), modified, attributes, factors)


USERS = st.builds(
    make,
    st.sampled_from(NAMES),
    st.lists(TEXTS, min_size=6, max_size=6),
    st.sampled_from(list(UserStatus)),
    st.booleans(),
    st.integers(0, 5),
    st.sampled_from([None, (), ("SOFTWARE_TOKEN_MFA",), ("SMS_MFA",)]),
)
FACTS = st.builds(
    DatabaseFact,
    email=TEXTS,
    subject=st.none() | st.sampled_from(NAMES + [f"sub-{name}" for name in NAMES]),
    status=st.sampled_from(["active", "pending_verification", "rejected", "disabled"]),
    mfa_method=st.sampled_from([None, "totp", "sms"]),
    mfa_required=st.none() | st.booleans(),
    organization_id=st.sampled_from([None, "acme", "Quay"]),
    email_verified=st.none() | st.booleans(),
    auth_provider=st.sampled_from(["cognito", "cognito", "local"]),
)
GROUPS = st.lists(st.sampled_from(["admin", "beta", "Admins", "Éa"]), max_size=3, unique=True)
STEPS = st.one_of(
    st.tuples(st.just("replace"), st.lists(USERS, max_size=8)),
    st.tuples(st.just("extend"), st.lists(USERS, max_size=5)),
    st.tuples(st.just("put"), USERS),
    st.tuples(st.just("remove"), st.sampled_from(NAMES)),
    st.tuples(st.just("join"), st.lists(FACTS, max_size=5)),
    st.tuples(st.just("set_groups"), st.dictionaries(st.sampled_from(NAMES), GROUPS.filter(bool), max_size=5)),
    st.tuples(st.just("put_groups"), st.tuples(st.sampled_from(NAMES), GROUPS)),
    st.tuples(
        st.just("learn_factors"), st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["totp", "none", None]))
    ),
    st.tuples(
        st.just("look"),
        st.lists(st.tuples(st.sampled_from(SORTS), st.booleans()), max_size=3, unique_by=lambda s: s[0]),
    ),
)


class Reference:
    """What the index should say, the slow way."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.facts: list[DatabaseFact] | None = None
        self.groups: dict[str, list[str]] = {}
        self.factors: dict[str, str | None] = {}

    def apply(self, step: str, argument: Any) -> None:
        if step == "replace":
            self.users, self.groups, self.factors = {}, {}, {}
            for user in argument:
                self.put(user)
                self.factors[user.username] = own_factor(user)
        elif step == "extend":
            for user in argument:
                self.put(user)
        elif step == "put":
            self.put(argument)
        elif step == "remove":
            for known in (self.users, self.groups, self.factors):
                known.pop(argument, None)
        elif step == "join":
            self.facts = argument
        elif step == "set_groups":
            self.groups = {name: argument.get(name, []) for name in self.users}
        elif step == "put_groups" and argument[0] in self.users:
            self.groups[argument[0]] = argument[1]
        elif step == "learn_factors":
            self.factors.update({name: factor for name, factor in argument.items() if name in self.users})

    def put(self, user: User) -> None:
        before = self.users.get(user.username)
        factor = own_factor(user)
        if factor is None and before is not None and before.modified == user.modified:
            factor = self.factors[user.username]
        self.users[user.username] = user
        self.factors[user.username] = factor

    def fact(self, user: User) -> DatabaseFact | None:
        facts = self.facts or []
        own = [fact for fact in facts if fact.subject and fact.subject == user.sub]
        if own:
            return min(own, key=lambda fact: fact.email != user.email or not user.email)
        same = [fact for fact in facts if fact.email and fact.email.lower() == user.email.lower()]
        same = [fact for fact in same if fact.email == user.email or fact.subject is None]
        return min(same, key=lambda fact: fact.email != user.email, default=None)

    def row(self, user: User) -> UserRow:
        fact = self.fact(user)
        own = self.factors[user.username]
        groups = self.groups.get(user.username)
        a = user.attributes
        return UserRow(
            username=user.username,
            sub=user.sub,
            email=user.email,
            name=user.name,
            phone=user.phone,
            status=user.status,
            enabled=user.enabled,
            created=user.created,
            modified=user.modified,
            email_verified=user.email_verified,
            role=a.get("custom:role", ""),
            organization=a.get("custom:organizationId") or (fact.organization_id or "" if fact else ""),
            onboarding=fact.status if fact else None,
            mfa=own or ((fact.mfa_method or "none") if fact else None),
            in_database=None if self.facts is None else fact is not None,
            mfa_required=fact.mfa_required if fact else None,
            groups=None if groups is None else tuple(groups),
        )

    def view(self, text: str, sort: list[tuple[str, bool]]) -> list[UserRow]:
        found = []
        for user in self.users.values():
            values = [user.username, *(v for k, v in user.attributes.items() if k != "email_verified")]
            folded = [columns.fold(value) for value in values]
            if all(any(word in value for value in folded) for word in columns.fold(text).split()):
                found.append(self.row(user))
        for column, descending in reversed(sort):
            full = [row for row in found if getattr(row, column) not in ("", None, ())]
            empty = [row for row in found if getattr(row, column) in ("", None, ())]
            full.sort(key=sort_key(column), reverse=descending)
            found = full + empty
        return found


def sort_key(column: str) -> Callable[[UserRow], Any]:
    def key(row: UserRow) -> Any:
        value = getattr(row, column)
        value = "\n".join(value) if isinstance(value, tuple) else value
        return value.lower() if isinstance(value, str) else value

    return key


def own_factor(user: User) -> str | None:
    return None if user.factors is None else {(): "none", ("SMS_MFA",): "sms"}.get(user.factors, "totp")


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    # So that a handful of users crosses every border that a million would.
    monkeypatch.setattr(frames, "SEGMENT", 3)
    monkeypatch.setattr(frames, "FEW", 3)
    monkeypatch.setattr(frames, "PIECES", 1)


def run(index: UserIndex, step: str, argument: Any) -> None:
    if step == "look":
        index.view("", tuple(argument))
    else:
        getattr(index, step)(*argument) if step == "put_groups" else getattr(index, step)(argument)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(STEPS, max_size=12),
    TEXTS,
    st.lists(st.tuples(st.sampled_from(SORTS), st.booleans()), max_size=3, unique_by=lambda s: s[0]),
)
def test_any_history_gives_what_a_plain_list_gives(
    steps: list[tuple[str, Any]], text: str, sort: list[tuple[str, bool]]
) -> None:
    index, reference = UserIndex(), Reference()
    looked: list[list[tuple[str, bool]]] = [sort]
    for step, argument in steps:
        run(index, step, argument)
        reference.apply(step, argument)
        if step == "look":
            looked.append(argument)
    for order in looked:
        view = index.view("", tuple(order))
        assert view.rows(0, 99) == reference.view("", order)
    typed = index.view(text[:1], tuple(sort))
    expected = reference.view(text, sort)
    view = index.view(text, tuple(sort))
    assert len(typed) >= len(view)
    assert view.rows(0, 99) == expected
    assert len(index) == len(reference.users)
    for at, row in enumerate(expected):
        assert view.position(row.username) == at
        assert index.get(row.username) == row
    assert {name for name in NAMES if index.get(name)} == set(reference.users)
    assert sum(index.facets()["status"].values()) == len(reference.users)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=6), st.lists(STEPS, max_size=6))
def test_a_view_does_not_change_with_the_index(before: list[tuple[str, Any]], after: list[tuple[str, Any]]) -> None:
    index = UserIndex()
    for step, argument in before:
        run(index, step, argument)
    view = index.view("a", (("name", True),))
    rows = view.rows(0, 99)
    for step, argument in after:
        run(index, step, argument)
        index.view("a")
    assert view.rows(0, 99) == rows
    assert len(view) == len(rows)
    assert [view.position(row.username) for row in rows] == list(range(len(rows)))


def test_the_reference_compares_every_field() -> None:
    assert {field.name for field in dataclasses.fields(UserRow)} == set(columns.ROW)
