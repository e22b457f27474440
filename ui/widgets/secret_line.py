"""A line for a secret: masked until shown, and what is copied from it leaves the clipboard after a minute."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QClipboard, QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui.widgets.secret_clipboard import shared

_HINT = Qt.InputMethodHint
_NOT_TO_LEARN = _HINT.ImhSensitiveData | _HINT.ImhNoPredictiveText | _HINT.ImhNoAutoUppercase


class SecretLine(QLineEdit):
    """As QLineEdit, whose undo forgets what was cleared, and which leaves nothing in X11's primary selection."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setDragEnabled(False)  # what is dragged away, nobody takes back

    def setEchoMode(self, mode: QLineEdit.EchoMode) -> None:
        """Mask or show it. Also while it is shown, keyboards on the screen and input methods learn nothing from it."""
        super().setEchoMode(mode)
        self.setInputMethodHints(self.inputMethodHints() | _NOT_TO_LEARN)

    def clear(self) -> None:
        """Drop the text for good: QLineEdit's own `clear` keeps it for Ctrl+Z."""
        self.setText("")

    @Slot()
    def copy(self) -> None:
        """Copy what is selected; nothing while it is masked."""
        if self.echoMode() is QLineEdit.EchoMode.Normal and self.hasSelectedText():
            shared().copy(self.selectedText())

    @Slot()
    def cut(self) -> None:
        """As `copy`, and take it out of the line."""
        if self.echoMode() is QLineEdit.EchoMode.Normal and self.hasSelectedText():
            self.copy()
            self.del_()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu()
        for name, slot in (("edit-copy", self.copy), ("edit-cut", self.cut), ("select-all", self.selectAll)):
            action = menu.findChild(QAction, name)
            if action is not None:
                action.triggered.disconnect()  # from QLineEdit's own, which knows no minute
                action.triggered.connect(slot)
        menu.setObjectName("secret-menu")
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self._leave_primary()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.cut()
        elif event.matches(QKeySequence.StandardKey.DeleteCompleteLine):
            self._take_out(0)  # QLineEdit copies what Ctrl+U takes out on X11, and Ctrl+K on macOS
        elif event.matches(QKeySequence.StandardKey.DeleteEndOfLine):
            self._take_out(self.cursorPosition())
        else:
            super().keyPressEvent(event)
            self._leave_primary()

    def _take_out(self, start: int) -> None:
        self.setSelection(start, len(self.text()) - start)
        self.del_()

    @Slot()
    def selectAll(self) -> None:
        """Choose all of it."""
        super().selectAll()
        self._leave_primary()

    def _leave_primary(self) -> None:
        """X11 and Wayland hand to the middle button of the mouse whatever is selected anywhere."""
        clipboard, primary = QGuiApplication.clipboard(), QClipboard.Mode.Selection
        chosen = self.selectedText()
        if chosen and clipboard.supportsSelection() and clipboard.text(primary) == chosen:
            clipboard.clear(primary)
