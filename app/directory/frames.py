"""One immutable state of the index: segments of rows, the orders known for them, and how a few changes make the next.

A change rewrites only the segments that it touches and moves only the rows concerned in the known orders, so that one
update among a million users costs milliseconds. Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import polars as pl

from app.directory import columns, learned, matching, tallies
from app.directory.facts import Facts, complete
from app.directory.models import User
from app.directory.selection import Rows

if TYPE_CHECKING:
    from app.directory.query import Query
    from app.directory.row import DatabaseFact

SEGMENT = 131_072  # rows: large enough that a page touches few segments, small enough to rewrite in a few milliseconds
KNOWN_ORDERS = 3
PIECES = 64  # more edits than this in a segment, and gathering it is cheaper than cutting it up
MOVES = 4_096  # more moved rows than this, and sorting anew when somebody asks is cheaper
FEW = 2_000  # so few rows are ordered for themselves; more are picked out of the order of all

Sort = tuple[tuple[str, bool], ...]


class Snapshot:
    """Rows in segments; a position is a row's number across them. Orders are computed once and kept."""

    def __init__(self, segments: Sequence[pl.DataFrame], orders: Mapping[Sort, pl.Series] | None = None) -> None:
        self.segments = tuple(segment for segment in segments if segment.height) or (
            complete(columns.own_frame(()), None),
        )
        self.frame = pl.concat(self.segments, rechunk=False)
        self.height = self.frame.height
        self._pages = self.frame.select(columns.ROW)
        self._attributes = self.frame.select(columns.ATTRIBUTES)
        self._duplicates: pl.Series | None = None
        self._narrower: tuple[tuple[str, ...], pl.Series] | None = None
        self._orders = dict(orders or {})
        self._sorting = threading.Lock()

    def order(self, sort: Sort) -> pl.Series:
        """All positions in this order."""
        with self._sorting:
            orders = dict(self._orders)
            known = orders.pop(sort, None)
            if known is None:
                known = columns.arranged(self.frame, sort)
            orders[sort] = known
            if len(orders) > KNOWN_ORDERS:
                del orders[next(iter(orders))]
            self._orders = orders  # in one step: a change reads them without waiting for a sort
            return known

    def search(self, query: Query, sort: Sort) -> pl.Series:
        """The positions, in this order, of the rows for which every term of the query holds."""
        words, conditions = matching.plan(query)
        if not words and not conditions:
            return self.order(sort)
        hits = self._hits(words) if words else pl.int_range(self.height, dtype=pl.UInt32, eager=True)
        if conditions:
            needed = matching.needed(conditions)
            rows = self.frame.select("username", *(name for name in needed if name not in ("username", "duplicate")))
            if "duplicate" in needed:
                rows = rows.with_columns(self.duplicates())
            groups = learned.group_names(rows["groups"]) if "groups" in rows.columns else frozenset()
            hits = hits.filter(matching.holds(rows[hits] if words else rows, conditions, groups))
        return self._ordered(hits, sort)

    def duplicates(self) -> pl.Series:
        """For each row whether another one has the same email address; worked out once."""
        if self._duplicates is None:
            self._duplicates = tallies.shared_addresses(self.frame)
        return self._duplicates

    def ordered(self, places: list[int], sort: Sort) -> pl.Series:
        """These positions, given ascending, in this order."""
        return self._ordered(pl.Series(places, dtype=pl.UInt32), sort)

    def _ordered(self, hits: pl.Series, sort: Sort) -> pl.Series:
        if len(hits) == self.height:
            return self.order(sort)
        if len(hits) < FEW:
            return hits.gather(columns.arranged(self.frame[hits], sort))
        order = self.order(sort)
        return order.filter(self._mask(hits).gather(order))

    def _mask(self, positions: pl.Series) -> pl.Series:
        return pl.repeat(False, self.height, eager=True).scatter(positions, True)

    def _hits(self, words: tuple[str, ...]) -> pl.Series:
        """The positions, ascending, of the rows that hold every word."""
        first, *others = words
        narrower, self._narrower = self._narrower, None
        # Somebody who types on can only narrow what the shorter text found.
        if narrower is not None and all(any(old in word for word in words) for old in narrower[0]):
            hits, others = narrower[1], list(words)
        else:
            hits = self._holding(first)
        texts = self.frame["search"][hits] if others else hits
        for word in others:
            found = texts.str.contains(word, literal=True)
            hits, texts = hits.filter(found), texts.filter(found)
        if len(hits) * 10 < self.height:  # else to gather so many texts costs more than to search them all
            self._narrower = (words, hits)
        return hits

    def _holding(self, word: str) -> pl.Series:
        """The positions, ascending, of the rows that hold a word: segment by segment, on every core."""
        asked = [segment.lazy().select(pl.arg_where(_contains(word))) for segment in self.segments]
        parts, start = [], 0
        for segment, found in zip(self.segments, pl.collect_all(asked), strict=True):
            parts.append((found.to_series() + start).cast(pl.UInt32))
            start += segment.height
        return pl.concat(parts, rechunk=True)

    def rows(self, positions: pl.Series) -> pl.DataFrame:
        """The columns ROW of some positions."""
        return self._pages[positions]

    def positions(self, usernames: Collection[str]) -> dict[str, int]:
        """Where users stand; the unknown ones are missing."""
        if not usernames or not self.height:
            return {}
        names = self.frame["username"]
        if len(usernames) == 1:
            (username,) = usernames
            found = (names == username).arg_true()
        else:
            found = names.is_in(pl.Series(list(usernames), dtype=pl.String).implode()).arg_true()
        return dict(zip(names[found].to_list(), found.to_list(), strict=True))

    @staticmethod
    def gathered(positions: pl.Series, rows: Rows) -> pl.Series:
        """The positions that stand in some rows of a view."""
        return pl.concat([positions[:0], *(positions[start:stop] for start, stop in rows.spans())])

    def same_people(self, other: Snapshot, places: pl.Series) -> pl.Series:
        """Where people stand here who stand at `places` there; those who are not here are left out."""
        names = other.frame["username"][places]
        return self.frame["username"].is_in(names.implode()).arg_true()

    def spans(self, positions: pl.Series, places: pl.Series) -> Rows:
        """In which rows of a view (`positions`) the users at `places` stand."""
        found = self._mask(places).gather(positions).arg_true()
        begins = (found.diff() != 1).fill_null(True)
        ends = begins.shift(-1, fill_value=True)
        return Rows(zip(found.filter(begins).to_list(), (found.filter(ends) + 1).to_list(), strict=True))

    def less(self, positions: pl.Series, gone: list[int]) -> pl.Series:
        """`positions` in their order, without those that are gone."""
        return positions.filter(~self._mask(pl.Series(gone, dtype=pl.UInt32)).gather(positions)) if gone else positions

    def attributes(self, positions: pl.Series) -> list[dict[str, str]]:
        """Every attribute of some users, by its name."""
        return columns.read_attributes(self._attributes[positions])

    @staticmethod
    def among(positions: pl.Series, wanted: list[int]) -> list[int]:
        """Where in `positions` the wanted ones stand."""
        if len(wanted) == 1:
            return (positions == wanted[0]).arg_true().to_list()
        return positions.is_in(pl.Series(wanted, dtype=pl.UInt32).implode()).arg_true().to_list()

    def newest(self, number: int) -> pl.Series:
        """The positions of the users created last, newest first."""
        created = self.frame.select("created").with_row_index("position")
        return created.top_k(number, by="created").sort("created", "position", descending=True)["position"]

    def changed(self, changes: Mapping[str, User | None], facts: Facts | None, *, anew: bool = False) -> Snapshot:
        """The state after some users were put, in their old place or at the end, and those with None removed.

        `anew`: what was learned about those who are replaced is forgotten.
        """
        known = self.positions(changes.keys())
        put = {name: user for name, user in changes.items() if user is not None}
        fresh = [user for name, user in put.items() if name not in known]
        replaced = sorted((known[name], name) for name in put if name in known)
        dropped = sorted(position for name, position in known.items() if name not in put)
        users = [put[name] for _, name in replaced] + fresh
        places = [position for position, _ in replaced]
        own = columns.own_frame(users)
        rows = complete(own if anew else learned.carried(own, self.frame[places]), facts)

        segments = self._rewritten(places, rows, dropped)
        segments = _appended(segments, rows[len(replaced) :])
        after = Snapshot(segments)
        gone = pl.Series(dropped, dtype=pl.UInt32)
        kept = pl.Series(places, dtype=pl.UInt32)
        moved = pl.concat(
            [
                kept - gone.search_sorted(kept).cast(pl.UInt32),
                pl.int_range(self.height - len(dropped), after.height, dtype=pl.UInt32, eager=True),
            ]
        )
        if len(moved) <= MOVES:
            leaving = pl.Series(sorted(places + dropped), dtype=pl.UInt32)
            for sort, order in self._orders.items():
                after._orders[sort] = after._with_moved(_without(order, leaving, gone), moved, sort)
        return after

    def others(self, usernames: Collection[str]) -> list[str]:
        """The users that are not among `usernames`."""
        names = self.frame["username"]
        return names.filter(~names.is_in(pl.Series(list(usernames), dtype=pl.String).implode())).to_list()

    def rejoined(self, facts: Facts, fact: DatabaseFact) -> Snapshot:
        """The same users, with what `fact` says anew about those that it may concern."""
        keys = self.frame.select(
            subject=pl.coalesce("sub", "username") == (fact.subject or ""),
            email=pl.col("email").str.to_lowercase() == fact.email.lower(),
        )
        places = (keys["subject"].fill_null(False) | keys["email"].fill_null(False)).arg_true()
        if not len(places):
            return self
        rows = complete(self.frame[places].select(*columns.OWN), facts)
        return Snapshot(self._rewritten(places.to_list(), rows, []), self._orders_without_facts())

    def joined(self, facts: Facts) -> Snapshot:
        """The same users with other database facts."""
        whole = complete(self.frame, facts)  # at once: a join hashes all of the rows each time
        segments = []
        start = 0
        for segment in self.segments:
            segments.append(whole[start : start + segment.height].rechunk())
            start += segment.height
        return Snapshot(segments, self._orders_without_facts())

    def grouped(self, members: Mapping[str, str]) -> Snapshot:
        """The same users with these groups, by username; the others in none."""
        frame = learned.members_frame(members)
        return Snapshot([learned.grouped(each, frame) for each in self.segments], self._orders_without(("groups",)))

    def told(self, column: str, values: Mapping[str, str | None], facts: Facts | None) -> Snapshot:
        """The same users, some of them with another value in a column of OWN."""
        places = {place: values[name] for name, place in self.positions(values.keys()).items()}
        if not places:
            return self
        at = sorted(places)
        told = pl.Series(column, [places[place] for place in at], dtype=pl.String).cast(columns.OWN[column])
        rows = complete(self.frame[at].select(*columns.OWN).with_columns(told), facts)
        return Snapshot(self._rewritten(at, rows, []), self._orders_without((column, "mfa")))

    def _orders_without(self, names: Collection[str]) -> dict[Sort, pl.Series]:
        return {sort: order for sort, order in self._orders.items() if not any(name in names for name, _ in sort)}

    def _orders_without_facts(self) -> dict[Sort, pl.Series]:
        return self._orders_without(columns.JOINED)

    def _rewritten(self, places: list[int], rows: pl.DataFrame, dropped: list[int]) -> list[pl.DataFrame]:
        """Segments with row i of `rows` at places[i], and without `dropped`. Both sorted."""
        edits: list[tuple[int, int | None]] = [(place, i) for i, place in enumerate(places)]
        edits = sorted([*edits, *((place, None) for place in dropped)], key=itemgetter(0))
        result: list[pl.DataFrame] = []
        start = done = 0
        for segment in self.segments:
            end = start + segment.height
            here = []
            while done < len(edits) and edits[done][0] < end:
                here.append((edits[done][0] - start, edits[done][1]))
                done += 1
            result.append(_edited(segment, here, rows) if here else segment)
            start = end
        return result

    def _with_moved(self, order: pl.Series, moved: pl.Series, sort: Sort) -> pl.Series:
        """`order` with the rows at `moved` (ascending, not in it) put where they belong, found by binary search."""
        if not sort:
            return columns.arranged(self.frame, sort)
        moved = moved.gather(columns.arranged(self.frame[moved], sort))
        keys = [columns.sort_key(name).alias(f"key{i}") for i, (name, _) in enumerate(sort)]
        roots = {root for key in keys for root in key.meta.root_names()}
        source = self.frame.select(roots)
        wanted = source[moved].select(*keys).rename("wanted_{}".format).with_columns(wanted_position=moved)
        before = _before(sort)
        low, high = [0] * len(moved), [len(order)] * len(moved)
        searching = list(range(len(moved)))
        while searching := [i for i in searching if low[i] < high[i]]:
            middles = [(low[i] + high[i]) // 2 for i in searching]
            there = order.gather(middles)
            pairs = source[there].select(*keys).with_columns(position=there).hstack(wanted[searching])
            for i, middle, is_before in zip(searching, middles, pairs.select(before).to_series(), strict=True):
                if is_before:
                    low[i] = middle + 1
                else:
                    high[i] = middle
        pieces: list[pl.Series] = []
        last = 0
        for i, at in enumerate(low):
            pieces += [order[last:at], moved[i : i + 1]]
            last = at
        return pl.concat([*pieces, order[last:]], rechunk=True)


def _contains(word: str) -> pl.Expr:
    return pl.col("search").str.contains(word, literal=True)


def _edited(segment: pl.DataFrame, edits: list[tuple[int, int | None]], rows: pl.DataFrame) -> pl.DataFrame:
    """A segment with other rows in some places; a place with None is left out."""
    if len(edits) > PIECES:
        source: list[int] = []
        last = 0
        for place, row in edits:
            source.extend(range(last, place))
            if row is not None:
                source.append(segment.height + row)
            last = place + 1
        source.extend(range(last, segment.height))
        return pl.concat([segment, rows], rechunk=True)[pl.Series(source, dtype=pl.UInt32)]
    pieces: list[pl.DataFrame] = []
    last = 0
    for place, row in edits:
        pieces.append(segment[last:place])
        if row is not None:
            pieces.append(rows[row : row + 1])
        last = place + 1
    return pl.concat([*pieces, segment[last:]], rechunk=True)


def _before(sort: Sort) -> pl.Expr:
    """Whether a row comes before the one that is wanted: null comes last, equals go by position."""
    result = pl.col("position") < pl.col("wanted_position")
    for i, (_, descending) in reversed(list(enumerate(sort))):
        mine, other = pl.col(f"key{i}"), pl.col(f"wanted_key{i}")
        first = (mine > other if descending else mine < other).fill_null(False)
        result = first | (mine.is_not_null() & other.is_null()) | (mine.eq_missing(other) & result)
    return result


def _without(order: pl.Series, leaving: pl.Series, gone: pl.Series) -> pl.Series:
    """`order` without the positions `leaving`, the others moved up by the `gone` ones before them. Both sorted."""
    if not len(leaving):
        return order
    one = len(leaving) == 1  # a plain comparison is five times as fast
    order = order.filter(order != leaving[0] if one else ~order.is_in(leaving.implode()))
    if not len(gone):
        return order
    shift = order > gone[0] if len(gone) == 1 else gone.search_sorted(order)
    return order - shift.cast(pl.UInt32)


def _appended(segments: list[pl.DataFrame], rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Segments with more rows. The last one is filled up: a listing, page by page, leaves few and whole segments."""
    if not rows.height:
        return segments
    room = SEGMENT - segments[-1].height
    if room > 0:
        segments[-1] = pl.concat([segments[-1], rows[:room]], rechunk=True)
        rows = rows[room:]
    return segments + [rows[at : at + SEGMENT] for at in range(0, rows.height, SEGMENT)]
