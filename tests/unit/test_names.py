"""Names that come from outside hide nothing, and turn nothing round."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.auth.names import LONGEST, clean_name, plain_name
from app.errors import AppError, ErrorCode

TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNSEEN = (
    "\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u2028\u2060\u2800\u3164"
    "\ufe0f\ufeff\uffa0\ud800\ue000\U000e0041\U000e0100"
)


@pytest.mark.parametrize("sign", [*TURNS, *UNSEEN, "\x00", "\x1b", "\n", "\u00a0"], ids=ascii)
@pytest.mark.parametrize("field", ["account", "issuer"])
def test_what_hides_or_turns_is_refused_and_named(sign: str, field: str) -> None:
    with pytest.raises(AppError) as caught:
        clean_name(f"ada{sign}bank", field)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    said = caught.value.fields[field]
    assert said.startswith(f"{field.capitalize()}: ")
    assert f"U+{ord(sign):04X}" in said
    assert "Take it out." in said
    assert sign not in said
    assert ("turns round" in said) == (sign in TURNS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Z\u0355\u0355\u0355\u0355\u0355algo", "more than 4 marks stand on one letter, the last is U+0355"),
        ("\u0301ada", "it begins with U+0301 (combining acute accent), a mark without its letter"),
        ("a:b", "take out the colon"),
        ("a" * 201, "201 characters are too many"),
    ],
    ids=ascii,
)
def test_floods_of_marks_and_the_rest_are_refused(text: str, said: str) -> None:
    with pytest.raises(AppError, match="Issuer: ") as caught:
        clean_name(text, "issuer")
    assert said in caught.value.fields["issuer"]


@pytest.mark.parametrize(
    "text",
    [
        "Jos\u00e9 M\u00fcller",
        "Nguy\u1ec5n",
        "\u05d3\u05d5\u05d3",
        "\u0645\u062d\u0645\u062f",
        "\u0928\u093f\u0936\u094d\u091a\u093f\u0924",
        "\u0e17\u0e35\u0e48",
        "\u8336",
        "\u2764\ufe0f Clinic",
        "o'neil+x@b.example",
    ],
    ids=ascii,
)
def test_names_of_the_world_are_taken(text: str) -> None:
    assert clean_name(text, "account") == text
    assert plain_name(text) == text


def test_a_decomposed_letter_is_composed() -> None:
    assert clean_name(" Jose\u0301 ", "account") == "Jos\u00e9"


@given(st.text(max_size=300) | st.text(alphabet=TURNS + UNSEEN + ":a \u0301\u0323\u2764", max_size=300))
@example("a" * 199 + " :b")
@example("\u2800\ufe0f")
def test_whatever_the_name_is_its_plain_form_can_be_used(text: str) -> None:
    plain = plain_name(text)
    assert len(plain) <= LONGEST
    assert clean_name(plain, "account") == plain


def test_the_plain_form_shows_where_something_was_hidden() -> None:
    assert plain_name("a:da\u202egnab") == "a da\ufffdgnab"
