"""How long work reports progress and learns that it should stop. Safe on any thread."""

from __future__ import annotations

import threading
from typing import NamedTuple


class Cancelled(BaseException):
    """Raised inside work that was asked to stop.

    A BaseException, so that an `except Exception` on the way up cannot turn a cancellation into a failure.
    """


class Progress(NamedTuple):
    """`done` of `total` (None while unknown), with a short note on the present step."""

    done: int
    total: int | None
    note: str


class Work:
    """Handed to a service that may take long. As it stands it serves scripts and tests: nobody listens to progress.

    Subclasses override `_report`. Cancellation is a request: it takes effect at the next check, progress or sleep.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked this work to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the work to stop. Idempotent; may be called from any thread."""
        self._stop.set()

    def check(self) -> None:
        """Raise Cancelled if the work was asked to stop."""
        if self._stop.is_set():
            raise Cancelled

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tell how far the work is, then check()."""
        self.check()
        self._report(Progress(done, total, note))

    def sleep(self, seconds: float) -> None:
        """Wait, but wake at once and raise Cancelled if the work is asked to stop."""
        if self._stop.wait(max(0.0, seconds)):
            raise Cancelled

    def _report(self, progress: Progress) -> None:
        """Receive progress; the plain Work drops it."""
