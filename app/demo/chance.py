"""Drawing from a seeded generator. Quicker than random.choice and random.choices, which matters for 100,000 people."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def seeded(seed: int | str) -> Random:
    """A generator that gives the same for the same seed, on every machine."""
    return Random(seed)  # noqa: S311  sameness is wanted; nothing that it draws protects anything


def pick(rng: Random, options: Sequence[T]) -> T:
    """One of `options`, each as likely."""
    return options[int(rng.random() * len(options))]


def weighted(rng: Random, options: Sequence[T], cumulative: Sequence[float]) -> T:
    """One of `options`; `cumulative` holds the running sums of their weights."""
    return options[bisect(cumulative, rng.random() * cumulative[-1])]


def uuid4(rng: Random) -> str:
    """A version 4 UUID in its usual form (RFC 9562)."""
    bits = rng.getrandbits(128) & ~(0xF << 76 | 0x3 << 62) | (0x4 << 76 | 0x2 << 62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def age(rng: Random, median: float, most: float) -> float:
    """Days, half of them below `median`: most things are recent, a few are old."""
    return min(most, median * rng.expovariate(0.6931) + 0.01)
