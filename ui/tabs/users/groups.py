"""The Groups page: what the person is a member of, with a button to leave each, and one to join another."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from app.directory.groups import Group
from app.memberships import gives_rights
from ui.tabs.users.lines import Line
from ui.tabs.users.lookups import Lookup, Lookups
from ui.tabs.users.page import FetchedPage
from ui.tabs.users.wording import Ask, billing
from ui.text import tr
from ui.view_state import Ready
from ui.widgets.badge import Badge, Tone
from ui.widgets.buttons import button, disable
from ui.widgets.labels import label

ADD = "user.group_add"
REMOVE = "user.group_remove"


class GroupsPage(FetchedPage):
    """Asks Cognito when it is opened (AdminListGroupsForUser: bills nobody)."""

    command_requested = Signal(str)
    removal_requested = Signal(object)  # Group
    needs = (Lookup.GROUPS,)

    def __init__(self, why_not: Ask, lookups: Lookups, parent: QWidget | None = None) -> None:
        super().__init__(lookups, parent)
        self._why_not = why_not
        self._groups: dict[str, Group] = {}
        self._section = self.section(Lookup.GROUPS, tr("Member of"), tr("Not a member of any group."))
        self._section.pressed.connect(self._on_remove)
        self._add = button(tr("Add to group…"), icon="plus")
        self._add.clicked.connect(self._on_add)
        self.add_button(self._add)
        self.column.addWidget(label(billing("AdminAddUserToGroup"), "small", wrap=True))

    def show_lookups(self) -> None:
        disable(self._add, self._why_not(ADD))
        state = self.lookups.state(Lookup.GROUPS)
        self._section.show_state(state)
        if isinstance(state, Ready):
            groups: tuple[Group, ...] = state.value  # type: ignore[assignment]
            self._groups = {group.name: group for group in groups}
            why = self._why_not(REMOVE)
            self._section.show_lines([_line(group, why) for group in groups])

    @Slot()
    def _on_add(self) -> None:
        self.command_requested.emit(ADD)

    @Slot(str)
    def _on_remove(self, name: str) -> None:
        self.removal_requested.emit(self._groups[name])


def _line(group: Group, why_not: str | None) -> Line:
    parts = [group.description]
    if group.precedence is not None:
        parts.append(tr("precedence {n}", n=group.precedence))
    badge = Badge(tr("gives rights"), Tone.WARN) if gives_rights(group) else None
    return Line(group.name, group.name, " · ".join(part for part in parts if part), badge, tr("Remove"), why_not)
