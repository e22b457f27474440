"""Technical details that open on request and can be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui import icons
from ui.text import tr
from ui.widgets.buttons import button


class Disclosure(QWidget):
    """A text behind a button. Hidden while the text is empty."""

    def __init__(self, title: str, parent: QWidget | None = None, *, centred: bool = False) -> None:
        super().__init__(parent)
        self._toggle = button(title, "link")
        self._toggle.setCheckable(True)
        self._toggle.toggled.connect(self._on_toggled)
        self._copy = button(tr("Copy details"), "link", icon="copy")
        self._copy.clicked.connect(self._on_copy)
        self._copy.hide()
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setProperty("role", "mono")
        self._text.setAccessibleName(title)
        self._text.setTabChangesFocus(True)
        self._text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._text.setFixedHeight(112)
        self._text.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1 if centred else 0)
        row.addWidget(self._toggle)
        row.addWidget(self._copy)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._text)
        self._on_toggled(False)
        self.set_text("")

    def set_text(self, text: str) -> None:
        """Show other details, closed; none hides the whole."""
        self._text.setPlainText(text)
        self._toggle.setChecked(False)
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """The details."""
        return self._text.toPlainText()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        icons.assign(self._toggle, "chevron-down" if shown else "chevron-right", "accent", 14)
        self._text.setVisible(shown)
        self._copy.setVisible(shown)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text.toPlainText())
