"""One change of one person, and what follows it: read again, the index, the database's fact, the way back.

What every part of the Desk that changes people is made of. Runs on any thread; raises AppError only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from app.changes import Changes, Inverse, Outcome
from app.directory.filters import equals
from app.directory.models import User
from app.errors import AppError, ErrorCode
from app.journal import MirrorRequest
from app.onboarding.models import DatabaseUser
from app.permissions import ROLE_GROUPS, Action, Operator, Role, why_not
from app.prechecks import ADMINISTRATOR, guarded, obstacle, row_obstacle

if TYPE_CHECKING:
    import polars as pl

    from app.directory.facts import Facts
    from app.directory.groups import Groups
    from app.directory.index import DatabaseFact, UserIndex
    from app.directory.users import Users
    from app.onboarding.users import OnboardingReader, OnboardingUsers
    from app.pool.models import PoolSnapshot
    from app.work import Work

T = TypeVar("T")
LANDED = ("done", "skipped")  # the database was asked, so that its fact may be another
_CANNOT_TELL = frozenset({ErrorCode.ACCESS_DENIED, ErrorCode.NOT_SUPPORTED, ErrorCode.USER_NOT_FOUND})
_SIGN_IN_NAMES = ("email", "phone_number", "preferred_username")


class Upkeep:
    """Both sides of one person at a time. `onboarding` is None for a pool without a database.

    With `groups`, support is kept from the accounts of the administrators' groups too.
    """

    def __init__(
        self,
        users: Users,
        changes: Changes,
        index: UserIndex,
        onboarding: OnboardingUsers | None,
        groups: Groups | None = None,
    ) -> None:
        self.users = users
        self.changes = changes
        self.index = index
        self.onboarding = onboarding
        self._groups = groups

    @property
    def operator(self) -> Operator:
        """Who is at the Desk."""
        return self.changes.operator

    def database(self) -> OnboardingUsers:
        """The people of the database. AppError(DATABASE_MISSING) where none is configured."""
        if self.onboarding is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        return self.onboarding

    def row(self, user: User) -> DatabaseUser | None:
        """The person's row in the application database; None where there is none."""
        return self.database().find(user.email, user.sub)

    def read_again(self, user: User) -> User | None:
        """The person as the list shows them now (ListUsers, free of billing); None if they are gone from the pool."""
        page = self.users.list_page(limit=1, filter=_find(user))
        if not page.users:
            self.index.remove(user.username)
            return None
        self.index.put(page.users[0])
        return page.users[0]

    def change(
        self,
        action: Action,
        user: User,
        call: Callable[[], object],
        expected: Callable[[User], User] = lambda now: now,
        details: Mapping[str, str] | None = None,
        mirror: MirrorRequest | None = None,
        undo: Inverse | None = None,
    ) -> Outcome[User]:
        """Perform a change that was not refused; the person as `expected` lays it over what the list shows now."""
        outcome = self.perform(action, user, call, details, mirror)
        after = self._after(user, expected)
        if after.factors is None:
            self.index.learn_factors({user.username: None})  # what was asked for before may no longer be so
        self.index.put(after)
        if outcome.mirror in LANDED:
            self.refresh_fact(after)
        return Outcome(after, outcome.entry_id, outcome.mirror, outcome.note, undo)

    def perform(
        self,
        action: Action,
        user: User,
        call: Callable[[], T],
        details: Mapping[str, str] | None = None,
        mirror: MirrorRequest | None = None,
    ) -> Outcome[T]:
        """Perform a change that was not refused, and that leaves the person in the lists as they were."""
        return self.changes.perform(
            action, user.username, call, details={**who(user), **(details or {})}, mirror=mirror, sub=user.sub
        )

    def inverse(self, action: Action, words: str, run: Callable[[], Outcome[Any]]) -> Inverse | None:
        """The way back, where the operator may go it; None where the role does not allow it."""
        return None if why_not(self.operator, action) else Inverse(action, words, run)

    def enrolled(self, user: User) -> None:
        """An authenticator of the person was enrolled: the index learns it of both sides."""
        factors = tuple(dict.fromkeys((*(user.factors or ()), "totp")))
        self.index.put(replace(user, factors=factors, preferred_factor="totp"))
        self.refresh_fact(user)

    def refresh_fact(self, user: User) -> None:
        """Bring what the database says of the person into the index."""
        try:
            row = self.row(user)
        except AppError:
            return  # the index keeps the older fact; the next load brings the new one
        if row is not None:
            self.index.learn(fact(row))

    def permit(self, action: Action, user: User, row: DatabaseUser | None = None) -> None:
        """Raise AppError(NOT_ALLOWED) where the operator may not do it to this person, whatever their state."""
        operator = self.operator
        reason = why_not(operator, action) or guarded(operator, user, row) or self._guarded_elsewhere(user, row)
        if reason is not None:
            raise AppError(ErrorCode.NOT_ALLOWED, reason, subject=action.value)

    def refuse(
        self, action: Action, user: User, pool: PoolSnapshot | None = None, row: DatabaseUser | None = None
    ) -> None:
        """Raise AppError where the operator may not do it to this person (NOT_ALLOWED), or not now (USER_STATE)."""
        self.permit(action, user, row)
        reason = obstacle(action, self.operator, user, pool, row)
        if reason is not None:
            raise AppError(ErrorCode.USER_STATE, reason, subject=user.username)

    def refuse_row(self, action: Action, row: DatabaseUser) -> None:
        """As `refuse`, for a step of a row: an administrator is looked for on both sides (ListUsers, free of billing).

        AppError of Cognito too: support moves nobody of whom cannot be told that they are no administrator.
        """
        reason = why_not(self.operator, action) or row_obstacle(action, self.operator, row)
        if reason is not None:
            raise AppError(ErrorCode.NOT_ALLOWED, reason, subject=action.value)
        if self.operator.role is Role.SUPPORT:
            wanted = equals("sub", row.subject) if row.subject else equals("email", row.email)
            for user in self.users.list_page(filter=wanted).users:
                self.permit(action, user, row)

    def refuse_address(self, action: Action, attributes: Mapping[str, str]) -> None:
        """Support gives nobody what an administrator signs in with: whoever goes by it would take them for that one.

        AppError NOT_ALLOWED, or what Cognito says where it cannot be asked.
        """
        if self.operator.role is not Role.SUPPORT:
            return
        for name in _SIGN_IN_NAMES:
            value = attributes.get(name, "")
            for spelling in dict.fromkeys((value, value.lower())) if value else ():
                for user in self.users.list_page(filter=equals(name, spelling)).users:
                    self.permit(action, user)
        email = attributes.get("email", "")
        if not email:
            return
        rows: tuple[DatabaseUser, ...] = ()
        if self.onboarding is not None:
            with contextlib.suppress(AppError):  # while the database is away, what Cognito holds decides
                rows = self.onboarding.alike(email)
        for row in rows:
            if (reason := row_obstacle(action, self.operator, row)) is not None:
                raise AppError(ErrorCode.NOT_ALLOWED, reason, subject=action.value)

    def _guarded_elsewhere(self, user: User, row: DatabaseUser | None) -> str | None:
        # Where an application takes the role from the database or from the groups, those are administrators as well.
        if self.operator.role is not Role.SUPPORT:
            return None
        if row is None and self.onboarding is not None:
            with contextlib.suppress(AppError):  # while the database is away, what Cognito holds decides
                row = self.row(user)
        return guarded(self.operator, user, row) or self._guarded_by_group(user)

    def _guarded_by_group(self, user: User) -> str | None:
        if self._groups is None:
            return None
        try:
            groups = self._groups.of(user.username)
        except AppError as error:
            if error.code in _CANNOT_TELL:
                return None  # credentials that may not see groups cannot be asked; the attributes were looked at
            raise
        powerful = any(group.name.casefold() in ROLE_GROUPS - {"support"} for group in groups)
        return ADMINISTRATOR if powerful else None

    def _after(self, user: User, expected: Callable[[User], User]) -> User:
        # Lists are eventually consistent and may still show the user as before: what the successful call means for them
        # is laid over the answer. AdminGetUser would be exact but bills the person, so it is not asked.
        try:
            page = self.users.list_page(limit=1, filter=_find(user))
        except AppError:
            return expected(user)  # the change itself succeeded: a failed look at it afterwards is no failure
        return expected(page.users[0] if page.users else user)


def who(user: User) -> dict[str, str]:
    """How the journal names a person."""
    return {"person": user.email or user.phone or user.username}


def join_rows(index: UserIndex, onboarding: OnboardingReader, work: Work) -> tuple[pl.DataFrame, Facts, pl.DataFrame]:
    """Read the whole table into the index: the rows, the same as facts, and everybody as they are joined."""
    from app.directory.facts import prepared

    known = onboarding.columns()
    raw, rows = onboarding.read_rows(work, lambda part: prepared(part, known))
    facts, everybody = index.join_rows(raw, known, rows)
    return raw, facts, everybody


def fact(row: DatabaseUser) -> DatabaseFact:
    """What the index keeps of a row."""
    from app.directory.index import DatabaseFact

    return DatabaseFact(
        email=row.email,
        subject=row.subject,
        status=row.status.value,
        mfa_method=row.mfa_method,
        mfa_required=row.mfa_required,
        organization_id=row.organization_id,
        email_verified=row.email_verified,
        auth_provider=row.auth_provider,
        id=row.id,
    )


def _find(user: User) -> str:
    return equals("sub", user.sub) if user.sub else equals("username", user.username)
