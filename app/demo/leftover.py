"""Ending a PostgreSQL server: the one we started, one that an earlier process left behind, and ours if we die."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from app.demo.binaries import Binaries

# Waits until our end of its standard input closes, which the system does however we die. Then it stops the server
# that it was started for: "fast", and after 5 s "immediate". By its number, not by pg_ctl, which takes whichever server
# has the folder by the time it looks: that may be the next start's.
_WATCHDOG: Final = """
serving() { pid=; { read -r pid < "$1/postmaster.pid"; } 2>/dev/null; [ "$pid" = "$2" ] && kill -0 "$2" 2>/dev/null; }
read -r _
serving "$1" "$2" || exit 0
kill -INT "$2"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.5
    serving "$1" "$2" || exit 0
done
kill -QUIT "$2"
"""


def watch(binaries: Binaries, data: Path, pid: int) -> subprocess.Popen[bytes] | None:
    """Start the watchdog for the server `pid`. None on Windows, where the next start has to do."""
    if sys.platform == "win32":
        return None
    command = ["/bin/sh", "-c", _WATCHDOG, "watchdog", str(data), str(pid)]
    return binaries.spawn(command, cwd=data.parent, log=subprocess.DEVNULL, stdin=subprocess.PIPE)


def stop_server(binaries: Binaries, data: Path, server: subprocess.Popen[bytes]) -> None:
    """Stop our own child, gently if it will, and collect it."""
    if server.poll() is None and not _ask(binaries, data, server.pid):
        server.kill()
    server.wait(timeout=10)


def stop_leftover(binaries: Binaries, data: Path) -> bool:
    """Stop the server that postmaster.pid names, if it is alive and really serves `data`. Whether there was one."""
    pid = _noted(data)
    if pid is None:
        return False
    ours = serves(pid, data)
    if ours and not _ask(binaries, data, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        _await_end(pid, data)
    # A note of a dead process whose number somebody else has now would make the next server refuse to start.
    (data / "postmaster.pid").unlink(missing_ok=True)
    return ours


def serves(pid: int, data: Path) -> bool:
    """Whether the process `pid` is a PostgreSQL server on the folder `data`."""
    between = "\0" if sys.platform == "linux" else " "
    program, ours, _ = f"{_command_line(pid)}{between}".partition(f"{between}-D{between}{data}{between}")
    return bool(ours) and "postgres" in program


def _noted(data: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = abs(int((data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()[0]))
        return pid or None
    return None


def _ask(binaries: Binaries, data: Path, pid: int) -> bool:
    # "fast" ends the sessions and writes a checkpoint; "immediate" is for one that does not get that far.
    if _noted(data) != pid:
        return False
    for mode in ("fast", "immediate"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            asked = binaries.run(
                "pg_ctl", "stop", "-D", str(data), "-m", mode, "-t", "8", "-s", cwd=data.parent, timeout=15
            )
            if asked.returncode == 0:
                return True
    return False


def _await_end(pid: int, data: Path) -> None:
    deadline = time.monotonic() + 5
    while serves(pid, data) and time.monotonic() < deadline:
        time.sleep(0.02)


def _command_line(pid: int) -> str:
    """The process's program and arguments; empty where there is no such process."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "surrogateescape")
        return ""
    elif sys.platform == "win32":
        query = f"(Get-CimInstance Win32_Process -Filter ProcessId={pid}).CommandLine"
        asked = ["powershell", "-NoProfile", "-Command", query]
        return _output(asked).replace('"', "")
    else:
        return _output(["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)])


def _output(command: list[str]) -> str:
    answer = subprocess.run(  # noqa: S603  a process number is all that varies
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=20, check=False
    )
    return answer.stdout.strip()
