"""What somebody types as a group's precedence is a number that Cognito takes, nothing, or an error at that field."""

from __future__ import annotations

import pytest

from app.directory.groups import HIGHEST_PRECEDENCE, precedence_of
from app.errors import AppError


@pytest.mark.parametrize(
    ("typed", "number"), [("", None), ("  ", None), ("0", 0), (" 7 ", 7), (str(HIGHEST_PRECEDENCE), HIGHEST_PRECEDENCE)]
)
def test_numbers_and_nothing(typed: str, number: int | None) -> None:
    assert precedence_of(typed) == number


@pytest.mark.parametrize("typed", ["-1", "1.5", "first", "²", "٣", str(HIGHEST_PRECEDENCE + 1), "9" * 5000])
def test_everything_else_is_refused_at_the_field(typed: str) -> None:
    with pytest.raises(AppError, match="whole number from 0") as caught:
        precedence_of(typed)
    assert list(caught.value.fields) == ["precedence"]
