"""The database's own page: the server, the columns and rights that are there or missing, and how changes are learnt."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.onboarding.live import LiveMode, LiveState, index_sql, trigger_sql
from app.onboarding.schema import OPTIONAL, REQUIRED, SchemaReport
from ui.context import Context
from ui.tabs.onboarding.database import DatabasePresenter, DatabaseReport
from ui.tabs.onboarding.live import live_badge
from ui.text import milliseconds, tr
from ui.view_state import Ready, ViewState
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.buttons import button
from ui.widgets.cards import Card, scrolling
from ui.widgets.keyvalues import KeyValues
from ui.widgets.labels import label
from ui.widgets.sql_box import SqlBox
from ui.widgets.states import StateView

_TRIGGER = (
    "To be told at once instead of asking, the owner of the table can install this trigger. It sends one message for "
    "each statement that changes rows, with their ids and nothing else. The Desk never installs it; once it is there, "
    "it is found within half a minute."
)
_INDEX = (
    "No index begins with updated_at, so that each question reads the whole table. This one makes it cheap, and does "
    "not lock the table while it is built."
)


class DatabasePage(QWidget):
    """Four cards; each statement is shown for the person who may run it."""

    def __init__(self, context: Context, presenter: DatabasePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._desk = context.desk
        self._server = Card(tr("Server"))
        self._again = button(tr("Look again"), icon="refresh")
        self._again.clicked.connect(presenter.load)
        self._facts = KeyValues(name_width=96)
        self._server.add(self._facts)
        self._server.body.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(self._again)
        foot.addStretch(1)
        self._server.add(foot)
        self._table = Card(tr("Table auth.users"))
        self._columns = BadgeLabel(Badge(""))
        self._column_words = label("", wrap=True)
        self._column_sql = SqlBox(tr("Statement that adds what is missing"))
        self._fill(self._table, self._columns, self._column_words, self._column_sql)
        self._rights = Card(tr("Rights"))
        self._granted = BadgeLabel(Badge(""))
        self._right_words = label("", wrap=True)
        self._right_sql = SqlBox(tr("Statement that grants what is missing"))
        self._fill(self._rights, self._granted, self._right_words, self._right_sql)
        self._live = Card(tr("Changes by others"))
        self._mode = BadgeLabel(Badge(""))
        self._live_words = label("", wrap=True)
        self._index_sql = SqlBox(tr("Statement that makes the index"))
        self._trigger_sql = SqlBox(tr("Statements that install the trigger"))
        self._fill(self._live, self._mode, self._live_words, self._index_sql, self._trigger_sql)
        self._lay_out()
        presenter.state_changed.connect(self._on_state)
        self.states.retry_requested.connect(presenter.load)
        self.show_live()

    def show_live(self) -> None:
        """How changes by others are learnt now."""
        live = self._desk.live
        state = live.state if live is not None else LiveState()
        badge = live_badge(state)
        self._mode.set_badge(badge)
        self._live_words.setText(badge.hint)
        polling = state.mode is LiveMode.POLLING
        offered = polling or state.mode is LiveMode.COMPARING
        self._index_sql.show_sql(tr(_INDEX), index_sql() if polling and not state.indexed else "")
        self._trigger_sql.show_sql(tr(_TRIGGER), trigger_sql() if offered and not state.deaf else "")

    def _fill(self, card: Card, badge: BadgeLabel, *parts: QWidget) -> None:
        row = QHBoxLayout()
        row.addWidget(badge)
        row.addStretch(1)
        card.add(row)
        for part in parts:
            card.add(part)
        card.body.addStretch(1)

    def _lay_out(self) -> None:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(12)
        grid.addWidget(self._server, 0, 0)
        grid.addWidget(self._table, 0, 1)
        grid.addWidget(self._rights, 1, 0)
        grid.addWidget(self._live, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 1)
        self.states = StateView(scrolling(body, tr("Database")))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.states)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self.states.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, DatabaseReport):
            self._show(state.value)

    def _show(self, report: DatabaseReport) -> None:
        address = self._desk.connection.database
        self._facts.clear()
        self._facts.add(tr("Version"), f"PostgreSQL {report.server.version}")
        if address is not None:
            self._facts.add(tr("Host"), address.host)
            self._facts.add(tr("Database"), address.name)
            self._facts.add(tr("User"), address.user)
            self._facts.add(tr("SSL mode"), address.sslmode)
        self._facts.add(tr("Round trip"), milliseconds(report.server.milliseconds))
        self._columns.set_badge(columns_badge(report.schema))
        self._column_words.setText(columns_words(report.schema))
        words = tr("For the owner of the table. Nothing is run from here.")
        self._column_sql.show_sql(words, report.schema.sql)
        self._granted.set_badge(rights_badge(report.schema))
        self._right_words.setText(rights_words(report.schema))
        self._right_sql.show_sql(words, report.schema.grants)


def columns_badge(schema: SchemaReport) -> Badge:
    """Whether the table has what is needed."""
    if _no_table(schema):
        return Badge(tr("no such table"), Tone.BAD)
    if schema.missing_required:
        return Badge(tr("columns are missing"), Tone.BAD)
    if schema.missing_optional or schema.unknown_statuses:
        return Badge(tr("usable"), Tone.WARN)
    return Badge(tr("complete"), Tone.OK)


def columns_words(schema: SchemaReport) -> str:
    """What is missing, and what follows from it."""
    said = []
    if _no_table(schema):
        return tr("There is no table auth.users that this user can see. Onboarding works once there is one.")
    if schema.missing_required:
        said.append(tr("Onboarding cannot work without {names}.", names=", ".join(schema.missing_required)))
    if schema.missing_optional:
        names = ", ".join(schema.missing_optional)
        said.append(tr("Missing, and done without: {names}.", names=names))
    if schema.unknown_statuses:
        names = ", ".join(schema.unknown_statuses)
        said.append(tr("Rows of other statuses than the eight are not shown: {names}.", names=names))
    if not said:
        said.append(tr("All {n} columns that the Desk knows are there.", n=len(REQUIRED) + len(OPTIONAL)))
    return " ".join(said)


def rights_badge(schema: SchemaReport) -> Badge:
    """Whether the database user may do what is needed."""
    if _no_table(schema):
        return Badge(tr("not known"), Tone.NEUTRAL)
    if not schema.readable:
        return Badge(tr("may not look"), Tone.BAD)
    if schema.frozen is not None:
        return Badge(tr("look only"), Tone.WARN)
    return Badge(tr("some are missing"), Tone.WARN) if schema.missing_grants else Badge(tr("sufficient"), Tone.OK)


def rights_words(schema: SchemaReport) -> str:
    """What the database user may not do."""
    if _no_table(schema):
        return tr("There is no table to have rights on.")
    said = [schema.frozen] if schema.frozen is not None else []
    said += [tr("Missing: {names}.", names=each) for each in schema.missing_grants]
    if not said:
        said.append(tr("The user may look, insert, and update the columns that a step sets. It needs no more."))
    return "\n".join(said)


def _no_table(schema: SchemaReport) -> bool:
    return len(schema.missing_required) == len(REQUIRED)
