"""The cards that list facts: user pool and app client."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.tabs.overview.facts import Fact
from ui.view_state import ViewState
from ui.widgets.badge import Badge, Tone
from ui.widgets.cards import Card
from ui.widgets.keyvalues import KeyValues
from ui.widgets.states import StateView


def fill(grid: KeyValues, facts: Sequence[Fact]) -> None:
    """Show these facts and no others."""
    grid.clear()
    for fact in facts:
        if fact.good:
            grid.add_badge(fact.name, Badge(fact.value, Tone.OK, hint=fact.hint))
            continue
        badges = [Badge(warn.text, Tone.WARN, hint=warn.sentence) for warn in fact.warnings]
        grid.add(fact.name, fact.value, badge=badges[0] if badges else None, mono=fact.mono, hint=fact.hint)
        for badge in badges[1:]:
            grid.add_badge("", badge)


class Flowing(QWidget):
    """As high as its content needs at the width it has.

    Of labels that wrap, Qt's minimum is the height at their narrowest: cards of them would end in empty space.
    """

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class FactsCard(Card):
    """A card that loads, fails and is tried again on its own."""

    retry_requested = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        self._grid = KeyValues(name_width=104)
        content = Flowing()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._grid)
        column.addStretch(1)
        self.states = StateView(content)
        self.states.retry_requested.connect(self.retry_requested)
        self.add(self.states, 1)

    def show_state(self, state: ViewState, facts: Sequence[Fact] = ()) -> None:
        """Show a state; `facts` are those of Ready."""
        if facts:
            fill(self._grid, facts)
        self.states.show_state(state)
