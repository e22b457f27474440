"""A clock for how long something has lasted: nobody can set it, and it goes on while the machine sleeps.

Its zero means nothing. It is for countdowns; what the hour is, the wall clock (time.time) says.
"""

from __future__ import annotations

import sys
import time

if sys.platform == "linux":

    def elapsed() -> float:
        """Seconds since some moment. time.monotonic stands still on Linux while the machine sleeps; this does not."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
elif sys.platform == "darwin":

    def elapsed() -> float:
        """Seconds since some moment. Python's time.monotonic stands still on macOS while the machine sleeps."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)
else:
    elapsed = time.monotonic
