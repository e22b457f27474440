"""The Onboarding tab: the funnel above, the people of one state below it, and the chosen person at the right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.journal import Mirror
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.permissions import Action
from ui.context import Context
from ui.tabs.onboarding.commands import OnboardingCommands
from ui.tabs.onboarding.listing import PeopleList
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.pane import NOBODY, PersonPane
from ui.tabs.onboarding.presenter import Funnel as FunnelState
from ui.tabs.onboarding.presenter import Listing, OnboardingPresenter
from ui.tabs.onboarding.stages import Funnel
from ui.text import clock, count, tr
from ui.view_state import Empty, Ready, ViewState
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.cards import PageHead
from ui.widgets.states import StateView

_WIDE = 1140
_PANE_WIDTH, _NARROW_PANE = 400, 372
_NAMED = 3


class OnboardingView(QWidget):
    """Puts presenter, moves and widgets together. `waiting_changed` tells how many wait for an approval."""

    waiting_changed = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._arranged = False  # the person has moved the line between list and pane: it stays there
        self._wanted = ""  # id of a row to be chosen as soon as the list shows it
        self._total: FunnelState | None = None
        self.presenter = OnboardingPresenter(context, self)
        self.moves = Moves(context, self)
        self.commands = OnboardingCommands(self.moves, self)
        self._head = PageHead(tr("Onboarding"))
        self._refresh = button(tr("Refresh"), icon="refresh", hint=tr("Read everything again (F5)"))
        self._waiting = Banner()
        self._land = button(tr("Try now"))
        self._activity = button(tr("Show in Activity"), "link")
        self.funnel = Funnel()
        self.list = PeopleList(self.presenter.age)
        self.pane = PersonPane(self.commands.button, self.presenter.age)
        self._menu = self.commands.menu(self)
        self._lay_out()
        self._connect()
        self.funnel.choose(self.presenter.status)
        self.list.show_status(self.presenter.status, 0)
        self.setFocusProxy(self.list.table)
        self.presenter.load()

    def open_at(self, payload: object) -> None:
        """Go to what is asked for: `{"status": "pending_approval"}` lists the people of that state."""
        if not isinstance(payload, dict):
            return
        wanted = str(payload.get("status", ""))
        if wanted in {status.value for status in OnboardingStatus}:
            self.presenter.choose(OnboardingStatus(wanted))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._arranged:
            pane = max(self.pane.minimumWidth(), _PANE_WIDTH if self.width() >= _WIDE else _NARROW_PANE)
            self._splitter.setSizes([max(1, self.width() - pane), pane])

    def _lay_out(self) -> None:
        self._head.add(self._refresh)
        self._waiting.add_button(self._activity)
        self._waiting.add_button(self._land)
        self.list.setMinimumWidth(320)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(12)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(self.pane)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addWidget(self.funnel)
        inner.addWidget(self._splitter, 1)
        self.states = StateView(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(self._head)
        outer.addWidget(self._waiting)
        outer.addWidget(self.states, 1)

    def _connect(self) -> None:
        presenter, moves = self.presenter, self.moves
        presenter.state_changed.connect(self._on_state)
        presenter.list_changed.connect(self._on_list)
        presenter.chosen_changed.connect(self._on_status)
        presenter.people_changed.connect(self._on_people)
        presenter.gone.connect(self._on_gone)
        presenter.waiting_changed.connect(self.waiting_changed)
        moves.moved.connect(self._on_moved)
        moves.settled.connect(presenter.load)
        self.commands.open_requested.connect(self._on_open)
        self.funnel.chosen.connect(presenter.choose)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_open)
        self.list.more_requested.connect(presenter.show_more)
        self.list.retry_requested.connect(presenter.retry)
        self.pane.list_requested.connect(self._on_list_requested)
        self.states.retry_requested.connect(presenter.retry)
        self._refresh.clicked.connect(presenter.retry)
        self._land.clicked.connect(moves.retry_waiting)
        self._activity.clicked.connect(self._on_activity)
        self._splitter.splitterMoved.connect(self._on_arranged)
        table = self.list.table
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_context_menu)
        refresh = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        refresh.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        refresh.activated.connect(presenter.retry)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self.states.show_state(state)
        self._refresh.setVisible(self._desk.onboarding is not None)
        if isinstance(state, Empty):
            self._waiting.hide()
        if isinstance(state, Ready) and isinstance(state.value, FunnelState):
            self._total = state.value
            self.funnel.show_stages(state.value.stages)
            people = count(state.value.total, "person", "people")
            self._head.set_note(
                tr("{people} · median age per status · as of {time}", people=people, time=clock(self._desk.now()))
            )
            self._show_waiting(state.value.waiting)
            self.list.show_total(self._total.count(self.presenter.status))

    @Slot(object)
    def _on_list(self, state: ViewState) -> None:
        self.list.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, Listing):
            self.list.show_listing(state.value)
            if self._wanted and self.list.select(self._wanted):
                self._on_chosen()
            self._wanted = ""
            self.presenter.settle(self.list.selected())
        elif isinstance(state, Empty):
            self.list.show_listing(Listing(self.presenter.status, (), more=False))
            self.presenter.settle(())

    @Slot(object)
    def _on_status(self, status: OnboardingStatus) -> None:
        self.funnel.choose(status)
        self.list.unselect()
        self.list.show_status(status, self._total.count(status) if self._total is not None else 0)

    @Slot()
    def _on_chosen(self) -> None:
        self.presenter.select(self.list.selected())

    @Slot(object)
    def _on_people(self, people: tuple[DatabaseUser, ...]) -> None:
        self.commands.set_people(people)
        if people:
            self.pane.show_people(people, self.presenter.status)
        else:
            self.pane.say(tr(NOBODY))

    @Slot(object)
    def _on_moved(self, row: DatabaseUser) -> None:
        shown = self.presenter.people
        if len(shown) == 1 and shown[0].id == row.id:
            self.presenter.select((row,))

    @Slot(str)
    def _on_gone(self, email: str) -> None:
        words = tr("The row of {who} is no longer in the database.", who=email)
        self.pane.say(words)
        self._context.toast(words, "warn")

    @Slot(object)
    def _on_open(self, row: DatabaseUser) -> None:
        self._context.navigate.emit("users", {"search": row.email})

    @Slot(object)
    def _on_list_requested(self, row: DatabaseUser) -> None:
        self._wanted = row.id
        self.presenter.choose(row.status)

    @Slot()
    def _on_activity(self) -> None:
        self._context.navigate.emit("activity", None)

    @Slot()
    def _on_arranged(self) -> None:
        self._arranged = True

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        if self.list.selected():
            self._menu.popup(self.list.table.viewport().mapToGlobal(at))

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
