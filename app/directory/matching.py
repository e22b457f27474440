"""A query as conditions on the columns of the index.

Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import polars as pl

from app.directory import columns, differences, learned
from app.directory.differences import Kind
from app.directory.query import DATES, VALUES, Beyond, Has, Lacks, Period, Query, Term, Within, Word, meant
from app.directory.row import EPOCH

RAW = frozenset({"email", "name", "phone", "username", "sub"})  # columns of texts as Cognito spells them
WORDS = {
    "role": "role",
    "organization": "organization",
    "domain": "domain",
    "custom:role": "role",
    "custom:organizationid": "own_organization",
}
SOURCES = {
    "sub": ("sub", "username"),
    "verified": ("email_verified",),
    "indb": ("in_database",),
    "group": ("groups",),
}


def plan(query: Query) -> tuple[tuple[str, ...], tuple[Term | tuple[Term, ...], ...]]:
    """The folded words that everybody in the result has in their search text, the longest first, and what else holds.

    A tuple of terms stands for any of them: several conditions on one field of few values.
    """
    words: set[str] = set()
    others: list[Term | tuple[Term, ...]] = []
    choices: dict[str, list[Term]] = {}
    for term in query.terms:
        if isinstance(term, Word) and not term.negated:
            words.add(columns.fold(term.text))
        elif isinstance(term, Has) and term.field in VALUES and not term.negated:
            choices.setdefault(term.field, []).append(term)
        else:
            if isinstance(term, Has) and not term.negated and _in_search_text(term.field):
                # Part by part: a full name may be put together from two attributes.
                words.update(columns.fold(term.text).split())
            others.append(term)
    words.discard("")
    chosen = tuple(tuple(terms) for terms in choices.values())
    return tuple(sorted(words, key=lambda word: (-len(word), word))), (*chosen, *others)


def needed(conditions: Sequence[Term | tuple[Term, ...]]) -> list[str]:
    """The columns that `holds` reads."""
    found: dict[str, None] = {}
    for condition in conditions:
        term = condition[0] if isinstance(condition, tuple) else condition
        sources = ("search",) if isinstance(term, Word) else _sources(term.field)
        found.update(dict.fromkeys((*sources, "search") if sources == ("attributes",) else sources))
    return list(found)


def holds(
    rows: pl.DataFrame, conditions: Sequence[Term | tuple[Term, ...]], groups: frozenset[str] = frozenset()
) -> pl.Series:
    """For each row whether every condition holds. `groups` are the folded names of the pool's groups."""
    result = pl.repeat(True, rows.height, dtype=pl.Boolean, eager=True)
    for condition in conditions:
        if isinstance(condition, tuple):
            any_of = [_holds(rows, term, groups) for term in condition]
            found = any_of[0]
            for other in any_of[1:]:
                found = found | other
        else:
            found = _holds(rows, condition, groups)
            found = ~found if condition.negated else found
        result = result & found
    return result


def _in_search_text(field: str) -> bool:
    return field not in ("organization", "role", "group", *columns.FLAGS)


def _sources(field: str) -> tuple[str, ...]:
    if field in WORDS or field.lower() in WORDS:
        return (WORDS[field.lower()],)
    if field in SOURCES:
        return SOURCES[field]
    return (field,) if field in RAW or field in VALUES or field in DATES else ("attributes",)


def _holds(rows: pl.DataFrame, term: Term, groups: frozenset[str]) -> pl.Series:
    """For each row whether the term holds, without regard to its sign. Never null."""
    match term:
        case Word(text):
            return rows["search"].str.contains(columns.fold(text), literal=True)
        case Lacks(field):
            return _lacks(rows, field)
        case Has(field, text) if field in VALUES:
            return _is(rows, field, meant(field, text))
        case Has("group", text):
            return learned.in_group(rows["groups"], columns.fold(text), groups)
        case Has(field, text):
            return _contains(rows, field, columns.fold(text))
        case Within(field, first, last):
            return _between(rows[field], first, last)
        case Beyond(field, after, period):
            edge = _microseconds(period, end=after)
            return rows[field] >= edge if after else rows[field] < edge


def _between(moments: pl.Series, first: Period | None, last: Period | None) -> pl.Series:
    found = pl.repeat(True, len(moments), dtype=pl.Boolean, eager=True)
    if first is not None:
        found = found & (moments >= _microseconds(first, end=False))
    if last is not None:
        found = found & (moments < _microseconds(last, end=True))
    return found


def _microseconds(period: Period, *, end: bool) -> int:
    return ((period.end if end else period.start) - EPOCH) // columns.MICROSECOND


def _is(rows: pl.DataFrame, field: str, values: Collection[object]) -> pl.Series:
    if field == "drift":
        return _differs(rows["drift"], values)
    value = rows[_sources(field)[0]]
    if value.dtype != pl.Boolean:
        value = value.cast(pl.String)
    found = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    for wanted in values:
        found = found | (value.is_null() if wanted is None else (value == wanted).fill_null(False))
    return found


def _differs(bits: pl.Series, values: Collection[object]) -> pl.Series:
    """True asks for any difference, False for none, a kind for that one. Without a database nobody is found."""
    found = pl.repeat(False, len(bits), dtype=pl.Boolean, eager=True)
    wanted = differences.mask(value for value in values if isinstance(value, Kind))
    if wanted:
        found = found | ((bits & wanted) != 0).fill_null(False)
    for value in values:
        if isinstance(value, bool):
            found = found | ((bits != 0) == value).fill_null(False)
    return found


def _lacks(rows: pl.DataFrame, field: str) -> pl.Series:
    if field == "group":
        # While they are not read, nobody is known to be in none.
        return (rows["groups"].cast(pl.String) == "").fill_null(False)
    if field.lower() in WORDS:
        return rows[WORDS[field.lower()]].is_null()
    if field in RAW:
        return _texts(rows, field).fill_null("") == ""
    mark = columns.NAMES.known(field)
    if not mark:
        return pl.repeat(True, rows.height, dtype=pl.Boolean, eager=True)
    return ~rows["attributes"].str.contains(mark).fill_null(False)


def _contains(rows: pl.DataFrame, field: str, needle: str) -> pl.Series:
    if field.lower() in WORDS:
        texts = rows[WORDS[field.lower()]].cast(pl.String)
        matching = [text for text in texts.unique().drop_nulls().to_list() if needle in columns.fold(text)]
        return texts.is_in(pl.Series(matching, dtype=pl.String).implode()).fill_null(False)
    if field in RAW:
        return _raw_contains(_texts(rows, field), needle)
    return _attribute_contains(rows, field, needle)


def _attribute_contains(rows: pl.DataFrame, field: str, needle: str) -> pl.Series:
    """For each row whether its attribute holds the folded needle. Values are as Cognito spells them."""
    found = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
    mark = columns.WORDS_OF_IDENTITIES if field == "identities" else columns.NAMES.known(field)
    if not mark:
        return found
    candidates = rows["attributes"].is_not_null()
    words = needle.split()
    if words and field not in columns.FLAGS:  # every value is in the search text, folded already
        candidates = candidates & rows["search"].str.contains(max(words, key=len), literal=True)
    places = candidates.arg_true()
    texts = rows["attributes"][places]
    wanted = r"\s".join(re.escape(columns.MARK.sub(" ", part)) for part in re.split(r"[ \n]", needle))
    held = texts.str.to_lowercase().str.contains(rf"{mark}[^{columns.MARK_RANGES}]*{wanted}")
    others = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if len(others):  # only Python folds what is not ASCII
        values = texts[others].str.extract(rf"{mark}([^{columns.MARK_RANGES}]*)").to_list()
        needle = " ".join(re.split(r"\s", needle))
        folded = [value is not None and needle in re.sub(r"\s", " ", columns.fold(value)) for value in values]
        held = held.scatter(others, folded)
    return found.scatter(places, held)


def _texts(rows: pl.DataFrame, field: str) -> pl.Series:
    match field:
        case "sub":
            return rows.select(pl.coalesce("sub", "username")).to_series()
        case _:
            return rows[field]


def _raw_contains(texts: pl.Series, needle: str) -> pl.Series:
    found = texts.str.to_lowercase().str.contains(needle, literal=True).fill_null(False)
    # Only Python folds what is not ASCII; such texts are few in most pools.
    others = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(False).arg_true()
    if len(others):
        folded = [needle in columns.fold(text) for text in texts[others].to_list()]
        found = found.scatter(others, folded)
    return found
