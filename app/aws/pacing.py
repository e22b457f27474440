"""Keeps requests under Cognito's quotas. It hangs in botocore's events: no attempt, retries included, gets past it.

Safe on any thread. It never holds a lock while it waits, and a waiting call notices the cancellation of its Work.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.aws.operations import CATEGORY_OF, listed
from app.aws.quotas import DEFAULT_SHARES, RATES, QuotaCategory
from app.errors import invalid
from app.work import Work

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

__all__ = ["CATEGORY_OF", "RATES", "THROTTLING_CODES", "Pacer", "QuotaCategory", "Usage", "bound"]

THROTTLING_CODES = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "SlowDown",
    }
)
"""Error codes by which AWS says "too fast": nothing was done, and the same request may follow later."""

_PAUSE_AFTER_THROTTLING = 0.5  # seconds; the quotas are counted per second
# Additive increase, multiplicative decrease: several programs that share a quota settle on fair parts of it.
_CUT = 0.8
_LEAST = 0.1  # of the allowed rate
_RECOVERY = 0.1  # of the allowed rate, per second
_SECOND = 1.01  # a second by the server's clock, and a little for what cannot be measured
_CATCH_UP = 0.5  # seconds; turns that callers in the line overslept by no more than this are made up for

_work: ContextVar[Work | None] = ContextVar("cognito_desk_work", default=None)


@contextmanager
def bound(work: Work) -> Iterator[None]:
    """Within the block, on this thread, calls that wait for the quota stop where `work` is cancelled (Cancelled)."""
    token = _work.set(work)
    try:
        yield
    finally:
        _work.reset(token)


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests sent in the last second, the rate that the Desk allows itself, and the account's quota (per second).

    `eased` is what is left of the limit after AWS said "too fast": 1 where it did not, or not lately.
    """

    requests: int
    limit: float
    quota: float
    eased: float = 1.0


class _Ticket:
    """A place in the line, and then the request that has left: when, and when at the latest it reached the service."""

    __slots__ = ("arrived", "left")

    def __init__(self) -> None:
        self.left = self.arrived = 0.0


class _Bucket:
    """Lets requests leave evenly spaced, and never more reach the service in a second than the quota.

    Callers wait in a line.
    """

    def __init__(self, quota: float, share: float) -> None:
        self._lock = threading.Lock()
        self.quota = quota
        self.share = share
        self._line: list[_Ticket] = []
        self._next = 0.0
        self._rest_until = 0.0
        self._cut_at: float | None = None
        self._cut_to = 1.0
        self._sent: list[_Ticket] = []
        self._round_trips: deque[float] = deque(maxlen=50)

    def eased(self, now: float) -> float:
        """What throttling has left of the rate: cut at once, given back bit by bit."""
        if self._cut_at is None:
            return 1.0
        return min(1.0, self._cut_to + _RECOVERY * (now - self._cut_at))

    def enter(self, ticket: _Ticket, now: float) -> None:
        """Join the line. Where nobody waited, no turn was missed."""
        with self._lock:
            if not self._line:
                self._next = max(self._next, now)
            self._line.append(ticket)

    def leave(self, ticket: _Ticket) -> None:
        """Give up one's place; a turn is only taken by leaving in time, so nothing is lost."""
        with self._lock:
            self._line.remove(ticket)

    def depart(self, ticket: _Ticket, now: float) -> float:
        """Send now: 0, and the place in the line is free. Else about how many seconds to wait before asking again.

        Whoever asks in time may go, also past one who oversleeps.
        """
        with self._lock:
            self._sent = [sent for sent in self._sent if sent.arrived > now - _SECOND]
            interval = 1.0 / (self.quota * self.share * self.eased(now))
            soonest = max(self._next, self._rest_until)
            excess = len(self._sent) - max(1, int(self.quota))
            if excess >= 0:
                soonest = max(soonest, sorted(sent.arrived for sent in self._sent)[excess] + _SECOND)
            if soonest > now:
                return soonest - now + interval * self._line.index(ticket)
            self._line.remove(ticket)
            ticket.left = ticket.arrived = now
            self._sent.append(ticket)
            self._next = max(self._next, now - _CATCH_UP) + interval
            return 0.0

    def answered(self, ticket: _Ticket, now: float) -> None:
        """The answer is there: a request that was held up on this side counts from when it can have arrived."""
        with self._lock:
            self._round_trips.append(now - ticket.left)
            ticket.arrived = max(ticket.left, now - min(self._round_trips))

    def slow_down(self, now: float) -> None:
        with self._lock:
            # The requests that were under way together are refused together: that is one cut, not sixteen.
            if now >= self._rest_until:
                self._cut_to, self._cut_at = max(_LEAST, self.eased(now) * _CUT), now
            self._rest_until = now + _PAUSE_AFTER_THROTTLING
            self._next = max(self._next, self._rest_until)

    def recent(self, now: float) -> int:
        with self._lock:
            return sum(1 for sent in self._sent if sent.left > now - 1.0)


class Pacer:
    """One bucket per quota category; shared by every client of the same credentials and Region."""

    def __init__(
        self,
        shares: Mapping[QuotaCategory, float] = DEFAULT_SHARES,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._thread = threading.local()  # an attempt leaves and is answered on one thread
        self._buckets = {category: _Bucket(rate, 1.0) for category, rate in RATES.items()}
        for category, share in shares.items():
            self.set_share(category, share)

    def set_share(self, category: QuotaCategory, share: float) -> None:
        """Use at most this part of the category's quota (above 0, at most 1). AppError(INVALID_INPUT) otherwise."""
        if not 0.0 < share <= 1.0:
            raise invalid("share", "The share of the quota must be above 0 and at most 1 (that is 100 %).")
        self._buckets[category].share = share

    def set_quota(self, category: QuotaCategory, rate: float) -> None:
        """The rate that AWS really enforces, in requests per second. AppError(INVALID_INPUT) unless above 0."""
        if not rate > 0.0:
            raise invalid("rate", "A quota is a number of requests per second above 0.")
        self._buckets[category].quota = rate

    def usage(self) -> dict[QuotaCategory, Usage]:
        """What each category sent in the last second, and what it may send."""
        now = self._clock()
        return {c: Usage(b.recent(now), b.quota * b.share, b.quota, b.eased(now)) for c, b in self._buckets.items()}

    def wait(self, operation: str) -> None:
        """Wait for the turn of one request. Cancelled where the bound Work is cancelled: nothing was sent then."""
        bucket = self._buckets[listed(operation).category]
        work = _work.get()
        if work is not None:
            work.check()
        sleep = work.sleep if work is not None else self._sleep
        ticket = _Ticket()
        bucket.enter(ticket, self._clock())
        try:
            while (seconds := bucket.depart(ticket, self._clock())) > 0.0:
                sleep(seconds)
        except BaseException:
            bucket.leave(ticket)
            raise
        self._thread.under_way = bucket, ticket

    def slow_down(self, operation: str) -> None:
        """AWS said "too fast": the category rests a moment, for all its callers, and then goes on more slowly."""
        self._buckets[listed(operation).category].slow_down(self._clock())

    def install(self, client: CognitoIdentityProviderClient) -> None:
        """Make every attempt of `client` wait its turn."""
        # request-created is emitted per attempt and, taken first, before the request is signed: a signature made before
        # a long wait would be refused as too old.
        client.meta.events.register_first("request-created.cognito-idp", self._before_attempt)
        client.meta.events.register_first("response-received.cognito-idp", self._after_attempt)

    def _before_attempt(self, operation_name: str, **_: Any) -> None:
        self.wait(operation_name)

    def _after_attempt(self, event_name: str, parsed_response: Mapping[str, Any] | None, **_: Any) -> None:
        if (under_way := getattr(self._thread, "under_way", None)) is not None:
            bucket, ticket = under_way
            bucket.answered(ticket, self._clock())
            self._thread.under_way = None
        error = (parsed_response or {}).get("Error")
        if isinstance(error, Mapping) and error.get("Code") in THROTTLING_CODES:
            self.slow_down(event_name.rsplit(".", 1)[-1])
