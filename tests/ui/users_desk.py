"""A desk in memory for the tests of the Users tab: the same methods, nothing behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from app.auth.enrolment import Situation
from app.aws.pacing import Usage
from app.capabilities import Capability, Feature, Hindrance
from app.changes import Inverse, MirrorResult, Outcome
from app.connections import Connection
from app.desk import Desk
from app.directory.devices import Device
from app.directory.groups import Group
from app.directory.history import AuthEventPage
from app.directory.identities import Identity, Provider
from app.directory.index import UserIndex
from app.directory.models import MfaPreference, User, UserStatus
from app.directory.sessions import UserSession
from app.directory.tempo import Tempo
from app.errors import AppError, ErrorCode
from app.journal_models import Entry, Mirror
from app.onboarding.ladder import Edge, before_disable, target
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.people import LoadReport
from app.permissions import Action, Operator, Role, why_not
from app.pool.models import AttributeSchema, ClientSnapshot, PasswordPolicy, PoolSnapshot
from app.work import Cancelled, Work

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
POLICY = PasswordPolicy(minimum_length=12, uppercase=True, lowercase=True, digits=True, symbols=True)


def user(
    username: str = "carla",
    status: UserStatus = UserStatus.CONFIRMED,
    /,
    *,
    enabled: bool = True,
    days: float = 25,
    **attributes: str,
) -> User:
    """Somebody whose account changed that many days ago."""
    at = NOW - timedelta(days=days)
    email = f"{username}@x.example"
    usual = {"sub": f"sub-{username}", "email": email, "email_verified": "true", "name": username.title()}
    return User(username, status, enabled, at, at, {**usual, **attributes})


def row(who: User, status: OnboardingStatus = OnboardingStatus.ACTIVE, **values: Any) -> DatabaseUser:
    """The row of somebody."""
    made = DatabaseUser(f"row-{who.username}", who.email, status, "cognito", True, subject=who.sub)
    return replace(made, **values)


def pool(**values: Any) -> PoolSnapshot:
    """A pool where people sign in by email."""
    schema = tuple(
        AttributeSchema(name, "String", False, name != "sub")
        for name in ("sub", "email", "phone_number", "name", "custom:role", "custom:organizationId")
    )
    made = PoolSnapshot(
        id="us-east-1_Test", name="Test", arn="arn", mfa="OPTIONAL", factors=("totp",), password_policy=POLICY,
        username_attributes=("email",), alias_attributes=(), auto_verified=("email",),
        recovery=("verified_email",), case_sensitive=False, admin_create_only=False, estimated_users=2, tier=None,
        deletion_protection=False, schema=schema, created=None, modified=None, taken=NOW,
    )  # fmt: skip
    return replace(made, **values)


def client(**values: Any) -> ClientSnapshot:
    """An app client with a password flow."""
    hour = timedelta(hours=1)
    flows = ("ALLOW_USER_PASSWORD_AUTH",)
    made = ClientSnapshot("id", "web", flows, False, hour, hour, hour, True, True, (), ("COGNITO",))
    return replace(made, **values)


class FakePeople:
    """Both sides of everybody, in two dictionaries. `refuse` makes one action fail, `mirror` says how mirrors fare."""

    def __init__(self, index: UserIndex, users: list[User], operator: Operator) -> None:
        self.operator = operator
        self.index = index
        self.users = {each.username: each for each in users}
        self.rows = {each.username: row(each) for each in users}
        self.refuse: dict[str, AppError] = {}
        self.mirror: MirrorResult = "done"
        self.note = ""
        self.stop_load = False  # as if somebody pressed Cancel in the status bar
        self.database: AppError | None = None
        self.calls: list[tuple[str, object]] = []
        self.loaded: LoadReport | None = None
        self.listing = SimpleNamespace(tempo=Tempo())

    def load(self, work: Work, *, estimated: int | None = None) -> LoadReport:
        self.tried("load")
        if self.stop_load:
            raise Cancelled
        self.index.replace(self.users.values())
        work.progress(len(self.users), estimated, "users")
        self.loaded = LoadReport(len(self.users), self.database, datetime.now(UTC))
        return self.loaded

    def join_database(self) -> AppError | None:
        self.calls.append(("join", None))
        return self.database

    def read_again(self, who: User) -> User | None:
        self.tried("read_again")
        found = self.users.get(who.username)
        if found is None:
            self.index.remove(who.username)
        return found

    def details(self, username: str) -> User:
        self.tried("details")
        return replace(self._known(username), factors=("totp",), preferred_factor="totp")

    def row(self, who: User) -> DatabaseUser | None:
        self.tried("row")
        return self.rows.get(who.username)

    def rows_alike(self, who: User) -> tuple[DatabaseUser, ...]:
        found = self.rows.get(who.username)
        return () if found is None else (found,)

    def set_mfa_preference(self, who: User, preference: MfaPreference) -> Outcome[User]:
        self.calls.append(("preference", preference))
        known = self._known(who.username)
        return self.change("mfa", replace(known, preferred_factor=preference.preferred))

    def move(self, row: DatabaseUser, edge: Edge) -> Outcome[DatabaseUser]:
        self.tried(f"move {edge.value}")
        after = replace(row, status=target(edge, row.status, before=before_disable(row)))
        self.rows = {name: after if each.id == row.id else each for name, each in self.rows.items()}
        return Outcome(after, 1, self.mirror, self.note)

    def enable(self, who: User) -> Outcome[User]:
        return self.change(
            "enable", replace(self._known(who.username), enabled=True), Action.DISABLE_USER, self.disable
        )

    def disable(self, who: User) -> Outcome[User]:
        return self.change(
            "disable", replace(self._known(who.username), enabled=False), Action.ENABLE_USER, self.enable
        )

    def reset_password(self, who: User, pool: PoolSnapshot | None = None) -> Outcome[User]:
        return self.change("reset", replace(self._known(who.username), status=UserStatus.RESET_REQUIRED))

    def resend_invitation(self, who: User) -> Outcome[User]:
        return self.change("resend", replace(self._known(who.username), modified=NOW))

    def set_password(
        self, who: User, password: str, *, permanent: bool, allow_federated: bool = False
    ) -> Outcome[User]:
        self.calls.append(("password", (password, permanent)))
        if allow_federated:
            self.calls.append(("federated", who.username))
        return self.change("set_password", self._known(who.username))

    def update_attributes(
        self, who: User, changes: Mapping[str, str], pool: PoolSnapshot | None = None
    ) -> Outcome[User]:
        self.calls.append(("changes", dict(changes)))
        self.calls.append(("pool", pool))
        known = self._known(who.username)
        return self.change("update", replace(known, attributes={**known.attributes, **changes}))

    def create(
        self,
        username: str,
        attributes: Mapping[str, str],
        *,
        temporary_password: str | None = None,
        send_invitation: bool = True,
    ) -> Outcome[User]:
        self.calls.append(("new", (username, dict(attributes), temporary_password, send_invitation)))
        made = user("created", UserStatus.FORCE_CHANGE_PASSWORD, days=0)
        return self.change("create", replace(made, attributes={**made.attributes, **attributes}))

    def delete(self, who: User) -> Outcome[None]:
        self.tried("delete")
        self._known(who.username)
        del self.users[who.username]
        self.index.remove(who.username)
        return Outcome(None, 1, self.mirror, self.note)

    def _known(self, username: str) -> User:
        if username not in self.users:
            raise AppError(ErrorCode.USER_NOT_FOUND, f"There is no user {username}.", subject=username)
        return self.users[username]

    def tried(self, what: str) -> None:
        self.calls.append((what, None))
        if what in self.refuse:
            raise self.refuse[what]

    def change(
        self,
        what: str,
        after: User,
        back: Action | None = None,
        run: Callable[[User], Outcome[User]] | None = None,
    ) -> Outcome[User]:
        self.tried(what)
        self.users[after.username] = after
        self.index.put(after)
        undo = None
        if back is not None and run is not None and why_not(self.operator, back) is None:
            undo = Inverse(back, "Take it back", lambda: run(after))
        return Outcome(after, 1, self.mirror, self.note, undo)


class FakeMemberships:
    """Groups by name, and who is in them."""

    def __init__(self, people: FakePeople) -> None:
        self.people = people
        self.groups = {name: Group(name, f"The {name} people") for name in ("admin", "beta", "support")}
        self.of_user: dict[str, tuple[str, ...]] = {}

    def of(self, who: User) -> tuple[Group, ...]:
        self.people.tried("groups")
        return tuple(self.groups[name] for name in self.of_user.get(who.username, ()))

    def all(self, work: Work | None = None) -> tuple[Group, ...]:
        return tuple(self.groups.values())

    def add(self, who: User, group: Group) -> Outcome[tuple[Group, ...]]:
        self.people.tried("add")
        self.of_user[who.username] = (*self.of_user.get(who.username, ()), group.name)
        undo = Inverse(Action.REMOVE_FROM_GROUP, "Remove again", lambda: self.remove(who, group))
        return Outcome(self.of(who), 1, "none", "", undo)

    def remove(self, who: User, group: Group) -> Outcome[tuple[Group, ...]]:
        self.people.tried("remove")
        self.of_user[who.username] = tuple(n for n in self.of_user.get(who.username, ()) if n != group.name)
        undo = Inverse(Action.ADD_TO_GROUP, "Add again", lambda: self.add(who, group))
        return Outcome(self.of(who), 1, "none", "", undo)


class FakeSecurity:
    """Ways in. `sessions`, `devices` and `history` may be a Capability that says why not."""

    def __init__(self, people: FakePeople) -> None:
        self.people = people
        self.sessions_now: object = ()
        self.devices_now: object = Capability(
            Feature.DEVICES, Hindrance.SETTING, "This pool does not remember devices."
        )
        self.history_now: object = AuthEventPage((), None)
        self.older: dict[str, object] = {}  # by token: a page, or why there is none

    def sessions(self, who: User, pool: PoolSnapshot | None = None) -> object:
        self.people.tried("sessions")
        return self.sessions_now

    def devices(self, who: User, pool: PoolSnapshot | None = None) -> object:
        self.people.tried("devices")
        return self.devices_now

    def history(self, who: User, token: str | None = None, pool: PoolSnapshot | None = None) -> object:
        self.people.tried("history")
        return self.history_now if token is None else self.older[token]

    def confirm(self, who: User, *, verify_email: bool = False) -> Outcome[User]:
        self.people.calls.append(("verify", verify_email))
        return self.people.change("confirm", replace(who, status=UserStatus.CONFIRMED))

    def sign_out(self, who: User, client: ClientSnapshot | None = None) -> Outcome[None]:
        self.people.tried("sign_out")
        return Outcome(None, 1, "none", "")

    def remove_authenticator(self, who: User) -> Outcome[None]:
        self.people.tried("remove_authenticator")
        return Outcome(None, 1, "done", "")

    def require_mfa(self, who: User, *, required: bool) -> Outcome[None]:
        self.people.tried(f"require {required}")
        self.people.rows[who.username] = replace(self.people.rows[who.username], mfa_required=required)
        return Outcome(None, 1, "done", "")

    def revoke_session(self, who: User, session: UserSession, *, linked: bool = False) -> Outcome[None]:
        self.people.tried("revoke")
        self.sessions_now = tuple(s for s in self.sessions_now if s is not session)  # type: ignore[attr-defined]
        return Outcome(None, 1, "none", "")

    def forget_device(self, who: User, device: Device) -> Outcome[None]:
        self.people.tried("forget")
        self.devices_now = tuple(d for d in self.devices_now if d is not device)  # type: ignore[attr-defined]
        return Outcome(None, 1, "none", "")


class FakeFederation:
    """Accounts elsewhere, kept in the attribute `identities` as Cognito does."""

    def __init__(self, people: FakePeople) -> None:
        self.people = people

    def providers(self) -> tuple[Provider, ...]:
        return (Provider("Google", "Google"), Provider("Okta", "OIDC"))

    def link(self, who: User, provider: str, value: str) -> Outcome[User]:
        records = [{"providerName": provider, "userId": value, "primary": "false"}]
        after = replace(who, attributes={**who.attributes, "identities": json.dumps(records)})
        undo = Inverse(Action.UNLINK_IDENTITY, "Unlink again", lambda: self.unlink(after, Identity(provider, value)))
        return replace(self.people.change("link", after), undo=undo)

    def unlink(self, who: User, identity: Identity) -> Outcome[User]:
        rest = {name: value for name, value in who.attributes.items() if name != "identities"}
        return self.people.change("unlink", replace(who, attributes=rest))


class FakeDesk:
    """What the tab asks of a desk."""

    def __init__(self, users: list[User], role: Role = Role.ADMIN) -> None:
        self.index = UserIndex()
        self.operator = Operator("ada", role)
        self.fake = FakePeople(self.index, users, self.operator)
        self.snapshot: PoolSnapshot | AppError = pool()
        self.waiting: list[Mirror] = []
        self.onboarding: object | None = object()
        self.connection = Connection("test", "Test", "us-east-1", "us-east-1_Test", environment="demo")
        self.database: object | None = None
        self.reach = SimpleNamespace(too_many=lambda estimated: False)
        self.exports: Any = SimpleNamespace(copying=lambda people: None)
        self.client = client()
        self.pools = SimpleNamespace(describe=self._describe, client=lambda: self.client)
        self.entries: list[Entry] = []
        self.left: Situation | None = None
        self.enrolments = SimpleNamespace(left=lambda user: self.left)
        self.memberships = FakeMemberships(self.fake)
        self.security = FakeSecurity(self.fake)
        self.federation = FakeFederation(self.fake)
        self.journal = SimpleNamespace(
            mirrors=lambda connection: list(self.waiting), entries=lambda **which: list(self.entries)
        )

    @property
    def people(self) -> FakePeople:
        """As on a Desk."""
        return self.fake

    @property
    def desk(self) -> Desk:
        """As the type that a context takes."""
        return cast("Desk", self)

    def why_not(self, action: Action) -> str | None:
        """As on a Desk."""
        return why_not(self.operator, action)

    def usage(self) -> Usage:
        """As on a Desk."""
        return Usage(requests=1, limit=10, quota=30)

    def now(self) -> datetime:
        """Always the same moment."""
        return NOW

    def _describe(self) -> PoolSnapshot:
        if isinstance(self.snapshot, AppError):
            raise self.snapshot
        return self.snapshot
