"""The board: a column for each state of the ladder. People are dragged along its edges, and nowhere else."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.onboarding import ladder
from app.onboarding.ladder import LADDER, Transition
from app.onboarding.limits import Limits
from app.onboarding.models import DatabaseUser, FunnelStage, OnboardingStatus
from ui.tabs.onboarding.board_presenter import BoardPresenter, Columns
from ui.tabs.onboarding.cards import CardList
from ui.tabs.onboarding.column import BoardColumn, at_cursor
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.presenter import OnboardingPresenter
from ui.tabs.onboarding.several import WORDS
from ui.tabs.onboarding.wording import step_words
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready, ViewState
from ui.widgets.states import StateView

_FOLDABLE = frozenset({OnboardingStatus.SUSPENDED, OnboardingStatus.DISABLED, OnboardingStatus.REJECTED})


def _going(people: tuple[DatabaseUser, ...], goal: OnboardingStatus) -> tuple[DatabaseUser, ...]:
    """Those of them whom a step takes there: enabling returns each to where they were."""
    found = ((row, ladder.step_to(goal, row.status, before=ladder.before_disable(row))) for row in people)
    return tuple(row for row, step in found if isinstance(step, Transition))


class Board(QWidget):
    """Shows the columns; announces who is chosen, and the step that a drop, or Ctrl+Left and Ctrl+Right, ask for."""

    chosen = Signal()  # ask `selected`
    settled = Signal()  # other rows are shown: somebody who was chosen may stand elsewhere now, or look different
    opened = Signal(object)  # DatabaseUser
    step_asked = Signal(object, object, object)  # Edge, tuple[DatabaseUser, ...], OnboardingStatus: the goal
    refused = Signal(str)  # why there is no such step
    menu_requested = Signal(QPoint)

    def __init__(
        self, presenter: OnboardingPresenter, board: BoardPresenter, moves: Moves, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("People by onboarding status, as a board"))
        self._moves = moves
        self._presenter = board
        self._dragged: tuple[DatabaseUser, ...] = ()
        self._state: ViewState = Loading()
        self._told = False
        self._waiting: list[Columns] = []  # came while people were dragged: the cards must not move under the mouse
        self.columns = {status: BoardColumn(status, presenter, foldable=status in _FOLDABLE) for status in LADDER}
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for status, column in self.columns.items():
            row.addWidget(column, 0 if status in _FOLDABLE else 1)
            self._connect(column)
        inner = QWidget()
        inner.setProperty("role", "page")
        inner.setLayout(row)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        self._area = area
        self.states = StateView(area)
        self.states.retry_requested.connect(board.load)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.states)
        board.state_changed.connect(self._on_state)

    def show_stages(self, stages: tuple[FunnelStage, ...], limits: Limits) -> None:
        """Show other numbers in the headings."""
        for stage in stages:
            self.columns[stage.status].show_stage(stage)
            self.columns[stage.status].list.viewport().update()

    def set_told(self, told: bool) -> None:
        """Whether an error stands above the board already: its own would say it twice."""
        self._told = told
        self._show_state()

    def selected(self) -> tuple[DatabaseUser, ...]:
        """Who is chosen: people of one column."""
        return next((found for column in self.columns.values() if (found := column.list.selected())), ())

    def select(self, people: tuple[DatabaseUser, ...]) -> None:
        """Choose those who are in sight of the board, without telling."""
        ids = {row.id for row in people}
        for column in self.columns.values():
            if column.list.select(ids) and column.is_folded:
                column.set_folded(False)

    def step(self, people: tuple[DatabaseUser, ...], goal: OnboardingStatus) -> Transition | str:
        """The step that takes these people there, one of them at least, or why there is none, in a sentence."""
        if not people:
            return tr("Nobody is chosen.")
        first = next(iter(_going(people, goal)), people[0])
        step = ladder.step_to(goal, first.status, before=ladder.before_disable(first))
        if isinstance(step, str):
            return step
        return self._moves.why_not(step.edge, people, several=step.edge in WORDS) or step

    def begin_drag(self, people: tuple[DatabaseUser, ...]) -> None:
        """Show over every column what dropping these people on it would do."""
        self._dragged = people
        for status, column in self.columns.items():
            if people and people[0].status is status:
                continue
            found = self.step(people, status)
            if isinstance(found, str):
                column.show_verdict(found)
            else:
                column.show_verdict(step_words(found.edge, _going(people, status)), allowed=True)

    def end_drag(self) -> None:
        """Nothing is dragged any more."""
        self._dragged = ()
        for column in self.columns.values():
            column.show_verdict(None)
        waiting, self._waiting = self._waiting, []
        for columns in waiting:
            self._show(columns)

    def _connect(self, column: BoardColumn) -> None:
        cards = column.list
        cards.chosen.connect(self._on_chosen)
        cards.opened.connect(self.opened)
        cards.more_requested.connect(self._on_more)
        cards.aside_requested.connect(self._on_aside)
        cards.carried.connect(self._on_carried)
        cards.drag_started.connect(self._on_drag_started)
        cards.drag_ended.connect(self.end_drag)
        cards.customContextMenuRequested.connect(self._on_menu)
        column.dropped.connect(self._on_dropped)

    def _show(self, columns: Columns) -> None:
        before = self.selected()
        for status, column in columns.items():
            self.columns[status].show_column(column)
        if self.selected() != before or not before:
            self.settled.emit()

    def _show_state(self) -> None:
        state = self._state
        if self._told and isinstance(state, Failed):
            later = Empty(tr("Not read yet"), tr("The people appear once the database answers."), icon="database")
            state = Ready(None) if state.keep_content else later
        self.states.show_state(state)

    def _column_of(self, sender: object) -> BoardColumn | None:
        return next((column for column in self.columns.values() if column.list is sender), None)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self._state = state
        self._show_state()
        if isinstance(state, Ready) and isinstance(state.value, dict):
            if self._dragged:
                self._waiting.append(state.value)
            else:
                self._show(state.value)

    @Slot()
    def _on_chosen(self) -> None:
        mine = self._column_of(self.sender())
        if mine is not None and mine.list.selected():
            for column in self.columns.values():
                if column is not mine:
                    column.list.unselect()
        self.chosen.emit()

    @Slot()
    def _on_more(self) -> None:
        column = self._column_of(self.sender())
        if column is not None:
            self._presenter.show_more(column.status)

    @Slot(int)
    def _on_aside(self, aside: int) -> None:
        mine = self._column_of(self.sender())
        if mine is None:
            return
        open_ones = [column for column in self.columns.values() if not column.is_folded and column.list.cards.rows]
        place = open_ones.index(mine) + aside if mine in open_ones else 0
        if 0 <= place < len(open_ones):
            cards = mine.list
            open_ones[place].list.enter(cards.visualRect(cards.currentIndex()).center().y())
            self._area.ensureWidgetVisible(open_ones[place], 8, 0)

    @Slot(int)
    def _on_carried(self, aside: int) -> None:
        """As a drag to the next column on that side that the ladder leads to."""
        mine = self._column_of(self.sender())
        if mine is None or not (people := mine.list.selected()):
            return
        order = list(self.columns)
        place = order.index(mine.status)
        goals = order[place + 1 :] if aside > 0 else order[:place][::-1]
        answers = [self.step(people, goal) for goal in goals]
        found = next((answer for answer in answers if isinstance(answer, Transition)), None)
        if found is not None:
            self.step_asked.emit(found.edge, people, found.target)
        elif answers:
            self.refused.emit(str(answers[0]))

    @Slot()
    def _on_drag_started(self) -> None:
        column = self._column_of(self.sender())
        if column is not None:
            self.begin_drag(column.list.selected())

    @Slot(object)
    def _on_dropped(self, goal: OnboardingStatus) -> None:
        people = self._dragged
        found = self.step(people, goal)
        if isinstance(found, Transition):
            self.step_asked.emit(found.edge, people, goal)
        else:
            self.refused.emit(found)

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        sender = self.sender()
        column = self._column_of(sender)
        if column is not None and isinstance(sender, CardList) and sender.selected():
            self.menu_requested.emit(at_cursor(column, at))
