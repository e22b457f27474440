"""The Overview tab: five cards that load and fail each on their own, laid out for the width that there is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollBar, QVBoxLayout, QWidget

from app.pool.models import ClientSnapshot, PoolSnapshot
from ui.context import Context
from ui.tabs.overview.cards import FactsCard, Flowing
from ui.tabs.overview.connection_card import ConnectionCard
from ui.tabs.overview.environment_card import EnvironmentCard
from ui.tabs.overview.facts import client_facts, pool_facts
from ui.tabs.overview.people_cards import FunnelCard, NewestCard
from ui.tabs.overview.presenter import Figures, OverviewPresenter, Setup
from ui.tabs.overview.probing import ProbeState
from ui.tabs.overview.report import Known, report
from ui.text import tr
from ui.view_state import Ready, ViewState
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card, PageHead, scrolling

_WIDE = 1080  # pixels of the tab's own width from which three cards stand side by side


class OverviewView(QWidget):
    """The tab."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.presenter = OverviewPresenter(context, self)
        self._head = PageHead(tr("Overview"))
        self._refresh = button(tr("Refresh"), icon="refresh", hint=tr("Read everything again (F5)"))
        self._copy = button(tr("Copy report"), icon="copy", hint=tr("The set-up as plain text, without secrets"))
        self._test = button(tr("Test connection"), "primary")
        for made in (self._refresh, self._copy, self._test):
            self._head.add(made)
        self.pool = FactsCard(tr("User pool"))
        self.client = FactsCard(tr("App client"))
        self.connection = ConnectionCard(self.presenter.desk.connection)
        self.environment = EnvironmentCard()
        self.environment.hide()
        self.funnel = FunnelCard()
        self.newest = NewestCard()
        self._wide: bool | None = None
        self._rows = [QHBoxLayout() for _ in range(4)]
        body = Flowing()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(16, 0, 16, 16)
        self._column.setSpacing(12)
        for row in self._rows:
            row.setSpacing(12)
            self._column.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(self._head)
        column.addLayout(head)
        self._area = scrolling(body, tr("Overview"))
        column.addWidget(self._area, 1)
        self._arrange(wide=True)
        self._connect()
        self.presenter.load()

    @property
    def scroll_bar(self) -> QScrollBar:
        """How far the page can be scrolled, and is."""
        return self._area.verticalScrollBar()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(wide=self.width() >= _WIDE)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.presenter.set_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.presenter.set_seen(False)

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.pool_changed.connect(self._on_pool)
        presenter.client_changed.connect(self._on_client)
        presenter.setup_changed.connect(self._on_setup)
        presenter.funnel_changed.connect(self.funnel.show_state)
        presenter.figures_changed.connect(self._on_figures)
        presenter.as_of_changed.connect(self._head.set_note)
        presenter.test.changed.connect(self._on_test)
        presenter.people.newest_changed.connect(self.newest.show_state)
        self._refresh.clicked.connect(presenter.refresh)
        self._copy.clicked.connect(self._on_copy)
        self._test.clicked.connect(presenter.test.start)
        self.pool.retry_requested.connect(presenter.read_pool)
        self.client.retry_requested.connect(presenter.read_client)
        self.connection.variables_toggled.connect(self._on_variables)
        self.connection.retry_requested.connect(presenter.read_setup)
        self.funnel.retry_requested.connect(presenter.read_funnel)
        self.newest.retry_requested.connect(presenter.people.load)
        self.funnel.status_chosen.connect(self._on_status)
        self.newest.person_chosen.connect(self._on_person)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(presenter.refresh)

    def _arrange(self, *, wide: bool) -> None:
        """Three above two, or two above two above one: the page scrolls where the window is too low."""
        if wide == self._wide:
            return
        self._wide = wide
        plan: Sequence[Sequence[tuple[Card, int]]]
        top = ((self.pool, 1), (self.client, 1))
        if wide:
            plan = ((*top, (self.connection, 1)), ((self.environment, 1),), ((self.funnel, 1), (self.newest, 1)), ())
        else:
            plan = (top, ((self.connection, 1), (self.funnel, 1)), ((self.environment, 1),), ((self.newest, 1),))
        for row, cards in zip(self._rows, plan, strict=True):
            for card, stretch in cards:
                row.addWidget(card, stretch)
        for number in range(len(plan)):
            self._column.setStretch(number, int(number == (2 if wide else 3)))
        self.environment.set_columns(3 if wide else 2)
        self.newest.set_roomy(not wide and self.presenter.desk.onboarding is not None)

    @Slot(object)
    def _on_pool(self, state: ViewState) -> None:
        if isinstance(state, Ready) and isinstance(state.value, PoolSnapshot):
            self.pool.show_state(state, pool_facts(state.value))
            self.newest.set_validity(state.value.password_policy.temporary_days, self.presenter.desk.now())
        else:
            self.pool.show_state(state)

    @Slot(object)
    def _on_client(self, state: ViewState) -> None:
        if isinstance(state, Ready) and isinstance(state.value, ClientSnapshot):
            self.client.show_state(state, client_facts(state.value))
        else:
            self.client.show_state(state)

    @Slot(object)
    def _on_setup(self, state: ViewState) -> None:
        if isinstance(state, Ready) and isinstance(state.value, Setup):
            self.environment.show_report(state.value.environment)
        self.connection.show_state(state)

    @Slot(bool)
    def _on_variables(self, shown: bool) -> None:
        self.environment.setVisible(shown)

    @Slot(object)
    def _on_figures(self, figures: Figures) -> None:
        self.funnel.show_figures(figures)

    @Slot(object)
    def _on_test(self, test: ProbeState) -> None:
        self.connection.show_test(test)
        disable(self._test, tr("A test is under way.") if test.running else None)

    @Slot(object)
    def _on_status(self, status: str) -> None:
        self._context.navigate.emit("onboarding", {"status": status})

    @Slot(str)
    def _on_person(self, username: str) -> None:
        self._context.navigate.emit("users", {"username": username})

    @Slot()
    def _on_copy(self) -> None:
        presenter = self.presenter
        known = Known(
            connection=presenter.desk.connection,
            at=presenter.desk.now(),
            pool=presenter.pool,
            client=presenter.client,
            setup=presenter.setup,
            funnel=presenter.funnel,
            figures=presenter.figures(),
            test=presenter.test.state,
        )
        QGuiApplication.clipboard().setText(report(known))
        self._context.toast(tr("The report is on the clipboard."))
