"""Every error code as a person reads it: what happened, why, what to do, and where it is shown."""

from __future__ import annotations

import traceback
from typing import Literal, NamedTuple

from app.errors import AppError, ErrorCode
from ui.text import tr

Where = Literal["field", "banner", "dialog"]


class Presentation(NamedTuple):
    """`title` names the failure, `body` what happened, `remedy` what to do; `details` is technical and copyable.

    `where`: at the input field, in a banner over the view, or in a dialog. `retry`: trying again unchanged makes sense.
    """

    title: str
    body: str
    remedy: str
    details: str
    where: Where
    retry: bool


_C = ErrorCode
_TEXTS: dict[ErrorCode, tuple[str, str, Where]] = {
    _C.INTERNAL: (
        "Something went wrong inside Cognito Desk",
        "This is a fault of the program, not yours. Nothing was lost. Copy the details and report them.",
        "dialog",
    ),
    _C.INVALID_INPUT: ("An entry needs to be corrected", "Correct the marked field and try again.", "field"),
    _C.NOT_ALLOWED: (
        "Your role does not allow this",
        "Ask somebody with the admin role to do it, or to change your role.",
        "dialog",
    ),
    _C.NOT_CONFIGURED: (
        "Something is not set up yet",
        "Open the connection's settings and fill in what is missing.",
        "banner",
    ),
    _C.NOT_SUPPORTED: (
        "This user pool does not offer that",
        "It may need another feature plan of the pool or a newer version of the AWS SDK.",
        "banner",
    ),
    _C.CONFLICT: (
        "Somebody else changed this meanwhile",
        "Refresh to see what is true now, then decide again.",
        "dialog",
    ),
    _C.ACCESS_DENIED: (
        "AWS does not permit this",
        "Ask whoever manages the AWS account to allow it.",
        "banner",
    ),
    _C.CREDENTIALS_MISSING: (
        "No AWS credentials were found",
        "Choose a profile, enter access keys in the connection, or sign in with the AWS command line.",
        "banner",
    ),
    _C.CREDENTIALS_INVALID: (
        "AWS does not accept these credentials",
        "Check the access keys of the connection or the settings of its profile, or choose another profile.",
        "banner",
    ),
    _C.CREDENTIALS_EXPIRED: (
        "The AWS credentials have expired",
        "Sign in to AWS again, for example with “aws sso login” or “aws login”, then retry.",
        "banner",
    ),
    _C.THROTTLED: (
        "Cognito asks to slow down",
        "Every program of the AWS account shares one quota. Wait a few seconds, then retry.",
        "banner",
    ),
    _C.LIMIT_EXCEEDED: (
        "A limit is reached",
        "Wait and try again later, or raise the limit in AWS.",
        "banner",
    ),
    _C.TIMEOUT: (
        "No answer came in time",
        "Check the network, a proxy or VPN, and the endpoint of the connection. Then retry.",
        "banner",
    ),
    _C.UNREACHABLE: (
        "Cognito cannot be reached",
        "Check the network, a proxy or VPN, and the Region and endpoint of the connection. Then retry.",
        "banner",
    ),
    _C.BAD_RESPONSE: (
        "The answer could not be understood",
        "Retry. If it stays, look for a proxy or a sign-in page of the network, and check the endpoint.",
        "banner",
    ),
    _C.SERVICE_ERROR: (
        "Cognito had a fault",
        "Retry in a moment. If it stays, look at the AWS Health Dashboard.",
        "banner",
    ),
    _C.POOL_NOT_FOUND: (
        "The user pool or app client was not found",
        "Check the pool ID, the client ID and the Region of the connection: a pool exists in one Region only.",
        "banner",
    ),
    _C.USER_NOT_FOUND: (
        "This person is not in the user pool",
        "Refresh the list.",
        "dialog",
    ),
    _C.USER_EXISTS: ("An account of this name exists already", "Search for the person, or use another one.", "field"),
    _C.ALIAS_EXISTS: (
        "Another account uses this email or phone number",
        "Find that account first. Taking the address over would lock its owner out.",
        "field",
    ),
    _C.GROUP_EXISTS: ("A group of this name exists already", "Choose another name.", "field"),
    _C.GROUP_NOT_FOUND: ("This group is not in the user pool", "Refresh the groups.", "dialog"),
    _C.PROVIDER_NOT_FOUND: (
        "The pool has no identity provider of this name",
        "Check the provider's name, upper and lower case too, in the pool's settings.",
        "field",
    ),
    _C.GONE: ("This has ended already", "Refresh to see what is left.", "dialog"),
    _C.USER_NOT_CONFIRMED: (
        "This person has not confirmed the account yet",
        "Confirm the email address first, or send a new code.",
        "dialog",
    ),
    _C.USER_STATE: (
        "The account's present state does not allow this",
        "Look at the account's status: it says what has to happen first.",
        "dialog",
    ),
    _C.PASSWORD_POLICY: (
        "The password does not meet the pool's policy",
        "Choose one that meets every rule, or let one be generated.",
        "field",
    ),
    _C.PASSWORD_REUSED: ("This password was used before", "Choose a password that was not used lately.", "field"),
    _C.PASSWORD_RESET_REQUIRED: (
        "A new password has to be chosen first",
        "The person must use “Forgot password” and the code they are sent.",
        "dialog",
    ),
    _C.WRONG_PASSWORD: ("The user name or password is wrong", "Check both, also Caps Lock, and try again.", "field"),
    _C.CODE_WRONG: (
        "The code is wrong",
        "Read the newest code. If it is right, the clock of the phone may be: turn on automatic time.",
        "field",
    ),
    _C.CODE_EXPIRED: ("The code has expired", "Ask for a new code.", "field"),
    _C.CODE_NOT_DELIVERED: (
        "The message could not be delivered",
        "Check the address or number, and the pool's email and text message settings.",
        "dialog",
    ),
    _C.MFA_NOT_ENABLED: (
        "This second factor is not set up",
        "Enrol it for the person first, or turn it on for the pool.",
        "dialog",
    ),
    _C.POOL_SETTING: (
        "The pool's settings do not allow this",
        "Change the setting that is named, or use another way.",
        "banner",
    ),
    _C.TRIGGER_FAILED: (
        "A Lambda trigger of the pool refused or failed",
        "Ask whoever owns the trigger. Its log in CloudWatch says more.",
        "dialog",
    ),
    _C.DATABASE_MISSING: (
        "No application database is connected",
        "Cognito works without it. Add the database's address to the connection to see onboarding.",
        "banner",
    ),
    _C.DATABASE_UNREACHABLE: (
        "The application database cannot be reached",
        "Cognito still works. What follows from changes in Cognito is written when the database is back.",
        "banner",
    ),
    _C.DATABASE_REFUSED: (
        "The application database refused",
        "Check the database user, its password and its rights on the table auth.users.",
        "banner",
    ),
    _C.DATABASE_SCHEMA: (
        "The application database looks different than expected",
        "The table auth.users lacks something. The details name it, for whoever owns the database.",
        "banner",
    ),
    _C.KEYRING_MISSING: (
        "This computer offers no keyring",
        "Secrets can be kept for this session only. They are never written to a file.",
        "banner",
    ),
    _C.KEYRING_LOCKED: ("The keyring is locked", "Unlock the keyring of your desktop, then retry.", "banner"),
    _C.KEYRING_REFUSED: (
        "The keyring did not accept the secret",
        "Keep it for this session only, or look at the keyring's own settings.",
        "dialog",
    ),
    _C.FILE_ERROR: (
        "A file could not be read or written",
        "Check that the folder exists, that you may write there, and that the disk is not full.",
        "dialog",
    ),
    _C.DEMO_UNAVAILABLE: (
        "The demo cannot start",
        "Install the demo's parts with “pip install cognito-desk[demo]”, or connect to a user pool.",
        "dialog",
    ),
    _C.DEMO_RUNNING: (
        "A demo is already running",
        "Close the other window first, or use that one.",
        "dialog",
    ),
    _C.CHALLENGE_EXPIRED: ("The sign-in took too long", "Start the sign-in again from the beginning.", "dialog"),
    _C.STOPPED: ("It was stopped before its end", "Start it again to have all of it.", "banner"),
}

# Only a change that may have been made comes without the leave to retry: it must not be sent again unseen.
_LOST_ANSWERS = frozenset({_C.TIMEOUT, _C.BAD_RESPONSE})
_LOOK_FIRST = "Refresh to see what is true before you try again."

# Unchanged, the same request would only fail again; these can be mended elsewhere, and then a retry makes sense.
_MENDABLE = frozenset(
    {
        _C.ACCESS_DENIED,
        _C.CREDENTIALS_MISSING,
        _C.CREDENTIALS_INVALID,
        _C.CREDENTIALS_EXPIRED,
        _C.THROTTLED,
        _C.UNREACHABLE,
        _C.SERVICE_ERROR,
        _C.POOL_NOT_FOUND,
        _C.DATABASE_UNREACHABLE,
        _C.DATABASE_REFUSED,
        _C.DATABASE_SCHEMA,
        _C.KEYRING_LOCKED,
        _C.CONFLICT,
        _C.FILE_ERROR,
    }
)


def present(error: AppError) -> Presentation:
    """The error in words. The service's own message is the body: it knows the names and numbers."""
    title, remedy, where = _TEXTS[error.code]
    body = error.message
    if error.code is _C.ACCESS_DENIED and error.subject and error.subject not in body:
        body = f"{body} {tr('Missing permission: {name}.', name=error.subject)}"
    if error.code in _LOST_ANSWERS and not error.retryable:
        remedy = _LOOK_FIRST
    if where == "field" and not error.fields:
        where = "dialog"
    return Presentation(tr(title), body, tr(remedy), details(error), where, error.retryable or error.code in _MENDABLE)


def details(error: AppError) -> str:
    """For a report to whoever looks after the program: code, subject, AWS request id, and the cause's traceback."""
    lines = [f"code: {error.code.value}", f"message: {error.message}"]
    if error.subject:
        lines.append(f"subject: {error.subject}")
    if error.request_id:
        lines.append(f"AWS request id: {error.request_id}")
    lines += [f"{name}: {problem}" for name, problem in error.fields.items()]
    cause = error.__cause__
    if cause is not None:
        where = traceback.extract_tb(cause.__traceback__)
        lines.append(f"cause: {type(cause).__name__}")
        # Frames without values: an exception's own text or locals could hold a secret.
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in where]
    return "\n".join(lines)
