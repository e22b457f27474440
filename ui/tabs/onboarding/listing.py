"""The people of one state as a table, with what is needed to read on where it goes on."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.tabs.onboarding.shown import Listing
from ui.text import age, count, exact, mfa, number, onboarding_status, tr
from ui.view_state import Loading, ViewState
from ui.widgets.badge import Badge, Tone, onboarding_badge
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.rows import Column, RowTable, badge_width
from ui.widgets.states import StateView

_TICK_MS = 30_000  # ages grow while the list is looked at
_NAME, _ORGANISATION, _PROVIDER, _VERIFIED, _MFA, _STATUS = 1, 2, 3, 4, 5, 6
_ROOM_FOR_MFA, _ROOM_FOR_VERIFIED, _ROOM_FOR_MORE, _ROOM_FOR_ALL = 540, 660, 790, 880
_NAME_WIDTH, _ROOMY_NAME_WIDTH = 116, 148


class PeopleList(QFrame):
    """A card: heading, table, and a foot with 'Load more' while there is more."""

    chosen = Signal()  # other people are chosen: ask `selected`
    opened = Signal(object)  # DatabaseUser
    more_requested = Signal()
    retry_requested = Signal()

    def __init__(self, presenter: OnboardingPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._busy = False
        self._stuck = False  # those of all states who are stuck are listed
        self._total = self._shown_rows = 0
        self._title = label("", "heading")
        self._note = ElidedLabel("", "muted")
        self.table: RowTable[DatabaseUser] = RowTable(
            tr("People of the chosen status"), _columns(presenter), key=lambda row: row.id, several=True
        )
        self.states = StateView(self.table)
        self._shown = label("", "muted")
        self._more = button(tr("Load more"))
        self._foot = QFrame()
        self._foot.setProperty("role", "foot")
        self._lay_out()
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self.opened)
        self._more.clicked.connect(self.more_requested)
        self.states.retry_requested.connect(self.retry_requested)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._on_tick)
        self._tick.start()

    def show_status(self, status: OnboardingStatus | None, total: int) -> None:
        """Another state is listed, where `total` people stand, or with None all who are stuck; they are to come."""
        self._stuck = status is None
        self._title.setText(onboarding_status(status) if status is not None else tr("Stuck people"))
        self._fit()
        self._foot.hide()
        self._shown_rows = 0
        self.show_total(total)

    def show_total(self, total: int) -> None:
        """How many people have the status, read or not."""
        self._total = total
        everybody = max(total, self._shown_rows)
        people = count(everybody, "person", "people")
        words = tr("{people}, oldest change first", people=people)
        if self._stuck:
            words = tr("{people}, furthest over their limit first", people=people)
        self._note.set_text(words if everybody else "")
        self._shown.setText(tr("{n} of {all} shown", n=number(self._shown_rows), all=number(everybody)))

    def show_state(self, state: ViewState) -> None:
        """Loading, empty or failed instead of the table, or over it."""
        self.states.show_state(state)
        self._more.setDisabled(isinstance(state, Loading))

    def show_listing(self, listing: Listing) -> None:
        """Show other rows. Emits nothing: ask `selected` who is still chosen."""
        self._busy = True
        try:
            self.table.set_rows(listing.rows)
        finally:
            self._busy = False
        self._shown_rows = len(listing.rows)
        self.show_total(self._total)
        self._foot.setVisible(listing.more)

    def selected(self) -> tuple[DatabaseUser, ...]:
        """Who is chosen, top to bottom."""
        return tuple(self.table.selected())

    def select(self, row_id: str) -> bool:
        """Choose somebody and scroll there; whether they are in the list."""
        return self.table.select(row_id)

    def unselect(self) -> None:
        """Choose nobody, without announcing it."""
        self._busy = True
        try:
            self.table.clearSelection()
        finally:
            self._busy = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # What does not fit is in the pane beside the list: nothing is cut at the right.
        narrow, roomy = self.width() < _ROOM_FOR_MFA, self.width() >= _ROOM_FOR_MORE
        self.table.setColumnHidden(_STATUS, not self._stuck)
        self.table.setColumnHidden(_MFA, narrow or (self._stuck and not roomy))
        self.table.setColumnHidden(_NAME, self._stuck and narrow)
        self.table.setColumnWidth(_NAME, _ROOMY_NAME_WIDTH if narrow or roomy else _NAME_WIDTH)
        self.table.setColumnHidden(_VERIFIED, self._stuck or self.width() < _ROOM_FOR_VERIFIED)
        self.table.setColumnHidden(_ORGANISATION, not roomy)
        self.table.setColumnHidden(_PROVIDER, self._stuck or self.width() < _ROOM_FOR_ALL)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._note, 1)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(16, 6, 8, 6)
        foot.addWidget(self._shown)
        foot.addStretch(1)
        foot.addWidget(self._more)
        self._foot.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addSpacing(8)
        column.addWidget(self.states, 1)
        column.addWidget(self._foot)

    @Slot(object)
    def _on_chosen(self, _: object) -> None:
        if not self._busy:
            self.chosen.emit()

    @Slot()
    def _on_tick(self) -> None:
        self.table.viewport().update()


def _columns(presenter: OnboardingPresenter) -> list[Column[DatabaseUser]]:
    def late(row: DatabaseUser) -> Badge | None:
        return Badge(age(presenter.age(row)), Tone.WARN) if presenter.is_stuck(row) else None

    def hint(row: DatabaseUser) -> str:
        limit = presenter.limits.of(row.status)
        over = tr("longer than the limit of {limit}", limit=age(limit)) if presenter.is_stuck(row) else ""
        return "\n".join(part for part in (_age_hint(row), over) if part)

    return [
        Column(tr("Email"), lambda row: row.email, 0),
        Column(tr("Name"), lambda row: row.name or "–", _NAME_WIDTH),
        Column(tr("Organisation"), lambda row: row.organization_id or "–", 102),
        Column(tr("Provider"), lambda row: row.auth_provider, 74),
        Column(tr("Email verified"), lambda row: _verified(row).text, 106, badge=_verified),
        Column(tr("MFA"), lambda row: mfa_state(row).text, 100, badge=_mfa_short, hint=_mfa_hint),
        Column(
            tr("Status"),
            lambda row: onboarding_status(row.status),
            badge_width(onboarding_status(OnboardingStatus.PENDING_SUBSCRIPTION)),
            badge=lambda row: onboarding_badge(row.status),
        ),
        Column(tr("Age"), lambda row: age(presenter.age(row)), 80, badge=late, hint=hint),
    ]


def _verified(row: DatabaseUser) -> Badge:
    return Badge(tr("yes"), Tone.OK) if row.email_verified else Badge(tr("no"), Tone.WARN)


def mfa_state(row: DatabaseUser) -> Badge:
    """Whether the person has a second factor, and whether they must."""
    if row.mfa_method:
        words = mfa(row.mfa_method)
        return Badge(tr("{method}, required", method=words) if row.mfa_required else words, Tone.OK)
    if row.mfa_required:
        return Badge(tr("required, none enrolled"), Tone.WARN)
    return Badge(tr("none"), Tone.NEUTRAL)


def _mfa_short(row: DatabaseUser) -> Badge:
    # What matters first: the factor that is there, else that one must be.
    full = mfa_state(row)
    words = mfa(row.mfa_method) if row.mfa_method else tr("required") if row.mfa_required else full.text
    return Badge(words, full.tone)


def _mfa_hint(row: DatabaseUser) -> str:
    required = tr("MFA is required for this person.") if row.mfa_required else tr("MFA is not required.")
    if not row.mfa_method:
        return tr("{required} No second factor is enrolled.", required=required)
    enrolled = tr("{method} is enrolled.", method=mfa(row.mfa_method))
    since = tr("Since {at}.", at=exact(row.mfa_enrolled_at)) if row.mfa_enrolled_at is not None else ""
    return " ".join(part for part in (required, enrolled, since) if part)


def _age_hint(row: DatabaseUser) -> str:
    if row.updated_at is not None:
        return tr("changed {at}", at=exact(row.updated_at))
    return tr("created {at}", at=exact(row.created_at)) if row.created_at is not None else tr("not known")
