"""What is done with the people who are chosen in the table: told below it, copied, compared."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.work import Work
from ui.context import Context
from ui.tabs.users import comparison
from ui.tabs.users.compare import CompareDialog
from ui.tabs.users.comparison import Side
from ui.tabs.users.selection_bar import COMPARED, SelectionBar
from ui.text import number, tr
from ui.widgets.dialogs import show_error
from ui.widgets.table import UserTable
from ui.widgets.table_text import Clip


class Choosing(QObject):
    """Belongs to the view; `bar` goes below the table."""

    def __init__(self, context: Context, table: UserTable, owner: QWidget) -> None:
        super().__init__(owner)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._table = table
        self._owner = owner
        self._clip: Clip | None = None
        self._searching = False
        self.bar = SelectionBar()
        self.bar.everybody_wanted.connect(table.selectAll)
        self.bar.compare_wanted.connect(self.compare)
        self.bar.copy_wanted.connect(table.copy)
        self.bar.cleared.connect(self._on_cleared)
        table.choice_changed.connect(self.refresh)
        table.copied.connect(self._on_copied)
        table.copy_requested.connect(self._on_copy_requested)

    def show_search(self, text: str) -> None:
        """The table shows who matches this."""
        self._searching = bool(text)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look again who is chosen."""
        table = self._table
        self.bar.show_choice(
            table.count_chosen(),
            table.user_model.rowCount(),
            everybody=table.choice.everybody,
            searching=self._searching,
        )

    @Slot()
    def compare(self) -> None:
        """Show those who are chosen side by side."""
        least, most = COMPARED
        if not least <= self._table.count_chosen() <= most:
            return
        names, desk = self._table.chosen(most), self._desk

        def read(work: Work) -> list[Side]:
            return comparison.read(desk, names, work)

        job = self._context.run(read, name=tr("Reading the people to compare"), key="users-compare", listed=False)
        job.succeeded.connect(self._on_compared)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_compared(self, sides: list[Side]) -> None:
        if len(sides) < COMPARED[0]:
            self._context.toast(tr("They are no longer in the pool."), "warn")
            return
        CompareDialog(sides, self._owner).open()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        show_error(self._owner, error)

    @Slot()
    def _on_cleared(self) -> None:
        self._table.choose_current_only()
        self._table.setFocus()

    @Slot(object)
    def _on_copy_requested(self, clip: Clip) -> None:
        self._clip = clip
        exports = self._desk.exports

        def make(work: Work) -> str:
            exports.copying(clip.rows)
            return clip.text()

        job = self._context.run(make, name=tr("Copying {n} people", n=number(clip.rows)), key="users-copy")
        job.succeeded.connect(self._on_text)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_text(self, text: str) -> None:
        if self._clip is not None:
            self._table.take(self._clip, text)
            self._clip = None

    @Slot(int, int)
    def _on_copied(self, rows: int, chosen: int) -> None:
        if rows < chosen:
            words = tr("The first {n} of {all} people are on the clipboard. Export takes all.")
            self._context.toast(words.format(n=number(rows), all=number(chosen)), "warn")
        elif rows > 1:
            self._context.toast(tr("{n} people are on the clipboard.", n=number(rows)))
