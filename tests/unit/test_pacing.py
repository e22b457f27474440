"""The pacer keeps within the rate, lets go of its lock while it waits, and stops for a cancelled Work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from app.aws.pacing import CATEGORY_OF, RATES, Pacer, QuotaCategory, _Ticket, bound
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Work


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pacer(clock: Clock) -> Pacer:
    return Pacer(clock=clock, sleep=clock.sleep)


def test_listing_uses_half_of_its_quota_and_the_rest_all_of_theirs(pacer: Pacer) -> None:
    usage = pacer.usage()
    assert usage[QuotaCategory.USER_LIST].limit == 15
    assert usage[QuotaCategory.USER_LIST].quota == 30
    assert all(u.limit == RATES[c] for c, u in usage.items() if c is not QuotaCategory.USER_LIST)


@pytest.mark.parametrize("operation", ["ListUsers", "AdminDisableUser", "DescribeUserPool"])
def test_no_second_holds_more_requests_than_the_limit(pacer: Pacer, clock: Clock, operation: str) -> None:
    sent: list[float] = []
    for _ in range(100):
        pacer.wait(operation)
        sent.append(clock.now)
    limit = pacer.usage()[CATEGORY_OF[operation]].limit
    for moment in sent:
        assert sum(1 for other in sent if moment <= other < moment + 0.999) <= limit
    # A little slower than the quota itself: requests do not arrive as evenly as they leave.
    assert 99 / limit - 0.001 <= sent[-1] - sent[0] <= 99 / limit * 1.04


def test_categories_do_not_wait_for_each_other(pacer: Pacer, clock: Clock) -> None:
    pacer.wait("ListUsers")
    pacer.wait("AdminDisableUser")
    pacer.wait("DescribeUserPool")
    assert clock.now == 100.0


def test_usage_counts_the_last_second_only(pacer: Pacer, clock: Clock) -> None:
    for _ in range(30):
        pacer.wait("ListUsers")
    assert 14 <= pacer.usage()[QuotaCategory.USER_LIST].requests <= 16
    assert pacer.usage()[QuotaCategory.USER_READ].requests == 0
    clock.now += 1.5
    assert pacer.usage()[QuotaCategory.USER_LIST].requests == 0


def test_after_throttling_the_category_rests(pacer: Pacer, clock: Clock) -> None:
    pacer.slow_down("ListUsers")
    pacer.wait("ListUsers")
    assert clock.now == pytest.approx(100.5)
    pacer.wait("AdminGetUser")
    assert clock.now == pytest.approx(100.5)


def spent(pacer: Pacer, clock: Clock, requests: int) -> float:
    began = clock.now
    for _ in range(requests):
        pacer.wait("ListUsers")
    return clock.now - began


def test_throttling_cuts_the_rate_once_and_it_recovers(pacer: Pacer, clock: Clock) -> None:
    for _ in range(16):
        pacer.slow_down("ListUsers")  # the requests that were under way together
    clock.now += 0.5
    assert pacer.usage()[QuotaCategory.USER_LIST].eased == pytest.approx(0.85)
    assert spent(pacer, clock, 15) > 1.0  # 14 intervals of 1/15 s would be 0.93
    clock.now += 10
    assert pacer.usage()[QuotaCategory.USER_LIST].eased == 1.0
    assert spent(pacer, clock, 16) == pytest.approx(1.0)


def test_throttling_again_and_again_cuts_further_but_never_to_nothing(pacer: Pacer, clock: Clock) -> None:
    shares = []
    for _ in range(40):
        pacer.slow_down("ListUsers")
        shares.append(pacer.usage()[QuotaCategory.USER_LIST].eased)
        clock.now += 0.5
    assert shares[:3] == pytest.approx([0.8, 0.68, 0.584])
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] >= 0.1


def test_throttling_of_one_category_leaves_the_others_alone(pacer: Pacer) -> None:
    pacer.slow_down("ListUsers")
    assert all(u.eased == 1.0 for c, u in pacer.usage().items() if c is not QuotaCategory.USER_LIST)


def test_the_enforced_rate_replaces_the_published_one(pacer: Pacer, clock: Clock) -> None:
    pacer.set_quota(QuotaCategory.USER_LIST, 60.0)
    usage = pacer.usage()[QuotaCategory.USER_LIST]
    assert (usage.limit, usage.quota) == (30, 60)
    assert spent(pacer, clock, 31) == pytest.approx(1.0)
    with pytest.raises(AppError):
        pacer.set_quota(QuotaCategory.USER_LIST, 0.0)


def test_who_oversleeps_in_the_line_catches_up_but_never_past_the_quota() -> None:
    pacer, moment = Pacer(), [100.0]
    pacer.set_share(QuotaCategory.USER_LIST, 1.0)
    bucket = pacer._buckets[QuotaCategory.USER_LIST]
    tickets = [_Ticket() for _ in range(90)]
    for ticket in tickets:
        bucket.enter(ticket, moment[0])
    sent: list[float] = []
    while tickets:
        moment[0] += 0.15  # a slow machine: everybody wakes late
        while tickets and bucket.depart(tickets[0], moment[0]) == 0.0:
            sent.append(moment[0])
            tickets.pop(0)
    assert sent[-1] - sent[0] < 3.2
    for at in sent:
        assert sum(1 for other in sent if at <= other < at + 1.0) <= 30


@pytest.mark.parametrize("share", [0.0, -1.0, 1.01])
def test_a_share_outside_the_quota_is_refused(pacer: Pacer, share: float) -> None:
    with pytest.raises(AppError) as caught:
        pacer.set_share(QuotaCategory.USER_LIST, share)
    assert "share" in caught.value.fields


def test_the_share_can_be_changed_while_it_runs(pacer: Pacer, clock: Clock) -> None:
    pacer.set_share(QuotaCategory.USER_LIST, 0.1)
    pacer.wait("ListUsers")
    pacer.wait("ListUsers")
    assert clock.now == pytest.approx(100.0 + 1 / 3)


def test_an_unlisted_operation_cannot_be_paced(pacer: Pacer) -> None:
    with pytest.raises(AppError) as caught:
        pacer.wait("DeleteUserPool")
    assert caught.value.code is ErrorCode.INTERNAL


def test_cancelled_work_sends_nothing(pacer: Pacer) -> None:
    work = Work()
    work.cancel()
    with bound(work), pytest.raises(Cancelled):
        pacer.wait("ListUsers")
    assert pacer.usage()[QuotaCategory.USER_LIST].requests == 0
    pacer.wait("ListUsers")  # outside of the block the work no longer counts


def in_thread(call: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def test_a_waiting_call_wakes_when_its_work_is_cancelled_and_gives_its_turn_back() -> None:
    pacer = Pacer()
    pacer.set_share(QuotaCategory.USER_LIST, 0.001)  # one request in 33 s
    pacer.wait("ListUsers")
    work, ended = Work(), threading.Event()

    def call() -> None:
        try:
            with bound(work):
                pacer.wait("ListUsers")
        except Cancelled:
            ended.set()

    thread = in_thread(call)
    began = time.monotonic()
    # Meanwhile nothing is locked: usage and other categories answer at once.
    pacer.usage()
    pacer.wait("AdminGetUser")
    assert time.monotonic() - began < 1
    work.cancel()
    assert ended.wait(5)
    thread.join(5)
    assert pacer.usage()[QuotaCategory.USER_LIST].requests == 1
    bucket = pacer._buckets[QuotaCategory.USER_LIST]
    following = _Ticket()
    bucket.enter(following, began)
    assert bucket.depart(following, began) == pytest.approx(33.3, abs=2)


def test_threads_share_the_rate() -> None:
    pacer = Pacer()
    pacer.set_share(QuotaCategory.USER_LIST, 1.0)
    sent: list[float] = []

    def call() -> None:
        for _ in range(4):
            pacer.wait("ListUsers")
            sent.append(time.monotonic())

    threads = [in_thread(call) for _ in range(8)]
    for thread in threads:
        thread.join(10)
    assert len(sent) == 32
    assert max(sent) - min(sent) >= 31 / 30 - 0.05
