"""Give a person a temporary or a permanent password. The password is never logged, stored or shown unasked."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.errors import AppError, ErrorCode
from app.pool.models import PasswordPolicy
from ui.dialogs.password_fields import PasswordEntry, PolicyCheck
from ui.text import count, tr
from ui.widgets.dialogs import FormDialog

_KIND_HINT = "A temporary password must be changed at the next sign-in. A permanent one stays."


class SetPasswordDialog(FormDialog):
    """`submitted` hands over 'password' and 'kind' ('temporary' or 'permanent'), checked against the pool's policy.

    `permanent_locked` says why the operator may not give a permanent one; None where they may. `federated` names the
    identity provider that keeps the person's password: the choice to take it from there must be made explicitly.
    """

    def __init__(
        self,
        who: str,
        policy: PasswordPolicy | None,
        cost: str = "",
        *,
        permanent_locked: str | None = None,
        federated: str = "",
        parent: QWidget | None = None,
    ) -> None:
        intro = tr(
            "The present password stops working at once, and the person is told nothing: tell them the new one "
            "yourself. This cannot be undone."
        )
        super().__init__(
            tr("Set a password for {who}", who=who), tr("Set password"), intro=f"{intro} {cost}".strip(), parent=parent
        )
        days = tr("valid for {days}", days=count(policy.temporary_days, "day", "days")) if policy is not None else ""
        temporary = tr("Temporary, {valid}", valid=days) if days else tr("Temporary")
        kinds = {"temporary": temporary}
        if permanent_locked is None:
            kinds["permanent"] = tr("Permanent")
        self.form.add_choice("kind", tr("Kind"), kinds, "temporary", hint=permanent_locked or tr(_KIND_HINT))
        self._entry = PasswordEntry(policy)
        self.form.add("password", tr("Password"), self._entry, required=True)
        self._check = PolicyCheck(policy)
        self.form.add_widget(self._check)
        self._federated = federated
        if federated:
            self.form.add_check(
                "cut",
                tr("Yes, end their sign-in through {provider}", provider=federated),
                hint=tr(
                    "This person signs in through {provider}. A password turns the account into one of this pool, "
                    "which cannot be undone.",
                    provider=federated,
                ),
            )
        self._entry.line.textChanged.connect(self._check.show_password)
        self._entry.setFocus()

    @Slot()
    def submit(self) -> None:
        password = self._entry.line.text()
        unmet = self._check.unmet(password)
        if not password:
            self.set_errors({"password": tr("Enter a password, or let one be generated.")})
        elif unmet:
            self.set_errors({"password": tr("The pool also asks for: {rules}.", rules="; ".join(unmet))})
        elif self._federated and self.form.values()["cut"] != "true":
            self.set_errors({"cut": tr("Tick this box, or send them to {provider}.", provider=self._federated)})
        else:
            super().submit()

    @Slot(object)
    def fail(self, error: AppError) -> None:
        if error.code in (ErrorCode.PASSWORD_POLICY, ErrorCode.PASSWORD_REUSED):
            self.set_errors({"password": error.message})
        else:
            super().fail(error)
