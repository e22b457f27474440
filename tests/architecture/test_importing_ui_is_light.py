"""What the window needs to start loads no heavy library: those come on a worker, after the first paint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("boto3", "botocore", "psycopg", "psycopg_pool", "keyring", "polars", "moto", "flask", "PIL", "qrcode")
MODULES = ("ui.shell.window", "ui.shell.splash", "ui.widgets.dialogs", "ui.widgets.commands", "ui.errors", "ui.garbage")


@pytest.mark.parametrize("module", [*MODULES, "ui.application"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    if not (ROOT / f"{module.replace('.', '/')}.py").is_file():
        pytest.fail(f"{module} is gone: the list above names what the start needs")
    code = f"import sys, {module}; print(*sorted({{n.split('.')[0] for n in sys.modules}} & set({HEAVY!r})))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert loaded.stdout.split() == []


def test_the_test_would_notice() -> None:
    code = f"import sys, keyring; print(*({{n.split('.')[0] for n in sys.modules}} & set({HEAVY!r})))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert loaded.stdout.split() == ["keyring"]
