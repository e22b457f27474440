"""The language of the search box: reading, writing, pointing at mistakes, and what facets do to a text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.directory import query
from app.directory.models import UserStatus
from app.directory.query import Beyond, Has, Lacks, Period, Query, QueryError, Term, Within, Word, parse, show
from app.errors import AppError, ErrorCode
from app.onboarding.models import OnboardingStatus

SIGNS = 'aé-:"\\ <>.=none'
BLANKLESS = st.text(min_size=1, max_size=8).map(lambda t: t.replace("\r", " ").replace("\n", " ")).filter(str.strip)
TEXTS = st.one_of(
    BLANKLESS,
    st.text(SIGNS, min_size=1, max_size=8).filter(str.strip),
    st.sampled_from(["none", "None", "mfa:none", "custom:x:y", "-x", '"', "\\"]),
)
PERIODS = st.one_of(
    st.builds(Period, st.integers(1980, 2199)),
    st.builds(Period, st.integers(1980, 2199), st.integers(1, 12)),
    st.dates(date(1980, 1, 1), date(2199, 12, 31)).map(lambda d: Period(d.year, d.month, d.day)),
)
CUSTOM = st.text("aZ09_.-é", min_size=1, max_size=6).map("custom:".__add__)
TEXT_FIELDS = st.sampled_from([*query.TEXTS, *query.STANDARD]) | CUSTOM
CHOICES = st.sampled_from([(field, value) for field, values in query.VALUES.items() for value in values])
DATES = st.sampled_from(query.DATES)
TERMS: st.SearchStrategy[Term] = st.one_of(
    st.builds(Word, TEXTS, st.booleans()),
    st.builds(Has, TEXT_FIELDS, TEXTS, st.booleans()),
    st.builds(lambda c, size, no: Has(c[0], c[1][: max(1, size)], no), CHOICES, st.integers(1, 30), st.booleans()),
    st.builds(Lacks, TEXT_FIELDS, st.booleans()),
    st.builds(Beyond, DATES, st.booleans(), PERIODS, st.booleans()),
    st.builds(Within, DATES, PERIODS, st.none() | PERIODS, st.booleans()),
    st.builds(Within, DATES, st.none(), PERIODS, st.booleans()),
)
QUERIES = st.lists(TERMS, max_size=5).map(tuple).map(Query)


@settings(deadline=None)
@given(QUERIES)
def test_what_is_written_is_read_as_it_was(asked: Query) -> None:
    assert parse(show(asked)) == asked


PIECES = TEXTS | st.sampled_from([*query.FIELDS, ":", "-", ">"])


@settings(deadline=None)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=8).map("".join))
def test_no_text_does_harm(text: str) -> None:
    try:
        asked = parse(text)
    except QueryError as raised:
        error = raised
    else:
        assert parse(show(asked)) == asked
        return
    assert error.code is ErrorCode.INVALID_INPUT
    assert 0 <= error.at <= error.end <= len(text)
    assert error.message


@settings(deadline=None)
@given(st.lists(st.text("abcé@.+0", min_size=1, max_size=6), max_size=5))
def test_plain_words_are_just_words(words: list[str]) -> None:
    assert parse("  ".join(words)) == Query(tuple(Word(word) for word in words))


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("mfa:none", Has("mfa", "none")),
        ("-mfa:none", Has("mfa", "none", True)),
        ("STATUS:Confirmed", Has("status", "confirmed")),
        ("status:force-change-password", Has("status", "force_change_password")),
        ('status:"reset required"', Has("status", "reset_required")),
        ("onboarding:pending", Has("onboarding", "pending")),
        ("database:no", Has("indb", "no")),
        ('name:"two words"', Has("name", "two words")),
        ('name:"still typing', Has("name", "still typing")),
        ('name:"a \\"b\\" \\\\ c"', Has("name", 'a "b" \\ c')),
        ("phone:none", Lacks("phone")),
        ('phone:"none"', Has("phone", "none")),
        ("phone_number:+44", Has("phone", "+44")),
        ("custom:organizationId:acme", Has("custom:organizationId", "acme")),
        ("-CUSTOM:team:none", Lacks("custom:team", True)),
        ("dev:custom:team:a:b", Has("dev:custom:team", "a:b")),
        ('"two words"', Word("two words")),
        ("-gone", Word("gone", True)),
        ('"mfa:none"', Word("mfa:none")),
        ("10:42", Word("10:42")),
        ("created:2026", Within("created", Period(2026), Period(2026))),
        ("created:>2026-01-01", Beyond("created", True, Period(2026, 1, 1))),
        ("modified:<2026-02", Beyond("modified", False, Period(2026, 2))),
        ("created:>=2026-01-01", Within("created", Period(2026, 1, 1), None)),
        ("created:<=2026-01-01", Within("created", None, Period(2026, 1, 1))),
        ("created:2026-01..2026-03", Within("created", Period(2026, 1), Period(2026, 3))),
    ],
)
def test_the_forms_of_a_term(text: str, term: Term) -> None:
    assert parse(text) == Query((term,))


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("carla stauts:confirmed", "stauts:", "Did you mean “status:”"),
        ("http://x", "http:", "quotes"),
        ("status:confrimed", "confrimed", "Did you mean “confirmed”"),
        ("-enabled:maybe x", "maybe", "yes or no"),
        ("created:>2026-13-01", "2026-13-01", "calendar"),
        ("created:2026-01..20x", "20x", "2026-01-31"),
        ("created:yesterday", "yesterday", "2026-01-31"),
        ("created:0001-01-01", "0001-01-01", "1980"),
        ("created:>=9999", "9999", "1980"),
        ('status:"" x', 'status:""', "comes"),
        ("- x", "-", "comes"),
        ("custom:x y", "custom:x", "custom:organizationId:acme"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, place: str, hint: str) -> None:
    with pytest.raises(AppError) as raised:
        parse(text)
    error = raised.value
    assert isinstance(error, QueryError)
    assert text[error.at : error.end] == place
    assert hint in error.message
    assert not error.incomplete


@pytest.mark.parametrize("text", ["status:", "-", "carla -", "created:>20", "created:2026-0", "custom:", "name:"])
def test_what_is_only_begun_is_no_mistake_yet(text: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    assert raised.value.incomplete


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(QueryError):
        parse("x" * 5000)


def test_the_values_are_those_of_cognito_and_the_ladder() -> None:
    assert set(query.VALUES["status"].values()) == {status.value for status in UserStatus}
    assert set(query.VALUES["onboarding"]) - {"none"} == {status.value for status in OnboardingStatus}


@settings(deadline=None)
@given(PERIODS)
def test_a_period_begins_and_ends_at_local_midnight(period: Period) -> None:
    first, after = period.start.astimezone(), period.end.astimezone()
    assert (first.year, first.month, first.day) == (period.year, period.month or 1, period.day or 1)
    days = (after.date() - first.date()).days
    assert days == 1 if period.day else 28 <= days <= 31 if period.month else days >= 365
    assert period.start.tzinfo is UTC
    assert period.start < datetime(2201, 1, 1, tzinfo=UTC)


@settings(deadline=None)
@given(QUERIES, st.sampled_from(["mfa", "status", "enabled"]), st.booleans())
def test_a_facet_is_added_and_taken_away_again(asked: Query, field: str, negated: bool) -> None:
    value = next(iter(query.VALUES[field]))
    others = Query(tuple(t for t in asked.terms if not (isinstance(t, Has) and t.field == field)))
    text = query.toggle(show(others), field, value, negated=negated)
    assert query.chosen(text, field, value) is (not negated)
    turned = query.toggle(text, field, value, negated=not negated)
    assert query.chosen(turned, field, value) is negated
    assert parse(turned) == parse(query.toggle(show(others), field, value, negated=not negated))
    assert query.toggle(text, field, value, negated=negated) == show(others)


def test_a_facet_does_not_lose_a_text_that_cannot_be_read() -> None:
    assert query.toggle("foo:bar", "mfa", "none") == "foo:bar mfa:none"
    assert query.chosen("foo:bar mfa:none", "mfa", "none") is None
