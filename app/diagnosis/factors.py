"""The rules about second factors: what the pool demands, what the person has, and what Cognito will ask for."""

from __future__ import annotations

from app.auth.enrolment import Password
from app.diagnosis.account import EMAIL, SMS, TOTP, contact_of, factor_words
from app.diagnosis.findings import Finding, Gate, Remedy, Snapshot
from app.directory.models import User, UserStatus


def none_in_strict_pool(s: Snapshot) -> Finding | None:
    """The pool requires MFA and the person has no factor: Cognito answers with MFA_SETUP."""
    if s.pool is None or s.pool.mfa != "ON" or _elsewhere(s.user):
        return None
    if s.user.factors is None:
        if s.row is None or s.row.mfa_method:
            return None
        seen = "The database knows of none; Cognito was not asked."
        return _none_in_strict_pool(seen)
    if s.user.factors:
        return None
    if s.row is not None and s.row.mfa_method == TOTP:
        return None  # verified perhaps, and not chosen: authenticator_not_asked says so
    return _none_in_strict_pool("Cognito lists no second factor for this account.")


def _none_in_strict_pool(seen: str) -> Finding:
    # Perhaps: an authenticator that was verified and never chosen is on no list, and such a pool does ask for it.
    return Finding(
        "mfa_required_without_factor",
        "This pool requires a second factor, and there is none.",
        f"{seen} At the next sign-in Cognito demands to set one up (MFA_SETUP) before it lets them in.",
        Gate.PERHAPS,
        (Remedy.ENROL,),
        "An application that cannot set one up keeps them out: enrol the authenticator with them.",
    )


def enrolment_left(s: Snapshot) -> Finding | None:
    """An assisted enrolment was broken off: the account may have a password that nobody knows."""
    left = s.enrolment
    if left is None or not left.unfinished:
        return None
    locked = (Password.RANDOM, Password.UNREAD)
    gate = Gate.COGNITO if left.password in locked else Gate.PERHAPS if left.password is not Password.THEIRS else None
    told = {
        Password.UNREAD: "It has a temporary password that nobody has read.",
        Password.RANDOM: "It has a random password, which was set for the moment and which nobody knows.",
        Password.MAYBE_RANDOM: "It may have a random password, which was set for the moment and which nobody knows.",
        Password.THEIRS: "The password is theirs.",
    }[left.password]
    return Finding(
        "enrolment_half_done",
        "An enrolment of an authenticator with this person was left half done.",
        f"By the journal of this computer. {told}",
        gate,
        (Remedy.ENROL,),
        "The enrolment's window says what state the account is in, and finishes or undoes it.",
    )


def required_by_row(s: Snapshot) -> Finding | None:
    """`mfa_required` in the database, and no second factor."""
    if s.row is None or not s.row.mfa_required or _elsewhere(s.user):
        return None
    if s.pool is not None and s.pool.mfa == "OFF":
        return Finding(
            "mfa_off_in_pool",
            "A second factor is required for this person, but the pool asks nobody for one.",
            "mfa_required is set in the database; multi-factor authentication of the pool is off.",
            None,
            (),
            "Set the pool's MFA to optional, in the AWS console under Sign-in.",
        )
    has = s.user.factors if s.user.factors is not None else ((s.row.mfa_method,) if s.row.mfa_method else ())
    if has or (s.pool is not None and s.pool.mfa == "ON"):
        return None
    asked = "Cognito lists none" if s.user.factors is not None else "the database lists none"
    return Finding(
        "mfa_required_by_row",
        "A second factor is required for this person, and none is set up.",
        f"mfa_required is set in the database; {asked}.",
        None,
        (Remedy.ENROL,),
    )


def authenticator_not_asked(s: Snapshot) -> Finding | None:
    """The database has an authenticator that Cognito does not ask for: not chosen after verifying, or removed."""
    if s.row is None or s.row.mfa_method != TOTP or s.user.factors is None or TOTP in s.user.factors:
        return None
    if _elsewhere(s.user):
        return None
    strict = s.pool is not None and s.pool.mfa == "ON"
    return Finding(
        "authenticator_not_asked",
        "Cognito does not ask for the authenticator that the database lists.",
        "Either it was verified and never chosen as a factor (SetUserMFAPreference), or it was removed in Cognito."
        + (" This pool lets nobody in without a second factor." if strict and not s.user.factors else ""),
        Gate.PERHAPS if strict and not s.user.factors else None,
        (Remedy.PREFER_TOTP, Remedy.ENROL, Remedy.ALIGN_MFA),
        "Try to choose it. Where Cognito says that it was never set up, enrol it anew.",
    )


def preferred_is_absent(s: Snapshot) -> Finding | None:
    """The preferred factor is not among those that are switched on."""
    user = s.user
    if user.factors is None or user.preferred_factor is None or user.preferred_factor in user.factors:
        return None
    return Finding(
        "preferred_is_absent",
        "The preferred second factor is not set up.",
        f"Preferred: {factor_words(user.preferred_factor)}; switched on: {_listed(user.factors)}.",
        None,
        (Remedy.PREFER_TOTP, Remedy.ENROL) if user.preferred_factor == TOTP else (Remedy.ENROL,),
    )


def none_preferred(s: Snapshot) -> Finding | None:
    """Several factors and no preference: Cognito asks which one (SELECT_MFA_TYPE)."""
    user = s.user
    if user.factors is None or len(user.factors) < 2 or user.preferred_factor is not None or _off(s):
        return None
    return Finding(
        "none_preferred",
        "Several second factors are switched on and none is preferred.",
        f"Cognito asks which one to use (SELECT_MFA_TYPE): {_listed(user.factors)}. Not every application can.",
        None,
        (Remedy.PREFER_TOTP,) if TOTP in user.factors else (),
    )


def code_cannot_arrive(s: Snapshot) -> Finding | None:
    """The factor that Cognito will use sends a code to a contact that is not there."""
    factor = next_factor(s)
    if factor not in (SMS, EMAIL):
        return None
    there = s.user.phone if factor == SMS else s.user.email
    if there:
        return None
    others = TOTP in (s.user.factors or ())
    return Finding(
        "code_cannot_arrive",
        f"The second factor is {factor_words(factor)}, but there is no {contact_of(factor)}.",
        f"Cognito asks for {factor_words(factor)}, which cannot be sent.",
        Gate.COGNITO,
        (Remedy.PREFER_TOTP, Remedy.EDIT_ATTRIBUTES) if others else (Remedy.EDIT_ATTRIBUTES, Remedy.ENROL),
    )


def next_factor(s: Snapshot) -> str | None:
    """The factor that Cognito asks for at the next sign-in; None for none, for a choice, and where it is not known."""
    factors = s.user.factors
    if not factors or _off(s) or _elsewhere(s.user):
        return None
    if s.user.preferred_factor in factors:
        return s.user.preferred_factor
    return factors[0] if len(factors) == 1 else None


def _listed(factors: tuple[str, ...]) -> str:
    return ", ".join(factor_words(factor) for factor in factors) or "none"


def _off(s: Snapshot) -> bool:
    return s.pool is not None and s.pool.mfa == "OFF"


def _elsewhere(user: User) -> bool:
    """Second factors of federated people are asked for by their own provider."""
    return user.status is UserStatus.EXTERNAL_PROVIDER
