"""Other processes for the demo's tests: one that holds a demo open until it is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]

_HOLDER = """
import json, signal, sys
from pathlib import Path
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup hands down that it is ignored
from app.demo.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(json.dumps([server.pid, server._watchdog.pid if server._watchdog else 0, str(server._data)]), flush=True)
sys.stdin.read()
if sys.argv[2] == "stop":
    server.stop()
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has the server running."""

    process: subprocess.Popen[str]
    server_pid: int
    watchdog_pid: int
    data: Path

    def finish(self) -> int:
        """Let it end by itself; returns its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=30)


@contextmanager
def holder(root: Path, *, at_end: str = "stop") -> Iterator[Holder]:
    """Start a process that runs the server in `root`; `at_end` "stop" or "forget" is what it does when told to end."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(root), at_end],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            server, watchdog, data = json.loads(process.stdout.readline())
            yield Holder(process, server, watchdog, Path(data))
        finally:
            process.kill()


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether `condition` comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
