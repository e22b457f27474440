"""A whole pool is read by one chain or sixteen, whatever happens on the way: everybody, once, or an error."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from app.aws.pacing import Pacer, QuotaCategory
from app.directory.chain import Patience
from app.directory.listing import DIGITS, Listing
from app.directory.models import User, UserPage, UserStatus
from app.directory.tempo import Speedometer, Tempo
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Progress, Work

AT = datetime(2026, 1, 1, tzinfo=UTC)
THROTTLED = AppError(ErrorCode.THROTTLED, "too fast", retryable=True)
EXPIRED = AppError(ErrorCode.INVALID_INPUT, "the token has expired")
DAMAGED = AppError(ErrorCode.BAD_RESPONSE, "cut short", retryable=True)
DENIED = AppError(ErrorCode.ACCESS_DENIED, "no")


def somebody(number: int, sub: str = "") -> User:
    sub = sub or str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128))
    return User(sub, UserStatus.CONFIRMED, True, AT, AT, {"sub": sub})


class FakeUsers:
    """A pool in memory. `before` is called for each request and may raise instead of the answer."""

    def __init__(self, users: Sequence[User]) -> None:
        self.users = list(users)
        self.asked: list[tuple[str | None, str | None]] = []  # filter, token
        self.before: Callable[[str | None, str | None], None] = lambda filter, token: None
        self._lock = threading.Lock()

    def list_page(self, token: str | None = None, limit: int = 60, filter: str | None = None) -> UserPage:
        with self._lock:
            self.asked.append((filter, token))
            self.before(filter, token)
        prefix = filter.split('"')[1] if filter else ""
        found = [user for user in self.users if user.sub.startswith(prefix)]
        start = int(token or 0)
        more = start + limit < len(found)
        return UserPage(tuple(found[start : start + limit]), str(start + limit) if more else None)

    @property
    def filters(self) -> Counter[str | None]:
        return Counter(filter for filter, _ in self.asked)


class Taken:
    """What a reading handed over."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, users: Sequence[User]) -> None:
        self.names += [user.username for user in users]


class Watched(Work):
    """Remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Progress] = []

    def _report(self, progress: Progress) -> None:
        self.told.append(progress)


def listing(fake: FakeUsers, **more: Any) -> Listing:
    return Listing(cast("Any", fake), **more)


def names(fake: FakeUsers) -> set[str]:
    return {user.username for user in fake.users}


@pytest.fixture
def crowd() -> FakeUsers:
    return FakeUsers([somebody(number) for number in range(3_000)])


def test_a_small_pool_is_read_by_one_chain() -> None:
    fake, taken = FakeUsers([somebody(number) for number in range(200)]), Taken()
    assert listing(fake).read(Work(), taken, estimated=200) == names(fake)
    assert len(taken.names) == 200
    assert fake.asked == [(None, None), (None, "60"), (None, "120"), (None, "180")]


def test_an_empty_pool_is_read() -> None:
    assert listing(FakeUsers([])).read(Work(), Taken()) == set()


def test_a_large_pool_is_read_by_sixteen_chains(crowd: FakeUsers) -> None:
    taken, work = Taken(), Watched()
    assert listing(crowd).read(work, taken, estimated=3_000) == names(crowd)
    assert set(taken.names) == names(crowd)
    assert crowd.filters[None] == 1
    assert set(crowd.filters) == {None, *(f'sub ^= "{digit}"' for digit in DIGITS)}
    assert (work.told[-1].done, work.told[-1].total) == (3_000, 3_000)


def test_where_nobody_knows_the_size_the_pool_itself_tells(crowd: FakeUsers) -> None:
    assert listing(crowd).read(Work(), Taken()) == names(crowd)
    assert crowd.filters[None] == 20
    assert len(crowd.filters) == 17


def test_subjects_that_are_no_uuids_are_read_by_one_chain() -> None:
    fake = FakeUsers([somebody(number, f"id-{number}") for number in range(2_000)])
    assert listing(fake).read(Work(), Taken(), estimated=2_000) == names(fake)
    assert set(fake.filters) == {None}
    assert fake.filters[None] == len(set(fake.asked))  # no page was asked for twice


def test_where_chains_find_far_too_few_one_chain_finds_the_rest_and_it_is_remembered() -> None:
    odd = [somebody(number, f"X{number}") for number in range(600)]
    fake = FakeUsers([somebody(number) for number in range(1_500)] + odd)
    reader = listing(fake)
    assert reader.read(Work(), Taken(), estimated=2_100) == names(fake)
    assert fake.filters[None] == 1 + 35
    fake.asked.clear()
    assert reader.read(Work(), Taken(), estimated=2_100) == names(fake)
    assert set(fake.filters) == {None}


def test_an_estimate_that_is_wrong_costs_one_more_pass_once(crowd: FakeUsers) -> None:
    reader = listing(crowd)
    assert reader.read(Work(), Taken(), estimated=9_000) == names(crowd)
    assert crowd.filters[None] == 1 + 50
    crowd.asked.clear()
    assert reader.read(Work(), Taken(), estimated=9_000) == names(crowd)
    assert crowd.filters[None] == 1


def test_an_estimate_slightly_off_is_believed(crowd: FakeUsers) -> None:
    assert listing(crowd).read(Work(), Taken(), estimated=3_200) == names(crowd)
    assert crowd.filters[None] == 1


def failing(error: AppError, requests: set[int]) -> Callable[[str | None, str | None], None]:
    """Raise at these requests, counted from 1."""
    count = iter(range(1, 1_000_000))

    def before(filter: str | None, token: str | None) -> None:
        if next(count) in requests:
            raise error

    return before


@pytest.mark.parametrize("error", [THROTTLED, DAMAGED], ids=lambda error: error.code)
def test_a_page_that_was_refused_is_asked_for_again(crowd: FakeUsers, error: AppError) -> None:
    crowd.before = failing(error, {9, 20, 33})
    taken = Taken()
    assert listing(crowd).read(Work(), taken, estimated=3_000) == names(crowd)
    assert len(taken.names) == 3_000 + 60  # only the first page comes twice: by itself and within the chains


def test_an_expired_token_begins_the_chain_anew(crowd: FakeUsers) -> None:
    expired: set[str | None] = set()

    def before(filter: str | None, token: str | None) -> None:
        if token == "120" and filter not in expired:
            expired.add(filter)
            raise EXPIRED

    crowd.before = before
    taken = Taken()
    assert listing(crowd).read(Work(), taken, estimated=3_000) == names(crowd)
    assert len(expired) == 16
    assert crowd.asked.count(('sub ^= "0"', None)) == 2
    assert set(taken.names) == names(crowd)


def test_a_token_that_never_works_is_an_error_in_the_end(crowd: FakeUsers) -> None:
    def before(filter: str | None, token: str | None) -> None:
        if token is not None:
            raise EXPIRED

    crowd.before = before
    with pytest.raises(AppError) as caught:
        listing(crowd).read(Work(), Taken(), estimated=3_000)
    assert caught.value is EXPIRED


def test_a_refusal_ends_the_reading_at_once_and_all_chains_with_it(crowd: FakeUsers) -> None:
    crowd.before = failing(DENIED, {20})
    with pytest.raises(AppError) as caught:
        listing(crowd).read(Work(), Taken(), estimated=3_000)
    assert caught.value is DENIED


def test_a_service_that_is_away_from_the_start_is_told_at_once(crowd: FakeUsers) -> None:
    crowd.before = failing(DAMAGED, {1})
    with pytest.raises(AppError) as caught:
        listing(crowd).read(Work(), Taken(), estimated=3_000)
    assert caught.value is DAMAGED
    assert len(crowd.asked) == 1


def test_patience_ends_after_a_minute_without_a_page() -> None:
    now = [0.0]
    patience = Patience(lambda: now[0])
    assert patience.put_off()
    now[0] = 59.0
    assert patience.put_off()
    patience.answered()
    now[0] = 118.0
    assert patience.put_off()
    now[0] = 179.0
    assert not patience.put_off()


def test_a_defect_in_a_chain_reaches_the_caller(crowd: FakeUsers) -> None:
    def before(filter: str | None, token: str | None) -> None:
        raise ZeroDivisionError

    crowd.before = before
    with pytest.raises(ZeroDivisionError):
        listing(crowd).read(Work(), Taken())


def test_cancelling_ends_the_reading_even_while_requests_hang(crowd: FakeUsers) -> None:
    work, release = Work(), threading.Event()

    def before(filter: str | None, token: str | None) -> None:
        if len(crowd.asked) == 10:
            threading.Timer(0.05, work.cancel).start()
            release.wait(30)

    crowd.before = before
    began = time.monotonic()
    with pytest.raises(Cancelled):
        listing(crowd).read(work, Taken(), estimated=3_000)
    assert time.monotonic() - began < 1.0
    sent = len(crowd.asked)
    release.set()
    time.sleep(0.1)
    assert len(crowd.asked) <= sent + 16  # what stood at the door; nobody asks for another page


def test_cancelled_work_sends_nothing(crowd: FakeUsers) -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        listing(crowd).read(work, Taken())
    assert crowd.asked == []


def test_a_pause_sends_nothing_and_resuming_finishes(crowd: FakeUsers) -> None:
    reader, work, reached = listing(crowd), Watched(), threading.Event()

    def before(filter: str | None, token: str | None) -> None:
        if len(crowd.asked) == 12:
            reader.tempo.pause()
            reached.set()

    crowd.before = before
    found: list[set[str]] = []
    thread = threading.Thread(target=lambda: found.append(reader.read(work, Taken(), estimated=3_000)), daemon=True)
    thread.start()
    assert reached.wait(5)
    time.sleep(0.2)
    sent = len(crowd.asked)
    time.sleep(0.4)
    assert len(crowd.asked) == sent < 40
    assert work.told[-1].note == "paused"
    pace = reader.tempo.pace()
    assert pace is not None
    assert pace.paused
    reader.tempo.resume()
    thread.join(10)
    assert found == [names(crowd)]
    assert reader.tempo.pace() is None


def test_a_paused_listing_can_be_cancelled(crowd: FakeUsers) -> None:
    reader, work = listing(crowd), Work()

    def before(filter: str | None, token: str | None) -> None:
        reader.tempo.pause()
        threading.Timer(0.1, work.cancel).start()

    crowd.before = before
    with pytest.raises(Cancelled):
        reader.read(work, Taken(), estimated=3_000)
    crowd.before = lambda filter, token: None
    assert reader.read(Work(), Taken(), estimated=3_000) == names(crowd)  # a new one begins without the pause


def test_full_speed_takes_the_whole_quota_while_it_reads(crowd: FakeUsers) -> None:
    pacer, tempo = Pacer(), Tempo(0.25)
    seen: list[float] = []
    crowd.before = lambda filter, token: seen.append(pacer.usage()[QuotaCategory.USER_LIST].limit)
    reader = listing(crowd, pacer=pacer, tempo=tempo)
    reader.read(Work(), Taken(), estimated=3_000)
    assert set(seen) == {7.5}
    seen.clear()
    tempo.set_full_speed(True)
    reader.read(Work(), Taken(), estimated=3_000)
    assert set(seen) == {30.0}
    assert pacer.usage()[QuotaCategory.USER_LIST].limit == 7.5


def test_the_enforced_rate_is_asked_for_once_and_only_for_large_pools(crowd: FakeUsers) -> None:
    pacer, asked = Pacer(), threading.Event()
    times: list[int] = []

    def ask() -> float:
        times.append(1)
        asked.set()
        return 90.0

    reader = listing(crowd, pacer=pacer, ask_rate=ask)
    small = listing(FakeUsers([somebody(1)]), pacer=pacer, ask_rate=ask)
    small.read(Work(), Taken(), estimated=1)
    assert not asked.is_set()
    reader.read(Work(), Taken(), estimated=3_000)
    assert asked.wait(5)
    deadline = time.monotonic() + 5
    while pacer.usage()[QuotaCategory.USER_LIST].quota != 90.0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pacer.usage()[QuotaCategory.USER_LIST].quota == 90.0
    reader.read(Work(), Taken(), estimated=3_000)
    assert times == [1]


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_outside_the_quota_is_refused(share: float) -> None:
    with pytest.raises(AppError):
        Tempo(share)


def test_the_speed_is_that_of_the_last_seconds() -> None:
    now = [0.0]
    speed = Speedometer(lambda: now[0])
    assert speed.rates() == (0.0, 0.0)
    for page in range(1, 101):
        now[0] = page * 0.1 if page <= 50 else 5.0 + (page - 50) * 0.2
        speed.note(page * 60, page)
    users, pages = speed.rates()
    assert users == pytest.approx(300)
    assert pages == pytest.approx(5)
    now[0] += 5.0
    assert speed.rates()[0] == pytest.approx(150)  # nothing has come for a while
    speed.restart()
    assert speed.rates() == (0.0, 0.0)
