"""The rules that look at Cognito's side: the account, its contacts and second factors, the pool and the app client.

One function each, pure; None where it does not apply or cannot be told. The texts quote no secret.
"""

from __future__ import annotations

import json
from datetime import timedelta

from app.diagnosis.findings import Finding, Gate, Remedy, Snapshot
from app.directory.models import User, UserStatus
from app.pool.models import PoolSnapshot
from app.prechecks import temporary_password_expired

TOTP, SMS, EMAIL = "totp", "sms", "email"  # as User.factors has them
_CONTACT_OF = {SMS: "phone number", EMAIL: "email address"}
_FACTOR_WORDS = {TOTP: "an authenticator app", SMS: "a code by text message", EMAIL: "a code by email"}


def disabled(s: Snapshot) -> Finding | None:
    """The account is switched off."""
    if s.user.enabled:
        return None
    return Finding(
        "disabled",
        "The account is disabled in Cognito.",
        "Cognito refuses every sign-in until the account is enabled again.",
        Gate.COGNITO,
        (Remedy.ENABLE,),
    )


def unconfirmed(s: Snapshot) -> Finding | None:
    """Signed up and never entered the code (UNCONFIRMED)."""
    if s.user.status is not UserStatus.UNCONFIRMED:
        return None
    return Finding(
        "unconfirmed",
        "The sign-up is not confirmed.",
        f"The code from the sign-up message was never entered; the account was made {days(s.now - s.user.created)} ago."
        " Codes last 24 hours.",
        Gate.COGNITO,
        (Remedy.CONFIRM_SIGN_UP,),
        "The person can ask for a new code on the application's sign-up page, or you confirm the sign-up for them.",
    )


def reset_required(s: Snapshot) -> Finding | None:
    """An administrator reset the password and no new one was chosen (RESET_REQUIRED)."""
    if s.user.status is not UserStatus.RESET_REQUIRED:
        return None
    return Finding(
        "reset_required",
        "A new password must be chosen first.",
        "The password was reset. The person chooses a new one with the code from the message; codes last 1 hour.",
        Gate.COGNITO,
        (Remedy.SEND_RESET_CODE, Remedy.SET_PASSWORD) if recovery_contact(s) else (Remedy.SET_PASSWORD,),
    )


def expired_password(s: Snapshot) -> Finding | None:
    """The invitation's temporary password has run out. Cognito does not tell the moment: the text says about."""
    if s.pool is None or not temporary_password_expired(s.user, s.pool, s.now):
        return None
    allowed = _count(s.pool.password_policy.temporary_days, "day")
    return Finding(
        "expired_password",
        "The temporary password has expired.",
        f"Set about {days(s.now - s.user.modified)} ago; this pool allows {allowed}.",
        Gate.COGNITO,
        (Remedy.RESEND_INVITATION, Remedy.SET_PASSWORD),
    )


def temporary_password(s: Snapshot) -> Finding | None:
    """Invited, with a temporary password that still holds (FORCE_CHANGE_PASSWORD)."""
    if s.user.status is not UserStatus.FORCE_CHANGE_PASSWORD or temporary_password_expired(s.user, s.pool, s.now):
        return None
    if s.pool is None:
        until = "How long it holds is not known: the pool's settings could not be read."
    else:
        expiry = s.user.temporary_password_expiry(s.pool.password_policy.temporary_days)
        assert expiry is not None
        until = f"It holds for about another {days(expiry - s.now)}."
    return Finding(
        "temporary_password",
        "A temporary password waits to be used.",
        f"At the first sign-in the person must choose a password of their own. {until}",
        None,
        (Remedy.RESEND_INVITATION, Remedy.SET_PASSWORD),
        "An application that cannot ask for the new password (NEW_PASSWORD_REQUIRED) does not let them in: set a"
        " permanent one then.",
    )


def odd_status(s: Snapshot) -> Finding | None:
    """A status that Cognito no longer uses, or that is not known here."""
    if s.user.status not in (UserStatus.ARCHIVED, UserStatus.COMPROMISED, UserStatus.UNKNOWN):
        return None
    return Finding(
        "odd_status",
        f"The account has the unusual status {s.user.status.value}.",
        "Cognito no longer gives this status to accounts, so it is not known what it means for a sign-in.",
        None,
        (Remedy.SET_PASSWORD,),
    )


def client_without_password_flow(s: Snapshot) -> Finding | None:
    """The app client does not allow USER_PASSWORD_AUTH, with which the application signs people in."""
    if s.client is None or password_flow(s.client.flows):
        return None
    return Finding(
        "client_without_password_flow",
        "The app client does not allow signing in with a password.",
        f"{s.client.name or s.client.id} allows {_listed(s.client.flows) or 'nothing'}, not ALLOW_USER_PASSWORD_AUTH."
        " Everybody is concerned, not only this person.",
        Gate.COGNITO,
        (),
        "Let the app client use ALLOW_USER_PASSWORD_AUTH, in the AWS console under App clients.",
    )


def client_with_secret(s: Snapshot) -> Finding | None:
    """The app client has a secret: a sign-in without SECRET_HASH is refused."""
    if s.client is None or not s.client.has_secret:
        return None
    return Finding(
        "client_with_secret",
        "The app client has a secret.",
        "Cognito refuses a sign-in that does not carry the hash of it (SECRET_HASH).",
        None,
        (),
        "See to it that the application sends it, or use an app client without a secret.",
    )


def federated(s: Snapshot) -> Finding | None:
    """Comes from another identity provider, so that there is no password here (EXTERNAL_PROVIDER)."""
    if s.user.status is not UserStatus.EXTERNAL_PROVIDER:
        return None
    provider = provider_of(s.user) or "another identity provider"
    offered = s.client is None or not s.client.providers or provider in s.client.providers
    if offered or provider not in _providers(s.user):
        return Finding(
            "federated",
            f"Signs in through {provider}, not with a password.",
            "The password and the second factor are kept there. A password form refuses this person.",
            None,
            (),
            f"Send them to “Sign in with {provider}”. A forgotten password is reset there.",
        )
    assert s.client is not None
    return Finding(
        "federated",
        f"Signs in through {provider}, which the app client does not offer.",
        f"{s.client.name or s.client.id} offers {_listed(s.client.providers)}; a password form refuses this person.",
        Gate.COGNITO,
        (),
        f"Let the app client offer {provider}, in the AWS console under App clients.",
    )


def email_not_verified(s: Snapshot) -> Finding | None:
    """The email is not verified: no code reaches it, and as an alias it does not sign in."""
    user, pool = s.user, s.pool
    if not user.email or user.email_verified or user.status is UserStatus.EXTERNAL_PROVIDER:
        return None
    alias = pool is not None and "email" in pool.alias_attributes and not _same(user.username, user.email)
    if alias:
        return Finding(
            "email_not_verified",
            "The email address is not verified, so it does not sign in.",
            "In this pool an address signs in only once it is verified. Until then only the user name does.",
            Gate.COGNITO,
            (Remedy.VERIFY_EMAIL,),
            "Verify it only if you know that the address is theirs.",
        )
    return Finding(
        "email_not_verified",
        "The email address is not verified.",
        "Cognito sends no code for a forgotten password to it, and an application that insists on it refuses them.",
        None,
        (Remedy.VERIFY_EMAIL,),
        "Verify it only if you know that the address is theirs.",
    )


def no_email_sign_in(s: Snapshot) -> Finding | None:
    """The pool knows no email address as a name to sign in with."""
    pool, user = s.pool, s.user
    if pool is None or not user.email or user.status is UserStatus.EXTERNAL_PROVIDER:
        return None
    if "email" in (*pool.username_attributes, *pool.alias_attributes) or _same(user.username, user.email):
        return None
    return Finding(
        "no_email_sign_in",
        "In this pool nobody signs in with an email address.",
        f"The name to sign in with is {user.username}.",
    )


def capital_letters(s: Snapshot) -> Finding | None:
    """A case-sensitive pool takes the name only exactly as it is written."""
    if s.pool is None or not s.pool.case_sensitive or s.user.email == s.user.email.lower():
        return None
    return Finding(
        "capital_letters",
        "The email address has capital letters, and this pool takes them seriously.",
        f"It must be typed exactly so: {s.user.email}",
        None,
        (Remedy.EDIT_ATTRIBUTES,),
    )


def twins(s: Snapshot) -> Finding | None:
    """Another account has the same email in another spelling."""
    if not s.twins:
        return None
    others = _listed(f"{twin.email} ({twin.username})" for twin in s.twins)
    older = s.pool is not None and not s.pool.case_sensitive and any(t.created < s.user.created for t in s.twins)
    return Finding(
        "twins",
        "Another account has the same email address, spelt differently.",
        f"{others}. "
        + (
            "The pool does not tell them apart, so that a sign-in with the address may reach the older account."
            if older
            else "People take one for the other: look at both."
        ),
        Gate.PERHAPS if older else None,
    )


def no_recovery_contact(s: Snapshot) -> Finding | None:
    """Forgot-password cannot reach the person."""
    if s.user.status in (UserStatus.EXTERNAL_PROVIDER, UserStatus.UNCONFIRMED, UserStatus.FORCE_CHANGE_PASSWORD):
        return None
    if s.pool is None and (s.user.email_verified or s.user.phone_verified):
        return None
    if s.pool is not None and recovery_contact(s):
        return None
    if s.pool is not None and "admin_only" in s.pool.recovery:
        return Finding(
            "no_recovery_contact",
            "A forgotten password can be set by an administrator only.",
            "This pool has self-service recovery switched off.",
            None,
            (Remedy.SET_PASSWORD,),
        )
    remedies = tuple(
        remedy
        for remedy, there in (
            (Remedy.VERIFY_EMAIL, bool(s.user.email) and not s.user.email_verified and _recovers(s.pool, "email")),
            (
                Remedy.VERIFY_PHONE,
                bool(s.user.phone) and not s.user.phone_verified and _recovers(s.pool, "phone_number"),
            ),
        )
        if there
    )
    return Finding(
        "no_recovery_contact",
        "A code for a forgotten password cannot reach this person.",
        "There is no verified email address or phone number that this pool sends it to.",
        None,
        (*remedies, Remedy.SET_PASSWORD),
    )


def recovery_contact(s: Snapshot) -> str:
    """Where a reset code would go: email, phone_number, or nowhere (empty). Pool unknown: any verified one."""
    if s.pool is not None and "admin_only" in s.pool.recovery:
        return ""
    verified = {"email": s.user.email_verified and bool(s.user.email)}
    verified["phone_number"] = s.user.phone_verified and bool(s.user.phone)
    order = ("email", "phone_number")
    if s.pool is not None:
        order = tuple(way.removeprefix("verified_") for way in s.pool.recovery)  # type: ignore[assignment]
    return next((contact for contact in order if verified.get(contact)), "")


def password_flow(flows: tuple[str, ...]) -> bool:
    """Whether ExplicitAuthFlows let an application sign in with USER_PASSWORD_AUTH, by its present or legacy name."""
    return bool({"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"} & set(flows))


def provider_of(user: User) -> str:
    """The identity provider of a federated user, from `identities` or the user name; empty where neither tells."""
    return next(iter(_providers(user)), "")


def days(span: timedelta) -> str:
    """'3 hours', '25 days'."""
    if span < timedelta(days=2):
        return _count(max(1, round(span.total_seconds() / 3600)), "hour")
    return _count(span.days, "day")


def factor_words(factor: str) -> str:
    """'an authenticator app' for totp, and so on."""
    return _FACTOR_WORDS.get(factor, factor)


def contact_of(factor: str) -> str:
    """What a factor is sent to, in words; empty for one that needs no contact."""
    return _CONTACT_OF.get(factor, "")


def _providers(user: User) -> tuple[str, ...]:
    try:
        identities = json.loads(user.attributes.get("identities", "[]"))
    except ValueError:
        identities = []
    named = [str(each["providerName"]) for each in identities if isinstance(each, dict) and each.get("providerName")]
    prefix, separator, _ = user.username.partition("_")
    if not named and separator and user.status is UserStatus.EXTERNAL_PROVIDER:
        named = [prefix]
    return tuple(named)


def _recovers(pool: PoolSnapshot | None, contact: str) -> bool:
    return pool is None or f"verified_{contact}" in pool.recovery


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _count(value: int, what: str) -> str:
    return f"{value:,} {what}" if value == 1 else f"{value:,} {what}s"


def _listed(names: object) -> str:
    return ", ".join(names)  # type: ignore[arg-type]
