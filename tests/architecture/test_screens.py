"""No widget is asked for its screen or window handle: PySide would give it the ownership, and Qt then crashes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(r"\.(screen|windowHandle)\(\)")


def test_no_widget_is_asked_for_its_screen() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: use ui.screens.room"
        for folder in ("ui", "tests/ui")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if FORBIDDEN.search(line) and path.name not in ("screens.py", "test_screens.py")
    ]
    assert found == []


def test_the_pattern_finds_the_call() -> None:
    assert FORBIDDEN.search("room = self.screen().availableSize()")
    assert not FORBIDDEN.search("self.screen_reader()")
