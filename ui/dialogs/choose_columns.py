"""Which columns the user table has, in which order, and by which of them it sorts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.directory.index import BY_EMAIL
from app.workbench import Arrangement
from ui.text import tr
from ui.widgets.buttons import button, icon_button
from ui.widgets.dialogs import Dialog
from ui.widgets.labels import label
from ui.widgets.table_columns import CATALOGUE, DEFAULT, SHOWN, column_of

_KEY = Qt.ItemDataRole.UserRole
_LEVELS = 3  # columns that sort, in the dialog; the header takes one more
_ROW_HEIGHT, _LIST_HEIGHT = 28, 320


def offered(attributes: Iterable[str], chosen: Sequence[str]) -> list[str]:
    """The keys of all columns that there can be: the chosen ones in their order, then the others."""
    others = sorted({name for name in attributes if name.lower() not in SHOWN and name not in CATALOGUE}, key=str.lower)
    return list(dict.fromkeys((*chosen, *CATALOGUE, *others)))


class ColumnsDialog(Dialog):
    """Space ticks a column, Alt with Up and Down moves it; rows can be dragged too."""

    arranged = Signal(object)  # Arrangement

    def __init__(self, arrangement: Arrangement, attributes: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(tr("Columns"), parent)
        self.setMinimumWidth(480)
        self._widths = arrangement.widths
        self._attributes = list(attributes)
        self._find = QLineEdit()
        self._find.setPlaceholderText(tr("Find a column"))
        self._find.setAccessibleName(tr("Find a column"))
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self._on_find)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Columns of the table, in their order"))
        self.list.setProperty("role", "popup")  # with a border
        self.list.setMinimumHeight(_LIST_HEIGHT)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.installEventFilter(self)
        up = icon_button("chevron-up", tr("Move up (Alt+Up)"))
        down = icon_button("chevron-down", tr("Move down (Alt+Down)"))
        up.clicked.connect(self._on_up)
        down.clicked.connect(self._on_down)
        buttons = QVBoxLayout()
        buttons.addWidget(up)
        buttons.addWidget(down)
        buttons.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self.list, 1)
        middle.addLayout(buttons)
        self.body.addWidget(label(tr("Space shows or hides a column. Attributes of the pool can be columns too."),
                                  "muted", wrap=True))  # fmt: skip
        self.body.addWidget(self._find)
        self.body.addLayout(middle, 1)
        self._levels = [_Level(number) for number in range(_LEVELS)]
        for level in self._levels:
            self.body.addLayout(level.row)
        reset = button(tr("As usual"), "quiet", hint=tr("The usual columns, widths and order"))
        reset.clicked.connect(self._on_reset)
        no = button(tr("Cancel"))
        no.clicked.connect(self.reject)
        yes = button(tr("Apply"), "primary")
        yes.setDefault(True)
        yes.clicked.connect(self._on_apply)
        self.buttons.insertWidget(0, reset)
        self.buttons.addWidget(no)
        self.buttons.addWidget(yes)
        self._fill(arrangement)
        self.list.itemChanged.connect(self._on_changed)
        self.list.setFocus()

    @property
    def arrangement(self) -> Arrangement:
        """What is chosen now."""
        keys = self._chosen()
        order: dict[str, bool] = {}
        for key, down in (level.value for level in self._levels):
            if key in keys:
                order.setdefault(key, down)  # a column chosen twice counts where it is first
        return Arrangement(
            () if tuple(keys) == DEFAULT else tuple(keys),
            tuple((key, width) for key, width in self._widths if key in keys),
            () if list(order.items()) == [("email", False)] else tuple(order.items()),
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._move(step)
                return True
        return super().eventFilter(watched, event)

    def _fill(self, arrangement: Arrangement) -> None:
        chosen = arrangement.columns or DEFAULT
        self.list.blockSignals(True)
        self.list.clear()
        for key in offered(self._attributes, chosen):
            column = column_of(key)
            item = QListWidgetItem(tr(column.title))
            if column.title != key and column.attribute:
                item.setText(f"{column.title}   ({key})")
            item.setSizeHint(QSize(0, _ROW_HEIGHT))
            item.setData(_KEY, key)
            item.setToolTip(tr(column.hint))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key in chosen else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        self._offer_levels(arrangement.order or BY_EMAIL)

    def _offer_levels(self, order: Sequence[tuple[str, bool]]) -> None:
        keys = self._chosen()
        for level, value in zip(self._levels, (*order, *[("", False)] * _LEVELS), strict=False):
            level.offer(keys, value)

    def _chosen(self) -> list[str]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [str(item.data(_KEY)) for item in items if item.checkState() == Qt.CheckState.Checked]

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        if row >= 0 and 0 <= row + step < self.list.count():
            self.list.blockSignals(True)
            self.list.insertItem(row + step, self.list.takeItem(row))
            self.list.setCurrentRow(row + step)
            self.list.blockSignals(False)
            self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        keys = self._chosen()
        if not keys:  # a table of no columns shows nobody
            item = self.list.item(max(0, self.list.currentRow()))
            item.setCheckState(Qt.CheckState.Checked)
            return
        self._offer_levels([level.value for level in self._levels])

    @Slot(str)
    def _on_find(self, text: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(text.strip().casefold() not in item.text().casefold())

    @Slot()
    def _on_up(self) -> None:
        self._move(-1)

    @Slot()
    def _on_down(self) -> None:
        self._move(1)

    @Slot()
    def _on_reset(self) -> None:
        self._widths = ()
        self._fill(Arrangement())

    @Slot()
    def _on_apply(self) -> None:
        self.arranged.emit(self.arrangement)
        self.accept()


class _Level:
    """One line: a column to sort by, and which way."""

    def __init__(self, number: int) -> None:
        words = tr("Sort by") if number == 0 else tr("Then by")
        name = label(words)
        name.setFixedWidth(64)
        self._column = QComboBox()
        self._column.setAccessibleName(f"{words} {number + 1}")
        self._way = QComboBox()
        self._way.setAccessibleName(tr("Direction {n}", n=number + 1))
        self._way.addItems([tr("ascending"), tr("descending")])
        name.setBuddy(self._column)
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        self.row.addWidget(name)
        self.row.addWidget(self._column, 1)
        self.row.addWidget(self._way)

    @property
    def value(self) -> tuple[str, bool]:
        """The column's key, empty for none, and whether it descends."""
        return str(self._column.currentData() or ""), self._way.currentIndex() == 1

    def offer(self, keys: Sequence[str], value: tuple[str, bool]) -> None:
        """Offer these columns, and show a value; one that is not offered becomes none."""
        self._column.clear()
        self._column.addItem("–", "")
        for key in keys:
            self._column.addItem(tr(column_of(key).title), key)
        self._column.setCurrentIndex(max(0, self._column.findData(value[0])))
        self._way.setCurrentIndex(1 if value[1] else 0)
