"""The Onboarding page: where the person stands, what differs and how to mend it, their row, their way so far."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.diagnosis.findings import Finding
from app.journal_models import Entry, Mirror
from app.onboarding.ladder import explain
from app.onboarding.models import DatabaseUser
from ui import errors
from ui.actions import REMEDIES
from ui.tabs.users.facts import Fact, FactGrid
from ui.tabs.users.lines import Line, LineList
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.page import FetchedPage
from ui.tabs.users.person import Person, without_database
from ui.tabs.users.timeline import timeline
from ui.tabs.users.wording import Ask, remedy_words
from ui.text import ago, exact, tr, when
from ui.view_state import Ready
from ui.widgets.badge import onboarding_badge, verified_badge
from ui.widgets.labels import label
from ui.widgets.steps import StepStrip, position

_MIRRORS = {
    "confirm_email": "Email confirmed",
    "mfa_enrolled": "Authenticator enrolled",
    "mfa_disabled": "Authenticator removed",
    "mfa_lost": "Lost authenticator removed",
    "mfa_required": "MFA requirement changed",
    "password_reset": "Password was reset",
    "user_created": "Account created",
    "user_disabled": "Account disabled",
    "user_enabled": "Account enabled",
    "user_deleted": "Account deleted",
    "contact_changed": "Name or contact changed",
}
# What the diagnosis says of a difference between the two sides; the rest of it is in the card above.
_DIFFERENCES = frozenset(
    {
        "row_missing",
        "other_provider",
        "disabled_there",
        "disabled_here_only",
        "email_not_mirrored",
        "authenticator_not_asked",
        "other_subject",
        "several_rows",
        "other_email",
    }
)


class OnboardingPage(FetchedPage):
    """The database's side of one person."""

    command_requested = Signal(str)
    needs = (Lookup.JOURNAL,)

    def __init__(self, why_not: Ask, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(lookups, parent)
        self._why_not = why_not
        self._differences_of: tuple[Finding, ...] = ()
        self._title = label("", "heading", wrap=True)
        self._steps = StepStrip()
        self._words = label("", wrap=True, selectable=True)
        self._differ_title = label(tr("Cognito and the database differ"), "heading", wrap=True)
        self._differ = LineList()
        self._differ.pressed.connect(self.command_requested)
        self._row_title = label(tr("Database row"), "heading")
        self._row = FactGrid()
        self._waiting_title = label(tr("Waits to be written into the database"), "heading", wrap=True)
        self._waiting = FactGrid()
        for part in (
            self._title,
            self._steps,
            self._words,
            self._differ_title,
            self._differ,
            self._waiting_title,
            self._waiting,
            self._row_title,
            self._row,
        ):
            self.column.addWidget(part)
        self._timeline = self.section(Lookup.JOURNAL, tr("Timeline"), tr("Nothing is written anywhere."))

    def show_diagnosis(self, findings: tuple[Finding, ...]) -> None:
        """What the rules say of this person."""
        self._differences_of = tuple(each for each in findings if each.kind in _DIFFERENCES)

    def fill(self, person: Person) -> None:
        title, words = _summary(person)
        row = person.database
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._words.setText(words)
        self._steps.setVisible(row is not None)
        if row is not None:
            self._steps.show_position(position(row.status, row))
        self._row_title.setVisible(row is not None)
        self._row.show_facts(_row(row, person) if row is not None else [])
        self._waiting_title.setVisible(bool(person.waiting))
        self._waiting.show_facts([_waiting(mirror) for mirror in person.waiting])

    def show_lookups(self) -> None:
        person = self.person
        lines = [line for each in self._differences_of for line in self._lines(each)]
        self._differ_title.setVisible(bool(lines))
        self._differ.setVisible(bool(lines))
        self._differ.show_lines(lines)
        state = self.lookups.state(Lookup.JOURNAL)
        self._timeline.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, tuple) and person is not None:
            entries = [entry for entry in state.value if isinstance(entry, Entry)]
            self._timeline.show_lines(
                [
                    Line(str(place), each.words, f"{when(each.at)} · {each.source}", hint=exact(each.at))
                    for place, each in enumerate(timeline(person, entries))
                ]
            )

    def _lines(self, finding: Finding) -> list[Line]:
        """One line for a difference with its first fix, and one for each other way to mend it."""
        if not finding.remedies:
            return [Line(finding.kind, finding.sentence, finding.evidence)]
        lines = []
        for place, remedy in enumerate(finding.remedies):
            name = REMEDIES[remedy]
            first = place == 0
            lines.append(
                Line(
                    name,
                    finding.sentence if first else tr("or"),
                    finding.evidence if first else "",
                    button=remedy_words(remedy),
                    why_not=self._why_not(name),
                )
            )
        return lines


def _summary(person: Person) -> tuple[str, str]:
    error = person.database_error
    if not person.complete:
        return "", tr("Asking the database…")
    if without_database(person):
        words = tr(
            "Everything of Cognito works without it. Add the database's address to the connection to see and move "
            "onboarding."
        )
        return tr("No application database is connected"), words
    if error is not None:
        shown = errors.present(error)
        return shown.title, f"{shown.body} {shown.remedy}"
    if person.database is None:
        return tr("No row in the database"), tr("auth.users has nobody with this subject or email address.")
    return "", explain(person.database.status)


def _row(row: DatabaseUser, person: Person) -> list[Fact]:
    changed = tr("not known")
    if row.updated_at is not None:
        changed = f"{when(row.updated_at)} ({ago(row.updated_at)})"
    return [
        Fact(tr("Status"), None, onboarding_badge(row.status)),
        Fact(tr("Email"), row.email, verified_badge(row.email_verified)),
        Fact(tr("Found by"), _found_by(row, person)),
        Fact(tr("Name"), row.name or ""),
        Fact(tr("Role"), row.role or ""),
        Fact(tr("Organisation"), row.organization_id or ""),
        Fact(tr("Signs in with"), row.auth_provider),
        Fact(tr("In the database since"), when(row.created_at), hint=exact(row.created_at)),
        Fact(tr("Changed"), changed, hint=exact(row.updated_at)),
        Fact(tr("Row"), row.id, mono=True),
    ]


def _found_by(row: DatabaseUser, person: Person) -> str:
    if row.subject and row.subject == person.user.sub:
        return tr("subject") if row.email.lower() != person.user.email.lower() else tr("subject and email")
    return tr("email; the row has another subject") if row.subject else tr("email; the row has no subject")


def _waiting(mirror: Mirror) -> Fact:
    state = tr("waits since {when}", when=when(mirror.at))
    if mirror.error:
        state = f"{state}. {mirror.error}"
    return Fact(tr(_MIRRORS.get(mirror.kind, mirror.kind)), state, hint=exact(mirror.at))
