"""Keeps how the table is arranged for this connection: what a person changes is written, and found again."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QMenu, QWidget

from app.pool.models import PoolSnapshot
from app.workbench import Arrangement
from ui import icons
from ui.context import Context
from ui.dialogs.choose_columns import ColumnsDialog
from ui.text import tr
from ui.widgets.table import UserTable

_SCHEMA_ONLY = "custom:"  # of the pool's schema the custom attributes are offered, and of others those that people have


class Arranging(QObject):
    """Belongs to the view."""

    def __init__(self, context: Context, table: UserTable, owner: QWidget) -> None:
        super().__init__(owner)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._table = table
        self._owner = owner
        self._pool: PoolSnapshot | None = None
        self._pressed = ""  # the column whose menu is open
        self._take()
        context.bench.changed.connect(self._take)
        table.arrangement_changed.connect(context.bench.arrange)
        table.header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.header.customContextMenuRequested.connect(self._on_menu)
        self._menu = QMenu(owner)

    @Slot(object)
    def set_pool(self, pool: PoolSnapshot | None) -> None:
        """The pool's schema became known."""
        self._pool = pool

    @Slot()
    def open_dialog(self) -> None:
        """Let somebody choose the columns."""
        names = set(self._desk.index.attribute_names())
        if self._pool is not None:
            names |= {known.name for known in self._pool.schema if known.name.startswith(_SCHEMA_ONLY)}
        dialog = ColumnsDialog(self._table.arrangement(), names, self._owner)
        dialog.arranged.connect(self._on_arranged)
        dialog.open()

    @Slot()
    def show_groups(self) -> None:
        """Groups were read: let the table have their column, where a person can see it."""
        keys = [column.key for column in self._table.user_model.columns]
        if "groups" not in keys:
            at = keys.index("name") + 1 if "name" in keys else len(keys)
            columns = (*keys[:at], "groups", *keys[at:])
            self._on_arranged(replace(self._table.arrangement(), columns=columns))
            header, bar = self._table.header, self._table.horizontalScrollBar()
            end = header.sectionPosition(at) + header.sectionSize(at)
            bar.setValue(max(bar.value(), end - self._table.viewport().width()))

    @Slot()
    def _take(self) -> None:
        wanted = self._context.bench.workbench.arrangement
        if wanted != self._table.arrangement():
            self._table.arrange(wanted)

    @Slot(object)
    def _on_arranged(self, arrangement: Arrangement) -> None:
        self._table.arrange(arrangement)
        self._context.bench.arrange(self._table.arrangement())

    @Slot(QPoint)
    def _on_menu(self, at: QPoint) -> None:
        header, columns = self._table.header, self._table.user_model.columns
        section = header.logicalIndexAt(at)
        self._menu.clear()
        if 0 <= section < len(columns):
            column = columns[section]
            self._pressed = column.key
            others = [key for key, _ in header.order if key != column.key]
            title = tr(column.title)
            self._menu.addAction(tr("Sort by {title}", title=title), self._on_sort)
            further = self._menu.addAction(tr("Then by {title} (Shift+click)", title=title), self._on_further)
            further.setEnabled(bool(others))
            self._menu.addSeparator()
            hide = self._menu.addAction(tr("Hide {title}", title=title), self._on_hide)
            hide.setEnabled(len(columns) > 1)
        choose = self._menu.addAction(tr("Columns…"), self.open_dialog)
        icons.assign(choose, "columns", "text", 16)
        self._menu.addAction(tr("Columns as usual"), self._on_usual)
        self._menu.popup(header.mapToGlobal(at))

    @Slot()
    def _on_sort(self) -> None:
        self._table.header.sort_by(self._pressed)

    @Slot()
    def _on_further(self) -> None:
        self._table.header.sort_by(self._pressed, further=True)

    @Slot()
    def _on_hide(self) -> None:
        now = self._table.arrangement()
        shown = (column.key for column in self._table.user_model.columns)
        self._on_arranged(Arrangement(tuple(key for key in shown if key != self._pressed), now.widths, now.order))

    @Slot()
    def _on_usual(self) -> None:
        self._on_arranged(Arrangement())
