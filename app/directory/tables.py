"""Whole columns of the index, typed, for files: fields of UserRow under their names, attributes under Cognito's.

Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from app.directory import columns

MOMENT = pl.Datetime("us")  # in UTC, said by nobody: a time zone in the type would need a database of them
_FLAGS = ("enabled", "email_verified", "in_database", "mfa_required")
_MOMENTS = ("created", "modified")
_WORDS = {"custom:role": "role", "custom:organizationId": "own_organization"}
_SAME = {"phone_number": "phone"}


def kind(name: str) -> pl.DataType:
    """The type of a column."""
    if name in _FLAGS:
        return pl.Boolean()
    return MOMENT if name in _MOMENTS else pl.String()


def empty(names: Sequence[str]) -> pl.DataFrame:
    """The columns, with nobody in them."""
    return pl.DataFrame(schema={name: kind(name) for name in names})


def table(frame: pl.DataFrame, positions: pl.Series, names: Sequence[str]) -> pl.DataFrame:
    """The columns `names` of the rows at `positions`. What somebody does not have is null."""
    needed = {source for name in names for source in _sources(name)}
    rows = frame.select(sorted(needed))[positions]
    return pl.DataFrame([_column(rows, name).alias(name) for name in names])


def _sources(name: str) -> tuple[str, ...]:
    if name == "sub":
        return ("sub", "username")
    if name in columns.ROW:
        return (name,)
    return (_WORDS.get(name) or _SAME.get(name) or "attributes",)


def _column(rows: pl.DataFrame, name: str) -> pl.Series:
    if name == "sub":
        return rows.select(pl.coalesce("sub", "username").replace("", None)).to_series()
    if name == "groups":  # names of groups have no spaces
        return rows[name].cast(pl.String).str.replace_all("\n", " ", literal=True)
    if name in columns.ROW:
        return rows[name].cast(kind(name))
    if name in _WORDS:
        return rows[_WORDS[name]].cast(pl.String)
    return rows[_SAME[name]] if name in _SAME else _attribute(rows["attributes"], name)


def _attribute(texts: pl.Series, name: str) -> pl.Series:
    """The values of an attribute that has no column of its own."""
    mark = columns.NAMES.known(name)
    if not mark:
        return pl.repeat(None, len(texts), dtype=pl.String, eager=True)
    return texts.str.extract(rf"{mark}([^{columns.MARK_RANGES}]*)")
