"""The one exception that leaves `app`. Its code is stable; its message is for people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ErrorCode(StrEnum):
    """What went wrong, as a caller branches on it. Append only: codes are stored in journals and reports."""

    INTERNAL = "internal"
    INVALID_INPUT = "invalid_input"
    NOT_ALLOWED = "not_allowed"  # the operator's role forbids it
    NOT_CONFIGURED = "not_configured"
    NOT_SUPPORTED = "not_supported"  # by this pool, tier, SDK or emulator
    CONFLICT = "conflict"  # somebody else changed it meanwhile
    ACCESS_DENIED = "access_denied"  # IAM forbids it
    CREDENTIALS_MISSING = "credentials_missing"
    CREDENTIALS_INVALID = "credentials_invalid"
    CREDENTIALS_EXPIRED = "credentials_expired"
    THROTTLED = "throttled"
    LIMIT_EXCEEDED = "limit_exceeded"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    BAD_RESPONSE = "bad_response"
    SERVICE_ERROR = "service_error"
    POOL_NOT_FOUND = "pool_not_found"
    USER_NOT_FOUND = "user_not_found"
    USER_EXISTS = "user_exists"
    ALIAS_EXISTS = "alias_exists"
    GROUP_EXISTS = "group_exists"
    USER_NOT_CONFIRMED = "user_not_confirmed"
    USER_STATE = "user_state"  # the account's present state forbids it
    PASSWORD_POLICY = "password_policy"
    PASSWORD_REUSED = "password_reused"
    PASSWORD_RESET_REQUIRED = "password_reset_required"
    WRONG_PASSWORD = "wrong_password"
    CODE_WRONG = "code_wrong"
    CODE_EXPIRED = "code_expired"
    CODE_NOT_DELIVERED = "code_not_delivered"
    MFA_NOT_ENABLED = "mfa_not_enabled"
    POOL_SETTING = "pool_setting"  # the pool's or client's configuration forbids it
    TRIGGER_FAILED = "trigger_failed"  # a Lambda trigger of the pool failed or refused
    DATABASE_MISSING = "database_missing"  # no database is configured
    DATABASE_UNREACHABLE = "database_unreachable"
    DATABASE_REFUSED = "database_refused"
    DATABASE_SCHEMA = "database_schema"
    KEYRING_MISSING = "keyring_missing"
    KEYRING_LOCKED = "keyring_locked"
    KEYRING_REFUSED = "keyring_refused"
    FILE_ERROR = "file_error"
    DEMO_UNAVAILABLE = "demo_unavailable"
    DEMO_RUNNING = "demo_running"
    CHALLENGE_EXPIRED = "challenge_expired"
    GROUP_NOT_FOUND = "group_not_found"
    PROVIDER_NOT_FOUND = "provider_not_found"
    GONE = "gone"  # a device or session that has ended already
    STOPPED = "stopped"  # somebody stopped it, and it is known what that leaves


# The request may have had its effect although no answer says so: nobody may claim that it failed. UNREACHABLE is not
# among them: it means that the request never left.
_UNCERTAIN = frozenset({ErrorCode.TIMEOUT, ErrorCode.BAD_RESPONSE, ErrorCode.SERVICE_ERROR})


class AppError(Exception):
    """A failure that a person can be told about.

    `message` says what happened, without secrets. `subject` is the user, file, permission or setting concerned.
    `retryable` is true where the same call may succeed later unchanged. `request_id` is the AWS request id.
    `fields` maps the name of an input field to what is wrong with it and how to mend it.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        subject: str | None = None,
        retryable: bool = False,
        request_id: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subject = subject
        self.retryable = retryable
        self.request_id = request_id
        self.fields: Mapping[str, str] = MappingProxyType(dict(fields or {}))

    @property
    def uncertain(self) -> bool:
        """Whether a change that ended so may have been made all the same: only reading again tells."""
        return self.code in _UNCERTAIN

    def __repr__(self) -> str:
        return f"AppError({self.code.value}, {self.message!r}, subject={self.subject!r})"


def invalid(field: str, message: str) -> AppError:
    """An INVALID_INPUT error about one field; `message` names the field and the fix."""
    return AppError(ErrorCode.INVALID_INPUT, message, subject=field, fields={field: message})
