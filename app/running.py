"""Runs that hold a session of somebody's: one call at a time, one per person, all ended when the connection is left.

Safe on any thread. Ending takes a request, which may get no answer: `Runs.leave` waits for it only so long.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, Generic, ParamSpec, TypeVar

from app.errors import AppError, ErrorCode

log = logging.getLogger(__name__)

LEAVE_SECONDS = 5.0
P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound="Run")


class Run(ABC):
    """Something that goes on call by call until `let_go`. Calls that are marked `in_turn` exclude each other."""

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._stopped = threading.Event()
        self._over = False

    @property
    def stopped(self) -> bool:
        """Whether nothing new may begin: what is asked for now ends with STOPPED, by the run's own care."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let nothing new begin. Returns at once; who is in the middle of a call lets go at its end."""
        self._stopped.set()

    def let_go(self) -> None:
        """End it: after the call under way, and once only."""
        with self._turn:
            if not self._over:
                self._over = True
                self._wind_up()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold it during a call."""
        with self._turn:
            try:
                yield
            finally:
                if self.stopped:
                    self.let_go()

    @contextmanager
    def free_turn(self) -> Iterator[bool]:
        """Hold it where nobody does, without waiting; False where somebody is in the middle of a call."""
        free = self._turn.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._turn.release()

    @abstractmethod
    def _wind_up(self) -> None:
        """Give back what it holds."""


def in_turn(method: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
    """A method of a Run that excludes the others."""

    @functools.wraps(method)
    def call(self: R, /, *args: P.args, **more: P.kwargs) -> T:
        with self.turn():
            return method(self, *args, **more)

    return call


class Runs(Generic[R]):
    """The runs of one connection, by user name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, R] = {}
        self._left = False

    def add(self, username: str, run: R, who: str) -> None:
        """One more. AppError CONFLICT where one of this person is there, STOPPED where the connection is being left."""
        with self._lock:
            if self._left:
                message = "The connection is being left: nothing was begun."
                raise AppError(ErrorCode.STOPPED, message, subject=username)
            if username in self._runs:
                message = f"An enrolment of {who} runs already, in another view of this window."
                raise AppError(ErrorCode.CONFLICT, message, subject=username)
            self._runs[username] = run

    def names(self) -> frozenset[str]:
        """The user names of those that run."""
        with self._lock:
            return frozenset(self._runs)

    def end(self, username: str, run: R) -> None:
        """Let go of one, whatever came of it."""
        try:
            run.let_go()
        finally:
            with self._lock:
                if self._runs.get(username) is run:
                    del self._runs[username]

    def leave(self, seconds: float = LEAVE_SECONDS) -> bool:
        """Let go of all, and take no more. False where one was not through after `seconds`: it goes on by itself."""
        with self._lock:
            self._left = True
            runs = dict(self._runs)
        for run in runs.values():
            run.stop()
        # On threads of their own: a request without an answer cannot be called off.
        threads = [threading.Thread(target=self._end_at_last, args=each, daemon=True) for each in runs.items()]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        late = sum(thread.is_alive() for thread in threads)
        if late:
            log.warning("left while %d run(s) had not ended their session; the journal says that it may be open", late)
        return not late

    def _end_at_last(self, username: str, run: R) -> None:
        try:
            self.end(username, run)
        except Exception:
            log.exception("a run could not be ended in good order")
