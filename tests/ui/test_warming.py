"""The modules of the tabs are loaded before somebody needs them, on the thread where Qt is safe."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ui.warming import Warming, modules

ROOT = Path(__file__).parents[2]
_RUN = """
import sys, threading
from PySide6.QtWidgets import QApplication
from ui.warming import Warming, modules
qt = QApplication([])
seen = set()
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("ui."):
            seen.add(threading.current_thread() is threading.main_thread())
        return None
sys.meta_path.insert(0, Watch())
warming = Warming()
warming._timer.timeout.connect(lambda: all(name in sys.modules for name in modules()) and qt.quit())
qt.exec()
print(seen, "polars" in sys.modules, "boto3" in sys.modules)
"""


def test_every_tab_is_among_them() -> None:
    names = list(modules())
    assert len(names) == len(set(names))
    for tab in ("overview", "users", "onboarding", "authenticator", "activity", "outbox"):
        assert f"ui.tabs.{tab}.view" in names


def test_they_load_on_the_gui_thread_and_bring_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _RUN], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split("\n")[0] == "{True} False False"


def test_one_at_a_turn_until_it_is_stopped(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for number in range(3):
        (tmp_path / f"warmed_{number}.py").write_text("import threading\nthread = threading.current_thread()\n")
    warming = Warming(names=["warmed_0", "warmed_1"])
    qtbot.waitUntil(lambda: "warmed_1" in sys.modules)
    assert sys.modules["warmed_0"].thread is threading.main_thread()
    warming = Warming(names=["warmed_2"])
    warming.stop()
    qtbot.wait(50)
    assert "warmed_2" not in sys.modules
    for number in range(2):
        del sys.modules[f"warmed_{number}"]
