"""Cyclic garbage is collected on the GUI thread only.

Python collects on whichever thread happens to allocate. A cycle that holds a widget, found by a worker, would be
destroyed there, and Qt crashes: so the automatic collection is off and this one takes its place.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer, Slot

_IDLE_MS = 250
_BUSY_MS = 30
_MANY = 10_000  # young objects: a worker is building much, so little by little keeps each pause short
_FULL_SECONDS = 20.0


class Collector(QObject):
    """Collects while it lives; gives the automatic collection back when stopped. One per process, on the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._full_at = time.monotonic()
        gc.disable()
        self._timer = QTimer(self, interval=_IDLE_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def settle(self) -> None:
        """Set aside what the program has loaded for good, so that later collections need not walk over it.

        Costs one full collection: for the moment after start, when a pause is not felt.
        """
        gc.unfreeze()  # a connection that was closed since must not be kept for ever
        gc.collect()
        gc.freeze()
        self._full_at = time.monotonic()

    def stop(self) -> None:
        """Collect automatically again, on any thread: no QObject may be left in a cycle."""
        self._timer.stop()
        gc.collect()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _look(self) -> None:
        young, middle, old = gc.get_count()
        self._timer.setInterval(_BUSY_MS if young > _MANY else _IDLE_MS)
        if young <= self._thresholds[0]:
            return
        now = time.monotonic()
        if old > self._thresholds[2] and now - self._full_at > _FULL_SECONDS:
            self._full_at = now
            gc.collect(2)
        else:
            gc.collect(1 if middle > self._thresholds[1] else 0)
