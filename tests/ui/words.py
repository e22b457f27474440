"""A person's hands and eyes for the tests: press, answer, type and read by the words on screen or the accessible name.

Every function waits, within bounds, for what it looks for, and fails with what is to be seen instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import TypeVar

from PySide6.QtCore import QAbstractItemModel, QEventLoop, QModelIndex, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTabBar,
    QTextEdit,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

PATIENCE = 15.0
T = TypeVar("T")
W = TypeVar("W", bound=QWidget)
_Field = QLineEdit | QPlainTextEdit | QTextEdit | QComboBox | QSpinBox


def wait_for(look: Callable[[], T | None], what: str, root: QWidget | None = None, seconds: float = PATIENCE) -> T:
    """Turn the event loop until `look` finds something that is true."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            seen = see(root) if root is not None and isValid(root) else "\n---\n".join(see(w) for w in windows())
            raise AssertionError(f"{what} did not appear within {seconds:g} s. To be seen:\n{seen}")
        turn(5)


def turn(milliseconds: int) -> None:
    """Let the event loop run. Unlike QTest.qWait it leaves the interpreter to the workers meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def windows() -> list[QWidget]:
    """Every visible top-level widget."""
    return [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def clean(text: str) -> str:
    """Text without mnemonic marks and surplus space."""
    return " ".join(text.replace("\u200b", "").replace("&&", "\0").replace("&", "").replace("\0", "&").split())


def matches(text: str, pattern: str) -> bool:
    """Whether the text is the pattern, in which '...' stands for anything."""
    return fnmatchcase(clean(text), clean(pattern).replace("[", "[[]").replace("?", "[?]").replace("...", "*"))


def press(root: QWidget, words: str) -> None:
    """Click the visible, enabled button, tab, menu entry or checkbox of these words."""
    target: object = wait_for(lambda: _pressable(root, words), f"“{words}” to press", root)
    if isinstance(target, QAction):
        for menu in [w for w in windows() if isinstance(w, QMenu)]:
            menu.close()
        target.trigger()
        return
    if isinstance(target, tuple):
        bar, index = target
        bar.setCurrentIndex(index)
        return
    if isinstance(target, QPushButton | QToolButton) and target.menu() is not None:
        menu = target.menu()
        menu.aboutToShow.emit()
        menu.popup(target.mapToGlobal(target.rect().bottomLeft()))
        return
    assert isinstance(target, QAbstractButton)
    target.setFocus(Qt.FocusReason.MouseFocusReason)
    target.click()


def pressable(root: QWidget, words: str) -> bool:
    """Whether `press` would find something now."""
    return _pressable(root, words) is not None


def reason(root: QWidget, words: str) -> str:
    """Why the button or menu entry of these words is disabled (its tooltip); an empty string where it is enabled."""

    def look() -> str | None:
        for widget in _visible(root, QAbstractButton):
            if _named(widget, words):
                return "-" if widget.isEnabled() else (widget.toolTip() or "disabled without a reason")
        for action in _actions(root):
            if matches(action.text(), words):
                return "-" if action.isEnabled() else (action.toolTip() or "disabled without a reason")
        return None

    found = wait_for(look, f"“{words}”", root)
    return "" if found == "-" else found


def type_into(root: QWidget, label: str, text: str, *, enter: bool = False) -> None:
    """Replace the text of the field of this label (or placeholder, or accessible name) as if typed."""
    target = wait_for(lambda: _field(root, label), f"a field “{label}”", root)
    target.setFocus(Qt.FocusReason.TabFocusReason)
    if isinstance(target, QPlainTextEdit | QTextEdit):
        target.setPlainText("")
        QTest.keyClicks(target, text)
        return
    if isinstance(target, QSpinBox):
        target.setValue(int(text))
        return
    if isinstance(target, QComboBox):
        index = target.findText(text)
        assert index >= 0 or target.isEditable(), f"“{label}” offers no “{text}”"
        if index >= 0:
            target.setCurrentIndex(index)
            target.activated.emit(index)
        else:
            target.setEditText(text)
        return
    assert isinstance(target, QLineEdit)
    target.selectAll()
    if text:
        QTest.keyClicks(target, text)
    else:
        QTest.keyClick(target, Qt.Key.Key_Delete)
    if enter:
        QTest.keyClick(target, Qt.Key.Key_Return)


def dialog(title: str) -> QDialog:
    """The open dialog whose title or heading matches ('...' stands for anything)."""

    def look() -> QDialog | None:
        open_ones = [w for w in QApplication.allWidgets() if isinstance(w, QDialog) and w.isVisible()]
        for one in reversed(open_ones):
            headings = [one.windowTitle(), *(shown.text() for shown in _visible(one, QLabel) if shown.window() is one)]
            if any(matches(heading, title) for heading in headings):
                return one
        return None

    return wait_for(look, f"a dialog “{title}”")


def answer(root: QWidget | None, title: str, *, press: str, type: str | None = None, into: str = "") -> None:
    """Wait for the dialog, type into its (first or named) field where asked to, and press its button."""
    box = dialog(title)
    if type is not None:
        if not into:
            fields = [f for f in _visible(box, QLineEdit) if f.isEnabled() and not f.isReadOnly()]
            assert fields, f"“{title}” has no field to type into"
            into = fields[0].accessibleName() or fields[0].placeholderText()
        type_into(box, into, type)
    globals()["press"](box, press)


def see(root: QWidget) -> str:
    """All visible text, one piece to a line, in the order of the widgets; of item views the rows in sight."""
    return "\n".join(piece for piece in _texts(root) if piece)


def wait_to_see(root: QWidget, text: str, seconds: float = PATIENCE) -> str:
    """Wait until the text is to be seen; returns everything that is."""
    wait_for(lambda: text in see(root), f"the text “{text}”", root, seconds)
    return see(root)


def rows(view: QAbstractItemView, limit: int = 100) -> list[list[str]]:
    """What a list or table shows, row by row."""
    model = view.model()
    columns = range(model.columnCount())
    return [[_cell(model, row, column) for column in columns] for row in range(min(limit, model.rowCount()))]


def _cell(model: QAbstractItemModel, row: int, column: int) -> str:
    index = model.index(row, column, QModelIndex())
    shown = index.data(Qt.ItemDataRole.DisplayRole)
    if shown is None or shown == "":
        shown = index.data(Qt.ItemDataRole.AccessibleTextRole)
    return "" if shown is None else str(shown)


def _visible(root: QWidget, kind: type[W]) -> list[W]:
    found = [w for w in root.findChildren(kind) if w.isVisible()]
    if isinstance(root, kind) and root.isVisible():
        found.insert(0, root)
    return found


def _named(widget: QWidget, words: str) -> bool:
    shown = widget.text() if isinstance(widget, QAbstractButton) else ""
    return matches(shown, words) or matches(widget.accessibleName(), words)


def _actions(root: QWidget) -> Iterator[QAction]:
    menus = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]
    for menu in [*menus, *_visible(root, QMenu)]:
        yield from menu.actions()


def _pressable(root: QWidget, words: str) -> QAbstractButton | QAction | tuple[QTabBar, int] | None:
    for action in _actions(root):
        if matches(action.text(), words) and action.isEnabled():
            return action
    for candidate in _visible(root, QAbstractButton):
        if candidate.isEnabled() and _named(candidate, words):
            return candidate
    for bar in _visible(root, QTabBar):
        for index in range(bar.count()):
            if matches(bar.tabText(index), words) and bar.isTabEnabled(index):
                return bar, index
    return None


def _field(root: QWidget, label: str) -> QWidget | None:
    for shown in _visible(root, QLabel):
        buddy = shown.buddy()
        if isinstance(buddy, _Field) and buddy.isEnabled() and matches(shown.text().rstrip(" *"), label):
            return buddy
    for candidate in _visible(root, QWidget):
        if isinstance(candidate, _Field) and candidate.isEnabled():
            placeholder = "" if isinstance(candidate, QComboBox | QSpinBox) else candidate.placeholderText()
            if matches(candidate.accessibleName(), label) or (placeholder and matches(placeholder, label)):
                return candidate
    return None


def _texts(widget: QWidget) -> Iterator[str]:
    if not widget.isVisible():
        return
    if isinstance(widget, QLabel):
        yield clean(getattr(widget, "full_text", "") or widget.text())
    elif isinstance(widget, QAbstractButton):
        yield clean(widget.text()) or widget.accessibleName()
    elif isinstance(widget, QLineEdit):
        yield widget.displayText()
    elif isinstance(widget, QPlainTextEdit | QTextEdit):
        yield widget.toPlainText()
    elif isinstance(widget, QComboBox):
        yield widget.currentText()
    elif isinstance(widget, QGroupBox):
        yield clean(widget.title())
    elif isinstance(widget, QTabBar):
        yield from (clean(widget.tabText(index)) for index in range(widget.count()))
    elif isinstance(widget, QAbstractItemView):
        yield from (" | ".join(cells) for cells in rows(widget))
        return
    elif not widget.children() or type(widget).__name__.endswith("Label"):
        yield widget.accessibleName()
    for child in widget.children():
        if isinstance(child, QWidget) and not child.isWindow():
            yield from _texts(child)
