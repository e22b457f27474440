"""Adding somebody to a group: the dialog opens at once, the pool's groups follow."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.directory.groups import Group
from app.errors import AppError
from app.work import Work
from ui.context import Context
from ui.dialogs.choose_group import ChooseGroupDialog
from ui.tabs.users.person import Person
from ui.tabs.users.wording import billing
from ui.text import tr

_OPERATION = "AdminAddUserToGroup"
_NOTE = (
    "An application sees it in the next token that the person gets: at the next sign-in, or when it refreshes. "
    "It can be undone."
)


class GroupChoice(QObject):
    """One choice, as long as its dialog is open. `person`: what they are in already is not offered."""

    chosen = Signal(object)  # Group

    def __init__(self, context: Context, who: str, person: Person | None, owner: QWidget) -> None:
        self._dialog = ChooseGroupDialog(who, f"{tr(_NOTE)} {billing(_OPERATION)}".strip(), owner)
        super().__init__(self._dialog)
        assert context.desk is not None
        memberships = context.desk.memberships

        def read(work: Work) -> tuple[tuple[Group, ...], tuple[str, ...]]:
            everything = memberships.all(work)
            return everything, () if person is None else tuple(group.name for group in memberships.of(person.user))

        job = context.run(read, name=tr("Reading the groups"), key="user-groups-all", listed=False)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failed)
        self._dialog.chosen.connect(self.chosen)
        self._dialog.open()

    @Slot(object)
    def _on_read(self, found: tuple[tuple[Group, ...], tuple[str, ...]]) -> None:
        self._dialog.show_groups(*found)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._dialog.show_error(error)
