"""What the pool's schema asks of a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pool.attributes import editable, kind, problem
from app.pool.models import AttributeSchema


def schema(
    data_type: str = "String",
    low: str | None = None,
    high: str | None = None,
    *,
    required: bool = False,
    mutable: bool = True,
    name: str = "custom:x",
) -> AttributeSchema:
    return AttributeSchema(name, data_type, required, mutable, low, high)


@pytest.mark.parametrize(
    ("name", "value", "of", "words"),
    [
        ("email", "nobody", None, "is not an email address"),
        ("email", "a@b.example", None, None),
        ("phone_number", "030 123", None, "international form"),
        ("phone_number", "+4930123456", None, None),
        ("birthdate", "31.12.1990", None, "not a date"),
        ("birthdate", "1990-02-30", None, "not a date"),
        ("birthdate", "1990-12-31", None, None),
        ("locale", "??", None, "not a language"),
        ("locale", "pt-BR", None, None),
        ("name", "", schema(required=True), "is required"),
        ("name", "", schema(), None),
        ("x", "abc", schema(low="4"), "at least 4 characters; this has 3"),
        ("x", "abcde", schema(high="4"), "at most 4 characters; this has 5"),
        ("x", "a" * 2049, None, "at most 2048"),
        ("x", "12", schema("Number", "1", "10"), "at most 10"),
        ("x", "0", schema("Number", "1", "10"), "at least 1"),
        ("x", "7", schema("Number", "1", "10"), None),
        ("x", "seven", schema("Number"), "whole number"),
        ("x", "9" * 40, schema("Number", None, "no number"), None),
        ("x", "yes", schema("Boolean"), "true or false"),
        ("x", "true", schema("Boolean"), None),
        ("x", "soon", schema("DateTime"), "moment"),
        ("x", "2026-01-31T12:00:00Z", schema("DateTime"), None),
    ],
)
def test_each_kind_of_value(name: str, value: str, of: AttributeSchema | None, words: str | None) -> None:
    said = problem(name, value, of, title="The field")
    assert (said is None) if words is None else (said is not None and words in said)


def test_what_can_be_edited() -> None:
    assert editable("name", schema())
    assert editable("name", None)
    assert not editable("name", schema(mutable=False))
    assert not editable("sub", schema())


def test_kinds_in_words() -> None:
    assert kind(schema("String", "0", "2048")) == "text"
    assert kind(schema("String", "1", "2048")) == "text, at least 1 character"
    assert kind(schema("String", "0", "1")) == "text, at most 1 character"
    assert kind(schema("String", "1", "20", required=True)) == "text, 1 to 20 characters, required"
    assert kind(schema("Number", None, "9", mutable=False)) == "number, at most 9, cannot be changed"
    assert kind(schema(name="sub")) == "text, cannot be changed"
    assert kind(None) == "not in the pool's schema"


@given(st.text(), st.sampled_from(["String", "Number", "Boolean", "DateTime", "Other"]), st.booleans())
def test_no_value_makes_it_fail(value: str, data_type: str, required: bool) -> None:
    said = problem("custom:x", value, schema(data_type, "1", "5", required=required))
    assert said is None or said.endswith(".") or "this has" in said
