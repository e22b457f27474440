"""Create a person: who they are, and how they learn of it. Everything is checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.errors import AppError, ErrorCode
from app.pool.models import PoolSnapshot
from ui.dialogs.password_fields import PasswordEntry, PolicyCheck
from ui.text import tr
from ui.widgets.dialogs import FormDialog

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_ATTRIBUTES = {"name": "name", "organisation": "custom:organizationId", "role": "custom:role"}


class CreateUserDialog(FormDialog):
    """`submitted` hands over the form's values; `attributes` makes Cognito's attributes of them.

    Fields: username (only where people do not sign in by email), email, name, organisation, role, verified, invite,
    password (empty: Cognito makes one up). `role_locked` says why the operator may not decide on role and organisation.
    """

    def __init__(
        self,
        pool: PoolSnapshot | None,
        *,
        has_database: bool,
        cost: str = "",
        role_locked: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        row = tr("A row in the application database is made too, unless there is one for this email.")
        intro = f"{row if has_database else ''} {cost}".strip()
        super().__init__(tr("New user"), tr("Create user"), intro=intro, parent=parent)
        self._pool = pool
        self._by_email = pool is None or "email" in pool.username_attributes
        if not self._by_email:
            self.form.add_line("username", tr("Username"), required=True)
        self.form.add_line("email", tr("Email"), required=True, placeholder=tr("name@example.com"))
        self.form.add_line("name", tr("Name"))
        for field, title in (("organisation", tr("Organisation")), ("role", tr("Role"))):
            if self._has(field):
                line = self.form.add_line(field, title, hint=role_locked or "")
                line.setEnabled(role_locked is None)
        known = tr("Only if you know that it is theirs.")
        self.form.add_check("verified", tr("The email address is verified"), hint=known)
        self.form.add_check("invite", tr("Send the invitation by email"), True)
        self._entry = PasswordEntry(pool.password_policy if pool is not None else None)
        self.form.add("password", tr("Temporary password"), self._entry, hint=tr("Left empty, Cognito makes one up."))
        self._check = PolicyCheck(pool.password_policy if pool is not None else None)
        self.form.add_widget(self._check)
        self._check.hide()
        self._entry.line.textChanged.connect(self._on_password)

    @Slot()
    def submit(self) -> None:
        problems = self._problems({name: value.strip() for name, value in self.form.values().items()})
        if problems:
            self.set_errors(problems)
        else:
            super().submit()

    @Slot(object)
    def fail(self, error: AppError) -> None:
        words = error.fields.get("username") or next(iter(error.fields.values()), error.message)
        if error.code is ErrorCode.USER_EXISTS:
            self.set_errors({"email" if self._by_email else "username": words})
        elif error.code in (ErrorCode.PASSWORD_POLICY, ErrorCode.PASSWORD_REUSED):
            self.set_errors({"password": words})
        elif error.fields:
            self.set_errors({_field_of(name): problem for name, problem in error.fields.items()})
        else:
            super().fail(error)

    def _has(self, field: str) -> bool:
        # Sending an attribute that the pool does not have is refused: better not to offer it.
        return self._pool is None or self._pool.attribute(_ATTRIBUTES[field]) is not None

    def _problems(self, values: Mapping[str, str]) -> dict[str, str]:
        problems: dict[str, str] = {}
        if not self._by_email and not values["username"]:
            problems["username"] = tr("Enter a username.")
        if not values["email"]:
            problems["email"] = tr("Enter an email address.")
        elif not _EMAIL.fullmatch(values["email"]):
            words = tr("“{value}” is not an email address. It looks like name@example.com.", value=values["email"])
            problems["email"] = words
        password = self._entry.line.text()
        unmet = self._check.unmet(password) if password else []
        if unmet:
            problems["password"] = tr("The pool also asks for: {rules}.", rules="; ".join(unmet))
        elif not password and values["invite"] != "true":
            words = tr("Without an invitation nobody learns a password that Cognito makes up: enter one.")
            problems["password"] = words
        return problems

    @Slot(str)
    def _on_password(self, password: str) -> None:
        self._check.setVisible(bool(password))
        self._check.show_password(password)


def attributes(values: Mapping[str, str]) -> dict[str, str]:
    """Cognito's attributes of the form's values; what is empty is left out."""
    made = {"email": values["email"].strip(), "email_verified": values["verified"]}
    for field, name in _ATTRIBUTES.items():
        if values.get(field, "").strip():
            made[name] = values[field].strip()
    return made


def _field_of(name: str) -> str:
    return next((field for field, attribute in _ATTRIBUTES.items() if attribute == name), name)
