"""moto's pool and backend with what strictness needs: accounts with secrets of their own, found without a scan.

Imports moto: only the running emulator may import this module.
"""

from __future__ import annotations

import re
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUserPool,
    CognitoIdpUserPoolAttribute,
    CognitoIdpUserPoolClient,
)

from app.demo.factors import SoftwareToken
from app.demo.protocol import Refusal, bad_parameter

Clock = Callable[[], datetime]

IMMUTABLE = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")
# A third party measured that UpdateUserPool leaves these where they are omitted; the others fall back to a default.
KEPT_ON_UPDATE = ("Policies", "UserPoolTier", "DeletionProtection")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"\+\d{7,15}")


@dataclass(eq=False, slots=True)
class Account:
    """One user of the pool, with all that Cognito keeps about them. moto's group operations use it as their user."""

    username: str
    status: str
    created: datetime
    modified: datetime
    attributes: dict[str, str]
    password: str | None = None
    enabled: bool = True
    temporary_since: datetime | None = None
    token: SoftwareToken | None = None  # verified
    pending_token: SoftwareToken | None = None  # associated, not verified yet
    factors: set[str] = field(default_factory=set)  # SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP
    preferred: str | None = None
    groups: set[Any] = field(default_factory=set)
    devices: dict[str, Any] = field(default_factory=dict)  # by their key
    pending: dict[str, str] = field(default_factory=dict)  # contacts that wait for their proof
    events: list[Any] = field(default_factory=list)  # AuthEventType, newest first
    serial: int = 0

    @property
    def id(self) -> str:
        """The subject, under the name that moto uses."""
        return self.attributes["sub"]

    def verified(self, contact: str) -> bool:
        """Whether `email` or `phone_number` is present and verified."""
        return bool(self.attributes.get(contact)) and self.attributes.get(f"{contact}_verified", "").lower() == "true"

    def to_json(self, *, key: str = "Attributes", extended: bool = True) -> dict[str, Any]:
        """UserType, with the attributes under `key`. `extended` is what moto's callers pass."""
        return {
            "Username": self.username,
            "UserStatus": self.status,
            "UserCreateDate": self.created,
            "UserLastModifiedDate": self.modified,
            "Enabled": self.enabled,
            key: [{"Name": name, "Value": value} for name, value in self.attributes.items()],
        }

    def factor_list(self) -> list[str]:
        """UserMFASettingList."""
        return sorted(self.factors)


class DemoPool(CognitoIdpUserPool):
    """A pool whose accounts are found by username, subject or sign-in attribute in constant time."""

    def __new__(cls, *_: Any, **__: Any) -> DemoPool:
        return object.__new__(cls)  # moto's own keeps every instance for ever

    def __init__(self, backend: DemoBackend, name: str, config: dict[str, Any], pool_id: str | None = None) -> None:
        # Not moto's own: that one reads its environment switches and recovers the primes of its signing key (0.2 s).
        self._owner = backend
        self.account_id, self.region = backend.account_id, backend.region_name
        self.id = pool_id or f"{self.region}_{uuid.uuid4().hex[:9]}"
        self.arn = f"arn:aws:cognito-idp:{self.region}:{self.account_id}:userpool/{self.id}"
        self.name = name
        self.status = None
        self.creation_date = self.last_modified_date = backend.clock()
        schema = config.get("Schema") or []
        self.update_extended_config({k: v for k, v in config.items() if k not in ("PoolName", "Schema")})
        self.mfa_config = config.get("MfaConfiguration") or "OFF"
        self.sms_mfa_config: dict[str, Any] | None = None
        self.token_mfa_config: dict[str, bool] | None = {"Enabled": True} if self.mfa_config != "OFF" else None
        standard = CognitoIdpUserPoolAttribute.STANDARD_SCHEMA
        given = [CognitoIdpUserPoolAttribute(row["Name"], row["Name"] not in standard, row) for row in schema]
        self.schema_attributes = {n: CognitoIdpUserPoolAttribute(n, False, row) for n, row in standard.items()}
        self.schema_attributes |= {attribute.name: attribute for attribute in given}
        self.clients: dict[str, CognitoIdpUserPoolClient] = {}
        self.identity_providers: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}
        self.resource_servers: dict[str, Any] = {}
        self.users: dict[str, Account] = {}  # type: ignore[assignment]  # ours, where moto has its own
        self._serials: list[int] = []
        self._by_serial: dict[int, Account] = {}
        self._aliases: dict[str, list[Account]] = {}

    @property
    def backend(self) -> DemoBackend:
        return self._owner

    @property
    def case_sensitive(self) -> bool:
        """UsernameConfiguration.CaseSensitive; false where it was not given."""
        return bool((self.extended_config.get("UsernameConfiguration") or {}).get("CaseSensitive"))

    @property
    def sign_in_attributes(self) -> list[str]:
        """UsernameAttributes: where there are any, usernames are generated."""
        return list(self.extended_config.get("UsernameAttributes") or [])

    @property
    def threat_protection(self) -> str:
        """UserPoolAddOns.AdvancedSecurityMode: OFF, AUDIT or ENFORCED."""
        return str((self.extended_config.get("UserPoolAddOns") or {}).get("AdvancedSecurityMode") or "OFF")

    @property
    def kept_until_verified(self) -> list[str]:
        """Contacts whose old value stays until the new one is verified."""
        settings = self.extended_config.get("UserAttributeUpdateSettings") or {}
        return list(settings.get("AttributesRequireVerificationBeforeUpdate") or [])

    @property
    def policy(self) -> dict[str, Any]:
        """Policies.PasswordPolicy."""
        return dict((self.extended_config.get("Policies") or {}).get("PasswordPolicy") or {})

    @property
    def temporary_validity(self) -> timedelta:
        """How long a temporary password lasts."""
        return timedelta(days=self.policy.get("TemporaryPasswordValidityDays") or 7)

    def add(self, account: Account) -> None:
        """Take a new account into the pool."""
        account.serial = self._serials[-1] + 1 if self._serials else 1
        self._serials.append(account.serial)
        self._by_serial[account.serial] = account
        self.users[account.username] = account
        for alias in self._alias_keys(account.attributes):
            self._aliases.setdefault(alias, []).append(account)

    def remove(self, account: Account) -> None:
        """Forget an account and its place in its groups."""
        del self._serials[bisect_left(self._serials, account.serial)]
        del self._by_serial[account.serial]
        del self.users[account.username]
        self._forget_aliases(account)
        for group in account.groups:
            group.users.discard(account)

    def change(self, account: Account, attributes: dict[str, str], now: datetime) -> None:
        """Replace the attributes of an account, keeping the lookups right."""
        self._forget_aliases(account)
        account.attributes = attributes
        account.modified = now
        for alias in self._alias_keys(attributes):
            self._aliases.setdefault(alias, []).append(account)

    def find(self, username: str) -> Account | None:
        """By username (the subject, in a pool with sign-in attributes) or by an attribute that signs in."""
        found = self.users.get(username)
        if found is None:
            named = self._aliases.get(self._key(username))
            found = named[0] if named else None
        return found

    def named(self, value: str) -> list[Account]:
        """Every account that the subject or sign-in attribute `value` names, oldest first."""
        return sorted(self._aliases.get(self._key(value), ()), key=lambda account: account.serial)

    def holder_of(self, value: str, other_than: Account | None = None) -> Account | None:
        """The account that signs in with the attribute `value`, if it is not `other_than`."""
        return next((a for a in self._aliases.get(self._key(value), ()) if a is not other_than), None)

    def after(self, serial: int) -> Iterator[Account]:
        """The accounts that came after `serial`, oldest first, as they are now."""
        serials = self._serials
        for position in range(bisect_right(serials, serial), len(serials)):
            yield self._by_serial[serials[position]]

    def check_attributes(self, attributes: dict[str, str]) -> None:
        """Refuse what the schema does not know, what cannot be changed, and malformed contacts."""
        for name, value in attributes.items():
            schema = self.schema_attributes.get(name)
            if schema is None:
                raise bad_parameter(
                    f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema.\n"
                )
            if name == "sub":
                raise bad_parameter("user.sub: Attribute cannot be updated.\n")
            if name == "email" and value and not EMAIL.fullmatch(value):
                raise bad_parameter("Invalid email address format.")
            if name == "phone_number" and value and not PHONE.fullmatch(value):
                raise bad_parameter("Invalid phone number format.")
            longest = (schema.string_constraints or {}).get("MaxLength")
            if longest and len(value) > int(longest):
                raise bad_parameter(
                    f"Attributes did not conform to the schema: {name}: "
                    f"String must be at most {longest} characters long.\n"
                )

    def to_json(self, extended: bool = False) -> dict[str, Any]:
        """UserPoolType: as moto, but with the MFA mode and number of users of this moment."""
        described: dict[str, Any] = super().to_json(extended=extended)
        described.update(MfaConfiguration=self.mfa_config, EstimatedNumberOfUsers=len(self.users), Name=self.name)
        described.pop("Status", None)
        return described

    def _get_user(self, username: str) -> Any:
        return self.find(username)

    def _key(self, value: str) -> str:
        return value if self.case_sensitive else value.lower()

    def _alias_keys(self, attributes: dict[str, str]) -> Iterator[str]:
        yield attributes["sub"]
        for name in self.sign_in_attributes:
            if attributes.get(name):
                yield self._key(attributes[name])
        for name in self.extended_config.get("AliasAttributes") or []:
            verified = name == "preferred_username" or attributes.get(f"{name}_verified", "").lower() == "true"
            if verified and attributes.get(name):
                yield self._key(attributes[name])

    def _forget_aliases(self, account: Account) -> None:
        for alias in self._alias_keys(account.attributes):
            holders = self._aliases.get(alias, [])
            if account in holders:
                holders.remove(account)


class DemoBackend(CognitoIdpBackend):
    """moto's operations on pools, clients, groups and providers, outside of moto's global registry of backends."""

    def __init__(self, region_name: str, account_id: str, clock: Clock) -> None:
        super().__init__(region_name, account_id)
        self.clock = clock

    def create_user_pool(self, name: str, extended_config: dict[str, Any]) -> DemoPool:
        """CreateUserPool, with our pool."""
        return self.open_pool(name, extended_config)

    def open_pool(self, name: str, config: dict[str, Any], pool_id: str | None = None) -> DemoPool:
        """A new pool, with an id of the caller's choice."""
        pool = DemoPool(self, name, config, pool_id)
        self.user_pools[pool.id] = pool
        return pool

    def pool(self, pool_id: str) -> DemoPool:
        """The pool; Refusal (ResourceNotFoundException) if there is none."""
        pool = self.user_pools.get(pool_id)
        if pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        assert isinstance(pool, DemoPool)
        return pool

    def user(self, pool_id: str, username: str) -> tuple[DemoPool, Account]:
        """The pool and one account of it; Refusal (UserNotFoundException) if it has none of that name."""
        pool = self.pool(pool_id)
        account = pool.find(username)
        if account is None:
            raise Refusal("UserNotFoundException", "User does not exist.")
        return pool, account

    def client(self, client_id: str) -> tuple[DemoPool, CognitoIdpUserPoolClient]:
        """The app client and its pool; Refusal (ResourceNotFoundException) if there is none."""
        for pool in self.user_pools.values():
            if client_id in pool.clients:
                return self.pool(pool.id), pool.clients[client_id]
        raise Refusal("ResourceNotFoundException", f"User pool client {client_id} does not exist.")

    def delete_user_pool(self, user_pool_id: str) -> None:
        """DeleteUserPool."""
        if self.pool(user_pool_id).extended_config.get("DeletionProtection") == "ACTIVE":
            raise bad_parameter("The user pool cannot be deleted because deletion protection is activated.")
        del self.user_pools[user_pool_id]

    def update_user_pool(self, user_pool_id: str, extended_config: dict[str, Any]) -> None:
        """UpdateUserPool: what is omitted falls back to its default, except what a real pool keeps."""
        pool = self.pool(user_pool_id)
        given = {k: v for k, v in extended_config.items() if k not in ("UserPoolId", "PoolName", "MfaConfiguration")}
        for name in IMMUTABLE + tuple(k for k in KEPT_ON_UPDATE if k not in given):
            given.pop(name, None)
            if name in pool.extended_config:
                given[name] = pool.extended_config[name]
        pool.update_extended_config(given)
        pool.name = extended_config.get("PoolName") or pool.name
        pool.last_modified_date = self.clock()
        pool.mfa_config = extended_config.get("MfaConfiguration") or pool.mfa_config
        if pool.mfa_config != "OFF" and pool.token_mfa_config is None:
            pool.token_mfa_config = {"Enabled": True}

    def update_user_pool_client(self, user_pool_id: str, client_id: str, extended_config: dict[str, Any]) -> Any:
        """UpdateUserPoolClient: replaces, so that what is omitted falls back to its default."""
        client = self.describe_user_pool_client(user_pool_id, client_id)
        fresh = CognitoIdpUserPoolClient(user_pool_id, client.generate_secret, extended_config)
        fresh.extended_config.setdefault("ClientName", client.extended_config.get("ClientName"))
        client.extended_config = fresh.extended_config
        return client
