"""Choose one of the pool's groups: typed letters narrow the list, Return takes the chosen one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.directory.groups import Group
from app.errors import AppError
from ui import errors
from ui.text import tr
from ui.widgets.buttons import button
from ui.widgets.dialogs import Dialog
from ui.widgets.forms import field_label
from ui.widgets.labels import label

_ROW = 30


class ChooseGroupDialog(Dialog):
    """Opens at once and is filled by `show_groups` when they were read. `chosen` is emitted once, with the Group."""

    chosen = Signal(object)  # Group

    def __init__(self, who: str, note: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tr("Add {who} to a group", who=who), parent)
        self._groups: dict[str, Group] = {}
        self._line = QLineEdit()
        self._line.setPlaceholderText(tr("Type a part of its name"))
        self._line.textChanged.connect(self._narrow)
        self._list = QListWidget()
        self._list.setAccessibleName(tr("Groups"))
        self._list.setMinimumHeight(200)
        self._list.setUniformItemSizes(True)
        self._list.currentRowChanged.connect(self._on_current)
        self._list.itemDoubleClicked.connect(self._on_yes)
        self._words = label(tr("Reading the groups…"), "muted", wrap=True)
        self.body.addWidget(label(note, "muted", wrap=True))
        self.body.addWidget(field_label(tr("Group"), self._line))
        self.body.addWidget(self._line)
        self.body.addWidget(self._words)
        self.body.addWidget(self._list, 1)
        self._list.hide()
        no = button(tr("Cancel"))
        no.clicked.connect(self.reject)
        self._yes = button(tr("Add"), "primary")
        self._yes.clicked.connect(self._on_yes)
        self._yes.setDefault(True)
        self._yes.setEnabled(False)
        self.buttons.addWidget(no)
        self.buttons.addWidget(self._yes)
        self._line.setFocus()

    def show_groups(self, groups: Sequence[Group], member_of: Sequence[str] = ()) -> None:
        """Offer these, without those that the person is in already."""
        self._groups = {group.name: group for group in groups if group.name not in member_of}
        for group in self._groups.values():
            words = f"{group.name} – {group.description}" if group.description else group.name
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, group.name)
            item.setToolTip(words)
            size = item.sizeHint()
            size.setHeight(_ROW)
            item.setSizeHint(size)
            self._list.addItem(item)
        self._words.setText("" if self._groups else tr("There is no other group in this pool."))
        self._words.setVisible(not self._groups)
        self._list.setVisible(bool(self._groups))
        self._narrow(self._line.text())

    def show_error(self, error: AppError) -> None:
        """The groups could not be read."""
        shown = errors.present(error)
        self._words.setText(f"{shown.title}. {shown.body} {shown.remedy}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._list.isVisible():
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        row = self._list.currentRow() + by
        while 0 <= row < self._list.count():
            if not self._list.item(row).isHidden():
                self._list.setCurrentRow(row)
                return
            row += by

    @Slot(str)
    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        first = -1
        for row in range(self._list.count()):
            hidden = wanted not in self._list.item(row).text().casefold()
            self._list.item(row).setHidden(hidden)
            first = row if first < 0 and not hidden else first
        self._list.setCurrentRow(first)
        self._yes.setEnabled(first >= 0)

    @Slot(int)
    def _on_current(self, row: int) -> None:
        self._yes.setEnabled(row >= 0)

    @Slot()
    def _on_yes(self) -> None:
        item = self._list.currentItem()
        if self._list.currentRow() >= 0 and not item.isHidden():
            self.chosen.emit(self._groups[item.data(Qt.ItemDataRole.UserRole)])
            self.accept()
