"""Assisted enrolment of authenticators: what it takes for a person, running ones, and half-done ones from the journal.

Blocking; any thread; raises AppError only. Every step goes through Changes.perform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from app.auth.enrolment import Ending, Password, Situation, Start, Step
from app.auth.names import plain_name
from app.auth.sign_in import Flow, SignIn, usable
from app.aws.features import known
from app.directory.access import Removal
from app.directory.filters import equals, starts_with
from app.directory.models import MfaPreference, User, UserStatus
from app.enrolment_history import Elsewhere, EnrolmentHistory, Unfinished
from app.enrolment_run import Enrolment
from app.enrolment_steps import Tools, hand_over, perform
from app.errors import AppError, ErrorCode
from app.permissions import Action
from app.prechecks import obstacle
from app.running import LEAVE_SECONDS, Runs
from app.secrets import SecretStore, client_secret_ref

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from app.connections import Connection
    from app.directory.access import Access
    from app.journal import Journal
    from app.pool.models import ClientSnapshot, PoolSnapshot
    from app.pool.snapshot import Pools
    from app.upkeep import Upkeep

# What Cognito may say where there is no authenticator to remove: what was asked for is so already.
_NONE_THERE = frozenset({ErrorCode.MFA_NOT_ENABLED, ErrorCode.INVALID_INPUT})


@dataclass(frozen=True, slots=True)
class Plan:
    """What enrolling this person takes. `obstacle` says why it cannot be done now; None where nothing is in the way.

    `client` is None where it may not be read. `needs_secret`: the app client has a secret that is nowhere to be had.
    """

    user: User
    pool: PoolSnapshot
    client: ClientSnapshot | None
    flows: tuple[Flow, ...]
    needs_secret: bool
    obstacle: str | None
    situation: Situation
    can_delete: bool
    endings: Mapping[Ending, str | None] = field(default_factory=dict)
    elsewhere: Elsewhere | None = None  # somebody is at an enrolment of this person, in another window

    @property
    def required(self) -> bool:
        """Whether the pool requires MFA, so that enrolment happens in the session of a challenge (MFA_SETUP)."""
        return self.pool.mfa == "ON"


class Enrolments:
    """The enrolments of one connection."""

    def __init__(
        self,
        *,
        connection: Connection,
        client: CognitoIdentityProviderClient,
        pools: Pools,
        access: Access,
        upkeep: Upkeep,
        journal: Journal,
        secrets: SecretStore,
    ) -> None:
        self._connection = connection
        self._client = client
        self._pools = pools
        self._access = access
        self._upkeep = upkeep
        self._history = EnrolmentHistory(journal, connection.id)
        self._secrets = secrets
        self._running: Runs[Enrolment] = Runs()

    def plan(self, user: User) -> Plan:
        """Look at the pool and its app client (DescribeUserPool, GetUserPoolMfaConfig, DescribeUserPoolClient)."""
        pool = self._pools.describe()
        client, secret = self._client_facts()
        flows = usable(client.flows if client is not None else None)
        forbidden = self._forbidden(user)
        if forbidden is not None:
            reason: str | None = forbidden.message
        else:
            reason = obstacle(Action.ENROL_AUTHENTICATOR, self._upkeep.operator, user, pool)
        if reason is None and user.username in self._running.names():
            reason = "An enrolment of this person runs already, in another view of this window. Go on with that one."
        if reason is None and not flows:
            reason = (
                "The app client allows no way to sign in that takes a password from the Desk. Add "
                "ALLOW_ADMIN_USER_PASSWORD_AUTH to its authentication flows; people will not notice."
            )
        return Plan(
            user,
            pool,
            client,
            flows,
            client is not None and client.has_secret and secret is None,
            reason,
            self.situation(user),
            self.can_delete,
            self.endings(user, pool),
            self._history.elsewhere(user.username),
        )

    def keep_secret(self, secret: str) -> bool:
        """Keep the app client's secret in the keyring; false where it could only be kept for this session."""
        if not secret.strip():
            message = "Client secret: it is empty. Copy it from the app client's page in the AWS console."
            raise AppError(ErrorCode.INVALID_INPUT, message, subject="client_secret", fields={"client_secret": message})
        return self._secrets.set(client_secret_ref(self._connection.id), secret.strip()) == "keyring"

    def begin(self, plan: Plan, start: Start, *, issuer: str = "", lost: bool = False) -> Enrolment:
        """Begin. With the random start the person's present password stops working at once; `lost`: their present
        authenticator is removed first.

        AppError NOT_ALLOWED, USER_STATE (the plan's obstacle), CONFLICT (one of this person runs already, maybe in
        another window of which the plan does not tell yet), or whatever Cognito says: then the enrolment is not
        running, and its situation says what was done.
        """
        self._refuse(plan)
        user = plan.user
        if plan.elsewhere is None and (rival := self._rival(user.username)):
            raise AppError(ErrorCode.CONFLICT, f"{rival} Ask them first.", subject=user.username)
        assert self._connection.client_id is not None
        _, secret = self._client_facts() if plan.client is None or plan.client.has_secret else (None, None)
        sign_in = SignIn(
            self._client,
            self._connection.pool_id,
            self._connection.client_id,
            user.username,
            plan.flows,
            secret,
            who=user.email or user.phone or user.username,
        )
        tools = Tools(
            users=self._upkeep.users,
            changes=self._upkeep.changes,
            sign_in=sign_in,
            policy=plan.pool.password_policy,
            endings=lambda now: self.endings(now, plan.pool),
            learn=self._upkeep.refresh_fact,
            enrolled=self._upkeep.enrolled,
            remove=self._remove,
            rival=lambda: self._rival(user.username),
            session_validity=plan.client.session_validity if plan.client is not None else timedelta(minutes=3),
        )
        name = plain_name(issuer or plan.pool.name)
        enrolment = Enrolment(user, start, name, tools)
        self._running.add(user.username, enrolment, user.email or user.username)
        try:
            enrolment.begin(lost=lost)
        except BaseException:
            self.end(enrolment)
            raise
        return enrolment

    def find(self, text: str, limit: int = 8) -> tuple[User, ...]:
        """People by the beginning of their email, phone number or name, or by user name or sub (ListUsers, free)."""
        sought = text.strip()
        if not sought:
            message = "Person: write the beginning of the email address, phone number or name, or the user name."
            raise AppError(ErrorCode.INVALID_INPUT, message, subject="person", fields={"person": message})
        first = "phone_number" if sought.startswith("+") else "email"
        filters = [starts_with(first, sought), equals("username", sought), equals("sub", sought)]
        filters += [starts_with(name, sought) for name in ("name", "given_name", "family_name")]
        for each in filters:  # Cognito searches one attribute at a time
            page = self._upkeep.users.list_page(limit=limit, filter=each)
            if page.users:
                return page.users
        return ()

    def person(self, username: str) -> User:
        """The person of exactly this user name (ListUsers, free of billing). AppError(USER_NOT_FOUND)."""
        for user in self._upkeep.users.list_page(limit=1, filter=equals("username", username)).users:
            if user.username == username:
                return user
        message = "This person is no longer in the pool: there is nothing to go on with."
        raise AppError(ErrorCode.USER_NOT_FOUND, message, subject=username)

    def end(self, enrolment: Enrolment) -> None:
        """The view of it closes: end the Desk's session and drop every secret. What is half done stays as it is."""
        self._running.end(enrolment.user.username, enrolment)

    def leave(self, seconds: float = LEAVE_SECONDS) -> bool:
        """The connection is left: end what runs, within `seconds`; no enrolment begins any more. Idempotent.

        False where a session could not be ended in that time. It still is when an answer comes, if one does; the
        journal keeps that it may be open, and the next start offers to finish or undo.
        """
        return self._running.leave(seconds)

    def endings(self, user: User, pool: PoolSnapshot | None = None) -> Mapping[Ending, str | None]:
        """The ways to a password of their own, each with the reason why it is not open."""
        confirmed = User(
            user.username, UserStatus.CONFIRMED, user.enabled, user.created, user.modified, user.attributes
        )
        return {
            Ending.TEMPORARY: None,
            Ending.EMAIL: obstacle(Action.RESET_PASSWORD, self._upkeep.operator, confirmed, pool),
        }

    def situation(self, user: User) -> Situation:
        """What earlier enrolments have left in the account, by the journal. After a temporary password AdminGetUser is
        asked too: whoever has chosen a password of their own had been told it, whatever was noted.
        """
        found = self._history.situation(user.username)
        if found.password is Password.UNREAD and self._confirmed(user.username):
            return replace(found, password=Password.THEIRS)
        return found

    def left(self, user: User) -> Situation | None:
        """As `situation`; None while an enrolment of this person runs in this window, which is not left at all."""
        return None if user.username in self._running.names() else self.situation(user)

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Everybody whose enrolment was left half done, newest first; those that run now are left out."""
        return tuple(
            left
            for left in self._history.unfinished(self._running.names())
            if left.situation.password is not Password.UNREAD or not self._confirmed(left.username)
        )

    def close(self, user: User) -> None:
        """The temporary password has been read: nothing is left to do. Until then the journal calls it half done."""
        perform(self._upkeep.changes, user, Step.CLOSE, lambda: None)

    def finish(self, user: User, ending: Ending = Ending.TEMPORARY) -> str | None:
        """Do what remains and needs no phone; the temporary password, where one was made.

        AppError(MFA_NOT_ENABLED) where it turns out that the authenticator never was verified.
        """
        return self._work_off(user, self.situation(user).to_finish, ending)

    def undo(self, user: User, ending: Ending = Ending.TEMPORARY) -> str | None:
        """Take back the new authenticator, end every session, and replace a random password; as `finish`."""
        return self._work_off(user, self.situation(user).to_undo, ending)

    @property
    def can_delete(self) -> bool:
        """Whether the AWS library at hand knows AdminDeleteSoftwareToken."""
        return known(self._client, "AdminDeleteSoftwareToken")

    def _work_off(self, user: User, steps: tuple[Step, ...], ending: Ending) -> str | None:
        forbidden = self._forbidden(user)
        if forbidden is not None:
            raise forbidden
        from app import mirror_requests
        from app.onboarding.mirror import MirrorKind

        policy = self._pools.describe().password_policy if Step.HAND_OVER in steps else None
        password = None

        def step(which: Step, call: Callable[[], object], **details: str) -> object:
            return perform(self._upkeep.changes, user, which, call, None, details)

        for each in steps:
            if each is Step.PREFER:
                mirror = mirror_requests.request(MirrorKind.MFA_ENROLLED, user)
                perform(self._upkeep.changes, user, each, lambda: self._prefer(user), mirror, {"by": "administrator"})
                self._upkeep.enrolled(user)
            elif each is Step.SIGN_OUT:
                step(each, lambda: self._access.sign_out(user.username), scope="every session of the person")
            elif each is Step.REMOVE_NEW:
                step(each, lambda: self._remove(user))
            elif policy is not None:
                password = hand_over(self._upkeep.users, policy, step, user, ending)
        if password is None:
            step(Step.CLOSE, lambda: None)
        return password

    def _confirmed(self, username: str) -> bool:
        try:
            return self._upkeep.users.get(username).status is UserStatus.CONFIRMED
        except AppError:
            return False  # while Cognito does not answer, what the journal tells stands

    def _prefer(self, user: User) -> None:
        self._upkeep.users.set_mfa_preference(user.username, MfaPreference(totp=True, preferred="totp"))

    def _remove(self, user: User) -> Removal:
        try:
            return self._access.remove_authenticator(user.username)
        except AppError as error:
            if error.code not in _NONE_THERE:
                raise
            return Removal(True, "There was none.")

    def _client_facts(self) -> tuple[ClientSnapshot | None, str | None]:
        """The app client, and its secret: from the keyring, else as AWS tells it to these credentials."""
        try:
            client = self._pools.client()
        except AppError as error:
            if error.code is not ErrorCode.ACCESS_DENIED:
                raise
            return None, self._secrets.get(client_secret_ref(self._connection.id))
        if not client.has_secret:
            return client, None
        kept = self._secrets.get(client_secret_ref(self._connection.id))
        return client, kept or self._pools.client_secret()

    def _forbidden(self, user: User) -> AppError | None:
        try:
            row = self._upkeep.row(user)
        except AppError:
            row = None  # without a database, or while it is away, what Cognito holds decides
        try:
            self._upkeep.permit(Action.ENROL_AUTHENTICATOR, user, row)
        except AppError as error:
            if error.code is not ErrorCode.NOT_ALLOWED:
                raise
            return error
        return None

    def _rival(self, username: str) -> str:
        """Who is at an enrolment of the same person in another window, in a sentence; empty where nobody is."""
        found = self._history.elsewhere(username)
        return f"{found.operator} is enrolling this person in another window of this program." if found else ""

    def _refuse(self, plan: Plan) -> None:
        forbidden = self._forbidden(plan.user)
        if forbidden is not None:
            raise forbidden
        if plan.obstacle is not None:
            raise AppError(ErrorCode.USER_STATE, plan.obstacle, subject=plan.user.username)
