"""What can be done with the chosen people, and the asking before it: one set of commands for buttons, menu and keys."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.errors import AppError
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.work import Work
from ui.actions import UserCommand
from ui.context import Context
from ui.dialogs.bulk.window import BulkDialog
from ui.tabs.onboarding import wording
from ui.tabs.onboarding.bulk import StepOrder
from ui.tabs.onboarding.moves import Moves
from ui.tabs.onboarding.wording import COPY, OPEN, Question, edge_of
from ui.text import number, tr
from ui.widgets.commands import CommandSet
from ui.widgets.dialogs import ConfirmDialog, show_error
from ui.widgets.table import AT_ONCE

_GROUPS = (
    (OPEN, COPY),
    ("onboarding.approve", "onboarding.reject", "onboarding.reopen"),
    ("onboarding.confirm_email", "onboarding.enrol_mfa", "onboarding.subscribe"),
    ("onboarding.suspend", "onboarding.resume", "onboarding.disable", "onboarding.enable"),
)


class OnboardingCommands(QObject):
    """Belongs to the view: it opens dialogs over it. Knows who is chosen."""

    open_requested = Signal(object)  # DatabaseUser

    def __init__(self, context: Context, moves: Moves, owner: QWidget) -> None:
        super().__init__(owner)
        self._context = context
        self._moves = moves
        self._owner = owner
        self._people: tuple[DatabaseUser, ...] = ()
        self._buttons: dict[str, QPushButton] = {}
        self.set = CommandSet(wording.commands(), owner)
        self.set.triggered.connect(self._on_triggered)
        moves.failed.connect(self._on_failed)
        moves.busy_changed.connect(self.refresh)
        self.refresh()

    def menu(self, parent: QWidget) -> QMenu:
        """A menu of all of it."""
        return self.set.menu(_GROUPS, parent)

    def button(self, command_id: str, kind: str = "") -> QPushButton:
        """The button of a command; once for each."""
        made = self.set.button(command_id, kind)
        self._buttons[command_id] = made
        return made

    def set_people(self, people: tuple[DatabaseUser, ...]) -> None:
        """Others are chosen, or the same were read anew."""
        self._people = people
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask again what can be done now."""
        for each in wording.commands():
            if each.multiple and each.id != COPY:
                words = self._words(each)
                self.set.action(each.id).setText(words)
                if each.id in self._buttons:
                    self._buttons[each.id].setText(words)
        self.set.refresh(self._why_not)

    def ask(self, question: Question, answer: _Pending) -> None:
        """Ask, and take the step if the answer is yes."""
        dialog = ConfirmDialog(
            question.title,
            "",
            question.button,
            consequences=question.points,
            dangerous=question.dangerous,
            reason=wording.reason_prompt() if answer.edge in wording.REASONED else "",
            parent=self._owner,
        )
        answer.belong_to(dialog)
        dialog.confirmed.connect(answer.on_confirmed)
        dialog.open()

    def perform(self, edge: Edge, people: tuple[DatabaseUser, ...], reason: str = "") -> None:
        """Do what was chosen or confirmed."""
        for person in people:
            self._moves.move(edge, person, reason=reason)

    def _words(self, each: UserCommand) -> str:
        """'Reject…' for one person, 'Reject 3…' for several, 'Reject 2 of 3…' where not all of them can be."""
        chosen = len(self._people)
        if chosen < 2:
            return tr(each.text)
        able = self._moves.able(edge_of(each.id), self._people)
        some = tr("{n} of {all}", n=number(able), all=number(chosen)) if 0 < able < chosen else number(chosen)
        return f"{tr(each.text).rstrip('…')} {some}…"

    def _why_not(self, each: UserCommand) -> str | None:
        if each.id in (OPEN, COPY):
            if not self._people:
                return tr("Choose a person first.")
            several = len(self._people) > 1 and not each.multiple
            return tr("This is done for one person at a time. Choose one.") if several else None
        return self._moves.why_not(edge_of(each.id), self._people, several=each.multiple)

    @Slot(str)
    def _on_triggered(self, name: str) -> None:
        people = self._people
        if not people:
            return
        if name == OPEN:
            self.open_requested.emit(people[0])
        elif name == COPY:
            self._copy(people)
        else:
            self.take(edge_of(name), people)

    def _copy(self, people: tuple[DatabaseUser, ...]) -> None:
        if len(people) <= AT_ONCE:
            self._on_copied(people)
            return
        assert self._context.desk is not None
        exports = self._context.desk.exports

        def permit(_: Work) -> tuple[DatabaseUser, ...]:
            exports.copying(len(people))  # as for the table of users: so many are an export
            return people

        job = self._context.run(permit, name=tr("Copying addresses"), key="onboarding-addresses", listed=False)
        job.succeeded.connect(self._on_copied)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_copied(self, people: tuple[DatabaseUser, ...]) -> None:
        QGuiApplication.clipboard().setText("\n".join(row.email for row in people))

    def take(self, edge: Edge, people: tuple[DatabaseUser, ...], goal: OnboardingStatus | None = None) -> None:
        """Take people along a step that is possible, after a question where one is due.

        `goal`: only those of several whom the step takes there.
        """
        if len(people) > 1:
            assert self._context.desk is not None
            order = StepOrder(self._context.desk, self._moves, edge, people, goal)
            BulkDialog(self._context, order, self._owner).open()
        elif edge in wording.ASKED:
            self.ask(wording.question(edge, people[0]), _Pending(self, edge, people))
        else:
            self.perform(edge, people)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        show_error(self._owner, error)


class _Pending(QObject):
    """What a confirmation stands for; a child of its dialog."""

    def __init__(self, commands: OnboardingCommands, edge: Edge, people: tuple[DatabaseUser, ...]) -> None:
        super().__init__()
        self._commands = commands
        self.edge = edge
        self._people = people
        self._dialog: ConfirmDialog | None = None

    def belong_to(self, dialog: ConfirmDialog) -> None:
        """Live and end with the dialog that asks."""
        self._dialog = dialog
        self.setParent(dialog)

    @Slot()
    def on_confirmed(self) -> None:
        assert self._dialog is not None
        self._commands.perform(self.edge, self._people, self._dialog.given_reason)
