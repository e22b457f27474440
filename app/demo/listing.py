"""ListUsers and ListUsersInGroup: filters as Cognito reads them, and page tokens that cost no walk from the start."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool

FILTER = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')
LONGEST_FILTER = 256
TOKEN_LIFETIME = timedelta(hours=1)
SEARCHABLE = (
    "username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username",
    "cognito:user_status", "status", "sub",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """One parsed filter: exact, or a prefix."""

    name: str
    exact: bool
    value: str

    def test(self) -> Callable[[Account], bool]:
        """Whether an account matches."""
        read = _reader(self.name)
        if self.exact:
            return lambda account: read(account) == self.value
        return lambda account: (read(account) or "").startswith(self.value) and read(account) is not None


def parse_filter(text: str | None) -> Filter | None:
    """The filter of a request; None where it matches everybody. Refusal (InvalidParameterException) if malformed."""
    if not text:
        return None
    if len(text) > LONGEST_FILTER:
        raise bad_parameter("1 validation error detected: 'filter' must have length less than or equal to 256")
    match = FILTER.fullmatch(text)
    if match is None:
        raise bad_parameter("Error while parsing filter")
    name, operator, value = match.groups()
    if name not in SEARCHABLE:
        raise bad_parameter(f"Invalid search attribute: {name}")
    return Filter(name, operator == "=", re.sub(r"\\(.)", r"\1", value))


class Listing:
    """The two operations that list users."""

    def __init__(self, backend: DemoBackend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock

    def operations(self) -> dict[str, Operation]:
        """By their AWS names."""
        return {"ListUsers": self.list_users, "ListUsersInGroup": self.list_users_in_group}

    def list_users(self, call: Call) -> Answer:
        """ListUsers."""
        pool = self._backend.pool(call.text("UserPoolId"))
        limit = call.limit()
        asked = parse_filter(call.option("Filter"))
        wanted = call.params.get("AttributesToGet")
        scope = f"users {pool.id} {asked} {wanted}"
        serial = self._serial(call.option("PaginationToken"), scope)
        users, more = _page(self._candidates(pool, asked, serial), asked, limit)
        answer: dict[str, object] = {"Users": [_shown(user, wanted) for user in users]}
        if more:
            answer["PaginationToken"] = self._token(users[-1].serial, scope)
        return answer

    def list_users_in_group(self, call: Call) -> Answer:
        """ListUsersInGroup."""
        pool = self._backend.pool(call.text("UserPoolId"))
        group = pool.groups.get(call.text("GroupName"))
        if group is None:
            raise Refusal("ResourceNotFoundException", "Group not found.")
        scope = f"group {pool.id} {group.group_name}"
        serial = self._serial(call.option("NextToken"), scope)
        everybody: set[Any] = group.users  # moto's groups hold our accounts
        members = sorted((u for u in everybody if u.serial > serial), key=lambda u: int(u.serial))
        users, more = _page(members, None, call.limit())
        answer: dict[str, object] = {"Users": [user.to_json() for user in users]}
        if more:
            answer["NextToken"] = self._token(users[-1].serial, scope)
        return answer

    def _candidates(self, pool: DemoPool, asked: Filter | None, serial: int) -> Iterable[Account]:
        if asked and asked.exact and asked.name == "username":
            found = pool.users.get(asked.value)
            return [found] if found and found.serial > serial else []
        if asked and asked.exact and asked.name in ("sub", *pool.sign_in_attributes):
            return [account for account in pool.named(asked.value) if account.serial > serial]
        return pool.after(serial)

    def _token(self, serial: int, scope: str) -> str:
        row = [serial, int(self._clock().timestamp()), _digest(scope)]
        return base64.urlsafe_b64encode(json.dumps(row).encode()).decode()

    def _serial(self, token: str | None, scope: str) -> int:
        if not token:
            return 0
        try:
            serial, at, digest = json.loads(base64.urlsafe_b64decode(token))
        except (ValueError, TypeError) as error:
            raise bad_parameter("Invalid pagination token.") from error
        if digest != _digest(scope):
            raise bad_parameter("Invalid pagination token: the parameters differ from those that it was made for.")
        if self._clock().timestamp() - at > TOKEN_LIFETIME.total_seconds():
            raise bad_parameter("Pagination token has expired.")
        return int(serial)


def _page(candidates: Iterable[Account], asked: Filter | None, limit: int) -> tuple[list[Account], bool]:
    test = asked.test() if asked else None
    users: list[Account] = []
    for account in candidates:
        if test is None or test(account):
            if len(users) == limit:
                return users, True
            users.append(account)
    return users, False


def _reader(name: str) -> Callable[[Account], str | None]:
    if name == "username":
        return lambda account: account.username
    if name == "cognito:user_status":
        return lambda account: account.status
    if name == "status":
        return lambda account: "Enabled" if account.enabled else "Disabled"
    return lambda account: account.attributes.get(name)


def _shown(account: Account, wanted: list[str] | None) -> dict[str, object]:
    shown = account.to_json()
    if wanted:
        shown["Attributes"] = [row for row in shown["Attributes"] if row["Name"] in wanted]
    return shown


def _digest(scope: str) -> str:
    return hashlib.sha256(scope.encode()).hexdigest()[:16]
