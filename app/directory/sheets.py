"""The formats of an exported file: CSV, JSON lines, Parquet, Excel. Each takes tables, part after part.

A file is whole only after `end`. Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

import polars as pl
import xlsxwriter

from app.directory import tables
from app.errors import AppError, ErrorCode

# A spreadsheet takes a cell that begins so for a formula, which may call programs; a number with a sign is harmless.
# One more quote in front also of what looks quoted already: whoever reads takes exactly one away.
_FORMULA: Final = r"^'*[=+\-@\t\r\n＝＋－＠]"
_NUMBER: Final = r"^[+\-][0-9]+$"
_LONGEST_CELL: Final = 32_767  # characters, Excel's limit
_SHEET_ROWS: Final = 1_048_576  # Excel's limit, the row of names included
PERSONAL: Final = "Personal data of users: keep it where only those who need it can read it, and delete it afterwards."


class Sheet(ABC):
    """A file that is being written. `folder` is where it will stand."""

    def __init__(self, file: IO[bytes], names: Sequence[str], folder: Path) -> None:
        self.file = file
        self.names = tuple(names)

    @abstractmethod
    def add(self, part: pl.DataFrame) -> None:
        """Write more rows."""

    def end(self) -> None:  # noqa: B027 - most formats have no end
        """Write what comes last."""

    def close(self) -> None:  # noqa: B027 - most formats hold nothing
        """Give up what is held, also where `end` was never reached."""


class CsvSheet(Sheet):
    """RFC 4180 in UTF-8, every text in quotes; texts that a spreadsheet would run begin with an apostrophe."""

    def __init__(self, file: IO[bytes], names: Sequence[str], folder: Path) -> None:
        super().__init__(file, names, folder)
        self._write(tables.empty(names), header=True)

    def add(self, part: pl.DataFrame) -> None:
        self._write(_as_texts(part), header=False)

    def _write(self, part: pl.DataFrame, *, header: bool) -> None:
        names = [name for name, kind in part.schema.items() if kind == pl.String]
        safe = part.with_columns(unrun(pl.col(name)).alias(name) for name in names)
        text = safe.write_csv(include_header=header, line_terminator="\r\n", quote_style="non_numeric")
        self.file.write(text.encode())


class JsonSheet(Sheet):
    """One JSON object per line, in UTF-8; moments as ISO 8601 in UTC, what is not there as null."""

    def add(self, part: pl.DataFrame) -> None:
        self.file.write(_as_texts(part).write_ndjson().encode())


class ParquetSheet(Sheet):
    """Apache Parquet with types. A file of columns: it is kept in memory until the end."""

    def __init__(self, file: IO[bytes], names: Sequence[str], folder: Path) -> None:
        super().__init__(file, names, folder)
        self._parts = [tables.empty(names)]

    def add(self, part: pl.DataFrame) -> None:
        self._parts.append(part)

    def end(self) -> None:
        whole = pl.concat(self._parts).with_columns(pl.col(tables.MOMENT).dt.replace_time_zone("UTC"))
        buffer = io.BytesIO()  # polars would report a full disk in words of its own
        whole.write_parquet(buffer, metadata={"note": PERSONAL})
        self.file.write(buffer.getbuffer())


class ExcelSheet(Sheet):
    """Office Open XML with real dates (UTC). Nothing becomes a formula or a link; a sheet that is full has another."""

    def __init__(self, file: IO[bytes], names: Sequence[str], folder: Path) -> None:
        super().__init__(file, names, folder)
        # Beside the file: the parts before they are packed are personal data too, and take room on that disk.
        self._folder = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        settings = {"constant_memory": True, "tmpdir": str(self._folder), **plain}
        self._book: Any = xlsxwriter.Workbook(file, settings)
        self._book.set_properties({"title": "Users", "comments": PERSONAL})
        self._bold = self._book.add_format({"bold": True})
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._ended = False
        self._begin_sheet("Users")

    def add(self, part: pl.DataFrame) -> None:
        for row in part.iter_rows():
            if self._row == _SHEET_ROWS:
                self._begin_sheet(f"Users {len(self._book.worksheets()) + 1}")
            for column, value in enumerate(row):
                if value is not None:
                    self._cell(column, value)
            self._row += 1

    def end(self) -> None:
        self._ended = True
        self._book.close()

    def close(self) -> None:
        if not self._ended:  # else it holds its temporary files open until somebody collects it
            self._book.fileclosed = True
            for sheet in self._book.worksheets():
                with contextlib.suppress(OSError):
                    sheet.row_data_fh.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin_sheet(self, title: str) -> None:
        self._sheet = self._book.add_worksheet(title)
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(self.names):
            date = tables.kind(name) == tables.MOMENT
            self._sheet.set_column(column, column, 20 if date else 28 if name in ("email", "sub", "username") else 16)
            self._sheet.write_string(0, column, f"{name} (UTC)" if date else name, self._bold)
        self._row = 1

    def _cell(self, column: int, value: object) -> None:
        at = self._row, column
        if isinstance(value, bool):
            self._sheet.write_boolean(*at, value)
        elif not isinstance(value, str):
            self._sheet.write_datetime(*at, value, self._date)
        elif len(value) > _LONGEST_CELL:
            message = (
                f"A value of {self.names[column]} has {len(value):,} characters; a cell of Excel holds"
                f" {_LONGEST_CELL:,}. Choose CSV, JSON lines or Parquet, or leave the column out."
            )
            raise AppError(ErrorCode.INVALID_INPUT, message, subject="columns", fields={"columns": message})
        elif value.startswith("<r>") and value.endswith("</r>"):
            # The library would take it for its own mark-up, unescaped: in two pieces it cannot.
            self._sheet.write_rich_string(*at, "<", self._book.formats[0], value[1:])
        else:
            self._sheet.write_string(*at, value)


FORMATS: Final[dict[str, type[Sheet]]] = {
    "CSV": CsvSheet,
    "JSON lines": JsonSheet,
    "Parquet": ParquetSheet,
    "Excel": ExcelSheet,
}


def unrun(text: pl.Expr) -> pl.Expr:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def _as_texts(part: pl.DataFrame) -> pl.DataFrame:
    """Moments as ISO 8601 in UTC."""
    return part.with_columns(pl.col(tables.MOMENT).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
