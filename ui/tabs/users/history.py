"""The History page: what the person did to get in, with the risk that Cognito saw, and what was done to them here."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.capabilities import Capability
from app.directory.history import AuthEvent, AuthEventPage
from app.journal_models import Entry, EntryState
from ui.journal_words import action_words, details_words, outcome_hint, outcome_words
from ui.tabs.users.lines import Line, sentence
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.page import FetchedPage
from ui.text import ago, exact, tr, when
from ui.view_state import Empty, Failed, Loading, Ready, ViewState
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
        self._older = _Older()
        self._older.requested.connect(lookups.read_older)
        self._events.column.addWidget(self._older)
        self._journal = self.section(
            Lookup.JOURNAL,
            tr("Done here"),
            tr("Nobody has changed this person from this Desk, as far as its journal goes back."),
        )

    def show_lookups(self) -> None:
        events = self.lookups.state(Lookup.EVENTS)
        self._events.show_state(events)
        self._older.show_how_far(self.lookups.events, self.lookups.older)
        if isinstance(events, Ready):
            if isinstance(events.value, Capability):
                self._events.say(events.value.reason)
            else:
                page: AuthEventPage = events.value  # type: ignore[assignment]
                self._events.show_lines([_event(event) for event in page.events])
                if not page.events and page.token is not None:
                    self._events.say(tr("None among the newest; there may be older ones."))
        state = self.lookups.state(Lookup.JOURNAL)
        self._journal.show_state(state)
        if isinstance(state, Ready):
            self._journal.show_lines([_entry(entry) for entry in state.value])  # type: ignore[attr-defined]


class _Older(QWidget):
    """Below the sign-ins: a button for those before them, or that these are all, or why there are no more."""

    requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = label("", "small", wrap=True, selectable=True)
        self._button = button(tr("Show older"), icon="chevron-down")
        self._button.clicked.connect(self.requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_how_far(self, shown: AuthEventPage | None, older: ViewState | None) -> None:
        """The button stays enabled while it reads: else the focus would wander off, and the page with it."""
        more = shown is not None and shown.token is not None
        self._words.setText(_how_far(shown, older))
        self._words.setVisible(bool(self._words.text()))
        self._button.setText(tr("Reading…") if isinstance(older, Loading) else tr("Show older"))
        self._button.setVisible(more and not isinstance(older, Empty))
        self.setVisible(not (self._words.isHidden() and self._button.isHidden()))


def _how_far(shown: AuthEventPage | None, older: ViewState | None) -> str:
    if shown is None:
        return ""
    match older:
        case Failed(error=error):
            return sentence(error)
        case Empty(title=reason):
            return reason
    if shown.token is None:
        return tr("These are all that Cognito has kept.") if shown.events else ""
    return tr("The newest {count} are shown.", count=len(shown.events)) if shown.events else ""


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
