"""Reads a whole pool (ListUsers), small ones page after page, large ones by sixteen chains at once.

A chain is one Filter on the first digit of the subject, followed from token to token. Every request waits its turn in
the pacer. Blocking; runs on the calling thread and daemons of its own; raises AppError or Cancelled only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Final

from app.aws.pacing import Pacer, bound
from app.aws.quotas import RATES, QuotaCategory
from app.directory.chain import Chain, Patience
from app.directory.models import User, UserPage
from app.directory.tempo import Pace, Speedometer, Tempo
from app.directory.users import PAGE_LIMIT, Users
from app.work import Cancelled, Work

DIGITS: Final = "0123456789abcdef"
SMALL: Final = 1_200  # users; below, sixteen chains would send more requests than one
_TICK: Final = 0.1  # seconds; so late may a cancellation be noticed
_FAR = 0.1  # of the estimate: this many missing, and the subjects were not all like UUIDs


class Listing:
    """Reads the pool of `users`, as often as it is asked. `pacer` is the one that the requests go through anyway.

    `ask_rate` tells the enforced requests per second, or None; it is called once, for the first large pool.
    """

    def __init__(
        self,
        users: Users,
        *,
        pacer: Pacer | None = None,
        ask_rate: Callable[[], float | None] = lambda: None,
        tempo: Tempo | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tempo = tempo or Tempo()
        self._users = users
        self._pacer = pacer
        self._ask_rate = ask_rate
        self._clock = clock
        self._rate_known = False
        self._one_chain = False  # learned: the subjects of this pool do not lead to everybody
        self._estimate_off = False  # learned: it is the estimate that is wrong

    def read(self, work: Work, take: Callable[[Sequence[User]], None], *, estimated: int | None = None) -> set[str]:
        """Hand every user to `take`, page by page on the calling thread; the usernames of all of them at the end.

        A user may be handed over twice, never missed: whoever takes them replaces. Where this raises, nobody can be
        said to be gone from the pool. `estimated` is about how many there are (EstimatedNumberOfUsers), if known.
        """
        work.check()
        self.tempo.resume()
        reading = _Reading(self._users, work, take, self.tempo, self._pacer, estimated, self._clock)
        try:
            return self._read(reading, estimated)
        finally:
            reading.close()

    def _read(self, reading: _Reading, estimated: int | None) -> set[str]:
        whole = Chain(None)
        large = estimated is not None and estimated > SMALL
        reading.follow([whole], pages=1 if large else SMALL // PAGE_LIMIT)
        if whole.ended:
            return reading.seen
        if self._one_chain or not reading.by_digit:
            reading.follow([whole])
            return reading.seen
        self._learn_rate(reading)
        reading.follow([Chain(digit) for digit in DIGITS])
        if estimated is not None and not self._estimate_off:
            found = len(reading.seen)
            if estimated - found > max(PAGE_LIMIT, estimated * _FAR):
                reading.follow([Chain(None)])
                self._one_chain = len(reading.seen) - found > PAGE_LIMIT
                self._estimate_off = not self._one_chain
        return reading.seen

    def _learn_rate(self, reading: _Reading) -> None:
        pacer = self._pacer
        if pacer is None or self._rate_known:
            return

        def ask() -> None:
            try:
                with bound(reading.gate):
                    rate = self._ask_rate()
            except Cancelled:
                return
            self._rate_known = True
            if rate is not None:
                pacer.set_quota(QuotaCategory.USER_LIST, rate)

        # Beside the listing: one that may not ask it should not wait for the refusal.
        threading.Thread(target=ask, name="quota", daemon=True).start()


class _Gate(Work):
    """The Work of every chain: it stops with the reading, and stands still while the listing is paused."""

    def __init__(self, tempo: Tempo) -> None:
        super().__init__()
        self._tempo = tempo

    def check(self) -> None:
        super().check()
        while self._tempo.paused:
            super().sleep(_TICK / 2)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.check()


class _Reading:
    """One pass through the pool: chains on threads, everything else on the caller's."""

    def __init__(
        self,
        users: Users,
        work: Work,
        take: Callable[[Sequence[User]], None],
        tempo: Tempo,
        pacer: Pacer | None,
        estimated: int | None,
        clock: Callable[[], float],
    ) -> None:
        self.gate = _Gate(tempo)
        self.seen: set[str] = set()
        self.by_digit = False  # whether there were users, and the subjects of all begin with a digit of a UUID
        self._users = users
        self._work = work
        self._take = take
        self._tempo = tempo
        self._pacer = pacer
        self._estimated = estimated
        self._patience = Patience(clock)
        self._speed = Speedometer(clock)
        self._arrived: SimpleQueue[UserPage | BaseException | None] = SimpleQueue()
        self._pages = 0
        self._told: tuple[int, str] = (-1, "")

    def follow(self, chains: Sequence[Chain], *, pages: int | None = None) -> None:
        """Read these chains at the same time, to their ends or for so many pages. The first failure ends them all."""
        self._keep_share()
        for number, chain in enumerate(chains):
            threading.Thread(
                target=self._serve, args=(chain, pages), name=f"list-{number}", daemon=True
            ).start()  # daemons: a request that hangs must not keep the program alive
        waiting = len(chains)
        while waiting:
            self._work.check()
            try:
                arrived = self._arrived.get(timeout=_TICK)
            except Empty:
                self._tell()
                continue
            if arrived is None:
                waiting -= 1
            elif isinstance(arrived, BaseException):
                raise arrived
            else:
                self._accept(arrived)

    def close(self) -> None:
        """Nothing more is sent; what still arrives is dropped."""
        self.gate.cancel()
        self._tempo.tell(None)
        if self._pacer is not None:
            self._pacer.set_share(QuotaCategory.USER_LIST, self._tempo.usual)

    def _serve(self, chain: Chain, pages: int | None) -> None:
        try:
            with bound(self.gate):
                chain.read(self._users, self._arrived.put, self.gate, self._patience, pages)
        except BaseException as error:  # noqa: BLE001 - told to the caller, who raises it
            self._arrived.put(error)
        else:
            self._arrived.put(None)

    def _accept(self, page: UserPage) -> None:
        digits = all(user.sub[:1] in DIGITS and user.sub for user in page.users)
        self.by_digit = digits and (self.by_digit or not self.seen) if page.users else self.by_digit
        self._take(page.users)
        self.seen.update(user.username for user in page.users)
        self._pages += 1
        self._speed.note(len(self.seen), self._pages)
        self._tell()

    def _keep_share(self) -> None:
        if self._pacer is not None:
            self._pacer.set_share(QuotaCategory.USER_LIST, self._tempo.share)

    def _tell(self) -> None:
        self._keep_share()
        if self._tempo.paused:
            self._speed.restart()
        pace = self._pace()
        self._tempo.tell(pace)
        if (pace.users, pace.note) != self._told:
            self._told = (pace.users, pace.note)
            self._work.progress(pace.users, pace.total, pace.note)

    def _pace(self) -> Pace:
        users, pages = self._speed.rates()
        done = len(self.seen)
        total = max(self._estimated, done) if self._estimated else None
        quota, eased = RATES[QuotaCategory.USER_LIST], False
        if self._pacer is not None:
            usage = self._pacer.usage()[QuotaCategory.USER_LIST]
            quota, eased = usage.quota, usage.eased < 1.0
        left = (total - done) / users if total is not None and users > 0 else None
        return Pace(done, total, users, pages / quota or None, left, self._tempo.paused, eased)
