"""What is done with the whole list, or with those who are chosen in it: the menu behind the three dots."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton, QWidget

from app.directory.exchange import Export, Exported
from app.directory.selection import Matching, Selection
from app.errors import AppError
from app.reach import Search
from app.work import Work
from ui.actions import LIST_COMMANDS, UserCommand, command
from ui.context import Change, Context, Topic
from ui.dialogs.export import ExportDialog, Liking, Scope
from ui.jobs import Job
from ui.tabs.users.asking import Asking
from ui.tabs.users.listing import Listing
from ui.tabs.users.selection_bar import COMPARED
from ui.tabs.users.wording import ORIGIN
from ui.text import count, number, tr
from ui.widgets.buttons import icon_button
from ui.widgets.commands import CommandSet
from ui.widgets.dialogs import show_error

_GROUPS = (("users.export", "users.compare"), ("users.groups", "users.factors"), ("users.columns",))


class WholeList(QObject):
    """Belongs to the view. `chosen` tells who is chosen in the table, and how many; `server` the search there."""

    columns_wanted = Signal()
    compare_wanted = Signal()

    def __init__(
        self,
        context: Context,
        listing: Callable[[], Listing | None],
        chosen: Callable[[], tuple[Selection, int]],
        server: Callable[[], Search | None],
        owner: QWidget,
    ) -> None:
        super().__init__(owner)
        assert context.desk is not None
        self._context = context
        self._desk = context.desk
        self._listing = listing
        self._chosen = chosen
        self._server = server
        self._owner = owner
        self._liking: Liking | None = None
        self._export: _Exporting | None = None
        self.asking = Asking(context, self.scopes, owner)
        self.asking.busy_changed.connect(self.refresh)
        self._set = CommandSet(LIST_COMMANDS, owner)
        self._set.triggered.connect(self._on_triggered)
        self.button = icon_button("more", tr("More for the whole list"), ink="text")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = self._set.menu(_GROUPS, owner)
        menu.aboutToShow.connect(self.refresh)
        self.button.setMenu(menu)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look again what can be done now."""
        self._set.refresh(self._why_not)

    def _why_not(self, each: UserCommand) -> str | None:
        if each.permission is not None and (reason := self._desk.why_not(each.permission)) is not None:
            return reason
        if each.id == "users.columns":
            return None
        listing = self._listing()
        if listing is None or not listing.total:
            return tr("Nobody is loaded yet.")
        if each.id == "users.export" and self._export is not None and self._export.busy:
            return tr("An export is being written.")
        if each.id == "users.groups" and self._desk.index.partial:
            return tr("Not everybody is loaded. Search for group:NAME to list the members of one group.")
        if each.id == "users.groups" and self.asking.reading_groups:
            return tr("Groups are being read.")
        if each.id == "users.factors" and self.asking.asking_factors:
            return tr("Cognito is being asked.")
        if each.id == "users.compare" and not COMPARED[0] <= self._chosen()[1] <= COMPARED[1]:
            return tr("Choose {a} to {b} people to compare.", a=COMPARED[0], b=COMPARED[1])
        return None

    @Slot(str)
    def _on_triggered(self, name: str) -> None:
        reason = self._why_not(command(name))
        if reason is not None:
            return
        match name:
            case "users.export":
                self._ask_export()
            case "users.groups":
                self.asking.read_groups()
            case "users.factors":
                self.asking.ask_factors()
            case "users.columns":
                self.columns_wanted.emit()
            case _:
                self.compare_wanted.emit()

    def scopes(self) -> list[Scope]:
        """Who can be meant: those who are chosen, where they are more than one; those of the search; everybody."""
        listing = self._listing()
        assert listing is not None
        found = []
        who, people = self._chosen()
        if people > 1 and people < len(listing.view):
            found.append(Scope(tr("Those who are chosen"), who, people))
        if self._desk.index.partial:
            found.append(Scope(tr("Those who were found so far"), Matching(), listing.total))
            if (search := self._server()) is not None and not search.ended:
                found.append(Scope(tr("All whom the search finds, to its end"), Matching(), None, search.exhaust))
            return found
        everybody = tr("Everybody who was read so far") if self._desk.people.loaded is None else tr("Everybody")
        if listing.text:
            words = tr("Those who match the search “{text}”", text=_short(listing.text))
            found.append(Scope(words, Matching(listing.text), len(listing.view)))
        return [*found, Scope(everybody, Matching(), listing.total)]

    def _ask_export(self) -> None:
        listing = self._listing()
        assert listing is not None
        place = re.sub(r"[^a-z0-9]+", "-", self._desk.connection.name.lower()).strip("-") or "users"
        self._export = _Exporting(self._context, self._owner, self)
        job = self._context.run(self._columns, name=tr("Looking up the columns"), key="users-columns", listed=False)
        self._export.open_with(job, partial(self._dialog, listing, f"users-{place}"))

    def _columns(self, _: Work) -> tuple[tuple[str, ...], str]:
        """The columns that there are, and a folder that is there."""
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return self._desk.exports.columns(), documents if Path(documents).is_dir() else str(Path.home())

    def _dialog(self, listing: Listing, name: str, found: tuple[tuple[str, ...], str]) -> ExportDialog:
        columns, folder = found
        return ExportDialog(self.scopes(), columns, listing.sort, name, self._liking or Liking(folder), self._owner)

    def remember(self, liking: Liking) -> None:
        """Offer the same the next time."""
        self._liking = liking


class _Exporting(QObject):
    """One export: the dialog, a look whether the file can be there, then the writing, which needs no dialog."""

    def __init__(self, context: Context, owner: QWidget, whole: WholeList) -> None:
        super().__init__(whole)
        assert context.desk is not None
        self._context = context
        self._exports = context.desk.exports
        self._owner = owner
        self._whole = whole
        self._dialog: ExportDialog | None = None
        self._make: Callable[[tuple[tuple[str, ...], str]], ExportDialog] | None = None
        self._checking: Job | None = None
        self._asked: Export | None = None
        self.busy = False

    def open_with(self, columns: Job, make: Callable[[tuple[tuple[str, ...], str]], ExportDialog]) -> None:
        """Open the dialog as soon as the columns are known."""
        self._make = make
        columns.succeeded.connect(self._on_columns)
        columns.failed.connect(self._on_failed)

    @Slot(object)
    def _on_columns(self, found: tuple[tuple[str, ...], str]) -> None:
        assert self._make is not None
        self._dialog = self._make(found)
        self._dialog.submitted.connect(self._on_submitted)
        self._dialog.cancel_requested.connect(self._on_cancel)
        self._dialog.rejected.connect(self.deleteLater)
        self._dialog.open()

    @Slot()
    def _on_submitted(self) -> None:
        assert self._dialog is not None
        asked = self._asked = self._dialog.export
        exports = self._exports

        def check(_: Work) -> None:
            exports.check(asked.path, replace=asked.replace)

        job = self._checking = self._context.run(check, name=tr("Looking at the folder"), listed=False)
        job.succeeded.connect(self._on_checked)
        job.failed.connect(self._dialog.fail)
        job.cancelled.connect(self._dialog.cancelled)

    @Slot()
    def _on_cancel(self) -> None:
        if self._checking is not None:
            self._checking.cancel()

    @Slot()
    def _on_checked(self) -> None:
        assert self._dialog is not None
        assert self._asked is not None
        asked, exports, scope = self._asked, self._exports, self._dialog.scope
        self._whole.remember(self._dialog.liking)
        self._dialog.succeed()
        self._dialog = None

        def write(work: Work) -> Exported:
            if scope.first is not None:
                scope.first(work)
            return exports.write(work, asked)

        self.busy = True
        people = tr("a whole search") if scope.people is None else count(scope.people, "person", "people")
        name = tr("Exporting {people}", people=people)
        job = self._context.run(write, name=name)
        job.succeeded.connect(self._on_written)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_stopped)
        job.finished.connect(self._on_finished)
        self._whole.refresh()

    @Slot(object)
    def _on_written(self, done: Exported) -> None:
        folder = QUrl.fromLocalFile(str(done.path.resolve().parent))
        people = tr("{n} people", n=number(done.users)) if done.users != 1 else tr("1 person")
        self._context.toast(
            tr("{people} are in {name}. It holds personal data.", people=people, name=done.path.name),
            action_text=tr("Open folder"),
            action=partial(QDesktopServices.openUrl, folder),
        )

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        show_error(self._owner, error)

    @Slot()
    def _on_stopped(self) -> None:
        self._context.toast(tr("The export was stopped. No file was written."), "info")

    @Slot()
    def _on_finished(self) -> None:
        self.busy = False
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        self._context.announce(Change(Topic.USERS, (), ORIGIN))  # an export to the end of a search has found more
        self._whole.refresh()
        self.deleteLater()


def _short(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
