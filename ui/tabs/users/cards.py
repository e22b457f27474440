"""The cards at the top of the pane: what stands in the way of signing in, each with its remedy as a button."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.permissions import Action
from ui.tabs.users.notices import Notice, headline
from ui.tabs.users.wording import Ask
from ui.widgets.buttons import button, disable
from ui.widgets.labels import label


class NoticeCards(QWidget):
    """Rebuilt only when the notices differ."""

    action_requested = Signal(object)  # Action

    def __init__(self, why_not: Ask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why_not = why_not
        self._shown: tuple[Notice, ...] = ()
        self._cards: list[QWidget] = []
        self._headline = label("", "heading", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._headline)
        self.hide()

    def show_notices(self, found: tuple[Notice, ...]) -> None:
        """Show other notices; none hides the whole."""
        if found != self._shown:
            self._shown = found
            for card in self._cards:
                card.hide()
                card.deleteLater()
            self._cards = [self._card(notice) for notice in found]
            for card in self._cards:
                self._column.addWidget(card)
                card.show()
        self._headline.setText(headline(found))
        for offered in self.findChildren(QPushButton):
            if offered.objectName():
                disable(offered, self._why_not(Action(offered.objectName())))
        self.setVisible(bool(found))

    def _card(self, notice: Notice) -> QWidget:
        card = QFrame()
        card.setProperty("tone", notice.tone)
        card.setAccessibleName(notice.title)
        card.setAccessibleDescription(notice.body)
        column = QVBoxLayout(card)
        column.setContentsMargins(13, 9, 13, 10)
        column.setSpacing(4)
        column.addWidget(label(notice.title, "heading", wrap=True))
        column.addWidget(label(notice.body, "muted", wrap=True))
        if notice.action is not None:
            offered = button(notice.button, "primary" if notice.blocks else "")
            offered.setObjectName(notice.action.value)
            offered.clicked.connect(self._on_offered)
            row = QHBoxLayout()
            row.setContentsMargins(0, 4, 0, 0)
            row.addWidget(offered)
            row.addStretch(1)
            column.addLayout(row)
        return card

    @Slot()
    def _on_offered(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.action_requested.emit(Action(sender.objectName()))
