"""The ladder as a picture, and below it who came into the chosen state and who left it, day by day."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.onboarding import ladder
from app.onboarding.ladder import Driver
from app.onboarding.models import OnboardingStatus
from ui.tabs.onboarding.diagram import LadderDiagram, ink_of, pen_of, who_drives
from ui.tabs.onboarding.flow import DAYS, Flow, FlowPresenter
from ui.text import count, number, onboarding_status, tr
from ui.theme import theme
from ui.view_state import Ready, ViewState
from ui.widgets.cards import Card, scrolling
from ui.widgets.day_chart import Day, DayChart
from ui.widgets.labels import label
from ui.widgets.states import StateView

_SOURCES = (
    "Counted from the rows, which keep only their last change, and from the journal of this computer. Whoever came and "
    "went on without this program is not among the entries; nor are exits, but for authenticators that were enrolled."
)


class FlowPage(QWidget):
    """A state that is chosen in the picture is the one of the chart."""

    def __init__(self, presenter: FlowPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.diagram = LadderDiagram()
        self.chart = DayChart(tr("Entries and exits per day"), tr("came"), tr("left"))
        self._explanation = label("", wrap=True)
        self.states = StateView(self.chart)
        self._picture = Card(tr("The ladder"), tr("choose a state to see who came and who left"))
        for driver in Driver:
            self._picture.add_head(_Key(driver))
        self._picture.add(self.diagram)
        self._picture.add(self._explanation)
        self._card = Card(tr("Entries and exits"))
        self._card.add_head(_Swatch("accent", tr("came")))
        self._card.add_head(_Swatch("neutral", tr("left")))
        self._card.add(self.states, 1)
        self._card.add(label(tr(_SOURCES), "small", wrap=True))
        self.states.setMinimumHeight(170)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._picture)
        column.addWidget(self._card, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(body, tr("Ladder and flow")))
        self.diagram.chosen.connect(self._on_chosen)
        self.states.retry_requested.connect(presenter.load)
        presenter.state_changed.connect(self._on_state)
        self._on_chosen(presenter.status)

    @Slot(object)
    def _on_chosen(self, status: OnboardingStatus) -> None:
        self._explanation.setText(f"{onboarding_status(status)}: {ladder.explain(status)}")
        self._card.setAccessibleName(tr("Entries and exits of {status}", status=onboarding_status(status)))
        self._presenter.choose(status)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self.states.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, Flow):
            flow = state.value
            self.chart.set_days([Day(each.day, each.came, each.left) for each in flow.days])
            came, left = sum(each.came for each in flow.days), sum(each.left for each in flow.days)
            days = count(DAYS, "day", "days")
            self._card.set_note(
                tr("{status}, the last {days}: {came} came, {left} left", status=onboarding_status(flow.status),
                   days=days, came=number(came), left=number(left))
            )  # fmt: skip


class _Swatch(QWidget):
    """A colour and what it stands for."""

    def __init__(self, token: str, words: str) -> None:
        super().__init__()
        self._token = token
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 0, 6, 0)
        row.addWidget(label(words, "small"))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(2, self.height() // 2 - 5, 10, 10, theme.color(self._token))
        painter.end()


class _Key(QWidget):
    """How the edges of a driver are drawn."""

    def __init__(self, driver: Driver) -> None:
        super().__init__()
        self._driver = driver
        row = QHBoxLayout(self)
        row.setContentsMargins(34, 0, 6, 0)
        row.addWidget(label(who_drives(driver), "small"))
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(theme.color(ink_of(self._driver)), 2, pen_of(self._driver), Qt.PenCapStyle.FlatCap))
        y = self.height() / 2
        painter.drawLine(QPointF(2, y), QPointF(28, y))
        painter.end()
