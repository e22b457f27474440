"""The people: the funnel above a list of one state, or the board of all states; the chosen person at the right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.context import Context
from ui.tabs.onboarding.board import Board
from ui.tabs.onboarding.board_presenter import BoardPresenter
from ui.tabs.onboarding.commands import OnboardingCommands
from ui.tabs.onboarding.listing import PeopleList
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.pane import NOBODY, PersonPane
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.tabs.onboarding.shown import Funnel as FunnelState
from ui.tabs.onboarding.shown import Listing
from ui.tabs.onboarding.stages import Funnel
from ui.tabs.onboarding.timeline import TimelinePresenter
from ui.text import tr
from ui.view_state import Empty, Failed, Ready, ViewState
from ui.widgets.states import StateView

_WIDE = 1140
_PANE_WIDTH, _NARROW_PANE = 400, 372


class PeoplePage(QWidget):
    """List or board, with one selection and one pane for both."""

    def __init__(
        self,
        context: Context,
        presenter: OnboardingPresenter,
        moves: Moves,
        commands: OnboardingCommands,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self.presenter = presenter
        self.commands = commands
        self.board_presenter = BoardPresenter(context, self)
        self.timeline = TimelinePresenter(context, self)
        self._arranged = False  # the person has moved the line before the pane: it stays there
        self._wanted = ""  # id of a row to be chosen as soon as the list shows it
        self._total: FunnelState | None = None
        self.funnel = Funnel()
        self.list = PeopleList(presenter)
        self.board = Board(presenter, self.board_presenter, moves)
        self.pane = PersonPane(commands.button, presenter.age)
        self._menu = commands.menu(self)
        self._lay_out()
        self._connect(moves)
        self.funnel.choose(presenter.status)
        self.list.show_status(presenter.status, 0)
        self.show_board(False)

    @property
    def shows_board(self) -> bool:
        """Whether the board is shown, and not the list."""
        return self._stack.currentIndex() == 1

    def show_board(self, board: bool) -> None:
        """Show the board or the list; whoever is chosen stays chosen."""
        self._stack.setCurrentIndex(1 if board else 0)
        self.funnel.setVisible(not board)
        people = self.presenter.people
        if board:
            self.board.select(people)
        elif len(people) == 1 and not self.list.select(people[0].id):
            self._on_list_requested(people[0])
        elif len(people) > 1:
            self.presenter.select(())
        self._on_people(self.presenter.people)

    @property
    def first(self) -> QWidget:
        """What takes the focus when the page is opened."""
        return self.board.columns[OnboardingStatus.PENDING_APPROVAL].list if self.shows_board else self.list.table

    def set_active(self, active: bool) -> None:
        """The page is looked at now, or no more."""
        self.board_presenter.set_active(active and self.shows_board)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if not self._arranged:
            pane = max(self.pane.minimumWidth(), _PANE_WIDTH if self.width() >= _WIDE else _NARROW_PANE)
            self._splitter.setSizes([max(1, self.width() - pane), pane])

    def _show_pane(self) -> None:
        self.pane.setVisible(not self.shows_board or bool(self.presenter.people))

    def _lay_out(self) -> None:
        self.list.setMinimumWidth(320)
        left = QWidget()
        self._stack = QStackedLayout(left)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.board)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(12)
        self._splitter.addWidget(left)
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
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.states)

    def _connect(self, moves: Moves) -> None:
        presenter, board = self.presenter, self.board
        presenter.state_changed.connect(self._on_state)
        presenter.list_changed.connect(self._on_list)
        presenter.chosen_changed.connect(self._on_status)
        presenter.people_changed.connect(self._on_people)
        presenter.gone.connect(self._on_gone)
        moves.moved.connect(self._on_moved)
        self.timeline.changed.connect(self.pane.timeline.show_timeline)
        self.timeline.failed.connect(self.pane.timeline.show_error)
        self.pane.timeline.activity_requested.connect(self._on_activity)
        moves.settled.connect(self.board_presenter.load)
        self.commands.open_requested.connect(self._on_open)
        self.funnel.chosen.connect(presenter.choose)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_open)
        self.list.more_requested.connect(presenter.show_more)
        self.list.retry_requested.connect(presenter.retry)
        self.pane.list_requested.connect(self._on_list_requested)
        self.pane.closed.connect(self._on_pane_closed)
        self.states.retry_requested.connect(presenter.retry)
        self.states.retry_requested.connect(self.board_presenter.load)
        self._splitter.splitterMoved.connect(self._on_arranged)
        board.chosen.connect(self._on_chosen_on_board)
        board.settled.connect(self._on_board_settled)
        board.opened.connect(self._on_open)
        board.step_asked.connect(self._on_step_asked)
        board.refused.connect(self._on_refused)
        board.menu_requested.connect(self._menu.popup)
        table = self.list.table
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._on_context_menu)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self.states.show_state(state)
        self.board.set_told(isinstance(state, Failed))
        if isinstance(state, Ready) and isinstance(state.value, FunnelState):
            self._total = state.value
            limits = self.presenter.limits
            self.funnel.show_stages(state.value.stages, limits)
            self.board.show_stages(state.value.stages, limits)
            self.list.show_total(self._total.count(self.presenter.status))

    @Slot(object)
    def _on_list(self, state: ViewState) -> None:
        self.list.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, Listing):
            self.list.show_listing(state.value)
            if self._wanted and self.list.select(self._wanted):
                self._on_chosen()
            self._wanted = ""
            if not self.shows_board:
                self.presenter.settle(self.list.selected())
        elif isinstance(state, Empty):
            self.list.show_listing(Listing(self.presenter.status, (), more=False))
            if not self.shows_board:
                self.presenter.settle(())

    @Slot(object)
    def _on_status(self, status: OnboardingStatus | None) -> None:
        self.funnel.choose(status)
        self.list.unselect()
        self.list.show_status(status, self._total.count(status) if self._total is not None else 0)

    @Slot()
    def _on_chosen(self) -> None:
        self.presenter.select(self.list.selected())

    @Slot()
    def _on_chosen_on_board(self) -> None:
        self.presenter.select(self.board.selected())

    @Slot()
    def _on_board_settled(self) -> None:
        people = self.presenter.people
        if not self.shows_board or not people:
            return
        if not self.board.selected():
            self.board.select(people)  # they may have moved to another column
        found = self.board.selected()
        if found or len(people) != 1:
            self.presenter.select(found)
        else:
            self.presenter.leave(people[0])

    @Slot(object)
    def _on_people(self, people: tuple[DatabaseUser, ...]) -> None:
        self.commands.set_people(people)
        self.timeline.show_row(people[0] if len(people) == 1 else None)
        if people:
            board = self.shows_board
            self.pane.show_people(people, None if board else self.presenter.status, closable=board)
        else:
            self.pane.say(tr(NOBODY))
        before = self.pane.isVisible()
        self._show_pane()
        if not before:
            self._arrange()

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

    @Slot(object, object, object)
    def _on_step_asked(self, edge: Edge, people: tuple[DatabaseUser, ...], goal: OnboardingStatus) -> None:
        self.commands.take(edge, people, goal)

    @Slot(str)
    def _on_refused(self, why: str) -> None:
        self._context.toast(why, "warn")

    @Slot()
    def _on_activity(self) -> None:
        people = self.presenter.people
        self._context.navigate.emit("activity", {"search": people[0].email} if people else None)

    @Slot()
    def _on_pane_closed(self) -> None:
        for column in self.board.columns.values():
            column.list.unselect()
        self.presenter.select(())

    @Slot()
    def _on_arranged(self) -> None:
        self._arranged = True

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        if self.list.selected():
            self._menu.popup(self.list.table.viewport().mapToGlobal(at))
