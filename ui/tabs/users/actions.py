"""Every change that the Users tab makes, one at a time and in order, and how it ended. No widget here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.changes import Outcome
from app.desk import Desk
from app.directory.devices import Device
from app.directory.groups import Group
from app.directory.models import MfaPreference, User
from app.directory.sessions import UserSession
from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser
from app.permissions import Action
from app.pool.models import PoolSnapshot
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users.deed import Deed
from ui.tabs.users.deeds import DEEDS
from ui.tabs.users.person import Person
from ui.tabs.users.wording import ORIGIN, said
from ui.text import tr

LANE = "changes"
_SENDS = frozenset({Action.CREATE_USER, Action.RESEND_INVITATION, Action.RESET_PASSWORD, Action.UPDATE_ATTRIBUTES})


@dataclass(frozen=True, slots=True)
class NewUser:
    """What the form for a new person asked for. The temporary password is left to Cognito where None."""

    username: str
    attributes: Mapping[str, str]
    temporary_password: str | None
    send_invitation: bool

    def __repr__(self) -> str:
        return f"NewUser({self.username!r})"  # never the password


@dataclass(frozen=True, slots=True)
class Order:
    """A change to be made. `job`, `done` and `undone` are what the status bar and the toasts after it say.

    The outcome itself tells how it is taken back; `back` does where it cannot (steps of the ladder).
    """

    action: Action
    username: str
    who: str
    job: str
    done: str
    call: Callable[[Desk], Outcome[Any]]
    undone: str = ""
    back: Callable[[Outcome[Any]], Order | None] | None = None

    def undo(self, outcome: Outcome[Any]) -> Order | None:
        """The order that takes it back; None where nothing does."""
        if self.back is not None:
            return self.back(outcome)
        inverse = outcome.undo
        if inverse is None:
            return None
        job = tr("{what}: {who}", what=inverse.words, who=self.who)
        done = self.undone or tr("All is as it was before for {who}.", who=self.who)
        return Order(inverse.action, self.username, self.who, job, done, lambda _: inverse.run(), self.done)


class Attempt(QObject):
    """One change under way. It ends in succeeded or failed or neither (cancelled before it began), then finished."""

    succeeded = Signal(object, object)  # itself, Outcome
    failed = Signal(object, object)  # itself, AppError
    finished = Signal(object)  # itself

    def __init__(self, order: Order, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self.order = order
        self.action = order.action
        self.username = order.username
        self.who = order.who
        self._job = job
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    @Slot()
    def cancel(self) -> None:
        """Ask it to stop: it does if it has not begun."""
        self._job.cancel()

    @Slot(object)
    def _on_succeeded(self, outcome: object) -> None:
        self.succeeded.emit(self, outcome)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.failed.emit(self, error)

    @Slot()
    def _on_finished(self) -> None:
        self.finished.emit(self)
        self.deleteLater()


class UserActions(QObject):
    """Makes changes and tells of them: toast, announcement, and one signal for the pane."""

    changed = Signal(object)  # User: what Cognito holds of somebody now
    gone = Signal(str, str)  # user name, what to say: somebody is no longer in the pool
    touched = Signal(str)  # user name: something of theirs has changed, or may have
    failed = Signal(object, object)  # Attempt, AppError
    busy_changed = Signal(str)  # what is being done; empty when nothing is

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._under_way: dict[Attempt, str] = {}
        self.pool: PoolSnapshot | None = None

    @Slot(object)
    def set_pool(self, pool: PoolSnapshot | None) -> None:
        """The pool's settings became known."""
        self.pool = pool

    def why_not(self, action: Action, person: Person | None) -> str | None:
        """Why `action` cannot be done now, in a sentence; None where it can."""
        if action in (Action.CREATE_USER, Action.CHANGE_ROLE):
            return self._desk.why_not(action)
        if person is None:
            return self._desk.why_not(action) or tr("Choose a person first.")
        if any(each.action is action and each.username == person.user.username for each in self._under_way):
            return tr("This is being done right now.")
        return person.why_not(action, self._desk.operator)

    def barred(self, action: Action, person: Person) -> str | None:
        """Why the operator may not do it to the person, whatever their state."""
        return person.barred(action, self._desk.operator)

    def why_not_do(self, deed: Deed, person: Person | None) -> str | None:
        """Why the deed cannot be done now, in a sentence; None where it can."""
        reason = self.why_not(deed.action, person)
        if reason is None and person is not None:
            reason = deed.why_not(person, self._desk.operator)
        return reason

    @property
    def context(self) -> Context:
        """What the tab was given, for a dialog that has work of its own."""
        return self._context

    @property
    def has_database(self) -> bool:
        """Whether a change is mirrored into an application database."""
        return self._desk.onboarding is not None

    def do(self, deed: Deed, person: Person) -> Attempt:
        """Do one deed of the table to the person."""
        return self.start(self._order(deed, person))

    def set_password(self, person: Person, password: str, *, permanent: bool) -> Attempt:
        """Give the person a password."""
        user = person.user
        return self.start(
            Order(
                Action.SET_PASSWORD,
                user.username,
                person.address,
                tr("Setting a password for {who}", who=person.address),
                tr("The password of {who} was set.", who=person.address),
                lambda desk: desk.people.set_password(
                    user, password, permanent=permanent, allow_federated=bool(person.federated)
                ),
            )
        )

    def update_attributes(self, person: Person, changes: Mapping[str, str]) -> Attempt:
        """Change attributes of the person."""
        user = person.user
        return self.start(
            Order(
                Action.UPDATE_ATTRIBUTES,
                user.username,
                person.address,
                tr("Changing attributes of {who}", who=person.address),
                tr("The attributes of {who} were changed.", who=person.address),
                lambda desk: desk.people.update_attributes(user, changes),
                tr("The attributes of {who} are as they were before.", who=person.address),
            )
        )

    def set_mfa_preference(self, person: Person, preference: MfaPreference) -> Attempt:
        """Choose which second factors Cognito asks the person for."""
        user = person.user
        return self.start(
            Order(
                Action.SET_MFA_PREFERENCE,
                user.username,
                person.address,
                tr("Changing the second factors of {who}", who=person.address),
                tr("The second factors of {who} were changed.", who=person.address),
                lambda desk: desk.people.set_mfa_preference(user, preference),
                tr("The second factors of {who} are as they were before.", who=person.address),
            )
        )

    def confirm(self, person: Person, *, verify_email: bool) -> Attempt:
        """Confirm somebody who signed up."""
        user = person.user
        return self.start(
            Order(
                Action.CONFIRM_SIGN_UP,
                user.username,
                person.address,
                tr("Confirming the sign-up of {who}", who=person.address),
                tr("The sign-up of {who} is confirmed.", who=person.address),
                lambda desk: desk.security.confirm(user, verify_email=verify_email),
            )
        )

    def add_to_group(self, person: Person, group: Group) -> Attempt:
        """Put the person into a group."""
        return self.start(self._membership(person, group, adding=True))

    def remove_from_group(self, person: Person, group: Group) -> Attempt:
        """Take the person out of a group."""
        return self.start(self._membership(person, group, adding=False))

    def revoke_session(self, person: Person, session: UserSession) -> Attempt:
        """End one session of the person."""
        user = person.user
        return self.start(
            Order(
                Action.REVOKE_SESSION,
                user.username,
                person.address,
                tr("Ending a session of {who}", who=person.address),
                tr("The session of {who} has ended.", who=person.address),
                lambda desk: desk.security.revoke_session(user, session, linked=True),
            )
        )

    def forget_device(self, person: Person, device: Device) -> Attempt:
        """Forget a device of the person."""
        user = person.user
        return self.start(
            Order(
                Action.FORGET_DEVICE,
                user.username,
                person.address,
                tr("Forgetting a device of {who}", who=person.address),
                tr("The device of {who} is forgotten.", who=person.address),
                lambda desk: desk.security.forget_device(user, device),
            )
        )

    def _membership(self, person: Person, group: Group, *, adding: bool) -> Order:
        user, who, name = person.user, person.address, group.name
        joined, left = tr("{who} is in {name} now.", who=who, name=name), tr("{who} left {name}.", who=who, name=name)
        if adding:
            job = tr("Adding {who} to {name}", who=who, name=name)
            call: Callable[[Desk], Outcome[Any]] = lambda desk: desk.memberships.add(user, group)  # noqa: E731
        else:
            job = tr("Removing {who} from {name}", who=who, name=name)
            call = lambda desk: desk.memberships.remove(user, group)  # noqa: E731
        action = Action.ADD_TO_GROUP if adding else Action.REMOVE_FROM_GROUP
        done, undone = (joined, left) if adding else (left, joined)
        return Order(action, user.username, who, job, done, call, undone)

    def create(self, new: NewUser) -> Attempt:
        """Create a person."""
        who = new.attributes.get("email") or new.username
        return self.start(
            Order(
                Action.CREATE_USER,
                new.username,
                who,
                tr("Creating {who}", who=who),
                tr("{who} was created.", who=who),
                lambda desk: desk.people.create(
                    new.username,
                    new.attributes,
                    temporary_password=new.temporary_password,
                    send_invitation=new.send_invitation,
                ),
            )
        )

    def start(self, order: Order) -> Attempt:
        """Make a change, after those that were asked for before."""
        desk, index = self._desk, self._desk.index

        def change(work: Work) -> object:
            try:
                return order.call(desk)
            except AppError as error:
                if error.code is ErrorCode.USER_NOT_FOUND:
                    index.remove(order.username)  # somebody else deleted them: the row must not stay
                raise

        attempt = Attempt(order, self._context.run(change, name=order.job, lane=LANE), self)
        attempt.succeeded.connect(self._on_succeeded)
        attempt.failed.connect(self._on_failed)
        attempt.finished.connect(self._on_finished)
        self._under_way[attempt] = order.job
        self.busy_changed.emit(order.job)
        return attempt

    def _order(self, deed: Deed, person: Person) -> Order:
        who = person.address

        def back(outcome: Outcome[Any]) -> Order | None:
            inverse = DEEDS[deed.inverse]
            if self._desk.why_not(inverse.action) is not None:
                return None
            return self._order(inverse, replace(person, database=outcome.value))

        return Order(
            deed.action,
            person.user.username,
            who,
            tr(deed.job, who=who),
            tr(deed.done, who=who),
            lambda desk: deed.call(desk, person),
            tr(deed.undone, who=who),
            back if deed.inverse else None,
        )

    @Slot(object, object)
    def _on_succeeded(self, attempt: Attempt, outcome: Outcome[Any]) -> None:
        order = attempt.order
        tone = (
            "warn" if outcome.mirror in ("pending", "skipped") or (outcome.mirror == "none" and outcome.note) else "ok"
        )
        back = order.undo(outcome)
        undo = Undo(self, back) if back is not None else None
        self._context.toast(said(order.done, outcome), tone, tr("Undo") if undo else "", undo)
        value = outcome.value
        if attempt.action is Action.DELETE_USER:
            self.gone.emit(attempt.username, "")
        elif isinstance(value, User):
            self.changed.emit(value)
        self.touched.emit(attempt.username)
        self._announce(attempt, value)

    @Slot(object, object)
    def _on_failed(self, attempt: Attempt, error: AppError) -> None:
        if error.code is ErrorCode.USER_NOT_FOUND:
            self.gone.emit(attempt.username, tr("{who} was deleted by somebody else meanwhile.", who=attempt.who))
        self.touched.emit(attempt.username)
        self._announce(attempt, None)
        self.failed.emit(attempt, error)

    @Slot(object)
    def _on_finished(self, attempt: Attempt) -> None:
        self._under_way.pop(attempt, None)
        self.busy_changed.emit(next(iter(self._under_way.values()), ""))

    def _announce(self, attempt: Attempt, value: object) -> None:
        if isinstance(value, DatabaseUser):
            self._context.announce(Change(Topic.ONBOARDING, (value.id,), ""))
        else:
            username = value.username if isinstance(value, User) else attempt.username
            self._context.announce(Change(Topic.USERS, (username,), ORIGIN))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        if attempt.action in _SENDS:
            self._context.announce(Change(Topic.OUTBOX, (), ORIGIN))


@dataclass(frozen=True, slots=True)
class Undo:
    """What a toast's Undo runs: it may outlive the tab, and then does nothing."""

    actions: UserActions
    order: Order

    def __call__(self) -> None:
        from shiboken6 import isValid

        if isValid(self.actions):
            self.actions.start(self.order)
