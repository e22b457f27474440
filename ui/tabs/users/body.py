"""Counts, table and person side by side, and who gives way where the tab is narrow. The filters have a button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from app.directory.query import QueryError, Word, parse
from ui.tabs.users.facets import FIELDS, FacetColumn
from ui.text import count, tr
from ui.widgets.buttons import button
from ui.widgets.table_columns import DEFAULT, columns_of, narrowest

ROOM_FOR_FILTERS = 1108  # pixels of the body's own width; in less, the filters come when they are asked for
_PANE = (400, 430, 464)  # pixels of the person's pane: the least, the least where all its tabs fit, the most
_FRAME = 16  # pixels of the list that are not its columns': frame and scroll bar
_LEAST_LIST = 240
_HANDLE = 10


class UsersBody(QWidget):
    """Holds the three parts, and `button`, which opens and closes the filters: they push the table, and hide nothing.

    Until somebody presses the button, the filters are open where there is room for them.
    """

    def __init__(self, facets: FacetColumn, middle: QWidget, pane: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facets = facets
        self._wanted: bool | None = None  # what somebody asked for; None: as there is room
        self._arranged = False  # the person has moved the line between table and pane: it stays there
        hint = tr("Show or hide the counts of the whole pool. A click on one of them filters the list.")
        self.button = button(tr("Filters"), "toggle", icon="filter", hint=hint)
        self.button.setCheckable(True)
        self.button.setAccessibleName(tr("Filters"))
        middle.setMinimumWidth(_LEAST_LIST)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(_HANDLE)
        self.splitter.addWidget(middle)
        self.splitter.addWidget(pane)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(facets)
        row.addWidget(self.splitter, 1)
        self.splitter.splitterMoved.connect(self._on_arranged)
        self.button.clicked.connect(self._on_pressed)

    @Slot(str)
    def show_search(self, text: str) -> None:
        """Mark what a search filters by, and count it on the button."""
        self.facets.show_search(text)
        amount = active(text)
        self.button.setText(f"{tr('Filters')} · {amount}" if amount else tr("Filters"))
        self.button.setAccessibleDescription(count(amount, "filter is active", "filters are active") if amount else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        roomy = self.width() >= ROOM_FOR_FILTERS
        opened = roomy if self._wanted is None else self._wanted
        self.facets.setVisible(opened)
        self.button.setChecked(opened)
        if not self._arranged:
            room = self.width() - (self.facets.width() + 8 if opened else 0) - _HANDLE
            least, tabs, most = _PANE
            left = room - narrowest(columns_of(DEFAULT)) - _FRAME  # the list comes first
            pane = max(tabs if roomy else least, min(most, left))
            self.splitter.setSizes([max(1, room - pane), pane])

    @Slot()
    def _on_arranged(self) -> None:
        self._arranged = True

    @Slot(bool)
    def _on_pressed(self, opened: bool) -> None:
        usual = self.width() >= ROOM_FOR_FILTERS
        self._wanted = None if opened is usual else opened
        self._arrange()


def active(text: str) -> int:
    """How many conditions of a search are on something that the filters offer; 0 where it cannot be read."""
    try:
        terms = parse(text).terms
    except QueryError:
        return 0
    return sum(not isinstance(term, Word) and term.field in FIELDS for term in terms)
