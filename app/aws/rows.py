"""The one table from the error codes of AWS to what a support person is told. Pure.

In a sentence `{who}` is the user concerned, `{reason}` what the service said, `{permission}` the IAM action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.aws.pacing import THROTTLING_CODES
from app.errors import ErrorCode as E


@dataclass(frozen=True, slots=True)
class Row:
    """What an error means. `retryable`: the same call may succeed later unchanged. `field`: the input it is about."""

    code: E
    sentence: str
    retryable: bool = False
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row for one meaning of a code: where the service's message matches and, if given, for this operation."""

    error: str
    pattern: re.Pattern[str]
    row: Row
    operation: str | None = None


_THROTTLED = Row(E.THROTTLED, "AWS is receiving too many requests at the moment and put this one off.", retryable=True)
_SERVICE = Row(E.SERVICE_ERROR, "Cognito had an internal error.", retryable=True)
_TRIGGER = Row(E.TRIGGER_FAILED, "A Lambda trigger of this pool failed, so Cognito stopped. It said: {reason}")
_SMS = Row(E.POOL_SETTING, "This pool may not send text messages: its IAM role for SMS is wrong. It said: {reason}")
_DENIED = Row(E.ACCESS_DENIED, "AWS refused: the credentials in use lack the permission {permission}.")
_KEYS = Row(E.CREDENTIALS_INVALID, "AWS does not accept these access keys: they are unknown, deactivated or deleted.")
_CLOCK = (
    "AWS does not accept the signature of the request. Either the secret access key is wrong, or the clock of this "
    "computer is wrong by more than five minutes."
)
_SIGNATURE = Row(E.CREDENTIALS_INVALID, _CLOCK)
_EXPIRED = Row(E.CREDENTIALS_EXPIRED, "The time of the AWS credentials in use has run out.")
_INACTIVE = Row(E.ACCESS_DENIED, "This AWS account has not activated Cognito or the Region: {reason}")
_UNSIGNED = Row(E.CREDENTIALS_MISSING, "The request reached AWS without credentials.")
_INPUT = Row(E.INVALID_INPUT, "Cognito did not accept the input: {reason}")
_UNKNOWN_CALL = Row(E.NOT_SUPPORTED, "This endpoint does not offer the operation {operation}.")

ROWS: Final[Mapping[str, Row]] = MappingProxyType(
    {
        # Declared by the operations of app/aws/operations.py.
        "AliasExistsException": Row(
            E.ALIAS_EXISTS,
            "Another user of this pool has this email address, phone number or preferred username already.",
        ),
        "CodeDeliveryFailureException": Row(
            E.CODE_NOT_DELIVERED, "Cognito could not deliver the message to {who}. It said: {reason}"
        ),
        "CodeMismatchException": Row(E.CODE_WRONG, "Cognito does not accept this code.", field="code"),
        "ConcurrentModificationException": Row(
            E.CONFLICT, "Something else changed the account of {who} at the same moment.", retryable=True
        ),
        "EnableSoftwareTokenMFAException": Row(
            E.CODE_WRONG, "Cognito does not accept this code for the new authenticator.", field="code"
        ),
        "ExpiredCodeException": Row(
            E.CODE_EXPIRED, "Cognito no longer takes this code: it is too old, or was used already.", field="code"
        ),
        "FeatureUnavailableInTierException": Row(
            E.POOL_SETTING, "The feature tier of this pool does not include this. Cognito said: {reason}"
        ),
        "ForbiddenException": Row(
            E.ACCESS_DENIED, "The web application firewall (AWS WAF) of this pool refused the request."
        ),
        "GroupExistsException": Row(
            E.GROUP_EXISTS, "The pool has a group of this name already. Choose another name.", field="name"
        ),
        "InternalErrorException": _SERVICE,
        "InvalidEmailRoleAccessPolicyException": Row(
            E.POOL_SETTING, "This pool may not send email: its permission for Amazon SES is wrong. It said: {reason}"
        ),
        "InvalidLambdaResponseException": _TRIGGER,
        "InvalidParameterException": _INPUT,
        "InvalidPasswordException": Row(
            E.PASSWORD_POLICY, "The password does not meet the rules of this pool: {reason}", field="password"
        ),
        "InvalidSmsRoleAccessPolicyException": _SMS,
        "InvalidSmsRoleTrustRelationshipException": _SMS,
        "InvalidUserPoolConfigurationException": Row(
            E.POOL_SETTING, "The configuration of this pool does not allow this. Cognito said: {reason}"
        ),
        "LimitExceededException": Row(
            E.LIMIT_EXCEEDED,
            "Cognito allows no more of this for now, such as messages or attempts per hour for one person. It said: "
            "{reason}",
        ),
        "MFAMethodNotFoundException": Row(
            E.MFA_NOT_ENABLED, "Cognito found no way to ask {who} for a second factor. It said: {reason}"
        ),
        "NotAuthorizedException": Row(E.USER_STATE, "Cognito does not allow this for {who} at present: {reason}"),
        "OperationNotEnabledException": Row(
            E.NOT_SUPPORTED, "This pool does not offer the operation {operation}. Cognito said: {reason}"
        ),
        "PasswordHistoryPolicyViolationException": Row(
            E.PASSWORD_REUSED, "{who} used this password before, which this pool does not allow.", field="password"
        ),
        "PasswordResetRequiredException": Row(
            E.PASSWORD_RESET_REQUIRED, "The password of {who} must be reset before anything else can be done."
        ),
        "PreconditionNotMetException": Row(
            E.POOL_SETTING, "The pool's configuration does not allow this yet. Cognito said: {reason}"
        ),
        "ResourceNotFoundException": Row(
            E.POOL_NOT_FOUND, "Cognito does not know this user pool in this Region of the AWS account in use."
        ),
        "SoftwareTokenMFANotFoundException": Row(
            E.MFA_NOT_ENABLED,
            "No authenticator app can be used here: either this pool does not offer them, or {who} has none.",
        ),
        "TooManyFailedAttemptsException": Row(
            E.LIMIT_EXCEEDED, "There were too many failed attempts for {who}. Wait a while before the next one."
        ),
        "TooManyRequestsException": _THROTTLED,
        "UnauthorizedException": Row(E.POOL_SETTING, "The app client may not do this. Cognito said: {reason}"),
        "UnexpectedLambdaException": _TRIGGER,
        "UnsupportedOperationException": Row(
            E.POOL_SETTING, "The app client does not allow the operation {operation}. Cognito said: {reason}"
        ),
        "UnsupportedTokenTypeException": Row(E.POOL_SETTING, "Cognito does not take this kind of token here: {reason}"),
        "UnsupportedUserStateException": Row(
            E.USER_STATE, "The state of the account of {who} does not allow this. Cognito said: {reason}"
        ),
        "UserLambdaValidationException": Row(
            E.TRIGGER_FAILED, "This pool's own check (a Lambda trigger) refused. It said: {reason}"
        ),
        "UserNotConfirmedException": Row(E.USER_NOT_CONFIRMED, "{who} has not confirmed the sign-up yet."),
        "UserNotFoundException": Row(
            E.USER_NOT_FOUND, "The pool has no such user: {who}. Somebody may have deleted the account meanwhile."
        ),
        "UserPoolAddOnNotEnabledException": Row(
            E.NOT_SUPPORTED,
            "Threat protection is off in this pool, and without it Cognito does not keep this. It needs the Plus tier.",
        ),
        "UserPoolTaggingException": Row(E.POOL_SETTING, "The tags of the user pool do not allow this: {reason}"),
        "UsernameExistsException": Row(
            E.USER_EXISTS, "A user with this username or sign-in address exists already: {who}.", field="username"
        ),
        # Undeclared: any operation may answer with these.
        "AccessDeniedException": _DENIED,
        "AccessDenied": _DENIED,
        "UnauthorizedOperation": _DENIED,
        **dict.fromkeys(THROTTLING_CODES, _THROTTLED),
        "ExpiredTokenException": _EXPIRED,
        "ExpiredToken": _EXPIRED,
        "RequestExpired": _SIGNATURE,
        "RequestTimeTooSkewed": _SIGNATURE,
        "InvalidSignatureException": _SIGNATURE,
        "SignatureDoesNotMatch": _SIGNATURE,
        "IncompleteSignature": _SIGNATURE,
        "IncompleteSignatureException": _SIGNATURE,
        "UnrecognizedClientException": _KEYS,
        "InvalidClientTokenId": _KEYS,
        "InvalidAccessKeyId": _KEYS,
        "AuthFailure": _KEYS,
        "MissingAuthenticationToken": _UNSIGNED,
        "MissingAuthenticationTokenException": _UNSIGNED,
        "OptInRequired": _INACTIVE,
        "SubscriptionRequiredException": _INACTIVE,
        "InvalidAction": _UNKNOWN_CALL,
        "UnknownOperationException": _UNKNOWN_CALL,
        "NotImplementedException": _UNKNOWN_CALL,
        "InternalFailure": _SERVICE,
        "InternalServerError": _SERVICE,
        "InternalServerException": _SERVICE,
        "ServiceUnavailable": _SERVICE,
        "ServiceUnavailableException": _SERVICE,
        "ValidationException": _INPUT,
        "ValidationError": _INPUT,
        "SerializationException": _INPUT,
        "MissingParameter": _INPUT,
    }
)


_NO_GROUP = Row(E.GROUP_NOT_FOUND, "The pool has no such group. Somebody may have deleted it meanwhile.")
_GONE = Row(E.GONE, "It is no longer there: somebody else may have ended it already. Read the list again.")
_ABOUT_A_DEVICE = ("AdminForgetDevice", "AdminUpdateDeviceStatus", "AdminRevokeUserSession")
_ABOUT_A_GROUP = (
    *("GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup"),
    *("AdminAddUserToGroup", "AdminRemoveUserFromGroup"),
)


def _rule(error: str, pattern: str, row: Row, operation: str | None = None) -> Rule:
    return Rule(error, re.compile(pattern, re.IGNORECASE), row, operation)


_SIGNING_IN: Final = ("InitiateAuth", "AdminInitiateAuth")
_IN_SESSION: Final = (
    "RespondToAuthChallenge",
    "AdminRespondToAuthChallenge",
    "AssociateSoftwareToken",
    "VerifySoftwareToken",
)
_SESSION_OVER = Row(
    E.CHALLENGE_EXPIRED, "The time for this sign-in has run out, or its session was used already. Sign in once more."
)


# Cognito uses a few codes for many things; only the message tells them apart. Where it words one differently some day,
# the row above quotes it.
RULES: Final[tuple[Rule, ...]] = (
    *(
        _rule(
            "NotAuthorizedException",
            r"incorrect username or password",
            Row(E.WRONG_PASSWORD, "The password of {who} is not this one.", field="password"),
            operation,
        )
        for operation in _SIGNING_IN
    ),
    *(
        _rule(
            "NotAuthorizedException",
            r"temporary password has expired",
            Row(
                E.PASSWORD_RESET_REQUIRED, "The temporary password of {who} has expired, so nobody can sign in with it."
            ),
            operation,
        )
        for operation in _SIGNING_IN
    ),
    *(
        _rule(
            "NotAuthorizedException",
            r"attempts exceeded",
            Row(
                E.LIMIT_EXCEEDED,
                "There were too many wrong passwords for {who}, so Cognito allows no try for a while. Wait 15 minutes.",
            ),
            operation,
        )
        for operation in _SIGNING_IN
    ),
    *(
        _rule(
            error,
            r"flow not enabled|auth flow",
            Row(
                E.POOL_SETTING,
                "The app client does not allow this way to sign in. Cognito said: {reason}",
                field="flow",
            ),
            operation,
        )
        for operation in _SIGNING_IN
        for error in ("InvalidParameterException", "UnsupportedOperationException")
    ),
    *(
        _rule(
            "NotAuthorizedException",
            r"secret ?hash|with secret",
            Row(
                E.POOL_SETTING,
                "The app client's secret that the Desk used is not right. Cognito said: {reason}",
                field="client_secret",
            ),
            operation,
        )
        for operation in (*_SIGNING_IN, *_IN_SESSION)
    ),
    *(_rule("NotAuthorizedException", r"session", _SESSION_OVER, operation) for operation in _IN_SESSION),
    *(
        _rule("NotAuthorizedException", r"access token", _SESSION_OVER, operation)
        for operation in ("AssociateSoftwareToken", "VerifySoftwareToken", "SetUserMFAPreference")
    ),
    _rule(
        "ExpiredCodeException",
        r"used once|already been used",
        Row(E.CODE_EXPIRED, "This code was used already. Wait until the app shows the next one.", field="code"),
    ),
    _rule(
        "NotAuthorizedException",
        r"cannot be reset in the current state",
        Row(
            E.USER_STATE,
            "The password of {who} cannot be reset in the account's present state. Where the person still has a "
            "temporary password, resend the invitation; else set a new password.",
        ),
    ),
    _rule(
        "NotAuthorizedException",
        r"user is disabled|user is not enabled",
        Row(E.USER_STATE, "The account of {who} is disabled. Enable it first."),
    ),
    _rule(
        "InvalidParameterException",
        r"no registered/verified email or phone|no verified (email|phone)",
        Row(
            E.USER_STATE,
            "The password of {who} cannot be reset: neither an email address nor a phone number is verified, so there "
            "is nowhere to send the code. Verify a contact first, or set a password instead.",
        ),
    ),
    _rule(
        "InvalidParameterException",
        r"recovery",
        Row(
            E.POOL_SETTING,
            "This pool does not let people recover their own accounts, so a reset cannot be sent. Set a password "
            "instead. Cognito said: {reason}",
        ),
        "AdminResetUserPassword",
    ),
    _rule(
        "InvalidParameterException",
        r"not (verified|set up|enabled) software token|turn on SOFTWARE_TOKEN_MFA",
        Row(
            E.MFA_NOT_ENABLED,
            "{who} has no authenticator app enrolled, so it cannot be switched on from here. Only the person can enrol "
            "one, while signed in.",
        ),
    ),
    _rule(
        "InvalidParameterException",
        r"turn on (SMS|EMAIL)",
        Row(
            E.MFA_NOT_ENABLED,
            "{who} lacks the verified phone number or email address that this second factor needs. Cognito said: "
            "{reason}",
        ),
    ),
    _rule(
        "UnsupportedUserStateException",
        r"",
        Row(
            E.USER_STATE,
            "The invitation of {who} cannot be sent again: the account no longer waits on a temporary password. Reset "
            "the password instead.",
        ),
        "AdminCreateUser",
    ),
    *(_rule("ResourceNotFoundException", r"^(?!.*\bpool\b)", _NO_GROUP, operation) for operation in _ABOUT_A_GROUP),
    *(_rule("ResourceNotFoundException", r"^(?!.*\bpool\b)", _GONE, operation) for operation in _ABOUT_A_DEVICE),
    *(
        _rule(
            "ResourceNotFoundException",
            r"^(?!.*\bpool\b)",
            Row(E.PROVIDER_NOT_FOUND, "This pool has no such identity provider.", field="provider"),
            operation,
        )
        for operation in ("AdminLinkProviderForUser", "AdminDisableProviderForUser")
    ),
    # Of all operations on users this one alone does not declare UserNotFoundException.
    _rule("ResourceNotFoundException", r"^(?!.*\bpool\b)", ROWS["UserNotFoundException"], "AdminListDevices"),
    _rule(
        "ResourceNotFoundException",
        r"client",
        Row(
            E.POOL_NOT_FOUND,
            "This user pool has no such app client.",
            field="client_id",
        ),
    ),
)


def row_of(error: str, message: str, operation: str) -> Row | None:
    """The row for an error code, as its message and operation specify it; None for a code that nobody knows."""
    for rule in RULES:
        if rule.error == error and rule.operation in (None, operation) and rule.pattern.search(message):
            return rule.row
    return ROWS.get(error)
