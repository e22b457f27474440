"""Private files, written whole or not at all. Blocking; any thread; raises AppError(FILE_ERROR) only."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.errors import AppError, ErrorCode, invalid


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a crash leaves the old file or the new one, readable by the owner alone (0600).

    Missing folders are made, also for the owner alone. A symbolic link is followed, so that the link survives.
    """
    try:
        path.resolve().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise file_error("write", path, error) from error
    with writing(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: Path, *, replace: bool = True) -> Iterator[BinaryIO]:
    """A file that is `path` once the block has ended, and nothing at all where it raises. The folder must be there.

    Readable by the owner alone (0600). A symbolic link is followed. Without `replace` a file that is there is never
    touched, not even one that came meanwhile: AppError(INVALID_INPUT) about the field "path".
    """
    try:
        target = path.resolve()
        if not replace and target.exists():
            raise in_the_way(path)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mkstemp makes it 0600
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if replace:
                temporary.replace(target)
            else:
                _put(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(target.parent)
    except FileExistsError as error:
        raise in_the_way(path) from error
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


def _put(temporary: Path, target: Path) -> None:
    """Give the file its name unless that is taken: FileExistsError."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: between look and act somebody else may still come
        if target.exists():
            raise FileExistsError(target) from None
        temporary.rename(target)
    else:
        temporary.unlink()


def in_the_way(path: Path) -> AppError:
    """The AppError for a file that may not be replaced."""
    return invalid("path", f"There is a file {path} already. Choose another name, or allow it to be replaced.")


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable. Windows cannot open folders, and does not need it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
