"""What the live watch tells: who changed, and how it learns of it. Frozen values; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.errors import AppError
from app.onboarding.models import DatabaseUser


class LiveMode(StrEnum):
    """How changes by others are learnt."""

    STARTING = "starting"
    LISTENING = "listening"  # the trigger is installed: the database tells
    POLLING = "polling"  # asked for rows with a newer updated_at
    COMPARING = "comparing"  # there is no updated_at: the whole table is compared now and then
    AWAY = "away"  # the database does not answer; tried again by itself
    REFUSED = "refused"  # it answers, and does not let itself be watched; tried again by itself


@dataclass(frozen=True, slots=True)
class LiveState:
    """How the watch goes. `seconds`: a change is noticed about this late. `error`: why it is AWAY or REFUSED.

    `deaf`: the trigger is installed, but its messages do not arrive, as behind a pooler that shares connections.
    `indexed`: an index leads with updated_at, so that asking costs the database next to nothing.
    """

    mode: LiveMode = LiveMode.STARTING
    seconds: float = 1.0
    error: AppError | None = None
    deaf: bool = False
    indexed: bool = True

    @property
    def live(self) -> bool:
        """Whether changes are seen as they happen."""
        return self.mode in (LiveMode.LISTENING, LiveMode.POLLING)


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look. `rows` as they are now, `gone` the ids of rows that are no longer there.

    `everything`: more than is told one by one, or it is not known what: read again.
    """

    rows: tuple[DatabaseUser, ...] = ()
    gone: tuple[str, ...] = ()
    everything: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows or self.gone or self.everything)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all rows concerned; empty where everything may be."""
        return () if self.everything else (*(row.id for row in self.rows), *self.gone)
