"""Whether an action makes sense for one person now, told before it is tried. Pure; no I/O.

Cognito has the last word: a precheck spares a person a refusal, it never replaces the service's own check.
"""

from __future__ import annotations

from datetime import datetime

from app.directory.models import User, UserStatus
from app.onboarding.models import DatabaseUser
from app.permissions import Action, Operator, Role, why_not
from app.pool.models import PoolSnapshot

ADMINISTRATOR = "This is an administrator's account. Only an admin may change it."
OWN_ACCOUNT = "This is your own account. Ask another administrator to do it."
_LOCKS_OUT = frozenset({Action.ONBOARDING_DISABLE, Action.SUSPEND})
_FEDERATED = "signs in through another identity provider, which keeps the password"


def obstacle(
    action: Action,
    operator: Operator,
    user: User,
    pool: PoolSnapshot | None = None,
    row: DatabaseUser | None = None,
) -> str | None:
    """Why `operator` cannot do `action` to `user` now, as a sentence; None where nothing stands in the way.

    `pool` and `row` sharpen the answer where they are known.
    """
    return (
        why_not(operator, action) or guarded(operator, user, row) or _state_obstacle(action, operator, user, pool, row)
    )


def guarded(operator: Operator, user: User, row: DatabaseUser | None) -> str | None:
    """Whoever controls an administrator's account is one: support may not touch it."""
    roles = {user.attributes.get("custom:role", "").lower(), (row.role or "").lower() if row is not None else ""}
    if operator.role is Role.SUPPORT and "admin" in roles:
        return ADMINISTRATOR
    return None


def row_obstacle(action: Action, operator: Operator, row: DatabaseUser) -> str | None:
    """Why `operator` may not move somebody's row by `action`, as far as the row tells; None where it tells nothing."""
    if operator.role is Role.SUPPORT and (row.role or "").lower() == "admin":
        return ADMINISTRATOR
    if action in _LOCKS_OUT and operator.name.casefold() in {row.email.casefold(), (row.subject or "").casefold()}:
        return OWN_ACCOUNT
    return None


def _state_obstacle(
    action: Action, operator: Operator, user: User, pool: PoolSnapshot | None, row: DatabaseUser | None
) -> str | None:
    who = user.email or user.username
    match action:
        case Action.ENABLE_USER if user.enabled:
            return f"{who} is already enabled."
        case Action.DISABLE_USER if not user.enabled:
            return f"{who} is already disabled."
        case Action.DISABLE_USER | Action.DELETE_USER if is_self(operator, user):
            return OWN_ACCOUNT
        case Action.RESET_PASSWORD:
            return _reset_obstacle(user, pool)
        case Action.SET_PASSWORD | Action.SET_PERMANENT_PASSWORD if user.status is UserStatus.EXTERNAL_PROVIDER:
            return f"{who} {_FEDERATED}. A password here would cut that link."
        case Action.RESEND_INVITATION if user.status is not UserStatus.FORCE_CHANGE_PASSWORD:
            return f"{who} has already accepted the invitation. Use Reset password instead."
        case Action.RESEND_INVITATION if not user.email and not user.phone:
            return f"{who} has no email address or phone number to send an invitation to."
        case Action.CONFIRM_SIGN_UP if user.status is not UserStatus.UNCONFIRMED:
            return f"The sign-up of {who} does not wait for a confirmation."
        case Action.RESET_AUTHENTICATOR if user.status is UserStatus.EXTERNAL_PROVIDER:
            return f"{who} signs in through another identity provider, which asks for the second factor itself."
        case Action.RESET_AUTHENTICATOR if user.factors is not None and "totp" not in user.factors:
            return f"{who} has no authenticator app that could be removed."
        case Action.ENROL_AUTHENTICATOR:
            return _enrolment_obstacle(user, pool)
        case Action.DISABLE_MFA if row is not None and row.mfa_required:
            return "Multi-factor authentication is required for this person. Lift the requirement first."
    return None


def _enrolment_obstacle(user: User, pool: PoolSnapshot | None) -> str | None:
    who = user.email or user.username
    if not user.enabled:
        return f"{who} is disabled, so nobody can sign in as them. Enable the account first."
    if user.status is UserStatus.EXTERNAL_PROVIDER:
        return f"{who} signs in through another identity provider, which asks for the second factor itself."
    if user.status is UserStatus.UNCONFIRMED:
        return f"{who} has not confirmed the sign-up yet. An authenticator comes after that."
    if pool is not None and pool.mfa == "OFF":
        return "This pool has MFA switched off, so Cognito would never ask for an authenticator."
    if pool is not None and pool.factors_known and "totp" not in pool.factors:
        return "This pool does not offer authenticator apps (TOTP) as a second factor."
    return None


def _reset_obstacle(user: User, pool: PoolSnapshot | None) -> str | None:
    who = user.email or user.username
    if user.status is UserStatus.EXTERNAL_PROVIDER:
        return f"{who} {_FEDERATED}."
    if user.status is UserStatus.FORCE_CHANGE_PASSWORD:
        return f"{who} still has a temporary password. Resend the invitation instead."
    if user.status is UserStatus.UNCONFIRMED:
        return f"{who} has not confirmed the sign-up yet, so there is no password to reset."
    if not user.enabled:
        return f"{who} is disabled. Enable the account first."
    if not (user.email_verified or user.phone_verified):
        return (
            "There is no verified email address or phone number to send the code to. "
            "Verify a contact first, or set a temporary password."
        )
    if pool is not None and pool.recovery == ("admin_only",):
        return "This pool allows password resets by administrators only. Set a temporary password instead."
    return None


def is_self(operator: Operator, user: User) -> bool:
    """Whether the operator would act on their own account."""
    known = {user.username, user.sub, user.email, user.attributes.get("preferred_username", "")}
    return operator.name.casefold() in {name.casefold() for name in known} - {""}


def temporary_password_expired(user: User, pool: PoolSnapshot | None, now: datetime) -> bool:
    """Whether a temporary password has (about) run out, by the pool's policy. False while the policy is not known."""
    if pool is None:
        return False
    expiry = user.temporary_password_expiry(pool.password_policy.temporary_days)
    return expiry is not None and expiry <= now
