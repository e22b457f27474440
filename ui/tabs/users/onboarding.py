"""The Onboarding page: the person's row in the application database, what it waits for, and what waits for it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.journal_models import Mirror
from app.onboarding.ladder import explain
from app.onboarding.models import DatabaseUser
from ui import errors
from ui.tabs.users.facts import Fact, FactGrid
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person, without_database
from ui.text import ago, exact, tr, when
from ui.widgets.badge import onboarding_badge, verified_badge
from ui.widgets.labels import label

_MIRRORS = {
    "confirm_email": "Email confirmed",
    "mfa_enrolled": "Authenticator enrolled",
    "mfa_disabled": "Authenticator removed",
    "password_reset": "Password was reset",
    "user_created": "Account created",
    "user_disabled": "Account disabled",
    "user_enabled": "Account enabled",
    "user_deleted": "Account deleted",
    "contact_changed": "Name or contact changed",
}


class OnboardingPage(PersonPage):
    """The database's side of one person."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label("", "heading", wrap=True)
        self._words = label("", wrap=True, selectable=True)
        self._row = FactGrid()
        self._waiting_title = label(tr("Waits to be written into the database"), "heading", wrap=True)
        self._waiting = FactGrid()
        for part in (self._title, self._words, self._row, self._waiting_title, self._waiting):
            self.column.addWidget(part)

    def fill(self, person: Person) -> None:
        title, words = _summary(person)
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._words.setText(words)
        self._row.show_facts(_row(person.database, person) if person.database is not None else [])
        self._waiting_title.setVisible(bool(person.waiting))
        self._waiting.show_facts([_waiting(mirror) for mirror in person.waiting])


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
