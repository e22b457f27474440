"""Pools too large to be loaded: a search asks Cognito or the database itself, and the index holds whom it found.

Blocking; any thread; raises AppError or Cancelled only. Nothing here counts anybody as a billed active user.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from app.aws.pacing import bound
from app.directory.chain import patiently
from app.directory.filters import equals
from app.directory.query import parse
from app.directory.route import Impossible, InCognito, InDatabase, InGroup, Route, route
from app.errors import AppError, ErrorCode
from app.upkeep import fact

if TYPE_CHECKING:
    from app.directory.groups import Groups
    from app.directory.index import DatabaseFact, UserIndex
    from app.directory.models import User, UserPage
    from app.directory.users import Users
    from app.onboarding.models import DatabaseUser
    from app.onboarding.search import OnboardingSearch
    from app.work import Work

PAGE: Final = 60  # people at once: one answer of ListUsers


class Reach:
    """Decides whether a pool is loaded or searched where it is. `database` is None where there is none."""

    def __init__(
        self, users: Users, groups: Groups, index: UserIndex, database: OnboardingSearch | None, limit: int
    ) -> None:
        self.limit = limit
        self._groups = groups
        self._users = users
        self._index = index
        self._database = database
        self._lock = threading.Lock()
        self._insisted = False
        self._joined = False  # the database has answered in this search
        self._current: Search | None = None

    def too_many(self, estimated: int | None) -> bool:
        """Whether a pool of about so many users shall not be loaded."""
        return not self._insisted and estimated is not None and estimated > self.limit

    def insist(self) -> None:
        """Somebody wants everybody loaded all the same, until the connection is closed."""
        with self._lock:
            self._insisted = True
            self._current = None  # what a search still finds does not matter any more

    def search(self, text: str) -> Search:
        """A search in the language of app.directory.query. Nothing is asked yet. Raises QueryError."""
        return Search(self, route(parse(text), database=self._database is not None))

    def counts(self) -> dict[str, int]:
        """How many rows of the database have each onboarding status; nothing where there is no database."""
        return {} if self._database is None else self._database.counts()

    # For Search.

    def begin(self, search: Search) -> None:
        """From now on the index holds what this search finds; one that was under way puts nothing into it any more.

        An index that is being loaded, or is loaded, is left alone.
        """
        with self._lock:
            if self._insisted or (len(self._index) and not self._index.partial):
                self._current = None
                return
            self._current = search
            self._index.start_search()
            self._joined = False

    def holds(self, search: Search) -> bool:
        """Whether the index holds what this search found."""
        with self._lock:
            return self._current is search and self._index.partial

    def put(self, search: Search, users: Sequence[User], facts: Sequence[DatabaseFact] | None) -> None:
        """Take people into the index, with what the database knows of them; None where it was not asked."""
        with self._lock:
            if self._current is search and self._index.partial:
                if facts is not None and not self._joined:
                    self._index.join(())
                    self._joined = True
                for each in facts or ():
                    self._index.learn(each)
                self._index.extend(users)

    def listed(self, token: str | None, filter: str | None) -> UserPage:
        """One page of ListUsers."""
        return self._users.list_page(token, PAGE, filter)

    def members(self, token: str | None, name: str) -> UserPage:
        """One page of ListUsersInGroup."""
        return self._groups.members_page(name, token, PAGE)

    def rows_about(self, users: Sequence[User]) -> list[DatabaseUser] | None:
        """The database's rows of these people; None where there is no database."""
        if self._database is None:
            return None
        return self._database.about([user.sub for user in users], [user.email for user in users])

    def rows(self, wanted: InDatabase, after: str | None) -> list[DatabaseUser]:
        """The next rows that the database finds."""
        assert self._database is not None
        return self._database.page(
            statuses=wanted.statuses,
            factors=wanted.factors,
            email=wanted.email,
            name=wanted.name,
            after=after,
            limit=PAGE,
        )

    def owner(self, row: DatabaseUser) -> tuple[User, ...]:
        """Whose row it is in the pool: by subject, else by email. Nobody where the pool does not know them."""
        try:
            if row.subject:
                return self._users.list_page(limit=1, filter=equals("sub", row.subject)).users
            return self._users.list_page(filter=equals("email", row.email)).users if row.email else ()
        except AppError as error:
            if error.code is ErrorCode.INVALID_INPUT:
                return ()  # an address longer than Cognito can have
            raise


class Search:
    """One search, further and further. Safe on any thread; one at a time goes on with it."""

    def __init__(self, reach: Reach, route: Route) -> None:
        self.route = route
        self.found = 0  # people
        self.strangers = 0  # rows of the database whose person is not in the pool
        self.ended = isinstance(route, Impossible)
        self.database_error: AppError | None = None  # why the found people's onboarding is not known
        self._reach = reach
        self._turn = threading.Lock()
        self._begun = False
        self._seen: set[str] = set()
        self._filters = deque(route.filters) if isinstance(route, InCognito) else deque()
        self._token: str | None = None
        self._rows: deque[DatabaseUser] = deque()
        self._last: str | None = None

    def more(self, work: Work, wanted: int = PAGE) -> None:
        """Find so many more people, as far as there are any. They are in the index as soon as they are found.

        What was found stays where this raises, and calling it again goes on from there.
        """
        while not self._turn.acquire(timeout=0.1):
            work.check()
        try:
            self._go_on(work, wanted)
        finally:
            self._turn.release()

    def _go_on(self, work: Work, wanted: int) -> None:
        if not self._begun:
            self._begun = True
            self._reach.begin(self)
        goal = self.found + wanted
        with bound(work):
            while not self.ended and self.found < goal:
                work.progress(self.found, None, self.note)
                patiently(self._next, work)

    def _next(self) -> None:
        match self.route:
            case InCognito():
                self._next_page()
            case InGroup(name):
                self._next_members(name)
            case InDatabase():
                self._next_row(self.route)

    def exhaust(self, work: Work) -> None:
        """Find everybody whom there is to be found. AppError(CONFLICT) where another search has taken the index."""
        while not self.ended:
            self.more(work)
        if not self._reach.holds(self):
            message = "Another search has begun meanwhile, so that this one is not held any more. Search again."
            raise AppError(ErrorCode.CONFLICT, message)

    @property
    def note(self) -> str:
        """Who is being asked."""
        return "the database" if isinstance(self.route, InDatabase) else "Cognito"

    def _next_page(self) -> None:
        try:
            page = self._reach.listed(self._token, self._filters[0])
        except AppError as error:
            if error.code is ErrorCode.INVALID_INPUT and self._token is not None:
                self._token = None  # it has expired: from the beginning, and who is known already is not counted again
                return
            raise
        self._token = page.token
        if page.token is None:
            self._filters.popleft()
            self.ended = not self._filters
        self._take_page(page)

    def _next_members(self, name: str) -> None:
        page = self._reach.members(self._token, name)
        self._token = page.token
        self.ended = page.token is None
        self._take_page(page)

    def _take_page(self, page: UserPage) -> None:
        fresh = [user for user in page.users if user.username not in self._seen]
        if not fresh:
            return
        try:
            rows = self._reach.rows_about(fresh)
        except AppError as error:
            self.database_error = error
            rows = None
        else:
            self.database_error = None
        self._take(fresh, rows)

    def _next_row(self, wanted: InDatabase) -> None:
        if not self._rows:
            page = self._reach.rows(wanted, self._last)
            self.ended = not page
            self._rows.extend(page)
            self._last = page[-1].id if page else self._last
            return
        row = self._rows[0]
        owners = self._reach.owner(row)
        self._rows.popleft()
        self.strangers += not owners
        self._take([user for user in owners if user.username not in self._seen], [row])

    def _take(self, users: Sequence[User], rows: Sequence[DatabaseUser] | None) -> None:
        self._seen.update(user.username for user in users)
        self._reach.put(self, users, None if rows is None else [fact(row) for row in rows])
        self.found += len(users)
