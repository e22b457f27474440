"""Groups, and who is in them: every read, and every change through Changes.perform. Any thread; AppError only.

Some groups decide what their members may do. Who is in those is for admins alone; so is making and deleting groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from app.changes import Inverse, Outcome
from app.directory.groups import Group, checked, checked_name, kept, ordered
from app.errors import AppError, ErrorCode
from app.permissions import ROLE_GROUPS, Action, why_not
from app.upkeep import Upkeep

if TYPE_CHECKING:
    from app.directory.groups import Groups
    from app.directory.models import User, UserPage
    from app.work import Work


def gives_rights(group: Group) -> bool:
    """Whether members of the group may do more for it: an administrators' group, or one with an IAM role."""
    return group.name.casefold() in ROLE_GROUPS or group.role_arn is not None


class Memberships:
    """The groups of the pool and their members, for one operator."""

    def __init__(self, groups: Groups, upkeep: Upkeep) -> None:
        self._groups = groups
        self._upkeep = upkeep

    # Reading. Nobody is billed by it.

    def all(self, work: Work | None = None) -> tuple[Group, ...]:
        """Every group of the pool, by precedence and name."""
        return self._groups.all(work)

    def of(self, user: User) -> tuple[Group, ...]:
        """The groups that somebody is in, by precedence and name."""
        return self._groups.of(user.username)

    def members(self, name: str, work: Work) -> Iterator[UserPage]:
        """The members of a group, page by page."""
        return self._groups.members(name, work)

    def why_not(self, group: Group | None = None) -> str | None:
        """Why the operator may not change who is in `group` (None: any group); None where it is allowed."""
        operator = self._upkeep.operator
        reason = why_not(operator, Action.ADD_TO_GROUP)
        if reason is None and group is not None and gives_rights(group):
            return why_not(operator, Action.CHANGE_POWERFUL_GROUP)
        return reason

    # Changing.

    def add(self, user: User, group: Group) -> Outcome[tuple[Group, ...]]:
        """Put somebody into a group (AdminAddUserToGroup); the groups that they are in now.

        Applications see it in the next token that the person gets. It can be undone where it changed something.
        """
        return self._change(Action.ADD_TO_GROUP, user, group)

    def remove(self, user: User, group: Group) -> Outcome[tuple[Group, ...]]:
        """Take somebody out of a group (AdminRemoveUserFromGroup); the groups that they are in now. As `add`."""
        return self._change(Action.REMOVE_FROM_GROUP, user, group)

    def create(self, group: Group) -> Outcome[Group]:
        """Make a group (CreateGroup). AppError INVALID_INPUT with `fields`, GROUP_EXISTS."""
        checked(group)
        return self._upkeep.changes.perform(
            Action.CREATE_GROUP,
            group.name,
            lambda: self._groups.create(
                group.name, description=group.description, precedence=group.precedence, role_arn=group.role_arn
            ),
            details=_details(group),
        )

    def update(self, group: Group) -> Outcome[Group]:
        """Give the group of this name another description, precedence or role (UpdateGroup).

        The outcome's note says what Cognito kept although it was to be taken away.
        """
        checked(group)
        outcome = self._upkeep.changes.perform(
            Action.UPDATE_GROUP, group.name, lambda: self._groups.update(group), details=_details(group)
        )
        return replace(outcome, note=f"{kept(group, outcome.value)} {outcome.note}".strip())

    def delete(self, name: str) -> Outcome[None]:
        """Delete a group (DeleteGroup). Its members remain users; who they were is lost with it."""
        checked_name(name)
        outcome = self._upkeep.changes.perform(Action.DELETE_GROUP, name, lambda: self._groups.delete(name))
        if self._upkeep.index.groups_known:
            self._upkeep.index.drop_group(name)
        return outcome

    def _change(self, action: Action, user: User, group: Group) -> Outcome[tuple[Group, ...]]:
        self._upkeep.permit(action, user)
        # What the caller holds may be old: whether the group gives rights is asked of Cognito, where that can be asked.
        known = self._present(group)
        if gives_rights(known):
            self._upkeep.permit(Action.CHANGE_POWERFUL_GROUP, user)
        before = self._before(user)
        adding = action is Action.ADD_TO_GROUP
        call = self._groups.add if adding else self._groups.remove
        outcome = self._upkeep.perform(action, user, lambda: call(user.username, group.name), {"group": group.name})
        changed = before is not None and any(each.name == group.name for each in before) is not adding
        undo = self._inverse(action, user, known) if changed else None
        after = self._after(user, known, before or (), adding=adding)
        if self._upkeep.index.groups_known:
            self._upkeep.index.put_groups(user.username, [each.name for each in after])
        return Outcome(after, outcome.entry_id, outcome.mirror, outcome.note, undo)

    def _present(self, group: Group) -> Group:
        try:
            return self._groups.get(group.name)
        except AppError as error:
            if error.code in (ErrorCode.ACCESS_DENIED, ErrorCode.NOT_SUPPORTED):
                return group
            raise

    def _before(self, user: User) -> tuple[Group, ...] | None:
        try:
            return self._groups.of(user.username)
        except AppError as error:
            if error.code is ErrorCode.USER_NOT_FOUND:
                raise
            return None  # then it is not known whether anything changed, and no way back is offered

    def _after(self, user: User, group: Group, before: tuple[Group, ...], *, adding: bool) -> tuple[Group, ...]:
        # The change succeeded: its effect is laid over what can be read, which may be late.
        try:
            found = self._groups.of(user.username)
        except AppError:
            found = before
        others = tuple(each for each in found if each.name != group.name)
        return ordered((*others, group)) if adding else others

    def _inverse(self, action: Action, user: User, group: Group) -> Inverse | None:
        if action is Action.ADD_TO_GROUP:
            words, back = f"Remove from {group.name} again", Action.REMOVE_FROM_GROUP
            return self._upkeep.inverse(back, words, lambda: self.remove(user, group))
        words, back = f"Add to {group.name} again", Action.ADD_TO_GROUP
        return self._upkeep.inverse(back, words, lambda: self.add(user, group))


def _details(group: Group) -> dict[str, str]:
    values = {"description": group.description, "precedence": group.precedence, "role": group.role_arn}
    return {name: str(value) for name, value in values.items() if value not in (None, "")}
