"""How long somebody may stand in a state before they count as stuck. Pure; what is stored is hours by status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from app.onboarding.ladder import LADDER
from app.onboarding.models import OnboardingStatus

_S = OnboardingStatus
MOST_HOURS = 10 * 365 * 24
DEFAULT_HOURS: Final[Mapping[OnboardingStatus, int]] = MappingProxyType(
    {
        _S.PENDING_VERIFICATION: 3 * 24,
        _S.PENDING_APPROVAL: 2 * 24,
        _S.PENDING_MFA: 7 * 24,
        _S.PENDING_SUBSCRIPTION: 14 * 24,
    }
)
"""States in which somebody waits for something. The others are places to stay, and have no limit unless one is set."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limit of each state that has one. `hours` of a state are 1 to MOST_HOURS."""

    hours: Mapping[OnboardingStatus, int] = field(default_factory=lambda: DEFAULT_HOURS)

    @classmethod
    def stored(cls, stored: Mapping[str, int]) -> Limits:
        """From what was stored: 0 means that a state has no limit; what is not stored or no sense is as by default."""
        hours = {}
        for status in LADDER:
            given = stored.get(status.value)
            valid = isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= MOST_HOURS
            value = given if valid and given is not None else DEFAULT_HOURS.get(status, 0)
            if value:
                hours[status] = value
        return cls(hours)

    def to_store(self) -> dict[str, int]:
        """What `stored` reads back."""
        return {status.value: self.hours.get(status, 0) for status in LADDER}

    def of(self, status: OnboardingStatus) -> timedelta | None:
        """The limit of a state; None where somebody may stay for ever."""
        hours = self.hours.get(status)
        return None if not hours else timedelta(hours=hours)

    def exceeded(self, status: OnboardingStatus, age: timedelta | None) -> bool:
        """Whether somebody who has been there for `age` is stuck."""
        limit = self.of(status)
        return limit is not None and age is not None and age > limit
