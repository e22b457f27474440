"""The Security page: the password's state, second factors, and the buttons for both; a refused one says why."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.directory.models import UserStatus
from app.onboarding.models import DatabaseUser
from ui.tabs.users.facts import Fact, FactGrid
from ui.tabs.users.page import PersonPage
from ui.tabs.users.person import Person
from ui.tabs.users.wording import Ask
from ui.text import ago, exact, mfa, tr, user_status_meaning, when
from ui.widgets.badge import Badge, Tone, mfa_badge, user_badge
from ui.widgets.buttons import button, disable
from ui.widgets.labels import label


class SecurityPage(PersonPage):
    """Asks `why_not` before it offers anything."""

    command_requested = Signal(str)  # command id
    cognito_requested = Signal()

    def __init__(self, why_not: Ask, now: datetime, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._why_not = why_not
        self._now = now
        self._password = FactGrid()
        self._factors = FactGrid()
        self._buttons: list[tuple[str, QPushButton, QLabel]] = []
        self.column.addWidget(label(tr("Password"), "heading"))
        self.column.addWidget(self._password)
        self.column.addWidget(self._offer("user.reset", tr("Reset password…")))
        self.column.addWidget(self._offer("user.password", tr("Set password…")))
        self._resend = self._offer("user.resend", tr("Resend invitation"))
        self.column.addWidget(self._resend)
        self.column.addWidget(label(tr("Second factor"), "heading"))
        self.column.addWidget(self._factors)
        self._ask = button(tr("Ask Cognito"), icon="cloud")
        self._ask.clicked.connect(self.cognito_requested)
        self._cost = label(
            tr("Lists do not tell second factors. Asking counts the person as an active user this month (billing)."),
            "small",
            wrap=True,
        )
        self.column.addWidget(self._offer("user.enrol", tr("Enrol an authenticator…")))
        self.column.addWidget(self._offer("user.lost_phone", tr("Lost phone…")))
        self.add_button(self._ask)
        self.column.addWidget(self._cost)

    def fill(self, person: Person) -> None:
        self._password.show_facts(_password(person, self._now))
        self._factors.show_facts(_factors(person))
        self._ask.setText(tr("Ask Cognito") if person.user.factors is None else tr("Ask Cognito again"))

    def refresh_offers(self) -> None:
        waits = self.person is not None and self.person.user.status is UserStatus.FORCE_CHANGE_PASSWORD
        self._resend.setVisible(waits)  # of no use to anybody else
        for command_id, offered, reason in self._buttons:
            why = self._why_not(command_id)
            disable(offered, why)
            reason.setText(why or "")
            reason.setVisible(bool(why))

    def set_now(self, now: datetime) -> None:
        """Ages count from this moment."""
        self._now = now

    def _offer(self, command_id: str, text: str) -> QWidget:
        offered = button(text)
        offered.setObjectName(command_id)
        offered.clicked.connect(self._on_offered)
        reason = label("", "small", wrap=True)
        self._buttons.append((command_id, offered, reason))
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(offered, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(reason)
        return box

    @Slot()
    def _on_offered(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.command_requested.emit(sender.objectName())


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
    facts = _database_factors(person.database)
    if person.user.factors is None:
        return [*facts, Fact(here, tr("not asked"))]
    if not person.user.factors:
        return [*facts, Fact(here, None, mfa_badge("none"))]
    for factor in person.user.factors:
        preferred = tr(" (preferred)") if factor == person.user.preferred_factor else ""
        facts.append(Fact(here, None, Badge(mfa(factor) + preferred, Tone.OK)))
    return facts


def _database_factors(row: DatabaseUser | None) -> list[Fact]:
    if row is None:
        return [Fact(tr("In the database"), tr("not known"))]
    facts = [Fact(tr("In the database"), None, mfa_badge(row.mfa_method or "none"))]
    if row.mfa_enrolled_at is not None:
        facts.append(Fact(tr("Enrolled"), when(row.mfa_enrolled_at), hint=exact(row.mfa_enrolled_at)))
    if row.mfa_required is not None:
        facts.append(Fact(tr("Required"), tr("yes") if row.mfa_required else tr("no")))
    return facts
