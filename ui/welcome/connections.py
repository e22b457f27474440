"""The connections, one press from open; above them what needs an eye, below them the way into the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError
from ui.context import Context
from ui.text import tr
from ui.view_state import Ready, ViewState
from ui.welcome.presenter import Entrance, WelcomePresenter
from ui.welcome.row import ConnectionRow
from ui.widgets.banner import Banner
from ui.widgets.buttons import button
from ui.widgets.cards import Card, scrolling
from ui.widgets.labels import label, line
from ui.widgets.states import StateView

if TYPE_CHECKING:
    from app.connections import Connection
    from app.launcher import Launcher
    from ui.welcome.dialog import ConnectionDialog

_WIDTH = 720


class ConnectionsView(QWidget):
    """Emits what is to be opened."""

    demo_requested = Signal()
    open_requested = Signal(object)  # Connection

    def __init__(self, context: Context, launcher: Launcher, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._launcher = launcher
        self._presenter = WelcomePresenter(context, launcher, self)
        self._removing: Connection | None = None
        self._rows: list[QWidget] = []
        self._unread = Banner()
        self._unread.retry_requested.connect(self.reload)
        self._remarks = Banner()
        self._none = label(
            tr("None yet. Add your user pool with its ID and AWS credentials, or look around in the demo first."),
            "muted",
            wrap=True,
        )
        self._none.setContentsMargins(16, 4, 16, 16)
        self._saved = self._make_saved()
        column_box = QWidget()
        column_box.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(column_box)
        column.setContentsMargins(0, 40, 0, 24)
        column.setSpacing(16)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(label(tr("Choose a connection"), "title"))
        head.addWidget(label(tr("A connection is one Amazon Cognito user pool and the database beside it."), "muted"))
        column.addLayout(head)
        for part in (self._unread, self._remarks, self._saved, self._make_demo()):
            column.addWidget(part)
        column.addStretch(1)
        content = QWidget()
        centred = QHBoxLayout(content)
        centred.setContentsMargins(24, 0, 24, 0)
        centred.addStretch(1)
        centred.addWidget(column_box, 100)
        centred.addStretch(1)
        self._states = StateView(scrolling(content, tr("Connections")))
        self._states.retry_requested.connect(self.reload)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._states)
        self._presenter.state_changed.connect(self._on_state)
        self._presenter.remove_failed.connect(self._on_remove_failed)
        self.reload()

    @Slot()
    def reload(self) -> None:
        """Read the connections again."""
        self._presenter.load()

    @Slot(object)
    def edit(self, connection: Connection | None) -> ConnectionDialog:
        """Open the form for a new connection, or for one to change."""
        from ui.welcome.dialog import ConnectionDialog
        from ui.welcome.trial import Trial

        dialog = ConnectionDialog(self._presenter, Trial(self._context, self._launcher), connection, self)
        dialog.open()
        return dialog

    def _make_saved(self) -> Card:
        add = button(tr("New connection…"), "primary", icon="plus")
        add.clicked.connect(self._on_add)
        self.setFocusProxy(add)
        card = Card(tr("Connections"), flush=True)
        card.add_head(add)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        card.add(self._none)
        card.add(self._list)
        return card

    def _make_demo(self) -> Card:
        explore = button(tr("Explore the demo"), icon="play")
        explore.clicked.connect(self.demo_requested)
        card = Card(tr("New here?"))
        words = label(
            tr(
                "The demo is a complete workspace on this computer: an emulated user pool, a real database and "
                "invented people with the problems that support meets. It needs no AWS account."
            ),
            "muted",
            wrap=True,
        )
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(words, 1)
        row.addWidget(explore)
        card.add(row)
        return card

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self._states.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, Entrance):
            self._fill(state.value)

    def _fill(self, entrance: Entrance) -> None:
        for old in self._rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows.clear()
        for connection in entrance.connections:
            row = ConnectionRow(connection)
            row.open_requested.connect(self.open_requested)
            row.edit_requested.connect(self.edit)
            row.remove_requested.connect(self._on_remove)
            for part in (line(), row):
                self._list.addWidget(part)
                self._rows.append(part)
        self._none.setVisible(not entrance.connections and entrance.unread is None)
        self._unread.hide()
        if entrance.unread is not None:
            self._unread.show_error(entrance.unread)
        self._remarks.hide()
        if entrance.remarks:
            tone = "warn" if len(entrance.remarks) > len(entrance.environment.notes) else "info"
            self._remarks.show_message(
                tr("Worth a look"), "\n".join(f"• {remark}" for remark in entrance.remarks), tone
            )

    @Slot()
    def _on_add(self) -> None:
        self.edit(None)

    @Slot(object)
    def _on_remove(self, connection: Connection) -> None:
        from ui.widgets.dialogs import ConfirmDialog

        self._removing = connection
        dialog = ConfirmDialog(
            tr("Remove the connection {name}?", name=connection.name),
            "",
            tr("Remove"),
            consequences=[
                tr("Its access keys and its database password are deleted from the keyring."),
                tr("The user pool and the database themselves are not touched."),
            ],
            dangerous=True,
            parent=self,
        )
        dialog.confirmed.connect(self._on_remove_confirmed)
        dialog.open()

    @Slot()
    def _on_remove_confirmed(self) -> None:
        if self._removing is not None:
            self._presenter.remove(self._removing)
            self._removing = None

    @Slot(object)
    def _on_remove_failed(self, error: AppError) -> None:
        from ui.widgets.dialogs import show_error

        show_error(self, error)
