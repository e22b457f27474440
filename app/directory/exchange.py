"""Users into a file: who, which columns, in which format. An Action of its own, journalled without any data.

Blocking; any thread; raises AppError or Cancelled only, and then there is no file and no half of one.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app import permissions
from app.directory.index import BY_EMAIL, Sort
from app.directory.query import CUSTOM, STANDARD
from app.directory.selection import Matching, Selection
from app.errors import invalid
from app.files import file_error, in_the_way, writing
from app.permissions import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.changes import Changes
    from app.directory.index import UserIndex, UserView
    from app.work import Work

ENDINGS: Final = {
    ".csv": "CSV",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
    ".parquet": "Parquet",
    ".xlsx": "Excel",
}
"""The ending of a file's name -> the format that it decides."""

FIELDS: Final = (
    *("email", "name", "username", "sub", "phone", "status", "enabled", "email_verified", "mfa", "onboarding", "role"),
    *("organization", "groups", "created", "modified", "in_database", "mfa_required"),
)
"""The columns that every pool has, beside the attributes that have no column here."""

USUAL: Final = (
    "email",
    "name",
    "username",
    "phone",
    "status",
    "enabled",
    "mfa",
    "onboarding",
    "organization",
    "created",
)

EVERYBODY: Final = Matching()
_HAVE_A_FIELD = frozenset({"sub", "email", "email_verified", "name", "phone_number"})
_PART = 4_096  # users at once


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked for: the ending of `path` decides the format. Without `replace` no file is overwritten."""

    path: Path
    columns: tuple[str, ...] = USUAL
    who: Selection = EVERYBODY
    sort: Sort = BY_EMAIL
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written."""

    path: Path
    users: int


class Exports:
    """Writes what the index holds. For one operator on one connection."""

    def __init__(self, index: UserIndex, changes: Changes) -> None:
        self._index = index
        self._changes = changes

    def columns(self) -> tuple[str, ...]:
        """Every column that can be asked for: FIELDS, then the attributes that people of this pool have."""
        names = self._index.attribute_names()
        return (*FIELDS, *(name for name in names if name not in _HAVE_A_FIELD and name not in FIELDS))

    def write(self, work: Work, export: Export) -> Exported:
        """Write the file, for the owner alone (0600), all of it or none.

        AppError: NOT_ALLOWED; INVALID_INPUT about path, columns or search; FILE_ERROR where the folder or the disk, or
        the journal, refuses.
        """
        ending = self._ending(export.path)
        self._check_columns(export)
        view = self._index.chosen(export.who, export.sort)
        outcome = self._changes.perform(
            Action.EXPORT_USERS,
            "users",
            lambda: self._write(work, export, view, ending),
            details={
                "people": f"{len(view):,}",
                "search": _words(export.who),
                "format": ENDINGS[ending],
                "file": export.path.name,
                "columns": ", ".join(export.columns),
            },
            stopped="Stopped: no file was written.",
        )
        return outcome.value

    def check(self, path: Path, *, replace: bool = False) -> None:
        """What would keep a file from being written there, before anything is read: raises as `write` does."""
        permissions.check(self._changes.operator, Action.EXPORT_USERS)
        self._ending(path)
        if not replace and path.exists():
            raise in_the_way(path)
        folder = path.resolve().parent
        if not os.access(folder, os.W_OK):
            number = errno.EACCES if folder.is_dir() else errno.ENOENT
            raise file_error("write", path, OSError(number, os.strerror(number)))

    @staticmethod
    def _ending(path: Path) -> str:
        ending = path.suffix.lower()
        if ending not in ENDINGS:
            raise invalid(
                "path",
                "The ending of the file's name decides the format: .csv, .jsonl, .parquet or .xlsx."
                f" “{path.name}” has none of them.",
            )
        return ending

    def copying(self, people: int) -> None:
        """Many people go onto the clipboard, which is an export as well: permitted, and written down."""
        details = {"people": f"{people:,}", "search": "chosen one by one", "format": "clipboard"}
        self._changes.perform(Action.EXPORT_USERS, "users", lambda: None, details=details)

    def result(
        self, work: Work, path: Path, head: Sequence[str], lines: Sequence[Sequence[str]], *, what: str, replace: bool
    ) -> int:
        """What became of many people as CSV, for the owner alone (0600), whole or not at all; returns how many.

        `what` names the change for the journal. AppError: NOT_ALLOWED; INVALID_INPUT about path; FILE_ERROR.
        """
        return self._changes.perform(
            Action.EXPORT_USERS,
            "users",
            lambda: self._write_result(work, path, head, lines, replace=replace),
            details={"people": f"{len(lines):,}", "result_of": what, "format": "CSV", "file": path.name},
            stopped="Stopped: no file was written.",
        ).value

    @staticmethod
    def _write_result(
        work: Work, path: Path, head: Sequence[str], lines: Sequence[Sequence[str]], *, replace: bool
    ) -> int:
        import polars as pl

        from app.directory.sheets import unrun

        work.check()
        table = pl.DataFrame(lines, schema=dict.fromkeys(head, pl.String), orient="row")
        safe = table.with_columns(unrun(pl.col(name)).alias(name) for name in head)
        with writing(path, replace=replace) as file:
            file.write(safe.write_csv(line_terminator="\r\n", quote_style="non_numeric").encode())
        return len(lines)

    def _check_columns(self, export: Export) -> None:
        if not export.columns:
            raise invalid("columns", "Choose at least one column.")
        known = self.columns()
        for name in export.columns:
            # An attribute that nobody happens to have now is an empty column, not a mistake.
            if name not in (*known, *STANDARD, "phone_number") and not name.startswith(CUSTOM):
                raise invalid("columns", f"There is no column “{name}”. There are: {', '.join(known)}.")
        if len(set(export.columns)) < len(export.columns):
            raise invalid("columns", "A column is chosen twice.")

    @staticmethod
    def _write(work: Work, export: Export, view: UserView, ending: str) -> Exported:
        from app.directory.sheets import FORMATS

        total = len(view)
        with writing(export.path, replace=export.replace) as file:
            sheet = FORMATS[ENDINGS[ending]](file, export.columns, export.path.resolve().parent)
            try:
                for start in range(0, total, _PART):
                    work.progress(start, total, "users")
                    sheet.add(view.table(start, start + _PART, export.columns))
                work.progress(total, total, "users")
                sheet.end()
            finally:
                sheet.close()
        return Exported(export.path, total)


def _words(who: Selection) -> str:
    """For the journal: how people were chosen, never who they are."""
    if not isinstance(who, Matching):
        return "chosen one by one"
    found = who.query or "everybody"
    return f"{found} (without {len(who.without):,})" if who.without else found
