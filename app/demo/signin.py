"""Signing in: flows, challenges, authenticator enrolment, tokens. A session is bound to its user and used once."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.demo.accounts import set_preference
from app.demo.codes import Codes
from app.demo.factors import Verdict, new_token
from app.demo.grants import Grants, check_secret_hash, required_entry
from app.demo.outbox import MessageKind
from app.demo.passwords import check_password
from app.demo.post import Post
from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter, not_authorized
from app.demo.traces import note
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool

if TYPE_CHECKING:
    from moto.cognitoidp.models import CognitoIdpUserPoolClient

# Which entry of ExplicitAuthFlows allows a flow: the present name and the legacy one.
ALLOWED_BY = {
    "USER_PASSWORD_AUTH": ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
    "ADMIN_USER_PASSWORD_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
    "ADMIN_NO_SRP_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
    "REFRESH_TOKEN_AUTH": ("ALLOW_REFRESH_TOKEN_AUTH", ""),
    "REFRESH_TOKEN": ("ALLOW_REFRESH_TOKEN_AUTH", ""),
    "USER_SRP_AUTH": ("ALLOW_USER_SRP_AUTH", ""),
    "CUSTOM_AUTH": ("ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY"),
    "USER_AUTH": ("ALLOW_USER_AUTH", ""),
}
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
USER_FLOWS = ("USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
BAD_SESSION = "Invalid session for the user."
WRONG_TRIES = 5


@dataclass(slots=True)
class _Session:
    pool: DemoPool
    client: CognitoIdpUserPoolClient
    account: Account
    challenge: str
    expires: datetime
    verified: bool = False  # MFA_SETUP: the token was verified in it
    wrong: int = 0


class SignIn:
    """The operations of a sign-in, and those that an access token allows on its own factors."""

    def __init__(self, backend: DemoBackend, post: Post, codes: Codes, grants: Grants, clock: Clock) -> None:
        self._backend = backend
        self._post = post
        self._codes = codes
        self._grants = grants
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def operations(self) -> dict[str, Operation]:
        """By their AWS names."""
        return {
            "InitiateAuth": self.initiate,
            "AdminInitiateAuth": self.admin_initiate,
            "RespondToAuthChallenge": self.respond,
            "AdminRespondToAuthChallenge": self.respond,
            "AssociateSoftwareToken": self.associate,
            "VerifySoftwareToken": self.verify,
            "SetUserMFAPreference": self.set_preference,
            "GetUser": self.get_user,
            "GetUserAuthFactors": self.auth_factors,
            "GlobalSignOut": self.sign_out,
            "RevokeToken": self.revoke_token,
        }

    def initiate(self, call: Call) -> Answer:
        """InitiateAuth: USER_PASSWORD_AUTH and REFRESH_TOKEN_AUTH."""
        return self._initiate(call, USER_FLOWS)

    def admin_initiate(self, call: Call) -> Answer:
        """AdminInitiateAuth."""
        pool, _ = self._backend.client(call.text("ClientId"))
        if pool.id != call.text("UserPoolId"):
            raise Refusal("ResourceNotFoundException", "The app client does not belong to the user pool.")
        return self._initiate(call, ADMIN_FLOWS)

    def _initiate(self, call: Call, offered: tuple[str, ...]) -> Answer:
        pool, client = self._backend.client(call.text("ClientId"))
        flow, parameters = call.text("AuthFlow"), call.table("AuthParameters")
        if flow not in ALLOWED_BY:
            raise bad_parameter(
                f"1 validation error detected: Value '{flow}' at 'authFlow' failed to satisfy constraint"
            )
        allowed = client.extended_config.get("ExplicitAuthFlows") or DEFAULT_FLOWS
        if not any(name in allowed for name in ALLOWED_BY[flow] if name):
            raise bad_parameter(f"{flow} flow not enabled for this client")
        if flow not in offered:
            raise bad_parameter(f"The demo's Cognito does not implement {flow} here.")
        if flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
            tokens = self._grants.refresh(client, required_entry(parameters, "REFRESH_TOKEN"))
            return {"ChallengeParameters": {}, "AuthenticationResult": tokens}
        username, password = required_entry(parameters, "USERNAME"), required_entry(parameters, "PASSWORD")
        check_secret_hash(client, username, parameters.get("SECRET_HASH"))
        account = self._password_holder(pool, client, username, password)
        return self._next(pool, client, account)

    def _password_holder(
        self, pool: DemoPool, client: CognitoIdpUserPoolClient, username: str, password: str
    ) -> Account:
        account = pool.find(username)
        wrong = not_authorized("Incorrect username or password.")
        if account is None:
            hidden = client.extended_config.get("PreventUserExistenceErrors") == "ENABLED"
            raise wrong if hidden else Refusal("UserNotFoundException", "User does not exist.")
        if not account.enabled:
            raise not_authorized("User is disabled.")
        if account.status == "RESET_REQUIRED":
            raise Refusal("PasswordResetRequiredException", "Password reset required for the user")
        if account.password is None or not secrets.compare_digest(account.password.encode(), password.encode()):
            note(pool, account, self._clock(), passed=False, challenges=(("Password", "Failure"),))
            raise wrong
        if account.status == "UNCONFIRMED":
            raise Refusal("UserNotConfirmedException", "User is not confirmed.")
        if account.status == "FORCE_CHANGE_PASSWORD":
            since = account.temporary_since or account.modified
            if self._clock() >= since + pool.temporary_validity:
                raise not_authorized("Temporary password has expired and must be reset by an administrator.")
        return account

    def _next(self, pool: DemoPool, client: CognitoIdpUserPoolClient, account: Account) -> Answer:
        """The next challenge, or the tokens."""
        if account.status == "FORCE_CHANGE_PASSWORD":
            shown = {k: v for k, v in account.attributes.items() if k != "sub"}
            detail = {
                "USER_ID_FOR_SRP": account.username,
                "requiredAttributes": "[]",
                "userAttributes": json.dumps(shown),
            }
            return self._challenge(pool, client, account, "NEW_PASSWORD_REQUIRED", detail)
        factors = set(account.factors)
        if pool.mfa_config == "OFF":
            factors = set()
        elif pool.mfa_config == "ON" and account.token is not None:
            factors.add("SOFTWARE_TOKEN_MFA")
        if account.preferred in factors:
            return self._factor_challenge(pool, client, account, str(account.preferred))
        if len(factors) > 1:
            detail = {"MFAS_CAN_CHOOSE": json.dumps(sorted(factors))}
            return self._challenge(pool, client, account, "SELECT_MFA_TYPE", detail)
        if factors:
            return self._factor_challenge(pool, client, account, factors.pop())
        if pool.mfa_config == "ON":
            detail = {"MFAS_CAN_SETUP": json.dumps(["SOFTWARE_TOKEN_MFA"])}
            return self._challenge(pool, client, account, "MFA_SETUP", detail)
        note(pool, account, self._clock(), passed=True, challenges=(("Password", "Success"),))
        return {"ChallengeParameters": {}, "AuthenticationResult": self._grants.sign_in(pool, client, account)}

    def _factor_challenge(
        self, pool: DemoPool, client: CognitoIdpUserPoolClient, account: Account, factor: str
    ) -> Answer:
        detail = {"USER_ID_FOR_SRP": account.username}
        if factor != "SOFTWARE_TOKEN_MFA":
            contact = "phone_number" if factor == "SMS_MFA" else "email"
            code = self._codes.issue(account.id, MessageKind.SIGN_IN_CODE)
            sent = self._post.code(account, contact, MessageKind.SIGN_IN_CODE, code)
            detail["CODE_DELIVERY_DELIVERY_MEDIUM"] = sent["DeliveryMedium"]
            detail["CODE_DELIVERY_DESTINATION"] = sent["Destination"]
        return self._challenge(pool, client, account, factor, detail)

    def _challenge(
        self,
        pool: DemoPool,
        client: CognitoIdpUserPoolClient,
        account: Account,
        name: str,
        detail: dict[str, str],
    ) -> Answer:
        minutes = int(client.extended_config.get("AuthSessionValidity") or 3)
        session = _Session(pool, client, account, name, self._clock() + timedelta(minutes=minutes))
        return {"ChallengeName": name, "ChallengeParameters": detail, "Session": self._keep(session)}

    def _keep(self, session: _Session) -> str:
        now = self._clock()
        for key in [k for k, s in self._sessions.items() if s.expires <= now]:
            del self._sessions[key]
        key = secrets.token_urlsafe(64)
        self._sessions[key] = session
        return key

    def respond(self, call: Call) -> Answer:
        """RespondToAuthChallenge and its Admin twin."""
        pool, client = self._backend.client(call.text("ClientId"))
        responses = call.table("ChallengeResponses")
        username = required_entry(responses, "USERNAME")
        check_secret_hash(client, username, responses.get("SECRET_HASH"))
        key = call.text("Session")
        session = self._session(key)
        account = session.account
        if session.client is not client or pool.find(username) is not account:
            raise not_authorized(BAD_SESSION)
        if session.challenge != call.text("ChallengeName"):
            raise not_authorized(BAD_SESSION)
        if not account.enabled:
            raise not_authorized("User is disabled.")
        answer = self._answered(session, responses)
        self._sessions.pop(key, None)
        return answer

    def _answered(self, session: _Session, responses: dict[str, Any]) -> Answer:
        pool, client, account = session.pool, session.client, session.account
        if session.challenge == "NEW_PASSWORD_REQUIRED":
            password = required_entry(responses, "NEW_PASSWORD")
            check_password(pool.policy, password)
            account.password, account.status = password, "CONFIRMED"
            account.temporary_since, account.modified = None, self._clock()
            return self._next(pool, client, account)
        if session.challenge == "SELECT_MFA_TYPE":
            choice = required_entry(responses, "ANSWER")
            if choice not in account.factors:
                raise bad_parameter("Invalid MFA type.")
            return self._factor_challenge(pool, client, account, choice)
        if session.challenge == "MFA_SETUP":
            if not session.verified:
                raise not_authorized("The software token was not verified in this session.")
            account.factors.add("SOFTWARE_TOKEN_MFA")
        elif session.challenge == "SOFTWARE_TOKEN_MFA":
            self._check_token(session, required_entry(responses, "SOFTWARE_TOKEN_MFA_CODE"))
        else:
            code = required_entry(responses, f"{session.challenge}_CODE")
            self._codes.check(account.id, MessageKind.SIGN_IN_CODE, code)
        note(pool, account, self._clock(), passed=True, challenges=(("Password", "Success"), ("Mfa", "Success")))
        return {"ChallengeParameters": {}, "AuthenticationResult": self._grants.sign_in(pool, client, account)}

    def _check_token(self, session: _Session, code: str) -> None:
        token = session.account.token
        if token is None:
            raise Refusal("SoftwareTokenMFANotFoundException", "The user has no software token.")
        if session.wrong >= WRONG_TRIES:
            raise not_authorized(BAD_SESSION)
        verdict = token.check(code, self._clock())
        if verdict is Verdict.USED:
            raise Refusal("ExpiredCodeException", "Your software token has already been used once.")
        if verdict is Verdict.WRONG:
            session.wrong += 1
            failed = (("Password", "Success"), ("Mfa", "Failure"))
            note(session.pool, session.account, self._clock(), passed=False, challenges=failed)
            raise Refusal("CodeMismatchException", "Invalid code received for user")

    def associate(self, call: Call) -> Answer:
        """AssociateSoftwareToken, by access token or by the session of MFA_SETUP."""
        account, session, pool = self._enrolling(call)
        if not (pool.token_mfa_config or {}).get("Enabled"):
            raise Refusal("SoftwareTokenMFANotFoundException", "Software Token MFA is not enabled for the user pool.")
        account.pending_token = new_token()
        answer = {"SecretCode": account.pending_token.secret}
        return answer if session is None else {**answer, "Session": self._keep(session)}

    def verify(self, call: Call) -> Answer:
        """VerifySoftwareToken, by access token or by the session of AssociateSoftwareToken."""
        account, session, _ = self._enrolling(call, consume=False)
        token = account.pending_token
        if token is None:
            raise Refusal("SoftwareTokenMFANotFoundException", "No software token was associated.")
        if token.check(call.text("UserCode"), self._clock()) is not Verdict.RIGHT:
            raise Refusal("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
        account.token, account.pending_token = token, None
        if session is None:
            return {"Status": "SUCCESS"}
        self._sessions.pop(call.text("Session"), None)
        session.verified = True
        return {"Status": "SUCCESS", "Session": self._keep(session)}

    def _enrolling(self, call: Call, consume: bool = True) -> tuple[Account, _Session | None, DemoPool]:
        if access := call.option("AccessToken"):
            grant = self._grants.holder(access)
            return grant.account, None, grant.pool
        key = call.text("Session")
        session = self._session(key)
        if session.challenge != "MFA_SETUP":
            raise not_authorized(BAD_SESSION)
        if consume:
            del self._sessions[key]
        return session.account, session, session.pool

    def _session(self, key: str) -> _Session:
        session = self._sessions.get(key)
        if session is None:
            raise not_authorized(BAD_SESSION)
        if self._clock() >= session.expires:
            del self._sessions[key]
            raise not_authorized("Invalid session for the user, session is expired.")
        return session

    def set_preference(self, call: Call) -> Answer:
        """SetUserMFAPreference."""
        grant = self._grants.holder(call.text("AccessToken"))
        set_preference(grant.pool, grant.account, call)
        grant.account.modified = self._clock()
        return None

    def get_user(self, call: Call) -> Answer:
        """GetUser."""
        account = self._grants.holder(call.text("AccessToken")).account
        shown = account.to_json(key="UserAttributes")
        return {
            "Username": account.username,
            "UserAttributes": shown["UserAttributes"],
            "UserMFASettingList": account.factor_list(),
            "PreferredMfaSetting": account.preferred,
        }

    def auth_factors(self, call: Call) -> Answer:
        """GetUserAuthFactors."""
        account = self._grants.holder(call.text("AccessToken")).account
        return {
            "Username": account.username,
            "UserMFASettingList": account.factor_list(),
            "PreferredMfaSetting": account.preferred,
            "ConfiguredUserAuthFactors": ["PASSWORD"],
        }

    def sign_out(self, call: Call) -> Answer:
        """GlobalSignOut."""
        self._grants.revoke(self._grants.holder(call.text("AccessToken")).account)
        return None

    def revoke_token(self, call: Call) -> Answer:
        """RevokeToken."""
        _, client = self._backend.client(call.text("ClientId"))
        self._grants.revoke_refresh(call.text("Token"), client.id)
        return None
