"""Groups of a pool and their members, as strict as Cognito: limits, page tokens, and its words where one is missing."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from moto.cognitoidp.models import CognitoIdpGroup

from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool

GROUPS_OF_ONE_USER = 100
_ROLE = re.compile(r"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:\d+:[\w+=/,.@-]+(:[\w+=/,.@-]+){0,2}")


class Groups:
    """The operations on groups."""

    def __init__(self, backend: DemoBackend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock

    def operations(self) -> dict[str, Operation]:
        """By their AWS names; ListUsersInGroup is with the other lists of users."""
        return {
            "CreateGroup": self.create,
            "GetGroup": self.get,
            "ListGroups": self.list,
            "UpdateGroup": self.update,
            "DeleteGroup": self.delete,
            "AdminAddUserToGroup": self.add,
            "AdminRemoveUserFromGroup": self.remove,
            "AdminListGroupsForUser": self.of_user,
        }

    def create(self, call: Call) -> Answer:
        """CreateGroup."""
        pool = self._backend.pool(call.text("UserPoolId"))
        name = _name(call)
        description, role, precedence = _properties(call)
        if name in pool.groups:
            raise Refusal("GroupExistsException", "A group with the name already exists.")
        group = CognitoIdpGroup(pool.id, name, description or "", role or "", precedence)  # type: ignore[arg-type]
        group.creation_date = group.last_modified_date = self._clock()
        pool.groups[name] = group
        return {"Group": _shown(group)}

    def get(self, call: Call) -> Answer:
        """GetGroup."""
        return {"Group": _shown(self._group(call)[1])}

    def list(self, call: Call) -> Answer:
        """ListGroups."""
        pool = self._backend.pool(call.text("UserPoolId"))
        return _page(pool.groups.values(), call)

    def update(self, call: Call) -> Answer:
        """UpdateGroup: what is omitted stays, and cannot be emptied except for the description."""
        group = self._group(call)[1]
        group.update(*_properties(call))
        group.last_modified_date = self._clock()
        return {"Group": _shown(group)}

    def delete(self, call: Call) -> Answer:
        """DeleteGroup."""
        pool, group = self._group(call)
        members: set[Any] = group.users
        for account in members:
            account.groups.discard(group)
        del pool.groups[group.group_name]
        return None

    def add(self, call: Call) -> Answer:
        """AdminAddUserToGroup: again is no error."""
        group, account = self._member(call)
        if group not in account.groups and len(account.groups) >= GROUPS_OF_ONE_USER:
            raise Refusal("LimitExceededException", "Maximum number of groups per user exceeded.")
        members: set[Any] = group.users
        members.add(account)
        account.groups.add(group)
        return None

    def remove(self, call: Call) -> Answer:
        """AdminRemoveUserFromGroup: again is no error."""
        group, account = self._member(call)
        members: set[Any] = group.users
        members.discard(account)
        account.groups.discard(group)
        return None

    def of_user(self, call: Call) -> Answer:
        """AdminListGroupsForUser."""
        account = self._backend.user(call.text("UserPoolId"), call.text("Username"))[1]
        return _page(account.groups, call)

    def _group(self, call: Call) -> tuple[DemoPool, CognitoIdpGroup]:
        pool = self._backend.pool(call.text("UserPoolId"))
        group = pool.groups.get(_name(call))
        if group is None:
            raise Refusal("ResourceNotFoundException", "Group not found.")
        return pool, group

    def _member(self, call: Call) -> tuple[CognitoIdpGroup, Account]:
        account = self._backend.user(call.text("UserPoolId"), call.text("Username"))[1]
        return self._group(call)[1], account


def _name(call: Call) -> str:
    name = call.text("GroupName")
    if len(name) > 128 or any(unicodedata.category(sign)[0] in "ZC" for sign in name):
        raise bad_parameter(
            "1 validation error detected: Value at 'groupName' failed to satisfy constraint: Member must satisfy "
            r"regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+"
        )
    return name


def _properties(call: Call) -> tuple[str | None, str | None, int | None]:
    description, role, precedence = call.option("Description"), call.option("RoleArn"), call.params.get("Precedence")
    if description is not None and len(description) > 2048:
        raise bad_parameter("1 validation error detected: Value at 'description' must have length at most 2048")
    if role is not None and not (20 <= len(role) <= 2048 and _ROLE.fullmatch(role)):
        raise bad_parameter("1 validation error detected: Value at 'roleArn' failed to satisfy constraint")
    if precedence is not None and (not isinstance(precedence, int) or not 0 <= precedence < 2**31):
        raise bad_parameter("1 validation error detected: Value at 'precedence' failed to satisfy constraint")
    return description, role, precedence


def _shown(group: CognitoIdpGroup) -> dict[str, object]:
    return {name: value for name, value in group.to_json().items() if value not in (None, "")}


def _page(groups: Iterable[CognitoIdpGroup], call: Call) -> Answer:
    limit, token = call.limit(), call.option("NextToken")
    after = ""
    if token:
        try:
            after = base64.urlsafe_b64decode(token).decode()
        except ValueError as error:
            raise bad_parameter("Invalid pagination token.") from error
    found = sorted((group for group in groups if group.group_name > after), key=lambda group: str(group.group_name))
    answer: dict[str, object] = {"Groups": [_shown(group) for group in found[:limit]]}
    if len(found) > limit:
        answer["NextToken"] = base64.urlsafe_b64encode(found[limit - 1].group_name.encode()).decode()
    return answer
