"""What clicks, drags and keys mean for the choice of rows: one, with Ctrl one more or less, with Shift a range.

Knows no table: it is told the row and the event, and answers the new choice.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from ui.widgets.table_choice import NONE, Choice, only

_Modifier = Qt.KeyboardModifier


class Gestures:
    """Remembers where a range begins, and what was chosen before it."""

    def __init__(self) -> None:
        self._anchor = 0
        self._base = NONE
        self._dragging = False

    def pick(self, row: int) -> Choice:
        """One row; ranges begin there from now on. -1: none."""
        self._anchor, self._base = max(row, 0), NONE
        return only(row) if row >= 0 else NONE

    def stay(self, row: int) -> None:
        """The row under the keyboard has this number now: the same person stands there."""
        self._anchor, self._base = row, NONE

    def mouse(self, row: int, event: QMouseEvent, choice: Choice) -> Choice:
        """After a button was pressed, or the mouse moved with it. -1: below the rows."""
        if event.type() == QEvent.Type.MouseMove:
            self._dragging = self._dragging or row not in (-1, self._anchor)
            return self._base.plus(self._anchor, row) if self._dragging and row >= 0 else choice
        if event.type() != QEvent.Type.MouseButtonPress:
            return choice
        held = event.modifiers()
        control, shift = bool(held & _Modifier.ControlModifier), bool(held & _Modifier.ShiftModifier)
        self._dragging = False
        if event.button() == Qt.MouseButton.RightButton and (row < 0 or row in choice):
            return choice  # the menu is for all that are chosen
        if row < 0:
            return choice if control or shift else NONE
        if shift:
            self._base = choice if control else NONE
            return self._base.plus(self._anchor, row)
        if control:
            self._anchor, self._base = row, choice.toggled(row)
            return self._base
        return self.pick(row)

    def key(self, row: int, event: QKeyEvent, choice: Choice) -> Choice:
        """After a key that moved to this row, or Space on it."""
        held = event.modifiers()
        if row < 0:
            return choice
        if event.key() == Qt.Key.Key_Space:
            self._anchor = row
            return choice.toggled(row)
        if held & _Modifier.ShiftModifier:
            return NONE.plus(self._anchor, row)
        if held & _Modifier.ControlModifier:
            self._anchor = row
            return choice
        return self.pick(row)
