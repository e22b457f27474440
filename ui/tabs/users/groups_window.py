"""The groups of the pool: what each is for, making, editing and deleting them, and who is in one.

Reading bills nobody. Who may not change groups sees them all the same, with the reason beside the buttons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.changes import Outcome
from app.directory.groups import Group, precedence_of
from app.directory.query import toggle
from app.errors import AppError
from app.memberships import Memberships, gives_rights
from app.permissions import Action
from app.work import Work
from ui.context import Change, Context, Topic
from ui.jobs import Job
from ui.tabs.users.actions import LANE
from ui.tabs.users.wording import ORIGIN
from ui.text import tr
from ui.view_state import Empty, Failed, Loading, Ready
from ui.widgets.buttons import button, disable
from ui.widgets.dialogs import ConfirmDialog, Dialog, FormDialog, show_error
from ui.widgets.labels import label
from ui.widgets.states import StateView

_COLUMNS = ("Name", "Description", "Precedence", "IAM role")


class GroupsWindow(Dialog):
    """Opens at once; the groups follow. `changed`: somebody may be in other groups now."""

    changed = Signal()

    def __init__(self, context: Context, owner: QWidget) -> None:
        super().__init__(tr("Groups of the pool"), owner)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._groups: tuple[Group, ...] = ()
        self._wanted = ""  # to be chosen when the groups were read
        self._form: GroupForm | None = None
        self.setMinimumSize(760, 460)
        self._table = _table()
        self._table.itemSelectionChanged.connect(self._offer)
        self._states = StateView(self._table)
        self._states.retry_requested.connect(self.read)
        self._create = button(tr("Create group…"), icon="plus")
        self._edit = button(tr("Edit…"), icon="edit")
        self._delete = button(tr("Delete…"), "danger", icon="trash")
        self._members = button(tr("Show members"), icon="users")
        self._reason = label("", "small", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        for made, slot in (
            (self._create, self._on_create),
            (self._edit, self._on_edit),
            (self._delete, self._on_delete),
            (self._members, self._on_members),
        ):
            made.clicked.connect(slot)
            row.addWidget(made)
        row.addStretch(1)
        self.body.addWidget(self._states, 1)
        self.body.addWidget(self._reason)
        self.body.addLayout(row)
        close = button(tr("Close"))
        close.clicked.connect(self.reject)
        self.buttons.addWidget(close)
        self._offer()
        self.read()

    @Slot()
    def read(self) -> None:
        """Read the groups (ListGroups)."""
        memberships = self._desk.memberships

        def look(work: Work) -> tuple[Group, ...]:
            return memberships.all(work)

        if not self._groups:
            self._states.show_state(Loading())
        job = self._context.run(look, name=tr("Reading the groups"), key="groups-window", listed=False)
        job.succeeded.connect(self._on_read)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_read(self, groups: tuple[Group, ...]) -> None:
        chosen, self._wanted = self._wanted or self._chosen_name(), ""
        self._groups = groups
        self._table.setRowCount(len(groups))
        for row, group in enumerate(groups):
            for column, text in enumerate(_cells(group)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self._table.setItem(row, column, item)
            if group.name == chosen:
                self._table.selectRow(row)
        empty = Empty(
            tr("This pool has no group."), tr("A group gives its members a role, or marks them for a purpose.")
        )
        self._states.show_state(Ready() if groups else empty)
        self._offer()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._states.show_state(Failed(error, keep_content=bool(self._groups)))

    def _chosen(self) -> Group | None:
        rows = self._table.selectionModel().selectedRows()
        return self._groups[rows[0].row()] if rows and rows[0].row() < len(self._groups) else None

    def _chosen_name(self) -> str:
        group = self._chosen()
        return group.name if group is not None else ""

    @Slot()
    def _offer(self) -> None:
        """Enable what can be done, or say why not."""
        none = None if self._chosen() is not None else tr("Choose a group first.")
        reasons = []
        for made, action in (
            (self._create, Action.CREATE_GROUP),
            (self._edit, Action.UPDATE_GROUP),
            (self._delete, Action.DELETE_GROUP),
        ):
            barred = self._desk.why_not(action)
            disable(made, barred or (none if made is not self._create else None))
            reasons.append(barred or "")
        disable(self._members, none)
        self._reason.setText(next((reason for reason in reasons if reason), ""))
        self._reason.setVisible(bool(self._reason.text()))

    @Slot()
    def _on_create(self) -> None:
        self._open(None)

    @Slot()
    def _on_edit(self) -> None:
        self._open(self._chosen())

    def _open(self, group: Group | None) -> None:
        self._form = GroupForm(group, self)
        self._form.submitted.connect(self._on_submitted)
        self._form.open()

    @Slot(object)
    def _on_submitted(self, values: Mapping[str, str]) -> None:
        form = self._form
        assert form is not None
        try:
            wanted = form.group(values)
        except AppError as error:
            form.fail(error)
            return
        memberships, new = self._desk.memberships, form.new
        done = tr("The group {name} was created.") if new else tr("The group {name} was changed.")
        job = self._change(
            partial(_create if new else _update, memberships, wanted), wanted.name, done.format(name=wanted.name)
        )
        job.succeeded.connect(form.succeed)
        job.failed.connect(form.fail)
        job.cancelled.connect(form.cancelled)
        form.cancel_requested.connect(job.cancel)

    @Slot()
    def _on_delete(self) -> None:
        group = self._chosen()
        if group is None:
            return
        points = [
            tr("Everybody in it loses it, and what it gave them. They stay users."),
            tr("Who was in it is lost: this cannot be undone."),
        ]
        if gives_rights(group):
            points.insert(0, tr("This group gives rights."))
        dialog = ConfirmDialog(
            tr("Delete the group {name}?", name=group.name),
            "",
            tr("Delete"),
            consequences=points,
            dangerous=True,
            typed=group.name,
            parent=self,
        )
        dialog.setObjectName(group.name)
        dialog.confirmed.connect(self._on_confirmed)
        dialog.open()

    @Slot()
    def _on_confirmed(self) -> None:
        sender = self.sender()
        assert sender is not None
        name = sender.objectName()
        call = partial(_delete, self._desk.memberships, name)
        self._change(call, "", tr("The group {name} was deleted.", name=name)).failed.connect(self._on_refused)

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        show_error(self, error)
        self.read()

    def _change(self, call: Callable[[Work], Outcome[Any]], wanted: str, done: str) -> Job:
        self._wanted = wanted
        job = self._context.run(call, name=tr("Changing the groups"), lane=LANE)
        _Told(self, done, job)
        return job

    def tell(self, done: str, outcome: Outcome[Any] | None) -> None:
        """A change ended: say so, and read what is there now."""
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        if outcome is not None:
            self._context.toast(f"{done} {outcome.note}".strip(), "warn" if outcome.note else "ok")
            self.changed.emit()
            self.read()

    @Slot()
    def _on_members(self) -> None:
        group = self._chosen()
        if group is not None:
            self._context.navigate.emit("users", {"search": toggle("", "group", group.name)})
            self.accept()


class _Told(QObject):
    """What is said when a change ends; a child of the window."""

    def __init__(self, window: GroupsWindow, done: str, job: Job) -> None:
        super().__init__(window)
        self._window = window
        self._done = done
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.finished.connect(self.deleteLater)

    @Slot(object)
    def _on_succeeded(self, outcome: Outcome[Any]) -> None:
        self._window.tell(self._done, outcome)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._window.tell(self._done, None)


class GroupForm(FormDialog):
    """A new group, or the description, precedence and role of one. Its name cannot be changed in Cognito."""

    def __init__(self, group: Group | None, owner: QWidget) -> None:
        title = tr("Create a group") if group is None else tr("Edit the group {name}", name=group.name)
        super().__init__(title, tr("Create") if group is None else tr("Save"), parent=owner)
        self.new = group is None
        self._name = group.name if group is not None else ""
        group = group or Group("")
        if self.new:
            self.form.add_line("name", tr("Name"), required=True, hint=tr("Cannot be changed later. No spaces."))
        self.form.add_line("description", tr("Description"), group.description)
        precedence = "" if group.precedence is None else str(group.precedence)
        hint = tr("The lowest number wins where somebody is in several groups. Empty: comes last.")
        self.form.add_line("precedence", tr("Precedence"), precedence, hint=hint)
        self.form.add_line(
            "role_arn",
            tr("IAM role"),
            group.role_arn or "",
            hint=tr("What members may do in AWS through an identity pool. Mostly empty."),
            placeholder="arn:aws:iam::123456789012:role/name",
        )

    def group(self, values: Mapping[str, str]) -> Group:
        """What was typed. AppError(INVALID_INPUT) where the precedence is no number."""
        return Group(
            values["name"].strip() if self.new else self._name,
            values["description"].strip(),
            precedence_of(values["precedence"]),
            values["role_arn"].strip() or None,
        )


def _create(memberships: Memberships, group: Group, _: Work) -> Outcome[Group]:
    return memberships.create(group)


def _update(memberships: Memberships, group: Group, _: Work) -> Outcome[Group]:
    return memberships.update(group)


def _delete(memberships: Memberships, name: str, _: Work) -> Outcome[None]:
    return memberships.delete(name)


def _cells(group: Group) -> tuple[str, ...]:
    precedence = "–" if group.precedence is None else str(group.precedence)
    return group.name, group.description or "–", precedence, group.role_arn or "–"


def _table() -> QTableWidget:
    made = QTableWidget(0, len(_COLUMNS))
    made.setHorizontalHeaderLabels([tr(name) for name in _COLUMNS])
    made.setAccessibleName(tr("Groups"))
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setTabKeyNavigation(False)
    made.setShowGrid(False)
    made.verticalHeader().hide()
    header = made.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    for column, width in ((0, 170), (2, 100), (3, 190)):
        made.setColumnWidth(column, width)
    return made
