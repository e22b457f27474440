"""The Security page: the password's state, second factors and whether they are required, and ending every session.

Every command says why it cannot be done now.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from app.directory.identities import Identity, identities_of
from app.directory.models import UserStatus
from app.onboarding.models import DatabaseUser
from app.security import not_ended
from ui.tabs.users.deeds import cost
from ui.tabs.users.facts import Fact, FactGrid
from ui.tabs.users.lines import Line, LineList
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person, without_database
from ui.tabs.users.wording import Ask
from ui.text import ago, exact, mfa, tr, user_status_meaning, when
from ui.widgets.badge import Badge, Tone, mfa_badge, user_badge
from ui.widgets.buttons import button, disable
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import label

_PASSWORD = (
    ("user.confirm", "Confirm sign-up…"),
    ("user.resend", "Resend invitation"),
    ("user.reset", "Reset password…"),
    ("user.password", "Set password…"),
)
_FACTORS = (
    ("user.lost_phone", "Lost phone…"),
    ("user.enrol", "Enrol authenticator…"),
    ("user.remove_totp", "Remove authenticator…"),
    ("user.mfa", "MFA preference…"),
)
_ONLY_WHERE_IT_MATTERS = {
    "user.confirm": UserStatus.UNCONFIRMED,
    "user.resend": UserStatus.FORCE_CHANGE_PASSWORD,
}


class SecurityPage(PersonPage):
    """Asks `why_not` before it offers anything."""

    command_requested = Signal(str)  # command id
    cognito_requested = Signal()
    unlink_requested = Signal(object)  # Identity

    def __init__(self, why_not: Ask, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why_not = why_not
        self._now = now
        self._password = FactGrid()
        self._factors = FactGrid()
        self._groups: list[_Offers] = []
        self.column.addWidget(label(tr("Password"), "heading"))
        self.column.addWidget(self._password)
        self._offer(_PASSWORD)
        self.column.addWidget(label(tr("Second factor"), "heading"))
        self.column.addWidget(self._factors)
        self._required = QCheckBox(tr("MFA is required for this person"))
        self._required.clicked.connect(self._on_required)
        self._required_note = label("", "small", wrap=True)
        self.column.addWidget(self._required)
        self.column.addWidget(self._required_note)
        self._ask = button(tr("Ask Cognito"), icon="cloud")
        self._ask.clicked.connect(self.cognito_requested)
        self.add_button(self._ask)
        self.column.addWidget(
            label(
                tr(
                    "Lists do not tell second factors. Asking counts the person as an active user this month (billing)."
                ),
                "small",
                wrap=True,
            )
        )
        self._offer(_FACTORS)
        self.column.addWidget(label(tr("Accounts at other identity providers"), "heading", wrap=True))
        self._identities = LineList()
        self._identities.pressed.connect(self._on_unlink)
        self._no_identity = label(tr("None is linked."), "muted")
        self.column.addWidget(self._identities)
        self.column.addWidget(self._no_identity)
        self._offer((("user.link", "Link an account…"),))
        self.column.addWidget(label(tr("Sessions"), "heading"))
        self._remains = label("", "small", wrap=True)
        self._offer((("user.sign_out", "Sign out everywhere…"),))
        self.column.addWidget(self._remains)

    def fill(self, person: Person) -> None:
        self._password.show_facts(_password(person, self._now))
        self._factors.show_facts(_factors(person))
        self._ask.setText(tr("Ask Cognito") if person.user.factors is None else tr("Ask Cognito again"))
        self._remains.setText(tr("What it does not end: {things}", things=" ".join(not_ended(person.client))))

    def refresh_offers(self) -> None:
        status = self.person.user.status if self.person is not None else None
        for offers in self._groups:
            offers.refresh(self._why_not, status)
        self._show_identities()
        row = self.person.database if self.person is not None else None
        required = row is not None and bool(row.mfa_required)
        self._required.setChecked(required)
        why = self._why_not("user.lift_mfa" if required else "user.require_mfa")
        self._required.setEnabled(why is None)
        self._required.setToolTip(why or cost("user.lift_mfa" if required else "user.require_mfa"))
        self._required.setAccessibleDescription(why or "")
        self._required_note.setText(self._note(why, required))
        self._required_note.setVisible(bool(self._required_note.text()))

    def _show_identities(self) -> None:
        found = identities_of(self.person.user) if self.person is not None else ()
        why = self._why_not("user.unlink")
        self._identities.show_lines([_identity(each, why) for each in found])
        self._identities.setVisible(bool(found))
        self._no_identity.setVisible(not found)

    @Slot(str)
    def _on_unlink(self, key: str) -> None:
        if self.person is not None:
            for each in identities_of(self.person.user):
                if _key(each) == key:
                    self.unlink_requested.emit(each)

    def set_now(self, now: datetime) -> None:
        """Ages count from this moment."""
        self._now = now

    def _note(self, why: str | None, required: bool) -> str:
        if why is not None:
            return why
        if required:
            return tr("While it is required, the authenticator cannot be switched off.")
        return tr("Kept in the database; Cognito is told to ask for the authenticator where there is one.")

    def _offer(self, commands: tuple[tuple[str, str], ...]) -> None:
        made = _Offers(commands)
        made.command_requested.connect(self.command_requested)
        self._groups.append(made)
        self.column.addWidget(made)

    @Slot()
    def _on_required(self) -> None:
        wanted = self._required.isChecked()
        self._required.setChecked(not wanted)  # it turns when the change is made, not before
        self.command_requested.emit("user.require_mfa" if wanted else "user.lift_mfa")


class _Offers(QWidget):
    """Buttons one beside the other, and below them why some cannot be pressed."""

    command_requested = Signal(str)

    def __init__(self, commands: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._buttons: list[tuple[str, QPushButton, QLabel]] = []
        self._shown: tuple[object, ...] = ()
        row = FlowLayout()
        reasons = QVBoxLayout()
        reasons.setSpacing(2)
        for command_id, text in commands:
            made = button(tr(text))
            made.setObjectName(command_id)
            made.clicked.connect(self._on_pressed)
            reason = label("", "small", wrap=True)
            reason.hide()
            row.addWidget(made)
            reasons.addWidget(reason)
            self._buttons.append((command_id, made, reason))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(reasons)

    def refresh(self, why_not: Ask, status: UserStatus | None) -> None:
        """Ask again what can be done; what is of no use to this account is not offered."""
        whys = tuple(why_not(command_id) for command_id, _, _ in self._buttons)
        if (status, *whys) == self._shown:
            return  # to lay out what has not changed costs half a frame
        self._shown = (status, *whys)
        said: set[str] = set()
        for why, (command_id, made, reason) in zip(whys, self._buttons, strict=True):
            only = _ONLY_WHERE_IT_MATTERS.get(command_id)
            offered = only is None or only is status
            made.setVisible(offered)
            disable(made, why)
            if why is None:
                made.setToolTip(cost(command_id))
            reason.setText(f"{made.text().rstrip('…')}: {why}" if why else "")
            reason.setVisible(offered and bool(why) and why not in said)
            said.add(why or "")

    @Slot()
    def _on_pressed(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.command_requested.emit(sender.objectName())


def _key(identity: Identity) -> str:
    return f"{identity.provider} {identity.user_id}"


def _identity(identity: Identity, why_not: str | None) -> Line:
    """The one that the user was made of cannot be unlinked: nobody could sign in any more."""
    since = tr("linked {when}", when=when(identity.linked)) if identity.linked is not None else ""
    note = " · ".join(part for part in (identity.user_id, since) if part)
    if identity.primary:
        return Line(_key(identity), identity.provider, note, Badge(tr("signs in with it"), Tone.INFO))
    return Line(_key(identity), identity.provider, note, None, tr("Unlink"), why_not, exact(identity.linked))


def _password(person: Person, now: datetime) -> list[Fact]:
    user, pool = person.user, person.pool
    expiry = user.temporary_password_expiry(pool.password_policy.temporary_days) if pool is not None else None
    facts = [
        Fact(tr("Account"), None, user_badge(user.status, user.enabled, expiry is not None and expiry <= now)),
        Fact(tr("Meaning"), user_status_meaning(user.status)),
    ]
    if user.status is UserStatus.FORCE_CHANGE_PASSWORD:
        facts.append(_temporary(expiry, now))
    if person.database is not None and person.database.password_reset_at is not None:
        moment = person.database.password_reset_at
        facts.append(Fact(tr("Last reset"), when(moment), hint=exact(moment)))
    return facts


def _temporary(expiry: datetime | None, now: datetime) -> Fact:
    name = tr("Temporary password")
    if expiry is None:
        return Fact(name, tr("not known: the pool's settings could not be read"))
    words = tr("expired about {when}") if expiry <= now else tr("expires about {when}")
    hint = tr("Cognito does not tell the moment. It is the last change plus the days that the pool allows.")
    return Fact(name, words.format(when=ago(expiry, now)), hint=f"{hint} {exact(expiry)}")


def _factors(person: Person) -> list[Fact]:
    here = tr("In Cognito")
    facts = _database_factors(person.database, person)
    if person.user.factors is None:
        return [*facts, Fact(here, tr("not asked"))]
    if not person.user.factors:
        return [*facts, Fact(here, None, mfa_badge("none"))]
    for factor in person.user.factors:
        preferred = tr(" (preferred)") if factor == person.user.preferred_factor else ""
        facts.append(Fact(here, None, Badge(mfa(factor) + preferred, Tone.OK)))
    return facts


def _database_factors(row: DatabaseUser | None, person: Person) -> list[Fact]:
    if row is None:
        return [] if without_database(person) else [Fact(tr("In the database"), tr("not known"))]
    facts = [Fact(tr("In the database"), None, mfa_badge(row.mfa_method or "none"))]
    if row.mfa_enrolled_at is not None:
        facts.append(Fact(tr("Enrolled"), when(row.mfa_enrolled_at), hint=exact(row.mfa_enrolled_at)))
    return facts
