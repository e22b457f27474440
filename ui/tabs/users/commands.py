"""What can be done to the selected person, and the asking before it: one set of commands for menus and keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.directory.devices import Device
from app.directory.groups import Group
from app.directory.identities import Identity
from app.directory.selection import Selection
from app.directory.sessions import UserSession
from app.errors import AppError, ErrorCode
from app.permissions import Action
from ui.actions import ROW_COMMANDS, UserCommand, command
from ui.context import Context
from ui.dialogs.confirm_sign_up import ConfirmSignUpDialog
from ui.dialogs.create_user import CreateUserDialog
from ui.dialogs.edit_attributes import EditAttributesDialog
from ui.dialogs.link_identity import LinkIdentityDialog
from ui.dialogs.mfa_preference import MfaPreferenceDialog
from ui.dialogs.set_password import SetPasswordDialog
from ui.palette import PaletteEntry
from ui.tabs.users import orders, submissions, wording
from ui.tabs.users.actions import Attempt, UserActions
from ui.tabs.users.deed import Deed
from ui.tabs.users.deeds import DEEDS, cost
from ui.tabs.users.group_choice import GroupChoice
from ui.tabs.users.person import Person
from ui.tabs.users.several import SeveralChosen
from ui.text import tr
from ui.widgets.commands import CommandSet
from ui.widgets.dialogs import ConfirmDialog, FormDialog, show_error

GROUPS = (
    ("user.edit", "user.verify_email", "user.verify_phone", "user.group_add"),
    ("user.confirm", "user.resend", "user.reset", "user.password"),
    ("user.lost_phone", "user.enrol", "user.remove_totp", "user.mfa", "user.prefer_totp"),
    ("user.require_mfa", "user.lift_mfa", "user.link"),
    ("user.sign_out", "user.enable", "user.disable"),
    ("user.copy",),
    ("user.delete",),
)
# Ways out of what a diagnosis finds: pressed there, and found in the palette, but in no menu of this tab.
_BESIDE_THE_MENU = (
    "onboarding.confirm_email",
    "onboarding.disable",
    "onboarding.enable",
    "onboarding.approve",
    "onboarding.reopen",
    "onboarding.resume",
    *(each.id for each in ROW_COMMANDS),
)
# Changes of one group, session or device: buttons beside it, and no command of their own.
_PARTS = {
    "user.group_remove": Action.REMOVE_FROM_GROUP,
    "user.session_end": Action.REVOKE_SESSION,
    "user.device_forget": Action.FORGET_DEVICE,
    "user.unlink": Action.UNLINK_IDENTITY,
}


class UserCommands(QObject):
    """Belongs to the view: it opens dialogs over it. Knows the person who is shown."""

    created = Signal(str)  # user name

    def __init__(self, context: Context, actions: UserActions, owner: QWidget) -> None:
        super().__init__(owner)
        self._context = context
        self._actions = actions
        self._owner = owner
        self._person: Person | None = None
        self._forms: dict[Attempt, FormDialog] = {}
        self.several = SeveralChosen(context, actions, owner)
        names = ("user.new", *(name for group in GROUPS for name in group), *_BESIDE_THE_MENU)
        self._set = CommandSet([command(name) for name in names], owner)
        self._set.triggered.connect(self._on_triggered)
        actions.failed.connect(self._on_failed)
        context.offer_palette(self, self._palette_entries)
        self.set_person(None)

    @property
    def set(self) -> CommandSet:
        """The commands, to make buttons of."""
        return self._set

    def menu(self, parent: QWidget | None = None) -> QMenu:
        """A menu of what can be done to the person, and below it the pool's groups."""
        made = self._set.menu(GROUPS, parent)
        made.addSeparator()
        made.addAction(tr("Groups of the pool…"), self.open_groups)
        return made

    @Slot()
    def open_groups(self) -> None:
        """Show the pool's groups, to make, edit and delete them."""
        from ui.tabs.users.groups_window import GroupsWindow  # of no use to most sessions

        window = GroupsWindow(self._context, self._owner)
        window.changed.connect(self._on_groups_changed)
        window.open()

    @Slot()
    def _on_groups_changed(self) -> None:
        self._actions.touched.emit(self._person.user.username if self._person is not None else "")

    def _open_groups_from_elsewhere(self) -> None:
        self._context.navigate.emit("users", None)
        self.open_groups()

    def set_person(self, person: Person | None) -> None:
        """Another person is shown, or the same with more known."""
        self._person = person
        self._set.refresh(self._why_not_now, self._cost)

    def set_chosen(self, selection: Selection, people: int) -> None:
        """Others are chosen in the table: menus and keys then mean all of them, and say so."""
        self.several.set_chosen(selection, people)
        for name in self._set.ids():
            self._set.action(name).setText(self.several.words(command(name)))
        self._set.refresh(self._why_not_now, self._cost)

    def why_not(self, command_id: str) -> str | None:
        """Why the command, or a change of one part of the person, cannot be done now; None where it can."""
        if command_id in _PARTS:
            return self._actions.why_not(_PARTS[command_id], self._person)
        return self._why_not(command(command_id))

    def _palette_entries(self) -> list[PaletteEntry]:
        """Everything for the person who is shown, and a new one."""
        person = self._person
        names = [name for name in self._set.ids() if name == "user.new" or person is not None]
        title = person.title if person is not None else ""
        title = self.several.people or title
        groups = PaletteEntry(
            "groups.open",
            tr("Groups of the pool…"),
            tr("Users"),
            self._open_groups_from_elsewhere,
            "users",
            words="create edit delete group members precedence role",
        )
        return [*(self._palette_entry(command(name), title) for name in names), groups]

    def _palette_entry(self, each: UserCommand, title: str) -> PaletteEntry:
        text = self.several.words(each)
        if each.id.startswith("onboarding."):
            text = tr("{command} (in the database)", command=text.rstrip("…"))
        new = each.id == "user.new"
        return PaletteEntry(
            each.id,
            text,
            tr("Users"),
            partial(self.run_from_elsewhere, each.id),
            each.icon,
            "" if new else title,
            QKeySequence(each.shortcut).toString(QKeySequence.SequenceFormat.NativeText),
            self._why_not_now(each),
            each.words,
            weight=0 if new else 2,
            dangerous=each.dangerous,
            hint=self._cost(each),
        )

    def run_from_elsewhere(self, command_id: str) -> None:
        """Do it, on the tab where it can be seen."""
        self._context.navigate.emit("users", None)
        self._on_triggered(command_id)

    @Slot(str)
    def _on_triggered(self, command_id: str) -> None:
        """Chosen from a menu, the palette or by keys: for everybody who is chosen, where they are several."""
        if self.several.concerns(command(command_id)):
            self.several.run(command_id, self._person)
        else:
            self.run(command_id)

    @Slot(str)
    def run(self, command_id: str) -> None:
        """Do the command to the person, asking first where it is dangerous; say why where it cannot be done."""
        person = self._person
        reason = self.why_not(command_id)
        if reason is not None:
            show_error(self._owner, AppError(ErrorCode.USER_STATE, reason, subject=command_id))
        elif command_id == "user.new":
            self._create()
        elif person is not None:
            self._do_to(person, command_id)

    def _do_to(self, person: Person, command_id: str) -> None:
        match command_id:
            case "user.copy":
                QGuiApplication.clipboard().setText(person.address)
            case "user.password":
                self._set_password(person)
            case "user.edit":
                self._edit(person)
            case "user.enrol" | "user.lost_phone":
                self._enrol(person, lost=command_id == "user.lost_phone")
            case "user.mfa":
                self._mfa(person)
            case "user.link":
                self._link(person)
            case "user.confirm":
                self._confirm_sign_up(person)
            case "user.group_add":
                choice = GroupChoice(self._context, person.address, person, self._owner)
                choice.chosen.connect(submissions.Joining(self._actions, person, choice).on_chosen)
            case _:
                self._deed(DEEDS[command_id], person)

    def _enrol(self, person: Person, *, lost: bool) -> None:
        from ui.dialogs.enrolment.window import EnrolmentDialog  # of no use to most sessions

        EnrolmentDialog(self._actions.context, person.user, self._owner, lost=lost).open()

    def _deed(self, deed: Deed, person: Person) -> None:
        question = deed.question(person, has_database=self._actions.has_database)
        if question is None:
            self._actions.do(deed, person)
            return
        dialog = ConfirmDialog(
            question.title,
            "",
            question.button,
            consequences=question.points,
            dangerous=question.danger,
            typed=person.user.username if deed.typed else "",
            prompt=wording.type_username(person.user.username, person.address) if deed.typed else "",
            parent=self._owner,
        )
        pending = submissions.Pending(self._actions, deed, person, dialog)
        dialog.confirmed.connect(pending.on_confirmed)
        dialog.open()

    def _set_password(self, person: Person) -> None:
        policy = person.pool.password_policy if person.pool is not None else None
        cost = wording.billing("AdminSetUserPassword")
        locked = self._actions.why_not(Action.SET_PERMANENT_PASSWORD, person)
        if person.federated:
            locked = self._actions.barred(Action.SET_PERMANENT_PASSWORD, person)
        dialog = SetPasswordDialog(
            person.address,
            policy,
            cost,
            permanent_locked=locked,
            federated=person.federated,
            parent=self._owner,
        )
        self._open(dialog, submissions.SetPassword(self, person, dialog))

    def _edit(self, person: Person) -> None:
        dialog = EditAttributesDialog(
            person.user,
            person.pool,
            wording.billing("AdminUpdateUserAttributes"),
            role_locked=self._actions.why_not(Action.CHANGE_ROLE, person),
            parent=self._owner,
        )
        self._open(dialog, submissions.Edit(self, person, dialog))

    def _mfa(self, person: Person) -> None:
        dialog = MfaPreferenceDialog(
            person.user,
            person.pool,
            wording.billing("AdminSetUserMFAPreference"),
            required=self._actions.why_not(Action.DISABLE_MFA, person),
            parent=self._owner,
        )
        self._open(dialog, submissions.Mfa(self, person, dialog))

    def _confirm_sign_up(self, person: Person) -> None:
        dialog = ConfirmSignUpDialog(person.user, wording.billing("AdminConfirmSignUp"), parent=self._owner)
        self._open(dialog, submissions.ConfirmSignUp(self, person, dialog))

    def _link(self, person: Person) -> None:
        dialog = LinkIdentityDialog(person.address, wording.billing("AdminLinkProviderForUser"), parent=self._owner)
        federation = self._actions.desk.federation
        job = self._context.run(
            lambda work: federation.providers(),
            name=tr("Reading the identity providers"),
            key="user-providers",
            listed=False,
        )
        job.succeeded.connect(dialog.show_providers)
        self._open(dialog, submissions.Link(self, person, dialog))

    @Slot(object)
    def unlink(self, identity: Identity) -> None:
        """Part an account elsewhere from the person."""
        if self._person is not None:
            self._actions.start(orders.unlink(self._person, identity))

    @Slot(object)
    def leave_group(self, group: Group) -> None:
        """Take the person out of a group; it can be undone."""
        if self._person is not None:
            self._actions.start(orders.leave(self._person, group))

    @Slot(object)
    def end_session(self, session: UserSession) -> None:
        """End one session of the person."""
        if self._person is not None:
            self._actions.start(orders.end_session(self._person, session))

    @Slot(object)
    def forget_device(self, device: Device) -> None:
        """Forget a device of the person."""
        if self._person is not None:
            self._actions.start(orders.forget_device(self._person, device))

    def _create(self) -> None:
        dialog = CreateUserDialog(
            self._actions.pool,
            has_database=self._actions.has_database,
            cost=wording.billing("AdminCreateUser"),
            role_locked=self._actions.why_not(Action.CHANGE_ROLE, None),
            parent=self._owner,
        )
        self._open(dialog, submissions.Create(self, None, dialog))

    def _open(self, dialog: FormDialog, submission: submissions.Submission) -> None:
        dialog.submitted.connect(submission.on_submitted)
        dialog.open()

    def follow(self, attempt: Attempt, dialog: FormDialog) -> None:
        """Let the dialog show how the attempt ends."""
        self._forms[attempt] = dialog
        dialog.cancel_requested.connect(attempt.cancel)
        attempt.succeeded.connect(self._on_form_done)
        attempt.failed.connect(self._on_form_failed)
        attempt.finished.connect(self._on_form_finished)

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

    def _cost(self, each: UserCommand) -> str:
        return "" if self.several.concerns(each) else cost(each.id)

    def _why_not_now(self, each: UserCommand) -> str | None:
        """As menus and keys mean it: for everybody who is chosen."""
        return self.several.why_not(each) if self.several.people and each.id != "user.new" else self._why_not(each)

    def _why_not(self, each: UserCommand) -> str | None:
        if each.id in DEEDS:
            return self._actions.why_not_do(DEEDS[each.id], self._person)
        if each.id == "user.password" and self._person is not None and self._person.federated:
            return self._actions.barred(Action.SET_PASSWORD, self._person)  # allowed by an explicit choice
        if each.permission is not None:
            return self._actions.why_not(each.permission, self._person)
        return None if self._person is not None else tr("Choose a person first.")
