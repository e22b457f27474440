"""The Profile page: who it is in plain words, then every attribute with its type and whether it can be changed."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QPushButton, QWidget

from app.pool.attributes import kind
from ui.tabs.users.facts import Fact, FactGrid
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person
from ui.text import exact, tr, when
from ui.widgets.badge import verified_badge
from ui.widgets.labels import label


class ProfilePage(PersonPage):
    """Facts in two columns, and the button that edits them."""

    def __init__(self, edit: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = FactGrid()
        self._title = label(tr("Attributes"), "heading")
        self._reading = label(tr("Reading every attribute…"), "muted")
        self._attributes = FactGrid()
        self._unset = label("", "small", wrap=True, selectable=True)
        self.column.addWidget(self._facts)
        self.add_button(edit)
        for part in (self._title, self._reading, self._attributes, self._unset):
            self.column.addWidget(part)

    def fill(self, person: Person) -> None:
        self._facts.show_facts(_usual(person))
        self._attributes.show_facts(_attributes(person) if person.complete else [])
        unset = _unset(person) if person.complete else []
        self._unset.setText(tr("Not set: {names}", names=", ".join(unset)))
        self._unset.setVisible(bool(unset))
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


def _attributes(person: Person) -> list[Fact]:
    """Everything that Cognito holds, as it spells it: the pool's own attributes first."""
    pool = person.pool
    names = sorted(person.user.attributes, key=lambda name: (name.startswith("custom:"), name))
    return [
        Fact(
            name,
            person.user.attributes[name],
            mono=name in ("sub", "identities"),
            note=kind(pool.attribute(name)) if pool is not None else "",
        )
        for name in names
    ]


def _unset(person: Person) -> list[str]:
    if person.pool is None:
        return []
    return [each.name for each in person.pool.schema if not person.user.attributes.get(each.name)]


def _moment(name: str, moment: datetime) -> Fact:
    return Fact(name, when(moment), hint=exact(moment))
