"""A key that is read out or typed: in groups of four, masked until asked for.

It cannot be selected: what the mouse copies, nobody takes back from the clipboard.
"""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui import icons
from ui.text import tr
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import label

_BULLET = "•"


class SecretKey(QFrame):
    """Shows a key; `copy_requested` asks the owner, who knows how to take it back from the clipboard."""

    copy_requested = Signal()
    shown = Signal()  # somebody can read it now

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._text = ""
        self._key = label("", wrap=True)
        self._key.setFont(theme.mono("heading"))
        self._show = button(tr("Show"), icon="eye")
        self._show.setCheckable(True)
        self._show.toggled.connect(self._on_show)
        copy = button(tr("Copy"), icon="copy")
        copy.setAccessibleName(tr("Copy secret"))
        copy.clicked.connect(self.copy_requested)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._show)
        row.addWidget(copy)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self._key)
        column.addLayout(row)
        self._on_show(False)

    def show_key(self, text: str) -> None:
        """Another key, in its groups, masked."""
        self._text = text
        self.conceal()

    @Slot()
    def conceal(self) -> None:
        """Mask it again."""
        self._show.setChecked(False)
        self._on_show(False)

    def forget(self) -> None:
        """Drop it."""
        self._text = ""
        self.conceal()

    @Slot(bool)
    def _on_show(self, shown: bool) -> None:
        masked = "".join(_BULLET if character != " " else " " for character in self._text)
        self._key.setText(self._text if shown else masked)
        self._key.setAccessibleName(tr("Secret: {key}", key=self._text) if shown else tr("Secret, masked"))
        self._show.setText(tr("Hide") if shown else tr("Show"))
        icons.assign(self._show, "eye-off" if shown else "eye", "text", 16)
        if shown:
            self.shown.emit()
