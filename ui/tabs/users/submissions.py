"""What the answers of questions and forms stand for. Each is a child of its dialog, and goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from ui.dialogs.create_user import attributes
from ui.dialogs.edit_attributes import EditAttributesDialog
from ui.dialogs.mfa_preference import MfaPreferenceDialog
from ui.tabs.users import orders
from ui.tabs.users.actions import UserActions
from ui.tabs.users.deed import Deed
from ui.tabs.users.following import Following
from ui.tabs.users.orders import NewUser, Order
from ui.tabs.users.person import Person
from ui.widgets.dialogs import ConfirmDialog, FormDialog

if TYPE_CHECKING:
    from app.directory.groups import Group


class Pending(QObject):
    """What a confirmation stands for; a child of its dialog."""

    def __init__(self, actions: UserActions, deed: Deed, person: Person, dialog: ConfirmDialog) -> None:
        super().__init__(dialog)
        self._actions = actions
        self._deed = deed
        self._person = person

    @Slot()
    def on_confirmed(self) -> None:
        self._actions.do(self._deed, self._person)


class Joining(QObject):
    """What the choice of a group stands for; a child of the choice. Whoever is shown by then is not meant."""

    def __init__(self, actions: UserActions, person: Person, choice: QObject) -> None:
        super().__init__(choice)
        self._actions = actions
        self._person = person

    @Slot(object)
    def on_chosen(self, group: Group) -> None:
        self._actions.start(orders.join(self._person, group))


class Submission(QObject):
    """What a form's submission stands for; a child of its dialog."""

    def __init__(self, following: Following, person: Person | None, dialog: FormDialog) -> None:
        super().__init__(dialog)
        self.following = following
        self.person = person
        self.dialog = dialog

    @Slot(object)
    def on_submitted(self, values: Mapping[str, str]) -> None:
        self.following.start(self.order(values), self.dialog)

    def order(self, values: Mapping[str, str]) -> Order:
        """The change that the form asks for."""
        raise AssertionError(f"{type(self).__name__} orders nothing")


class SetPassword(Submission):
    """A password."""

    def order(self, values: Mapping[str, str]) -> Order:
        assert self.person is not None
        permanent = values["kind"] == "permanent"
        return orders.set_password(self.person, values["password"], permanent=permanent)


class Edit(Submission):
    """Attributes."""

    def order(self, values: Mapping[str, str]) -> Order:
        assert self.person is not None
        assert isinstance(self.dialog, EditAttributesDialog)
        return orders.update_attributes(self.person, self.dialog.changes)


class Mfa(Submission):
    """Second factors."""

    def order(self, values: Mapping[str, str]) -> Order:
        assert self.person is not None
        assert isinstance(self.dialog, MfaPreferenceDialog)
        return orders.set_mfa_preference(self.person, self.dialog.preference)


class ConfirmSignUp(Submission):
    """A sign-up."""

    def order(self, values: Mapping[str, str]) -> Order:
        assert self.person is not None
        return orders.confirm(self.person, verify_email=values["verify"] == "true")


class Create(Submission):
    """A new person."""

    def order(self, values: Mapping[str, str]) -> Order:
        username = values.get("username", "").strip() or values["email"].strip()
        new = NewUser(username, attributes(values), values["password"] or None, values["invite"] == "true")
        return orders.create(new)


class Link(Submission):
    """An account elsewhere."""

    def order(self, values: Mapping[str, str]) -> Order:
        assert self.person is not None
        return orders.link(self.person, values["provider"], values["value"])
