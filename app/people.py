"""One person in both places, Cognito and the application database: every read and every change of the Desk.

Changes go through Changes.perform: permission, journal, Cognito, mirror. Runs on any thread; raises AppError only.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app import aftermath, mirror_requests
from app.changes import Changes, MirrorReport, Outcome
from app.directory.models import MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.journal import MirrorRequest
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.mirror import MirrorKind
from app.onboarding.models import DatabaseUser
from app.permissions import ROLE_ATTRIBUTES, Action, check
from app.prechecks import obstacle
from app.undo import attributes_before, check_untouched, preference_before
from app.upkeep import LANDED, Upkeep, fact, join_rows, who
from app.waiting import Waiting
from app.work import Work

if TYPE_CHECKING:
    from app.directory.groups import Groups
    from app.directory.index import UserIndex
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
        groups: Groups | None = None,
    ) -> None:
        if listing is None:
            from app.directory.listing import Listing

            listing = Listing(users)
        self.listing = listing  # its tempo can be turned while `load` runs
        self.upkeep = Upkeep(users, changes, index, onboarding, groups)  # for the other parts that change people
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
        self._index.partial = False
        seen = self.listing.read(work, self._index.extend, estimated=estimated)
        self._index.retain(seen)
        self.loaded = LoadReport(len(seen), self.join_database(work), datetime.now(UTC))
        return self.loaded

    def join_database(self, work: Work | None = None) -> AppError | None:
        """Bring the database's facts into the index; the error that prevented it, if one did."""
        if self._onboarding is None:
            return AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        if self._index.partial:
            return None  # facts come with the people whom a search finds: the whole table is too large to be read
        try:
            join_rows(self._index, self._onboarding, work or Work())
        except AppError as error:
            return error
        return None

    def learn(self, rows: Sequence[DatabaseUser]) -> None:
        """Bring rows that somebody else changed into the index; `join_database` is quicker for many."""
        for row in rows:
            self._index.learn(fact(row))

    def read_again(self, user: User) -> User | None:
        """The person as the list shows them now (ListUsers, free of billing); None if they are gone from the pool."""
        return self.upkeep.read_again(user)

    def details(self, username: str) -> User:
        """Everything Cognito tells of one person, second factors too (AdminGetUser: counts as an active user)."""
        user = self._users.get(username)
        self._index.put(user)
        return user

    def row(self, user: User) -> DatabaseUser | None:
        """The person's row in the application database; None where there is none."""
        return self.upkeep.row(user)

    def refresh_fact(self, user: User) -> None:
        """Take what the database now says of the person into the index, if it answers."""
        self.upkeep.refresh_fact(user)

    def rows_alike(self, user: User) -> tuple[DatabaseUser, ...]:
        """Every database row that could be this person's: by subject, or by email in any spelling."""
        if self._onboarding is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        return self._onboarding.alike(user.email, user.sub)

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
        self.upkeep.refuse_address(Action.CREATE_USER, attributes)
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
            intended=mirror_requests.asked(attributes),
            filed_under=lambda user: (user.username, user.sub),
        )
        self._index.put(outcome.value)
        if outcome.mirror in LANDED:
            self.upkeep.refresh_fact(outcome.value)
        return outcome

    def delete(self, user: User) -> Outcome[None]:
        """Delete the person from the pool (AdminDeleteUser). Their database row stays, disabled. Cannot be undone."""
        self.upkeep.refuse(Action.DELETE_USER, user)
        outcome = self._changes.perform(
            Action.DELETE_USER,
            user.username,
            lambda: self._users.delete(user.username),
            details=who(user),
            mirror=mirror_requests.request(MirrorKind.USER_DELETED, user),
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
        self.upkeep.refuse(Action.RESET_PASSWORD, user, pool)
        return self.upkeep.change(
            Action.RESET_PASSWORD,
            user,
            lambda: self._users.reset_password(user.username),
            lambda now: replace(now, status=UserStatus.RESET_REQUIRED),
        )

    def set_password(
        self, user: User, password: str, *, permanent: bool, allow_federated: bool = False
    ) -> Outcome[User]:
        """Give the person a password (AdminSetUserPassword): a temporary one must be changed at the next sign-in.

        `allow_federated`: also to somebody of another identity provider, which turns them into a user of the pool.
        """
        action = Action.SET_PERMANENT_PASSWORD if permanent else Action.SET_PASSWORD
        (self.upkeep.permit if allow_federated else self.upkeep.refuse)(action, user)
        status = UserStatus.CONFIRMED if permanent else UserStatus.FORCE_CHANGE_PASSWORD
        return self.upkeep.change(
            action,
            user,
            lambda: self._users.set_password(
                user.username, password, permanent=permanent, status=user.status, allow_federated=allow_federated
            ),
            lambda now: replace(now, status=status),
            {"permanent": str(permanent).lower()},
        )

    def resend_invitation(self, user: User) -> Outcome[User]:
        """Send the invitation again with a new temporary password (AdminCreateUser, MessageAction RESEND)."""
        self.upkeep.refuse(Action.RESEND_INVITATION, user)
        return self.upkeep.change(
            Action.RESEND_INVITATION,
            user,
            lambda: self._users.resend_invitation(_created_as(user), medium="EMAIL" if user.email else "SMS"),
            # The new password's life counts from now, also where the list still shows the moment before.
            lambda now: replace(now, modified=datetime.now(UTC)) if now.modified == user.modified else now,
        )

    def update_attributes(
        self, user: User, changes: Mapping[str, str], pool: PoolSnapshot | None = None
    ) -> Outcome[User]:
        """Change attributes (AdminUpdateUserAttributes); a changed name or contact is mirrored into the database.

        `pool` tells which contacts Cognito keeps as they were until the new ones are verified.
        """
        made = mirror_requests.in_effect(changes, pool.kept_until_verified if pool is not None else ())
        if ROLE_ATTRIBUTES & changes.keys():
            check(self._changes.operator, Action.CHANGE_ROLE)
        self.upkeep.refuse(Action.UPDATE_ATTRIBUTES, user)
        self.upkeep.refuse_address(Action.UPDATE_ATTRIBUTES, changes)
        return self.upkeep.change(
            Action.UPDATE_ATTRIBUTES,
            user,
            lambda: self._users.update_attributes(user.username, changes),
            lambda now: replace(now, attributes=mirror_requests.applied(now.attributes, made)),
            {"attributes": ", ".join(sorted(changes))},
            mirror_requests.attributes_changed(user, made),
            self.upkeep.inverse(
                Action.UPDATE_ATTRIBUTES, "Put the earlier values back", lambda: self._put_back(user, changes, pool)
            ),
        )

    def delete_attributes(self, user: User, names: Iterable[str]) -> Outcome[User]:
        """Remove attributes: an empty value does it, and needs no permission for AdminDeleteUserAttributes."""
        return self.update_attributes(user, dict.fromkeys(names, ""))

    def set_mfa_preference(self, user: User, preference: MfaPreference) -> Outcome[User]:
        """Choose which second factors Cognito asks for (AdminSetUserMFAPreference).

        Switching TOTP off is refused while the database says that MFA is required, and while it cannot be asked.
        """
        self.upkeep.refuse(Action.SET_MFA_PREFERENCE, user)
        mirror: MirrorRequest | None = None
        if preference.totp is False:
            row = self.row(user) if self._onboarding is not None else None
            self.upkeep.refuse(Action.DISABLE_MFA, user, row=row)
            mirror = mirror_requests.request(MirrorKind.MFA_DISABLED, user)
        elif (preference.totp or preference.preferred == "totp") and not self._recorded(user):
            mirror = mirror_requests.request(MirrorKind.MFA_ENROLLED, user)
        before = self._preference_before(user, preference)
        return self.upkeep.change(
            Action.SET_MFA_PREFERENCE,
            user,
            lambda: self._users.set_mfa_preference(user.username, preference),
            details={"preferred": preference.preferred or ""},
            mirror=mirror,
            undo=None
            if before is None
            else self.upkeep.inverse(
                Action.SET_MFA_PREFERENCE,
                "Put the earlier preference back",
                lambda: self.set_mfa_preference(user, before),
            ),
        )

    def move(self, row: DatabaseUser, edge: Edge, reason: str = "") -> Outcome[DatabaseUser]:
        """Move a person along an edge of the onboarding ladder; touches the database only.

        `reason` is the operator's own; the journal alone keeps it.

        A row that somebody else changed meanwhile is a CONFLICT that names both values.
        """
        onboarding = self.upkeep.database()
        self.upkeep.refuse_row(action_of(edge), row)
        details = {"person": row.email, "from": row.status.value}
        with contextlib.suppress(AppError):  # a step that the ladder does not have is refused, and written down, below
            details["to"] = ladder.target(edge, row.status, before=ladder.before_disable(row)).value
        if reason:
            details["reason"] = reason
        outcome = self._changes.perform(
            action_of(edge),
            row.subject or row.email,
            lambda: onboarding.move(row, edge),
            details=details,
            sub=row.subject or "",
        )
        self._index.learn(fact(outcome.value))
        return outcome

    def retry_mirrors(self, work: Work, *, at_once: bool = False) -> MirrorReport:
        """Retry mirrors that wait for the database. `at_once` also tries what is not due yet, for a person who asks.

        AppError(NOT_ALLOWED) where the operator asks and may make none of those changes.
        """
        with contextlib.suppress(AppError):  # Cognito cannot be asked now: what waits is written all the same
            self._changes.settle(work, lambda change: aftermath.look(self._users, change))
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
        action, back = Action.ENABLE_USER, Action.DISABLE_USER
        kind, call, words = MirrorKind.USER_ENABLED, self._users.enable, "Disable again"
        if not enabled:
            action, back = back, action
            kind, call, words = MirrorKind.USER_DISABLED, self._users.disable, "Enable again"
        self.upkeep.refuse(action, user)
        return self.upkeep.change(
            action,
            user,
            lambda: call(user.username),
            lambda now: replace(now, enabled=enabled),
            mirror=mirror_requests.request(kind, user),
            undo=self.upkeep.inverse(
                back, words, lambda: self._switch(replace(user, enabled=enabled), enabled=not enabled)
            ),
        )

    def _put_back(self, user: User, changes: Mapping[str, str], pool: PoolSnapshot | None) -> Outcome[User]:
        now = self.read_again(user)
        if now is None:
            message = f"{user.email or user.username} is no longer in the pool."
            raise AppError(ErrorCode.USER_NOT_FOUND, message, subject=user.username)
        check_untouched(user, changes, now)
        made = mirror_requests.in_effect(changes, pool.kept_until_verified if pool is not None else ())
        changed = replace(now, attributes=mirror_requests.applied(now.attributes, made))
        return self.update_attributes(changed, attributes_before(user, changes), pool)

    def _recorded(self, user: User) -> bool:
        # Whether the row names a second factor already; while the database is away the write waits, and does no harm.
        try:
            row = self.row(user)
        except AppError:
            return False
        return row is not None and row.mfa_method is not None

    def _preference_before(self, user: User, preference: MfaPreference) -> MfaPreference | None:
        # Asked of Cognito: what the caller holds may be old.
        try:
            asked = self._users.factors(user.username)
        except AppError:
            factors, preferred = user.factors, user.preferred_factor
        else:
            factors, preferred = asked.mfa, asked.preferred
        return preference_before(factors, preferred, preference)  # None where they are not known


def _created_as(user: User) -> str:
    """The Username that AdminCreateUser takes: pools that sign in by email or phone made the UUID themselves."""
    return (user.email or user.phone or user.username) if user.username == user.sub else user.username
