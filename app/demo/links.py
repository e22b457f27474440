"""Identities of other providers, linked to the users of a pool and unlinked again."""

from __future__ import annotations

import json
from typing import Any

from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool

MOST_LINKS = 5
SOCIAL = ("Facebook", "Google", "LoginWithAmazon", "SignInWithApple")
SUBJECT = "Cognito_Subject"


class Links:
    """The two operations on linked identities."""

    def __init__(self, backend: DemoBackend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock

    def operations(self) -> dict[str, Operation]:
        """By their AWS names."""
        return {
            "AdminLinkProviderForUser": self.link,
            "AdminDisableProviderForUser": self.disable,
        }

    def link(self, call: Call) -> Answer:
        """AdminLinkProviderForUser."""
        pool = self._backend.pool(call.text("UserPoolId"))
        source, value = self._source(pool, call.table("SourceUser"))
        account = self._destination(pool, call.table("DestinationUser"))
        if pool.users.get(f"{source}_{value}") is not None or _holder(pool, source, value) not in (None, account):
            raise bad_parameter("Merging is not currently supported, provide a SourceUser without an existing profile.")
        identities = _identities(account)
        if any(_is(each, source, value) for each in identities):
            raise bad_parameter("SourceUser is already linked to DestinationUser")
        if len(identities) >= MOST_LINKS:
            raise Refusal("LimitExceededException", "Maximum number of linked identities exceeded.")
        kind = pool.identity_providers[source].extended_config.get("ProviderType") or source
        identities.append(
            {
                "userId": value,
                "providerName": source,
                "providerType": kind,
                "issuer": None,
                "primary": False,
                "dateCreated": int(self._clock().timestamp() * 1000),
            }
        )
        self._write(pool, account, identities)
        return {}

    def disable(self, call: Call) -> Answer:
        """AdminDisableProviderForUser; for the provider Cognito, the password stops working."""
        pool = self._backend.pool(call.text("UserPoolId"))
        user = call.table("User")
        if user.get("ProviderName") == "Cognito":
            account = pool.find(str(user.get("ProviderAttributeValue")))
            if account is None:
                raise Refusal("UserNotFoundException", "User does not exist.")
            account.password = None
            return {}
        source, value = self._source(pool, user)
        account = _holder(pool, source, value)
        if account is None:
            raise Refusal("UserNotFoundException", "User does not exist.")
        self._write(pool, account, [each for each in _identities(account) if not _is(each, source, value)])
        return {}

    def _source(self, pool: DemoPool, user: dict[str, Any]) -> tuple[str, str]:
        name, attribute = user.get("ProviderName"), user.get("ProviderAttributeName")
        value = user.get("ProviderAttributeValue")
        if not name or not attribute or not value:
            raise bad_parameter("Missing required parameter in SourceUser")
        if name not in pool.identity_providers:
            raise Refusal("ResourceNotFoundException", f"Identity provider {name} does not exist.")
        if name in SOCIAL and attribute != SUBJECT:
            raise bad_parameter(f"ProviderAttributeName must be {SUBJECT} for social identity providers")
        return str(name), str(value)

    def _destination(self, pool: DemoPool, user: dict[str, Any]) -> Account:
        name, value = user.get("ProviderName"), str(user.get("ProviderAttributeValue") or "")
        found = pool.users.get(value) if name == "Cognito" else pool.users.get(f"{name}_{value}")
        if found is None:
            raise Refusal("UserNotFoundException", "User does not exist.")
        return found

    def _write(self, pool: DemoPool, account: Account, identities: list[dict[str, Any]]) -> None:
        attributes = {name: value for name, value in account.attributes.items() if name != "identities"}
        if identities:
            attributes["identities"] = json.dumps(identities)
        pool.change(account, attributes, self._clock())


def _identities(account: Account) -> list[dict[str, Any]]:
    return list(json.loads(account.attributes.get("identities") or "[]"))


def _is(identity: dict[str, Any], provider: str, value: str) -> bool:
    return (identity.get("providerName"), identity.get("userId")) == (provider, value)


def _holder(pool: DemoPool, provider: str, value: str) -> Account | None:
    return next(
        (
            account
            for account in pool.users.values()
            if "identities" in account.attributes and any(_is(each, provider, value) for each in _identities(account))
        ),
        None,
    )
