"""What the user pool and its app client are configured to do. Reads only; safe on any thread; raises AppError only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.aws.translate import translated
from app.errors import AppError, ErrorCode
from app.pool.models import AttributeSchema, ClientSnapshot, PasswordPolicy, PoolSnapshot

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# What Cognito does where the setting was never made.
_LEGACY_RECOVERY = ("verified_phone_number", "verified_email")
_DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
_DEFAULT_VALIDITY = {
    "AccessToken": timedelta(hours=1),
    "IdToken": timedelta(hours=1),
    "RefreshToken": timedelta(days=30),
}
_DEFAULT_UNITS = {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "days"}


class Pools:
    """The pool `pool_id` and, where one is configured, its app client `client_id`."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str, client_id: str | None = None) -> None:
        self._client = client
        self._pool = pool_id
        self._client_id = client_id

    def describe(self) -> PoolSnapshot:
        """The pool as it is now (DescribeUserPool, GetUserPoolMfaConfig).

        Without the permission for GetUserPoolMfaConfig, which the product's own policy does not grant, `factors_known`
        is False and `factors` is empty.
        """
        with translated("DescribeUserPool", self._pool):
            pool = self._client.describe_user_pool(UserPoolId=self._pool)["UserPool"]
        try:
            with translated("GetUserPoolMfaConfig", self._pool):
                mfa: Mapping[str, Any] | None = self._client.get_user_pool_mfa_config(UserPoolId=self._pool)
        except AppError as error:
            if error.code not in (ErrorCode.ACCESS_DENIED, ErrorCode.NOT_SUPPORTED):
                raise
            mfa = None
        return read_pool(pool, mfa, datetime.now(UTC))

    def client(self) -> ClientSnapshot:
        """The app client as it is now (DescribeUserPoolClient). AppError(NOT_CONFIGURED) where none is named."""
        return read_client(self._describe_client())

    def client_secret(self) -> str | None:
        """The app client's secret, for whoever signs in through it: to be held in memory, and no longer than needed."""
        return self._describe_client().get("ClientSecret") or None

    def _describe_client(self) -> Mapping[str, Any]:
        if self._client_id is None:
            message = "This connection names no app client. Add its client ID to see how people sign in."
            raise AppError(ErrorCode.NOT_CONFIGURED, message, subject="client_id")
        with translated("DescribeUserPoolClient", self._client_id):
            answer = self._client.describe_user_pool_client(UserPoolId=self._pool, ClientId=self._client_id)
        return answer["UserPoolClient"]


def read_pool(pool: Mapping[str, Any], mfa: Mapping[str, Any] | None, taken: datetime) -> PoolSnapshot:
    """A PoolSnapshot from the answers of DescribeUserPool and GetUserPoolMfaConfig (None: it may not be read). Pure."""
    mechanisms = (pool.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms")
    return PoolSnapshot(
        id=pool["Id"],
        name=pool.get("Name", ""),
        arn=pool.get("Arn", ""),
        mfa=(mfa or {}).get("MfaConfiguration") or pool.get("MfaConfiguration") or "OFF",
        factors=_factors(mfa or {}),
        factors_known=mfa is not None,
        password_policy=_policy((pool.get("Policies") or {}).get("PasswordPolicy") or {}, pool),
        username_attributes=tuple(pool.get("UsernameAttributes") or ()),
        alias_attributes=tuple(pool.get("AliasAttributes") or ()),
        auto_verified=tuple(pool.get("AutoVerifiedAttributes") or ()),
        recovery=tuple(m["Name"] for m in sorted(mechanisms, key=lambda m: m.get("Priority", 99)))
        if mechanisms
        else _LEGACY_RECOVERY,
        # A pool that never said otherwise tells upper from lower case.
        case_sensitive=(pool.get("UsernameConfiguration") or {}).get("CaseSensitive", True),
        admin_create_only=(pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly", False),
        estimated_users=pool.get("EstimatedNumberOfUsers", 0),
        tier=pool.get("UserPoolTier"),
        deletion_protection=pool.get("DeletionProtection") == "ACTIVE",
        schema=tuple(_attribute(a) for a in pool.get("SchemaAttributes") or ()),
        created=_utc(pool.get("CreationDate")),
        modified=_utc(pool.get("LastModifiedDate")),
        taken=taken,
        threat_protection=(pool.get("UserPoolAddOns") or {}).get("AdvancedSecurityMode") or "OFF",
        devices=_devices(pool.get("DeviceConfiguration")),
        first_factors=tuple(
            ((pool.get("Policies") or {}).get("SignInPolicy") or {}).get("AllowedFirstAuthFactors") or ("PASSWORD",)
        ),
        kept_until_verified=tuple(
            (pool.get("UserAttributeUpdateSettings") or {}).get("AttributesRequireVerificationBeforeUpdate") or ()
        ),
    )


def read_client(client: Mapping[str, Any]) -> ClientSnapshot:
    """A ClientSnapshot from the answer of DescribeUserPoolClient. The secret is looked at, never kept. Pure."""
    return ClientSnapshot(
        id=client["ClientId"],
        name=client.get("ClientName", ""),
        flows=tuple(client.get("ExplicitAuthFlows") or _DEFAULT_FLOWS),
        has_secret=bool(client.get("ClientSecret")),
        access_validity=_validity(client, "AccessToken"),
        id_validity=_validity(client, "IdToken"),
        refresh_validity=_validity(client, "RefreshToken"),
        revocation=client.get("EnableTokenRevocation", False),
        prevents_enumeration=client.get("PreventUserExistenceErrors") == "ENABLED",
        callback_urls=tuple(client.get("CallbackURLs") or ()),
        providers=tuple(client.get("SupportedIdentityProviders") or ()),
        session_validity=timedelta(minutes=client.get("AuthSessionValidity") or 3),
    )


def _factors(mfa: Mapping[str, Any]) -> tuple[str, ...]:
    offered = {
        "totp": bool((mfa.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled")),
        "sms": bool((mfa.get("SmsMfaConfiguration") or {}).get("SmsConfiguration")),
        "email": mfa.get("EmailMfaConfiguration") is not None,
    }
    return tuple(name for name, there in offered.items() if there)


def _devices(configuration: Mapping[str, Any] | None) -> str:
    if configuration is None:
        return "never"
    return "asked" if configuration.get("DeviceOnlyRememberedOnUserPrompt") else "always"


def _policy(policy: Mapping[str, Any], pool: Mapping[str, Any]) -> PasswordPolicy:
    # Old pools keep the validity of temporary passwords in AdminCreateUserConfig.
    old_days = (pool.get("AdminCreateUserConfig") or {}).get("UnusedAccountValidityDays")
    return PasswordPolicy(
        minimum_length=policy.get("MinimumLength", 6),
        uppercase=policy.get("RequireUppercase", False),
        lowercase=policy.get("RequireLowercase", False),
        digits=policy.get("RequireNumbers", False),
        symbols=policy.get("RequireSymbols", False),
        temporary_days=policy.get("TemporaryPasswordValidityDays") or old_days or 7,
        history=policy.get("PasswordHistorySize", 0),
    )


def _attribute(schema: Mapping[str, Any]) -> AttributeSchema:
    limits = schema.get("StringAttributeConstraints") or schema.get("NumberAttributeConstraints") or {}
    return AttributeSchema(
        name=schema["Name"],
        data_type=schema.get("AttributeDataType", "String"),
        required=schema.get("Required", False),
        mutable=schema.get("Mutable", True),
        minimum=limits.get("MinLength", limits.get("MinValue")),
        maximum=limits.get("MaxLength", limits.get("MaxValue")),
    )


def _validity(client: Mapping[str, Any], token: str) -> timedelta:
    amount = client.get(f"{token}Validity")
    if not amount:  # 0 and absent both stand for the default
        return _DEFAULT_VALIDITY[token]
    unit = (client.get("TokenValidityUnits") or {}).get(token) or _DEFAULT_UNITS[token]
    return timedelta(**{unit: amount})


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None
