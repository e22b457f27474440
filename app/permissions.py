"""Who may do what to a user. One table, asked before anything else happens: `ui` shows it, `app` enforces it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from app.errors import AppError, ErrorCode


class Role(StrEnum):
    """What the operator of the Desk may do. The value is what COGNITO_DESK_ROLE and a token's role claim say."""

    ADMIN = "admin"
    SUPPORT = "support"
    VIEWER = "viewer"


class Action(StrEnum):
    """Everything that changes something, gives data away or costs money. Append only: the journal stores the values."""

    CREATE_USER = "user.create"
    DELETE_USER = "user.delete"
    ENABLE_USER = "user.enable"
    DISABLE_USER = "user.disable"
    RESET_PASSWORD = "user.reset_password"  # noqa: S105 - the name of an action
    SET_PASSWORD = "user.set_password"  # noqa: S105 - the name of an action
    RESEND_INVITATION = "user.resend_invitation"
    UPDATE_ATTRIBUTES = "user.update_attributes"
    SET_MFA_PREFERENCE = "user.set_mfa_preference"
    APPROVE = "onboarding.approve"
    REJECT = "onboarding.reject"
    REOPEN = "onboarding.reopen"
    SUSPEND = "onboarding.suspend"
    RESUME = "onboarding.resume"
    CONFIRM_EMAIL = "onboarding.confirm_email"
    ENROL_MFA = "onboarding.enrol_mfa"
    DISABLE_MFA = "onboarding.disable_mfa"
    ACTIVATE = "onboarding.activate"  # a subscription exists, its webhook did not arrive
    ONBOARDING_DISABLE = "onboarding.disable"
    ONBOARDING_ENABLE = "onboarding.enable"
    DISCARD_MIRROR = "mirror.discard"
    CHANGE_ROLE = "user.change_role"  # an attribute that decides what somebody may do
    SET_PERMANENT_PASSWORD = "user.set_permanent_password"  # noqa: S105 - the name of an action
    ENROL_AUTHENTICATOR = "user.enrol_authenticator"  # with the person on the phone, step by step
    EXPORT_USERS = "users.export"  # personal data of many leaves the Desk
    ALIGN_ROW = "drift.align_row"  # make a database row say what Cognito says
    ADD_ROW = "drift.add_row"  # the row of somebody whom the database does not know
    ASK_FACTORS = "users.ask_factors"  # second factors of many, which may count them as billed active users
    CONFIRM_SIGN_UP = "user.confirm_sign_up"
    SIGN_OUT = "user.sign_out"
    RESET_AUTHENTICATOR = "user.reset_authenticator"  # a lost phone
    REQUIRE_MFA = "user.require_mfa"
    FORGET_DEVICE = "user.forget_device"
    REVOKE_SESSION = "user.revoke_session"
    LINK_IDENTITY = "user.link_identity"
    UNLINK_IDENTITY = "user.unlink_identity"
    ADD_TO_GROUP = "user.add_to_group"
    REMOVE_FROM_GROUP = "user.remove_from_group"
    CHANGE_POWERFUL_GROUP = "user.change_powerful_group"  # membership in a group that decides what somebody may do
    CREATE_GROUP = "group.create"
    UPDATE_GROUP = "group.update"
    DELETE_GROUP = "group.delete"


class Operator(NamedTuple):
    """The person at the Desk."""

    name: str
    role: Role


_WORDS: dict[Action, str] = {
    Action.CREATE_USER: "create a user",
    Action.DELETE_USER: "delete a user",
    Action.ENABLE_USER: "enable a user",
    Action.DISABLE_USER: "disable a user",
    Action.RESET_PASSWORD: "reset a password",
    Action.SET_PASSWORD: "set a password",
    Action.RESEND_INVITATION: "resend an invitation",
    Action.UPDATE_ATTRIBUTES: "change attributes",
    Action.SET_MFA_PREFERENCE: "change MFA preferences",
    Action.APPROVE: "approve a person",
    Action.REJECT: "reject a person",
    Action.REOPEN: "reopen a rejected application",
    Action.SUSPEND: "suspend a person",
    Action.RESUME: "lift a suspension",
    Action.CONFIRM_EMAIL: "confirm an email address",
    Action.ENROL_MFA: "record an authenticator as enrolled",
    Action.DISABLE_MFA: "turn MFA off for a person",
    Action.ACTIVATE: "record a subscription",
    Action.ONBOARDING_DISABLE: "disable a person in the application",
    Action.ONBOARDING_ENABLE: "enable a person in the application again",
    Action.DISCARD_MIRROR: "discard a waiting database change",
    Action.CHANGE_ROLE: "change somebody's role or organisation",
    Action.SET_PERMANENT_PASSWORD: "set a permanent password",
    Action.ENROL_AUTHENTICATOR: "enrol an authenticator with a person",
    Action.EXPORT_USERS: "export users into a file",
    Action.ALIGN_ROW: "correct a database row",
    Action.ADD_ROW: "add a database row",
    Action.ASK_FACTORS: "ask Cognito for the second factors of many people",
    Action.CONFIRM_SIGN_UP: "confirm a sign-up",
    Action.SIGN_OUT: "sign a person out",
    Action.RESET_AUTHENTICATOR: "remove a lost authenticator",
    Action.REQUIRE_MFA: "change whether MFA is required of a person",
    Action.FORGET_DEVICE: "change the remembered devices of a person",
    Action.REVOKE_SESSION: "end a session",
    Action.LINK_IDENTITY: "link an identity of another provider",
    Action.UNLINK_IDENTITY: "unlink an identity of another provider",
    Action.ADD_TO_GROUP: "add a person to a group",
    Action.REMOVE_FROM_GROUP: "remove a person from a group",
    Action.CHANGE_POWERFUL_GROUP: "change who is in a group that gives rights",
    Action.CREATE_GROUP: "create a group",
    Action.UPDATE_GROUP: "change a group",
    Action.DELETE_GROUP: "delete a group",
}

# What an application derives a person's rights from (source document, section 2).
ROLE_ATTRIBUTES = frozenset({"custom:role", "custom:organizationId"})
# Members of these are what the group is called: an admin of the application, or somebody who works at this Desk.
ROLE_GROUPS = frozenset({"admin", "admins", "administrators", "support"})

_ALLOWED: dict[Role, frozenset[Action]] = {
    Role.ADMIN: frozenset(Action),
    Role.SUPPORT: frozenset(
        {
            Action.CREATE_USER,
            Action.ENABLE_USER,
            Action.RESET_PASSWORD,
            Action.SET_PASSWORD,
            Action.RESEND_INVITATION,
            Action.UPDATE_ATTRIBUTES,
            Action.SET_MFA_PREFERENCE,
            Action.APPROVE,
            Action.REOPEN,
            Action.CONFIRM_EMAIL,
            Action.ENROL_AUTHENTICATOR,
            Action.CONFIRM_SIGN_UP,
            Action.SIGN_OUT,
            Action.RESET_AUTHENTICATOR,
            Action.FORGET_DEVICE,
            Action.REVOKE_SESSION,
            Action.ADD_TO_GROUP,
            Action.REMOVE_FROM_GROUP,
        }
    ),
    Role.VIEWER: frozenset(),
}


def why_not(operator: Operator, action: Action) -> str | None:
    """The sentence that says why the operator may not do it; None where it is allowed."""
    if action in _ALLOWED[operator.role]:
        return None
    if operator.role is Role.VIEWER:
        return f"You are signed in as a viewer, who may look but change nothing. To {_WORDS[action]}, ask an admin."
    return f"The {operator.role.value} role may not {_WORDS[action]}. Ask an admin."


def check(operator: Operator, action: Action) -> None:
    """Pass in silence, or raise AppError(NOT_ALLOWED) with the sentence of why_not()."""
    reason = why_not(operator, action)
    if reason is not None:
        raise AppError(ErrorCode.NOT_ALLOWED, reason, subject=action.value)
