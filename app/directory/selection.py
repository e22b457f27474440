"""Which people somebody chose: by name, or everybody whom a query finds but a few. Pure values, safe on any thread.

`UserIndex.chosen` turns a selection into people: its query is asked then, and finds those who came meanwhile.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picked:
    """People by their usernames, in the order in which they were shown."""

    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """Everybody whom `query` finds (the language of app.directory.query; empty: the whole pool), without some."""

    query: str = ""
    without: frozenset[str] = frozenset()


Selection = Picked | Matching


class Rows:
    """Numbers of rows as spans, never changed: a million of them in a row take no more room than one."""

    __slots__ = ("_starts", "_stops", "_total")

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        """Take spans start..stop-1 that ascend and do not touch."""
        pairs = list(spans)
        self._starts = [start for start, _ in pairs]
        self._stops = [stop for _, stop in pairs]
        self._total = sum(self._stops) - sum(self._starts)

    def __len__(self) -> int:
        return self._total

    def __contains__(self, row: int) -> bool:
        at = bisect_right(self._starts, row) - 1
        return at >= 0 and row < self._stops[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and (self._starts, self._stops) == (other._starts, other._stops)

    def __hash__(self) -> int:
        return hash((tuple(self._starts), tuple(self._stops)))

    def __repr__(self) -> str:
        return f"Rows({list(self.spans())})"

    def spans(self) -> Iterator[tuple[int, int]]:
        """The spans start..stop-1, ascending."""
        return zip(self._starts, self._stops, strict=True)

    def within(self, stop: int) -> Rows:
        """The rows before `stop`."""
        return self.without(stop, max(stop, self._stops[-1] if self._stops else 0))

    def plus(self, start: int, stop: int) -> Rows:
        """These rows and start..stop-1."""
        if start >= stop:
            return self
        first, last = bisect_left(self._stops, start), bisect_right(self._starts, stop)  # those that touch it
        if first < last:
            start, stop = min(start, self._starts[first]), max(stop, self._stops[last - 1])
        return self._replaced(first, last, [start], [stop])

    def without(self, start: int, stop: int) -> Rows:
        """These rows without start..stop-1."""
        first, last = bisect_right(self._stops, start), bisect_left(self._starts, stop)
        if start >= stop or first >= last:
            return self
        pieces = [(self._starts[first], start), (stop, self._stops[last - 1])]
        pieces = [(low, high) for low, high in pieces if low < high]
        return self._replaced(first, last, [low for low, _ in pieces], [high for _, high in pieces])

    def _replaced(self, first: int, last: int, starts: list[int], stops: list[int]) -> Rows:
        gone = sum(self._stops[first:last]) - sum(self._starts[first:last])
        made = Rows()
        made._starts = self._starts[:first] + starts + self._starts[last:]
        made._stops = self._stops[:first] + stops + self._stops[last:]
        made._total = self._total - gone + sum(stops) - sum(starts)
        return made


NO_ROWS = Rows()
