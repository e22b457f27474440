"""Confirm somebody's sign-up without their code, and say whether the address is known to be theirs."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.directory.models import User
from ui.text import tr
from ui.widgets.dialogs import FormDialog


class ConfirmSignUpDialog(FormDialog):
    """`submitted` hands over 'verify': 'true' where the email is to be marked as verified too."""

    def __init__(self, user: User, cost: str = "", parent: QWidget | None = None) -> None:
        who = user.email or user.username
        intro = tr(
            "They can sign in without the code that they were sent. Do it only if you know that it is really them. "
            "This cannot be undone."
        )
        super().__init__(
            tr("Confirm the sign-up of {who}?", who=who),
            tr("Confirm sign-up"),
            intro=f"{intro} {cost}".strip(),
            parent=parent,
        )
        offered = bool(user.email) and not user.email_verified
        self.form.add_check(
            "verify",
            tr("Also mark {email} as verified", email=user.email),
            False,
            hint=tr("Without it no code for a forgotten password reaches them, and onboarding waits for the email."),
        )
        self.form.set_row_visible("verify", offered)
