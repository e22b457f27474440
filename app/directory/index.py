"""The loaded users: searched, sorted and paged in memory, never on disk.

Safe on any thread, with one writer at a time. A view is a value: it shows the same rows while the index changes.
The first use loads polars, and a change is merged by the next question: ask on a worker, only page on the GUI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.directory.models import User
from app.directory.query import parse
from app.directory.row import EPOCH as EPOCH
from app.directory.row import DatabaseFact as DatabaseFact
from app.directory.row import UserRow as UserRow
from app.directory.row import read_rows
from app.directory.selection import Matching, Picked, Rows, Selection
from app.errors import invalid

if TYPE_CHECKING:
    import polars as pl

    from app.directory.facts import Facts
    from app.directory.frames import Snapshot

Sort = tuple[tuple[str, bool], ...]
BY_EMAIL: Sort = (("email", False),)
_KINDS = ("status", "enabled", "onboarding", "mfa")
DOMAINS = 50  # that facets tell
WAITING = 8_192  # users that may wait to be merged


class UserView:
    """Users that matched a search, in an order. Immutable; safe on any thread."""

    def __init__(
        self, snapshot: Snapshot | None, positions: pl.Series | None, version: int, locate: Collection[str] = ()
    ) -> None:
        self._snapshot = snapshot
        self._positions = positions
        self._length = 0 if positions is None else len(positions)
        self._known: dict[str, int | None] = {}
        self._known = {**dict.fromkeys(locate), **self.locate(locate)}
        self.version = version

    def __len__(self) -> int:
        return self._length

    def rows(self, start: int, stop: int) -> list[UserRow]:
        """The rows start..stop-1, as far as they exist. About 5 microseconds a row."""
        chosen = self._chosen(start, stop)
        return [] if self._snapshot is None or chosen is None else read_rows(self._snapshot.rows(chosen))

    def usernames(self, start: int, stop: int) -> list[str]:
        """The usernames of the rows start..stop-1, as far as they exist: much faster than rows."""
        chosen = self._chosen(start, stop)
        return [] if self._snapshot is None or chosen is None else self._snapshot.frame["username"][chosen].to_list()

    def attributes(self, start: int, stop: int) -> list[dict[str, str]]:
        """Every attribute that Cognito holds for the rows start..stop-1, by name: what ListUsers told."""
        chosen = self._chosen(start, stop)
        return [] if self._snapshot is None or chosen is None else self._snapshot.attributes(chosen)

    def names(self, rows: Rows) -> list[str]:
        """The usernames of some rows, in their order."""
        return [name for start, stop in rows.spans() for name in self.usernames(start, stop)]

    def carried(self, before: UserView | None, rows: Rows) -> Rows:
        """Where the people who stand in `rows` of another view stand in this one; those who do not are left out.

        One pass over both, however many they are: 0.1 s for a million.
        """
        if before is None or before._snapshot is None or before._positions is None or not len(rows):
            return Rows()
        if self._snapshot is None or self._positions is None:
            return Rows()
        places = before._snapshot.gathered(before._positions, rows)
        if before._snapshot is not self._snapshot:
            places = self._snapshot.same_people(before._snapshot, places)
        return self._snapshot.spans(self._positions, places)

    def table(self, start: int, stop: int, columns: Sequence[str]) -> pl.DataFrame:
        """Columns of app.directory.tables for the rows start..stop-1: fields of UserRow, and attributes by name."""
        from app.directory import tables

        chosen = self._chosen(start, stop)
        if self._snapshot is None or chosen is None:
            return tables.empty(columns)
        return tables.table(self._snapshot.frame, chosen, columns)

    def position(self, username: str) -> int | None:
        """Where a user stands in this view, or None. At once for those whom `UserIndex.view` was asked to locate."""
        return self.locate((username,)).get(username)

    def locate(self, usernames: Collection[str]) -> dict[str, int]:
        """Where users stand in this view; those who are not in it are missing. One pass, however many they are."""
        found = {name: at for name in usernames if (at := self._known.get(name)) is not None}
        unknown = [name for name in usernames if name not in self._known]
        if self._snapshot is None or self._positions is None or not unknown or not self._length:
            return found
        places = {place: name for name, place in self._snapshot.positions(unknown).items()}
        for at in self._snapshot.among(self._positions, list(places)):
            found[places[self._positions[at]]] = at
        return found

    def _chosen(self, start: int, stop: int) -> pl.Series | None:
        start, stop = max(0, start), min(stop, self._length)
        return None if self._positions is None or start >= stop else self._positions.slice(start, stop - start)


class UserIndex:
    """Every user that was loaded, joined with what the database knows about them."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._lock = threading.RLock()  # guards what follows; held for milliseconds
        self._snapshot: Snapshot | None = None
        self._facts: Facts | None = None
        self._waiting: dict[str, User | None] = {}
        self._attributes: set[str] = set()
        self._version = 0
        self._grouped = False
        self.partial = False  # it holds those whom a search found, and says nothing of the whole pool

    def __len__(self) -> int:
        snapshot, _ = self._current()
        return 0 if snapshot is None else snapshot.height

    @property
    def version(self) -> int:
        """Grows with every change. Never waits: the GUI thread asks while a worker merges."""
        return self._version

    def replace(self, users: Iterable[User]) -> None:
        """Hold these users and no others; of two with the same name the later. Database facts are kept."""
        from app.directory.frames import SEGMENT, Snapshot

        with self._writing:
            snapshot = Snapshot(())
            batch: dict[str, User | None] = {}
            names: set[str] = set()
            for user in users:
                names.update(user.attributes)
                batch[user.username] = user
                if len(batch) >= SEGMENT:
                    snapshot = snapshot.changed(batch, self._facts, anew=True)
                    batch = {}
            snapshot = snapshot.changed(batch, self._facts, anew=True)
            with self._lock:
                self._snapshot, self._waiting, self._attributes = snapshot, {}, names
                self._grouped = False
                self._version += 1

    def start_search(self) -> None:
        """Forget everybody and everything: from now on it holds whom a search finds (`partial`)."""
        with self._writing, self._lock:
            self._snapshot, self._facts, self._waiting, self._attributes = None, None, {}, set()
            self._grouped, self.partial = False, True
            self._version += 1

    def extend(self, users: Iterable[User]) -> None:
        """Add users, as pages of a listing arrive. One that is there already is replaced in its place.

        What lists do not tell stays: groups, and second factors as long as the account was not modified.
        """
        with self._writing, self._lock:
            for user in users:
                known = self._waiting.get(user.username)
                if known is not None and user.factors is None and known.modified == user.modified:
                    user = replace(user, factors=known.factors, preferred_factor=known.preferred_factor)
                if len(self._waiting) >= WAITING or self._waiting.get(user.username, user) is None:
                    self._merge()  # one who was removed comes back as the last, not in the old place
                self._waiting[user.username] = user
                self._attributes.update(user.attributes)
            self._version += 1

    def put(self, user: User) -> None:
        """Add one user, or replace them in their place."""
        self.extend((user,))

    def remove(self, username: str) -> None:
        """Forget one user. No error where they are not known."""
        with self._writing, self._lock:
            self._waiting[username] = None
            self._version += 1

    def retain(self, usernames: Collection[str]) -> None:
        """Forget everybody who is not among `usernames`: a listing that ended knows who is left."""
        with self._writing, self._lock:
            gone = self._merge().others(usernames)
            if gone:
                self._waiting.update(dict.fromkeys(gone))
                self._version += 1

    def set_groups(self, members: Mapping[str, Sequence[str]]) -> None:
        """Take who is in which groups: username -> names. Whoever is missing is in none."""
        with self._writing, self._lock:
            self._snapshot = self._merge().grouped({name: "\n".join(groups) for name, groups in members.items()})
            self._grouped = True
            self._version += 1

    def put_groups(self, username: str, groups: Sequence[str]) -> None:
        """Take the groups that one person is in now."""
        self._tell("groups", {username: "\n".join(groups)})

    def drop_group(self, name: str) -> None:
        """A group is no more: nobody is in it."""
        from app.directory.learned import without

        self._tell("groups", without(self.frame(), name))

    @property
    def groups_known(self) -> bool:
        """Whether groups were read since the index was emptied."""
        return self._grouped

    def learn_factors(self, found: Mapping[str, str | None]) -> None:
        """Take the second factors that Cognito told: username -> totp, sms, email or none; None: no longer known."""
        self._tell("own_mfa", found)

    def _tell(self, column: str, values: Mapping[str, str | None]) -> None:
        with self._writing, self._lock:
            self._snapshot = self._merge().told(column, values, self._facts)
            self._version += 1

    def learn(self, fact: DatabaseFact) -> None:
        """Take what the database now knows of one person, after a join; without one there is nothing to add to."""
        with self._writing, self._lock:
            if self._facts is None:
                return
            before = self._merge()
            self._facts = self._facts.corrected(fact)
            self._snapshot = before.rejoined(self._facts, fact)
            self._version += 1

    def join(self, rows: Iterable[DatabaseFact]) -> None:
        """Take what the database knows, by subject, else by email (see app.directory.facts), instead of before."""
        from app.directory.facts import Facts

        with self._writing:
            self._join(Facts.of(rows))

    def join_rows(
        self, raw: pl.DataFrame, known: frozenset[str], rows: pl.DataFrame | None = None
    ) -> tuple[Facts, pl.DataFrame]:
        """Take rows of auth.users with the columns `facts.RAW`; `known` are the columns that it has.

        `rows` is what `facts.prepared` made of them, where that was done while they arrived.

        Returns them with everybody as they are joined: `columns.OWN` and `columns.JOINED`, of one moment.
        """
        from app.directory.facts import Facts

        with self._writing:
            facts = Facts.of_frame(raw, known, rows)
            return facts, self._join(facts).frame

    def frame(self) -> pl.DataFrame:
        """Everybody with every column (`columns.OWN` and `columns.JOINED`), for whoever compares whole pools."""
        from app.directory.frames import Snapshot

        snapshot, _ = self._current()
        return (snapshot or Snapshot(())).frame

    def _join(self, facts: Facts) -> Snapshot:
        with self._lock:
            before = self._merge()
            self._facts = facts
        # Seconds for a million users: views go on meanwhile, and only a merge of users can have come between.
        joined = before.joined(facts)
        with self._lock:
            assert self._snapshot is not None
            self._snapshot = joined if self._snapshot is before else self._snapshot.joined(facts)
            self._version += 1
            return self._snapshot

    def get(self, username: str) -> UserRow | None:
        """One user, or None."""
        snapshot, _ = self._current()
        if snapshot is None:
            return None
        import polars as pl

        found = list(snapshot.positions((username,)).values())
        return read_rows(snapshot.rows(pl.Series(found, dtype=pl.UInt32)))[0] if found else None

    def attributes(self, username: str) -> dict[str, str] | None:
        """Every attribute of one user, or None."""
        view = self.chosen(Picked((username,)), ())
        return view.attributes(0, 1)[0] if len(view) else None

    def view(self, text: str = "", sort: Sort = BY_EMAIL, *, locate: Collection[str] = ()) -> UserView:
        """The users whom `text` asks for, in the language of app.directory.query, in this order.

        Plain words are looked for in every attribute. `sort` is columns of UserRow, each with whether it descends;
        equals keep the order of their arrival, and what is empty comes last either way. `locate` names users whose
        `position` the view shall know without searching.
        Raises AppError(INVALID_INPUT) for a column that does not exist, and QueryError for a text that is no query.
        """
        query = parse(text)
        snapshot, version = self._current()
        if snapshot is None:
            return UserView(None, None, version)
        _check(sort)
        return UserView(snapshot, snapshot.search(query, tuple(sort)), version, locate)

    def chosen(self, selection: Selection, sort: Sort = BY_EMAIL) -> UserView:
        """The people of a selection, in this order. Those who are no longer known are left out.

        Raises as `view` does. A view is a value: whoever walks through it sees the same people to its end.
        """
        match selection:
            case Matching(query, without):
                view = self.view(query, sort)
                snapshot, positions = view._snapshot, view._positions
                if snapshot is None or positions is None or not without:
                    return view
                gone = list(snapshot.positions(without).values())
                return UserView(snapshot, snapshot.less(positions, gone), view.version)
            case Picked(usernames):
                snapshot, version = self._current()
                if snapshot is None:
                    return UserView(None, None, version)
                _check(sort)
                places = sorted(snapshot.positions(set(usernames)).values())
                return UserView(snapshot, snapshot.ordered(places, tuple(sort)), version)

    def newest(self, number: int) -> list[UserRow]:
        """The users created last, newest first."""
        snapshot, _ = self._current()
        return [] if snapshot is None else read_rows(snapshot.rows(snapshot.newest(number)))

    def attribute_names(self) -> list[str]:
        """The attributes that these users have or had, as Cognito spells them; in order of the alphabet."""
        with self._lock:
            return sorted(self._attributes)

    def facets(self) -> dict[str, dict[str, int]]:
        """How many users have each value of status, enabled ("yes", "no"), onboarding and mfa ("" where unknown).

        And how many are in each group ("": in none; nothing there until groups were read), have an address in each
        domain (the most frequent ones; "": no address), and were created in each of the last months ("2026-01").
        """
        snapshot, _ = self._current()
        if snapshot is None:
            return {name: {} for name in (*_KINDS, "group", "domain", "created")}
        from app.directory.learned import group_counts
        from app.directory.tallies import counts, months

        words = {True: "yes", False: "no", None: ""}
        others = {
            "group": group_counts(snapshot.frame["groups"]),
            "domain": self.common("domain", DOMAINS),
            "created": months(snapshot.frame["created"]),
        }
        return others | {
            name: {
                words[value] if value is None or isinstance(value, bool) else value: number
                for value, number in counts(snapshot.frame, name).items()
            }
            for name in _KINDS
        }

    def common(self, column: str, number: int = 200) -> dict[str, int]:
        """The most frequent values of a column of words (role, organization), with how many users; "" for without."""
        snapshot, _ = self._current()
        if snapshot is None:
            return {}
        from app.directory.tallies import counts

        found = list(counts(snapshot.frame, column).items())[:number]
        return {str(value or ""): users for value, users in found}

    def _current(self) -> tuple[Snapshot | None, int]:
        with self._lock:
            return (self._merge() if self._waiting else self._snapshot), self._version

    def _merge(self) -> Snapshot:
        from app.directory.frames import Snapshot

        snapshot = self._snapshot or Snapshot(())
        if self._waiting:
            snapshot = snapshot.changed(self._waiting, self._facts)
            self._waiting = {}
        self._snapshot = snapshot
        return snapshot


def _check(sort: Sort) -> None:
    from app.directory.columns import is_sortable

    for column, _ in sort:
        if not is_sortable(column):
            raise invalid("sort", f"Users cannot be sorted by “{column}”. Choose one of the table's columns.")
