"""What can be done to the selected person, and the asking before it: one set of commands for menus and keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.errors import AppError, ErrorCode
from app.permissions import Action
from ui.actions import UserCommand, command
from ui.dialogs.create_user import CreateUserDialog, attributes
from ui.dialogs.edit_attributes import EditAttributesDialog
from ui.dialogs.set_password import SetPasswordDialog
from ui.tabs.users import wording
from ui.tabs.users.actions import Attempt, NewUser, UserActions
from ui.tabs.users.person import Person
from ui.tabs.users.wording import Question
from ui.text import tr
from ui.widgets.commands import CommandSet
from ui.widgets.dialogs import ConfirmDialog, FormDialog, show_error

_GROUPS = (
    ("user.edit", "user.resend", "user.reset", "user.password"),
    ("user.enable", "user.disable"),
    ("user.copy",),
    ("user.delete",),
)
_ON_THE_SPOT = "user.resend"  # no question is asked, so its text must not promise one


class UserCommands(QObject):
    """Belongs to the view: it opens dialogs over it. Knows the person who is shown."""

    created = Signal(str)  # user name

    def __init__(self, actions: UserActions, owner: QWidget) -> None:
        super().__init__(owner)
        self._actions = actions
        self._owner = owner
        self._person: Person | None = None
        self._forms: dict[Attempt, FormDialog] = {}
        known = [command(name) for name in ("user.new", *(name for group in _GROUPS for name in group))]
        self._set = CommandSet([_reworded(each) for each in known], owner)
        self._set.triggered.connect(self._on_triggered)
        actions.failed.connect(self._on_failed)
        self.set_person(None)

    @property
    def set(self) -> CommandSet:
        """The commands, to make buttons of."""
        return self._set

    def menu(self, parent: QWidget | None = None) -> QMenu:
        """A menu of what can be done to the person."""
        return self._set.menu(_GROUPS, parent)

    def set_person(self, person: Person | None) -> None:
        """Another person is shown, or the same with more known."""
        self._person = person
        self._set.refresh(self._why_not)

    def why_not(self, action: Action) -> str | None:
        """Why `action` cannot be done to the person now; None where it can."""
        return self._actions.why_not(action, self._person)

    @Slot(object)
    def do(self, action: Action) -> None:
        """Do `action` to the person, asking first where it is dangerous; say why where it cannot be done."""
        person = self._person
        reason = self._actions.why_not(action, person)
        if reason is not None:
            show_error(self._owner, AppError(ErrorCode.USER_STATE, reason, subject=action.value))
            return
        if action is Action.CREATE_USER:
            self._create()
        elif person is not None:
            self._do_to(person, action)

    def _do_to(self, person: Person, action: Action) -> None:
        who, has_database = person.address, self._actions.has_database
        match action:
            case Action.ENABLE_USER:
                self._actions.enable(person)
            case Action.RESEND_INVITATION:
                self._actions.resend_invitation(person)
            case Action.DISABLE_USER:
                self._confirm(wording.disable_question(who, has_database), _Pending(self, person, action))
            case Action.RESET_PASSWORD:
                self._confirm(wording.reset_question(who), _Pending(self, person, action))
            case Action.DELETE_USER:
                self._confirm(wording.delete_question(who, has_database), _Pending(self, person, action), typed=who)
            case Action.SET_PASSWORD:
                self._set_password(person)
            case Action.UPDATE_ATTRIBUTES:
                self._edit(person)
            case _:
                self._actions.repair(action, person)

    def _confirm(self, question: Question, pending: _Pending, typed: str = "") -> None:
        dialog = ConfirmDialog(
            question.title,
            "",
            question.button,
            consequences=question.points,
            dangerous=question.danger,
            typed=typed,
            parent=self._owner,
        )
        pending.setParent(dialog)
        dialog.confirmed.connect(pending.on_confirmed)
        dialog.open()

    def _set_password(self, person: Person) -> None:
        policy = person.pool.password_policy if person.pool is not None else None
        cost = wording.billing(Action.SET_PASSWORD)
        locked = self.why_not(Action.SET_PERMANENT_PASSWORD)
        dialog = SetPasswordDialog(person.address, policy, cost, permanent_locked=locked, parent=self._owner)
        self._open(dialog, _SetPassword(self, person, dialog))

    def _edit(self, person: Person) -> None:
        dialog = EditAttributesDialog(
            person.user,
            person.pool,
            wording.billing(Action.UPDATE_ATTRIBUTES),
            role_locked=self.why_not(Action.CHANGE_ROLE),
            parent=self._owner,
        )
        self._open(dialog, _Edit(self, person, dialog))

    def _create(self) -> None:
        dialog = CreateUserDialog(
            self._actions.pool,
            has_database=self._actions.has_database,
            cost=wording.billing(Action.CREATE_USER),
            role_locked=self.why_not(Action.CHANGE_ROLE),
            parent=self._owner,
        )
        self._open(dialog, _Create(self, None, dialog))

    def _open(self, dialog: FormDialog, submission: _Submission) -> None:
        dialog.submitted.connect(submission.on_submitted)
        dialog.open()

    def follow(self, attempt: Attempt, dialog: FormDialog) -> None:
        """Let the dialog show how the attempt ends."""
        self._forms[attempt] = dialog
        dialog.cancel_requested.connect(attempt.cancel)
        attempt.succeeded.connect(self._on_form_done)
        attempt.failed.connect(self._on_form_failed)
        attempt.finished.connect(self._on_form_finished)

    def perform(self, action: Action, person: Person) -> None:
        """Do what was confirmed."""
        match action:
            case Action.DISABLE_USER:
                self._actions.disable(person)
            case Action.RESET_PASSWORD:
                self._actions.reset_password(person)
            case Action.DELETE_USER:
                self._actions.delete(person)
            case _:
                raise AppError(ErrorCode.INTERNAL, f"Nothing is confirmed for {action.value}.")

    @property
    def actions(self) -> UserActions:
        """Who makes the changes."""
        return self._actions

    @Slot(object, object)
    def _on_form_done(self, attempt: Attempt, outcome: object) -> None:
        self._forms[attempt].succeed()
        if attempt.action is Action.CREATE_USER:
            self.created.emit(getattr(getattr(outcome, "value", None), "username", ""))

    @Slot(object, object)
    def _on_form_failed(self, attempt: Attempt, error: AppError) -> None:
        self._forms[attempt].fail(error)

    @Slot(object)
    def _on_form_finished(self, attempt: Attempt) -> None:
        dialog = self._forms.pop(attempt)
        if dialog.busy:
            dialog.cancelled()

    @Slot(object, object)
    def _on_failed(self, attempt: Attempt, error: AppError) -> None:
        if attempt not in self._forms and error.code is not ErrorCode.USER_NOT_FOUND:
            show_error(self._owner, error)

    @Slot(str)
    def _on_triggered(self, name: str) -> None:
        if name == "user.copy":
            if self._person is not None:
                QGuiApplication.clipboard().setText(self._person.address)
            return
        permission = command(name).permission
        if permission is not None:
            self.do(permission)

    def _why_not(self, each: UserCommand) -> str | None:
        if each.permission is not None:
            return self._actions.why_not(each.permission, self._person)
        return None if self._person is not None else tr("Choose a person first.")


class _Pending(QObject):
    """What a confirmation stands for; a child of its dialog."""

    def __init__(self, commands: UserCommands, person: Person, action: Action) -> None:
        super().__init__()
        self._commands = commands
        self._person = person
        self._action = action

    @Slot()
    def on_confirmed(self) -> None:
        self._commands.perform(self._action, self._person)


class _Submission(QObject):
    """What a form's submission stands for; a child of its dialog."""

    def __init__(self, commands: UserCommands, person: Person | None, dialog: FormDialog) -> None:
        super().__init__(dialog)
        self.commands = commands
        self.person = person
        self.dialog = dialog

    @Slot(object)
    def on_submitted(self, values: Mapping[str, str]) -> None:
        attempt = self.start(values)
        self.commands.follow(attempt, self.dialog)

    def start(self, values: Mapping[str, str]) -> Attempt:
        """Begin the change that the form asks for."""
        raise AssertionError(f"{type(self).__name__} starts nothing")


class _SetPassword(_Submission):
    def start(self, values: Mapping[str, str]) -> Attempt:
        assert self.person is not None
        permanent = values["kind"] == "permanent"
        return self.commands.actions.set_password(self.person, values["password"], permanent=permanent)


class _Edit(_Submission):
    def start(self, values: Mapping[str, str]) -> Attempt:
        assert self.person is not None
        assert isinstance(self.dialog, EditAttributesDialog)
        return self.commands.actions.update_attributes(self.person, self.dialog.changes)


class _Create(_Submission):
    def start(self, values: Mapping[str, str]) -> Attempt:
        username = values.get("username", "").strip() or values["email"].strip()
        new = NewUser(username, attributes(values), values["password"] or None, values["invite"] == "true")
        return self.commands.actions.create(new)


def _reworded(each: UserCommand) -> UserCommand:
    return replace(each, text=each.text.rstrip("…")) if each.id == _ON_THE_SPOT else each
