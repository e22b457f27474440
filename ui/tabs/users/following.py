"""Forms whose change is under way: each shows how its own ends, and closes only when it is done."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import AppError
from app.permissions import Action
from ui.tabs.users.actions import Attempt, UserActions
from ui.tabs.users.orders import Order
from ui.widgets.dialogs import FormDialog


class Following(QObject):
    """Starts what a form asks for, and lets the form follow it."""

    created = Signal(str)  # user name

    def __init__(self, actions: UserActions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._forms: dict[Attempt, FormDialog] = {}

    def start(self, order: Order, dialog: FormDialog) -> None:
        """Make the change; the dialog shows how it ends."""
        attempt = self._actions.start(order)
        self._forms[attempt] = dialog
        dialog.cancel_requested.connect(attempt.cancel)
        attempt.succeeded.connect(self._on_succeeded)
        attempt.failed.connect(self._on_failed)
        attempt.finished.connect(self._on_finished)

    def shows(self, attempt: Attempt) -> bool:
        """Whether a form tells how the attempt ends, so that nobody else needs to."""
        return attempt in self._forms

    @Slot(object, object)
    def _on_succeeded(self, attempt: Attempt, outcome: object) -> None:
        self._forms[attempt].succeed()
        if attempt.action is Action.CREATE_USER:
            self.created.emit(getattr(getattr(outcome, "value", None), "username", ""))

    @Slot(object, object)
    def _on_failed(self, attempt: Attempt, error: AppError) -> None:
        self._forms[attempt].fail(error)

    @Slot(object)
    def _on_finished(self, attempt: Attempt) -> None:
        dialog = self._forms.pop(attempt)
        if dialog.busy:
            dialog.cancelled()
