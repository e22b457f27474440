"""The users of one pool: pages, single users, every change to them. Blocking; safe on any thread; raises AppError only.

A change is sent once. Where its answer is lost, the user is read again and the truth is reported.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from app.aws.operations import counted_as_active as counted_as_active
from app.aws.sending import not_so_far, sent_once
from app.aws.translate import ANSWER_LOST, translated
from app.directory.models import AuthFactors, MfaPreference, User, UserPage, UserStatus
from app.directory.records import FACTOR_SETTINGS, read_factors, read_user, server_time
from app.errors import AppError, ErrorCode, invalid

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        AdminCreateUserRequestTypeDef,
        AttributeTypeTypeDef,
        ListUsersRequestTypeDef,
    )

PAGE_LIMIT = 60  # ListUsers answers at most this many
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[1-9]\d{4,14}")  # E.164
_FIXED = {"sub": "The subject (sub) never changes.", "identities": "Identities are linked, not edited."}
_CLOCK_SLACK = 3.0  # seconds: the Date header has whole seconds, and the pool's clock is not ours
_REMEMBERED = 3600.0  # seconds


class Users:
    """The users of the pool `pool_id`, through a client of app.aws.clients."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str) -> None:
        self._client = client
        self._pool = pool_id
        self._unanswered: dict[str, float] = {}  # username -> when its creation went unanswered (monotonic)

    def list_page(self, token: str | None = None, limit: int = PAGE_LIMIT, filter: str | None = None) -> UserPage:
        """One page of ListUsers; not billed, eventually consistent, without second factors.

        `limit` is 1 to 60. A token must come back with the same limit and filter, within the hour. `filter` is made by
        app.directory.filters.
        """
        if not 1 <= limit <= PAGE_LIMIT:
            raise invalid("limit", f"A page of users holds 1 to {PAGE_LIMIT}, not {limit}.")
        request: ListUsersRequestTypeDef = {"UserPoolId": self._pool, "Limit": limit}
        if token:
            request["PaginationToken"] = token
        if filter:
            request["Filter"] = filter
        with translated("ListUsers", self._pool):
            answer = self._client.list_users(**request)
        users = tuple(read_user(user) for user in answer.get("Users", ()))
        return UserPage(users, answer.get("PaginationToken") or None)

    def get(self, username: str) -> User:
        """One user as they are now, second factors included (AdminGetUser: counts towards billed active users).

        `username` may be an alias such as the email address. AppError(USER_NOT_FOUND) where there is none.
        """
        return self._read(username)[0]

    def factors(self, username: str) -> AuthFactors:
        """What the user can sign in with (AdminGetUserAuthFactors; AWS does not say whether it is billed).

        AppError(NOT_SUPPORTED) where the AWS library at hand does not know the operation.
        """
        ask = getattr(self._client, "admin_get_user_auth_factors", None)
        if ask is None:
            message = "The AWS library of this program is too old to ask for somebody's second factors."
            raise AppError(ErrorCode.NOT_SUPPORTED, message, subject="AdminGetUserAuthFactors")
        with translated("AdminGetUserAuthFactors", username):
            return read_factors(ask(UserPoolId=self._pool, Username=_named(username)))

    def create(
        self,
        username: str,
        *,
        attributes: Mapping[str, str],
        temporary_password: str | None = None,
        send_email: bool = True,
    ) -> User:
        """Create a user who must choose a password at the first sign-in (AdminCreateUser).

        In a pool where people sign in by email, `username` is the email address, and the answer's username is a UUID.
        Cognito makes up the temporary password where none is given. `send_email` False: nobody is told.
        AppError: USER_EXISTS, PASSWORD_POLICY, INVALID_INPUT with `fields`; TIMEOUT or BAD_RESPONSE only where the
        answer was lost and the user is not there, or cannot be read.
        """
        username = _named(username)
        _check(attributes)
        request: AdminCreateUserRequestTypeDef = {
            "UserPoolId": self._pool,
            "Username": username,
            "UserAttributes": _pairs(attributes),
        }
        if temporary_password is not None:
            request["TemporaryPassword"] = temporary_password
        if send_email:
            # Without a medium Cognito sends SMS.
            by_email = "email" in attributes or "phone_number" not in attributes
            request["DesiredDeliveryMediums"] = ["EMAIL" if by_email else "SMS"]
        else:
            request["MessageAction"] = "SUPPRESS"
        started = time.monotonic()
        try:
            with translated("AdminCreateUser", username):
                answer = self._client.admin_create_user(**request)
        except AppError as error:
            return self._after_creation(error, username, attributes, started)
        self._unanswered.pop(username, None)
        return read_user(answer["User"])

    def delete(self, username: str) -> None:
        """Delete a user for good (AdminDeleteUser). AppError(USER_NOT_FOUND) where somebody else did already."""
        self._change(
            "AdminDeleteUser",
            username,
            lambda: self._client.admin_delete_user(UserPoolId=self._pool, Username=username),
            lambda user: user is None,
        )

    def enable(self, username: str) -> None:
        """Let a disabled user sign in again (AdminEnableUser)."""
        self._change(
            "AdminEnableUser",
            username,
            lambda: self._client.admin_enable_user(UserPoolId=self._pool, Username=username),
            lambda user: user is not None and user.enabled,
        )

    def disable(self, username: str) -> None:
        """Keep a user from signing in and revoke their tokens (AdminDisableUser)."""
        self._change(
            "AdminDisableUser",
            username,
            lambda: self._client.admin_disable_user(UserPoolId=self._pool, Username=username),
            lambda user: user is not None and not user.enabled,
        )

    def reset_password(self, username: str) -> None:
        """Send the user a code to choose a new password with; the old one stops working (AdminResetUserPassword).

        AppError(USER_STATE) without a verified contact, while the account waits on a temporary password or is disabled;
        POOL_SETTING where the pool has no self-service recovery.
        """
        self._change(
            "AdminResetUserPassword",
            username,
            lambda: self._client.admin_reset_user_password(UserPoolId=self._pool, Username=username),
        )

    def set_password(
        self,
        username: str,
        password: str,
        *,
        permanent: bool,
        status: UserStatus | None = None,
        allow_federated: bool = False,
    ) -> None:
        """Set a password (AdminSetUserPassword); one that is not permanent must be changed at the next sign-in.

        `status` is the user's present one; where it is not given, the user is read first. A user of an external
        identity provider (EXTERNAL_PROVIDER) is refused with USER_STATE unless `allow_federated`: a password turns them
        into a CONFIRMED user of the pool. AppError(PASSWORD_POLICY) and PASSWORD_REUSED name the field `password`.
        """
        if not password:
            raise invalid("password", "The password is empty. Enter one, or generate one.")
        if not allow_federated and (status or self.get(username).status) is UserStatus.EXTERNAL_PROVIDER:
            message = (
                "This person signs in through another identity provider. A password would turn the account into one "
                "of this pool and break that link, so it is not set unless you choose to."
            )
            raise AppError(ErrorCode.USER_STATE, message, subject=username)
        self._change(
            "AdminSetUserPassword",
            username,
            lambda: self._client.admin_set_user_password(
                UserPoolId=self._pool, Username=username, Password=password, Permanent=permanent
            ),
        )

    def resend_invitation(self, username: str, *, medium: Literal["EMAIL", "SMS"] = "EMAIL") -> None:
        """Send the invitation again, with a new temporary password and validity (AdminCreateUser with RESEND).

        AppError(USER_STATE) where the account no longer waits on a temporary password.
        """
        self._change(
            "AdminCreateUser",
            username,
            lambda: self._client.admin_create_user(
                UserPoolId=self._pool, Username=username, MessageAction="RESEND", DesiredDeliveryMediums=[medium]
            ),
        )

    def update_attributes(self, username: str, changes: Mapping[str, str]) -> None:
        """Set attributes; an empty value removes one (AdminUpdateUserAttributes, which takes both in one request).

        With an email alias in the pool, a new email may take the alias away from another user. A new email or phone
        number is unverified unless `changes` says otherwise. AppError(INVALID_INPUT) with `fields`, ALIAS_EXISTS.
        """
        if not changes:
            raise invalid("attributes", "Nothing was changed: give at least one attribute.")
        _check(changes)
        self._change(
            "AdminUpdateUserAttributes",
            username,
            lambda: self._client.admin_update_user_attributes(
                UserPoolId=self._pool, Username=username, UserAttributes=_pairs(changes)
            ),
            lambda user: user is not None and all(user.attributes.get(n, "") == v for n, v in changes.items()),
        )

    def set_mfa_preference(self, username: str, preference: MfaPreference) -> None:
        """Choose which second factors Cognito asks this user for (AdminSetUserMFAPreference).

        It cannot enrol anybody: AppError(MFA_NOT_ENABLED) where the factor was never set up by the user.
        """
        chosen = {"totp": preference.totp, "sms": preference.sms, "email": preference.email}
        preferred = preference.preferred
        if preferred is not None and preferred not in chosen:
            raise invalid("preferred", f"“{preferred}” is not a second factor: choose totp, sms or email.")
        if preferred is not None and chosen[preferred] is False:
            raise invalid("preferred", f"{preferred} cannot be preferred while it is switched off.")
        settings: dict[str, dict[str, bool]] = {}
        for factor, enabled in chosen.items():
            if factor == preferred:
                settings[FACTOR_SETTINGS[factor]] = {"Enabled": True, "PreferredMfa": True}
            elif enabled is not None:
                settings[FACTOR_SETTINGS[factor]] = {"Enabled": enabled, "PreferredMfa": False}
        if not settings:
            raise invalid("preference", "Nothing was changed: switch at least one second factor on or off.")
        self._change(
            "AdminSetUserMFAPreference",
            username,
            lambda: self._client.admin_set_user_mfa_preference(
                UserPoolId=self._pool,
                Username=username,
                **settings,  # type: ignore[arg-type]  # the stubs know the keys as literals only
            ),
            lambda user: user is not None and _prefers(user, preference),
        )

    def _read(self, username: str) -> tuple[User, float]:
        # The user, and the pool's own time of the answer.
        with translated("AdminGetUser", username):
            answer = self._client.admin_get_user(UserPoolId=self._pool, Username=_named(username))
        return read_user(answer), server_time(answer["ResponseMetadata"]["HTTPHeaders"])

    def _change(
        self,
        operation: str,
        username: str,
        call: Callable[[], object],
        happened: Callable[[User | None], bool] | None = None,
    ) -> None:
        # `happened` tells by the user (None: not there) whether a change of which the answer was lost was made.
        _named(username)
        sent_once(operation, username, call, None if happened is None else lambda: happened(self._present(username)))

    def _present(self, username: str) -> User | None:
        try:
            return self.get(username)
        except AppError as error:
            if error.code is ErrorCode.USER_NOT_FOUND:
                return None
            raise

    def _after_creation(self, error: AppError, username: str, attributes: Mapping[str, str], started: float) -> User:
        if error.code in ANSWER_LOST:
            self._unanswered.setdefault(username, started)
        elif error.code is not ErrorCode.USER_EXISTS or username not in self._unanswered:
            raise error
        began = self._unanswered[username]
        try:
            user, now = self._read(username)
        except AppError as reading:
            raise (not_so_far(error) if reading.code is ErrorCode.USER_NOT_FOUND else error) from reading
        # A user that is older than our request is somebody else's, and really was in the way.
        elapsed = time.monotonic() - began
        ours = now - user.created.timestamp() <= elapsed + _CLOCK_SLACK and elapsed < _REMEMBERED
        if ours and all(user.attributes.get(name, value) == value for name, value in attributes.items()):
            self._unanswered.pop(username, None)
            return user
        if error.code is ErrorCode.USER_EXISTS:
            raise error
        self._unanswered.pop(username, None)
        message = f"A user with this username or sign-in address exists already: {username}."
        raise AppError(ErrorCode.USER_EXISTS, message, subject=username, fields={"username": message}) from error


def _prefers(user: User, preference: MfaPreference) -> bool:
    active, preferred = user.factors or (), preference.preferred
    chosen = {"totp": preference.totp, "sms": preference.sms, "email": preference.email}
    return (preferred is None or user.preferred_factor == preferred) and all(
        (factor in active) is (enabled or factor == preferred)
        for factor, enabled in chosen.items()
        if enabled is not None or factor == preferred
    )


def _named(username: str) -> str:
    name = username.strip()
    if not name:
        raise invalid("username", "The username is missing.")
    return name


def _check(attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        if name in _FIXED:
            raise invalid(name, _FIXED[name])
        if name == "email" and value and not _EMAIL.fullmatch(value):
            raise invalid("email", f"“{value}” is not an email address. It looks like name@example.com.")
        if name == "phone_number" and value and not _PHONE.fullmatch(value):
            raise invalid(
                "phone_number", f"“{value}” is not in international form. Phone numbers look like +4930123456."
            )


def _pairs(attributes: Mapping[str, str]) -> list[AttributeTypeTypeDef]:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]
