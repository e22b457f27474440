"""Looks for new messages now and then: they are put into the outbox by the emulator's own threads. No widget here."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.demo.outbox import Message, Outbox
from ui.context import Change, Context, Topic

_LOOK_MS = 500


class OutboxPresenter(QObject):
    """Owns the messages as last seen, newest first."""

    messages_changed = Signal(object)  # list[Message]

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        assert context.desk.outbox is not None
        self._outbox: Outbox = context.desk.outbox
        self._messages: list[Message] = []
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        context.changed.connect(self._on_change)

    @property
    def messages(self) -> list[Message]:
        """The messages as last seen, newest first."""
        return self._messages

    @Slot()
    def look(self) -> None:
        """See whether there are new messages. In memory, well under a millisecond."""
        messages = self._outbox.messages()
        if messages != self._messages:
            self._messages = messages
            self.messages_changed.emit(messages)

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic in (Topic.USERS, Topic.OUTBOX):
            self.look()
