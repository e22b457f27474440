"""How one user gets in: confirming a sign-up, ending every session, a lost authenticator. Blocking; AppError only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.aws.features import method
from app.aws.sending import sent_once
from app.directory.models import MfaPreference, UserStatus
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from app.directory.users import Users

# The authenticator cannot be deleted then, but it can be switched off.
_NOT_TO_BE_HAD = frozenset({ErrorCode.NOT_SUPPORTED, ErrorCode.ACCESS_DENIED})


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a lost authenticator. Not `deleted`: it is only switched off, and `why` says why."""

    deleted: bool
    why: str = ""


class Access:
    """One user's ways in, in the pool `pool_id`."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str, users: Users) -> None:
        self._client = client
        self._pool = pool_id
        self._users = users

    def confirm_sign_up(self, username: str) -> None:
        """Confirm somebody who signed up, without their code (AdminConfirmSignUp); their contact stays unverified.

        AppError(USER_STATE) where nothing waits for a confirmation.
        """
        sent_once(
            "AdminConfirmSignUp",
            username,
            lambda: self._client.admin_confirm_sign_up(UserPoolId=self._pool, Username=username),
            lambda: self._users.get(username).status is UserStatus.CONFIRMED,
        )

    def sign_out(self, username: str) -> None:
        """End every session of a user (AdminUserGlobalSignOut). It may be repeated without harm.

        What it does not end: a managed-login cookie, and access tokens where an application checks them by itself.
        """
        sent_once(
            "AdminUserGlobalSignOut",
            username,
            lambda: self._client.admin_user_global_sign_out(UserPoolId=self._pool, Username=username),
        )

    def remove_authenticator(self, username: str) -> Removal:
        """Take a user's authenticator app away (AdminDeleteSoftwareToken), so that they can enrol another.

        Where the AWS library, the pool or the credentials do not offer that, it is switched off instead
        (AdminSetUserMFAPreference).
        """
        try:
            delete = method(self._client, "AdminDeleteSoftwareToken")
            sent_once(
                "AdminDeleteSoftwareToken",
                username,
                lambda: delete(UserPoolId=self._pool, Username=username),
                lambda: "totp" not in self._users.factors(username).mfa,
            )
        except AppError as error:
            if error.code not in _NOT_TO_BE_HAD:
                raise
            self._users.set_mfa_preference(username, MfaPreference(totp=False))
            return Removal(False, error.message)
        return Removal(True)
