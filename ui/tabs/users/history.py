"""The History page: what the person did to get in, with the risk that Cognito saw, and what was done to them here."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.journal_models import Entry, EntryState
from ui.journal_words import action_words, details_words, outcome_hint, outcome_words
from ui.tabs.users.lines import Line, Section
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.page import FetchedPage
from ui.text import ago, exact, tr, when
from ui.view_state import Ready
from ui.widgets.badge import Badge, Tone

_TONES = {
    EntryState.SUCCEEDED: Tone.OK,
    EntryState.FAILED: Tone.BAD,
    EntryState.UNKNOWN: Tone.WARN,
    EntryState.INTERRUPTED: Tone.WARN,
    EntryState.BEGUN: Tone.INFO,
}


class HistoryPage(FetchedPage):
    """Two lists, the newest first."""

    needs = (Lookup.JOURNAL,)

    def __init__(self, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(lookups, parent)
        self._journal = self.section(
            Lookup.JOURNAL,
            tr("Done here"),
            tr("Nobody has changed this person from this Desk, as far as its journal goes back."),
        )

    def show_lookups(self) -> None:
        state = self.lookups.state(Lookup.JOURNAL)
        self._journal.show_state(state)
        if isinstance(state, Ready):
            self._journal.show_lines([_entry(entry) for entry in state.value])  # type: ignore[attr-defined]


def _entry(entry: Entry) -> Line:
    details = details_words(entry.details)
    note = tr("{when} · {operator}", when=when(entry.at), operator=entry.operator)
    return Line(
        str(entry.id),
        action_words(entry.action),
        f"{note} · {details}" if details else note,
        Badge(outcome_words(entry.state), _TONES[entry.state]),
        hint="\n".join(part for part in (ago(entry.at), exact(entry.at), outcome_hint(entry)) if part),
    )
