"""One person in both places, Cognito and the application database: every read and every change of the Desk.

Changes go through Changes.perform: permission, journal, Cognito, mirror. Runs on any thread; raises AppError only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app import mirror_requests
from app.changes import Changes, MirrorReport, Outcome
from app.directory.filters import equals
from app.directory.models import MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import MirrorRequest
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.mirror import MirrorKind
from app.onboarding.models import DatabaseUser
from app.permissions import ROLE_ATTRIBUTES, Action, check, why_not
from app.prechecks import guarded, obstacle
from app.waiting import Waiting
from app.work import Work

if TYPE_CHECKING:
    from app.directory.index import DatabaseFact, UserIndex
    from app.directory.listing import Listing
    from app.directory.users import Users
    from app.onboarding.users import OnboardingUsers
    from app.pool.models import PoolSnapshot

_EDGE_ACTIONS = {
    Edge.CONFIRM_EMAIL: Action.CONFIRM_EMAIL,
    Edge.APPROVE: Action.APPROVE,
    Edge.REJECT: Action.REJECT,
    Edge.REOPEN: Action.REOPEN,
    Edge.ENROL_MFA: Action.ENROL_MFA,
    Edge.SUBSCRIBE: Action.ACTIVATE,
    Edge.SUSPEND: Action.SUSPEND,
    Edge.RESUME: Action.RESUME,
    Edge.DISABLE: Action.ONBOARDING_DISABLE,
    Edge.ENABLE: Action.ONBOARDING_ENABLE,
}
_LANDED = ("done", "skipped")  # the database was asked, so that its fact may be another


def action_of(edge: Edge) -> Action:
    """The permission that moving somebody along `edge` needs."""
    return _EDGE_ACTIONS[edge]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading the directory found. `database` tells why the database's facts are missing, else None."""

    users: int
    database: AppError | None
    at: datetime


class People:
    """Both sides of every person. `onboarding` is None for a pool without a database."""

    def __init__(
        self,
        users: Users,
        changes: Changes,
        index: UserIndex,
        onboarding: OnboardingUsers | None,
        listing: Listing | None = None,
    ) -> None:
        if listing is None:
            from app.directory.listing import Listing

            listing = Listing(users)
        self.listing = listing  # its tempo can be turned while `load` runs
        self._users = users
        self._changes = changes
        self._index = index
        self._onboarding = onboarding
        self.loaded: LoadReport | None = None  # the last complete load, whoever asked for it

    # Reading. None of these counts anybody as a billed active user, except `details`.

    def load(self, work: Work, *, estimated: int | None = None) -> LoadReport:
        """Read the whole pool into the index, as its pages arrive (ListUsers), then the database's facts.

        People who are no longer in the pool leave the index at the end; a cancelled load leaves what was there.
        """
        seen = self.listing.read(work, self._index.extend, estimated=estimated)
        self._index.retain(seen)
        self.loaded = LoadReport(len(seen), self.join_database(work), datetime.now(UTC))
        return self.loaded

    def join_database(self, work: Work | None = None) -> AppError | None:
        """Bring the database's facts into the index; the error that prevented it, if one did."""
        if self._onboarding is None:
            return AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        try:
            rows = self._onboarding.read_rows(work or Work())
            self._index.join_rows(rows, self._onboarding.columns())
        except AppError as error:
            return error
        return None

    def learn(self, rows: Sequence[DatabaseUser]) -> None:
        """Bring rows that somebody else changed into the index; `join_database` is quicker for many."""
        for row in rows:
            self._index.learn(fact_of(row))

    def read_again(self, user: User) -> User | None:
        """The person as the list shows them now (ListUsers, free of billing); None if they are gone from the pool."""
        page = self._users.list_page(limit=1, filter=_find(user))
        if not page.users:
            self._index.remove(user.username)
            return None
        self._index.put(page.users[0])
        return page.users[0]

    def details(self, username: str) -> User:
        """Everything Cognito tells of one person, second factors too (AdminGetUser: counts as an active user)."""
        user = self._users.get(username)
        self._index.put(user)
        return user

    def row(self, user: User) -> DatabaseUser | None:
        """The person's row in the application database; None where there is none."""
        if self._onboarding is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        return self._onboarding.find(user.email, user.sub)

    def obstacle(
        self, action: Action, user: User, pool: PoolSnapshot | None = None, row: DatabaseUser | None = None
    ) -> str | None:
        """Why the operator cannot do `action` to this person now; None where nothing stands in the way."""
        return obstacle(action, self._changes.operator, user, pool, row)

    # Changing. Each returns what Cognito holds afterwards, and how the database's mirror stands.

    def create(
        self,
        username: str,
        attributes: Mapping[str, str],
        *,
        temporary_password: str | None = None,
        send_invitation: bool = True,
    ) -> Outcome[User]:
        """Create a person (AdminCreateUser) and their row; the invitation goes out unless `send_invitation` is off."""
        if ROLE_ATTRIBUTES & attributes.keys():
            check(self._changes.operator, Action.CHANGE_ROLE)
        outcome = self._changes.perform(
            Action.CREATE_USER,
            username,
            lambda: self._users.create(
                username, attributes=attributes, temporary_password=temporary_password, send_email=send_invitation
            ),
            details={
                "person": attributes.get("email") or attributes.get("phone_number") or username,
                "attributes": ", ".join(sorted(attributes)),
                "invited": str(send_invitation).lower(),
            },
            mirror=lambda user: mirror_requests.created(user, attributes),
            filed_under=lambda user: (user.username, user.sub),
        )
        self._index.put(outcome.value)
        if outcome.mirror in _LANDED:
            self._refresh_fact(outcome.value)
        return outcome

    def delete(self, user: User) -> Outcome[None]:
        """Delete the person from the pool (AdminDeleteUser). Their database row stays, disabled. Cannot be undone."""
        self._refuse(Action.DELETE_USER, user)
        outcome = self._changes.perform(
            Action.DELETE_USER,
            user.username,
            lambda: self._users.delete(user.username),
            details=_who(user),
            mirror=lambda _: mirror_requests.request(MirrorKind.USER_DELETED, user),
            sub=user.sub,
        )
        self._index.remove(user.username)
        return outcome

    def enable(self, user: User) -> Outcome[User]:
        """Let the person sign in again (AdminEnableUser); their row returns to the status before it was disabled."""
        return self._switch(user, enabled=True)

    def disable(self, user: User) -> Outcome[User]:
        """Stop the person from signing in and revoke their tokens (AdminDisableUser); their row becomes disabled."""
        return self._switch(user, enabled=False)

    def reset_password(self, user: User, pool: PoolSnapshot | None = None) -> Outcome[User]:
        """Send the person a code to choose a new password with (AdminResetUserPassword)."""
        self._refuse(Action.RESET_PASSWORD, user, pool)
        return self._change(
            Action.RESET_PASSWORD,
            user,
            lambda: self._users.reset_password(user.username),
            lambda now: replace(now, status=UserStatus.RESET_REQUIRED),
        )

    def set_password(self, user: User, password: str, *, permanent: bool) -> Outcome[User]:
        """Give the person a password (AdminSetUserPassword): a temporary one must be changed at the next sign-in."""
        action = Action.SET_PERMANENT_PASSWORD if permanent else Action.SET_PASSWORD
        self._refuse(action, user)
        status = UserStatus.CONFIRMED if permanent else UserStatus.FORCE_CHANGE_PASSWORD
        return self._change(
            action,
            user,
            lambda: self._users.set_password(user.username, password, permanent=permanent, status=user.status),
            lambda now: replace(now, status=status),
            {"permanent": str(permanent).lower()},
        )

    def resend_invitation(self, user: User) -> Outcome[User]:
        """Send the invitation again with a new temporary password (AdminCreateUser, MessageAction RESEND)."""
        self._refuse(Action.RESEND_INVITATION, user)
        return self._change(
            Action.RESEND_INVITATION,
            user,
            lambda: self._users.resend_invitation(_created_as(user), medium="EMAIL" if user.email else "SMS"),
            # The new password's life counts from now, also where the list still shows the moment before.
            lambda now: replace(now, modified=datetime.now(UTC)) if now.modified == user.modified else now,
        )

    def update_attributes(self, user: User, changes: Mapping[str, str]) -> Outcome[User]:
        """Change attributes (AdminUpdateUserAttributes); a changed name or contact is mirrored into the database."""
        self._refuse(Action.UPDATE_ATTRIBUTES, user)
        if ROLE_ATTRIBUTES & changes.keys():
            check(self._changes.operator, Action.CHANGE_ROLE)
        return self._change(
            Action.UPDATE_ATTRIBUTES,
            user,
            lambda: self._users.update_attributes(user.username, changes),
            lambda now: replace(now, attributes=mirror_requests.applied(now.attributes, changes)),
            {"attributes": ", ".join(sorted(changes))},
            mirror_requests.attributes_changed(user, changes),
        )

    def set_mfa_preference(self, user: User, preference: MfaPreference) -> Outcome[User]:
        """Choose which second factors Cognito asks for (AdminSetUserMFAPreference).

        Switching TOTP off is refused while the database says that MFA is required, and while it cannot be asked.
        """
        self._refuse(Action.SET_MFA_PREFERENCE, user)
        mirror: MirrorRequest | None = None
        if preference.totp is False:
            if self._onboarding is not None:
                self._refuse(Action.DISABLE_MFA, user, row=self.row(user))
            mirror = mirror_requests.request(MirrorKind.MFA_DISABLED, user)
        return self._change(
            Action.SET_MFA_PREFERENCE,
            user,
            lambda: self._users.set_mfa_preference(user.username, preference),
            lambda now: now,
            {"preferred": preference.preferred or ""},
            mirror,
        )

    def move(self, row: DatabaseUser, edge: Edge) -> Outcome[DatabaseUser]:
        """Move a person along an edge of the onboarding ladder; touches the database only.

        A row that somebody else changed meanwhile is a CONFLICT that names both values.
        """
        onboarding = self._onboarding
        if onboarding is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        details = {"person": row.email, "from": row.status.value}
        with contextlib.suppress(AppError):  # a step that the ladder does not have is refused, and written down, below
            details["to"] = ladder.target(edge, row.status, before=ladder.before_disable(row)).value
        outcome = self._changes.perform(
            action_of(edge),
            row.subject or row.email,
            lambda: onboarding.move(row, edge),
            details=details,
            sub=row.subject or "",
        )
        self._index.learn(fact_of(outcome.value))
        return outcome

    def retry_mirrors(self, work: Work, *, at_once: bool = False) -> MirrorReport:
        """Retry mirrors that wait for the database. `at_once` also tries what is not due yet, for a person who asks.

        AppError(NOT_ALLOWED) where the operator asks and may make none of those changes.
        """
        report = self._changes.land_mirrors(work, at_once=at_once)
        if report.done:
            self.join_database()
        return report

    def waiting_mirrors(self) -> tuple[Waiting, ...]:
        """Every database write of this connection that waits, oldest first, with the reason."""
        return self._changes.waiting()

    def discard_mirror(self, mirror_id: int) -> None:
        """Give up a database write for good: the row stays as it is. AppError NOT_ALLOWED, or CONFLICT."""
        self._changes.discard_mirror(mirror_id)

    def _switch(self, user: User, *, enabled: bool) -> Outcome[User]:
        action = Action.ENABLE_USER if enabled else Action.DISABLE_USER
        self._refuse(action, user)
        kind = MirrorKind.USER_ENABLED if enabled else MirrorKind.USER_DISABLED
        call = self._users.enable if enabled else self._users.disable
        return self._change(
            action,
            user,
            lambda: call(user.username),
            lambda now: replace(now, enabled=enabled),
            mirror=mirror_requests.request(kind, user),
        )

    def _change(
        self,
        action: Action,
        user: User,
        call: Callable[[], None],
        expected: Callable[[User], User],
        details: Mapping[str, str] | None = None,
        mirror: MirrorRequest | None = None,
    ) -> Outcome[User]:
        outcome = self._changes.perform(
            action, user.username, call, details={**_who(user), **(details or {})}, mirror=mirror, sub=user.sub
        )
        after = self._after(user, expected)
        self._index.put(after)
        if outcome.mirror in _LANDED:
            self._refresh_fact(after)
        return Outcome(after, outcome.entry_id, outcome.mirror, outcome.note)

    def _after(self, user: User, expected: Callable[[User], User]) -> User:
        # Lists are eventually consistent and may still show the user as before: what the successful call means for them
        # is laid over the answer. AdminGetUser would be exact but bills the person, so it is not asked.
        try:
            page = self._users.list_page(limit=1, filter=_find(user))
        except AppError:
            return expected(user)  # the change itself succeeded: a failed look at it afterwards is no failure
        return expected(page.users[0] if page.users else user)

    def _refresh_fact(self, user: User) -> None:
        try:
            row = self.row(user)
        except AppError:
            return  # the index keeps the older fact; the next load brings the new one
        if row is not None:
            self._index.learn(fact_of(row))

    def _refuse(
        self, action: Action, user: User, pool: PoolSnapshot | None = None, row: DatabaseUser | None = None
    ) -> None:
        operator = self._changes.operator
        reason = why_not(operator, action) or guarded(operator, user, row)
        if reason is not None:
            raise AppError(ErrorCode.NOT_ALLOWED, reason, subject=action.value)
        reason = self.obstacle(action, user, pool, row)
        if reason is not None:
            raise AppError(ErrorCode.USER_STATE, reason, subject=user.username)


def _who(user: User) -> dict[str, str]:
    return {"person": user.email or user.phone or user.username}


def _created_as(user: User) -> str:
    """The Username that AdminCreateUser takes: pools that sign in by email or phone made the UUID themselves."""
    return (user.email or user.phone or user.username) if user.username == user.sub else user.username


def _find(user: User) -> str:
    return equals("sub", user.sub) if user.sub else equals("username", user.username)


def fact_of(row: DatabaseUser) -> DatabaseFact:
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
