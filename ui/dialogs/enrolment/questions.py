"""The pages on which the person types or reads out something to sign in: password, new password, code, factor."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.errors import AppError, ErrorCode
from app.pool.models import PasswordPolicy
from ui.dialogs.password_fields import PolicyCheck
from ui.text import tr
from ui.widgets.buttons import button
from ui.widgets.forms import Form, PasswordField
from ui.widgets.labels import label

_FACTORS = {
    "totp": "The code of their present authenticator app",
    "sms": "The code from the text message",
    "email": "The code from the email",
}
_PASSWORD_CODES = frozenset({ErrorCode.WRONG_PASSWORD, ErrorCode.PASSWORD_POLICY, ErrorCode.PASSWORD_REUSED})


class Question(QWidget):
    """A heading, a sentence, a form with one field, and the page's main button."""

    given = Signal(str)

    def __init__(self, title: str, body: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = label(title, "large", wrap=True)
        self._body = label(body, wrap=True)
        self.form = Form()
        self.form.submitted.connect(self.submit)
        self.go = button(action, "primary")
        self.go.clicked.connect(self.submit)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(12)
        self.column.addWidget(self._heading)
        self.column.addWidget(self._body)
        self.column.addWidget(self.form)
        self.column.addStretch(1)

    def show_problem(self, error: AppError) -> bool:
        """Say at the field what is wrong; false where the error is about something else."""
        field = next(iter(self.form.values()))
        if error.code in _PASSWORD_CODES:
            self.form.set_errors({field: error.message})
            return True
        mine = {name: words for name, words in error.fields.items() if name == field}
        self.form.set_errors(mine)
        return bool(mine)

    def forget(self) -> None:
        """Drop what was typed."""
        for name in self.form.values():
            field = self.form.field(name)
            if isinstance(field, QLineEdit):
                field.clear()
        self.form.set_errors({})

    @Slot()
    def submit(self) -> None:
        """Hand over what was typed."""
        value = next(iter(self.form.values().values()))
        self.given.emit(value)


class PasswordPage(Question):
    """The person's own password."""

    def __init__(self, parent: QWidget | None = None) -> None:
        body = tr(
            "Hand them the keyboard, or let them type through the screen share. It is masked, and kept nowhere. Do not "
            "have them read it out."
        )
        super().__init__(tr("They type their password"), body, tr("Sign in"), parent)
        self._field = PasswordField()
        self.form.add("password", tr("Their password"), self._field)
        self._field.setMaximumWidth(400)

    @Slot()
    def submit(self) -> None:
        super().submit()
        self._field.show_text(False)


class NewPasswordPage(Question):
    """A password of their own in place of a temporary one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        body = tr("Their temporary password was right. Cognito now wants one of their own, which they will keep.")
        super().__init__(tr("They choose a new password"), body, tr("Set it and go on"), parent)
        self._field = PasswordField()
        self.form.add("password", tr("New password"), self._field)
        self._field.setMaximumWidth(400)
        self._check: PolicyCheck | None = None

    def set_policy(self, policy: PasswordPolicy) -> None:
        """The pool's rules, ticked off while they type."""
        if self._check is not None:
            return
        self._check = PolicyCheck(policy)
        self.form.add_widget(self._check)
        self._field.line.textChanged.connect(self._check.show_password)

    @Slot()
    def submit(self) -> None:
        password = self._field.line.text()
        unmet = self._check.unmet(password) if self._check is not None else []
        if not password:
            self.form.set_errors({"password": tr("The field is empty. Have them type a password.")})
        elif unmet:
            self.form.set_errors({"password": tr("The pool also asks for: {rules}.", rules="; ".join(unmet))})
        else:
            super().submit()


class CodePage(Question):
    """A code of a second factor that they have already; or say that it is lost."""

    lost_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Cognito asks for their second factor"), "", tr("Check the code"), parent)
        line = self.form.add_line("code", tr("Code"), placeholder="000000")
        line.setMaxLength(12)
        line.setProperty("role", "code")
        line.setMaximumWidth(200)
        self._lost_words = label(
            tr("They no longer have it? Remove it: that cannot be undone, and the Desk signs in again without it."),
            "small",
            wrap=True,
        )
        self._lost = button(tr("It is lost: remove it"), "danger")
        self._lost.clicked.connect(self.lost_requested)
        self.column.insertWidget(3, self._lost_words)
        self.column.insertWidget(4, self._lost, 0, Qt.AlignmentFlag.AlignLeft)

    def ask(self, factor: str, destination: str) -> None:
        """Ask for the code of another factor."""
        sent = tr(" Cognito sent it to {where}.", where=destination) if destination else ""
        self._body.setText(tr(_FACTORS[factor]) + "." + sent)
        self._lost.setVisible(factor == "totp")
        self._lost_words.setVisible(factor == "totp")


class FactorPage(QWidget):
    """Which second factor they can use now."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(label(tr("Which second factor can they use now?"), "large", wrap=True))
        column.addWidget(label(tr("They have more than one. The code of any lets the Desk go on."), wrap=True))
        for factor, words in _FACTORS.items():
            made = button(tr(words))
            made.setObjectName(factor)
            made.clicked.connect(self._on_chosen)
            self._choices[factor] = made
            column.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def offer(self, factors: tuple[str, ...]) -> None:
        """Offer these."""
        for factor, made in self._choices.items():
            made.setVisible(factor in factors)

    @Slot()
    def _on_chosen(self) -> None:
        self.chosen.emit(self.sender().objectName())
