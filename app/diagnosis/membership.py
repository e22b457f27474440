"""The rules that look at the application's side: the person's row in auth.users, and where it differs from Cognito."""

from __future__ import annotations

from app.diagnosis.findings import Finding, Gate, Remedy, Snapshot
from app.onboarding import ladder
from app.onboarding.mirror import PROVIDER, MirrorKind
from app.onboarding.models import DatabaseUser, OnboardingStatus

_S = OnboardingStatus
_ON_ITS_WAY = "The change is on its way: it is written as soon as the database can be reached."

_WORDS = {
    _S.PENDING_VERIFICATION: "pending verification",
    _S.PENDING_APPROVAL: "pending approval",
    _S.PENDING_MFA: "pending MFA",
    _S.PENDING_SUBSCRIPTION: "pending subscription",
    _S.ACTIVE: "active",
    _S.SUSPENDED: "suspended",
    _S.DISABLED: "disabled",
    _S.REJECTED: "rejected",
}
_SENTENCES = {
    _S.PENDING_VERIFICATION: "The application waits for the email address to be confirmed.",
    _S.PENDING_APPROVAL: "The application waits for an administrator's approval.",
    _S.PENDING_MFA: "The application waits for an authenticator to be set up.",
    _S.PENDING_SUBSCRIPTION: "The application waits for a subscription.",
    _S.SUSPENDED: "The person is suspended in the application.",
    _S.DISABLED: "Disabled in the database only.",
    _S.REJECTED: "The application was rejected.",
}
_REMEDIES: dict[OnboardingStatus, tuple[Remedy, ...]] = {
    _S.PENDING_APPROVAL: (Remedy.APPROVE,),
    _S.PENDING_MFA: (Remedy.ENROL,),
    _S.SUSPENDED: (Remedy.RESUME,),
    _S.REJECTED: (Remedy.REOPEN,),
}


def row_missing(s: Snapshot) -> Finding | None:
    """Cognito knows the person, the application does not."""
    if not s.row_known or s.row is not None or s.waiting:
        return None
    return Finding(
        "row_missing",
        "The application database has no row for this person.",
        "Cognito may let them sign in, but the application does not know them: auth.users has neither this subject nor"
        " this email address.",
        Gate.APPLICATION,
        (Remedy.ADD_ROW,),
        "The application makes the row at sign-up. One that is added here begins at the foot of the ladder.",
    )


def not_active(s: Snapshot) -> Finding | None:
    """Every onboarding status that is not active, and who moves it on."""
    row = s.row
    if row is None or row.status in (_S.ACTIVE, _S.DISABLED):
        return None
    if row.status is _S.PENDING_VERIFICATION and s.user.email_verified:
        return None  # email_not_mirrored tells more
    return Finding(
        f"onboarding_{row.status.value}",
        _SENTENCES[row.status],
        ladder.explain(row.status),
        Gate.APPLICATION,
        _REMEDIES.get(row.status, ()),
    )


def email_not_mirrored(s: Snapshot) -> Finding | None:
    """Verified in Cognito, still waiting for it in the database."""
    row = s.row
    if row is None or row.status is not _S.PENDING_VERIFICATION or not s.user.email_verified:
        return None
    sentence = "The database still waits for the email."
    if _waits(s, MirrorKind.CONFIRM_EMAIL, MirrorKind.CONTACT_CHANGED):
        return Finding("email_not_mirrored", sentence, _ON_ITS_WAY, Gate.APPLICATION)
    return Finding(
        "email_not_mirrored",
        sentence,
        "Onboarding says pending verification; Cognito has the email verified.",
        Gate.APPLICATION,
        (Remedy.REPAIR_ROW_EMAIL,),
    )


def disabled_here_only(s: Snapshot) -> Finding | None:
    """Disabled in Cognito; the database does not know."""
    row = s.row
    if s.user.enabled or row is None or row.status is _S.DISABLED:
        return None
    if _waits(s, MirrorKind.USER_DISABLED):
        return Finding(
            "disabled_here_only", "The database does not know yet that the account is disabled.", _ON_ITS_WAY
        )
    return Finding(
        "disabled_here_only",
        "The database does not know that the account is disabled.",
        f"Disabled in Cognito, but the database says {_WORDS[row.status]}.",
        None,
        (Remedy.DISABLE_ROW,),
    )


def disabled_there(s: Snapshot) -> Finding | None:
    """Disabled in the database; Cognito still lets them in."""
    row = s.row
    if row is None or row.status is not _S.DISABLED or not s.user.enabled:
        return None
    if _waits(s, MirrorKind.USER_ENABLED):
        sentence = "The database does not know yet that the account is enabled."
        return Finding("disabled_there", sentence, _ON_ITS_WAY, Gate.APPLICATION)
    return Finding(
        "disabled_there",
        _SENTENCES[_S.DISABLED],
        "The application refuses this person; Cognito still lets them sign in. Decide which of the two is right.",
        Gate.APPLICATION,
        (Remedy.ENABLE_ROW, Remedy.DISABLE),
    )


def other_provider(s: Snapshot) -> Finding | None:
    """The row says that the person signs in elsewhere."""
    row = s.row
    if row is None or row.auth_provider == PROVIDER:
        return None
    return Finding(
        "other_provider",
        f"The application signs this person in through “{row.auth_provider}”, not through Cognito.",
        f"auth_provider of the row is {row.auth_provider}; a password of Cognito is of no use there.",
        Gate.APPLICATION,
        (Remedy.ALIGN_PROVIDER,),
        "Change it only if Cognito is right: the other way to sign in ends with it.",
    )


def other_subject(s: Snapshot) -> Finding | None:
    """The row belongs to another subject: the account was made anew."""
    row = s.row
    if row is None or not row.subject or not s.user.sub or row.subject == s.user.sub:
        return None
    return Finding(
        "other_subject",
        "The database row belongs to another account of Cognito.",
        f"The row holds the subject {row.subject}, this account is {s.user.sub}: it was made anew, perhaps.",
        None,
        (Remedy.ALIGN_SUBJECT,),
        "An application that looks people up by subject does not find them.",
    )


def several_rows(s: Snapshot) -> Finding | None:
    """More than one row could be meant: the email in another spelling, or the same subject twice."""
    theirs = {twin.sub for twin in s.twins if twin.sub}
    found = [row for row in s.rows if row.subject not in theirs]
    if s.row is None or len(found) < 2:
        return None
    rows = "; ".join(f"{row.email} ({_of_row(row)})" for row in found)
    return Finding(
        "several_rows",
        f"The database has {len(found)} rows that could be this person's.",
        f"They share the subject, or the email address in another spelling: {rows}.",
        None,
        (),
        "Find out which one the application uses, and have the others removed.",
    )


def other_email(s: Snapshot) -> Finding | None:
    """Found by subject, but the row has another email address."""
    row, user = s.row, s.user
    if row is None or not user.email or not row.email or row.subject != user.sub:
        return None
    if row.email == user.email or _waits(s, MirrorKind.CONTACT_CHANGED):
        return None
    return Finding(
        "other_email",
        "Cognito and the database have different email addresses.",
        f"Cognito: {user.email}; the database: {row.email}. People may try the old one.",
        None,
        (Remedy.ALIGN_EMAIL,),
    )


def _of_row(row: DatabaseUser) -> str:
    return f"{_WORDS[row.status]}, {row.auth_provider}"


def _waits(s: Snapshot, *kinds: MirrorKind) -> bool:
    """Whether a change of one of these kinds waits to be written into the database: nothing to repair then."""
    return any(mirror.kind in kinds for mirror in s.waiting)
