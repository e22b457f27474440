"""Accounts at other identity providers that stand for a person: seen, linked, unlinked. Any thread; AppError only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.capabilities import Capabilities, Capability, Feature
from app.changes import Outcome
from app.directory.identities import SUBJECT, Identity, Provider, identities_of
from app.errors import AppError, ErrorCode
from app.permissions import Action
from app.upkeep import Upkeep

if TYPE_CHECKING:
    from app.directory.identities import Identities
    from app.directory.models import User


class Federation:
    """The identities of one person at a time, for one operator."""

    def __init__(self, identities: Identities, capabilities: Capabilities, upkeep: Upkeep) -> None:
        self._identities = identities
        self._capabilities = capabilities
        self._upkeep = upkeep

    def providers(self) -> tuple[Provider, ...] | Capability:
        """The identity providers of the pool; a Capability that says why they cannot be listed."""
        return self._capabilities.attempt(Feature.PROVIDERS, self._identities.providers)

    def of(self, user: User) -> tuple[Identity, ...]:
        """The identities of a person, as the list told them. No network call."""
        return identities_of(user)

    def link(self, user: User, provider: str, value: str, attribute: str = SUBJECT) -> Outcome[User]:
        """Let an account elsewhere sign in as this person (AdminLinkProviderForUser).

        Whoever holds that account then has all that the person may do, so it must be trusted. It must not have signed
        in before. Can be undone.
        """
        self._upkeep.refuse(Action.LINK_IDENTITY, user)
        outcome = self._upkeep.change(
            Action.LINK_IDENTITY,
            user,
            lambda: self._identities.link(user, provider, value, attribute),
            details={"provider": provider.strip(), "account": value.strip()},
        )
        linked = Identity(provider.strip(), value.strip())
        undo = self._upkeep.inverse(
            Action.UNLINK_IDENTITY, "Unlink again", lambda: self._unlink(outcome.value, linked, attribute)
        )
        return replace(outcome, undo=undo)

    def unlink(self, user: User, identity: Identity, attribute: str = SUBJECT) -> Outcome[User]:
        """Part an account elsewhere from this person (AdminDisableProviderForUser).

        AppError(USER_STATE) for the identity that the user was made of: without it nobody could sign in.
        """
        return self._unlink(user, identity, attribute)

    def _unlink(self, user: User, identity: Identity, attribute: str) -> Outcome[User]:
        self._upkeep.refuse(Action.UNLINK_IDENTITY, user)
        if identity.primary:
            message = (
                f"The account at {identity.provider} is what this user was made of. Without it nobody could sign in: "
                "delete or disable the user instead."
            )
            raise AppError(ErrorCode.USER_STATE, message, subject=user.username)
        return self._upkeep.change(
            Action.UNLINK_IDENTITY,
            user,
            lambda: self._identities.unlink(user, identity, attribute),
            details={"provider": identity.provider, "account": identity.user_id},
        )
