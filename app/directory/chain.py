"""One walk from page to page of ListUsers, and what it survives: throttling, an expired token, a passing failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from app.directory.filters import starts_with
from app.directory.models import UserPage
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from app.work import Work

T = TypeVar("T")

_RESTARTS: Final = 5  # a token lives for an hour: that is five long pauses
_TRIES: Final = 2  # after those that the client has made already
_BACKOFF: Final = 0.5  # seconds, doubled each time
_PUT_OFF: Final = 5
_UNANSWERED: Final = 60.0  # seconds without a single page, for all chains together


class Patience:
    """How long AWS may put everybody off before the listing gives up. Shared by the chains of one reading."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self.begun = False  # whether any page has arrived: what never worked is not tried for long

    def answered(self) -> None:
        """A page has arrived."""
        with self._lock:
            self._since = None
            self.begun = True

    def put_off(self) -> bool:
        """AWS said "too fast" once more: whether to go on asking."""
        with self._lock:
            now = self._clock()
            self._since = now if self._since is None else self._since
            return now - self._since < _UNANSWERED


def patiently(call: Callable[[], T], work: Work) -> T:
    """What `call` returns. Where AWS says "too fast" it is asked again, ever more slowly, for a quarter of a minute."""
    for attempt in range(_PUT_OFF):
        work.check()
        try:
            return call()
        except AppError as error:
            if error.code is not ErrorCode.THROTTLED:
                raise
        work.sleep(_BACKOFF * (1 << attempt))
    return call()


class Chain:
    """The users whose subject begins with `digit`, or all of them (None). `ended` once the last page was read."""

    def __init__(self, digit: str | None) -> None:
        self.ended = False
        self._filter = None if digit is None else starts_with("sub", digit)
        self._token: str | None = None
        self._pages = 0
        self._failures = 0
        self._restarts = 0

    def read(
        self,
        users: Users,
        put: Callable[[UserPage], None],
        work: Work,
        patience: Patience,
        pages: int | None = None,
    ) -> None:
        """Go on to the end, or for so many pages. A page that was refused is asked for again: none is left out."""
        last = None if pages is None else self._pages + pages
        while not self.ended and self._pages != last:
            work.check()
            try:
                page = users.list_page(token=self._token, filter=self._filter)
            except AppError as error:
                self._survive(error, work, patience)
                continue
            patience.answered()
            self._failures = 0
            self._pages += 1
            self._token = page.token
            self.ended = page.token is None
            put(page)

    def _survive(self, error: AppError, work: Work, patience: Patience) -> None:
        if error.code is ErrorCode.THROTTLED and patience.put_off():
            return  # the pacer makes everybody slower, this page too
        if error.code is ErrorCode.INVALID_INPUT and self._token is not None and self._restarts < _RESTARTS:
            # Nothing but the token changed since the last page: it has expired. Only the beginning can be asked for.
            self._restarts += 1
            self._token = None
            return
        if error.retryable and error.code is not ErrorCode.THROTTLED and patience.begun and self._failures < _TRIES:
            work.sleep(_BACKOFF * (1 << self._failures))
            self._failures += 1
            return
        raise error
