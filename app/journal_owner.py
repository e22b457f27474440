"""Proof that the writer of a journal still lives: locks that the operating system takes back, however a process ends.

A process id would not do: ids are used again, and after a restart of the machine they mean somebody else.
"""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path


class Owner:
    """Proof of life of one open journal, held until release() or the end of the process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.name = uuid.uuid4().hex
        self._path = folder / self.name
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        _lock(self._descriptor, wait=False)

    def release(self) -> None:
        """Give the proof up; what this owner has begun and not finished counts as interrupted from now on."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


def alive(folder: Path, name: str) -> bool:
    """Whether the owner of that name still runs. Removes the traces of one that does not."""
    try:
        descriptor = os.open(folder / name, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if not _lock(descriptor, wait=False):
            return True
    finally:
        os.close(descriptor)
    (folder / name).unlink(missing_ok=True)
    return False


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Be the only one in here, over threads and processes; waits for the others."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, wait: bool) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            if wait:
                raise
            return False
        return True
else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool) -> bool:
        # flock, not lockf: it holds between two journals of one process too.
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
