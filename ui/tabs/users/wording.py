"""What each change of a person is called, asked, and reported as. Texts only; no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.aws.operations import counted_as_active
from app.changes import Outcome
from app.onboarding.ladder import Edge
from app.permissions import Action
from ui.text import onboarding_status, tr

ORIGIN = "users-tab"  # of the changes that this tab makes: it has already shown them itself

Ask = Callable[[Action], str | None]
"""Why an action cannot be done to the person who is shown; None where it can."""

EDGES = {Action.CONFIRM_EMAIL: Edge.CONFIRM_EMAIL, Action.ONBOARDING_DISABLE: Edge.DISABLE}
"""The steps of the onboarding ladder that repair what differs between Cognito and the database."""

_OPERATIONS = {
    Action.CREATE_USER: "AdminCreateUser",
    Action.DELETE_USER: "AdminDeleteUser",
    Action.ENABLE_USER: "AdminEnableUser",
    Action.DISABLE_USER: "AdminDisableUser",
    Action.RESET_PASSWORD: "AdminResetUserPassword",
    Action.SET_PASSWORD: "AdminSetUserPassword",
    Action.RESEND_INVITATION: "AdminCreateUser",
    Action.UPDATE_ATTRIBUTES: "AdminUpdateUserAttributes",
}

_JOBS = {
    Action.CREATE_USER: "Creating {who}",
    Action.DELETE_USER: "Deleting {who}",
    Action.ENABLE_USER: "Enabling {who}",
    Action.DISABLE_USER: "Disabling {who}",
    Action.RESET_PASSWORD: "Resetting the password of {who}",
    Action.SET_PASSWORD: "Setting a password for {who}",
    Action.RESEND_INVITATION: "Resending the invitation to {who}",
    Action.UPDATE_ATTRIBUTES: "Changing attributes of {who}",
    Action.CONFIRM_EMAIL: "Confirming the email of {who} in the database",
    Action.ONBOARDING_DISABLE: "Disabling {who} in the database",
}

_DONE = {
    Action.CREATE_USER: "{who} was created.",
    Action.DELETE_USER: "{who} was deleted.",
    Action.ENABLE_USER: "{who} is enabled.",
    Action.DISABLE_USER: "{who} is disabled.",
    Action.RESET_PASSWORD: "A code to choose a new password was sent to {who}.",
    Action.SET_PASSWORD: "The password of {who} was set.",
    Action.RESEND_INVITATION: "The invitation was sent again to {who}.",
    Action.UPDATE_ATTRIBUTES: "The attributes of {who} were changed.",
    Action.CONFIRM_EMAIL: "The database has the email of {who} confirmed: now {status}.",
    Action.ONBOARDING_DISABLE: "{who} is disabled in the database too.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a change. `points` say what happens, whether it can be undone, and what it costs."""

    title: str
    points: tuple[str, ...]
    button: str
    danger: bool


def job_name(action: Action, who: str) -> str:
    """What the status bar shows while the change is made."""
    return tr(_JOBS[action], who=who)


def done(action: Action, who: str, outcome: Outcome[object]) -> str:
    """What the toast says afterwards, with what the database's side still owes."""
    status = getattr(outcome.value, "status", "")
    said = tr(_DONE[action], who=who, status=onboarding_status(status).lower())
    if outcome.mirror == "pending":
        return f"{said} {outcome.note or tr('The database change waits and will be made later.')}"
    if outcome.mirror in ("none", "skipped") and outcome.note:
        return f"{said} {outcome.note}"
    return said


def billing(action: Action) -> str:
    """The sentence on what the action costs; empty where it costs nothing."""
    operation = _OPERATIONS.get(action)
    if operation is None or not counted_as_active(operation):
        return ""
    return tr("This may count the person as one of this month's billed active users.")


def disable_question(who: str, has_database: bool) -> Question:
    """Before disabling somebody."""
    row = tr("The database row becomes disabled too.")
    return _question(
        tr("Disable {who}?", who=who),
        (
            tr(
                "They can no longer sign in, and Cognito revokes their tokens. An access token that the application "
                "checks by itself, and the cookie of the managed login, stay good until they expire."
            ),
            row if has_database else "",
            tr("This can be undone: Enable lets them in again. They have to sign in anew."),
        ),
        tr("Disable"),
        Action.DISABLE_USER,
    )


def reset_question(who: str) -> Question:
    """Before resetting a password."""
    return _question(
        tr("Reset the password of {who}?", who=who),
        (
            tr("Their present password stops working. Cognito sends a code to choose a new one, valid for 1 hour."),
            tr("This cannot be undone: the old password does not come back."),
        ),
        tr("Reset password"),
        Action.RESET_PASSWORD,
    )


def delete_question(who: str, has_database: bool) -> Question:
    """Before deleting somebody."""
    row = tr("Their row in the application database stays, but becomes disabled.")
    return _question(
        tr("Delete {who}?", who=who),
        (
            tr("The account is removed from the user pool, with its attributes and second factors: no more sign-in."),
            row if has_database else "",
            tr("This cannot be undone. A new account with the same email would be another one."),
        ),
        tr("Delete"),
        Action.DELETE_USER,
    )


def _question(title: str, points: tuple[str, ...], button: str, action: Action) -> Question:
    everything = tuple(point for point in (*points, billing(action)) if point)
    return Question(title, everything, button, action in (Action.DELETE_USER, Action.DISABLE_USER))
