"""A search of the index among 10,000 people against what plain Python would do: a case-insensitive scan over dicts."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import TypeVar

from app.directory.index import UserIndex
from tests.bench.search import people

T = TypeVar("T")
PEOPLE = 10_000
# Each round looks for another, so that no answer can come out of what the round before has found.
NEEDLES = ("moreno", "haddad", "okafor", "lindqvist", "kaya", "rossi", "mensah", "tanaka", "duarte")


def measure() -> dict[str, float]:
    """Medians of nine needles, both sides in turn. They must find the same number of people."""
    users = list(people(PEOPLE))
    index = UserIndex()
    index.replace(users)
    index.view()  # the order by email is computed once and kept
    rows = [dict(user.attributes) for user in users]
    ours: list[float] = []
    plain: list[float] = []
    for needle in NEEDLES:
        took, view = _timed(partial(index.view, needle))
        ours.append(took)
        took, hits = _timed(partial(scan, rows, needle))
        plain.append(took)
        if len(view) != len(hits) or not hits:
            raise RuntimeError(f"{needle}: the index finds {len(view)}, the scan {len(hits)}")
    return {
        "search_10k_ms": round(median(ours), 2),
        "search_10k_vs_python": round(median(ours) / median(plain), 3),
    }


def scan(rows: list[dict[str, str]], needle: str) -> list[dict[str, str]]:
    """The people of whom some attribute holds the needle, whatever its case, in the order of their email."""
    folded = needle.casefold()
    hits = [row for row in rows if any(folded in value.casefold() for value in row.values())]
    return sorted(hits, key=lambda row: row["email"])


def _timed(call: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = call()
    return (time.perf_counter() - began) * 1000, result
