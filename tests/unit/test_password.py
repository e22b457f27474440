"""The password policy in words, and generated passwords that meet it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import AppError
from app.pool.models import PasswordPolicy
from app.pool.password import SYMBOLS, check_password, generate

STRICT = PasswordPolicy(12, uppercase=True, lowercase=True, digits=True, symbols=True)


def test_every_unmet_rule_is_named() -> None:
    unmet = check_password(STRICT, "abc")
    assert [rule.split()[0:3] for rule in unmet] == [
        ["at", "least", "12"],
        ["an", "upper-case", "letter"],
        ["a", "digit", "(0-9)"],
        ["a", "symbol,", "such"],
    ]


@pytest.mark.parametrize("password", ["Correct-Horse-7", "Correct Horse 7x", "A1b~ 2 34567é"])
def test_a_password_that_meets_the_policy(password: str) -> None:
    assert check_password(STRICT, password) == []


@pytest.mark.parametrize(
    ("password", "says"),
    [
        (" Correct-Horse-7", "no space"),
        ("Correct-Horse-7 ", "no space"),
        ("ÉCORRECT-HORSE-7", "lower-case"),
        ("écorrect-horse-7", "upper-case"),
        ("Correct-Horse-٣", "digit"),  # a digit, but not one of Cognito's
        ("CorrectHorse7777 ", "symbol"),
        ("Aa1!" * 65, "at most 256"),
    ],
)
def test_what_cognito_does_not_count(password: str, says: str) -> None:
    assert any(says in rule for rule in check_password(STRICT, password))


def test_a_lax_policy_asks_for_length_only() -> None:
    assert check_password(PasswordPolicy(minimum_length=6), "éééééé") == []


@given(
    st.builds(
        PasswordPolicy,
        minimum_length=st.integers(6, 99),
        uppercase=st.booleans(),
        lowercase=st.booleans(),
        digits=st.booleans(),
        symbols=st.booleans(),
    ),
    st.integers(0, 99),
)
def test_a_generated_password_meets_any_policy(policy: PasswordPolicy, length: int) -> None:
    password = generate(policy, length)
    assert check_password(policy, password) == []
    assert len(password) >= max(length, policy.minimum_length)
    assert not set(password) & set("0O1lI")


def test_generated_passwords_differ() -> None:
    assert len({generate(STRICT) for _ in range(50)}) == 50


def test_a_password_longer_than_cognito_takes_is_refused() -> None:
    with pytest.raises(AppError) as caught:
        generate(STRICT, 257)
    assert "length" in caught.value.fields


def test_symbols_are_neither_letters_nor_digits() -> None:
    assert not SYMBOLS & set(string.ascii_letters + string.digits)
