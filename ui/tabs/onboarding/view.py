"""The Onboarding tab: its head, what waits for the database, and its pages."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QTabBar, QVBoxLayout, QWidget

from app.journal import Mirror
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from app.people import action_of
from app.permissions import Action
from ui.context import Change, Context, Topic
from ui.tabs.onboarding.commands import OnboardingCommands
from ui.tabs.onboarding.database import DatabasePresenter
from ui.tabs.onboarding.database_page import DatabasePage
from ui.tabs.onboarding.drift import DriftPresenter
from ui.tabs.onboarding.drift_page import DriftPage
from ui.tabs.onboarding.flow import FlowPresenter
from ui.tabs.onboarding.flow_page import FlowPage
from ui.tabs.onboarding.limits_dialog import LimitsDialog
from ui.tabs.onboarding.live import LivePill
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.people_page import PeoplePage
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.tabs.onboarding.shown import Funnel as FunnelState
from ui.tabs.onboarding.subscription import SubscriptionPresenter
from ui.tabs.onboarding.subscription_page import SubscriptionPage
from ui.text import clock, count, number, tr
from ui.view_state import Empty, Ready, ViewState
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.cards import PageHead

_NAMED = 3
_PAGES = ("list", "board", "flow", "drift", "subscriptions", "database")


class OnboardingView(QWidget):
    """Puts presenter, moves and pages together. `waiting_changed` tells how many wait for an approval."""

    waiting_changed = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self.presenter = OnboardingPresenter(context, self)
        self.moves = Moves(context, self)
        self.commands = OnboardingCommands(context, self.moves, self)
        self.people = PeoplePage(context, self.presenter, self.moves, self.commands)
        self.funnel, self.list, self.pane, self.board = (
            self.people.funnel, self.people.list, self.people.pane, self.people.board
        )  # fmt: skip
        self._flow = FlowPresenter(context, self)
        self.flow = FlowPage(self._flow)
        self.drift = DriftPage(context, DriftPresenter(context, self))
        self.subscriptions = SubscriptionPage(context, SubscriptionPresenter(context, self), self.presenter)
        self._database = DatabasePresenter(context, self)
        self.database = DatabasePage(context, self._database)
        self._read_only = BadgeLabel(Badge(tr("Read-only"), Tone.NEUTRAL))
        self._head = PageHead(tr("Onboarding"))
        self._live = LivePill()
        self._refresh = button(tr("Refresh"), icon="refresh", hint=tr("Read everything again (F5)"))
        self._waiting = Banner()
        self._land = button(tr("Try now"))
        self._activity = button(tr("Show in Activity"), "link")
        self._tabs = QTabBar()
        self._stuck = button("", "quiet", icon="warning")
        self._stuck.setCheckable(True)
        self._limits = button(tr("Limits…"), "quiet", hint=tr("How long somebody may stand in a state"))
        self._lay_out()
        self._connect()
        self._show_live()
        self._on_read_only(None)
        self.presenter.load()
        self._database.load()

    def open_at(self, payload: object) -> None:
        """Go to what is asked for.

        `{"status": "pending_approval"}` lists the people of that state, `{"stuck": True}` those of all states who are
        stuck, `{"page": "board"}` opens a page.
        """
        if not isinstance(payload, dict):
            return
        wanted = str(payload.get("status", ""))
        if wanted in {status.value for status in OnboardingStatus}:
            self._tabs.setCurrentIndex(0)
            self.presenter.choose(OnboardingStatus(wanted))
        elif payload.get("stuck"):
            self._on_stuck()
        if payload.get("page") in _PAGES:
            self._tabs.setCurrentIndex(_PAGES.index(str(payload["page"])))

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No focus proxy: the Tab key would jump over what stands before it.
        first = (self.people.first, self.people.first, self.flow.diagram)
        page = self._tabs.currentIndex()
        (first[page] if page < len(first) else self._tabs).setFocus(event.reason())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._activate()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._activate()

    def _lay_out(self) -> None:
        self._head.add(self._read_only)
        self._head.add(self._live)
        self._head.add(self._refresh)
        self._waiting.add_button(self._activity)
        self._waiting.add_button(self._land)
        self._tabs.setAccessibleName(tr("Pages of onboarding"))
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        for title in (tr("List"), tr("Board"), tr("Ladder and flow"), tr("Drift"), tr("Subscriptions"), tr("Database")):
            self._tabs.addTab(title)
        self._bar = QWidget()
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(4)
        bar.addWidget(self._tabs)
        bar.addStretch(1)
        bar.addWidget(self._stuck)
        bar.addWidget(self._limits)
        pages = QWidget()
        self._stack = QStackedLayout(pages)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.people)
        self._stack.addWidget(self.flow)
        self._stack.addWidget(self.drift)
        self._stack.addWidget(self.subscriptions)
        self._stack.addWidget(self.database)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(8)
        outer.addWidget(self._head)
        outer.addWidget(self._bar)
        outer.addWidget(self._waiting)
        outer.addWidget(pages, 1)
        self._show_stuck(0)

    def _connect(self) -> None:
        presenter, moves = self.presenter, self.moves
        presenter.state_changed.connect(self._on_state)
        presenter.waiting_changed.connect(self.waiting_changed)
        presenter.chosen_changed.connect(self._on_status)
        self._database.read_only_changed.connect(self._on_read_only)
        self._database.read_only_changed.connect(moves.set_read_only)
        moves.settled.connect(presenter.load)
        self._tabs.currentChanged.connect(self._on_page)
        self._refresh.clicked.connect(self._on_refresh)
        self._land.clicked.connect(moves.retry_waiting)
        self._activity.clicked.connect(self._on_activity)
        self._stuck.clicked.connect(self._on_stuck)
        self._limits.clicked.connect(self._on_limits)
        self._context.changed.connect(self._on_change)
        refresh = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        refresh.activated.connect(self._on_refresh)

    def _activate(self) -> None:
        page = self._tabs.currentIndex() if self.isVisible() else -1
        self.people.set_active(page in (0, 1))
        self._flow.set_active(page == 2)
        if page == 3:
            self.drift.start()
        elif page == 4:
            self.subscriptions.start()

    def _show_live(self) -> None:
        live = self._desk.live
        self._live.show_state(live.state if live is not None else None, self._desk.now())
        self.database.show_live()

    def _show_stuck(self, stuck: int) -> None:
        self._stuck.setText(tr("{n} stuck", n=number(stuck)))
        self._stuck.setVisible(stuck > 0 or self._stuck.isChecked())
        self._stuck.setToolTip(tr("List everybody who has stood in a state for longer than its limit"))

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        connected = self._desk.onboarding is not None
        for part in (self._refresh, self._bar):
            part.setVisible(connected)
        if isinstance(state, Empty):
            self._waiting.hide()
        if isinstance(state, Ready) and isinstance(state.value, FunnelState):
            people = count(state.value.total, "person", "people")
            self._head.set_note(
                tr("{people} · median age per status · as of {time}", people=people, time=clock(self._desk.now()))
            )
            self._show_waiting(state.value.waiting)
            self._show_stuck(state.value.stuck)

    @Slot(int)
    def _on_page(self, page: int) -> None:
        if page < 2:
            self._stack.setCurrentIndex(0)
            self.people.show_board(page == 1)
        else:
            self._stack.setCurrentIndex(page - 1)
        self._activate()

    @Slot()
    def _on_refresh(self) -> None:
        self.presenter.retry()
        self.people.board_presenter.load()
        self._flow.load()
        self._database.load()

    @Slot()
    def _on_stuck(self) -> None:
        self._tabs.setCurrentIndex(0)
        self.presenter.choose(None)
        self._stuck.setChecked(True)

    @Slot(object)
    def _on_status(self, status: OnboardingStatus | None) -> None:
        self._stuck.setChecked(status is None)

    @Slot(object)
    def _on_read_only(self, why: str | None) -> None:
        forbidden = [reason for edge in Edge if (reason := self._desk.why_not(action_of(edge))) is not None]
        why = forbidden[0] if len(forbidden) == len(Edge) else why
        self._read_only.setVisible(why is not None and self._desk.onboarding is not None)
        self._read_only.set_badge(Badge(tr("Read-only"), Tone.NEUTRAL, hint=why or ""))
        self._read_only.setAccessibleDescription(why or "")

    @Slot()
    def _on_limits(self) -> None:
        dialog = LimitsDialog(self.presenter.limits, self)
        dialog.chosen.connect(self.presenter.set_limits)
        dialog.open()

    @Slot()
    def _on_activity(self) -> None:
        self._context.navigate.emit("activity", None)

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic == Topic.LIVE:
            self._show_live()

    def _show_waiting(self, waiting: tuple[Mirror, ...]) -> None:
        self._waiting.setVisible(bool(waiting))
        if not waiting:
            return
        people = sorted({mirror.email or mirror.sub for mirror in waiting})
        named = ", ".join(people[:_NAMED]) + ("…" if len(people) > _NAMED else "")
        self._waiting.show_message(
            count(len(waiting), "change in Cognito waits for its database row", "changes wait for their database rows"),
            tr("Behind: {people}. They follow by themselves once the database takes them.", people=named),
            "warn",
        )
        disable(self._land, self._desk.why_not(Action.UPDATE_ATTRIBUTES))
