"""Where the embedded server lives: a private folder with a path short enough for its socket.

No folder that was there before is ever made more open: where the way is barred or too long, a new one is made.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

from app.demo.binaries import Account, unavailable

_LONGEST: Final = 103  # bytes of a socket's path: 107 on Linux, 103 on macOS
_PREFIX: Final = "cognito-desk-"
_OWNER: Final = "belongs-to"
_NOTE: Final = "server-folder"
_SOCKET: Final = "run/.s.PGSQL.5432"


def home(root: Path, account: Account | None) -> Path:
    """The server's folder, made if need be. AppError DEMO_UNAVAILABLE where there is no fit place.

    `root` itself where that works. Else (long path; root, whose folders "nobody" may not enter) a folder in the
    temporary directory that `root` remembers.
    """
    if account is None and _short(root / "server"):
        return private(root / "server", None)
    note = root / _NOTE
    remembered = Path(note.read_text(encoding="utf-8").strip()) if note.is_file() else None
    if remembered is not None and _trusted(remembered) and _short(remembered):
        return remembered
    for base in _bases():
        if _short(base / f"{_PREFIX}00000000") and (account is None or _open_to_all(base)):
            made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
            if account is not None:
                made.chmod(0o711)  # "nobody" passes through to the folders that are its own, and sees no names
            note.write_text(str(made), encoding="utf-8")
            (made / _OWNER).write_text(str(note), encoding="utf-8")
            return made
    raise unavailable("There is no folder with a path short enough for the demo's database. Set TMPDIR to a short one.")


def temporary(root: Path) -> bool:
    """Whether `root` is in a directory for temporary files, where nobody comes back to it."""
    return any(root.resolve().is_relative_to(base.resolve()) for base in _bases())


def forget(root: Path) -> None:
    """`root` remembers no folder any more."""
    (root / _NOTE).unlink(missing_ok=True)


def abandoned() -> list[Path]:
    """Our folders in the temporary directories whose `root` was deleted or remembers another one by now."""
    return [
        folder
        for base in _bases()
        for folder in base.glob(f"{_PREFIX}*")
        if _trusted(folder) and (folder / _OWNER).is_file() and not _wanted(folder)
    ]


def private(folder: Path, account: Account | None) -> Path:
    """`folder`, made with mode 0700 for `account` if it is not there."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return folder
    if sys.platform != "win32" and account is not None:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    return folder


def _bases() -> list[Path]:
    names = dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp"))  # noqa: S108  mkdtemp makes it safe
    return [Path(name) for name in names if Path(name).is_dir()]


def _wanted(folder: Path) -> bool:
    try:
        note = Path((folder / _OWNER).read_text(encoding="utf-8"))
        return note.read_text(encoding="utf-8").strip() == str(folder)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # cannot be told: a folder too many is the smaller harm


def _short(folder: Path) -> bool:
    return sys.platform == "win32" or len(os.fsencode(folder / _SOCKET)) <= _LONGEST


def _trusted(folder: Path) -> bool:
    # In a shared directory somebody else could have put a folder or link of that name after ours was cleaned away.
    if sys.platform == "win32":
        return folder.is_dir()
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _open_to_all(folder: Path) -> bool:
    return all(step.stat().st_mode & 0o001 for step in (folder, *folder.resolve().parents))
