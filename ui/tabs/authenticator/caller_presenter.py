"""Somebody on the phone: found by what they say, with what Cognito knows of their factors when it is asked. No widget.

Finding bills nobody; asking for factors may, and is only done when somebody presses the button.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from app.capabilities import Capability
from app.changes import Outcome
from app.desk import Desk
from app.directory.models import AuthFactors, MfaPreference, User
from app.enrolment_history import Unfinished
from app.errors import AppError
from app.permissions import Action
from app.pool.models import PoolSnapshot
from app.prechecks import obstacle
from app.settings import DeskRules
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready

LANE = "changes"
ORIGIN = "authenticator"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person who was chosen. `hindrance` says why their factors could not be asked for."""

    user: User
    pool: PoolSnapshot | None = None
    required: str | None = None  # why the authenticator cannot be switched off
    hindrance: str = ""

    @property
    def who(self) -> str:
        """How they are named."""
        return self.user.email or self.user.phone or self.user.username


class CallerPresenter(QObject):
    """Owns the search, the person and the list of what was left half done."""

    found_changed = Signal(object)  # ViewState; Ready holds a tuple of User
    caller_changed = Signal(object)  # Caller | None
    unfinished_changed = Signal(object)  # tuple of Unfinished
    problem = Signal(str)  # about what was typed
    failed = Signal(object)  # AppError
    settled = Signal()  # the change that a form asked for was made
    enrol_requested = Signal(object, bool)  # User, lost

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._caller: Caller | None = None
        self._pool: PoolSnapshot | None = None
        context.changed.connect(self._on_change)

    @property
    def caller(self) -> Caller | None:
        """Who is chosen."""
        return self._caller

    @property
    def rules(self) -> DeskRules:
        """The house rules."""
        settings = self._context.settings
        return settings.preferences.desk if settings is not None else DeskRules()

    @Slot()
    def open(self) -> None:
        """Read the pool's settings and what was left half done."""
        self.found_changed.emit(
            Empty(
                tr("Who is on the phone?"),
                tr("Write the beginning of their email address, phone number or name, or the whole user name."),
            )
        )
        pools = self._desk.pools
        job = self._context.run(lambda work: pools.describe(), name=tr("Read the pool's settings"), listed=False)
        job.succeeded.connect(self._on_pool)
        self.look_back()

    @Slot()
    def look_back(self) -> None:
        """Read again what was left half done."""
        service = self._desk.enrolments
        job = self._context.run(
            lambda work: service.unfinished(), name=tr("Look for half-done enrolments"), key="unfinished", listed=False
        )
        job.succeeded.connect(self.unfinished_changed)
        job.failed.connect(self.failed)

    def find(self, text: str) -> None:
        """Find people."""
        service = self._desk.enrolments
        self.problem.emit("")
        self.found_changed.emit(Loading(tr("Looking in the pool…"), keep_content=True))
        job = self._context.run(
            lambda work: service.find(text), name=tr("Find somebody"), key="find-caller", listed=False
        )
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_find_failed)

    def choose(self, user: User | None) -> None:
        """Help this person."""
        if user is None or (self._caller is not None and self._caller.user.username == user.username):
            if user is None:
                self._set(None)
            return
        self._set(Caller(user, self._pool))
        people = self._desk.people

        def read(work: Work) -> str | None:
            try:
                row = people.row(user)
            except AppError:
                return None
            return obstacle(Action.DISABLE_MFA, self._desk.operator, user, None, row)

        job = self._context.run(read, name=tr("Read the row"), key="caller-row", listed=False)
        job.succeeded.connect(self._on_required)

    @Slot()
    def ask(self) -> None:
        """Ask Cognito for the person's factors (AdminGetUserAuthFactors; whether it is billed AWS does not say)."""
        caller, security = self._caller, self._desk.security
        if caller is None:
            return
        user = caller.user
        job = self._context.run(
            lambda work: security.factors(user), name=tr("Ask for the second factors of {who}", who=caller.who)
        )
        about = _About(user.username, self)
        job.succeeded.connect(about.on_factors)
        job.finished.connect(about.deleteLater)
        job.failed.connect(self.failed)

    def why_not(self, action: Action) -> str | None:
        """Why it cannot be done to the person now."""
        caller = self._caller
        if caller is None:
            return tr("Find the person first.")
        return obstacle(action, self._desk.operator, caller.user, caller.pool, None)

    def remove(self, caller: Caller) -> None:
        """Take somebody's lost authenticator away, without enrolling another now."""
        security = self._desk.security
        self._change(caller, security.remove_authenticator, tr("Removing the authenticator of {who}"))

    def prefer(self, caller: Caller, preference: MfaPreference) -> None:
        """Set, prefer or switch off second factors of somebody."""
        people = self._desk.people
        self._change(
            caller, lambda user: people.set_mfa_preference(user, preference), tr("Setting the factors of {who}")
        )

    def keep_rules(self, rules: DeskRules) -> None:
        """Other house rules."""
        settings = self._context.settings
        if settings is None:
            return
        preferences = settings.preferences._replace(desk=rules)
        job = self._context.run(
            lambda work: settings.save_preferences(preferences), name=tr("Keep the house rules"), listed=False
        )
        job.succeeded.connect(self.settled)
        job.failed.connect(self.failed)

    def resume(self, left: Unfinished) -> None:
        """Find the person of a half-done enrolment and open it again."""
        service = self._desk.enrolments
        job = self._context.run(lambda work: service.person(left.username), name=tr("Find {who}", who=left.address))
        job.succeeded.connect(self._on_resumed)
        job.failed.connect(self.failed)

    def next_sign_in(self) -> str:
        """What the next sign-in asks once the authenticator is gone, in this pool."""
        caller = self._caller
        pool = caller.pool if caller is not None else None
        others = [each for each in (caller.user.factors or ()) if each != "totp"] if caller is not None else []
        if others:
            return tr("Their next sign-in asks for the factor that is left.")
        if pool is None:
            return tr("What their next sign-in asks is not known: the pool's settings could not be read.")
        if pool.mfa == "ON":
            return tr(
                "This pool requires MFA and no factor is left: their next sign-in asks them to set one up "
                "(MFA_SETUP). An application that cannot do that locks them out until you enrol one with them."
            )
        return tr("MFA is optional in this pool: their next sign-in asks for the password alone.")

    def _change(self, caller: Caller, call: Callable[[User], object], name: str) -> None:
        user = caller.user
        job: Job = self._context.run(lambda work: call(user), name=name.format(who=caller.who), lane=LANE)
        about = _About(user.username, self, caller.who)
        job.succeeded.connect(about.on_changed)
        job.finished.connect(about.deleteLater)
        job.failed.connect(self.failed)

    def _set(self, caller: Caller | None) -> None:
        self._caller = caller
        self.caller_changed.emit(caller)

    @Slot(object)
    def _on_pool(self, pool: PoolSnapshot) -> None:
        self._pool = pool
        if self._caller is not None:
            self._set(replace(self._caller, pool=pool))

    @Slot(object)
    def _on_found(self, users: tuple[User, ...]) -> None:
        if not users:
            self.found_changed.emit(
                Empty(tr("Nobody is found"), tr("Ask for the address that they sign in with, or search on Users."))
            )
            self._set(None)
            return
        self.found_changed.emit(Ready(users))
        if len(users) == 1:
            self.choose(users[0])

    @Slot(object)
    def _on_find_failed(self, error: AppError) -> None:
        words = error.fields.get("person") or error.fields.get("email")
        if words is not None:
            self.problem.emit(words)
            self.found_changed.emit(Empty(tr("Who is on the phone?"), words))
        else:
            self.found_changed.emit(Failed(error))

    @Slot(object)
    def _on_required(self, required: str | None) -> None:
        if self._caller is not None:
            self._set(replace(self._caller, required=required))

    def take_factors(self, username: str, found: AuthFactors | Capability) -> None:
        """What Cognito told of somebody, who may be another than is chosen by now."""
        caller = self._caller
        if caller is None or caller.user.username != username:
            return
        if isinstance(found, Capability):
            self._set(replace(caller, hindrance=found.reason))
            return
        user = replace(caller.user, factors=found.mfa, preferred_factor=found.preferred)
        self._set(replace(caller, user=user, hindrance=""))

    @Slot(object)
    def _on_resumed(self, user: User) -> None:
        self.choose(user)
        self.enrol_requested.emit(user, False)

    def take_change(self, username: str, who: str, outcome: Outcome[object]) -> None:
        """A change was made to somebody, who may be another than is chosen by now."""
        caller = self._caller
        if caller is not None and caller.user.username == username:
            # What is true now only Cognito knows: it is asked again when somebody wants to know.
            self._set(replace(caller, user=replace(caller.user, factors=None, preferred_factor=None)))
        why = str(getattr(outcome.value, "why", ""))
        words = tr("Done for {who}.", who=who)
        self._context.toast(" ".join(part for part in (words, why, outcome.note) if part), "warn" if why else "ok")
        self._context.announce(Change(Topic.USERS, (username,), ORIGIN))
        self._context.announce(Change(Topic.ONBOARDING, (), ORIGIN))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        self.settled.emit()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic == Topic.USERS and change.origin == "enrolment":
            self.look_back()
            caller = self._caller
            if caller is not None and caller.user.username in change.ids:
                self._set(replace(caller, user=replace(caller.user, factors=None, preferred_factor=None)))


class _About(QObject):
    """Remembers of whom a job is: by the time of its end another person may be chosen."""

    def __init__(self, username: str, presenter: CallerPresenter, who: str = "") -> None:
        super().__init__(presenter)
        self._username = username
        self._who = who
        self._presenter = presenter

    @Slot(object)
    def on_factors(self, found: AuthFactors | Capability) -> None:
        self._presenter.take_factors(self._username, found)

    @Slot(object)
    def on_changed(self, outcome: Outcome[object]) -> None:
        self._presenter.take_change(self._username, self._who, outcome)
