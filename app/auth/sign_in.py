"""Signing in as a person of the pool, challenge by challenge, to act in their own session while they are on the phone.

Every request is sent once: an attempt of somebody's password or code is never spent twice. No secret is in any
representation. Blocking; safe on any thread, one sign-in at a time; raises AppError only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.aws.translate import translated
from app.elapsed import elapsed
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_CODE_KEYS = {
    "SOFTWARE_TOKEN_MFA": "SOFTWARE_TOKEN_MFA_CODE",
    "SMS_MFA": "SMS_MFA_CODE",
    "SMS_OTP": "SMS_OTP_CODE",
    "EMAIL_OTP": "EMAIL_OTP_CODE",
}


class Flow(StrEnum):
    """How a password is handed to Cognito; the values are AWS's AuthFlow. In order of preference."""

    ADMIN = "ADMIN_USER_PASSWORD_AUTH"
    USER = "USER_PASSWORD_AUTH"
    CHOICE = "USER_AUTH"

    @property
    def operation(self) -> str:
        """The operation that begins it."""
        return "AdminInitiateAuth" if self is Flow.ADMIN else "InitiateAuth"


_ALLOWED_BY = {
    Flow.ADMIN: {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"},
    Flow.USER: {"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"},
    Flow.CHOICE: {"ALLOW_USER_AUTH"},
}


def usable(allowed: tuple[str, ...] | None) -> tuple[Flow, ...]:
    """The flows that take a password from the Desk, of a client's ExplicitAuthFlows; None: they could not be read."""
    if allowed is None:
        return (Flow.ADMIN, Flow.USER)
    return tuple(flow for flow in Flow if _ALLOWED_BY[flow] & set(allowed))


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signed in. Only the two tokens that the Desk needs. `until` (app.elapsed): how long the access token is taken."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False, default=None)
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What Cognito asks for next. `asked` is the moment (app.elapsed) before which its session cannot have begun."""

    name: str
    session: str = field(repr=False)
    parameters: Mapping[str, str] = field(repr=False, default_factory=dict)
    asked: float = 0.0

    def listed(self, parameter: str) -> tuple[str, ...]:
        """A parameter that holds a list, as JSON or in brackets as some emulators write it."""
        text = self.parameters.get(parameter, "") or ""
        try:
            found = json.loads(text)
        except ValueError:
            found = [part.strip(" \"'") for part in text.strip("[] ").split(",")]
        return tuple(str(each) for each in found if each) if isinstance(found, list) else ()


@dataclass(frozen=True, slots=True)
class Associated:
    """A new authenticator secret (base32), and the session to verify it in where there is no access token."""

    secret: str = field(repr=False)
    session: str | None = field(repr=False)
    asked: float = 0.0


class SignIn:
    """The operations of one sign-in of `username` through the app client `client_id`.

    `flows` are tried in order, until one is allowed; `flow` is the one that was. `secret` is the app client's.
    """

    def __init__(
        self,
        client: CognitoIdentityProviderClient,
        pool_id: str,
        client_id: str,
        username: str,
        flows: tuple[Flow, ...],
        secret: str | None = None,
        *,
        who: str = "",
    ) -> None:
        self._client = client
        self._pool = pool_id
        self._client_id = client_id
        self._username = username
        self._flows = flows
        self._secret = secret
        self._who = who or username  # as errors name them
        self.flow: Flow | None = None
        self._asked = elapsed()
        self._epoch = time.time() - elapsed()

    @property
    def epoch(self) -> float:
        """Unix time, as Cognito has it, at which app.elapsed was 0. What happens to our wall clock does not touch it.

        By the latest answer; before any, by our wall clock.
        """
        return self._epoch

    def begin(self, password: str) -> Tokens | Challenge:
        """Hand over the password. AppError WRONG_PASSWORD, PASSWORD_RESET_REQUIRED, USER_STATE, POOL_SETTING …"""
        refused: AppError | None = None
        for flow in (self.flow,) if self.flow is not None else self._flows:
            try:
                answer = self._begin(flow, password)
            except AppError as error:
                if not (error.fields.get("flow") or (flow is Flow.ADMIN and error.code is ErrorCode.ACCESS_DENIED)):
                    raise
                refused = refused or error
                continue
            self.flow = flow
            return self._read(answer)
        raise refused or AppError(
            ErrorCode.POOL_SETTING,
            "The app client allows no way to sign in that takes a password from the Desk. Add "
            "ALLOW_ADMIN_USER_PASSWORD_AUTH to the client's authentication flows; people will not notice.",
            subject=self._client_id,
            fields={"flow": "no flow of the client takes a password"},
        )

    def answer(self, challenge: Challenge, responses: Mapping[str, str]) -> Tokens | Challenge:
        """Answer a challenge. AppError CODE_WRONG, CODE_EXPIRED (also: used already), CHALLENGE_EXPIRED, PASSWORD_…"""
        request: dict[str, Any] = {
            "ClientId": self._client_id,
            "ChallengeName": challenge.name,
            "Session": challenge.session,
            "ChallengeResponses": self._signed({"USERNAME": self._username, **responses}),
        }
        self._asked = elapsed()
        if self.flow is Flow.ADMIN:
            with translated("AdminRespondToAuthChallenge", self._who):
                return self._read(self._client.admin_respond_to_auth_challenge(UserPoolId=self._pool, **request))
        with translated("RespondToAuthChallenge", self._who):
            return self._read(self._client.respond_to_auth_challenge(**request))

    def answer_code(self, challenge: Challenge, code: str) -> Tokens | Challenge:
        """Answer one of the challenges that ask for a code."""
        return self.answer(challenge, {_CODE_KEYS.get(challenge.name, f"{challenge.name}_CODE"): code})

    def associate(self, where: Tokens | Challenge) -> Associated:
        """Have Cognito make a new authenticator secret (AssociateSoftwareToken). What was enrolled stays until then."""
        access = {"AccessToken": where.access} if isinstance(where, Tokens) else {"Session": where.session}
        self._asked = elapsed()
        with translated("AssociateSoftwareToken", self._who):
            answer = self._client.associate_software_token(**access)
        self._note_clock(answer)
        return Associated(answer["SecretCode"], answer.get("Session"), self._asked)

    def verify(self, where: Tokens | Associated, code: str) -> str | None:
        """Prove the new authenticator with a code of it (VerifySoftwareToken); the session to go on with, if any."""
        access = {"AccessToken": where.access} if isinstance(where, Tokens) else {"Session": where.session or ""}
        with translated("VerifySoftwareToken", self._who):
            answer = self._client.verify_software_token(UserCode=code, **access)
        self._note_clock(answer)
        if answer.get("Status") != "SUCCESS":
            message = "Cognito does not accept this code for the new authenticator."
            raise AppError(ErrorCode.CODE_WRONG, message, subject=self._who, fields={"code": message})
        return answer.get("Session")

    def prefer(self, tokens: Tokens) -> None:
        """Make Cognito ask for the authenticator at every sign-in (SetUserMFAPreference, with the person's token)."""
        with translated("SetUserMFAPreference", self._who):
            self._client.set_user_mfa_preference(
                AccessToken=tokens.access, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
            )

    def revoke(self, tokens: Tokens) -> None:
        """End this session alone (RevokeToken). AppError(POOL_SETTING) where the client has token revocation off."""
        if tokens.refresh is None:
            raise AppError(ErrorCode.POOL_SETTING, "This sign-in came without a refresh token that could be revoked.")
        secret = {"ClientSecret": self._secret} if self._secret else {}
        with translated("RevokeToken", self._who):
            self._client.revoke_token(Token=tokens.refresh, ClientId=self._client_id, **secret)

    def end_all(self) -> None:
        """End every session of the person, on all devices (AdminUserGlobalSignOut)."""
        with translated("AdminUserGlobalSignOut", self._who):
            self._client.admin_user_global_sign_out(UserPoolId=self._pool, Username=self._username)

    def _begin(self, flow: Flow, password: str) -> Mapping[str, Any]:
        parameters = {"USERNAME": self._username, "PASSWORD": password}
        if flow is Flow.CHOICE:
            parameters["PREFERRED_CHALLENGE"] = "PASSWORD"
        self._asked = elapsed()
        with translated(flow.operation, self._who):
            if flow is Flow.ADMIN:
                return self._client.admin_initiate_auth(
                    UserPoolId=self._pool,
                    ClientId=self._client_id,
                    AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters=self._signed(parameters),
                )
            return self._client.initiate_auth(
                ClientId=self._client_id,
                AuthFlow="USER_AUTH" if flow is Flow.CHOICE else "USER_PASSWORD_AUTH",
                AuthParameters=self._signed(parameters),
            )

    def _signed(self, parameters: dict[str, str]) -> dict[str, str]:
        """With SECRET_HASH, the proof that the app client's secret is known."""
        if self._secret:
            text = (self._username + self._client_id).encode()
            digest = hmac.digest(self._secret.encode(), text, hashlib.sha256)
            parameters["SECRET_HASH"] = base64.b64encode(digest).decode()
        return parameters

    def _read(self, answer: Mapping[str, Any]) -> Tokens | Challenge:
        self._note_clock(answer)
        result = answer.get("AuthenticationResult")
        if result:
            lasts = result.get("ExpiresIn")  # seconds; what the app client says for access tokens
            return Tokens(result["AccessToken"], result.get("RefreshToken"), self._asked + lasts if lasts else None)
        return Challenge(
            answer.get("ChallengeName", ""),
            answer.get("Session", ""),
            dict(answer.get("ChallengeParameters") or {}),
            self._asked,
        )

    def _note_clock(self, answer: Mapping[str, Any]) -> None:
        from email.utils import parsedate_to_datetime

        wall = time.time()
        try:
            date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
            offset = parsedate_to_datetime(date).timestamp() - wall
        except (KeyError, ValueError):
            return
        # The header has whole seconds, and the answer took a moment: below that no difference can be told.
        self._epoch = wall + (offset if abs(offset) > 2.0 else 0.0) - elapsed()
