"""One connection in the list: its environment, its name and place, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.shell.chip import ENVIRONMENTS
from ui.text import tr
from ui.widgets.badge import BadgeLabel, badge_size
from ui.widgets.buttons import button, icon_button
from ui.widgets.labels import ElidedLabel, label

if TYPE_CHECKING:
    from app.connections import Connection


class ConnectionRow(QFrame):
    """Open, by its button or a double click; Edit and Remove for those that were saved here."""

    open_requested = Signal(object)  # Connection
    edit_requested = Signal(object)  # Connection
    remove_requested = Signal(object)  # Connection

    def __init__(self, connection: Connection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connection = connection
        name = connection.name
        self.setAccessibleName(name)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(ElidedLabel(name, "heading"))
        words.addWidget(ElidedLabel(place(connection), "muted"))
        pill = BadgeLabel(ENVIRONMENTS[connection.environment])
        column = QWidget()
        # As wide as the widest pill: the names stand below each other.
        column.setFixedWidth(max(badge_size(badge).width() for badge in ENVIRONMENTS.values()))
        inside = QHBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(pill)
        inside.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(12)
        row.addWidget(column)
        row.addLayout(words, 1)
        if connection.read_only_origin == "saved":
            edit = icon_button("edit", tr("Edit {name}", name=name))
            edit.clicked.connect(self._on_edit)
            remove = icon_button("trash", tr("Remove {name}", name=name))
            remove.clicked.connect(self._on_remove)
            tools = QHBoxLayout()
            tools.setSpacing(4)
            tools.addWidget(edit)
            tools.addWidget(remove)
            row.addLayout(tools)
        else:
            note = label(tr("environment variables"), "small")
            note.setToolTip(tr("Made by this computer's environment variables: change it there."))
            row.addWidget(note)
        opens = button(tr("Open"))
        opens.setAccessibleName(tr("Open {name}", name=name))
        opens.clicked.connect(self._on_open)
        row.addWidget(opens)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._on_open()

    @Slot()
    def _on_open(self) -> None:
        self.open_requested.emit(self._connection)

    @Slot()
    def _on_edit(self) -> None:
        self.edit_requested.emit(self._connection)

    @Slot()
    def _on_remove(self) -> None:
        self.remove_requested.emit(self._connection)


def place(connection: Connection) -> str:
    """Where it is: pool (which names its Region), whether there is a database, and an endpoint of its own."""
    parts = [connection.pool_id, tr("with database") if connection.database is not None else tr("no database")]
    if connection.endpoint:
        parts.append(connection.endpoint.partition("://")[2])
    return " · ".join(parts)
