"""Change a person's attributes: those that the pool lets change; the others are shown and locked."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from app.directory.models import User
from app.permissions import ROLE_ATTRIBUTES
from app.pool.attributes import FIXED, editable, kind, problem
from app.pool.models import AttributeSchema, PoolSnapshot
from ui.text import tr
from ui.widgets.cards import scrolling
from ui.widgets.dialogs import FormDialog

_NEVER = FIXED | {"updated_at"}
_FIRST = (
    *("email", "email_verified", "phone_number", "phone_number_verified", "name", "given_name", "family_name"),
    *("custom:organizationId", "custom:role"),
)
_USUAL = frozenset(name for name in _FIRST if not name.endswith("_verified"))
_TITLES = {
    "sub": "Subject (sub)",
    "email": "Email",
    "email_verified": "The email address is verified",
    "phone_number": "Phone",
    "phone_number_verified": "The phone number is verified",
    "name": "Name",
    "given_name": "Given name",
    "family_name": "Family name",
    "custom:organizationId": "Organisation",
    "custom:role": "Role",
}
_CHECKS = {"email_verified": "email", "phone_number_verified": "phone_number"}


class EditAttributesDialog(FormDialog):
    """`submitted` hands over every field; `changes` tells what differs from the person as they are.

    `role_locked` says why the operator may not change role and organisation; None where they may.
    """

    def __init__(
        self,
        user: User,
        pool: PoolSnapshot | None,
        cost: str = "",
        *,
        role_locked: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        intro = tr("An emptied field removes the attribute.")
        title = tr("Edit {who}", who=user.email or user.username)
        super().__init__(title, tr("Save"), intro=f"{intro} {cost}".strip(), parent=parent)
        self._user = user
        self._pool = pool
        self._role_locked = role_locked
        self._names: list[str] = []
        shown = _shown(user, pool)
        for name in shown:
            self._add(name)
        place = self.body.indexOf(self.form)
        self.body.removeWidget(self.form)
        area = scrolling(self.form)
        area.setMinimumHeight(min(440, self.form.sizeHint().height()))
        self.body.insertWidget(place, area, 1)
        self.setMinimumWidth(520)
        # Moved into the scroll area, the fields stood behind the buttons in the order of the Tab key.
        stops = (self.form.field(shown[-1]), self._no, self._yes)
        for one, other in pairwise(stops):
            self.setTabOrder(one, other)
        self.form.edited.connect(self._on_edited)

    @property
    def changes(self) -> dict[str, str]:
        """Attribute -> new value, for those that differ; an empty one is to be removed."""
        values = self.form.values()
        found = {}
        for name in self._names:
            value, before = values[name].strip(), self._user.attributes.get(name, "")
            if name in _CHECKS:
                before = "true" if before.lower() == "true" else "false"
            if value != before:
                found[name] = value
        # Cognito calls a new contact unverified, whatever was ticked before: say it again.
        for flag, contact in _CHECKS.items():
            if contact in found and flag in self._names and values[flag] == "true" and found[contact]:
                found[flag] = "true"
        return found

    @Slot()
    def submit(self) -> None:
        problems = {}
        changes = self.changes
        if not changes:
            problems["attributes"] = tr("Nothing was changed.")
        for name, value in changes.items():
            wrong = problem(name, value, self._schema(name), title=tr(_TITLES.get(name, name)))
            if wrong is not None and name not in _CHECKS:
                problems[name] = wrong
        if problems:
            self.set_errors(problems)
        else:
            super().submit()

    def _schema(self, name: str) -> AttributeSchema | None:
        return self._pool.attribute(name) if self._pool is not None else None

    def _add(self, name: str) -> None:
        schema = self._schema(name)
        value = self._user.attributes.get(name, "")
        title = tr(_TITLES[name]) if name in _TITLES else name
        locked = name in _NEVER or not editable(name, schema)
        if name in _CHECKS and not locked:
            self.form.add_check(name, title, value.lower() == "true")
            self._names.append(name)
            return
        hint = _hint(name, schema, self._pool)
        if not locked and self._role_locked is not None and name in ROLE_ATTRIBUTES:
            locked, hint = True, self._role_locked
        line: QLineEdit = self.form.add_line(name, title, value, hint=hint, required=bool(schema and schema.required))
        line.setReadOnly(locked)
        if not locked:
            self._names.append(name)

    @Slot(str)
    def _on_edited(self, name: str) -> None:
        flag = next((flag for flag, contact in _CHECKS.items() if contact == name), None)
        if flag is None or flag not in self._names:
            return
        tick = self.form.field(flag)
        same = self.form.values()[name].strip() == self._user.attributes.get(name, "")
        was = self._user.attributes.get(flag, "").lower() == "true"
        tick.setChecked(same and was)  # type: ignore[union-attr]


def _shown(user: User, pool: PoolSnapshot | None) -> list[str]:
    """The usual ones, everything that the person has, and the pool's custom attributes."""
    names = set(user.attributes) | {"sub"}
    if pool is None:
        names |= {"email", "name"}
    else:
        names |= {a.name for a in pool.schema if a.name.startswith("custom:") or a.name in _USUAL}
    for flag, contact in _CHECKS.items():
        names.discard(flag)
        if contact in names:
            names.add(flag)
    order = {name: place for place, name in enumerate(_FIRST)}
    return sorted(names, key=lambda name: (name in _NEVER, order.get(name, len(order)), name))


def _hint(name: str, schema: AttributeSchema | None, pool: PoolSnapshot | None) -> str:
    """Type and limits; for a contact what a change brings with it."""
    if name not in _CHECKS.values():
        return _capital(kind(schema)) + "." if pool is not None else ""
    what = tr("address") if name == "email" else tr("number")
    hint = tr(
        "A new {what} counts as unverified until the person confirms it, unless you tick the box below.", what=what
    )
    if pool is not None and name in pool.username_attributes:
        hint += " " + tr("People sign in with it: from then on only with the new one.")
    if pool is not None and name in pool.alias_attributes:
        hint += " " + tr(
            "It is another name to sign in with: verified, it is taken away from anybody else who has the same."
        )
    return hint


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
