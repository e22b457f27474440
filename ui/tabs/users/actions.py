"""Every change that the Users tab makes, one at a time and in order, and how it ended. No widget here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.changes import Outcome
from app.desk import Desk
from app.directory.models import User
from app.errors import AppError, ErrorCode
from app.permissions import Action
from app.pool.models import PoolSnapshot
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users.person import Person
from ui.tabs.users.wording import EDGES, ORIGIN, done, job_name
from ui.text import tr

LANE = "changes"


@dataclass(frozen=True, slots=True)
class NewUser:
    """What the form for a new person asked for. The temporary password is left to Cognito where None."""

    username: str
    attributes: Mapping[str, str]
    temporary_password: str | None
    send_invitation: bool

    def __repr__(self) -> str:
        return f"NewUser({self.username!r})"  # never the password


class Attempt(QObject):
    """One change under way. It ends in succeeded or failed or neither (cancelled before it began), then finished."""

    succeeded = Signal(object, object)  # itself, Outcome
    failed = Signal(object, object)  # itself, AppError
    finished = Signal(object)  # itself

    def __init__(self, action: Action, username: str, who: str, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self.action = action
        self.username = username
        self.who = who
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
        if any(
            each.action is action and person is not None and each.username == person.user.username
            for each in self._under_way
        ):
            return tr("This is being done right now.")
        if person is None:
            return self._desk.why_not(action) or tr("Choose a person first.")
        if action in EDGES and person.database is None:
            return tr("The database has no row for this person.")
        return person.why_not(action, self._desk.operator)

    @property
    def has_database(self) -> bool:
        """Whether a change is mirrored into an application database."""
        return self._desk.onboarding is not None

    def enable(self, person: Person) -> Attempt:
        """Let the person sign in again."""
        return self._simple(Action.ENABLE_USER, person.user, person.address)

    def disable(self, person: Person) -> Attempt:
        """Stop the person from signing in."""
        return self._simple(Action.DISABLE_USER, person.user, person.address)

    def resend_invitation(self, person: Person) -> Attempt:
        """Send the invitation again, with a new temporary password."""
        return self._simple(Action.RESEND_INVITATION, person.user, person.address)

    def delete(self, person: Person) -> Attempt:
        """Remove the person from the pool for good."""
        return self._simple(Action.DELETE_USER, person.user, person.address)

    def reset_password(self, person: Person) -> Attempt:
        """Send the person a code to choose a new password with."""
        people, user, pool = self._desk.people, person.user, person.pool
        return self._start(
            Action.RESET_PASSWORD, user.username, person.address, lambda work: people.reset_password(user, pool)
        )

    def set_password(self, person: Person, password: str, *, permanent: bool) -> Attempt:
        """Give the person a password."""
        people, user = self._desk.people, person.user
        return self._start(
            Action.SET_PASSWORD,
            user.username,
            person.address,
            lambda work: people.set_password(user, password, permanent=permanent),
        )

    def update_attributes(self, person: Person, changes: Mapping[str, str]) -> Attempt:
        """Change attributes of the person."""
        people, user = self._desk.people, person.user
        return self._start(
            Action.UPDATE_ATTRIBUTES,
            user.username,
            person.address,
            lambda work: people.update_attributes(user, changes),
        )

    def create(self, new: NewUser) -> Attempt:
        """Create a person."""
        people = self._desk.people
        return self._start(
            Action.CREATE_USER,
            new.username,
            new.attributes.get("email") or new.username,
            lambda work: people.create(
                new.username,
                new.attributes,
                temporary_password=new.temporary_password,
                send_invitation=new.send_invitation,
            ),
        )

    def repair(self, action: Action, person: Person) -> Attempt:
        """Bring the database row in line with Cognito: one of the edges of EDGES."""
        people, row, edge = self._desk.people, person.database, EDGES[action]
        if row is None:
            raise AppError(ErrorCode.USER_STATE, tr("The database has no row for this person."), subject=person.address)
        return self._start(action, person.user.username, person.address, lambda work: people.move(row, edge))

    def _simple(self, action: Action, user: User, who: str) -> Attempt:
        people = self._desk.people
        calls: dict[Action, Callable[[User], object]] = {
            Action.ENABLE_USER: people.enable,
            Action.DISABLE_USER: people.disable,
            Action.RESEND_INVITATION: people.resend_invitation,
            Action.DELETE_USER: people.delete,
        }
        call = calls[action]
        return self._start(action, user.username, who, lambda work: call(user))

    def _start(self, action: Action, username: str, who: str, call: Callable[[Work], object]) -> Attempt:
        index = self._desk.index

        def change(work: Work) -> object:
            try:
                return call(work)
            except AppError as error:
                if error.code is ErrorCode.USER_NOT_FOUND:
                    index.remove(username)  # somebody else deleted them: the row must not stay
                raise

        name = job_name(action, who)
        attempt = Attempt(action, username, who, self._context.run(change, name=name, lane=LANE), self)
        attempt.succeeded.connect(self._on_succeeded)
        attempt.failed.connect(self._on_failed)
        attempt.finished.connect(self._on_finished)
        self._under_way[attempt] = name
        self.busy_changed.emit(name)
        return attempt

    @Slot(object, object)
    def _on_succeeded(self, attempt: Attempt, outcome: Outcome[object]) -> None:
        said = done(attempt.action, attempt.who, outcome)
        tone = (
            "warn" if outcome.mirror in ("pending", "skipped") or (outcome.mirror == "none" and outcome.note) else "ok"
        )
        undo = self._undo(attempt.action, outcome)
        self._context.toast(said, tone, tr("Undo") if undo else "", undo)
        value = outcome.value
        if attempt.action is Action.DELETE_USER:
            self.gone.emit(attempt.username, "")
        elif isinstance(value, User):
            self.changed.emit(value)
        self._announce(attempt, value)

    def _undo(self, action: Action, outcome: Outcome[object]) -> Callable[[], object] | None:
        back = {Action.ENABLE_USER: Action.DISABLE_USER, Action.DISABLE_USER: Action.ENABLE_USER}.get(action)
        user = outcome.value
        if back is None or not isinstance(user, User) or self._desk.why_not(back) is not None:
            return None
        return Undo(self, back, user)

    def undo(self, action: Action, user: User) -> None:
        """Take a switch back."""
        self._simple(action, user, user.email or user.phone or user.username)

    @Slot(object, object)
    def _on_failed(self, attempt: Attempt, error: AppError) -> None:
        if error.code is ErrorCode.USER_NOT_FOUND:
            self.gone.emit(attempt.username, tr("{who} was deleted by somebody else meanwhile.", who=attempt.who))
        self._announce(attempt, None)
        self.failed.emit(attempt, error)

    @Slot(object)
    def _on_finished(self, attempt: Attempt) -> None:
        self._under_way.pop(attempt, None)
        self.busy_changed.emit(next(iter(self._under_way.values()), ""))

    def _announce(self, attempt: Attempt, value: object) -> None:
        username = value.username if isinstance(value, User) else attempt.username
        if attempt.action in EDGES:
            self._context.announce(Change(Topic.ONBOARDING, (getattr(value, "id", ""),), ""))
        else:
            self._context.announce(Change(Topic.USERS, (username,), ORIGIN))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        if attempt.action in (Action.CREATE_USER, Action.RESEND_INVITATION, Action.RESET_PASSWORD):
            self._context.announce(Change(Topic.OUTBOX, (), ORIGIN))


@dataclass(frozen=True, slots=True)
class Undo:
    """What a toast's Undo runs: it may outlive the tab, and then does nothing."""

    actions: UserActions
    action: Action
    user: User

    def __call__(self) -> None:
        from shiboken6 import isValid

        if isValid(self.actions):
            self.actions.undo(self.action, self.user)
