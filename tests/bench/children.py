"""Starts a program of tests/bench in a process of its own, in an empty home, and reads what it measured.

A child prints one JSON object as its last line. One that takes too long is asked to stop: a demo stops its servers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_GRACE_SECONDS = 30.0
# What would open a connection, or another look, on the machine of whoever measures.
_UNWANTED = ("AWS_", "COGNITO_", "DATABASE_", "AUTH_PROVIDER", "SECRETS_", "USE_SECRETS", "QT_", "PYTHON")


def run(program: str, arguments: Sequence[str] = (), *, seconds: float, window: str = "") -> dict[str, Any]:
    """Run `python -m tests.bench.<program> MOMENT ARGUMENTS`; MOMENT is `time.perf_counter()` just before the start.

    `window`: what the program finds as window.json, the place and tab of its last time. What the child writes on stderr
    is passed on. Raises RuntimeError where the child fails or takes longer than `seconds`.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        config = Path(home) / "config"
        config.mkdir()
        if window:
            (config / "window.json").write_text(window)
        command = [sys.executable, "-m", f"tests.bench.{program}", repr(time.perf_counter()), *arguments]
        environ = environment(os.environ, home)
        child = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
        try:
            output, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _stop(child)
            raise RuntimeError(f"{program} took longer than {seconds:.0f} s") from None
        except BaseException:
            _stop(child)
            raise
    lines = output.splitlines()
    if child.returncode != 0 or not lines:
        raise RuntimeError(f"{program} ended with {child.returncode}: {output[-2000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def environment(environ: Mapping[str, str], home: str) -> dict[str, str]:
    """The environment of a child: no connection, no display, no keyring, every file under `home`."""
    kept = {name: value for name, value in environ.items() if not name.startswith(_UNWANTED)}
    return kept | {
        "COGNITO_DESK_HOME": home,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_LOGGING_RULES": "*.debug=false;qt.qpa.*=false",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
