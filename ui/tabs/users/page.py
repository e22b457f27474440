"""The base of the pane's pages: filled only when seen, and only when the person really differs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.tabs.users.person import Person


class PersonPage(QWidget):
    """A page of the detail pane. Subclasses fill `self.column` from `self.person`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.person: Person | None = None
        self._filled: Person | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)

    def show_person(self, person: Person | None) -> None:
        """Take another person, or the same with more known."""
        self.person = person
        if not self.isHidden():
            self.refresh()

    def refresh_offers(self) -> None:
        """What may be done can change although the person did not: a change is under way."""

    def refresh(self) -> None:
        """Fill the page if it is out of date."""
        if self.person is not None and self.person != self._filled:
            self._filled = self.person
            self.fill(self.person)
        self.refresh_offers()

    def fill(self, person: Person) -> None:
        """Show this person."""
        raise AssertionError(f"{type(self).__name__} fills nothing")

    def add_button(self, made: QPushButton) -> None:
        """Put a button at the left, as wide as its words."""
        self.column.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
