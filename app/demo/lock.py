"""A lock on a folder that the operating system gives back when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.errors import AppError, ErrorCode

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FolderLock:
    """Held by one process at a time. The file stays behind: deleting it would let two processes hold two files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def acquire(self) -> None:
        """Take the lock at once. AppError DEMO_RUNNING where somebody else holds it."""
        if self._handle is not None:
            raise self._taken()
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if sys.platform == "win32":
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise self._taken() from error
        self._handle = handle

    def release(self) -> None:
        """Give the lock back. Idempotent."""
        if self._handle is not None:
            os.close(self._handle)  # closing releases it
            self._handle = None

    def _taken(self) -> AppError:
        return AppError(
            ErrorCode.DEMO_RUNNING,
            "The demo is already open in another window of Cognito Desk. Use that window, or close it and try again.",
            subject=str(self._path.parent),
            retryable=True,
        )
