"""How one person gets in, and is kept out: sign-up, sessions, devices, second factors, history. Any thread; AppError.

A read that this pool, tier, AWS library or policy does not offer returns a Capability that says why, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from app import mirror_requests
from app.capabilities import Capabilities, Capability, Feature
from app.changes import Outcome
from app.directory.access import Removal
from app.directory.models import MfaPreference, User, UserStatus
from app.errors import AppError, ErrorCode
from app.onboarding.mirror import MirrorKind
from app.permissions import Action
from app.upkeep import LANDED, Upkeep

if TYPE_CHECKING:
    from app.directory.access import Access
    from app.directory.devices import Device, Devices
    from app.directory.history import AuthEventPage, History
    from app.directory.models import AuthFactors
    from app.directory.sessions import Sessions, UserSession
    from app.pool.models import ClientSnapshot, PoolSnapshot

T = TypeVar("T")

COOKIE_REMAINS = (
    "A browser that signed in through the managed-login pages keeps its cookie for up to an hour, and may be let in "
    "again without a password. Disabling the account keeps it out."
)
_NO_FACTOR = frozenset({ErrorCode.MFA_NOT_ENABLED, ErrorCode.INVALID_INPUT, ErrorCode.POOL_SETTING})


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Every session has ended; `remains` says in sentences what AWS cannot end."""

    remains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Whether MFA is required of somebody now. `asked`: Cognito will ask for a factor; else `why` not."""

    required: bool
    asked: bool
    why: str = ""


class Security:
    """Ways in of one person at a time, for one operator."""

    def __init__(
        self,
        access: Access,
        devices: Devices,
        sessions: Sessions,
        history: History,
        capabilities: Capabilities,
        upkeep: Upkeep,
    ) -> None:
        self.capabilities = capabilities
        self._access = access
        self._devices = devices
        self._sessions = sessions
        self._history = history
        self._upkeep = upkeep

    # Reading. Only `factors` may count the person as active: AWS does not say.

    def factors(self, user: User) -> AuthFactors | Capability:
        """What the person can sign in with."""
        return self.capabilities.attempt(Feature.FACTORS, lambda: self._upkeep.users.factors(user.username))

    def devices(self, user: User, pool: PoolSnapshot | None = None) -> tuple[Device, ...] | Capability:
        """The devices that the pool remembers for them, last used first."""
        return self.capabilities.attempt(Feature.DEVICES, lambda: self._devices.of(user.username), pool)

    def sessions(self, user: User, pool: PoolSnapshot | None = None) -> tuple[UserSession, ...] | Capability:
        """Where they are signed in, last active first; a few seconds late."""
        return self.capabilities.attempt(Feature.SESSIONS, lambda: self._sessions.of(user.username), pool)

    def history(
        self, user: User, token: str | None = None, pool: PoolSnapshot | None = None
    ) -> AuthEventPage | Capability:
        """What they did to get in, newest first, 60 at a time; `token` is that of the page before."""
        return self.capabilities.attempt(Feature.HISTORY, lambda: self._history.page(user.username, token), pool)

    # Changing.

    def confirm(self, user: User, *, verify_email: bool = False) -> Outcome[User]:
        """Confirm somebody who signed up (AdminConfirmSignUp), so that they can sign in without their code.

        Cognito leaves the address unverified, and the database waits for that: `verify_email` marks it as verified too.
        """
        self._upkeep.refuse(Action.CONFIRM_SIGN_UP, user)
        if verify_email and not user.email:
            message = f"{user.username} has no email address that could be marked as verified."
            raise AppError(ErrorCode.USER_STATE, message, subject=user.username)
        confirmed = self._upkeep.change(
            Action.CONFIRM_SIGN_UP,
            user,
            lambda: self._access.confirm_sign_up(user.username),
            lambda now: replace(now, status=UserStatus.CONFIRMED),
            mirror=mirror_requests.request(MirrorKind.CONFIRM_EMAIL, user) if user.email_verified else None,
        )
        if not verify_email or user.email_verified:
            return confirmed
        changes = {"email_verified": "true"}
        try:
            self._upkeep.refuse(Action.UPDATE_ATTRIBUTES, user)
            return self._upkeep.change(
                Action.UPDATE_ATTRIBUTES,
                user,
                lambda: self._upkeep.users.update_attributes(user.username, changes),
                lambda now: replace(
                    now,
                    status=UserStatus.CONFIRMED,
                    attributes=mirror_requests.applied(now.attributes, changes),
                ),
                {"attributes": "email_verified"},
                mirror_requests.attributes_changed(user, changes),
            )
        except AppError as error:
            missed = "it is not known whether the address was" if error.uncertain else "the address could not be"
            note = f"The sign-up is confirmed, but {missed} marked as verified. {error.message}"
            return replace(confirmed, note=f"{note} {confirmed.note}".strip())

    def sign_out(self, user: User, client: ClientSnapshot | None = None) -> Outcome[SignedOut]:
        """End every session of the person (AdminUserGlobalSignOut). `client` tells how long access tokens last."""
        self._upkeep.refuse(Action.SIGN_OUT, user)
        outcome = self._upkeep.perform(Action.SIGN_OUT, user, lambda: self._access.sign_out(user.username))
        return Outcome(SignedOut(not_ended(client)), outcome.entry_id, outcome.mirror, outcome.note)

    def remove_authenticator(self, user: User) -> Outcome[Removal]:
        """Take a lost authenticator away, so that another can be enrolled; the database forgets it too.

        Allowed where MFA is required as well: the person must then enrol before anything else.
        """
        self._upkeep.refuse(Action.RESET_AUTHENTICATOR, user)
        return self._refreshed(
            user,
            self._upkeep.perform(
                Action.RESET_AUTHENTICATOR,
                user,
                lambda: self._access.remove_authenticator(user.username),
                mirror=mirror_requests.request(MirrorKind.MFA_LOST, user),
            ),
        )

    def require_mfa(self, user: User, *, required: bool) -> Outcome[Requirement]:
        """Require MFA of the person, or no longer (`mfa_required` in the database).

        Where they have a second factor but Cognito would not ask for it, it is made the preferred one. AppError:
        DATABASE_MISSING, DATABASE_SCHEMA without that column, USER_STATE without a row.
        """
        self._upkeep.refuse(Action.REQUIRE_MFA, user)
        database = self._upkeep.database()
        if "mfa_required" not in database.columns():
            message = "auth.users has no column mfa_required, so it cannot be kept who must use MFA."
            raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users.mfa_required")
        row = self._upkeep.row(user)
        if row is None:
            message = f"The database has no row for {user.email or user.username}, where the requirement is kept."
            raise AppError(ErrorCode.USER_STATE, message, subject=user.username)
        outcome = self._refreshed(
            user,
            self._upkeep.perform(
                Action.REQUIRE_MFA,
                user,
                lambda: self._ask_for_factor(user) if required else Requirement(False, False),
                {"required": str(required).lower()},
                mirror_requests.request(MirrorKind.MFA_REQUIRED, user, {"required": str(required).lower()}),
            ),
        )
        if row.mfa_required is required:
            return outcome
        words = "Require MFA again" if not required else "Lift the requirement again"
        undo = self._upkeep.inverse(Action.REQUIRE_MFA, words, lambda: self.require_mfa(user, required=not required))
        return replace(outcome, undo=undo)

    def forget_device(self, user: User, device: Device) -> Outcome[None]:
        """Forget a device (AdminForgetDevice): it no longer stands for a second factor. Sessions go on."""
        self._upkeep.refuse(Action.FORGET_DEVICE, user)
        return self._upkeep.perform(
            Action.FORGET_DEVICE,
            user,
            lambda: self._devices.forget(user.username, device.key),
            {"device": device.name or device.key},
        )

    def remember_device(self, user: User, device: Device, *, remembered: bool) -> Outcome[None]:
        """Let a device stand for a second factor, or no longer (AdminUpdateDeviceStatus)."""
        self._upkeep.refuse(Action.FORGET_DEVICE, user)
        outcome = self._upkeep.perform(
            Action.FORGET_DEVICE,
            user,
            lambda: self._devices.remember(user.username, device.key, remembered=remembered),
            {"device": device.name or device.key, "remembered": str(remembered).lower()},
        )
        if device.remembered is not (not remembered):
            return outcome
        changed = replace(device, remembered=remembered)
        words = "Remember it again" if not remembered else "No longer remember it"
        undo = self._upkeep.inverse(
            Action.FORGET_DEVICE,
            words,
            lambda: self.remember_device(user, changed, remembered=not remembered),
        )
        return replace(outcome, undo=undo)

    def revoke_session(self, user: User, session: UserSession, *, linked: bool = False) -> Outcome[None]:
        """End one session (AdminRevokeUserSession); `linked`: those that belong to it too. AppError(GONE)."""
        self._upkeep.refuse(Action.REVOKE_SESSION, user)
        place = ", ".join(part for part in (session.device, session.city, session.country, session.ip) if part)
        return self._upkeep.perform(
            Action.REVOKE_SESSION,
            user,
            lambda: self._sessions.revoke(user.username, session.id, linked=linked),
            {"session": place or session.id, "linked": str(linked).lower()},
        )

    def _ask_for_factor(self, user: User) -> Requirement:
        try:
            factors = self._upkeep.users.factors(user.username)
        except AppError as error:
            if error.code not in (ErrorCode.NOT_SUPPORTED, ErrorCode.ACCESS_DENIED):
                raise
            wanted = "totp"  # the only factor that the applications behind the database know
        else:
            if factors.preferred is not None:
                return Requirement(True, True)
            wanted = factors.mfa[0] if factors.mfa else "totp"
        try:
            self._upkeep.users.set_mfa_preference(user.username, MfaPreference(preferred=wanted))
        except AppError as error:
            if error.code not in _NO_FACTOR:
                raise
            return Requirement(True, False, error.message)
        return Requirement(True, True)

    def _refreshed(self, user: User, outcome: Outcome[T]) -> Outcome[T]:
        self._upkeep.index.learn_factors({user.username: None})  # what Cognito told of them before is over
        if outcome.mirror in LANDED:
            self._upkeep.refresh_fact(user)
        return outcome


def not_ended(client: ClientSnapshot | None) -> tuple[str, ...]:
    """What signing somebody out everywhere does not end, in sentences. Pure."""
    lasts = f" for up to {_words(client.access_validity)}" if client is not None else " until they run out"
    tokens = f"An application that checks access tokens by itself takes those it has{lasts}."
    return (tokens, COOKIE_REMAINS)


def _words(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes % 1440 == 0:
        amount, unit = minutes // 1440, "day"
    elif minutes % 60 == 0:
        amount, unit = minutes // 60, "hour"
    else:
        amount, unit = minutes, "minute"
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"
