"""The journal's stable names in words that people read."""

from __future__ import annotations

from collections.abc import Mapping

from app.journal_models import Entry, EntryState
from app.permissions import Action
from ui.text import mfa, onboarding_status, tr

_ACTIONS = {
    Action.CREATE_USER: "Create user",
    Action.DELETE_USER: "Delete user",
    Action.ENABLE_USER: "Enable user",
    Action.DISABLE_USER: "Disable user",
    Action.RESET_PASSWORD: "Reset password",
    Action.SET_PASSWORD: "Set password",
    Action.RESEND_INVITATION: "Resend invitation",
    Action.UPDATE_ATTRIBUTES: "Edit attributes",
    Action.SET_MFA_PREFERENCE: "MFA preference",
    Action.APPROVE: "Approve",
    Action.REJECT: "Reject",
    Action.REOPEN: "Reopen",
    Action.SUSPEND: "Suspend",
    Action.RESUME: "Resume",
    Action.CONFIRM_EMAIL: "Confirm email",
    Action.ENROL_MFA: "Authenticator enrolled",
    Action.DISABLE_MFA: "Disable MFA",
    Action.ACTIVATE: "Subscription created",
    Action.ONBOARDING_DISABLE: "Disable (onboarding)",
    Action.ONBOARDING_ENABLE: "Enable (onboarding)",
    Action.DISCARD_MIRROR: "Discard database change",
    Action.CHANGE_ROLE: "Change role",
    Action.SET_PERMANENT_PASSWORD: "Set permanent password",
    Action.ENROL_AUTHENTICATOR: "Enrol authenticator",
    Action.EXPORT_USERS: "Export users",
    Action.ALIGN_ROW: "Correct database row",
    Action.ADD_ROW: "Add database row",
    Action.ASK_FACTORS: "Ask for second factors",
    Action.CONFIRM_SIGN_UP: "Confirm sign-up",
    Action.SIGN_OUT: "Sign out everywhere",
    Action.RESET_AUTHENTICATOR: "Remove lost authenticator",
    Action.REQUIRE_MFA: "Require MFA",
    Action.FORGET_DEVICE: "Forget device",
    Action.REVOKE_SESSION: "End session",
    Action.LINK_IDENTITY: "Link identity",
    Action.UNLINK_IDENTITY: "Unlink identity",
    Action.ADD_TO_GROUP: "Add to group",
    Action.REMOVE_FROM_GROUP: "Remove from group",
    Action.CHANGE_POWERFUL_GROUP: "Change group with rights",
    Action.CREATE_GROUP: "Create group",
    Action.UPDATE_GROUP: "Edit group",
    Action.DELETE_GROUP: "Delete group",
}

_OUTCOMES = {
    EntryState.BEGUN: ("under way", "The intent is written down; the outcome is not known yet."),
    EntryState.SUCCEEDED: ("done", ""),
    EntryState.FAILED: ("failed", ""),
    EntryState.UNKNOWN: ("unknown", "No answer came: nobody can tell from here whether it took effect."),
    EntryState.INTERRUPTED: ("interrupted", "The application ended before the outcome was known."),
}
# Flags: what is said where they are true, and where not.
_YES = {
    "permanent": ("permanent", "temporary"),
    "invited": ("invitation sent", "no invitation"),
    "required": ("required from now on", "no longer required"),
    "remembered": ("remembered", "no longer remembered"),
    "linked": ("with the sessions that belong to it", "this session alone"),
    "email_verified": ("email marked as verified", "email no longer verified"),
}
# Values that read well by themselves.
_PLAIN = frozenset({"attributes", "scope", "session", "device", "description", "account"})
_NAMED = {
    "people": "people: {value}",
    "search": "search: {value}",
    "result_of": "the result of: {value}",
    "reason": "reason: {value}",
    "format": "as {value}",
    "file": "file {value}",
    "columns": "columns {value}",
    "group": "group {value}",
    "precedence": "precedence {value}",
    "role": "role {value}",
    "provider": "at {value}",
    "operation": "by {value}",
    "drift": "difference: {value}",
    "subscription": "for subscription {value}",
    "event": "Stripe event {value}",
    "kind": "the write: {value}",
    "mirror": "waiting write no. {value}",
}
_BY = {"administrator": "by an administrator's call", "own token": "with the person's own session"}


_STEPS = {
    "begin": "begun",
    "remove_lost": "lost authenticator removed",
    "set_random": "random password set for the moment",
    "sign_in": "signed in as the person",
    "choose_password": "new password of their own",
    "answer_factor": "second factor answered",
    "associate": "QR code made",
    "verify": "code of the phone checked",
    "answer_setup": "challenge of the sign-in answered",
    "prefer": "authenticator made the preferred factor",
    "sign_out": "the Desk signed out",
    "hand_over": "password of their own",
    "remove_new": "new authenticator taken back",
    "close": "ended",
}
_ENDINGS = {"temporary": "a temporary password, read out", "email": "a code by email"}


def action_words(action: Action) -> str:
    """What was done."""
    return tr(_ACTIONS[action])


def outcome_words(state: EntryState) -> str:
    """How it ended, in a word or two."""
    return tr(_OUTCOMES[state][0])


def outcome_hint(entry: Entry) -> str:
    """What there is to say of the outcome: the error with its code and AWS request id, or what the word means."""
    lines = [entry.message or tr(_OUTCOMES[entry.state][1])]
    if entry.error_code is not None:
        lines.append(tr("code: {code}", code=entry.error_code.value))
    if entry.request_id:
        lines.append(tr("AWS request id: {id}", id=entry.request_id))
    return "\n".join(line for line in lines if line)


def person_words(entry: Entry) -> str:
    """Who it was about: the address where it is known."""
    return entry.details.get("person") or entry.subject


def details_words(details: Mapping[str, str]) -> str:
    """The rest of an entry's details, without the person, who has a column of their own."""
    parts = (_detail(name, value, details) for name, value in details.items() if name not in ("person", "to"))
    return " · ".join(part for part in parts if part)


def _detail(name: str, value: str, details: Mapping[str, str]) -> str:
    if name in _YES:
        return tr(_YES[name][value != "true"])
    if name == "step" and value in _STEPS:
        return tr(_STEPS[value])
    if name == "start":
        return tr("with a random password" if value == "random" else "with their own password")
    if name == "way" and value in _ENDINGS:
        return tr(_ENDINGS[value])
    if name == "preferred":
        return tr("preferred: {factor}", factor=mfa(value or "none"))
    if name == "from" and details.get("to"):
        return f"{onboarding_status(value)} → {onboarding_status(details['to'])}"
    if name == "from":
        return tr("from {status}", status=onboarding_status(value))
    if name == "by" and value in _BY:
        return tr(_BY[value])
    if name in _NAMED and value:
        return tr(_NAMED[name], value=value)
    return value if name in _PLAIN or not value else f"{name.replace('_', ' ')}: {value}"
