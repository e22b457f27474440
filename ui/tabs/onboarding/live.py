"""Whether changes by others are seen as they happen, in a pill."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QWidget

from app.onboarding.live_models import LiveMode, LiveState
from ui.text import clock, tr
from ui.widgets.badge import Badge, BadgeLabel, Tone


def live_badge(state: LiveState) -> Badge:
    """The state in a word or two, with the rest as its tooltip."""
    seconds = f"{max(1.0, state.seconds):.0f} s"
    if state.mode is LiveMode.LISTENING:
        return Badge(tr("Live"), Tone.OK, hint=tr("The database tells of every change by others as it happens."))
    if state.mode is LiveMode.POLLING:
        hint = tr("The database is asked for changes by others: they show within {seconds}.", seconds=seconds)
        if state.deaf:
            hint += " " + tr("Its trigger is installed, but its messages do not arrive here, as behind a pooler.")
        return Badge(tr("Live"), Tone.OK, hint=hint)
    if state.mode is LiveMode.COMPARING:
        hint = tr("The table has no column updated_at: changes by others show within {seconds}.", seconds=seconds)
        return Badge(tr("Every {seconds}", seconds=seconds), Tone.NEUTRAL, hint=hint)
    if state.mode is LiveMode.STARTING:
        return Badge(tr("Connecting"), Tone.NEUTRAL)
    why = state.error.message if state.error is not None else ""
    hint = tr("Changes by others are not seen. {why} It is tried again by itself.", why=why)
    return Badge(tr("Not live"), Tone.WARN, hint=hint)


class LivePill(BadgeLabel):
    """Hidden without a database."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Badge(""), parent)
        self._since: datetime | None = None
        self._live: bool | None = None

    def show_state(self, state: LiveState | None, now: datetime) -> None:
        """Show how the watch goes; where it has stopped, since when."""
        self.setVisible(state is not None)
        if state is None:
            return
        away = state.mode in (LiveMode.AWAY, LiveMode.REFUSED)
        if away != self._live:
            self._live = away
            self._since = now
        badge = live_badge(state)
        if away:
            badge = Badge(badge.text, badge.tone, hint=f"{badge.hint} {tr('Since {time}.', time=clock(self._since))}")
        self.set_badge(badge)
        self.setAccessibleDescription(badge.hint)
