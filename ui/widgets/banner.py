"""A coloured strip with a sentence, what to do about it, and buttons: for what concerns a whole view."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.errors import AppError
from ui import errors
from ui.text import tr
from ui.widgets.buttons import button
from ui.widgets.labels import label, restyle


class Banner(QFrame):
    """Tones: bad, warn, ok, info. Hidden, and empty inside, until something is shown: most views never show one."""

    retry_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._built = False
        self.hide()

    def _build(self) -> None:
        if self._built:
            return
        self._built = True
        from ui.widgets.disclosure import Disclosure

        self._title = label("", "heading", wrap=True)
        self._body = label("", "muted", wrap=True)
        self._details = Disclosure(tr("Details"))
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        self._retry = button(tr("Retry"), icon="refresh")
        self._retry.clicked.connect(self._on_retry)
        self._buttons.addWidget(self._retry)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(13, 10, 16, 10)
        column.setSpacing(4)
        for part in (self._title, self._body, self._details):
            column.addWidget(part)
        column.addLayout(self._buttons)

    def show_message(self, title: str, body: str = "", tone: str = "info") -> None:
        """Show a sentence without a Retry button."""
        self._fill(title, body, tone, "", retry=False)

    def show_error(self, error: AppError) -> None:
        """Show what happened, why and what to do; Retry where trying again makes sense."""
        shown = errors.present(error)
        body = " ".join(part for part in (shown.body, shown.remedy) if part)
        self._fill(shown.title, body, "bad", shown.details, retry=shown.retry)

    def add_button(self, extra: QPushButton) -> None:
        """Put another button at the left of Retry."""
        self._build()
        self._buttons.insertWidget(0, extra)

    def _fill(self, title: str, body: str, tone: str, details: str, *, retry: bool) -> None:
        self._build()
        self._title.setText(title)
        self._body.setText(body)
        self._body.setVisible(bool(body))
        self._details.set_text(details)
        self._retry.setVisible(retry)
        self.setProperty("tone", tone)
        self.setAccessibleName(title)
        self.setAccessibleDescription(body)
        restyle(self)
        self.show()

    @Slot()
    def _on_retry(self) -> None:
        self.retry_requested.emit()
