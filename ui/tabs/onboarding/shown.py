"""What the tab shows, as values, and what it says where there is nothing to show. No widget here."""

from __future__ import annotations

from dataclasses import dataclass

from app.journal import Mirror
from app.onboarding.models import DatabaseUser, FunnelStage, OnboardingStatus
from ui.text import onboarding_status, tr
from ui.view_state import Empty


@dataclass(frozen=True, slots=True)
class Funnel:
    """Everybody by state, in the order of the ladder, and the database writes that still wait."""

    stages: tuple[FunnelStage, ...]
    waiting: tuple[Mirror, ...]
    spent: float = 0.0  # seconds that reading it took

    def count(self, status: OnboardingStatus | None) -> int:
        """How many people stand there; None: how many are stuck."""
        if status is None:
            return self.stuck
        return next((stage.count for stage in self.stages if stage.status is status), 0)

    @property
    def total(self) -> int:
        """How many people there are."""
        return sum(stage.count for stage in self.stages)

    @property
    def stuck(self) -> int:
        """How many have stood in a state for longer than its limit."""
        return sum(stage.stuck for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Listing:
    """The people of one state who were read so far, oldest change first; `more` wait behind them.

    `status` None: those of all states who are stuck, those most over their limit first.
    `sought` is the id of the person who is shown beside the list, `followed` their row as read just now: None if gone.
    """

    status: OnboardingStatus | None
    rows: tuple[DatabaseUser, ...]
    more: bool
    sought: str = ""
    followed: DatabaseUser | None = None


def nobody(status: OnboardingStatus | None) -> Empty:
    """A list without people."""
    if status is None:
        return Empty(
            tr("Nobody is stuck"),
            tr("Nobody has stood in a state for longer than its limit. “Limits…” says how long that is."),
            icon="check-circle",
        )
    return Empty(
        tr("Nobody here"),
        tr("No row of the database has the status “{status}”.", status=onboarding_status(status)),
        icon="users",
    )


def without_database() -> Empty:
    """The whole tab, for a connection without a database."""
    return Empty(
        tr("No application database is connected"),
        tr(
            "Onboarding lives in the database's table auth.users, and this connection names no database. Everything of "
            "Cognito works without it. To add one: press the connection's name at the top, edit the connection, and "
            "fill in host, name and user of the database. Or set DATABASE_URL before starting Cognito Desk."
        ),
        icon="database",
    )
