"""Whatever the application writes into the journal's details is told in words, not under its developer's name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import app
from ui.journal_words import details_words

# "people: 12", "search: everybody", "preferred: authenticator app": the name is the word.
_SPEAKS_FOR_ITSELF = {"people", "search", "preferred"}


def _keys() -> set[str]:
    """The literal keys of every dictionary that is named details where it is made."""
    found: set[str] = set()
    for path in Path(str(app.__file__)).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="details", value=ast.Dict() as value):
                    pass
                case ast.Assign(targets=[ast.Name(id="details")], value=ast.Dict() as value):
                    pass
                case _:
                    continue
            found |= {key.value for key in value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return found


def test_the_known_keys_are_found() -> None:
    assert {"person", "drift", "subscription", "mirror", "step", "invited"} <= _keys()


@pytest.mark.parametrize("key", sorted(_keys() - {"person", "step"} - _SPEAKS_FOR_ITSELF))
def test_every_key_has_words(key: str) -> None:
    assert details_words({key: "something"}) != f"{key.replace('_', ' ')}: something"


def test_every_step_of_an_enrolment_has_words() -> None:
    from app.auth.enrolment import Step

    assert [step.value for step in Step if details_words({"step": step.value}) == f"step: {step.value}"] == []
