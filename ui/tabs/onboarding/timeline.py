"""What happened to one person, newest first: what their row remembers and what the journal holds. No widget here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError
from app.journal import Journal
from app.journal_models import Entry, EntryState
from app.onboarding.models import DatabaseUser
from app.work import Work
from ui.context import Change, Context, Topic
from ui.journal_words import action_words, details_words, outcome_hint, outcome_words
from ui.text import mfa, onboarding_status, tr

MOST = 60
_TONES = {
    EntryState.SUCCEEDED: "ok",
    EntryState.FAILED: "bad",
    EntryState.UNKNOWN: "warn",
    EntryState.INTERRUPTED: "warn",
    EntryState.BEGUN: "neutral",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `tone` is ok, bad, warn or neutral; accent where the row itself remembers it."""

    at: datetime
    title: str
    detail: str = ""
    tone: str = "accent"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of one person, newest first. `more`: the journal holds older ones too."""

    row_id: str
    events: tuple[Event, ...]
    more: bool = False


def row_events(row: DatabaseUser) -> list[Event]:
    """What the row remembers."""
    now = tr("Now: {status}", status=onboarding_status(row.status))
    moments = (
        (row.created_at, tr("Row created"), ""),
        (row.mfa_enrolled_at, tr("Authenticator enrolled"), mfa(row.mfa_method) if row.mfa_method else ""),
        (row.password_reset_at, tr("Password was reset"), ""),
        (row.updated_at, tr("Row last changed"), now),
    )
    found = [Event(at, title, detail) for at, title, detail in moments if at is not None]
    if row.updated_at is not None and row.updated_at == row.created_at:
        found = [event for event in found if event.title != tr("Row last changed")]
    return found


def entry_event(entry: Entry) -> Event:
    """A change that somebody made with this program."""
    title = action_words(entry.action)
    if entry.state is not EntryState.SUCCEEDED:
        title = tr("{action}: {outcome}", action=title, outcome=outcome_words(entry.state))
    said = [details_words(entry.details), tr("by {who}", who=entry.operator)]
    detail = " · ".join(part for part in said if part)
    return Event(entry.at, title, detail, _TONES[entry.state], outcome_hint(entry))


def read(journal: Journal, connection: str, row: DatabaseUser) -> Timeline:
    """The timeline of the person whose row it is."""
    entries: dict[int, Entry] = {}
    for name in {row.subject or "", row.email} - {""}:
        for entry in journal.entries(connection=connection, subject=name, limit=MOST + 1):
            entries[entry.id] = entry
    events = [entry_event(entry) for entry in entries.values()] + row_events(row)
    events.sort(key=lambda event: event.at, reverse=True)
    return Timeline(row.id, tuple(events[:MOST]), len(events) > MOST)


class TimelinePresenter(QObject):
    """Reads the timeline of whoever is shown; anew when the journal or the row changes."""

    changed = Signal(object)  # Timeline, or None while there is none
    failed = Signal(object)  # AppError: the journal cannot be read

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._row: DatabaseUser | None = None
        context.changed.connect(self._on_change)

    def show_row(self, row: DatabaseUser | None) -> None:
        """Another person is shown, the same as they are now, or nobody."""
        before, self._row = self._row, row
        if row is None or before is None or row.id != before.id:
            self.changed.emit(None)
        if row is not None and row != before:
            self._read(row)

    def _read(self, row: DatabaseUser) -> None:
        journal, connection = self._desk.journal, self._desk.connection.id

        def work(_: Work) -> Timeline:
            return read(journal, connection, row)

        job = self._context.run(work, name=tr("Read the timeline"), key="onboarding-timeline", listed=False)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_read(self, timeline: Timeline) -> None:
        if self._row is not None and timeline.row_id == self._row.id:
            self.changed.emit(timeline)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.failed.emit(error)

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic == Topic.JOURNAL and self._row is not None:
            self._read(self._row)
