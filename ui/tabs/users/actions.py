"""Every change that the Users tab makes, one at a time and in order, and how it ended. No widget here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.changes import Outcome
from app.desk import Desk
from app.directory.models import User
from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser
from app.permissions import Action
from app.pool.models import PoolSnapshot
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users.deed import Deed
from ui.tabs.users.deeds import DEEDS
from ui.tabs.users.orders import Order
from ui.tabs.users.person import Person
from ui.tabs.users.wording import ORIGIN, said
from ui.text import tr

LANE = "changes"
_SENDS = frozenset({Action.CREATE_USER, Action.RESEND_INVITATION, Action.RESET_PASSWORD, Action.UPDATE_ATTRIBUTES})


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

    @property
    def desk(self) -> Desk:
        """The open connection."""
        return self._desk

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
