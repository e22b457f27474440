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

_PAUSE_AFTER_THROTTLING = 1.0  # seconds; the quotas are counted per second

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
    """Requests sent in the last second, the rate that the Desk allows itself, and the account's quota (per second)."""

    requests: int
    limit: float
    quota: float


class _Bucket:
    """A token bucket one token deep: evenly spaced requests never exceed the rate in any second, bursts would."""

    def __init__(self, quota: float, share: float) -> None:
        self._lock = threading.Lock()
        self.quota = quota
        self.share = share
        self._next = 0.0
        self._sent: deque[float] = deque()

    @property
    def rate(self) -> float:
        return self.quota * self.share

    def reserve(self, now: float) -> float:
        """The moment at which the caller may send; the next caller gets a later one."""
        with self._lock:
            slot = max(now, self._next)
            self._next = slot + 1.0 / self.rate
            return slot

    def give_back(self, slot: float) -> None:
        """Undo the reservation of a caller that gave up; only the newest can be reused within the rate."""
        with self._lock:
            if self._next == slot + 1.0 / self.rate:
                self._next = slot

    def hold(self, until: float) -> None:
        with self._lock:
            self._next = max(self._next, until)

    def departed(self, now: float) -> None:
        with self._lock:
            self._sent.append(now)
            self._forget(now)

    def recent(self, now: float) -> int:
        with self._lock:
            self._forget(now)
            return len(self._sent)

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] <= now - 1.0:
            self._sent.popleft()


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
        self._buckets = {category: _Bucket(rate, 1.0) for category, rate in RATES.items()}
        for category, share in shares.items():
            self.set_share(category, share)

    def set_share(self, category: QuotaCategory, share: float) -> None:
        """Use at most this part of the category's quota (above 0, at most 1). AppError(INVALID_INPUT) otherwise."""
        if not 0.0 < share <= 1.0:
            raise invalid("share", "The share of the quota must be above 0 and at most 1 (that is 100 %).")
        self._buckets[category].share = share

    def usage(self) -> dict[QuotaCategory, Usage]:
        """What each category sent in the last second, and what it may send."""
        now = self._clock()
        return {c: Usage(bucket.recent(now), bucket.rate, bucket.quota) for c, bucket in self._buckets.items()}

    def wait(self, operation: str) -> None:
        """Wait for the turn of one request. Cancelled where the bound Work is cancelled: nothing was sent then."""
        bucket = self._buckets[listed(operation).category]
        work = _work.get()
        if work is not None:
            work.check()
        now = self._clock()
        slot = bucket.reserve(now)
        if slot > now:
            try:
                (work.sleep if work is not None else self._sleep)(slot - now)
            except BaseException:
                bucket.give_back(slot)
                raise
        bucket.departed(self._clock())

    def slow_down(self, operation: str) -> None:
        """AWS said "too fast": the category rests a moment, for all its callers."""
        self._buckets[listed(operation).category].hold(self._clock() + _PAUSE_AFTER_THROTTLING)

    def install(self, client: CognitoIdentityProviderClient) -> None:
        """Make every attempt of `client` wait its turn."""
        # request-created is emitted per attempt and, taken first, before the request is signed: a signature made before
        # a long wait would be refused as too old.
        client.meta.events.register_first("request-created.cognito-idp", self._before_attempt)
        client.meta.events.register_first("response-received.cognito-idp", self._after_attempt)

    def _before_attempt(self, operation_name: str, **_: Any) -> None:
        self.wait(operation_name)

    def _after_attempt(self, event_name: str, parsed_response: Mapping[str, Any] | None, **_: Any) -> None:
        error = (parsed_response or {}).get("Error")
        if isinstance(error, Mapping) and error.get("Code") in THROTTLING_CODES:
            self.slow_down(event_name.rsplit(".", 1)[-1])
