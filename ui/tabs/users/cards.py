"""The card at the top of the pane: why this person cannot sign in, each reason with its ways out as buttons.

All green where nothing blocks, and it says what could not be looked at.
"""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.diagnosis.findings import Diagnosis, Finding, Gate
from ui.actions import REMEDIES
from ui.tabs.users.deeds import cost
from ui.tabs.users.wording import Ask, headline, remedy_words
from ui.text import tr
from ui.widgets.buttons import button, disable
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import label

_TONES = {Gate.COGNITO: "bad", Gate.PERHAPS: "bad", Gate.APPLICATION: "bad", None: "warn"}


class DiagnosisCard(QWidget):
    """Rebuilt only when the diagnosis differs."""

    command_requested = Signal(str)  # command id

    def __init__(self, why_not: Ask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why_not = why_not
        self._shown: Diagnosis | None = None
        self._cards: list[QWidget] = []
        self._headline = label("", "heading", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._clear = QFrame()
        self._clear.setProperty("tone", "ok")
        clear = QVBoxLayout(self._clear)
        clear.setContentsMargins(13, 9, 13, 10)
        clear.setSpacing(2)
        self._clear_title = label("", "heading", wrap=True)
        self._clear_note = label("", "small", wrap=True)
        clear.addWidget(self._clear_title)
        clear.addWidget(self._clear_note)
        self._column.addWidget(self._headline)
        self._column.addWidget(self._clear)
        self.hide()

    def show_diagnosis(self, diagnosis: Diagnosis, *, complete: bool) -> None:
        """Show another diagnosis. `complete`: everything was read, so that silence means health."""
        if diagnosis != self._shown:
            self._shown = diagnosis
            for card in self._cards:
                card.hide()
                card.deleteLater()
            self._cards = [self._card(finding) for finding in diagnosis.findings]
            for card in self._cards:
                self._column.addWidget(card)
                card.show()
        words = headline(diagnosis)
        blocked = diagnosis.gate is not None
        self._headline.setText(words)
        self._headline.setVisible(blocked)
        self._clear.setVisible(complete and not blocked)
        self._clear_title.setText(words)
        self._clear.setAccessibleName(words)
        self._clear_note.setText(_gaps(diagnosis))
        self._clear_note.setVisible(bool(diagnosis.unknown))
        self._refresh_offers()
        self.setVisible(complete or bool(diagnosis.findings))

    def _refresh_offers(self) -> None:
        """What may be done can change although the diagnosis did not: a change is under way."""
        for offered in self.findChildren(QPushButton):
            if offered.objectName():
                why = self._why_not(offered.objectName())
                disable(offered, why)
                if why is None:
                    offered.setToolTip(cost(offered.objectName()))

    def _card(self, finding: Finding) -> QWidget:
        card = QFrame()
        card.setProperty("tone", _TONES[finding.gate])
        card.setAccessibleName(finding.sentence)
        card.setAccessibleDescription(" ".join(part for part in (finding.evidence, finding.advice) if part))
        column = QVBoxLayout(card)
        column.setContentsMargins(13, 9, 13, 10)
        column.setSpacing(4)
        column.addWidget(label(finding.sentence, "heading", wrap=True))
        for words in (finding.evidence, finding.advice):
            if words:
                column.addWidget(label(words, "muted", wrap=True, selectable=True))
        row = FlowLayout()
        row.setContentsMargins(0, 4, 0, 0)
        for place, remedy in enumerate(finding.remedies):
            offered = button(remedy_words(remedy), "primary" if finding.blocks and place == 0 else "")
            offered.setObjectName(REMEDIES[remedy])
            offered.clicked.connect(self._on_offered)
            row.addWidget(offered)
        if finding.remedies:
            column.addLayout(row)
        return card

    @Slot()
    def _on_offered(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.command_requested.emit(sender.objectName())


def _gaps(diagnosis: Diagnosis) -> str:
    return tr("Not looked at: {things}.", things=", ".join(tr(name) for name in diagnosis.unknown))
