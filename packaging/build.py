"""`make package`: builds dist/cognito-desk with PyInstaller, then starts it and walks its tour, apart from the sources.

A build that does not start, or whose tour fails, is a failed build.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "package"
DIST = ROOT / "dist"
PROGRAM = DIST / "cognito-desk" / ("cognito-desk.exe" if sys.platform == "win32" else "cognito-desk")
START_TIMEOUT = 60.0  # seconds; it takes less than one
TOUR_TIMEOUT = 600.0  # seconds; it takes half a minute


class BuildError(Exception):
    """Why there is no usable build, in words."""


def main() -> int:
    """Build and check; the exit code."""
    try:
        seconds = build()
        print(f"{PROGRAM.parent.relative_to(ROOT)}: {_size(PROGRAM.parent)}, built in {seconds:.0f} s", flush=True)
        with tempfile.TemporaryDirectory(prefix="cognito-desk-check-") as home:
            print(f"starts and tells its version in {check_version(Path(home)):.2f} s", flush=True)
            seconds, pictures = check_tour(Path(home))
            print(f"passes the tour in {seconds:.1f} s ({pictures} pictures)")
    except BuildError as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    return 0


def build() -> float:
    """Run PyInstaller; the seconds it took. Its log is kept in build/package."""
    WORK.mkdir(parents=True, exist_ok=True)
    log = WORK / "pyinstaller.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYINSTALLER_CONFIG_DIR"] = str(WORK / "cache")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    command += ["--distpath", str(DIST), "--workpath", str(WORK), str(ROOT / "packaging" / "cognito-desk.spec")]
    print("building (about a minute)", flush=True)
    began = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=output, stderr=output, check=False)
    said = log.read_text("utf-8", errors="replace")
    if done.returncode:
        raise BuildError(f"PyInstaller failed; its log is {log.relative_to(ROOT)}:\n{_last_lines(said)}")
    for library in sorted(set(re.findall(r"could not resolve '([^']+)'", said))):
        print(f"warning: {library} is not on this machine, so the build lacks it too", file=sys.stderr)
    return time.monotonic() - began


def check_version(home: Path) -> float:
    """Start the build; the seconds it took to tell the version of pyproject.toml."""
    seconds, said = _run(home, "--version", timeout=START_TIMEOUT)
    expected = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    # A windowed program of Windows has nowhere to say it.
    if sys.platform != "win32" and said.split() != ["Cognito", "Desk", expected]:
        raise BuildError(f"it should say that it is version {expected}, and says: {said}")
    return seconds


def check_tour(home: Path) -> tuple[float, int]:
    """Walk the tour of the build; the seconds it took and how many pictures it made."""
    folder = home / "pictures"
    seconds, said = _run(home, "tour", "--demo", str(folder), timeout=TOUR_TIMEOUT)
    pictures = len(list(folder.glob("*.png")))
    if not pictures:
        raise BuildError(f"the tour made no pictures:\n{_last_lines(said)}")
    return seconds, pictures


def _run(home: Path, *arguments: str, timeout: float) -> tuple[float, str]:
    """Run the build as on a machine that knows nothing of this one; its time and what it said."""
    began = time.monotonic()
    with subprocess.Popen(
        [str(PROGRAM), *arguments], cwd=home, env=_environment(home), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        start_new_session=True,
    ) as program:  # fmt: skip
        try:
            said, _ = program.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _kill(program)
            said, _ = program.communicate()
            raise BuildError(f"{' '.join(arguments)} did not end in {timeout:.0f} s:\n{_last_lines(said)}") from None
    if program.returncode:
        raise BuildError(f"{' '.join(arguments)} ended with {program.returncode}:\n{_last_lines(said)}")
    return time.monotonic() - began, said


def _environment(home: Path) -> dict[str, str]:
    own = {"HOME": str(home), "COGNITO_DESK_HOME": str(home / "data"), "QT_QPA_PLATFORM": "offscreen"}
    if sys.platform == "win32":
        kept = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "TEMP", "TMP", "PATH")
        profile = dict.fromkeys(("USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
        return own | profile | {name: os.environ[name] for name in kept if name in os.environ}
    return own | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def _kill(program: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        program.kill()
    else:
        os.killpg(program.pid, signal.SIGKILL)


def _size(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return f"{sum(path.stat().st_size for path in files) / 1e6:.0f} MB in {len(files)} files"


def _last_lines(text: str) -> str:
    return "\n".join(text.rstrip().splitlines()[-30:])


if __name__ == "__main__":
    sys.exit(main())
