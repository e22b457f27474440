"""What lists do not tell and is asked on demand, for many people at once: their groups, their second factors.

Blocking; any thread; raises AppError or Cancelled only. What was learned is in the index as soon as it is known.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Final

from app.aws.pacing import bound
from app.aws.quotas import RATES, QuotaCategory
from app.directory.chain import patiently
from app.directory.selection import Matching, Selection
from app.errors import AppError, ErrorCode
from app.permissions import Action
from app.work import Work

if TYPE_CHECKING:
    from app.changes import Changes
    from app.directory.groups import Groups
    from app.directory.index import UserIndex
    from app.directory.models import UserPage
    from app.directory.users import Users

SHARE: Final = 0.5  # of the quota of UserRead, which the application's own sign-ins and profile pages share
_THREADS: Final = 8
_KEPT: Final = 64  # answers until the index takes them
_GIVEN_UP: Final = 20  # people in a row whose answer failed: then something is wrong for everybody


class Way(StrEnum):
    """Which operation tells somebody's second factors. The value is its name."""

    FACTORS = "AdminGetUserAuthFactors"  # no document says that it counts anybody as active, and none that it does not
    USER = "AdminGetUser"  # counts everybody who is asked for as active this month

    @property
    def bills(self) -> bool:
        """Whether AWS says that it counts people as monthly active users."""
        return self is Way.USER


@dataclass(frozen=True, slots=True)
class GroupsRead:
    """How many groups there are, and how many people are in at least one."""

    groups: int
    people: int


@dataclass(frozen=True, slots=True)
class FactorsRead:
    """Of so many people Cognito told the factors; `missing` are no longer in the pool, `failed` could not be told."""

    told: int
    missing: int = 0
    failed: int = 0
    error: AppError | None = None  # the first of the failures


class Learning:
    """For one operator on one connection."""

    def __init__(self, users: Users, groups: Groups, index: UserIndex, changes: Changes) -> None:
        self._users = users
        self._groups = groups
        self._index = index
        self._changes = changes

    def groups(self, work: Work) -> GroupsRead:
        """Read who is in which group (ListGroups, ListUsersInGroup: paced with the lists, not billed) into the index.

        Stopped or failed, it leaves the groups as the index had them.
        """
        members: dict[str, list[str]] = {}
        with bound(work):
            found = self._groups.all(work)
            for number, group in enumerate(found):
                work.progress(number, len(found), group.name)
                try:
                    for page in self._pages(group.name, work):
                        for user in page.users:
                            mine = members.setdefault(user.username, [])
                            if group.name not in mine:
                                mine.append(group.name)
                        work.progress(number, len(found), f"{group.name}, {len(members):,} people so far")
                except AppError as error:
                    if error.code is not ErrorCode.GROUP_NOT_FOUND:
                        raise
                    for mine in members.values():  # somebody has deleted it meanwhile
                        if group.name in mine:
                            mine.remove(group.name)
        self._index.set_groups({name: mine for name, mine in members.items() if mine})
        return GroupsRead(len(found), sum(1 for mine in members.values() if mine))

    def _pages(self, name: str, work: Work) -> Iterator[UserPage]:
        token: str | None = None
        while True:
            page = patiently(partial(self._groups.members_page, name, token), work)
            yield page
            token = page.token
            if token is None:
                return

    def seconds(self, people: int) -> float:
        """About how long `factors` takes for so many people."""
        return people / (RATES[QuotaCategory.USER_READ] * SHARE)

    def factors(self, work: Work, who: Selection, way: Way) -> FactorsRead:
        """Ask Cognito for the second factors of these people, one request each, into the index.

        An Action of its own, journalled with how many were asked for. Stopped, it leaves what was told so far.
        AppError NOT_ALLOWED, NOT_SUPPORTED where the pool or the AWS library lacks the operation; and what went wrong,
        where it does so for everybody.
        """
        view = self._index.chosen(who, ())
        names = view.usernames(0, len(view))
        if not names:
            return FactorsRead(0)
        outcome = self._changes.perform(
            Action.ASK_FACTORS,
            "users",
            lambda: _Asking(self._ask(way), self._index, names).run(work),
            details={
                "people": f"{len(names):,}",
                "search": (who.query or "everybody") if isinstance(who, Matching) else "chosen one by one",
                "operation": way.value,
            },
            stopped="Stopped: not everybody was asked for.",
        )
        return outcome.value

    def _ask(self, way: Way) -> Callable[[str], str]:
        from app.directory.columns import asked_factor

        def ask(username: str) -> str:
            if way is Way.USER:
                user = self._users.get(username)
                return asked_factor(user.factors or (), user.preferred_factor)
            found = self._users.factors(username)
            return asked_factor(found.mfa, found.preferred)

        return ask


class _Asking:
    """One walk through many people, some at a time; evenly at SHARE of the quota."""

    def __init__(self, ask: Callable[[str], str], index: UserIndex, names: list[str]) -> None:
        self._ask = ask
        self._index = index
        self._names = names
        self._stop = Work()  # of the threads: it ends with the walk
        self._turn = threading.Lock()
        self._left = deque(names)
        self._told: dict[str, str | None] = {}
        self._counts = {"told": 0, "missing": 0, "failed": 0}
        self._error: AppError | None = None
        self._in_a_row = 0

    def run(self, work: Work) -> FactorsRead:
        """Ask to the end."""
        waiting: set[Future[tuple[str, str]]] = set()
        try:
            with ThreadPoolExecutor(_THREADS, thread_name_prefix="factors") as threads:
                try:
                    while self._left or waiting:
                        while self._left and len(waiting) < _THREADS:
                            waiting.add(threads.submit(self._one, self._left.popleft()))
                        done, waiting = wait(waiting, timeout=0.1, return_when=FIRST_COMPLETED)
                        for each in done:
                            self._take(each)
                        work.progress(sum(self._counts.values()), len(self._names), "people asked for")
                finally:
                    self._stop.cancel()
        finally:
            self._keep()
        return FactorsRead(**self._counts, error=self._error)

    def _one(self, username: str) -> tuple[str, str]:
        with self._turn:
            self._stop.sleep(1.0 / (RATES[QuotaCategory.USER_READ] * SHARE))
        with bound(self._stop):
            try:
                return username, patiently(partial(self._ask, username), self._stop)
            except AppError as error:
                if error.code is ErrorCode.USER_NOT_FOUND:
                    return username, ""
                raise

    def _take(self, done: Future[tuple[str, str]]) -> None:
        try:
            username, factor = done.result()
        except AppError as error:
            self._counts["failed"] += 1
            self._in_a_row += 1
            self._error = self._error or error
            hopeless = not error.retryable and not self._counts["told"]
            if hopeless or self._in_a_row >= _GIVEN_UP:
                raise
            return
        self._in_a_row = 0
        if not factor:
            self._counts["missing"] += 1
            self._index.remove(username)
            return
        self._counts["told"] += 1
        self._told[username] = factor
        if len(self._told) >= _KEPT:
            self._keep()

    def _keep(self) -> None:
        if self._told:
            self._index.learn_factors(self._told)
            self._told = {}
