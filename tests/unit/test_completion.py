"""What the search box offers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.directory.completion import Suggestion, completion
from app.directory.query import QueryError, parse

FACETS = {
    "status": {"CONFIRMED": 1200, "UNCONFIRMED": 3},
    "mfa": {"totp": 5, "none": 7, "": 2},
    "onboarding": {"active": 4, "": 9},
    "organization": {"acme": 4, "two words": 2, "": 1},
    "custom:team": {},
}


def offered(text: str, cursor: int | None = None) -> list[str]:
    return [one.text for one in completion(text, len(text) if cursor is None else cursor, FACETS)]


def find(text: str, wanted: str) -> Suggestion:
    return next(one for one in completion(text, len(text), FACETS) if one.text == wanted)


def test_fields_by_their_beginning() -> None:
    assert offered("st") == ["status:"]
    assert offered("carla -em") == ["email:"]
    assert "custom:" in offered("cus")
    assert offered("family") == ["family_name:"]


def test_a_plain_word_is_left_alone() -> None:
    assert offered("") == offered("e") == offered("moreno") == offered("carla ") == []


def test_values_with_how_many_people_have_them_the_most_first() -> None:
    first = completion("status:", 7, FACETS)[0]
    assert (first.text, first.note, first.count) == ("status:confirmed", "1,200", 1200)
    assert offered("mfa:t") == ["mfa:totp"]
    assert find("mfa:", "mfa:none").count == 7
    assert find("mfa:", "mfa:unknown").count == 2
    assert find("onboarding:", "onboarding:none").count == 9


def test_values_of_text_fields_are_quoted_where_they_must_be() -> None:
    assert offered("organization:") == ["organization:acme", 'organization:"two words"', "organization:none"]
    assert offered("organization:tw") == ['organization:"two words"']


def test_the_pools_own_attributes() -> None:
    assert offered("custom:t") == ["custom:team:"]
    assert offered("custom:team:") == []


def test_dates_are_begun() -> None:
    assert offered("created:") == ["created:>", "created:<"]


def test_nothing_within_quotes_and_nothing_that_is_there_already() -> None:
    assert offered('name:"st') == offered('"st') == []
    assert offered("mfa:totp") == []


def test_the_term_at_the_cursor_gives_way() -> None:
    text = "carla mfa:n zoe"
    one = completion(text, 11, FACETS)[0]
    assert one.applied(text) == ("carla mfa:none zoe", 14)
    assert find("-mf", "mfa:").applied("-mf") == ("-mfa:", 5)
    assert find("mfa:no", "mfa:none").applied("mfa:no") == ("mfa:none ", 9)
    assert find("created:", "created:>").applied("created:") == ("created:>", 9)


@settings(deadline=None)
@given(st.text(max_size=20) | st.text('-":mfastu \\', max_size=20), st.integers(-5, 30))
def test_any_text_and_cursor(text: str, cursor: int) -> None:
    for one in completion(text, cursor, FACETS):
        after, at = one.applied(text)
        assert 0 <= one.start <= one.end <= len(text)
        assert after[:at].rstrip().endswith(one.text)


def test_every_value_that_is_offered_is_understood() -> None:
    for field in ("status", "mfa", "onboarding", "enabled", "verified", "indb", "drift", "organization"):
        found = offered(f"{field}:")
        assert found
        for text in found:
            try:
                assert parse(text).terms
            except QueryError as error:
                raise AssertionError(text) from error
