"""Loads the modules of the tabs while nobody waits: one at each turn of the event loop, after the first paint.

On the GUI thread, for Qt for Python makes its classes when they are first named: a worker that names one while the
event loop runs brings the process down, now and then.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules

from PySide6.QtCore import QObject, QTimer, Slot

_PAUSE_MS = 4  # between two modules, for whatever else is due
# In the order in which most people come to see them; what several of them need comes first.
_PACKAGES = (
    "ui.widgets",
    "ui.tabs.overview",
    "ui.tabs.users",
    "ui.tabs.onboarding",
    "ui.tabs.authenticator",
    "ui.tabs.activity",
    "ui.tabs.outbox",
)


def modules() -> Iterator[str]:
    """The modules of the tabs, by their full names."""
    yield "ui.actions"
    for package in _PACKAGES:
        for found in iter_modules(import_module(package).__path__):
            yield f"{package}.{found.name}"


class Warming(QObject):
    """Goes through `names`: by default the modules of the tabs."""

    def __init__(self, parent: QObject | None = None, names: Iterable[str] | None = None) -> None:
        super().__init__(parent)
        self._names = iter(modules() if names is None else names)
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._load_next)
        self._timer.start()

    def stop(self) -> None:
        """Leave the rest for when it is needed."""
        self._timer.stop()

    @Slot()
    def _load_next(self) -> None:
        name = next((name for name in self._names if name not in sys.modules), None)
        if name is None:
            self._timer.stop()
        else:
            import_module(name)
