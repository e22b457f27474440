"""What a query finds, against a plain list of users that is looked through one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.directory import frames, query
from app.directory.columns import fold
from app.directory.index import DatabaseFact, UserIndex, UserRow
from app.directory.models import User, UserStatus
from app.directory.query import Beyond, Has, Lacks, Period, Query, Term, Within, Word, show
from app.errors import AppError
from tests.unit.test_index_reference import FACTS, GROUPS, TEXTS, USERS, Reference
from tests.unit.test_index_reference import NAMES as PEOPLE_NAMES

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MORE = st.dictionaries(
    st.sampled_from(["given_name", "family_name", "locale", "custom:Team", "phone_number_verified", "identities"]),
    TEXTS.filter(bool) | st.sampled_from(["true", "Zoë Ünal", "x\x01y", '[{"providerName":"Éa","userId":"aB"}]']),
    max_size=4,
)
PEOPLE = st.builds(lambda user, more: replace(user, attributes={**more, **user.attributes}), USERS, MORE)
WANTED = st.one_of(TEXTS, st.sampled_from(["e", "ss", "a b", "zoe u", "tru", "@", "x y"])).filter(str.strip)
NAMES = [*query.TEXTS, "given_name", "family_name", "locale", "custom:team", "custom:Team", "phone_number_verified"]
FIELDS = st.sampled_from([*NAMES, "identities", "custom:role", "custom:organizationId", "custom:note", "custom:nobody"])
CHOICES = st.sampled_from([(field, value) for field, values in query.VALUES.items() for value in values])
PERIODS = st.sampled_from([Period(2026), Period(2025, 12), Period(2026, 1), *(Period(2026, 1, d) for d in range(1, 7))])
SIGN = st.booleans()
IN_GROUPS = st.sampled_from(["admin", "ADMINS", "adm", "e", "beta", "ea", "nobody"])
TERMS: st.SearchStrategy[Term] = st.one_of(
    st.builds(Has, st.just("group"), IN_GROUPS, SIGN),
    st.builds(Lacks, st.just("group"), SIGN),
    st.builds(Word, WANTED, SIGN),
    st.builds(Has, FIELDS, WANTED, SIGN),
    st.builds(Lacks, FIELDS, SIGN),
    st.builds(lambda choice, no: Has(choice[0], choice[1], no), CHOICES, SIGN),
    st.builds(Beyond, st.sampled_from(query.DATES), SIGN, PERIODS, SIGN),
    st.builds(Within, st.sampled_from(query.DATES), st.none() | PERIODS, PERIODS, SIGN),
)


def values_of(user: User, row: UserRow, field: str) -> list[str]:
    """Every text that a field of somebody has; none where it is empty."""
    usual = {"email": row.email, "name": row.name, "phone": row.phone, "username": row.username, "sub": row.sub}
    usual |= {"role": row.role, "organization": row.organization}
    usual["domain"] = row.email.rpartition("@")[2] if "@" in row.email else ""
    if field in usual:
        return [usual[field]] if usual[field] else []
    found = [v for name, v in user.attributes.items() if name.lower() == field.lower() and v]
    if field == "identities" and found == ['[{"providerName":"Éa","userId":"aB"}]']:
        return ["Éa\naB"]
    return found


def drift_of(user: User, reference: Reference) -> set[str] | None:
    """The kinds of difference between somebody and their row; None where no database was asked."""
    if reference.facts is None:
        return None
    fact = reference.fact(user)
    if fact is None:
        return {"only_cognito"}
    if fact.auth_provider != "cognito" and fact.subject != user.sub:
        return {"provider"}
    row = reference.row(user)
    own = None if user.factors is None else row.mfa
    kept = fact.mfa_method or "none"
    verified = fact.email_verified is not None and fact.email_verified != user.email_verified
    differs = {
        "email_verified": verified or (user.email_verified and fact.status == "pending_verification"),
        "enabled": user.enabled == (fact.status == "disabled"),
        "mfa": (own == "totp" and kept != "totp") or (own == "none" and kept != "none"),
        "subject": fact.subject != user.sub,
        "email": fact.email.lower() != user.email.lower(),
        "email_case": fact.email != user.email and fact.email.lower() == user.email.lower(),
        "provider": fact.auth_provider != "cognito",
    }
    return {kind for kind, differ in differs.items() if differ}


def is_one(user: User, reference: Reference, field: str, wanted: Any) -> bool:
    row = reference.row(user)
    if field == "duplicate":
        alike = [other for other in reference.users.values() if other.email.lower() == user.email.lower()]
        return bool(user.email and len(alike) > 1) is wanted
    if field == "drift":
        found = drift_of(user, reference)
        return found is not None and (bool(found) is wanted if isinstance(wanted, bool) else wanted in found)
    names = {"verified": "email_verified", "indb": "in_database"}
    return bool(getattr(row, names.get(field, field)) == wanted)


def holds(user: User, reference: Reference, term: Term) -> bool:
    row = reference.row(user)
    match term:
        case Word(text):
            attributes = {k: v for k, v in user.attributes.items() if not k.endswith("_verified")}
            attributes["identities"] = "\n".join(values_of(user, row, "identities"))
            values = [line for v in (user.username, *attributes.values()) for line in v.split("\n")]
            return any(fold(text) in fold(value) for value in values)
        case Lacks("group"):
            return row.groups == ()
        case Has("group", text):
            names = [fold(name) for name in row.groups or ()]
            known = {fold(name) for groups in reference.groups.values() for name in groups}
            return fold(text) in names if fold(text) in known else any(fold(text) in name for name in names)
        case Lacks(field):
            return not values_of(user, row, field)
        case Has(field, text) if field in query.VALUES:
            return any(is_one(user, reference, field, value) for value in query.meant(field, text))
        case Has(field, text):
            cleaned = [fold(value).replace("\x01", " ").replace("\n", " ") for value in values_of(user, row, field)]
            return any(fold(text) in value for value in cleaned)
        case Beyond(field, after, period):
            at: datetime = getattr(row, field)
            return at >= period.end if after else at < period.start
        case Within(field, first, last):
            moment: datetime = getattr(row, field)
            return (first is None or moment >= first.start) and (last is None or moment < last.end)


def matches(user: User, reference: Reference, asked: Query) -> bool:
    together: dict[str, bool] = {}
    for term in asked.terms:
        found = holds(user, reference, term) is not term.negated
        if isinstance(term, Has) and term.field in query.VALUES and not term.negated:
            together[term.field] = together.get(term.field, False) or found
        elif not found:
            return False
    return all(together.values())


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "SEGMENT", 3)
    monkeypatch.setattr(frames, "FEW", 3)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(PEOPLE, max_size=10, unique_by=lambda user: user.username),
    st.none() | st.lists(FACTS, max_size=6),
    st.none() | st.dictionaries(st.sampled_from(PEOPLE_NAMES), GROUPS.filter(bool), max_size=6),
    st.lists(TERMS, min_size=1, max_size=3).map(tuple).map(Query),
)
@example([], None, None, Query((Has("status", "confirmed"),)))
def test_a_query_finds_what_a_plain_list_finds(
    users: list[User], facts: list[DatabaseFact] | None, members: dict[str, list[str]] | None, asked: Query
) -> None:
    index, reference = UserIndex(), Reference()
    index.replace(users)
    reference.apply("replace", users)
    if members is not None:
        index.set_groups(members)
        reference.apply("set_groups", members)
    if facts is not None:
        index.join(facts)
        reference.apply("join", facts)
    expected = [u.username for u in users if matches(u, reference, asked)]
    assert index.view(show(asked), ()).usernames(0, 99) == expected


def person(username: str, **attributes: str) -> User:
    given = {name.replace("__", ":"): value for name, value in attributes.items()}
    return User(username, UserStatus.CONFIRMED, True, NOON, NOON + timedelta(days=40), given)


def found(index: UserIndex, text: str) -> list[str]:
    return index.view(text, ()).usernames(0, 99)


@pytest.fixture
def index() -> UserIndex:
    made = UserIndex()
    made.replace(
        [
            person("ines", name="Inês Duarte", email="ines@northwind.example", custom__team="Blue Whale"),
            person("soren", given_name="Søren", family_name="Łuk", email="s@tidewater.example", locale="da"),
            person("ann", name="Ann Northwind", email="ann@tidewater.example", custom__team="red"),
        ]
    )
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ines", ["ines"]),
        ("INÊS", ["ines"]),
        ("soren luk", ["soren"]),
        ("northwind", ["ines", "ann"]),
        ("domain:northwind", ["ines"]),
        ("northwind -domain:northwind", ["ann"]),
        ('name:"soren l"', ["soren"]),
        ('custom:team:"blue wh"', ["ines"]),
        ("CUSTOM:TEAM:blue", ["ines"]),
        ("-custom:team:blue", ["soren", "ann"]),
        ("custom:team:none", ["soren"]),
        ("locale:da", ["soren"]),
        ("locale:duarte", []),
        ("modified:>2026-02-01 e", ["ines", "soren", "ann"]),
        ("created:2026-02..", []),
        ("status:conf enabled:yes mfa:unknown", ["ines", "soren", "ann"]),
        ("indb:no", []),
    ],
)
def test_examples(index: UserIndex, text: str, expected: list[str]) -> None:
    assert found(index, text) == expected


def test_people_without_a_row_and_those_whose_sides_differ(index: UserIndex) -> None:
    index.join([DatabaseFact("ines@northwind.example", None, "disabled", None, None, None)])
    assert found(index, "indb:no") == found(index, "onboarding:none") == ["soren", "ann"]
    assert found(index, "drift:enabled") == found(index, "drift:subject") == ["ines"]
    assert found(index, "drift:only_cognito") == found(index, "-drift:enabled") == ["soren", "ann"]
    assert found(index, "drift:only_cognito drift:enabled") == found(index, "drift:yes") == ["ines", "soren", "ann"]
    assert found(index, "drift:no") == []


def test_several_values_of_one_field_mean_any_of_them(index: UserIndex) -> None:
    index.put(replace(person("kim"), status=UserStatus.UNCONFIRMED))
    assert found(index, "status:confirmed status:unconfirmed") == ["ines", "soren", "ann", "kim"]
    assert found(index, "-status:confirmed") == ["kim"]


def test_a_text_that_is_no_query_is_refused_also_by_an_empty_index(index: UserIndex) -> None:
    for some in (index, UserIndex()):
        with pytest.raises(AppError):
            some.view("stauts:confirmed")


def test_the_attributes_that_can_be_asked_for_are_known(index: UserIndex) -> None:
    assert "custom:team" in [name.lower() for name in index.attribute_names()]


def test_those_who_share_an_address_whatever_its_case(index: UserIndex) -> None:
    index.put(person("other", email="ANN@Tidewater.example"))
    index.put(person("nobody"))
    assert found(index, "duplicate:yes") == ["ann", "other"]
    assert found(index, "duplicate:no ines") == ["ines"]
    index.remove("ann")
    assert found(index, "duplicate:yes") == []


def test_domains_and_the_months_of_creation_are_counted(index: UserIndex) -> None:
    index.put(replace(person("old", email="old@TIDEWATER.example"), created=NOON - timedelta(days=40)))
    facets = index.facets()
    assert facets["domain"] == {"tidewater.example": 3, "northwind.example": 1}
    months = facets["created"]
    assert (len(months), min(months), max(months)) == (12, "2025-02", "2026-01")
    assert (months["2025-11"], months["2026-01"], sum(months.values())) == (1, 3, 4)
    for field in ("domain", "created"):
        for value, number in facets[field].items():
            assert len(found(index, f"{field}:{value}")) == number, value
    assert UserIndex().facets()["created"] == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PEOPLE, max_size=10, unique_by=lambda user: user.username))
def test_every_count_is_what_its_query_finds(users: list[User]) -> None:
    index = UserIndex()
    index.replace(users)
    facets = index.facets()
    for field in ("status", "enabled", "created"):
        for value, number in facets[field].items():
            assert len(found(index, f"{field}:{value}")) == number, value
    assert sum(facets["domain"].values()) == len(users)
    assert len(found(index, "domain:none")) == facets["domain"].get("", 0)
