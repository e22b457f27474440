"""The base of the pane's pages: filled only when seen, and only when the person really differs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.tabs.users.lines import Section
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.person import Person


class PersonPage(QWidget):
    """A page of the detail pane. Subclasses fill `self.column` from `self.person`. `needs` is asked for when opened."""

    needs: tuple[Lookup, ...] = ()

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

    def add_button(self, made: QPushButton) -> None:
        """Put a button at the left, as wide as its words."""
        self.column.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)


class FetchedPage(PersonPage):
    """A page that shows what is asked for when it is opened, in sections of its own."""

    def __init__(self, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lookups = lookups

    def section(self, what: Lookup, title: str, empty: str) -> Section:
        """A section for one lookup, below what is there, with its Retry."""
        made = Section(title, empty)
        made.setObjectName(what.value)
        made.retry_requested.connect(self._on_retry)
        self.column.addWidget(made)
        return made

    def refresh_offers(self) -> None:
        self.show_lookups()

    def show_lookups(self) -> None:
        """Show the answers as they stand now."""
        raise AssertionError(f"{type(self).__name__} shows nothing")

    @Slot()
    def _on_retry(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.lookups.again(sender.objectName())
