"""What is searched for, over the table, with a button that takes it away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.text import tr
from ui.theme import theme
from ui.widgets.buttons import icon_button
from ui.widgets.labels import ElidedLabel

_LONGEST = 32
_BESIDE = 36  # pixels of margins and button
_LEAST = 96


class SearchChip(QWidget):
    """Hidden while nothing is searched for."""

    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._words = ElidedLabel()
        clear = icon_button("close", tr("Clear the search"), size=12)
        clear.clicked.connect(self.cleared)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 2, 0)
        row.setSpacing(2)
        row.addWidget(self._words, 1)
        row.addWidget(clear)
        self.hide()
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        words = self._words.fontMetrics().horizontalAdvance(self._words.full_text)
        return QSize(words + _BESIDE + 1, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_LEAST, self.sizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accentsoft"))
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.end()

    @Slot(str)
    def show_search(self, text: str) -> None:
        """Show another text; none hides the chip."""
        short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        self._words.set_text(tr("Search: {text}", text=short))
        self.setToolTip(text)
        self.updateGeometry()
        self.setVisible(bool(text))
