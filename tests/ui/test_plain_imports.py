"""Imports are Python's own again once the program has begun: nobody reads the sources of what is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_READ = "print(any(name.endswith('ui/text.py') for name in __import__('linecache').cache))"


def _source_was_read(begin: str) -> str:
    code = f"import ui.theme; {begin}; from ui.text import tr; {_READ}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


def test_nothing_reads_the_sources_of_modules() -> None:
    assert _source_was_read("from ui import plain_imports; plain_imports.restore()") == "False"


def test_the_test_would_notice() -> None:
    assert _source_was_read("pass") == "True"


def test_nothing_needs_the_import_that_was_replaced() -> None:
    for path in (*(ROOT / "ui").rglob("*.py"), *(ROOT / "app").rglob("*.py")):
        if path.name != "plain_imports.py":
            assert "__feature__" not in path.read_text(), path
