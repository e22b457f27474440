"""The palette's people: looked at lately, or of the loaded list and matching what is typed. No widget here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError
from app.work import Work
from ui.context import Context
from ui.palette import PaletteEntry
from ui.text import tr

if TYPE_CHECKING:
    from app.directory.index import UserRow

_MOST = 6
_SHORTEST = 2  # letters; one finds nearly everybody


class PeopleFinder(QObject):
    """Asks the index on a worker; the newest question wins."""

    found = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._text = ""
        self.people: list[PaletteEntry] = []

    def find(self, text: str) -> None:
        """Look for others; an empty text brings those who were looked at lately."""
        self._text = text
        desk = self._context.desk
        if desk is None:
            self.people = []
            return
        if len(text) < _SHORTEST:
            self.people = [] if text else [self._entry(*each) for each in self._context.recent_people]
            return
        index = desk.index

        def look(work: Work) -> tuple[str, list[UserRow]]:
            return text, index.view(text).rows(0, _MOST)

        job = self._context.run(look, name=tr("Searching"), key="palette-people", listed=False)
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_failed)

    def search_entry(self, text: str) -> PaletteEntry:
        """Search the list of people for the text."""
        return PaletteEntry(
            "palette.search",
            tr("Search people for “{text}”", text=text),
            tr("Users"),
            partial(self._search, text),
            "search",
        )

    def _entry(self, username: str, title: str, note: str) -> PaletteEntry:
        go = partial(self._context.navigate.emit, "users", {"username": username})
        return PaletteEntry(f"person.{username}", title, tr("Person"), go, "user", note)

    def _search(self, text: str) -> None:
        self._context.navigate.emit("users", {"search": text})

    @Slot(object)
    def _on_found(self, answer: tuple[str, list[UserRow]]) -> None:
        text, rows = answer
        if text == self._text:
            self.people = [self._entry(row.username, row.name or row.email or row.username, row.email) for row in rows]
            self.found.emit()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.people = []  # what is typed is no search (yet): commands are offered all the same
        self.found.emit()
