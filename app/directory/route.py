"""Which service answers a search where the pool is too large to be loaded, and with which questions. Pure.

Cognito finds one attribute, whole or by its beginning; the database finds what it has columns for. Everything else
needs the loaded pool, and `Impossible` says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.directory.filters import MAXIMUM_LENGTH, equals, starts_with
from app.directory.query import VALUES, Has, Lacks, Query, Term, Word, meant
from app.errors import AppError

_ATTRIBUTES: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email",),
    "username": ("username",),
    "sub": ("sub",),
    "phone": ("phone_number",),
    "name": ("name", "given_name", "family_name"),
    "given_name": ("given_name",),
    "family_name": ("family_name",),
    "preferred_username": ("preferred_username",),
}
"""Fields of the search -> the attributes that ListUsers can filter by."""

_WORDS: Final = {
    "email": "email address",
    "username": "user name",
    "sub": "subject",
    "phone_number": "phone number",
    "name": "name",
    "given_name": "given name",
    "family_name": "family name",
    "preferred_username": "preferred user name",
}
_NAMES: Final = ("name", "given_name", "family_name")
_ANYWHERE: Final = ("email", "username", "preferred_username", "name", "given_name", "family_name")
_IN_DATABASE: Final = ("onboarding", "mfa")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{8}[0-9a-fA-F-]{0,28}")
_PHONE = re.compile(r"\+?\d[\d ]*")


@dataclass(frozen=True, slots=True)
class InCognito:
    """ListUsers with these filters, one after the other; None is the whole pool. `words` says what is looked at."""

    filters: tuple[str | None, ...]
    words: str


@dataclass(frozen=True, slots=True)
class InGroup:
    """ListUsersInGroup."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class InDatabase:
    """Rows of auth.users: of one of these statuses, with one of these factors, beginning so. Empty: any.

    A factor of "none" is a row without one.
    """

    statuses: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    email: str = ""
    name: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Impossible:
    """Neither can answer; `reason` is a sentence for the person who asked."""

    reason: str


Route = InCognito | InGroup | InDatabase | Impossible


def route(query: Query, *, database: bool) -> Route:
    """Who answers this query. `database`: there is one."""
    terms = query.terms
    if not terms:
        return InCognito((None,), "everybody, in no order")
    first = terms[0]
    if len(terms) == 1 and isinstance(first, Has) and first.field == "group" and not first.negated:
        return InGroup(first.text, f"who is in the group “{first.text}”")
    for term in terms:
        if (reason := _never(term)) is not None:
            return Impossible(reason)
    if any(isinstance(term, Has) and term.field in _IN_DATABASE for term in terms):
        return _in_database(terms, database=database)
    if len({_subject(term) for term in terms}) > 1 or sum(not _of_values(term) for term in terms) > 1:
        return Impossible("Cognito searches one attribute or group at a time: leave one condition, or one word.")
    try:
        return _in_cognito(terms)
    except AppError as error:
        return Impossible(error.message)


def _never(term: Term) -> str | None:
    """Why nobody but the loaded pool can answer this term; None where somebody may."""
    match term:
        case Word(text, negated):
            if negated:
                return f"Cognito finds what somebody has, not who lacks “{text}”."
        case Lacks(field):
            return f"Cognito cannot search for people without a value of {field}."
        case Has(field, text, negated):
            if field.startswith(("custom:", "dev:custom:")) or field in ("role", "organization"):
                return "Cognito does not search custom attributes."
            if field == "group":
                return "Cognito tells who is in a group, not who is not." if negated else None
            if field == "domain":
                return "Cognito finds how a value begins, and a domain is the end of an email address."
            if field in ("status", "enabled", *_IN_DATABASE):
                if field in _IN_DATABASE and None in meant(field, text):
                    return f"Only the loaded pool knows whose {field} is {text}."
                return None
            if field not in _ATTRIBUTES:
                return f"Cognito cannot search by {field}."
            if negated:
                return f"Cognito finds what somebody has, not whose {field} differs."
        case _:
            return "Cognito cannot search by date."
    return None


def _of_values(term: Term) -> bool:
    return isinstance(term, Has) and term.field in VALUES


def _subject(term: Term) -> str:
    return term.field if isinstance(term, Has) else ""


def _in_cognito(terms: tuple[Term, ...]) -> InCognito:
    first = terms[0]
    if isinstance(first, Word):
        return _word(first.text)
    assert isinstance(first, Has)
    if first.field == "status":
        values = _chosen(terms)
        words = ", ".join(value.lower().replace("_", " ") for value in values)
        return InCognito(tuple(equals("cognito:user_status", value) for value in values), f"accounts that are {words}")
    if first.field == "enabled":
        states = {"True": "Enabled", "False": "Disabled"}
        chosen = [states[value] for value in _chosen(terms)]
        words = " or ".join(state.lower() for state in chosen)
        return InCognito(tuple(equals("status", state) for state in chosen), f"accounts that are {words}")
    return _beginnings(_ATTRIBUTES[first.field], first.text)


def _word(text: str) -> InCognito:
    """Where a single word may stand at the beginning, by what it looks like."""
    if "@" in text.strip("@"):
        return _beginnings(("email", "username"), text)
    if _HEXADECIMAL.fullmatch(text):
        return _beginnings(("sub", "username"), text)
    if _PHONE.fullmatch(text):
        return _beginnings(("phone_number", "username", "email"), text.replace(" ", ""))
    return _beginnings(_ANYWHERE, text)


def _beginnings(attributes: tuple[str, ...], text: str) -> InCognito:
    filters: dict[str | None, None] = {}
    asked: dict[str, None] = {}
    for attribute in attributes:
        for spelling in _spellings(attribute, text):
            try:
                filters[starts_with(attribute, spelling)] = None
                asked[attribute] = None
            except AppError:  # too long for the longer of the names
                if attribute == attributes[-1] and not filters:
                    raise
    names = [_WORDS[name] for name in asked]
    listed = " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    return InCognito(tuple(filters), f"people with “{text}” at the beginning of their {listed}")


def _spellings(attribute: str, text: str) -> Iterable[str]:
    """As it was typed; and, as Cognito may heed case, as addresses and names are usually written."""
    yield text
    if attribute == "email" and text != text.lower():
        yield text.lower()
    if attribute in _NAMES and text == text.lower() and (titled := text.title()) != text:
        yield titled


def _chosen(terms: tuple[Term, ...]) -> list[str]:
    """The values of one field of few values that the terms leave: several mean any of them, negated ones take away."""
    wanted: dict[str, None] = {}
    unwanted: set[str] = set()
    field = ""
    for term in terms:
        assert isinstance(term, Has)
        field = term.field
        found = [str(value) for value in meant(field, term.text)]
        if term.negated:
            unwanted.update(found)
        else:
            wanted.update(dict.fromkeys(found))
    every = dict.fromkeys(str(value) for value in VALUES[field].values() if value is not None)
    return [value for value in (wanted or every) if value not in unwanted]


def _in_database(terms: tuple[Term, ...], *, database: bool) -> Route:
    if not database:
        return Impossible("This connection has no application database, which would know onboarding and MFA.")
    fields: dict[str, list[Term]] = {}
    for term in terms:
        fields.setdefault(_subject(term), []).append(term)
    others = fields.keys() - {*_IN_DATABASE, "email", "name"}
    if others:
        name = next(iter(sorted(others))) or "a word"
        return Impossible(f"The database cannot answer {name} together with onboarding or MFA.")
    texts: dict[str, str] = {}
    for name in ("email", "name"):
        found = fields.get(name, [])
        if len(found) > 1:
            return Impossible(f"Two conditions on {name} need the loaded pool.")
        texts[name] = found[0].text if found and isinstance(found[0], Has) else ""
        if len(texts[name]) > MAXIMUM_LENGTH:
            return Impossible(f"Shorten the {name}.")
    statuses = tuple(_chosen(tuple(fields["onboarding"]))) if "onboarding" in fields else ()
    factors = tuple(_chosen(tuple(fields["mfa"]))) if "mfa" in fields else ()
    if ("onboarding" in fields and not statuses) or ("mfa" in fields and not factors):
        return Impossible("These conditions exclude each other.")
    parts = [" or ".join(value.replace("_", " ").replace("mfa", "MFA") for value in statuses)]
    parts.append(f"MFA {' or '.join(factors)}" if factors else "")
    parts += [f"{name} beginning with “{text}”" for name, text in texts.items() if text]
    words = ", ".join(part for part in parts if part)
    return InDatabase(statuses, factors, texts["email"], texts["name"], f"rows of the database: {words}")
