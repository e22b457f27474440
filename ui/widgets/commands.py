"""Menus and buttons made of UserCommands: one QAction per command serves them all, enabled or not, and says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from ui import icons
from ui.actions import UserCommand
from ui.text import tr
from ui.widgets.buttons import button


class CommandSet(QObject):
    """The commands of one view. `triggered(id)` tells which was chosen, wherever it was chosen."""

    triggered = Signal(str)

    def __init__(self, commands: Iterable[UserCommand], owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._commands = {command.id: command for command in commands}
        self._actions: dict[str, QAction] = {}
        self._buttons: dict[str, QPushButton] = {}
        self._told: dict[str, str | None] = {}  # "": nothing yet
        for command in self._commands.values():
            action = QAction(tr(command.text), self)
            action.setObjectName(command.id)
            if command.icon:
                icons.assign(action, command.icon, "bad" if command.dangerous else "text", 16)
            if command.shortcut:
                action.setShortcut(QKeySequence(command.shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(self._on_triggered)
            owner.addAction(action)
            self._actions[command.id] = action

    def ids(self) -> list[str]:
        """The ids of the commands, in their order."""
        return list(self._commands)

    def action(self, command_id: str) -> QAction:
        """The QAction of a command."""
        return self._actions[command_id]

    def refresh(
        self, why_not: Callable[[UserCommand], str | None], hint: Callable[[UserCommand], str] | None = None
    ) -> None:
        """Ask for each command why it cannot be done now; None enables it, and then `hint` says what it costs."""
        for command in self._commands.values():
            why = why_not(command)
            if self._told.get(command.id, "") == why:
                continue  # to tell Qt what it knows costs as much as news
            self._told[command.id] = why
            action = self._actions[command.id]
            action.setEnabled(why is None)
            words = why or (hint(command) if hint is not None else "")
            action.setToolTip(words)
            action.setStatusTip(words)
            made = self._buttons.get(command.id)
            if made is not None:
                made.setEnabled(why is None)
                made.setToolTip(why or _shortcut_hint(command))
                made.setAccessibleDescription(why or "")

    def menu(self, groups: Sequence[Sequence[str]], parent: QWidget | None = None) -> QMenu:
        """A menu of the commands, a line between the groups; disabled ones say why in their tooltip."""
        made = QMenu(parent or self._owner)
        made.setToolTipsVisible(True)
        for number, group in enumerate(groups):
            if number:
                made.addSeparator()
            for command_id in group:
                made.addAction(self._actions[command_id])
        return made

    def button(self, command_id: str, kind: str = "") -> QPushButton:
        """A button for a command. One per command and set."""
        command = self._commands[command_id]
        made = button(tr(command.text), kind or ("danger" if command.dangerous else ""), hint=_shortcut_hint(command))
        made.setObjectName(command.id)
        made.clicked.connect(self._on_triggered)
        self._buttons[command_id] = made
        self._told.pop(command_id, None)  # the next refresh tells the button too
        return made

    @Slot()
    def _on_triggered(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.triggered.emit(sender.objectName())


def _shortcut_hint(command: UserCommand) -> str:
    return QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText) if command.shortcut else ""
