"""The History page: what the person did to get in, with the risk that Cognito saw, and what was done to them here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.capabilities import Capability
from app.directory.history import PAGE_LIMIT, AuthEvent, AuthEventPage
from app.journal_models import Entry, EntryState
from ui.journal_words import action_words, details_words, outcome_hint, outcome_words
from ui.tabs.users.lines import Line
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.page import FetchedPage
from ui.text import ago, exact, tr, when
from ui.view_state import Ready
from ui.widgets.badge import Badge, Tone
from ui.widgets.buttons import button
from ui.widgets.labels import label

_EVENTS = {
    "SignIn": "Sign-in",
    "SignUp": "Sign-up",
    "ForgotPassword": "Forgot password",
    "PasswordChange": "Password changed",
    "ResendCode": "Code sent again",
}
_TONES = {
    EntryState.SUCCEEDED: Tone.OK,
    EntryState.FAILED: Tone.BAD,
    EntryState.UNKNOWN: Tone.WARN,
    EntryState.INTERRUPTED: Tone.WARN,
    EntryState.BEGUN: Tone.INFO,
}


class HistoryPage(FetchedPage):
    """Two lists, the newest first."""

    needs = (Lookup.EVENTS, Lookup.JOURNAL)

    def __init__(self, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(lookups, parent)
        self._events = self.section(Lookup.EVENTS, tr("Sign-ins"), tr("Cognito has kept no sign-in of this person."))
        self._older = button(tr("Show older"), "quiet")
        self._older.setAccessibleName(tr("Show older sign-ins"))
        self._older.clicked.connect(lookups.older)
        self._end = label(tr("These are all that Cognito has kept."), "muted")
        for part in (self._older, self._end):
            self._events.column.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            part.hide()
        self._journal = self.section(
            Lookup.JOURNAL,
            tr("Done here"),
            tr("Nobody has changed this person from this Desk, as far as its journal goes back."),
        )

    def show_lookups(self) -> None:
        events = self.lookups.state(Lookup.EVENTS)
        self._events.show_state(events)
        self._older.hide()
        self._end.hide()
        if isinstance(events, Ready):
            if isinstance(events.value, Capability):
                self._events.say(events.value.reason)
            else:
                page: AuthEventPage = events.value  # type: ignore[assignment]
                self._events.show_lines([_event(event) for event in page.events])
                reading = self.lookups.reading_older
                self._older.setVisible(page.token is not None)
                self._older.setEnabled(not reading)
                self._older.setText(tr("Reading…") if reading else tr("Show older"))
                self._end.setVisible(page.token is None and len(page.events) > PAGE_LIMIT)
        state = self.lookups.state(Lookup.JOURNAL)
        self._journal.show_state(state)
        if isinstance(state, Ready):
            self._journal.show_lines([_entry(entry) for entry in state.value])  # type: ignore[attr-defined]


def _event(event: AuthEvent) -> Line:
    place = ", ".join(part for part in (event.city, event.country) if part)
    steps = ", ".join(f"{name}: {answer}" for name, answer in event.challenges)
    note = " · ".join(part for part in (when(event.at), event.device, place, event.ip, steps) if part)
    return Line(event.id, tr(_EVENTS.get(event.kind, event.kind)), note, _risk(event), hint=exact(event.at))


def _risk(event: AuthEvent) -> Badge:
    if event.compromised:
        return Badge(tr("leaked password"), Tone.BAD)
    if event.risky:
        level = event.level.lower() or tr("some")
        return Badge(tr("{level} risk", level=level), Tone.BAD if event.decision == "Block" else Tone.WARN)
    if event.result == "Fail":
        return Badge(tr("failed"), Tone.BAD)
    return Badge(tr("passed"), Tone.OK) if event.result == "Pass" else Badge(tr("under way"), Tone.INFO)


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
