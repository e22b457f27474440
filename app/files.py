"""Small private files, written whole or not at all. Blocking; any thread; raises AppError(FILE_ERROR) only."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

from app.errors import AppError, ErrorCode


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a crash leaves the old file or the new one, readable by the owner alone (0600).

    Missing folders are made, also for the owner alone. A symbolic link is followed, so that the link survives.
    """
    try:
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise file_error("write", path, error) from error


def read_bytes(path: Path) -> bytes | None:
    """The content of `path`; None where there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise file_error("read", path, error) from error


def keep_aside(path: Path) -> Path:
    """Rename a file that cannot be understood, so that nothing overwrites it; returns where it is now."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = path.with_name(f"{path.name}.unreadable-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.unreadable-{stamp}-{number}")
    try:
        path.rename(aside)
    except OSError as error:
        raise file_error("rename", path, error) from error
    return aside


def make_folder(path: Path) -> Path:
    """Make the folder `path` (for the owner alone) where it is missing, and return it."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise file_error("make the folder", path, error) from error
    return path


def file_error(verb: str, path: Path, error: OSError) -> AppError:
    """The AppError for an operating system error on `path`; its message says what could not be done, and why."""
    reason = error.strerror or type(error).__name__
    return AppError(ErrorCode.FILE_ERROR, f"Cannot {verb} {path}: {reason}.", subject=str(path), retryable=True)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable. Windows cannot open folders, and does not need it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
