"""The accounts at other identity providers that stand for one user. Blocking; any thread; raises AppError only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from app.aws.sending import sent_once
from app.aws.translate import translated
from app.directory.models import User, UserStatus
from app.errors import AppError, ErrorCode, invalid

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import ProviderUserIdentifierTypeTypeDef

    from app.directory.users import Users

SUBJECT: Final = "Cognito_Subject"  # the only attribute by which social providers can be linked
MOST_IDENTITIES: Final = 5  # that Cognito links to one user
_SOCIAL: Final = frozenset({"Facebook", "Google", "LoginWithAmazon", "SignInWithApple"})


@dataclass(frozen=True, slots=True)
class Identity:
    """One account elsewhere, by its `user_id` there. `primary`: the user was made when it signed in."""

    provider: str
    user_id: str
    kind: str = ""  # Google, SAML, OIDC, ...
    primary: bool = False
    linked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider of the pool. `kind`: SAML, OIDC, Google, Facebook, LoginWithAmazon, SignInWithApple."""

    name: str
    kind: str


class Identities:
    """The linked identities of the users of the pool `pool_id`."""

    def __init__(self, client: CognitoIdentityProviderClient, pool_id: str, users: Users) -> None:
        self._client = client
        self._pool = pool_id
        self._users = users

    def providers(self) -> tuple[Provider, ...]:
        """The identity providers of the pool, by name (ListIdentityProviders)."""
        found: list[Provider] = []
        more: dict[str, Any] = {}
        while True:
            with translated("ListIdentityProviders", self._pool):
                answer = self._client.list_identity_providers(UserPoolId=self._pool, MaxResults=60, **more)
            found += [Provider(each["ProviderName"], each.get("ProviderType", "")) for each in answer["Providers"]]
            token = answer.get("NextToken")
            if not token or token == more.get("NextToken"):
                return tuple(sorted(found, key=lambda provider: provider.name.casefold()))
            more["NextToken"] = token

    def link(self, user: User, provider: str, value: str, attribute: str = SUBJECT) -> None:
        """Let an account of another provider sign in as this user (AdminLinkProviderForUser).

        The account must not have signed in before: then Cognito made another user of it. `attribute` is the claim that
        names it; social providers know the subject alone. AppError(INVALID_INPUT) with `fields`, LIMIT_EXCEEDED.
        """
        provider, value = _given("provider", provider), _given("value", value)
        if provider in _SOCIAL and attribute != SUBJECT:
            raise invalid(
                "attribute", f"{provider} knows accounts by their subject only: leave the attribute as it is."
            )
        if len(identities_of(user)) >= MOST_IDENTITIES:
            message = f"Cognito links at most {MOST_IDENTITIES} identities to one user. Unlink one first."
            raise AppError(ErrorCode.LIMIT_EXCEEDED, message, subject=user.username)
        source: ProviderUserIdentifierTypeTypeDef = {
            "ProviderName": provider,
            "ProviderAttributeName": attribute,
            "ProviderAttributeValue": value,
        }
        sent_once(
            "AdminLinkProviderForUser",
            user.username,
            lambda: self._client.admin_link_provider_for_user(
                UserPoolId=self._pool, DestinationUser=_destination(user), SourceUser=source
            ),
            lambda: self._linked(user, provider, value),
        )

    def unlink(self, user: User, identity: Identity, attribute: str = SUBJECT) -> None:
        """Part an account of another provider from this user (AdminDisableProviderForUser).

        The next time that it signs in, Cognito makes a user of its own for it. `attribute` is only another one for SAML
        accounts that were linked by it and never signed in.
        """
        provider, value = _given("provider", identity.provider), _given("value", identity.user_id)
        sent_once(
            "AdminDisableProviderForUser",
            user.username,
            lambda: self._client.admin_disable_provider_for_user(
                UserPoolId=self._pool,
                User={
                    "ProviderName": provider,
                    "ProviderAttributeName": attribute,
                    "ProviderAttributeValue": value,
                },
            ),
            lambda: not self._linked(user, provider, value),
        )

    def _linked(self, user: User, provider: str, value: str) -> bool:
        found = identities_of(self._users.get(user.username))
        return any((each.provider, each.user_id) == (provider, value) for each in found)


def identities_of(user: User) -> tuple[Identity, ...]:
    """What the attribute `identities` says; empty where there is none, or where it is not as expected. Pure."""
    try:
        records = json.loads(user.attributes.get("identities") or "[]")
    except ValueError:
        return ()
    if not isinstance(records, list):
        return ()
    return tuple(_read(record) for record in records if isinstance(record, dict) and record.get("userId"))


def _read(record: dict[str, Any]) -> Identity:
    return Identity(
        provider=str(record.get("providerName") or ""),
        user_id=str(record["userId"]),
        kind=str(record.get("providerType") or ""),
        primary=str(record.get("primary")).lower() == "true",
        linked=_linked_at(record.get("dateCreated")),
    )


def _linked_at(milliseconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _destination(user: User) -> ProviderUserIdentifierTypeTypeDef:
    first = next((each for each in identities_of(user) if each.primary), None)
    if user.status is UserStatus.EXTERNAL_PROVIDER and first is not None:
        return {"ProviderName": first.provider, "ProviderAttributeValue": first.user_id}
    return {"ProviderName": "Cognito", "ProviderAttributeValue": user.username}


def _given(field: str, text: str) -> str:
    text = text.strip()
    if not text:
        words = {"provider": "Name the identity provider.", "value": "Name the account as the provider knows it."}
        raise invalid(field, words[field])
    return text
