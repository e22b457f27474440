"""The commands of the program, as data: ui/widgets/commands.py makes menus and buttons of them."""

from __future__ import annotations

from dataclasses import dataclass

from app.diagnosis.findings import Remedy
from app.permissions import Action


@dataclass(frozen=True, slots=True)
class UserCommand:
    """Something that a person can do. An id is stable: tours, shortcuts and tests use it.

    `permission` is asked of the operator's role (None: everybody may). `multiple`: works on many people at once.
    A text that ends in … opens a dialog first. `words` are what else it may be called: the palette finds it by them.
    """

    id: str
    text: str
    icon: str = ""
    permission: Action | None = None
    dangerous: bool = False
    shortcut: str = ""
    multiple: bool = False
    words: str = ""


USER_COMMANDS: tuple[UserCommand, ...] = (
    UserCommand("user.new", "New user…", "user-plus", Action.CREATE_USER, shortcut="Ctrl+N"),
    UserCommand(
        "user.edit",
        "Edit attributes…",
        "edit",
        Action.UPDATE_ATTRIBUTES,
        shortcut="Ctrl+E",
        words="change email phone name",
    ),
    UserCommand("user.verify_email", "Mark email as verified…", "check", Action.UPDATE_ATTRIBUTES, multiple=True),
    UserCommand("user.verify_phone", "Mark phone as verified…", "check", Action.UPDATE_ATTRIBUTES),
    UserCommand(
        "user.confirm", "Confirm sign-up…", "check-circle", Action.CONFIRM_SIGN_UP, words="unconfirmed verify activate"
    ),
    UserCommand(
        "user.resend",
        "Resend invitation",
        "mail",
        Action.RESEND_INVITATION,
        shortcut="Ctrl+I",
        multiple=True,
        words="invite welcome temporary password again",
    ),
    UserCommand(
        "user.reset",
        "Reset password…",
        "key",
        Action.RESET_PASSWORD,
        shortcut="Ctrl+R",
        multiple=True,
        words="forgot forgotten password send code",
    ),
    UserCommand(
        "user.password",
        "Set password…",
        "lock",
        Action.SET_PASSWORD,
        shortcut="Ctrl+P",
        words="temporary permanent force",
    ),
    UserCommand(
        "user.mfa",
        "MFA preference…",
        "shield",
        Action.SET_MFA_PREFERENCE,
        shortcut="Ctrl+M",
        words="totp sms second factor two-factor 2fa",
    ),
    UserCommand(
        "user.enrol",
        "Enrol authenticator…",
        "authenticator",
        Action.ENROL_AUTHENTICATOR,
        shortcut="Ctrl+T",
        words="totp mfa qr code set up",
    ),
    UserCommand(
        "user.lost_phone",
        "Lost phone…",
        "phone",
        Action.ENROL_AUTHENTICATOR,
        words="authenticator totp mfa unlock new device",
    ),
    UserCommand("user.prefer_totp", "Prefer the authenticator", "shield-check", Action.SET_MFA_PREFERENCE),
    UserCommand(
        "user.remove_totp",
        "Remove authenticator…",
        "trash",
        Action.RESET_AUTHENTICATOR,
        dangerous=True,
        words="reset unlock mfa totp lost phone",
    ),
    UserCommand("user.require_mfa", "Require MFA", "shield-check", Action.REQUIRE_MFA, multiple=True),
    UserCommand("user.lift_mfa", "Lift the MFA requirement", "shield", Action.REQUIRE_MFA, multiple=True),
    UserCommand(
        "user.link", "Link an account…", "external", Action.LINK_IDENTITY, words="identity provider google saml sso"
    ),
    UserCommand(
        "user.sign_out",
        "Sign out everywhere…",
        "disconnect",
        Action.SIGN_OUT,
        multiple=True,
        words="revoke tokens sessions log out logout",
    ),
    UserCommand(
        "user.group_add",
        "Add to group…",
        "users",
        Action.ADD_TO_GROUP,
        shortcut="Ctrl+G",
        multiple=True,
        words="role admin member",
    ),
    UserCommand(
        "user.enable",
        "Enable",
        "check-circle",
        Action.ENABLE_USER,
        shortcut="Ctrl+Shift+E",
        multiple=True,
        words="unblock unlock activate",
    ),
    UserCommand(
        "user.disable",
        "Disable…",
        "block",
        Action.DISABLE_USER,
        dangerous=True,
        shortcut="Ctrl+Shift+D",
        multiple=True,
    ),
    UserCommand(
        "user.delete",
        "Delete…",
        "trash",
        Action.DELETE_USER,
        dangerous=True,
        shortcut="Del",
        multiple=True,
        words="remove erase",
    ),
    UserCommand("user.copy", "Copy email", "copy", shortcut="Ctrl+Shift+C", multiple=True),
)

# What is done with the list as a whole, or with those who are chosen in it.
LIST_COMMANDS: tuple[UserCommand, ...] = (
    UserCommand("users.export", "Export…", "save", Action.EXPORT_USERS, shortcut="Ctrl+Shift+S", multiple=True),
    UserCommand("users.compare", "Compare", "columns", multiple=True),
    UserCommand("users.columns", "Columns…", "columns"),
    UserCommand("users.groups", "Show groups", "users"),
    UserCommand("users.factors", "Ask Cognito for second factors…", "shield", Action.ASK_FACTORS, multiple=True),
)

ONBOARDING_COMMANDS: tuple[UserCommand, ...] = (
    UserCommand("onboarding.confirm_email", "Confirm email", "mail", Action.CONFIRM_EMAIL),
    UserCommand("onboarding.approve", "Approve", "check", Action.APPROVE, multiple=True),
    UserCommand("onboarding.reject", "Reject…", "close", Action.REJECT, dangerous=True, multiple=True),
    UserCommand("onboarding.reopen", "Reopen", "undo", Action.REOPEN, multiple=True),
    UserCommand("onboarding.enrol_mfa", "Authenticator enrolled", "authenticator", Action.ENROL_MFA),
    UserCommand("onboarding.subscribe", "Subscription created", "check-circle", Action.ACTIVATE),
    UserCommand("onboarding.suspend", "Suspend…", "pause", Action.SUSPEND, dangerous=True, multiple=True),
    UserCommand("onboarding.resume", "Resume", "play", Action.RESUME, multiple=True),
    UserCommand("onboarding.disable", "Disable…", "block", Action.ONBOARDING_DISABLE, dangerous=True, multiple=True),
    UserCommand("onboarding.enable", "Enable", "check-circle", Action.ONBOARDING_ENABLE, multiple=True),
)


ROW_COMMANDS: tuple[UserCommand, ...] = (
    UserCommand("row.add", "Add the missing row", "database", Action.ADD_ROW),
    UserCommand("row.email", "Write Cognito's address into the row", "database", Action.ALIGN_ROW),
    UserCommand("row.subject", "Write the subject into the row", "database", Action.ALIGN_ROW),
    UserCommand("row.provider", "Let the row belong to Cognito…", "database", Action.ALIGN_ROW),
    UserCommand("row.mfa", "Record the second factor in the row", "database", Action.ALIGN_ROW),
)

# What to press where a diagnosis names a way out.
REMEDIES: dict[Remedy, str] = {
    Remedy.ENABLE: "user.enable",
    Remedy.DISABLE: "user.disable",
    Remedy.CONFIRM_SIGN_UP: "user.confirm",
    Remedy.RESEND_INVITATION: "user.resend",
    Remedy.SET_PASSWORD: "user.password",
    Remedy.SEND_RESET_CODE: "user.reset",
    Remedy.VERIFY_EMAIL: "user.verify_email",
    Remedy.VERIFY_PHONE: "user.verify_phone",
    Remedy.EDIT_ATTRIBUTES: "user.edit",
    Remedy.PREFER_TOTP: "user.prefer_totp",
    Remedy.ENROL: "user.enrol",
    Remedy.REPAIR_ROW_EMAIL: "onboarding.confirm_email",
    Remedy.DISABLE_ROW: "onboarding.disable",
    Remedy.ENABLE_ROW: "onboarding.enable",
    Remedy.ADD_ROW: "row.add",
    Remedy.ALIGN_EMAIL: "row.email",
    Remedy.ALIGN_SUBJECT: "row.subject",
    Remedy.ALIGN_PROVIDER: "row.provider",
    Remedy.ALIGN_MFA: "row.mfa",
    Remedy.APPROVE: "onboarding.approve",
    Remedy.REOPEN: "onboarding.reopen",
    Remedy.RESUME: "onboarding.resume",
}


def command(command_id: str) -> UserCommand:
    """The command of this id. KeyError if there is none."""
    return _BY_ID[command_id]


_BY_ID = {known.id: known for known in (*USER_COMMANDS, *LIST_COMMANDS, *ONBOARDING_COMMANDS, *ROW_COMMANDS)}
