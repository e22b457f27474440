"""Which rows of a table are chosen: some, or all but some. A value; the table paints it and changes it by gestures.

It is exact for a million rows, and stays with the people when the table gets another view (`carried`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.directory.index import UserView
from app.directory.selection import NO_ROWS, Matching, Picked, Rows, Selection


@dataclass(frozen=True, slots=True)
class Choice:
    """`rows` are chosen; with `everybody` all are but these, and but those `absent` whom the view does not show."""

    rows: Rows = NO_ROWS
    everybody: bool = False
    absent: frozenset[str] = frozenset()

    def __contains__(self, row: int) -> bool:
        return (row in self.rows) is not self.everybody

    def count(self, total: int) -> int:
        """How many rows are chosen, of a table of `total`."""
        return total - len(self.rows) if self.everybody else len(self.rows)

    def spans(self, total: int) -> list[tuple[int, int]]:
        """The chosen rows as spans start..stop-1, ascending."""
        if not self.everybody:
            return list(self.rows.spans())
        between, at = [], 0
        for start, stop in self.rows.spans():
            if at < start:
                between.append((at, start))
            at = stop
        return [*between, (at, total)] if at < total else between

    def toggled(self, row: int) -> Choice:
        """The same with one row chosen that was not, or the other way round."""
        rows = self.rows.without(row, row + 1) if row in self.rows else self.rows.plus(row, row + 1)
        return replace(self, rows=rows)

    def plus(self, first: int, last: int) -> Choice:
        """The same with the rows first..last (in either order) chosen too."""
        start, stop = min(first, last), max(first, last) + 1
        rows = self.rows.without(start, stop) if self.everybody else self.rows.plus(start, stop)
        return replace(self, rows=rows)

    def selection(self, view: UserView | None, query: str) -> Selection:
        """As a value for whoever acts on these people; `query` is what the view shows."""
        if view is None:
            return Picked()
        names = view.names(self.rows)
        return Matching(query, self.absent.union(names)) if self.everybody else Picked(tuple(names))

    def carried(self, before: UserView | None, after: UserView) -> Choice:
        """The same people in another view of the same search. Of all but some, those who came meanwhile are chosen too.

        Some who are no longer shown are not chosen any more. Takes 0.1 s for a million: large ones on a worker.
        """
        if not len(self.rows) and not self.absent:
            return self
        rows = after.carried(before, self.rows)
        if not self.everybody:
            return Choice(rows)
        if self.absent:  # people who were left out and come back stay left out
            for at in after.locate(self.absent).values():
                rows = rows.plus(at, at + 1)
        absent = frozenset[str]()
        if before is not None and len(rows) < len(self.rows) + len(self.absent):
            shown = set(after.names(rows))
            absent = frozenset(name for name in (*self.absent, *before.names(self.rows)) if name not in shown)
        return Choice(rows, True, absent)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table wants to find again in its next view: who is chosen, and who is under the keyboard."""

    view: UserView | None = None
    query: str = ""
    choice: Choice = Choice()
    current: str | None = None

    def found_in(self, view: UserView, query: str) -> Found:
        """Where they are in a view of `query`. "Everybody" means whom one query finds: another one ends it."""
        choice = Choice() if self.choice.everybody and query != self.query else self.choice.carried(self.view, view)
        return Found(self, choice, None if self.current is None else view.position(self.current))


@dataclass(frozen=True, slots=True)
class Found:
    """Where those who were `kept` are in the next view; `current` is None for nobody, or who is no longer shown."""

    kept: Kept
    choice: Choice
    current: int | None


NONE = Choice()
EVERYBODY = Choice(everybody=True)


def only(first: int, last: int | None = None) -> Choice:
    """One row, or the rows between two."""
    return NONE.plus(first, first if last is None else last)
