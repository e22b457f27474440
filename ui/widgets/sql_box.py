"""A statement for somebody else to run: shown as it is, to be selected and copied, never run here."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontMetrics, QGuiApplication, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.text import tr
from ui.theme import theme
from ui.widgets.buttons import button
from ui.widgets.labels import label

_MOST_LINES = 12
_WIDTH = 60  # characters that always fit into a line


class SqlBox(QWidget):
    """Words on what the statement does and who runs it, the statement, and a button that copies it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = label("", wrap=True)
        self._sql = ""
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setProperty("role", "mono")
        self.text.setAccessibleName(name)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text.setTabChangesFocus(True)
        self._copy = button(tr("Copy"), icon="copy")
        self._copy.setAccessibleName(tr("Copy: {name}", name=name))
        self._copy.clicked.connect(self._on_copy)
        self._told = label("", "small")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._copy)
        foot.addWidget(self._told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._words)
        column.addWidget(self.text)
        column.addLayout(foot)
        theme.changed.connect(self._fit)

    def show_sql(self, words: str, sql: str) -> None:
        """Show another statement; an empty one hides the whole."""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        if self._sql != sql:
            self._sql = sql
            self.text.setPlainText(sql.rstrip())  # an empty line at the end would scroll
            self._told.setText("")
        self.setVisible(bool(sql))
        self._fit()

    @Slot()
    def _fit(self) -> None:
        wrapped = sum(1 + len(line) // _WIDTH for line in self.text.toPlainText().splitlines())
        lines = min(_MOST_LINES, max(2, wrapped))
        self.text.setFixedHeight(QFontMetrics(theme.mono()).lineSpacing() * lines + 26)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._sql)
        self._told.setText(tr("Copied. Nothing was run."))
