"""The tour's way through what is done with the whole list of people: their groups, and an export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from ui.tour_driver import Condition, Script, TourError, open_dialog, press, type_into
from ui.widgets.table import UserTable


def groups(window: QWidget, picture: Callable[[str], Script], quiet: Callable[[], Condition]) -> Script:
    """Groups are read on demand: a column, a count, and a condition of the search, which stays."""
    yield quiet()
    everybody = _found(window)
    _choose(window, "users.groups")
    yield quiet()
    type_into(window, "Search people", "group:admin")
    yield quiet()
    if not 0 < _found(window) < everybody:
        raise TourError(f"the group admin has {_found(window)} members")
    yield from picture("users-groups")


def export(window: QWidget, picture: Callable[[str], Script], quiet: Callable[[], Condition], path: Path) -> Script:
    """Whom the search finds, into a file that is counted and taken away again."""
    path.unlink(missing_ok=True)
    _choose(window, "users.export")
    yield lambda: open_dialog(window) is not None
    dialog = open_dialog(window)
    assert dialog is not None
    type_into(dialog, "File", str(path.absolute()))
    yield from picture("users-export")
    press(dialog, "Export")
    yield path.exists
    yield quiet()
    lines = path.read_bytes().count(b"\r\n")
    path.unlink()
    if lines != _found(window) + 1:
        raise TourError(f"the file has {lines} lines for {_found(window)} people")
    type_into(window, "Search people", "")
    yield quiet()


def _choose(window: QWidget, command: str) -> None:
    action = window.findChild(QAction, command)
    if not isinstance(action, QAction) or not action.isEnabled():
        raise TourError(f"{command} cannot be chosen")
    action.trigger()


def _found(window: QWidget) -> int:
    table = window.findChild(UserTable)
    if not isinstance(table, UserTable):
        raise TourError("the Users tab has no table")
    return table.model().rowCount()
