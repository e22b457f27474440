"""The room there is on screen. The only place that asks, because `QWidget.screen()` must never be called from Python:

PySide 6.11 makes the QScreen a child of that widget's wrapper; when the wrapper is collected, so is the screen itself,
and the next window crashes. (`QWidget.windowHandle()` is of the same kind.)
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget


def room(widget: QWidget | None = None) -> QRect:
    """The part of the screen that windows may fill: of the screen where the widget's window is, else of the first."""
    found = QGuiApplication.screenAt(widget.window().mapToGlobal(QPoint(0, 0))) if widget is not None else None
    screen = found or QGuiApplication.primaryScreen()
    return screen.availableGeometry()


def sharpest() -> float:
    """The largest device pixel ratio among the screens; 1.0 without any."""
    return max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
