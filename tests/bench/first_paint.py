"""A child of startup.py: `MOMENT bare` or `MOMENT desk` prints the milliseconds from MOMENT to the first paint."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QWidget

if TYPE_CHECKING:
    from ui.application import Application


class FirstPaint(QObject):
    """Tells when the whole window was painted for the first time, children included, and closes it."""

    def __init__(self, window: QWidget, since: float) -> None:
        super().__init__()
        self._window = window
        self._since = since
        self._painted = False
        self.milliseconds = 0.0

    def begin(self) -> None:
        """Watch; the window has just been shown and the event loop has not painted it yet."""
        self._window.installEventFilter(self)
        for surface in QGuiApplication.topLevelWindows():
            if surface.winId() == self._window.winId():
                surface.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            self._painted = self._painted or event.type() is QEvent.Type.Paint
            return False
        if event.type() not in (QEvent.Type.Expose, QEvent.Type.Paint, QEvent.Type.UpdateRequest):
            return False
        # Delivered here, so that the clock is read when every widget is painted and before anything else happens.
        taken = watched.event(event)
        if self._painted and not self.milliseconds:
            self.milliseconds = (time.perf_counter() - self._since) * 1000
            self._window.removeEventFilter(self)
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._window.close)
        return taken


def bare(since: float) -> float:
    """The least that any window with a table costs."""
    from PySide6.QtWidgets import QApplication, QTableView

    qt = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.setCentralWidget(QTableView())
    window.resize(1440, 900)
    window.show()
    watch = FirstPaint(window, since)
    watch.begin()
    qt.exec()
    return watch.milliseconds


def desk(since: float) -> float:
    """The program as it starts without a connection: the real main(), up to its welcome page."""
    from tests.bench import desks

    watches: list[FirstPaint] = []

    def watch(application: Application) -> None:
        watches.append(FirstPaint(application.window, since))
        watches[0].begin()

    desks.run([], watch)
    return watches[0].milliseconds


if __name__ == "__main__":
    found = {"bare": bare, "desk": desk}[sys.argv[2]](float(sys.argv[1]))
    print(json.dumps({"milliseconds": found}))
