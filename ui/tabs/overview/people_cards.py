"""The cards about people: where they stand in onboarding, the figures, and who came last."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QModelIndex, Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.directory.index import UserRow
from app.directory.models import UserStatus
from app.onboarding.models import FunnelStage, OnboardingStatus
from ui.tabs.overview.presenter import Figures, Funnel
from ui.text import age, count, day, exact, number, onboarding_status, percent, tr
from ui.theme import theme
from ui.view_state import Ready, ViewState
from ui.widgets.badge import Badge, Tone, onboarding_badge, user_badge
from ui.widgets.buttons import button
from ui.widgets.cards import Card, Figure
from ui.widgets.charts import Bar, BarRows
from ui.widgets.rows import Column, RowTable, badge_width
from ui.widgets.states import StateView

_TONES = {
    OnboardingStatus.ACTIVE: Tone.OK,
    OnboardingStatus.SUSPENDED: Tone.BAD,
    OnboardingStatus.DISABLED: Tone.NEUTRAL,
    OnboardingStatus.REJECTED: Tone.NEUTRAL,
}
_LONG = timedelta(days=7)
_FEWEST_ROWS = 6  # of the newest people, however low the window is


class FunnelCard(Card):
    """The eight states as bars, and four figures that stay where there is no database."""

    retry_requested = Signal()
    status_chosen = Signal(object)  # the value of an OnboardingStatus
    differences_chosen = Signal()
    without_mfa_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Onboarding"), tr("people per status, median time in it"), parent=parent)
        self._bars = BarRows(tr("Onboarding: people per status"))
        self._bars.chosen.connect(self.status_chosen)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._bars, 1)
        self.states = StateView(content)
        self.states.retry_requested.connect(self.retry_requested)
        self.cognito, self.database = _Number(tr("In Cognito")), _Number(tr("In the database"))
        self.differences, self.no_mfa = _Number(tr("Differences")), _Number(tr("Without MFA"))
        self.differences.open_with(tr("Show the differences")).connect(self.differences_chosen)
        self.no_mfa.open_with(tr("Show who has no second factor")).connect(self.without_mfa_chosen)
        figures = QHBoxLayout()
        figures.setSpacing(28)
        self.numbers = (self.cognito, self.database, self.differences, self.no_mfa)
        for figure in self.numbers:
            figures.addWidget(figure)
        figures.addStretch(1)
        self.add(self.states, 1)
        self.add(figures)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What the funnel shows, top to bottom."""
        return self._bars.bars

    def show_state(self, state: ViewState) -> None:
        """Show the funnel, or why there is none."""
        if isinstance(state, Ready) and isinstance(state.value, Funnel):
            self._bars.set_bars(bars(state.value.stages))
        self.states.show_state(state)

    def show_figures(self, figures: Figures) -> None:
        """Show other numbers; a dash where one is not known."""
        self.cognito.show_number(figures.in_cognito, tr("Cognito's own estimate.") if figures.estimated else "")
        self.database.show_number(figures.in_database)
        census = figures.census
        found = census.differences if census is not None else None
        self.differences.show_number(
            found.people if found is not None else None,
            census.differences_note if census is not None else "",
            warn=found is not None and found.people > 0,
        )
        if census is None or not census.mfa_known:
            self.no_mfa.set_value("–")
            self.no_mfa.setToolTip(tr("Cognito's lists do not tell second factors; the database would."))
        else:
            self.no_mfa.set_value(percent(census.without_mfa, census.mfa_known))
            hint = tr("{n} of the {known} people whose second factor is known.")
            self.no_mfa.setToolTip(hint.format(n=number(census.without_mfa), known=number(census.mfa_known)))


class NewestCard(Card):
    """The people who were created last; a click opens one in the Users tab."""

    retry_requested = Signal()
    person_chosen = Signal(str)  # username

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Newest people"), flush=True, parent=parent)
        self._days: int | None = None
        self._now: datetime | None = None
        self.table: RowTable[UserRow] = RowTable(
            tr("Newest people"),
            [
                Column(tr("Email"), _who, 0, hint=lambda row: row.name or _who(row)),
                Column(
                    tr("Cognito"),
                    lambda row: self._badge(row).text,
                    badge_width(tr("Password expired")),
                    badge=self._badge,
                    hint=lambda row: self._badge(row).hint,
                ),
                Column(tr("Onboarding"), _onboarding, 180, badge=_onboarding_badge),
                Column(tr("Created"), lambda row: day(row.created), 100, hint=lambda row: exact(row.created)),
            ],
            key=lambda row: row.username,
        )
        self.table.setMinimumHeight(self.table.fitting_height(_FEWEST_ROWS))
        self.table.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.table.clicked.connect(self._on_clicked)
        self.table.opened.connect(self._on_opened)
        self.states = StateView(self.table)
        self.states.retry_requested.connect(self.retry_requested)
        self.states.action_requested.connect(self.retry_requested)
        self.add(self.states, 1)

    def set_roomy(self, roomy: bool) -> None:
        """Whether there is room for a column more."""
        self.table.setColumnHidden(2, not roomy)

    def set_validity(self, days: int | None, now: datetime) -> None:
        """How long a temporary password lives, so that expired ones can be told; None while it is not known."""
        self._days, self._now = days, now
        self.table.viewport().update()

    def show_state(self, state: ViewState) -> None:
        """Show the people, or why there are none."""
        if isinstance(state, Ready) and isinstance(state.value, tuple):
            self.table.set_rows(state.value)
            self.set_note(tr("the last {n}", n=len(state.value)))
        self.states.show_state(state)

    def _badge(self, row: UserRow) -> Badge:
        waits = row.status is UserStatus.FORCE_CHANGE_PASSWORD and self._days is not None and self._now is not None
        expired = waits and row.modified + timedelta(days=self._days or 0) <= (self._now or row.modified)
        return user_badge(row.status, row.enabled, expired)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.person_chosen.emit(self.table.rows()[index.row()].username)

    @Slot(object)
    def _on_opened(self, row: UserRow) -> None:
        self.person_chosen.emit(row.username)


class _Number(Figure):
    """A figure that can be told apart: something to look at."""

    def __init__(self, name: str) -> None:
        self._show: QPushButton | None = None
        super().__init__(name)
        self._warn = False
        theme.changed.connect(self._paint)

    def open_with(self, name: str) -> SignalInstance:
        """Offer to show whom the figure counts, once it is known; the signal of the press."""
        self._show = button(tr("Show"), "link")
        self._show.setAccessibleName(name)
        self.add(self._show)
        self._show.setEnabled(False)
        return self._show.clicked

    def set_value(self, value: str) -> None:
        super().set_value(value)
        if self._show is not None:
            self._show.setEnabled(value != "–")

    def show_number(self, value: int | None, hint: str = "", *, warn: bool = False) -> None:
        self.set_value("–" if value is None else number(value))
        self.setToolTip(hint)
        self._warn = warn
        self._paint()

    @Slot()
    def _paint(self) -> None:
        self._value.setStyleSheet(f"color: {theme.css('warn')};" if self._warn else "")


def bars(stages: tuple[FunnelStage, ...]) -> list[Bar]:
    """The funnel's rows. Of those who wait, the group that waits longest stands out from a week on."""
    waiting = [stage for stage in stages if stage.status not in _TONES and stage.median_age is not None]
    slowest = max(waiting, key=lambda stage: stage.median_age or timedelta(), default=None)
    if slowest is not None and (slowest.median_age or timedelta()) < _LONG:
        slowest = None
    return [_bar(stage, stage is slowest) for stage in stages]


def _bar(stage: FunnelStage, slowest: bool) -> Bar:
    name = onboarding_status(stage.status)
    people = count(stage.count, "person", "people")
    waited = tr(", median {age}", age=age(stage.median_age)) if stage.median_age is not None else ""
    hint = tr("The longest wait. Click to see who.") if slowest else tr("Click to see who.")
    tone = Tone.WARN if slowest else _TONES.get(stage.status, Tone.INFO)
    note = age(stage.median_age) if stage.count else ""
    return Bar(stage.status.value, name, stage.count, note, tone, f"{name}: {people}{waited}", hint)


def _who(row: UserRow) -> str:
    return row.email or row.phone or row.username


def _onboarding(row: UserRow) -> str:
    badge = _onboarding_badge(row)
    return badge.text if badge is not None else tr("unknown")


def _onboarding_badge(row: UserRow) -> Badge | None:
    return None if row.in_database is None else onboarding_badge(row.onboarding)
