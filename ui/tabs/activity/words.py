"""The journal's stable names in words that people read."""

from __future__ import annotations

from collections.abc import Mapping

from app.permissions import Action
from ui.text import tr

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
}


def action_words(action: Action) -> str:
    """What was done."""
    return tr(_ACTIONS[action])


def details_words(details: Mapping[str, str]) -> str:
    """The rest of an entry's details, without the person, who has a column of their own."""
    return ", ".join(f"{name} {value}" for name, value in details.items() if name != "person" and value)
