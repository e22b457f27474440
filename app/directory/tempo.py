"""The switches of a listing, and how fast it goes. Safe on any thread: a window turns them while workers read."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.aws.quotas import DEFAULT_SHARES, QuotaCategory
from app.errors import invalid

_WINDOW: Final = 5.0  # seconds over which the speed is measured
_FIRST: Final = 0.5  # seconds


@dataclass(frozen=True, slots=True)
class Pace:
    """How a listing goes. `quota` is the part of the quota that it uses, `seconds_left` None while nobody can tell.

    `eased`: AWS asked to slow down, and the rate is cut for the moment.
    """

    users: int
    total: int | None
    per_second: float
    quota: float | None
    seconds_left: float | None
    paused: bool
    eased: bool

    @property
    def note(self) -> str:
        """One or two words beside a count of users."""
        if self.paused:
            return "paused"
        if self.eased:
            return "AWS asked to slow down"
        return f"{min(self.quota, 1.0):.0%} of the quota" if self.quota else ""


class Tempo:
    """Pause, resume, and the share of the quota that listings take: `share`, or all of it at full speed."""

    def __init__(self, share: float = DEFAULT_SHARES[QuotaCategory.USER_LIST]) -> None:
        if not 0.0 < share <= 1.0:
            raise invalid("share", "The share of the quota must be above 0 and at most 1 (that is 100 %).")
        self.usual = share
        self._full = threading.Event()
        self._paused = threading.Event()
        self._pace: Pace | None = None

    @property
    def share(self) -> float:
        """The part of the quota that a listing may take now."""
        return 1.0 if self._full.is_set() else self.usual

    @property
    def full_speed(self) -> bool:
        """Whether listings take the whole quota of UserList."""
        return self._full.is_set()

    def set_full_speed(self, on: bool) -> None:
        """Take all of the quota, or the usual share; also while a listing runs."""
        (self._full.set if on else self._full.clear)()

    @property
    def paused(self) -> bool:
        """Whether a listing shall send nothing for the moment."""
        return self._paused.is_set()

    def pause(self) -> None:
        """Send nothing more until `resume`; what is under way arrives."""
        self._paused.set()

    def resume(self) -> None:
        """Go on where it was."""
        self._paused.clear()

    def pace(self) -> Pace | None:
        """How the listing under way goes; None where there is none."""
        return self._pace

    def tell(self, pace: Pace | None) -> None:
        """For the listing itself: what `pace` answers from now on."""
        self._pace = pace


class Speedometer:
    """Users and requests per second over the last few seconds. For one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int, int]] = deque()

    def note(self, users: int, pages: int) -> None:
        """So many have arrived by now, in all."""
        now = self._clock()
        self._marks.append((now, users, pages))
        while len(self._marks) > 2 and self._marks[0][0] < now - _WINDOW:
            self._marks.popleft()

    def restart(self) -> None:
        """Forget what was: a pause is no slowness."""
        self._marks.clear()

    def rates(self) -> tuple[float, float]:
        """Users and pages per second; zeros for the first moments, which tell nothing."""
        if len(self._marks) < 2:
            return 0.0, 0.0
        (since, users, pages), (_, now_users, now_pages) = self._marks[0], self._marks[-1]
        seconds = self._clock() - since
        if seconds < _FIRST:
            return 0.0, 0.0
        return (now_users - users) / seconds, (now_pages - pages) / seconds
