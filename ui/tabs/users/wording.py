"""What is asked before a change of a person, what it costs, and what is said afterwards. Texts only; no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.aws.operations import counted_as_active
from app.changes import Outcome
from app.diagnosis.findings import Diagnosis, Gate, Remedy
from ui.text import count, onboarding_status, tr

ORIGIN = "users-tab"  # of the changes that this tab makes: it has already shown them itself

Cost = Callable[[str], str]
"""What a command costs that asks no question first, where a dialog would say it; empty where it costs nothing."""

Ask = Callable[[str], str | None]
"""Why a command cannot be done to the person who is shown; None where it can."""

_REMEDIES = {
    Remedy.ENABLE: "Enable",
    Remedy.DISABLE: "Disable in Cognito too…",
    Remedy.CONFIRM_SIGN_UP: "Confirm sign-up…",
    Remedy.RESEND_INVITATION: "Resend invitation",
    Remedy.SET_PASSWORD: "Set password…",
    Remedy.SEND_RESET_CODE: "Send a new code…",
    Remedy.VERIFY_EMAIL: "Mark email as verified…",
    Remedy.VERIFY_PHONE: "Mark phone as verified…",
    Remedy.EDIT_ATTRIBUTES: "Edit attributes…",
    Remedy.PREFER_TOTP: "Prefer the authenticator",
    Remedy.ENROL: "Enrol authenticator…",
    Remedy.REPAIR_ROW_EMAIL: "Repair the row",
    Remedy.DISABLE_ROW: "Disable in the database",
    Remedy.ENABLE_ROW: "Enable in the database",
    Remedy.ADD_ROW: "Add the row",
    Remedy.ALIGN_EMAIL: "Write Cognito's address into the row",
    Remedy.ALIGN_SUBJECT: "Write the subject into the row",
    Remedy.ALIGN_PROVIDER: "Let the row belong to Cognito…",
    Remedy.ALIGN_MFA: "Record it in the row",
    Remedy.APPROVE: "Approve",
    Remedy.REOPEN: "Reopen",
    Remedy.RESUME: "Lift the suspension",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a change. `points` say what happens, whether it can be undone, and what it costs."""

    title: str
    points: tuple[str, ...]
    button: str
    danger: bool = False


def said(words: str, outcome: Outcome[object]) -> str:
    """What the toast says afterwards: `words`, with what the database's side still owes."""
    status = getattr(outcome.value, "status", "")
    words = words.replace("{status}", onboarding_status(status).lower())
    if outcome.mirror == "pending":
        return f"{words} {outcome.note or tr('The database change waits and will be made later.')}"
    if outcome.mirror in ("none", "skipped") and outcome.note:
        return f"{words} {outcome.note}"
    return words


def billing(operation: str) -> str:
    """The sentence on what an operation of Cognito costs; empty where it costs nothing, or where there is none."""
    if not operation or not counted_as_active(operation):
        return ""
    return tr("This may count the person as one of this month's billed active users.")


def remedy_words(remedy: Remedy) -> str:
    """What the button of a remedy says."""
    return tr(_REMEDIES[remedy])


def headline(diagnosis: Diagnosis) -> str:
    """One line over the cards."""
    blocking = count(len(diagnosis.blockers), "thing blocks", "things block")
    match diagnosis.gate:
        case Gate.COGNITO:
            return tr("Cannot sign in: {things}", things=blocking)
        case Gate.PERHAPS:
            return tr("May not be able to sign in: {things}", things=blocking)
        case Gate.APPLICATION:
            return tr("Cognito lets them in, the application does not: {things}", things=blocking)
    return tr("Nothing keeps this person from signing in.")


def with_cost(points: tuple[str, ...], operation: str) -> tuple[str, ...]:
    """The points that say something, and what the operation costs."""
    return tuple(point for point in (*points, billing(operation)) if point)


def disable_question(who: str, has_database: bool) -> Question:
    """Before disabling somebody."""
    row = tr("The database row becomes disabled too.") if has_database else ""
    points = (
        tr(
            "They can no longer sign in, and Cognito revokes their tokens. An access token that the application "
            "checks by itself, and the cookie of the managed login, stay good until they expire."
        ),
        row,
        tr("This can be undone: Enable lets them in again. They have to sign in anew."),
    )
    return Question(tr("Disable {who}?", who=who), with_cost(points, "AdminDisableUser"), tr("Disable"), danger=True)


def reset_question(who: str, has_database: bool) -> Question:
    """Before resetting a password."""
    points = (
        tr("Their present password stops working. Cognito sends a code to choose a new one, valid for 1 hour."),
        tr("This cannot be undone: the old password does not come back."),
    )
    return Question(
        tr("Reset the password of {who}?", who=who), with_cost(points, "AdminResetUserPassword"), tr("Reset password")
    )


def delete_question(who: str, has_database: bool) -> Question:
    """Before deleting somebody."""
    row = tr("Their row in the application database stays, but becomes disabled.") if has_database else ""
    points = (
        tr("The account is removed from the user pool, with its attributes and second factors: no more sign-in."),
        row,
        tr("This cannot be undone. A new account with the same email would be another one."),
    )
    return Question(tr("Delete {who}?", who=who), with_cost(points, "AdminDeleteUser"), tr("Delete"), danger=True)


def verify_question(contact: str) -> Question:
    """Before saying for somebody that a contact is theirs."""
    points = (
        tr(
            "Cognito then sends codes for a forgotten password to {contact}. Whoever reads them gets in.",
            contact=contact,
        ),
        tr("Do it only if you know that it is theirs: by a call back, or a message that they answered."),
        tr("This can be undone."),
    )
    return Question(
        tr("Mark {contact} as verified?", contact=contact),
        with_cost(points, "AdminUpdateUserAttributes"),
        tr("Mark as verified"),
    )


def row_disable_question(who: str) -> Question:
    """Before disabling the database row only."""
    points = (
        tr("The status becomes disabled in the application database. The account in Cognito stays as it is."),
        tr("This can be undone."),
    )
    return Question(tr("Disable {who} in the database?", who=who), points, tr("Disable in the database"), danger=True)


def sign_out_question(who: str, remains: tuple[str, ...]) -> Question:
    """Before ending every session; `remains` is what that does not end."""
    points = (
        tr("Cognito takes back every refresh token: all applications and devices must sign in anew."),
        *remains,
        tr("This cannot be undone, and harms nobody: they sign in again."),
    )
    return Question(
        tr("Sign {who} out everywhere?", who=who), with_cost(points, "AdminUserGlobalSignOut"), tr("Sign out")
    )


def remove_totp_question(who: str, mfa_mode: str) -> Question:
    """Before taking a lost authenticator away."""
    after = {
        "ON": tr("This pool requires a second factor: the next sign-in demands to set up a new authenticator."),
        "OPTIONAL": tr("Until a new one is enrolled, the password alone lets them in."),
    }.get(mfa_mode, "")
    points = (
        tr("Make sure that it is really them: whoever talks you into this needs only the password afterwards."),
        tr("Cognito forgets the authenticator, and the database does too. Codes of the old phone stop working."),
        after,
        tr("This cannot be undone. To enrol the next one with them on the phone, use Lost phone… instead."),
    )
    return Question(
        tr("Remove the authenticator of {who}?", who=who),
        with_cost(points, "AdminDeleteSoftwareToken"),
        tr("Remove authenticator"),
        danger=True,
    )


def type_username(username: str, address: str) -> str:
    """Asks to type the user name, with how the person is called beside it where that differs."""
    if username == address:
        return tr("Type the username {username} to confirm", username=username)
    return tr("Type the username {username} ({who}) to confirm", username=username, who=address)
