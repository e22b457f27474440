"""The messages at the left, the chosen one at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.demo.outbox import Message
from ui.context import Context
from ui.tabs.outbox.presenter import OutboxPresenter
from ui.text import clock, count, exact, tr, when
from ui.view_state import Empty, Ready
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card, PageHead, scrolling
from ui.widgets.keyvalues import KeyValues
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable
from ui.widgets.states import StateView

_SUBJECT = 3  # column
_ROOMY = 1100  # pixels of the tab's own width


class OutboxView(QWidget):
    """The tab."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = OutboxPresenter(context, self)
        self._head = PageHead(tr("Outbox"))
        self._table: RowTable[Message] = RowTable(
            tr("Messages"),
            [
                Column(tr("Sent"), lambda m: clock(m.at), 90, hint=lambda m: exact(m.at)),
                Column(tr("To"), lambda m: m.to, 0),
                Column(tr("Kind"), _kind, 140),
                Column(tr("Subject"), lambda m: m.subject, 210, muted=True),
            ],
            key=lambda m: (m.at, m.to, m.kind),
        )
        self._table.chosen.connect(self._on_chosen)
        self._states = StateView(self._table)
        messages = Card(flush=True)
        messages.add(self._states, 1)

        self._facts = KeyValues(name_width=72)
        self._body = label("", wrap=True, selectable=True)
        self._body.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._copy = button(tr("Copy code"), icon="copy")
        self._copy.clicked.connect(self._on_copy)
        self._shown: Message | None = None
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._facts)
        column.addWidget(self._body, 1)
        self._reading = Card(tr("Message"))
        self._reading.add_head(self._copy)
        self._reading.add(scrolling(inside, tr("The message")), 1)

        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(12)
        split.addWidget(messages)
        split.addWidget(self._reading)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([720, 440])
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 16, 16, 16)
        page.setSpacing(12)
        page.addWidget(self._head)
        page.addWidget(split, 1)

        self._presenter.messages_changed.connect(self._on_messages)
        self._on_chosen(None)
        self._on_messages(self._presenter.messages)
        self._presenter.look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The kind says as much, and the subject is beside the list.
        self._table.setColumnHidden(_SUBJECT, self.width() < _ROOMY)

    @Slot(object)
    def _on_messages(self, messages: list[Message]) -> None:
        self._head.set_note(tr("{n}; nothing leaves this computer", n=count(len(messages), "message", "messages")))
        if not messages:
            hint = tr("Invitations, codes and reset emails of the demo appear here.")
            self._states.show_state(Empty(tr("Nothing sent yet"), hint, icon="mail"))
            return
        self._states.show_state(Ready())
        self._table.set_rows(messages)
        if not self._table.selected():
            self._table.selectRow(0)

    @Slot(object)
    def _on_chosen(self, message: Message | None) -> None:
        if message is not None and message == self._shown:
            return  # what is being read or marked stays as it is
        self._shown = message
        self._facts.clear()
        self._body.setText("" if message is None else message.body)
        disable(self._copy, tr("This message carries no code.") if message is None or not message.code else None)
        if message is None:
            self._facts.hide()
            return
        self._facts.show()
        self._facts.add(tr("To"), message.to)
        self._facts.add(tr("Sent"), when(message.at), hint=exact(message.at))
        self._facts.add(tr("Subject"), message.subject)

    @Slot()
    def _on_copy(self) -> None:
        if self._shown is not None and self._shown.code:
            QGuiApplication.clipboard().setText(self._shown.code)
            self._context.toast(tr("Copied."))


def _kind(message: Message) -> str:
    return tr(message.kind.value.replace("_", " "))
