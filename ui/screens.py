"""The room there is on screen. The only place that asks, because `QWidget.screen()` must never be called from Python:

PySide 6.11 makes the QScreen a child of that widget's wrapper; when the wrapper is collected, so is the screen itself,
and the next window crashes. (`QWidget.windowHandle()` is of the same kind.)
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget


def room(widget: QWidget | None = None) -> QRect:
    """The part of the screen that windows may fill: of the screen where the widget's window is, else of the first."""
    return (of(widget) if widget is not None else QGuiApplication.primaryScreen()).availableGeometry()


def of(widget: QWidget) -> QScreen:
    """The screen where the widget's window is; the first where it is on none."""
    return QGuiApplication.screenAt(widget.window().mapToGlobal(QPoint(0, 0))) or QGuiApplication.primaryScreen()


def other(widget: QWidget) -> QScreen:
    """A screen that does not show the widget; its own where there is no other."""
    own = of(widget)
    return next((screen for screen in QGuiApplication.screens() if screen is not own), own)


def sharpest() -> float:
    """The largest device pixel ratio among the screens; 1.0 without any."""
    return max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
