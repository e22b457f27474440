"""What menus, keys and the palette mean while several people are chosen: everybody of them, after a dry run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.directory.groups import Group
from app.directory.selection import Picked, Selection
from app.errors import AppError
from app.work import Work
from ui.actions import UserCommand
from ui.context import Context
from ui.dialogs.bulk.window import BulkDialog
from ui.tabs.users.actions import UserActions
from ui.tabs.users.bulk import DeedOrder
from ui.tabs.users.deed import Deed
from ui.tabs.users.deeds import DEEDS, joining
from ui.tabs.users.group_choice import GroupChoice
from ui.tabs.users.person import Person
from ui.text import count, number, tr
from ui.widgets.dialogs import show_error
from ui.widgets.table import AT_ONCE

_COPIED = 20_000  # addresses on the clipboard


class SeveralChosen(QObject):
    """Belongs to the commands of the view."""

    def __init__(self, context: Context, actions: UserActions, owner: QWidget) -> None:
        super().__init__(owner)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._actions = actions
        self._owner = owner
        self._selection: Selection = Picked()
        self._count = 0
        self._person: Person | None = None
        self._asked: tuple[Selection, int] = (self._selection, 0)  # those who were chosen when it was asked for

    @property
    def people(self) -> str:
        """'12 people' where several are chosen; empty otherwise."""
        return count(self._count, "person", "people") if self._count > 1 else ""

    def set_chosen(self, selection: Selection, people: int) -> None:
        """Others are chosen."""
        self._selection, self._count = selection, people

    def concerns(self, command: UserCommand) -> bool:
        """Whether the command means all of those who are chosen."""
        return self._count > 1 and command.multiple

    def words(self, command: UserCommand) -> str:
        """What the command is called now."""
        text = tr(command.text)
        if not self.concerns(command):
            return text
        return tr("{command} for {n} people…", command=text.rstrip("…"), n=number(self._count))

    def why_not(self, command: UserCommand) -> str | None:
        """Why it cannot be done for several at all; the dry run tells of each."""
        if not command.multiple:
            return tr("This is done for one person at a time. Choose one.")
        return None if command.permission is None else self._desk.why_not(command.permission)

    def run(self, command_id: str, person: Person | None) -> None:
        """Begin: with the dry run, or with what must be known before."""
        self._person = person
        self._asked = (self._selection, self._count)
        if command_id == "user.copy":
            self._copy()
        elif command_id == "user.group_add":
            choice = GroupChoice(self._context, self.people, None, self._owner)
            choice.chosen.connect(self._on_group)
        else:
            self._open(DEEDS[command_id])

    def _open(self, deed: Deed) -> None:
        client = self._person.client if self._person is not None else None
        order = DeedOrder(self._desk, deed, *self._asked, self._actions.pool, client)
        BulkDialog(self._context, order, self._owner).open()

    def _copy(self) -> None:
        index, exports, (selection, people) = self._desk.index, self._desk.exports, self._asked

        def read(work: Work) -> list[str]:
            if people > AT_ONCE:  # as for the rows of the table: so many are an export
                exports.copying(min(people, _COPIED))
            rows = index.chosen(selection).rows(0, _COPIED)
            return [row.email or row.phone or row.username for row in rows]

        job = self._context.run(read, name=tr("Copying addresses"), key="users-addresses", listed=False)
        job.succeeded.connect(self._on_addresses)
        job.failed.connect(self._on_not_copied)

    @Slot(object)
    def _on_addresses(self, addresses: list[str]) -> None:
        QGuiApplication.clipboard().setText("\n".join(addresses))
        self._context.toast(tr("{n} addresses are on the clipboard.", n=number(len(addresses))))

    @Slot(object)
    def _on_not_copied(self, error: AppError) -> None:
        show_error(self._owner, error)

    @Slot(object)
    def _on_group(self, group: Group) -> None:
        self._open(joining(group))
