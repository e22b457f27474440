"""The Users tab: counts at the left, the table in the middle, the person at the right."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.directory.models import User
from app.directory.query import Has, Query, exchange, show, toggle
from app.directory.selection import Selection
from app.directory.tempo import Pace
from app.directory.users import PAGE_LIMIT
from app.errors import AppError
from app.pool.models import PoolSnapshot
from app.reach import Search
from ui.context import Context
from ui.tabs.users.actions import Attempt, UserActions
from ui.tabs.users.arranging import Arranging
from ui.tabs.users.body import UsersBody
from ui.tabs.users.chip import SearchChip
from ui.tabs.users.choosing import Choosing
from ui.tabs.users.commands import UserCommands
from ui.tabs.users.facets import FacetColumn
from ui.tabs.users.listing import Listing
from ui.tabs.users.lookups import Lookups
from ui.tabs.users.mistake import MistakeLine
from ui.tabs.users.pane import NOBODY, PersonPane
from ui.tabs.users.person import Person
from ui.tabs.users.person_presenter import PersonPresenter
from ui.tabs.users.presenter import UsersPresenter
from ui.tabs.users.server_line import ServerLine, load_question
from ui.tabs.users.tempo_bar import TempoBar
from ui.tabs.users.whole import WholeList
from ui.text import tr
from ui.view_state import Empty, Loading, ViewState
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.cards import PageHead
from ui.widgets.states import StateView
from ui.widgets.table import UserTable


class UsersView(QWidget):
    """Puts presenters and widgets together; holds no state but whom to select next."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._wanted = ""  # to be selected as soon as the table shows them
        self.presenter = UsersPresenter(context, self)
        self.people = PersonPresenter(context, self)
        self.actions_ = UserActions(context, self)
        self.commands = UserCommands(context, self.actions_, self)
        self.lookups = Lookups(context, self)
        self.whole = WholeList(context, self._listed, self._chosen, self._searched, self)
        self._head = PageHead(tr("Users"))
        self._chip = SearchChip()
        self._mistake = MistakeLine()
        self._refresh = button(tr("Refresh"), icon="refresh", hint=tr("Read everybody again (F5)"))
        self._tempo = TempoBar()
        self._server = ServerLine()
        self.facets = FacetColumn()
        self.table = UserTable()
        self.table.placeholder = ""
        self.states = StateView(self.table)
        self._database = Banner()
        self.pane = PersonPane(self.commands.menu(self), self.commands.why_not, self._desk.now, self.lookups)
        self._context_menu = self.commands.menu(self)
        self.choosing = Choosing(context, self.table, self)
        self.choosing.bar.add(button(tr("Actions"), menu=self.commands.menu(self)))
        self._lay_out()
        self._connect()
        self.arranging = Arranging(context, self.table, self)
        self.whole.columns_wanted.connect(self.arranging.open_dialog)
        self.whole.asking.groups_read.connect(self.arranging.show_groups)
        self.whole.asking.busy_changed.connect(self._on_asking)
        self.whole.compare_wanted.connect(self.choosing.compare)
        self.setFocusProxy(self.table)
        self._chip.show_search(self.presenter.text)
        self.body.show_search(self.presenter.text)
        self._mistake.show_mistake(self.presenter.mistake)
        self._tempo.show_full_speed(self._desk.people.listing.tempo.full_speed)
        self.presenter.open()

    def open_at(self, payload: object) -> None:
        """Go to what is asked for: {"search": text} or {"username": name}."""
        if not isinstance(payload, dict):
            return
        if "search" in payload:
            self._context.set_search(str(payload["search"]))
        if payload.get("username"):
            self._reveal(str(payload["username"]))

    def _listed(self) -> Listing | None:
        return self.presenter.listing

    def _searched(self) -> Search | None:
        return self.presenter.server.search

    def _chosen(self) -> tuple[Selection, int]:
        return self.table.selection(), self.table.count_chosen()

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        inner = QVBoxLayout(card)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.setSpacing(0)
        inner.addWidget(self.states, 1)
        inner.addWidget(self.choosing.bar)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._database)
        column.addWidget(card, 1)
        self.body = UsersBody(self.facets, middle, self.pane)
        self._head.add(self._chip)
        self._head.add(self._tempo)
        for each in (
            self.body.button,
            self._refresh,
            self.whole.button,
            self.commands.set.button("user.new", "primary"),
        ):
            self._head.add(each)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addWidget(self._head)
        outer.addWidget(self._mistake)
        outer.addWidget(self._server)
        outer.addWidget(self.body, 1)

    def _connect(self) -> None:
        presenter, people, actions = self.presenter, self.people, self.actions_
        presenter.find_again(self.table.kept)
        presenter.state_changed.connect(self._on_state)
        presenter.listing_changed.connect(self._on_listing)
        presenter.summary_changed.connect(self._head.set_note)
        presenter.search_changed.connect(self._chip.show_search)
        presenter.search_changed.connect(self.body.show_search)
        presenter.mistake_changed.connect(self._mistake.show_mistake)
        self.facets.chosen.connect(self._on_facet)
        presenter.loading_changed.connect(self._refresh.setDisabled)
        presenter.pace_changed.connect(self._on_pace)
        presenter.full_speed_changed.connect(self._tempo.show_full_speed)
        self._tempo.pause_requested.connect(presenter.pause)
        self._tempo.stop_requested.connect(presenter.stop)
        self._tempo.full_speed_requested.connect(presenter.set_full_speed)
        presenter.server_changed.connect(self._on_server)
        self._server.everything_requested.connect(self._ask_everybody)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        presenter.pool_changed.connect(self._on_pool)
        presenter.database_changed.connect(self._on_database)
        people.person_changed.connect(self._on_person)
        people.reading_changed.connect(self.pane.show_reading)
        people.failed.connect(self.pane.show_error)
        people.gone.connect(self._on_gone_from_pool)
        actions.changed.connect(self._on_changed)
        actions.gone.connect(self._on_gone)
        actions.failed.connect(self._on_failed)
        actions.busy_changed.connect(self._on_busy)
        self.commands.created.connect(self._reveal)
        self._refresh.clicked.connect(self.reload)
        self._chip.cleared.connect(self._clear_search)
        self._database.retry_requested.connect(presenter.join_database_again)
        self.states.retry_requested.connect(presenter.load)
        self.states.action_requested.connect(self._on_remedy)
        self.table.selected.connect(self._on_selected)
        self.table.choice_changed.connect(self._on_choice)
        self.table.opened.connect(self._on_opened)
        self.table.sort_changed.connect(presenter.order_by)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_context_menu)
        self.pane.command_requested.connect(self.commands.run)
        self.pane.removal_requested.connect(self.commands.leave_group)
        self.pane.end_requested.connect(self.commands.end_session)
        self.pane.forget_requested.connect(self.commands.forget_device)
        self.pane.unlink_requested.connect(self.commands.unlink)
        actions.touched.connect(self._on_touched)
        self.pane.cognito_requested.connect(people.ask_cognito)
        self.pane.retry_requested.connect(people.read)
        for keys, slot, owner in (
            (QKeySequence(QKeySequence.StandardKey.Refresh), self.reload, self),
            (QKeySequence(Qt.Key.Key_Escape), self._leave_pane, self.pane),
        ):
            shortcut = QShortcut(keys, owner)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    @Slot()
    def reload(self) -> None:
        """Read everybody again, and the person who is shown."""
        self.presenter.load()
        self.people.read()

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        if isinstance(state, Empty) and self.presenter.remedy == "groups" and self.whole.asking.reading_groups:
            state = Loading(tr("Reading groups…"))
        self.states.show_state(state)

    @Slot()
    def _on_asking(self) -> None:
        self._on_state(self.presenter.state)

    @Slot(object)
    def _on_pace(self, pace: Pace | None) -> None:
        self._refresh.setVisible(pace is None)  # one or the other: both would crowd the head
        self._tempo.show_pace(pace)

    @Slot(object)
    def _on_listing(self, listing: Listing) -> None:
        server = self.presenter.server
        # Those whom a server search has found are all that there are here, whatever was searched for.
        self.table.set_view(listing.view, "" if server.active else listing.text, listing.found)
        self.facets.show_facets(server.facets if server.active else listing.facets)
        self.whole.refresh()
        self.choosing.show_search(listing.text)
        if self._wanted and self.table.select(self._wanted):
            self._wanted = ""
        self._take_row()

    @Slot()
    def _on_server(self) -> None:
        self._server.show_search(self.presenter.server)

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        bar = self.table.verticalScrollBar()
        if self.presenter.server.active and value > bar.maximum() - bar.pageStep():
            self.presenter.server.more()

    @Slot()
    def _ask_everybody(self) -> None:
        rate = self._desk.usage().limit * PAGE_LIMIT
        question = load_question(self.presenter.server.size, rate, self)
        question.confirmed.connect(self.presenter.load_everybody)
        question.open()

    @Slot(object)
    def _on_selected(self, username: str | None) -> None:
        if username is not None:
            self._take_row()
        elif self.people.person is not None:
            self.pane.say(tr(NOBODY))
            self.people.select(None)

    def _take_row(self) -> None:
        index = self.table.currentIndex()
        row = self.table.user_model.row(index.row()) if index.isValid() else None
        if row is not None:
            self.people.select(row)

    @Slot()
    def _on_choice(self) -> None:
        self.commands.set_chosen(*self._chosen())

    @Slot(str)
    def _on_opened(self, username: str) -> None:
        self.pane.focus_person()

    @Slot()
    def _leave_pane(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(QPoint)
    def _on_context_menu(self, at: QPoint) -> None:
        if self.table.currentIndex().isValid():
            self._context_menu.popup(self.table.viewport().mapToGlobal(at))

    @Slot(object)
    def _on_pool(self, pool: PoolSnapshot) -> None:
        self.people.set_pool(pool)
        self.arranging.set_pool(pool)
        self.actions_.set_pool(pool)
        self.table.set_temporary_password_validity(pool.password_policy.temporary_days)

    @Slot(object)
    def _on_database(self, error: AppError | None) -> None:
        if error is None:
            self._database.hide()
        else:
            self._database.show_error(error)

    @Slot(object)
    def _on_person(self, person: Person | None) -> None:
        self.commands.set_person(person)
        self.pane.show_person(person)
        if person is not None and person.complete:
            self.pane.hide_error()

    @Slot(str)
    def _on_busy(self, name: str) -> None:
        # What is under way cannot be asked for twice: buttons and menus look again.
        self._on_person(self.people.person)
        self.pane.show_reading(bool(name))

    @Slot(object)
    def _on_changed(self, user: User) -> None:
        self.people.update(user)

    @Slot(str)
    def _on_touched(self, username: str) -> None:
        self.lookups.touch(username)
        person = self.people.person
        if person is not None and person.user.username == username:
            self.people.read()  # the database may have changed although the list does not show it

    @Slot(str, str)
    def _on_gone(self, username: str, words: str) -> None:
        if words:
            self._context.toast(words, "warn")
        person = self.people.person
        if person is not None and person.user.username == username:
            self.pane.say(words or tr(NOBODY))
            self.people.select(None)

    @Slot(str)
    def _on_gone_from_pool(self, who: str) -> None:
        words = tr("{who} is no longer in the pool: somebody else deleted them.", who=who)
        self.pane.say(words)
        self._context.toast(words, "warn")

    @Slot(object, object)
    def _on_failed(self, attempt: Attempt, error: AppError) -> None:
        person = self.people.person
        if person is not None and person.user.username == attempt.username:
            self.people.read()  # what is true now, also where nobody knows whether it was done

    @Slot(str, str, bool)
    def _on_facet(self, field: str, value: str, negated: bool) -> None:
        change = exchange if field == "created" else toggle
        self._context.set_search(change(self._context.search, field, value, negated=negated))

    @Slot()
    def _clear_search(self) -> None:
        self._context.set_search("")
        self.presenter.search("")

    @Slot()
    def _on_remedy(self) -> None:
        if not isinstance(self.presenter.state, Empty):
            return
        match self.presenter.remedy:
            case "load":
                self.presenter.load()
            case "clear":
                self._clear_search()
            case "everything":
                self._ask_everybody()
            case "groups":
                self.whole.asking.read_groups()
            case _:
                self.commands.run("user.new")

    @Slot(str)
    def _reveal(self, username: str) -> None:
        """Select somebody, now or when the table shows them; a search that hides them gives way."""
        self._wanted = username
        if self.table.select(username):
            self._wanted = ""
        elif self.presenter.server.active:
            self._context.set_search(show(Query((Has("username", username),))))
        else:
            self._clear_search()
