"""The Profile page: every attribute that Cognito holds, the usual ones first."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QPushButton, QWidget

from ui.tabs.users.facts import Fact, FactGrid
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person
from ui.text import exact, tr, when
from ui.widgets.badge import verified_badge
from ui.widgets.labels import label

_SHOWN = frozenset(
    {
        *("sub", "email", "email_verified", "phone_number", "phone_number_verified", "name"),
        *("custom:role", "custom:organizationId"),
    }
)


class ProfilePage(PersonPage):
    """Facts in two columns, and the button that edits them."""

    def __init__(self, edit: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = FactGrid()
        self._title = label(tr("Other attributes"), "heading")
        self._reading = label(tr("Reading every attribute…"), "muted")
        self._others = FactGrid()
        for part in (self._facts, self._title, self._reading, self._others):
            self.column.addWidget(part)
        self.add_button(edit)

    def fill(self, person: Person) -> None:
        self._facts.show_facts(_usual(person))
        others = [Fact(name, value) for name, value in sorted(person.user.attributes.items()) if name not in _SHOWN]
        self._others.show_facts(others)
        self._title.setVisible(bool(others) or not person.complete)
        self._reading.setVisible(not person.complete)


def _usual(person: Person) -> list[Fact]:
    user, row, database = person.user, person.row, person.database
    organisation = user.attributes.get("custom:organizationId", "") or (row.organization if row is not None else "")
    role = user.attributes.get("custom:role", "")
    if database is not None:
        organisation, role = organisation or database.organization_id or "", role or database.role or ""
    facts = [Fact(tr("Username"), user.username, mono=True)]
    if user.sub and user.sub != user.username:
        facts.append(Fact(tr("Subject"), user.sub, mono=True))
    phone_badge = verified_badge(user.phone_verified) if user.phone and person.complete else None
    return [
        *facts,
        Fact(tr("Email"), user.email, verified_badge(user.email_verified) if user.email else None),
        Fact(tr("Phone"), user.phone, phone_badge),
        Fact(tr("Name"), user.name),
        Fact(tr("Organisation"), organisation),
        Fact(tr("Role"), role),
        _moment(tr("Created"), user.created),
        _moment(tr("Changed"), user.modified),
    ]


def _moment(name: str, moment: datetime) -> Fact:
    return Fact(name, when(moment), hint=exact(moment))
