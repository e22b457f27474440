"""Amazon Cognito for the demo workspace, on a loopback port of this process. Loads moto only when it starts.

Nothing of the process is patched: other boto3 clients talk to whatever endpoint they were made for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from app.demo.habits import NO_HABITS
from app.demo.outbox import Outbox
from app.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from app.demo.emulator import Emulator
    from app.demo.people import DemoPerson
    from app.demo.server import LoopbackServer

_Part = TypeVar("_Part")

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"
POOL_ID = f"{REGION}_HarbourDemo1"
CLIENT_ID = "4harbourdemo7webclient2q9k"
POOL_NAME = "harbour-demo"
CLIENT_NAME = "harbour-web"
# AWS's own documentation uses this pair: whoever reads it in a log knows that it opens nothing.
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105
# Name -> description and IAM role, in the order of their precedence.
GROUPS: dict[str, tuple[str, str]] = {
    "admin": ("Full access to the console", ""),
    "support": ("Looks after the people of the pool", ""),
    "gate-operators": ("Opens the gates of the port", f"arn:aws:iam::{ACCOUNT_ID}:role/harbour-gates"),
    "dispatch": ("Plans berths and pilots", ""),
    "finance": ("Sees invoices and payments", ""),
    "beta-testers": ("Tries new features first", ""),
}
# Cognito makes such a group by itself for everybody who signs in through a provider; it has no precedence.
GOOGLE_GROUP = f"{POOL_ID}_Google"
FACTOR_NAMES = {"totp": "SOFTWARE_TOKEN_MFA", "sms": "SMS_MFA", "email": "EMAIL_OTP"}
POOL: dict[str, Any] = {
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 12,
            "RequireUppercase": True,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        }
    },
    "UsernameAttributes": ["email"],
    # Case-sensitive, so that the demo can hold duplicates by case, as many real pools do.
    "UsernameConfiguration": {"CaseSensitive": True},
    "AutoVerifiedAttributes": ["email"],
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "MfaConfiguration": "OPTIONAL",
    # Threat protection, and with it the sign-in history, needs the Plus tier.
    "UserPoolTier": "PLUS",
    "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"},
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    "DeletionProtection": "ACTIVE",
    "Schema": [
        {
            "Name": name,
            "AttributeDataType": "String",
            "Mutable": True,
            "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "256"},
        }
        for name in ("role", "organizationId")
    ],
}
SMS_MFA = {
    "SmsAuthenticationMessage": "Your sign-in code is {####}.",
    "SmsConfiguration": {
        "SnsCallerArn": f"arn:aws:iam::{ACCOUNT_ID}:role/harbour-demo-sms",
        "ExternalId": "harbour-demo",
        "SnsRegion": REGION,
    },
}
CLIENT: dict[str, Any] = {
    "ClientName": CLIENT_NAME,
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    "PreventUserExistenceErrors": "ENABLED",
    "AccessTokenValidity": 60,
    "IdTokenValidity": 60,
    "RefreshTokenValidity": 30,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
    "SupportedIdentityProviders": ["COGNITO", "Google"],
}
GOOGLE: dict[str, Any] = {
    "ProviderType": "Google",
    "ProviderDetails": {"client_id": "harbour-demo.apps.example", "authorize_scopes": "openid email profile"},
    "AttributeMapping": {"email": "email", "name": "name", "username": "sub"},
}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DemoCognito:
    """One emulated Region with the pool `harbour-demo` and its app client `harbour-web`.

    `clock` tells the time by which codes, sessions, temporary passwords and authenticator codes are judged.
    `middleware` wraps the WSGI application: tests put faults there. All methods may be called from any thread.
    """

    region = REGION
    access_key_id = ACCESS_KEY_ID
    secret_access_key = SECRET_ACCESS_KEY

    def __init__(
        self,
        outbox: Outbox,
        port: int = 0,
        *,
        clock: Callable[[], datetime] = _utc_now,
        middleware: Callable[[WSGIApplication], WSGIApplication] | None = None,
    ) -> None:
        self.outbox = outbox
        self._port = port
        self._clock = clock
        self._middleware = middleware
        self._emulator: Emulator | None = None
        self._server: LoopbackServer | None = None

    @property
    def endpoint(self) -> str:
        """The address for `endpoint_url`. Only while it runs."""
        return f"http://127.0.0.1:{self._running(self._server).port}"

    @property
    def pool_id(self) -> str:
        """The demo pool's id."""
        return POOL_ID

    @property
    def client_id(self) -> str:
        """The demo app client's id."""
        return CLIENT_ID

    def start(self) -> None:
        """Make the pool and listen. AppError DEMO_UNAVAILABLE without moto or without the port."""
        if self._server is not None:
            return
        emulator = _load_emulator()(self.outbox, self._clock, REGION, ACCOUNT_ID, (ACCESS_KEY_ID, SECRET_ACCESS_KEY))
        _make_pool(emulator)
        application: WSGIApplication = emulator.application
        if self._middleware is not None:
            application = self._middleware(application)
        from app.demo.server import LoopbackServer

        try:
            server = LoopbackServer(application, self._port)
        except OSError as error:
            raise AppError(
                ErrorCode.DEMO_UNAVAILABLE,
                f"The demo's Cognito cannot listen on port {self._port} of this computer: {error.strerror or error}. "
                "Close the program that uses the port, or let the demo choose a free one.",
                subject=str(self._port),
                retryable=True,
            ) from error
        server.start()
        self._emulator, self._server = emulator, server

    def fill(self, people: Iterable[DemoPerson]) -> None:
        """Put people straight into the demo pool: no messages, no checks, 100,000 in about two seconds."""
        from app.demo.traces import plant

        emulator = self._running(self._emulator)
        with emulator.lock:
            pool = emulator.backend.pool(POOL_ID)
            for person in people:
                account = _account(person)
                pool.add(account)
                for name in (account.attributes.get("custom:role", ""), *person.habits.groups):
                    group = pool.groups.get(GOOGLE_GROUP if name == "google" else name)
                    if group is not None:
                        group.users.add(account)
                        account.groups.add(group)
                if person.habits is not NO_HABITS:
                    plant(pool, account, person.habits, emulator.grants, CLIENT_ID)

    def not_enabled(self, *operations: str) -> None:
        """Refuse these operations from now on, and no others, as a pool that does not offer them does."""
        self._running(self._emulator).not_enabled = frozenset(operations)

    def close(self) -> None:
        """Stop listening, free the port and end the threads. Idempotent."""
        server, self._server, self._emulator = self._server, None, None
        if server is not None:
            server.close()

    @staticmethod
    def _running(part: _Part | None) -> _Part:
        if part is None:
            raise AppError(ErrorCode.DEMO_UNAVAILABLE, "The demo's Cognito is not running.", retryable=True)
        return part


def _load_emulator() -> type[Emulator]:
    """Import moto, and take back what its import leaves in botocore for every later client of the process."""
    from botocore import handlers

    theirs = "moto.core.models" in sys.modules  # somebody else's moto keeps its hooks
    try:
        from app.demo.emulator import Emulator
    except ImportError as error:
        raise AppError(
            ErrorCode.DEMO_UNAVAILABLE,
            f"The demo needs packages that are not installed ({error.name}). Install cognito-desk[demo].",
            subject=error.name,
        ) from error
    if not theirs:
        hooks = [h for h in handlers.BUILTIN_HANDLERS if type(h[1]).__module__.startswith("moto.")]
        for hook in hooks:
            handlers.BUILTIN_HANDLERS.remove(hook)
    return Emulator


def _make_pool(emulator: Emulator) -> None:
    backend = emulator.backend
    pool = backend.open_pool(POOL_NAME, dict(POOL), POOL_ID)
    pool.sms_mfa_config = SMS_MFA
    client = backend.create_user_pool_client(POOL_ID, False, dict(CLIENT))
    del pool.clients[client.id]
    client.id = CLIENT_ID
    pool.clients[CLIENT_ID] = client
    backend.create_identity_provider(POOL_ID, "Google", dict(GOOGLE))
    for precedence, (name, (description, role)) in enumerate(GROUPS.items(), start=1):
        backend.create_group(POOL_ID, name, description, role, precedence)
    description = "Autogenerated group for users who sign in using Google"
    backend.create_group(POOL_ID, GOOGLE_GROUP, description, "", None)  # type: ignore[arg-type]  # none, as in AWS


def _account(person: DemoPerson) -> Any:
    from app.demo.factors import SoftwareToken
    from app.demo.userpool import Account

    user = person.user
    factors = {FACTOR_NAMES.get(name, name) for name in person.mfa}
    preferred = FACTOR_NAMES.get(user.preferred_factor or "", user.preferred_factor)
    if preferred is None and len(factors) == 1:
        preferred = next(iter(factors))
    return Account(
        username=user.username,
        status=user.status.value,
        created=user.created,
        modified=user.modified,
        attributes={**user.attributes, "sub": user.sub or user.username},
        password=person.password,
        enabled=user.enabled,
        temporary_since=user.modified if user.status.value == "FORCE_CHANGE_PASSWORD" else None,
        token=SoftwareToken(person.totp_secret) if person.totp_secret else None,
        factors=factors,
        preferred=preferred,
    )
