"""The first page: who is calling, what is left of earlier tries, whether the phone is lost, and the two starts."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from app.auth.enrolment import Authenticator, Password, Situation, Start
from app.auth.sign_in import Flow
from app.directory.models import UserStatus
from app.enrolment_history import Elsewhere
from app.enrolments import Plan
from app.settings import DeskRules
from ui.dialogs.enrolment.endings import Ways
from ui.text import ago, mfa, tr
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.forms import PasswordField, field_label
from ui.widgets.labels import label

IDENTITY = (
    "Be sure that it is them before you go on: call back on the number that you have on file, or ask what only they "
    "know. Whoever is enrolled here can sign in as this person."
)


class IntroPage(QWidget):
    """Emits what was chosen. It knows no presenter."""

    choice_changed = Signal(object, bool)  # Start, lost
    begin_requested = Signal(object, bool)  # Start, lost
    finish_requested = Signal(object)  # Ending
    undo_requested = Signal(object)  # Ending
    secret_given = Signal(str)

    def __init__(self, rules: DeskRules, *, lost: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan: Plan | None = None
        self._identity = QCheckBox(tr("I have made sure who is calling"))
        self._identity.toggled.connect(self._refresh)
        self._lost = QCheckBox(tr("The phone or its authenticator is lost"))
        self._lost.setChecked(lost)
        self._lost.toggled.connect(self._refresh)
        self._removal = label("", "small", wrap=True)
        self._facts = label("", "muted", wrap=True)
        self._left = Banner()
        self._obstacle = Banner()
        self._finish = button(tr("Finish it"))
        self._finish.clicked.connect(self._on_finish)
        self._undo = button(tr("Undo it"))
        self._undo.clicked.connect(self._on_undo)
        self._ways = Ways()
        self._left.add_button(self._undo)
        self._left.add_button(self._finish)
        self._own = QRadioButton(tr("They type their own password"))
        self._random = QRadioButton(tr("Set a random password for the moment"))
        self._starts = QButtonGroup(self)
        self._starts.addButton(self._own)
        self._starts.addButton(self._random)
        self._random.setChecked(True)
        self._starts.buttonToggled.connect(self._refresh)
        self._start_hint = label("", "small", wrap=True)
        self.begin = button(tr("Begin"), "primary")
        self.begin.clicked.connect(self._on_begin)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._facts)
        column.addWidget(self._obstacle)
        column.addWidget(self._left)
        column.addWidget(self._ways)
        column.addWidget(label(tr("Who is calling?"), "heading"))
        column.addWidget(label(rules.identity_check or tr(IDENTITY), wrap=True))
        column.addWidget(self._identity)
        column.addSpacing(4)
        column.addWidget(label(tr("Their present authenticator"), "heading"))
        column.addWidget(self._lost)
        column.addWidget(self._removal)
        column.addSpacing(4)
        column.addWidget(label(tr("How the Desk signs in as them"), "heading"))
        column.addWidget(self._random)
        column.addWidget(self._own)
        column.addWidget(self._start_hint)
        column.addWidget(self._make_secret())
        column.addStretch(1)

    def show_plan(self, plan: Plan) -> None:
        """Show what it takes for this person."""
        self._plan = plan
        self._facts.setText(facts(plan))
        if plan.obstacle is not None:
            self._obstacle.show_message(tr("This cannot be done now"), plan.obstacle, "bad")
        else:
            self._obstacle.hide()
        situation = plan.situation
        if plan.elsewhere is not None:
            self._left.show_message(tr("Somebody is enrolling this person now"), rival(plan.elsewhere), "warn")
        elif situation.unfinished:
            self._left.show_message(tr("An earlier enrolment was left half done"), told(situation), "warn")
            self._undo.show()
            self._finish.setVisible(not situation.needs_phone and bool(situation.to_finish))
            self._ways.offer(plan.endings)
        else:
            self._left.hide()
        unfinished = situation.unfinished and plan.elsewhere is None
        if not unfinished:
            self._undo.hide()
            self._finish.hide()
        self._ways.setVisible(unfinished and situation.password is not Password.THEIRS)
        self._secret_box.setVisible(plan.needs_secret)
        if plan.user.status is UserStatus.RESET_REQUIRED:
            self._own.setEnabled(False)  # there is no password to type
            self._random.setChecked(True)
        self._refresh()

    def _make_secret(self) -> QWidget:
        self._secret_box = QWidget()
        self._secret = PasswordField()
        keep = button(tr("Keep in the keyring"))
        keep.clicked.connect(self._on_secret)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._secret, 1)
        row.addWidget(keep)
        column = QVBoxLayout(self._secret_box)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        self._secret.set_title(tr("App client's secret"))
        column.addWidget(field_label(tr("App client's secret"), self._secret.line))
        column.addLayout(row)
        hint = tr("The client has one, and AWS does not tell it to these credentials. Copy it from the AWS console.")
        column.addWidget(label(hint, "small", wrap=True))
        self._secret_box.hide()
        return self._secret_box

    @Slot()
    def _refresh(self) -> None:
        plan = self._plan
        if plan is None:
            return
        self._removal.setText(removal(plan) if self._lost.isChecked() else "")
        self._removal.setVisible(self._lost.isChecked())
        if self._random.isChecked():
            hint = tr(
                "Their present password stops working at once. Nobody sees the random one; at the end they get a "
                "temporary password or a code by email to choose their own."
            )
        else:
            hint = tr("Masked while they type. The Desk hands it to Cognito and keeps it nowhere.")
            if plan.user.status is UserStatus.FORCE_CHANGE_PASSWORD:
                hint += " " + tr("It is the temporary one of the invitation; they choose their own on the way.")
        self._start_hint.setText(hint)
        self.choice_changed.emit(*self._choice)
        ready = self._identity.isChecked() and plan.obstacle is None and not plan.needs_secret
        self.begin.setEnabled(ready)
        self.begin.setToolTip("" if ready else self._why(plan))

    def _why(self, plan: Plan) -> str:
        if plan.obstacle is not None:
            return plan.obstacle
        if plan.needs_secret:
            return tr("The app client's secret is missing.")
        return tr("First make sure who is calling, and say so.")

    @Slot()
    def _on_begin(self) -> None:
        self.begin_requested.emit(*self._choice)

    @property
    def _choice(self) -> tuple[Start, bool]:
        return Start.RANDOM if self._random.isChecked() else Start.OWN, self._lost.isChecked()

    @Slot()
    def _on_finish(self) -> None:
        self.finish_requested.emit(self._ways.chosen)

    @Slot()
    def _on_undo(self) -> None:
        self.undo_requested.emit(self._ways.chosen)

    @Slot()
    def _on_secret(self) -> None:
        self.secret_given.emit(self._secret.line.text())
        self._secret.line.clear()


def facts(plan: Plan) -> str:
    """The pool's mode, the way in, and the cost, in sentences."""
    mode = (
        tr("This pool requires MFA: the authenticator is set up while the sign-in waits (MFA_SETUP).")
        if plan.required
        else tr("MFA is optional in this pool: the authenticator is set up with the person's access token.")
    )
    ways = {Flow.ADMIN: "AdminInitiateAuth", Flow.USER: "InitiateAuth", Flow.CHOICE: "InitiateAuth (USER_AUTH)"}
    way = ""
    if plan.flows:
        way = tr("The app client allows {way}.", way=", ".join(ways[flow] for flow in plan.flows))
        if plan.client is None:
            way = tr("The app client may not be read: {way} is tried.", way=", then ".join(ways[f] for f in plan.flows))
    cost = tr("Signing in counts the person as an active user this month (billing).")
    known = ""
    if plan.user.factors is not None:
        names = ", ".join(mfa(factor) for factor in plan.user.factors) or tr("none")
        known = tr("Second factors now: {names}.", names=names)
    return " ".join(part for part in (mode, way, known, cost) if part)


def rival(other: Elsewhere) -> str:
    """What it means that another window is at it, and what the Desk cannot know, in sentences."""
    return tr(
        "{who} began it in another window of this program; the last step was {ago}. Ask before you go on: only the QR "
        "code that is made last can be verified, and the last one verified counts. Of Desks on other workstations this "
        "one cannot know.",
        who=other.operator,
        ago=ago(other.at),
    )


def removal(plan: Plan) -> str:
    """What removing a lost authenticator does, and what the next sign-in asks in this pool."""
    how = (
        tr("It is deleted (AdminDeleteSoftwareToken), which cannot be undone.")
        if plan.can_delete
        else tr("This copy of the AWS library cannot delete it: it is switched off instead.")
    )
    if plan.required:
        after = tr("Without a new one, their next sign-in asks them to set one up, if their application can do that.")
    else:
        after = tr("Without a new one, their next sign-in asks for the password alone.")
    return f"{how} {after}"


def told(situation: Situation) -> str:
    """The state of the account, in sentences."""
    password = {
        Password.THEIRS: tr("The password is theirs."),
        Password.UNREAD: tr("A temporary password was set, and nobody read it before the window closed: set another."),
        Password.RANDOM: tr("The account has a random password that nobody knows: they cannot sign in."),
        Password.MAYBE_RANDOM: tr("The account may have a random password that nobody knows."),
    }[situation.password]
    authenticator = {
        Authenticator.UNTOUCHED: tr("No authenticator was changed."),
        Authenticator.REMOVED: tr("The former authenticator is removed."),
        Authenticator.MADE: tr("A QR code was shown, but no code came back: it has no effect."),
        Authenticator.MAYBE_VERIFIED: tr("A code was sent and no answer came: the new authenticator may be there."),
        Authenticator.VERIFIED: tr("The new authenticator is there, but Cognito may not ask for it yet."),
        Authenticator.ACTIVE: tr("The new authenticator is there, and Cognito asks for it."),
    }[situation.authenticator]
    session = tr("The Desk may still be signed in as them.") if situation.session else ""
    return " ".join(part for part in (password, authenticator, session) if part)
