"""What every tab is given: the open Desk, the job runner, the settings, and the ways to tell the others something.

Presenters import this module, so it knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from app.work import Work
from ui.jobs import Job, JobRunner

if TYPE_CHECKING:
    from app.desk import Desk
    from app.settings import Settings
    from ui.bench import Bench
    from ui.palette import PaletteEntry


RECENT_PEOPLE = 8


class Topic(StrEnum):
    """What a change is about. A Change may name any other topic: these are the ones that the program itself uses."""

    USERS = "users"  # ids are user names
    ONBOARDING = "onboarding"  # ids are ids of database rows
    POOL = "pool"
    JOURNAL = "journal"
    OUTBOX = "outbox"
    DRIFT = "drift"  # a comparison of everybody: Desk.drift.latest
    LIVE = "live"  # how changes by others are learnt: Desk.live.state


class Change(NamedTuple):
    """Something changed. Empty `ids` means: possibly everything. `origin` names the presenter that did it."""

    topic: str
    ids: tuple[str, ...] = ()
    origin: str = ""


class Toast(NamedTuple):
    """A short message at the lower right. `tone` is ok, info, warn or bad; `action` runs when its button is pressed."""

    text: str
    tone: str = "ok"
    action_text: str = ""
    action: Callable[[], object] | None = None


class Context(QObject):
    """Shared by all tabs; lives on the GUI thread as long as the window."""

    changed = Signal(object)  # Change
    toast_requested = Signal(object)  # Toast
    navigate = Signal(str, object)  # key of a tab, payload for it
    desk_changed = Signal()
    troubled = Signal(object)  # AppError that a view shows although no job failed: an answer without the database
    search_changed = Signal(str)  # the text of the window's search field

    def __init__(
        self,
        runner: JobRunner,
        settings: Settings | None = None,
        desk: Desk | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.runner = runner
        self.settings = settings
        self._desk = desk
        self._search = ""
        self._bench: Bench | None = None
        if desk is not None:
            self.bench.open(desk.connection.id)
        self.recent_people: list[tuple[str, str, str]] = []  # user name, what they are called, address; newest first
        self._palette: list[tuple[QObject, Callable[[], Sequence[PaletteEntry]]]] = []
        self.search_values: Mapping[str, Mapping[str, int]] = {}  # fields and their values, for the search's completion

    @property
    def desk(self) -> Desk | None:
        """The open connection's services; None on the welcome page."""
        return self._desk

    def set_desk(self, desk: Desk | None) -> None:
        """Switch to another open connection, or to none. Closing the former one is the caller's affair."""
        self._desk = desk
        if desk is not None or self._bench is not None:
            self.bench.open(desk.connection.id if desk is not None else None)
        self.desk_changed.emit()

    @property
    def bench(self) -> Bench:
        """What the person arranged for the open connection. Made when first asked for: a start needs none."""
        if self._bench is None:
            from ui.bench import Bench

            self._bench = Bench(self.runner, self.settings, self)
        return self._bench

    @property
    def search(self) -> str:
        """What is in the window's search field."""
        return self._search

    def set_search(self, text: str) -> None:
        """Search for something else; the field and every view that searches follow."""
        if text != self._search:
            self._search = text
            self.search_changed.emit(text)

    def remember_person(self, username: str, title: str, address: str) -> None:
        """Somebody was looked at. Kept for this session only."""
        others = [each for each in self.recent_people if each[0] != username]
        self.recent_people[:] = [(username, title, address), *others][:RECENT_PEOPLE]

    def offer_palette(self, owner: QObject, source: Callable[[], Sequence[PaletteEntry]]) -> None:
        """Offer commands in the palette, asked for each time it opens, as long as `owner` lives."""
        self._palette.append((owner, source))

    def palette_entries(self) -> list[PaletteEntry]:
        """Everything that can be done now, the newest offer first."""
        from shiboken6 import isValid

        self._palette = [(owner, source) for owner, source in self._palette if isValid(owner)]
        return [entry for _, source in reversed(self._palette) for entry in source()]

    def run(
        self,
        call: Callable[[Work], object],
        *,
        name: str,
        key: Hashable | None = None,
        lane: Hashable | None = None,
        listed: bool = True,
    ) -> Job:
        """Run `call(work)` in the background; see JobRunner.submit."""
        return self.runner.submit(call, name=name, key=key, lane=lane, listed=listed)

    def announce(self, change: Change) -> None:
        """Tell every presenter that something changed; each decides whether it is stale."""
        self.changed.emit(change)

    def toast(
        self, text: str, tone: str = "ok", action_text: str = "", action: Callable[[], object] | None = None
    ) -> None:
        """Show a short message that goes away by itself."""
        self.toast_requested.emit(Toast(text, tone, action_text, action))
