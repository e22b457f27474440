"""The star beside the search: saves the search under a name, offers the saved ones, and clears or stops the history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.errors import AppError
from ui import icons
from ui.context import Context
from ui.text import tr

if TYPE_CHECKING:
    from ui.widgets.dialogs import FormDialog

_SHOWN = 44  # characters of a search in the menu
_LATELY = 8


class SearchMenu(QObject):
    """Belongs to the window. What it keeps is the workbench of the open connection."""

    def __init__(self, context: Context, button: QToolButton, owner: QWidget) -> None:
        super().__init__(owner)
        self._context = context
        self._button = button
        self._owner = owner
        self._dialog: FormDialog | None = None
        self.menu = QMenu(button)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self.menu)
        shortcut = QShortcut(QKeySequence("Ctrl+D"), owner)
        shortcut.activated.connect(self.save)
        context.bench.changed.connect(self._draw)
        context.bench.failed.connect(self._on_failed)
        context.search_changed.connect(self._draw)
        context.desk_changed.connect(self._draw)
        self._draw()

    def remember(self, text: str) -> None:
        """Somebody is done with typing a search: into the history, if it can be read."""
        from app.directory.query import QueryError, parse

        try:
            parse(text)
        except QueryError:
            return
        if self._context.desk is not None:
            self._context.bench.remember(text)

    @Slot()
    def save(self) -> None:
        """Ask for a name, and save the present search under it."""
        text = self._context.search
        if self._context.desk is None or not text or self._dialog is not None:
            return
        from app.workbench import LONGEST_NAME
        from ui.widgets.dialogs import FormDialog

        dialog = self._dialog = FormDialog(
            tr("Save the search"), tr("Save"), intro=tr("It is saved for this connection, on this computer."),
            parent=self._owner,
        )  # fmt: skip
        known = next((saved.name for saved in self._context.bench.workbench.searches if saved.text == text), "")
        line = dialog.form.add_line("name", tr("Name"), known or text[:LONGEST_NAME], required=True)
        line.selectAll()
        dialog.form.add_line("search", tr("Search"), text, required=True)
        dialog.submitted.connect(self._on_submitted)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    @Slot()
    def _draw(self) -> None:
        text, bench = self._context.search, self._context.bench.workbench
        saved = any(known.text == text for known in bench.searches)
        self._button.setEnabled(self._context.desk is not None)
        icons.assign(self._button, "star-full" if saved else "star", "accent" if saved else "muted", 18)

    @Slot()
    def _fill(self) -> None:
        """The menu as it is now."""
        menu, bench, text = self.menu, self._context.bench.workbench, self._context.search
        menu.clear()
        save = menu.addAction(tr("Save this search…"), self.save)
        save.setShortcut(QKeySequence("Ctrl+D"))
        save.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown only: the window's own shortcut does it
        save.setEnabled(bool(text))
        save.setToolTip("" if text else tr("Search for something first."))
        if bench.searches:
            menu.addSection(tr("Saved searches"))
            for known in bench.searches:
                action = menu.addAction(known.name.replace("&", "&&"), partial(self._context.set_search, known.text))
                action.setToolTip(known.text)
                icons.assign(action, "star-full", "accent", 16)
            remove = menu.addMenu(tr("Remove"))
            for known in bench.searches:
                forget = partial(self._context.bench.remove_search, known.name)
                remove.addAction(known.name.replace("&", "&&"), forget)
        if bench.history:
            menu.addSection(tr("Searched lately"))
            for earlier in bench.history[:_LATELY]:
                short = earlier if len(earlier) <= _SHOWN else f"{earlier[:_SHOWN]}…"
                action = menu.addAction(short.replace("&", "&&"), partial(self._context.set_search, earlier))
                action.setToolTip(earlier)
                icons.assign(action, "clock", "muted", 16)
        menu.addSeparator()
        keep = menu.addAction(tr("Remember what I search for"))
        keep.setCheckable(True)
        keep.setChecked(bench.remembers)
        keep.setToolTip(tr("In a file of this computer that you alone can read. Turned off, it is emptied."))
        keep.toggled.connect(self._context.bench.set_remembering)
        clear = menu.addAction(tr("Clear the history"), self._context.bench.clear_history)
        clear.setEnabled(bool(bench.history))

    @Slot(object)
    def _on_submitted(self, values: Mapping[str, str]) -> None:
        from app.directory.query import parse

        assert self._dialog is not None
        try:
            parse(values["search"])
            self._context.bench.save_search(values["name"], values["search"])
        except AppError as error:
            self._dialog.fail(error)
            return
        self._dialog.succeed()
        self._context.toast(tr("Saved: {name}", name=" ".join(values["name"].split())))

    @Slot()
    def _on_finished(self) -> None:
        self._dialog = None

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._context.toast(error.message, "warn")
