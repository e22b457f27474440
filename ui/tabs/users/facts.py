"""Facts about a person in two columns. Rows are kept and filled anew: making labels each time costs two frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.text import tr
from ui.widgets.badge import Badge, BadgeLabel
from ui.widgets.keyvalues import ValueLabel, breakable
from ui.widgets.labels import label, restyle

_NAME_WIDTH = 108


@dataclass(frozen=True, slots=True)
class Fact:
    """One line. `value` None: the pill alone; empty: 'not set'. `hint` is the tooltip: the exact UTC of a date, say.

    `note` stands below in small letters.
    """

    name: str
    value: str | None = None
    badge: Badge | None = None
    mono: bool = False
    hint: str = ""
    note: str = ""


class FactGrid(QWidget):
    """Shows facts, reusing its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._rows: list[_Row] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(7)
        self._grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.hide()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts; none hides the grid."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        if not facts:
            self.hide()  # the rows keep what they have: nobody sees them, and to hide each costs a frame
            return
        while len(self._rows) < len(facts):
            self._rows.append(_Row(self._grid, len(self._rows)))
        for row, fact in zip(self._rows, facts, strict=False):
            row.show_fact(fact)
        for row in self._rows[len(facts) :]:
            row.hide()
        self.show()


class _Row:
    """The widgets of one line: a name, a value and a pill."""

    def __init__(self, grid: QGridLayout, place: int) -> None:
        self._shown: Fact | None = None
        self._name = label("", "muted", wrap=True)
        self._name.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._name.setFixedWidth(_NAME_WIDTH)  # a long name wraps: the room belongs to the values
        self._value = ValueLabel("")
        self._value.hide()
        self._badge = BadgeLabel(Badge(""))
        self._badge.hide()
        self._note = label("", "small", wrap=True)
        self._note.hide()
        self._box = QWidget()
        column = QVBoxLayout(self._box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._value)
        column.addWidget(self._badge)
        column.addWidget(self._note)
        column.addStretch(1)
        grid.addWidget(self._name, place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._box, place, 1)

    def show_fact(self, fact: Fact) -> None:
        if fact != self._shown:
            self._shown = fact
            self._name.setText(fact.name)
            self._name.setContentsMargins(0, 2 if fact.value is None else 0, 0, 0)
            self._show_value(fact)
            self._note.setText(fact.note)
            if fact.badge is not None:
                self._badge.set_badge(fact.badge)
        self._value.setVisible(fact.value is not None)
        self._badge.setVisible(fact.badge is not None)
        self._note.setVisible(bool(fact.note))
        self._name.show()
        self._box.show()

    def hide(self) -> None:
        self._name.hide()
        self._box.hide()

    def _show_value(self, fact: Fact) -> None:
        words = fact.value or tr("not set")
        self._value.full_text = words
        self._value.setText(breakable(words))
        self._value.setToolTip(fact.hint)
        self._value.setAccessibleName(f"{fact.name}: {words}")
        role = "muted" if not fact.value else "mono" if fact.mono else ""
        if self._value.property("role") != role:
            self._value.setProperty("role", role)
            restyle(self._value)
