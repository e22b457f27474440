"""One call on its way through a thread, as plain Python: nothing here is a QObject, so a worker may hold it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Event, Lock, Semaphore, Thread
from typing import NamedTuple

from app.errors import AppError, ErrorCode
from app.work import Cancelled, Progress, Work

THROTTLE_SECONDS = 0.1


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRecord(NamedTuple):
    """What the Activity tab and the status bar show of a job. Times are UTC."""

    id: int
    name: str
    state: JobState
    submitted: datetime
    started: datetime | None
    ended: datetime | None
    progress: Progress | None
    error: AppError | None
    stopping: bool  # cancellation was asked for and not yet noticed

    @property
    def under_way(self) -> bool:
        """Whether the job is waiting or running."""
        return self.state in (JobState.WAITING, JobState.RUNNING)


class End(NamedTuple):
    """How a call ended: with a result, an error, or cancelled."""

    result: object = None
    error: AppError | None = None
    cancelled: bool = False


class Task:
    """The half of a job that a worker sees. `claim` decides, once, who ends it: the worker or a cancellation."""

    def __init__(
        self,
        task_id: int,
        name: str,
        call: Callable[[Work], object],
        key: Hashable | None,
        lane: Hashable | None,
        listed: bool,
        post: Callable[[Task], None],
    ) -> None:
        self.id = task_id
        self.name = name
        self.call: Callable[[Work], object] | None = call
        self.key = key
        self.lane = lane
        self.listed = listed
        self.superseded = False
        self.handed_over = False
        self.work = ThrottledWork(self)
        self.latest: Progress | None = None
        self.shown: Progress | None = None
        self.end: End | None = None
        self.ended = Event()
        self._post = post
        self._claimed = False
        self._lock = Lock()
        self._submitted = datetime.now(UTC)
        self._started: datetime | None = None
        self._settled: tuple[JobState, datetime, AppError | None] | None = None

    def claim(self) -> bool:
        """True for the first caller only."""
        with self._lock:
            first = not self._claimed
            self._claimed = True
            return first

    def run(self) -> None:
        """Call, remember the end, tell. Runs on a worker; keeps no local that the GUI thread has to let go."""
        if not self.claim():
            return
        assert self.call is not None
        self._started = datetime.now(UTC)
        self.tell()
        try:
            self.end = End(result=self.call(self.work))
        except Cancelled:
            self.end = End(cancelled=True)
        except AppError as error:
            self.end = End(error=error)
        except BaseException as error:  # noqa: BLE001 - a worker that dies silently would leave its job without an end
            self.end = End(error=_internal(self.name, error))
        self.ended.set()
        self.tell()

    def drop(self) -> None:
        """End a claimed task that never ran. The caller tells."""
        self.end = End(cancelled=True)
        self.ended.set()

    def tell(self) -> None:
        """Have the GUI thread look at this task."""
        self._post(self)

    def settle(self, end: End) -> None:
        """Fix the state that records show; GUI thread, when the end is delivered."""
        state = JobState.SUCCEEDED if end.error is None else JobState.FAILED
        if end.cancelled:
            state = JobState.CANCELLED
        if end.error is not None:
            forget_locals(end.error)
        self._settled = (state, datetime.now(UTC), end.error)

    @property
    def state(self) -> JobState:
        """The state as delivered so far."""
        if self._settled is not None:
            return self._settled[0]
        return JobState.WAITING if self._started is None else JobState.RUNNING

    def record(self) -> JobRecord:
        """This task as a value."""
        _, ended, error = self._settled or (None, None, None)
        stopping = self._settled is None and self.work.cancel_requested
        return JobRecord(
            self.id, self.name, self.state, self._submitted, self._started, ended, self.latest, error, stopping
        )


class ThrottledWork(Work):
    """Tells of progress at most ten times a second; the runner picks up what was said last."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task
        self._told = 0.0

    def _report(self, progress: Progress) -> None:
        self._task.latest = progress
        now = time.monotonic()
        if now - self._told >= THROTTLE_SECONDS:
            self._told = now
            self._task.tell()


class Threads:
    """Up to `limit` daemon threads, made when needed. Daemons, so that a hung call cannot keep the process alive."""

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._limit = limit
        self._queue: SimpleQueue[Task | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._threads: list[Thread] = []

    def put(self, task: Task) -> None:
        """Run the task as soon as a thread is free. GUI thread only."""
        self._queue.put(task)
        if not self._idle.acquire(blocking=False) and len(self._threads) < self._limit:
            thread = Thread(target=self._serve, name=f"{self._name}-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self, seconds: float) -> None:
        """Let the threads go, waiting at most `seconds` for them."""
        deadline = time.monotonic() + seconds
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._threads.clear()

    def _serve(self) -> None:
        while True:
            try:
                task = self._queue.get_nowait()
            except Empty:
                self._idle.release()
                task = self._queue.get()
            if task is None:
                return
            task.run()
            del task


def _internal(name: str, cause: BaseException) -> AppError:
    error = AppError(ErrorCode.INTERNAL, f"“{name}” stopped because of a fault in Cognito Desk.", subject=name)
    error.__cause__ = cause
    return error


def forget_locals(error: AppError) -> None:
    """Drop what the frames of an error and its causes hold: what was typed, say. Records of jobs keep errors for long.

    Of a fault of the program the places stay, without their values. A known error says all by itself.
    """
    chain: list[BaseException | None] = [error]
    seen: set[int] = set()
    while chain:
        each = chain.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            chain += [each.__cause__, each.__context__]
            traceback.clear_frames(each.__traceback__)
            if error.code is not ErrorCode.INTERNAL:
                each.__traceback__ = None  # a frame knows its function, and that its closure
