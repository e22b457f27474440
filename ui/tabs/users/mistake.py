"""What is wrong with the search, under the head of the tab: the text with the place marked, and how to mend it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.directory.query import QueryError
from ui.text import tr
from ui.widgets.labels import ElidedLabel, label, restyle

_AROUND = 24  # characters shown on either side of the place
_PATIENCE_MS = 900


class MistakeLine(QWidget):
    """One line; hidden while the search can be read. The list below keeps what the last readable search found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = label("", "mono")
        self._wrong = label("", "wrong")
        self._after = label("", "mono")
        self._message = ElidedLabel("", "error")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part in (self._before, self._wrong, self._after):
            row.addWidget(part)
        row.addSpacing(12)
        row.addWidget(self._message, 1)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        self.hide()

    @Slot(object)
    def show_mistake(self, mistake: tuple[str, QueryError] | None) -> None:
        """Show what is wrong with a text; None hides the line. What is only begun is told quietly."""
        if mistake is None:
            self._patience.stop()
            self.hide()
            return
        text, error = mistake
        before, wrong, after = text[: error.at], text[error.at : error.end], text[error.end :]
        self._before.setText(before if len(before) <= _AROUND else f"…{before[-_AROUND:]}")
        self._wrong.setText(wrong if len(wrong) <= 2 * _AROUND else f"{wrong[: 2 * _AROUND]}…")
        self._after.setText(after if len(after) <= _AROUND else f"{after[:_AROUND]}…")
        for part, role in ((self._wrong, "wrong"), (self._message, "error")):
            quiet = "mono" if part is self._wrong else "muted"
            part.setProperty("role", quiet if error.incomplete else role)
            restyle(part)
        self._message.set_text(error.message)
        self.setAccessibleName(tr("Search, character {n}: {what}", n=error.at + 1, what=error.message))
        if error.incomplete and self.isHidden():
            self._patience.start()  # somebody who types on is not told what everybody sees
        else:
            self._patience.stop()
            self.show()
