"""The model of the user table: rows come from a UserView in pages, and every cell is worked out once.

A view holds its rows in memory, so pages are read on the GUI thread; 128 rows take about a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.directory.index import Sort, UserRow, UserView
from app.directory.models import UserStatus
from ui import text
from ui.text import tr
from ui.widgets.badge import Badge, Tone, mfa_badge, onboarding_badge, user_badge

PAGE = 128
PAGES = 24  # kept at most
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows: words, or a badge with the same words; `hint` is its tooltip where there is more to say.

    The tooltip of a `moment` is its exact time, put into words only when somebody wants to see it.
    """

    words: str
    badge: Badge | None = None
    hint: str = ""
    moment: datetime | None = None

    @property
    def tip(self) -> str:
        """The tooltip; empty where there is none."""
        return self.hint if self.moment is None else text.exact(self.moment)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, what it sorts by, its width in pixels, its share of spare room, and its least width."""

    title: str
    sort: tuple[str, ...]
    width: int
    stretch: int = 0
    hint: str = ""
    least: int = 0  # 0: it is never narrower than `width`


COLUMNS = (
    Column("Email", ("email",), 248, 3, least=172),
    Column("Name", ("name",), 132, 2, least=92),
    Column("Cognito", ("status",), 147, 0, "The account's state in the user pool."),
    Column("MFA", ("mfa",), 77, 0, "The second factor at sign-in."),
    Column("Onboarding", ("onboarding",), 166, 0, "Where the person stands in the application database."),
    Column("Organisation", ("organization",), 128, 1),
    Column("Created", ("created",), 144),
    Column("Changed", ("modified",), 144, 0, "The last change of the account in Cognito."),
)
LOUD = 4  # the last column whose words are in full ink
_IN_SIGHT = (5, 4)  # so many columns stay in sight where there is little room; the rest is a scroll to the right
UNKNOWN = "–"


class UserTableModel(QAbstractTableModel):
    """Users as rows, COLUMNS as columns. Lives on the GUI thread."""

    def __init__(
        self, parent: QObject | None = None, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__(parent)
        self._view: UserView | None = None
        self._count = 0
        self._pages: dict[int, list[UserRow]] = {}
        self._cells: dict[int, tuple[Cell, ...]] = {}
        self._validity: timedelta | None = None
        self._clock = now
        self._now = now()
        self._titles = [tr(column.title) for column in COLUMNS]

    @property
    def view(self) -> UserView | None:
        """What is shown."""
        return self._view

    def set_view(self, view: UserView | None) -> None:
        """Show another view. Rows are added or taken away at the end, so that the table keeps its place."""
        before, after = self._count, 0 if view is None else len(view)
        root = QModelIndex()
        self._forget()
        self._now = self._clock()
        if after > before:
            self.beginInsertRows(root, before, after - 1)
            self._view, self._count = view, after
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(root, after, before - 1)
            self._view, self._count = view, after
            self.endRemoveRows()
        else:
            self._view = view
        self._forget()
        self._announce()

    def set_temporary_password_validity(self, days: int | None) -> None:
        """The pool's TemporaryPasswordValidityDays. While it is None, not known, nothing is shown as expired."""
        self._validity = None if days is None else timedelta(days=days)
        self._cells.clear()
        self._announce()

    def row(self, number: int) -> UserRow | None:
        """The user in a row, or None past the end."""
        if self._view is None or not 0 <= number < self._count:
            return None
        page, offset = divmod(number, PAGE)
        rows = self._pages.pop(page, None)
        if rows is None:
            rows = self._view.rows(page * PAGE, (page + 1) * PAGE)
            if len(self._pages) >= PAGES:
                self._drop(next(iter(self._pages)))
        self._pages[page] = rows  # popped and put back: the page used last is the last to go
        return rows[offset]

    def cells(self, row: int) -> tuple[Cell, ...]:
        """What the cells of a row show. Who paints asks here: one call, in place of ten for each cell."""
        cells = self._cells.get(row)
        if cells is None:
            user = self.row(row)
            if user is None:
                return (Cell(""),) * len(COLUMNS)
            cells = self._cells[row] = self._made(user)
        return cells

    def cell(self, row: int, column: int) -> Cell:
        """What one cell shows."""
        return self.cells(row)[column]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            return self.cell(index.row(), index.column()).words
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.cell(index.row(), index.column()).tip or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(COLUMNS[section].hint) if COLUMNS[section].hint else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def _made(self, user: UserRow) -> tuple[Cell, ...]:
        expired = (
            self._validity is not None
            and user.status is UserStatus.FORCE_CHANGE_PASSWORD
            and user.modified + self._validity < self._now
        )
        return (
            Cell(user.email or user.username),
            Cell(user.name),
            _badge(user_badge(user.status, user.enabled, expired)),
            _mfa(user),
            Cell(UNKNOWN, None, tr("The database has not been read."))
            if user.in_database is None
            else _badge(onboarding_badge(user.onboarding)),
            Cell(user.organization),
            Cell(text.when(user.created), moment=user.created),
            Cell(text.when(user.modified), moment=user.modified),
        )

    def _drop(self, page: int) -> None:
        del self._pages[page]
        for row in range(page * PAGE, (page + 1) * PAGE):
            self._cells.pop(row, None)

    def _forget(self) -> None:
        self._pages.clear()
        self._cells.clear()

    def _announce(self) -> None:
        if self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(COLUMNS) - 1))


def sort_of(column: int, descending: bool) -> Sort:
    """What the index is asked for when a column's header was clicked; equals go by email."""
    keys = tuple((name, descending) for name in COLUMNS[column].sort)
    return keys if COLUMNS[column].sort == ("email",) else (*keys, ("email", False))


def widths(room: int) -> list[int]:
    """The columns' widths in pixels where there is `room`: spare room is shared, want of it borne by email and name."""
    spare = room - sum(column.width for column in COLUMNS)
    if spare >= 0:
        shares = sum(column.stretch for column in COLUMNS)
        return [column.width + spare * column.stretch // shares for column in COLUMNS]
    least = [column.least or column.width for column in COLUMNS]
    slack = [column.width - narrow for column, narrow in zip(COLUMNS, least, strict=True)]
    give = 0
    for count in _IN_SIGHT:
        if sum(least[:count]) <= room:
            give = min(room - sum(least[:count]), sum(slack))
            break
    return [narrow + give * part // sum(slack) for narrow, part in zip(least, slack, strict=True)]


def _badge(badge: Badge) -> Cell:
    return Cell(badge.text, badge, badge.hint)


def _mfa(user: UserRow) -> Cell:
    if user.mfa is None:
        return Cell(UNKNOWN, None, mfa_badge(None).hint)
    if user.mfa == "none" and user.mfa_required:
        return _badge(Badge(text.mfa("none"), Tone.WARN, None, tr("MFA is required, and not set up yet.")))
    return _badge(mfa_badge(user.mfa))
