"""The groups of one pool, and who is in them. Blocking; safe on any thread; raises AppError only.

A change is sent once. Where its answer is lost, the group or the membership is read again and the truth is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from app.aws.sending import sent_once
from app.aws.translate import translated
from app.directory.models import UserPage
from app.directory.records import moment, read_user
from app.errors import AppError, ErrorCode, invalid
from app.work import Work

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import CreateGroupRequestTypeDef

PAGE_LIMIT: Final = 60  # groups or members in one answer
NAME_LIMIT: Final = 128  # characters
DESCRIPTION_LIMIT: Final = 2048  # characters
HIGHEST_PRECEDENCE: Final = 2**31 - 1

_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+")


@dataclass(frozen=True, slots=True)
class Group:
    """One group. The lowest `precedence` wins where a person has several; None comes last. Times are UTC."""

    name: str
    description: str = ""
    precedence: int | None = None
    role_arn: str | None = None
    created: datetime | None = None
    modified: datetime | None = None


class Groups:
    """The groups of the pool `pool_id`, through a client of app.aws.clients."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str) -> None:
        self._client = client
        self._pool = pool_id

    def all(self, work: Work | None = None) -> tuple[Group, ...]:
        """Every group of the pool, by precedence and name (ListGroups, 60 a page)."""
        return self._every(
            "ListGroups", self._pool, lambda more: self._client.list_groups(UserPoolId=self._pool, **more), work
        )

    def get(self, name: str) -> Group:
        """One group as it is now (GetGroup). AppError(GROUP_NOT_FOUND) where there is none."""
        with translated("GetGroup", name):
            answer = self._client.get_group(UserPoolId=self._pool, GroupName=checked_name(name))
        return _read(answer["Group"])

    def create(
        self, name: str, *, description: str = "", precedence: int | None = None, role_arn: str | None = None
    ) -> Group:
        """Make a group (CreateGroup). AppError GROUP_EXISTS, LIMIT_EXCEEDED, INVALID_INPUT with `fields`.

        Fields are `name`, `description`, `precedence` and `role_arn`.
        """
        wanted = checked(Group(name, description, precedence, role_arn))
        request: CreateGroupRequestTypeDef = {"UserPoolId": self._pool, "GroupName": name}
        _put(request, wanted)
        answer = sent_once(
            "CreateGroup",
            name,
            lambda: self._client.create_group(**request),
            lambda: _same(self._known(name), wanted),
        )
        return _read(answer["Group"]) if answer is not None else self.get(name)

    def update(self, group: Group) -> Group:
        """Give the group of that name this description, precedence and role (UpdateGroup); what it has afterwards.

        Where `group` leaves out a precedence or role that it has, Cognito may keep it: `kept` tells.
        """
        wanted = checked(group)
        request: CreateGroupRequestTypeDef = {"UserPoolId": self._pool, "GroupName": group.name}
        _put(request, wanted)
        request.setdefault("Description", "")
        answer = sent_once(
            "UpdateGroup",
            group.name,
            lambda: self._client.update_group(**request),
            lambda: _same(self._known(group.name), wanted),
        )
        return _read(answer["Group"]) if answer is not None else self.get(group.name)

    def delete(self, name: str) -> None:
        """Delete a group for good (DeleteGroup); its members stay users, without it. AppError(GROUP_NOT_FOUND)."""
        checked_name(name)
        sent_once(
            "DeleteGroup",
            name,
            lambda: self._client.delete_group(UserPoolId=self._pool, GroupName=name),
            lambda: self._known(name) is None,
        )

    def of(self, username: str) -> tuple[Group, ...]:
        """The groups that a user is in, by precedence and name (AdminListGroupsForUser). Not billed."""
        if not username:
            raise invalid("username", "The username is missing.")
        return self._every(
            "AdminListGroupsForUser",
            username,
            lambda more: self._client.admin_list_groups_for_user(UserPoolId=self._pool, Username=username, **more),
            None,
        )

    def add(self, username: str, name: str) -> None:
        """Put a user into a group (AdminAddUserToGroup); again is no error.

        AppError(USER_NOT_FOUND), GROUP_NOT_FOUND. Tokens that the person holds already do not show it.
        """
        self._membership("AdminAddUserToGroup", username, name, member=True)

    def remove(self, username: str, name: str) -> None:
        """Take a user out of a group (AdminRemoveUserFromGroup); again is no error. AppError as `add`."""
        self._membership("AdminRemoveUserFromGroup", username, name, member=False)

    def members_page(self, name: str, token: str | None = None, limit: int = PAGE_LIMIT) -> UserPage:
        """One page of the members (ListUsersInGroup: shares the quota of ListUsers, takes no filter, is not billed).

        `limit` is 1 to 60. A page may be short or empty and still have a token.
        """
        if not 1 <= limit <= PAGE_LIMIT:
            raise invalid("limit", f"A page of members holds 1 to {PAGE_LIMIT}, not {limit}.")
        more = {"NextToken": token} if token else {}
        with translated("ListUsersInGroup", name):
            answer = self._client.list_users_in_group(
                UserPoolId=self._pool, GroupName=checked_name(name), Limit=limit, **more
            )
        return UserPage(tuple(read_user(user) for user in answer.get("Users", ())), answer.get("NextToken") or None)

    def members(self, name: str, work: Work) -> Iterator[UserPage]:
        """Every page of the members, as it arrives, to the last one. Cancelled through `work`."""
        token: str | None = None
        while True:
            work.check()
            page = self.members_page(name, token)
            yield page
            if page.token is None or page.token == token:
                return
            token = page.token

    def _membership(self, operation: str, username: str, name: str, *, member: bool) -> None:
        if not username:
            raise invalid("username", "The username is missing.")
        checked_name(name)
        client = self._client
        call = client.admin_add_user_to_group if member else client.admin_remove_user_from_group
        sent_once(
            operation,
            username,
            lambda: call(UserPoolId=self._pool, Username=username, GroupName=name),
            lambda: any(group.name == name for group in self.of(username)) is member,
        )

    def _known(self, name: str) -> Group | None:
        try:
            return self.get(name)
        except AppError as error:
            if error.code is ErrorCode.GROUP_NOT_FOUND:
                return None
            raise

    def _every(
        self, operation: str, subject: str, ask: Callable[[dict[str, Any]], Any], work: Work | None
    ) -> tuple[Group, ...]:
        found: dict[str, Group] = {}
        more: dict[str, Any] = {"Limit": PAGE_LIMIT}
        while True:
            if work is not None:
                work.check()
            with translated(operation, subject):
                answer = ask(more)
            for record in answer.get("Groups", ()):
                group = _read(record)
                found[group.name] = group
            token = answer.get("NextToken")
            if not token or token == more.get("NextToken"):  # pages that go round in a circle end too
                return ordered(found.values())
            more["NextToken"] = token


def kept(wanted: Group, now: Group) -> str:
    """What could not be taken away from a group, in a sentence; empty where all is as wanted. Pure."""
    pairs = (("precedence", wanted.precedence, now.precedence), ("IAM role", wanted.role_arn, now.role_arn))
    words = " and the ".join(name for name, asked, has in pairs if asked is None and has is not None)
    if not words:
        return ""
    return (
        f"Cognito kept the {words}: it cannot be taken away. Give another value, or delete the group and make it anew."
    )


def checked(group: Group) -> Group:
    """The group, if Cognito would take it as it is. AppError(INVALID_INPUT) with every field that is wrong."""
    fields: dict[str, str] = {}
    for field, message in (
        ("name", _name_fault(group.name)),
        ("description", _description_fault(group.description)),
        ("precedence", _precedence_fault(group.precedence)),
        ("role_arn", _role_fault(group.role_arn)),
    ):
        if message is not None:
            fields[field] = message
    if fields:
        first = next(iter(fields))
        raise AppError(ErrorCode.INVALID_INPUT, " ".join(fields.values()), subject=first, fields=fields)
    return group


def precedence_of(text: str) -> int | None:
    """The precedence that somebody typed; None for nothing. AppError(INVALID_INPUT) naming the field `precedence`."""
    typed = text.strip()
    if not typed:
        return None
    whole = typed.isascii() and typed.isdigit() and len(typed) <= len(str(HIGHEST_PRECEDENCE))
    number = int(typed) if whole else -1
    message = _precedence_fault(number)
    if message is not None:
        raise AppError(ErrorCode.INVALID_INPUT, message, subject="precedence", fields={"precedence": message})
    return number


def checked_name(name: str) -> str:
    """The name, if a group can have it. AppError(INVALID_INPUT) naming the field `name`."""
    message = _name_fault(name)
    if message is not None:
        raise invalid("name", message)
    return name


def _name_fault(name: str) -> str | None:
    if not name:
        return "The name of the group is missing."
    if len(name) > NAME_LIMIT:
        return f"The name of a group has at most {NAME_LIMIT} characters, not {len(name)}."
    if any(sign.isspace() or not sign.isprintable() for sign in name):
        return "The name of a group has no spaces: use a hyphen or an underscore."
    return None


def _description_fault(description: str) -> str | None:
    if len(description) > DESCRIPTION_LIMIT:
        return f"The description has at most {DESCRIPTION_LIMIT:,} characters, not {len(description):,}."
    return None


def _precedence_fault(precedence: int | None) -> str | None:
    if precedence is not None and not 0 <= precedence <= HIGHEST_PRECEDENCE:
        return f"The precedence is a whole number from 0 (wins over all others) to {HIGHEST_PRECEDENCE:,}."
    return None


def _role_fault(role_arn: str | None) -> str | None:
    if role_arn is not None and not _ROLE.fullmatch(role_arn):
        return "The role is the ARN of an IAM role. It looks like arn:aws:iam::123456789012:role/name."
    return None


def _put(request: CreateGroupRequestTypeDef, group: Group) -> None:
    if group.description:
        request["Description"] = group.description
    if group.precedence is not None:
        request["Precedence"] = group.precedence
    if group.role_arn is not None:
        request["RoleArn"] = group.role_arn


def _same(found: Group | None, wanted: Group) -> bool:
    return (
        found is not None
        and found.description == wanted.description
        and wanted.precedence in (None, found.precedence)
        and wanted.role_arn in (None, found.role_arn)
    )


def ordered(groups: Iterable[Group]) -> tuple[Group, ...]:
    """By precedence, as Cognito ranks them, then by name."""
    return tuple(sorted(groups, key=_order))


def _order(group: Group) -> tuple[int, str, str]:
    last = HIGHEST_PRECEDENCE + 1
    return (group.precedence if group.precedence is not None else last, group.name.casefold(), group.name)


def _read(record: Any) -> Group:
    return Group(
        name=record["GroupName"],
        description=record.get("Description") or "",
        precedence=record.get("Precedence"),
        role_arn=record.get("RoleArn") or None,
        created=moment(record.get("CreationDate")),
        modified=moment(record.get("LastModifiedDate")),
    )
