"""What is wrong with the whole set-up: environment, pool, app client, permissions, database. Pure rules, no I/O.

What concerns one person is app.diagnosis.signin's. `TROUBLESHOOTING` says which of the two answers each symptom.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.diagnosis.account import password_flow
from app.diagnosis.findings import Finding, Gate
from app.errors import AppError, ErrorCode
from app.onboarding.schema import SchemaReport
from app.pool.models import ClientSnapshot, PoolSnapshot

_CONSOLE = "in the AWS console"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What was read of the set-up. What was not read is None or empty, never guessed.

    `variables` are the environment's, without secrets' values. `refused` are the errors that reading met.
    """

    pool: PoolSnapshot | None = None
    client: ClientSnapshot | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[AppError, ...] = ()
    schema: SchemaReport | None = None


Rule = Callable[[SetUp], Finding | None]


def provider_unavailable(s: SetUp) -> Finding | None:
    """AUTH_PROVIDER says cognito, and the pool or the client is not named: the application falls back to local."""
    if s.variables.get("AUTH_PROVIDER", "").lower() != "cognito":
        return None
    missing = [name for name in ("COGNITO_USER_POOL_ID", "COGNITO_CLIENT_ID") if not s.variables.get(name)]
    if not missing:
        return None
    return Finding(
        "provider_unavailable",
        "The application falls back to local accounts.",
        f"AUTH_PROVIDER is cognito, but {' and '.join(missing)} is not set.",
        Gate.APPLICATION,
        (),
        "Set what is missing, and start the application again.",
    )


def password_flow_off(s: SetUp) -> Finding | None:
    """The app client lets nobody sign in with USER_PASSWORD_AUTH."""
    if s.client is None or password_flow(s.client.flows):
        return None
    return Finding(
        "password_flow_off",
        "The app client does not allow signing in with a password.",
        f"{s.client.name or s.client.id} lacks ALLOW_USER_PASSWORD_AUTH: “USER_PASSWORD_AUTH not enabled”.",
        Gate.COGNITO,
        (),
        f"Switch the flow on {_CONSOLE}, App clients, Authentication flows.",
    )


def refresh_flow_off(s: SetUp) -> Finding | None:
    """The app client lets nobody refresh tokens: everybody is signed out when the access token ends."""
    if s.client is None or {"ALLOW_REFRESH_TOKEN_AUTH", "REFRESH_TOKEN_AUTH"} & set(s.client.flows):
        return None
    if not any(flow.startswith("ALLOW_") for flow in s.client.flows):
        return None  # the legacy names always include the refresh
    return Finding(
        "refresh_flow_off",
        "The app client does not allow refreshing tokens.",
        f"{s.client.name or s.client.id} lacks ALLOW_REFRESH_TOKEN_AUTH: people must sign in again every time.",
        None,
        (),
        f"Switch the flow on {_CONSOLE}, App clients, Authentication flows.",
    )


def client_secret(s: SetUp) -> Finding | None:
    """The app client has a secret, which the application must hash into every request."""
    if s.client is None or not s.client.has_secret:
        return None
    return Finding(
        "client_secret",
        "The app client has a secret.",
        "Cognito refuses every sign-in without SECRET_HASH.",
        None,
        (),
        "Use an app client without a secret, or let the application send the hash.",
    )


def no_email_sign_in(s: SetUp) -> Finding | None:
    """People are expected to sign in by email, and this pool does not know that."""
    if s.pool is None or "email" in (*s.pool.username_attributes, *s.pool.alias_attributes):
        return None
    return Finding(
        "no_email_sign_in",
        "In this pool nobody signs in with an email address.",
        "Email is neither the user name nor an alias. Neither can be changed once a pool exists.",
        None,
        (),
        "Where people shall sign in by email, a new pool is needed.",
    )


def email_not_verified_by_pool(s: SetUp) -> Finding | None:
    """The pool sends no code to new addresses: they stay unverified."""
    if s.pool is None or "email" in s.pool.auto_verified:
        return None
    return Finding(
        "email_not_verified_by_pool",
        "The pool does not verify email addresses by itself.",
        "Nobody who signs up is sent a code, so that addresses stay unverified and onboarding waits.",
        None,
        (),
        f"Let Cognito verify the email {_CONSOLE}, Sign-up.",
    )


def mfa_off(s: SetUp) -> Finding | None:
    """MFA is off, so that nobody can be required to use it."""
    if s.pool is None or s.pool.mfa != "OFF":
        return None
    return Finding(
        "mfa_off",
        "Multi-factor authentication is off in this pool.",
        "Requiring it of one person has no effect, and nobody can enrol an authenticator.",
        None,
        (),
        f"Set it to optional or required {_CONSOLE}, Sign-in.",
    )


def totp_off(s: SetUp) -> Finding | None:
    """The pool offers no authenticator apps."""
    if s.pool is None or s.pool.mfa == "OFF" or not s.pool.factors_known or "totp" in s.pool.factors:
        return None
    return Finding(
        "totp_off",
        "Authenticator apps are switched off in this pool.",
        f"It offers {', '.join(s.pool.factors) or 'no factor'}: enrolling an authenticator is refused.",
        None,
        (),
        f"Switch authenticator apps on {_CONSOLE}, Sign-in.",
    )


def challenges(s: SetUp) -> Finding | None:
    """With MFA the application must answer challenges: an old build of it fails without a word."""
    if s.pool is None or s.pool.mfa == "OFF":
        return None
    return Finding(
        "challenges",
        "The application must answer the questions of a sign-in with MFA.",
        f"MFA is {'required' if s.pool.mfa == 'ON' else 'optional'}: Cognito answers a right password with a challenge"
        " (SOFTWARE_TOKEN_MFA, SMS_MFA, MFA_SETUP). A build that does not know them fails silently.",
        None,
        (),
        "Where people with MFA cannot sign in and others can, bring the application up to date.",
    )


def enumeration(s: SetUp) -> Finding | None:
    """The app client tells strangers who has an account."""
    if s.client is None or s.client.prevents_enumeration:
        return None
    return Finding(
        "enumeration",
        "The app client tells strangers whether somebody has an account.",
        "A reset for an unknown address is answered with “User does not exist” (UserNotFoundException).",
        None,
        (),
        f"Switch “Prevent user existence errors” on {_CONSOLE}, App clients.",
    )


def recovery_by_admin_only(s: SetUp) -> Finding | None:
    """Nobody can reset a forgotten password."""
    if s.pool is None or "admin_only" not in s.pool.recovery:
        return None
    return Finding(
        "recovery_by_admin_only",
        "Nobody can reset a forgotten password themselves.",
        "Self-service account recovery is off in this pool.",
        None,
        (),
        f"Switch it on {_CONSOLE}, Sign-in, User account recovery.",
    )


def permission_missing(s: SetUp) -> Finding | None:
    """AWS refused something that was read (AccessDeniedException)."""
    denied = sorted({error.subject or "" for error in s.refused if error.code is ErrorCode.ACCESS_DENIED} - {""})
    if not denied:
        return None
    return Finding(
        "permission_missing",
        "The credentials lack a permission.",
        f"AWS refused {', '.join(denied)}.",
        None,
        (),
        "Allow it on the pool's ARN in the IAM policy of these credentials.",
    )


def columns_missing(s: SetUp) -> Finding | None:
    """The database's table lacks columns that onboarding needs."""
    if s.schema is None or s.schema.usable:
        return None
    return Finding(
        "columns_missing",
        "The application database lacks columns that onboarding needs.",
        f"auth.users has no {', '.join(s.schema.missing_required)}.",
        Gate.APPLICATION,
        (),
        "Let the application's developers add them.",
    )


RULES: Final[tuple[Rule, ...]] = (
    provider_unavailable,
    password_flow_off,
    permission_missing,
    columns_missing,
    mfa_off,
    totp_off,
    email_not_verified_by_pool,
    no_email_sign_in,
    client_secret,
    refresh_flow_off,
    recovery_by_admin_only,
    enumeration,
    challenges,
)

TROUBLESHOOTING: Final[Mapping[str, tuple[str, ...]]] = {
    "the provider is not available, and the application falls back to local": ("provider_unavailable",),
    "USER_PASSWORD_AUTH not enabled on login": ("password_flow_off", "client_without_password_flow"),
    "401 AUTH_FAILED on correct credentials": ("unconfirmed", "email_not_verified"),
    "login fails silently for people with MFA": ("challenges", "mfa_required_without_factor", "none_preferred"),
    "User does not exist on reset": ("enumeration", "no_recovery_contact"),
    "TOTP code accepted but no challenge at login": ("authenticator_not_asked",),
    "the connection test fails with AccessDeniedException": ("permission_missing",),
    "admin-created users cannot log in": ("temporary_password", "expired_password"),
}
"""Symptom of the source document, section 8 -> the findings that answer it, of this module or of signin."""


def examine(set_up: SetUp) -> tuple[Finding, ...]:
    """Everything that the rules find: what keeps people out first."""
    found = [finding for rule in RULES if (finding := rule(set_up)) is not None]
    return tuple(sorted(found, key=lambda finding: finding.gate is None))
