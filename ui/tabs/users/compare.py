"""The window that shows people side by side; what differs has a sign, and a ground of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from ui.tabs.users.comparison import Line, Side, lines
from ui.text import count, tr
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable

_WHERE_WIDTH, _NAME_WIDTH, _SIGN_WIDTH = 124, 172, 48
_LEAST, _WIDEST, _HEIGHT = 150, 260, 560
SIGN = "≠"


class CompareDialog(Dialog):
    """Rows are facts, columns are people."""

    def __init__(self, sides: Sequence[Side], parent: QWidget | None = None) -> None:
        super().__init__(tr("Compare {people}", people=count(len(sides), "person", "people")), parent)
        self.setWindowModality(Qt.WindowModality.NonModal)
        self._lines = lines(sides)
        room = _room(parent) - _WHERE_WIDTH - _NAME_WIDTH - _SIGN_WIDTH - 72
        width = max(_LEAST, min(_WIDEST, room // max(1, len(sides))))
        columns: list[Column[Line]] = [
            Column(tr("Where"), lambda line: line.section, _WHERE_WIDTH, muted=True),
            Column(tr("Fact"), lambda line: line.name, _NAME_WIDTH),
            Column("", _sign, _SIGN_WIDTH, hint=lambda line: tr("They differ") if line.differs else ""),
        ]
        columns += [
            Column(side.title, _value(i), width, hint=_hint(i), marked=_marked(i)) for i, side in enumerate(sides)
        ]
        self.table: RowTable[Line] = RowTable(
            tr("Facts about each person"), columns, key=lambda line: (line.section, line.name), several=True
        )
        self.table.setMinimumHeight(min(_HEIGHT, self.table.fitting_height(len(self._lines))))
        self.resize(_WHERE_WIDTH + _NAME_WIDTH + _SIGN_WIDTH + min(width, _WIDEST) * len(sides) + 64, self.height())
        different = sum(line.differs for line in self._lines)
        self._only = QCheckBox(tr("Only what differs ({n})", n=different))
        self._only.setEnabled(bool(different))
        self._only.toggled.connect(self._on_only)
        head = QHBoxLayout()
        words = tr("{sign} stands before what differs. Ctrl+C copies the lines that are chosen.", sign=SIGN)
        head.addWidget(label(words, "muted"), 1)
        head.addWidget(self._only)
        self.body.addLayout(head)
        self.body.addWidget(self.table, 1)
        close = button(tr("Close"), "primary")
        close.clicked.connect(self.reject)
        close.setDefault(True)
        self.buttons.addWidget(close)
        self.table.set_rows(self._lines)
        self.table.setFocus()

    @Slot(bool)
    def _on_only(self, only: bool) -> None:
        self.table.set_rows([line for line in self._lines if line.differs or not only])


def _room(parent: QWidget | None) -> int:
    return 1100 if parent is None else max(640, parent.window().width() - 64)


def _sign(line: Line) -> str:
    return SIGN if line.differs else ""


def _value(place: int) -> Callable[[Line], str]:
    return lambda line: line.values[place]


def _hint(place: int) -> Callable[[Line], str]:
    return lambda line: tr("Differs from the others") if place in line.odd else ""


def _marked(place: int) -> Callable[[Line], bool]:
    return lambda line: place in line.odd
