"""Drives the real window without a person: a script of steps, each waiting for what a person would wait to see.

A script is a generator that yields conditions. A timer asks them, so the event loop is never nested or spun by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)

Condition = Callable[[], bool]
Script = Generator[Condition, None, None]
_ASK_MS = 20
PATIENCE = 30.0  # seconds for any one condition


class TourError(Exception):
    """A flow did not do what it must. The message names the step and what was on screen."""


class Driver(QObject):
    """Runs one script. `ended` carries None, or the exception that stopped it."""

    ended = Signal(object)

    def __init__(self, script: Script, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._script = script
        self._condition: Condition | None = None
        self._since = 0.0
        self._timer = QTimer(self, interval=_ASK_MS)
        self._timer.timeout.connect(self._ask)

    def start(self) -> None:
        """Begin with the next turn of the event loop."""
        self._timer.start()

    @Slot()
    def _ask(self) -> None:
        try:
            if self._condition is not None and not self._condition():
                if time.monotonic() - self._since > PATIENCE:
                    seen = " | ".join(visible_text(w) for w in QApplication.topLevelWidgets() if w.isVisible())
                    self._script.throw(TourError(f"waited {PATIENCE:.0f} s in vain; on screen: {seen[:2000]}"))
                return
            self._condition = next(self._script)
            self._since = time.monotonic()
        except StopIteration:
            self._end(None)
        except Exception as error:  # noqa: BLE001 - whatever a step raises ends the tour and is reported by it
            self._end(error)

    def _end(self, error: Exception | None) -> None:
        self._timer.stop()
        self.ended.emit(error)


def visible_text(root: QWidget) -> str:
    """The words that a person can read on `root`."""
    words = []
    for widget in [root, *root.findChildren(QWidget)]:
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            words.append(widget.text())
        elif isinstance(widget, QPlainTextEdit):
            words.append(widget.toPlainText())
        if widget.accessibleName():
            words.append(widget.accessibleName())
    return " ".join(word.replace("\u200b", "") for word in words if word)


def shows(root: QWidget, *texts: str) -> Condition:
    """Whether every one of `texts` can be read on `root` now."""

    def look() -> bool:
        seen = visible_text(root)
        return all(text in seen for text in texts)

    return look


def button(root: QWidget, text: str) -> QAbstractButton:
    """The visible button that reads `text`, or is called so. TourError where there is none."""
    for found in root.findChildren(QAbstractButton):
        if found.isVisible() and text in (found.text().replace("&", ""), found.accessibleName()):
            return found
    raise TourError(f"there is no button “{text}”; on screen: {visible_text(root)[:2000]}")


def can_press(root: QWidget, text: str) -> Condition:
    """Whether such a button is there and enabled."""

    def look() -> bool:
        try:
            return button(root, text).isEnabled()
        except TourError:
            return False

    return look


def press(root: QWidget, text: str) -> None:
    """Press the button. TourError where it is disabled, with its reason."""
    found = button(root, text)
    if not found.isEnabled():
        raise TourError(f"“{text}” is disabled: {found.toolTip()}")
    found.click()


def line(root: QWidget, name: str) -> QLineEdit:
    """The line of text called `name`."""
    for found in root.findChildren(QLineEdit):
        if found.isVisible() and found.accessibleName() == name:
            return found
    raise TourError(f"there is no field “{name}”; on screen: {visible_text(root)[:2000]}")


def type_into(root: QWidget, name: str, text: str) -> None:
    """Replace what the field holds, as typing would."""
    field = line(root, name)
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    field.setText(text)
    field.textEdited.emit(text)


def paste_into(root: QWidget, name: str, text: str) -> None:
    """Replace what the field of several lines called `name` holds."""
    for found in root.findChildren(QPlainTextEdit):
        if found.isVisible() and found.accessibleName() == name:
            found.setPlainText(text)
            return
    raise TourError(f"there is no field “{name}”; on screen: {visible_text(root)[:2000]}")


def choose_page(root: QWidget, title: str) -> None:
    """Choose a page of a tab bar inside `root`."""
    for bar in root.findChildren(QTabBar):
        for index in range(bar.count()):
            if bar.isVisible() and bar.tabText(index).replace("&", "") == title:
                bar.setCurrentIndex(index)
                return
    raise TourError(f"there is no page “{title}”; on screen: {visible_text(root)[:2000]}")


def choose_row(root: QWidget, name: str, row: int) -> None:
    """Choose a row of the table called `name`."""
    for table in root.findChildren(QTableView):
        if table.isVisible() and table.accessibleName() == name:
            if row >= table.model().rowCount():
                raise TourError(f"the table “{name}” has no row {row}; on screen: {visible_text(root)[:2000]}")
            table.selectRow(row)
            return
    raise TourError(f"there is no table “{name}”; on screen: {visible_text(root)[:2000]}")


def open_dialog(root: QWidget) -> QDialog | None:
    """The dialog that is open over `root`."""
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible():
            return dialog
    return None


def save_picture(window: QWidget, path: Path) -> None:
    """The window as it looks now, with the dialogs that are open over it."""
    picture = window.grab()
    painter = QPainter(picture)
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible() and isinstance(other, QDialog):
            shade = QPixmap(picture.size())
            painter.setOpacity(0.35)
            shade.fill(Qt.GlobalColor.black)
            painter.drawPixmap(QPoint(0, 0), shade)
            painter.setOpacity(1.0)
            place = QPoint((window.width() - other.width()) // 2, max(0, (window.height() - other.height()) // 2))
            painter.drawPixmap(place, other.grab())
    painter.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(path)):
        raise TourError(f"could not write {path}")
