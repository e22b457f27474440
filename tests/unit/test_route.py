"""Who answers a search where nothing is loaded, with which questions, and why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.demo.listing import parse_filter
from app.directory.filters import MAXIMUM_LENGTH, equals, starts_with
from app.directory.query import CUSTOM, FIELDS, Query, QueryError, condition, parse
from app.directory.route import Impossible, InCognito, InDatabase, InGroup, Route, route
from app.errors import AppError


def routed(text: str, *, database: bool = True) -> Route:
    return route(parse(text), database=database)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("", [None]),
        ("email:Carla", ['email ^= "Carla"', 'email ^= "carla"']),
        ("email:carla.m@x", ['email ^= "carla.m@x"']),
        ("carla@x", ['email ^= "carla@x"', 'username ^= "carla@x"']),
        ("phone:+4930", ['phone_number ^= "+4930"']),
        ('"+49 30"', ['phone_number ^= "+4930"', 'username ^= "+4930"', 'email ^= "+4930"']),
        ("0a1b2c3d-4e5f", ['sub ^= "0a1b2c3d-4e5f"', 'username ^= "0a1b2c3d-4e5f"']),
        ("given_name:O'Neil", ['given_name ^= "O\'Neil"']),
        ("given_name:ada", ['given_name ^= "ada"', 'given_name ^= "Ada"']),
        (r'username:"a\"b\\c"', [r'username ^= "a\"b\\c"']),
        ("status:force", ['cognito:user_status = "FORCE_CHANGE_PASSWORD"']),
        ("status:confirmed status:reset", [f'cognito:user_status = "{s}"' for s in ("CONFIRMED", "RESET_REQUIRED")]),
        ("enabled:no", ['status = "Disabled"']),
        ("-enabled:no", ['status = "Enabled"']),
    ],
)  # fmt: skip
def test_cognito_is_asked_for_one_attribute(text: str, filters: list[str | None]) -> None:
    found = routed(text)
    assert isinstance(found, InCognito)
    assert list(found.filters) == filters


def test_a_word_is_looked_for_where_people_are_named() -> None:
    found = routed("carla")
    assert isinstance(found, InCognito)
    assert found.filters[0] == 'email ^= "carla"'
    assert 'name ^= "Carla"' in found.filters
    assert found.words == (
        "people with “carla” at the beginning of their email address, user name, preferred user name, name, given name"
        " or family name"
    )


def test_leaving_out_a_status_asks_for_the_others() -> None:
    found = routed("-status:confirmed")
    assert isinstance(found, InCognito)
    assert 'cognito:user_status = "UNCONFIRMED"' in found.filters
    assert 'cognito:user_status = "CONFIRMED"' not in found.filters


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("onboarding:pending_mfa", (("pending_mfa",), (), "", "")),
        ("onboarding:pending_mfa onboarding:active", (("pending_mfa", "active"), (), "", "")),
        ("mfa:none email:Carla", ((), ("none",), "Carla", "")),
        ("onboarding:active mfa:totp mfa:sms name:ann", (("active",), ("totp", "sms"), "", "ann")),
    ],
)
def test_the_database_is_asked_for_what_it_has_columns_for(text: str, wanted: tuple[object, ...]) -> None:
    found = routed(text)
    assert isinstance(found, InDatabase)
    assert (found.statuses, found.factors, found.email, found.name) == wanted
    assert isinstance(routed(text, database=False), Impossible)


def test_the_members_of_one_group_are_listed() -> None:
    assert routed("group:Beta-Testers") == InGroup("Beta-Testers", "who is in the group “Beta-Testers”")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("carla moreno", "at a time"),
        ("email:carla status:confirmed", "at a time"),
        ("email:carla email:x", "at a time"),
        ("-carla", "who lacks “carla”"),
        ("-email:carla", "not whose email differs"),
        ("phone:none", "without a value of phone"),
        ("custom:team:blue", "custom attributes"),
        ("role:admin", "custom attributes"),
        ("domain:x.example", "the end of an email address"),
        ("created:>2026-01-01", "by date"),
        ("locale:de", "cannot search by locale"),
        ("verified:yes", "cannot search by verified"),
        ("drift:yes", "cannot search by drift"),
        ("-group:admin", "not who is not"),
        ("group:none", "without a value of group"),
        ("group:admin carla", "attribute or group at a time"),
        ("group:admin group:beta", "attribute or group at a time"),
        ("onboarding:none", "Only the loaded pool"),
        ("mfa:unknown", "Only the loaded pool"),
        ("onboarding:active carla", "together with onboarding or MFA"),
        ("onboarding:active status:confirmed", "together with onboarding or MFA"),
        ("onboarding:active -onboarding:active", "exclude each other"),
        ("email:" + "x" * 256, "at most 256 characters"),
    ],
)
def test_what_cannot_be_asked_says_why(text: str, why: str) -> None:
    found = routed(text)
    assert isinstance(found, Impossible)
    assert why in found.reason
    assert found.reason.endswith(".")


VALUES = st.text(max_size=300) | st.text(alphabet='"\\ab', max_size=140)


@given(st.sampled_from(["email", "name", "username"]), VALUES, st.booleans())
def test_an_expression_says_exactly_the_value_or_is_too_long(attribute: str, value: str, exact: bool) -> None:
    try:
        expression = (equals if exact else starts_with)(attribute, value)
    except AppError as error:
        long = len(value) + value.count('"') + value.count("\\") + len(attribute) > MAXIMUM_LENGTH - 10
        assert ("256" in error.message, long) == (True, True)  # noqa: PT017 - both ways are right, each in its place
        return
    if "\n" in value or not value.isprintable():
        return  # such a value nobody can type, and the emulator reads lines
    read = parse_filter(expression)
    assert read is not None
    assert (read.name, read.exact, read.value) == (attribute, exact, value)


TERMS = st.one_of(
    VALUES,
    st.builds("{}:{}".format, st.sampled_from([*FIELDS, "custom:team"]), st.text(max_size=20)),
    st.builds(
        "-{}:{}".format, st.sampled_from(FIELDS), st.sampled_from(["yes", "none", "active", "totp", "a", "2026"])
    ),
)


@given(st.lists(TERMS, max_size=3).map(" ".join), st.booleans())
def test_every_query_is_answered_or_refused_with_a_sentence(text: str, database: bool) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    found = route(query, database=database)
    if isinstance(found, Impossible):
        assert found.reason.endswith(".")
    elif isinstance(found, InCognito):
        assert found.filters
        assert all(each is None or len(each) <= MAXIMUM_LENGTH for each in found.filters)
        for each in found.filters:
            if each is not None and each.isprintable():
                assert parse_filter(each) is not None
        assert found.words
    elif isinstance(found, InDatabase):
        assert database
        assert found.statuses or found.factors


def test_every_field_of_the_language_has_a_route_or_a_reason() -> None:
    for field in (*FIELDS, f"{CUSTOM[0]}team"):
        for value in ("a", "yes", "active", "confirmed", "totp", "2026", "none"):
            try:
                term = condition(field, value)
            except QueryError:
                continue
            assert route(Query((term,)), database=True) is not None
