"""A password to be typed or generated, with the pool's rules ticked off while it is typed. Never logged or kept."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.pool.models import PasswordPolicy
from app.pool.password import check_password, generate
from ui.text import tr
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.buttons import button
from ui.widgets.forms import PasswordField
from ui.widgets.labels import label

_EVERYTHING = PasswordPolicy(minimum_length=12, uppercase=True, lowercase=True, digits=True, symbols=True)
"""What a generated password meets where the pool's own policy could not be read."""


class PolicyCheck(QWidget):
    """The rules of a pool, each with a tick as soon as the password meets it."""

    def __init__(self, policy: PasswordPolicy | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy = policy
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._rules: list[tuple[str, PasswordPolicy, BadgeLabel]] = []
        self.setAccessibleName(tr("Rules of the pool"))
        if policy is None:
            words = tr("The pool's password rules could not be read: Cognito will check them.")
            column.addWidget(label(words, "small", wrap=True))
            return
        for words, rule in _rules(policy):
            shown = BadgeLabel(Badge(words))
            self._rules.append((words, rule, shown))
            column.addWidget(shown)
        if policy.history:
            words = tr("Not one of the last {n} passwords: only Cognito can tell.", n=policy.history)
            column.addWidget(label(words, "small", wrap=True))

    def show_password(self, password: str) -> None:
        """Tick off what the password meets."""
        for words, rule, shown in self._rules:
            met = bool(password) and not check_password(rule, password)
            hint = tr("met") if met else tr("not met yet")
            shown.set_badge(Badge(words, Tone.OK if met else Tone.NEUTRAL, None, hint))
            shown.setAccessibleName(f"{words}: {hint}")

    def unmet(self, password: str) -> list[str]:
        """The rules that the password does not meet, in words; empty where the rules are not known."""
        return check_password(self._policy, password) if self._policy is not None else []


class PasswordEntry(PasswordField):
    """A masked line with an eye and a button that generates."""

    generated = Signal()

    def __init__(self, policy: PasswordPolicy | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy = policy
        self._generate = button(tr("Generate"))
        self._generate.clicked.connect(self._on_generate)
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        row.addWidget(self._generate)

    @Slot()
    def _on_generate(self) -> None:
        self.line.setText(generate(self._policy or _EVERYTHING))
        self.show_text(True)  # to be read out or copied
        self.line.textEdited.emit(self.line.text())
        self.generated.emit()


def _rules(policy: PasswordPolicy) -> list[tuple[str, PasswordPolicy]]:
    rules = [
        (tr("At least {n} characters", n=policy.minimum_length), PasswordPolicy(minimum_length=policy.minimum_length))
    ]
    if policy.uppercase:
        rules.append((tr("An upper-case letter"), PasswordPolicy(minimum_length=1, uppercase=True)))
    if policy.lowercase:
        rules.append((tr("A lower-case letter"), PasswordPolicy(minimum_length=1, lowercase=True)))
    if policy.digits:
        rules.append((tr("A digit"), PasswordPolicy(minimum_length=1, digits=True)))
    if policy.symbols:
        rules.append((tr("A symbol, such as ! # % - ?"), PasswordPolicy(minimum_length=1, symbols=True)))
    return rules
