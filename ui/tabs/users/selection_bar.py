"""Below the table, where several people are chosen: how many, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.text import number, tr
from ui.widgets.buttons import button, disable, icon_button
from ui.widgets.labels import ElidedLabel

COMPARED = (2, 6)  # people side by side, at least and at most
_HEIGHT = 40


class SelectionBar(QFrame):
    """Hidden while fewer than two are chosen."""

    everybody_wanted = Signal()
    compare_wanted = Signal()
    copy_wanted = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "foot")
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName(tr("The people who are chosen"))
        self._words = ElidedLabel("", "heading")
        self._all = button("", "link")
        self._compare = button(tr("Compare"), "quiet", icon="columns")
        self._copy = button(tr("Copy"), "quiet", icon="copy", hint=tr("Copy the rows as a table (Ctrl+C)"))
        clear = icon_button("close", tr("Choose nobody but the current person (Escape)"), size=14)
        self._all.clicked.connect(self.everybody_wanted)
        self._compare.clicked.connect(self.compare_wanted)
        self._copy.clicked.connect(self.copy_wanted)
        clear.clicked.connect(self.cleared)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 8, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self._all)
        self._row.addWidget(self._compare)
        self._row.addWidget(self._copy)
        self._row.addWidget(clear)
        for part in (self._all, self._compare, self._copy, clear):
            part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def add(self, widget: QWidget) -> None:
        """Put a button for something else that is done with the people who are chosen."""
        self._row.insertWidget(self._row.count() - 1, widget)

    def show_choice(self, chosen: int, shown: int, *, everybody: bool, searching: bool) -> None:
        """So many are chosen of those whom the table shows; `everybody`: also who comes later."""
        self._words.set_text(_words(chosen, shown, everybody=everybody, searching=searching))
        self._all.setText(
            tr("Select all {n} matching", n=number(shown)) if searching else tr("Select all {n}", n=number(shown))
        )
        self._all.setToolTip(tr("Everybody whom the search finds, also those who come later (Ctrl+A)"))
        self._all.setVisible(not everybody or chosen < shown)
        least, most = COMPARED
        why = None if least <= chosen <= most else tr("Choose {a} to {b} people to compare.", a=least, b=most)
        disable(self._compare, why)
        self.setVisible(chosen > 1)


def _words(chosen: int, shown: int, *, everybody: bool, searching: bool) -> str:
    if not everybody:
        return tr("{n} selected", n=number(chosen))
    whom = tr("All {n} matching selected") if searching else tr("All {n} selected")
    words = whom.format(n=number(shown))
    left = shown - chosen
    return words if not left else tr("{all} but {n}", all=words, n=number(left))
