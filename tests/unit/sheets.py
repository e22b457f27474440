"""Reads exported files back, each with another reader than the one that wrote it where there is one."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

Table = list[dict[str, object]]
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FLAGS = ("enabled", "email_verified", "in_database", "mfa_required")
_MOMENTS = ("created", "modified")


def read(path: Path) -> Table:
    """The rows of a file, as Python's values; None for what is not there."""
    match path.suffix:
        case ".csv":
            return _csv(path)
        case ".jsonl":
            lines = path.read_bytes().decode().split("\n")
            return [_timed(json.loads(line)) for line in lines if line]
        case ".parquet":
            frame = pl.read_parquet(path)
            naive = frame.with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
            return [
                {
                    name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
                    for name, value in row.items()
                }
                for row in naive.to_dicts()
            ]
        case _:
            return [row for sheet in excel_sheets(path) for row in sheet]


def excel_sheets(path: Path) -> list[Table]:
    """The sheets of a workbook, one after the other."""
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [_sheet(book.read(name)) for name in names]


def _csv(path: Path) -> Table:
    text = path.read_bytes().decode()
    found: Table = []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        values: dict[str, object] = {}
        for name, cell in row.items():
            value: object = re.sub(r"^'('*[=+\-@\t\r\n＝＋－＠])", r"\1", cell) or None
            if name in _FLAGS and value is not None:
                value = {"true": True, "false": False}[str(value)]
            values[name] = value
        found.append(_timed(values))
    return found


def _timed(row: dict[str, object]) -> dict[str, object]:
    return {
        name: datetime.fromisoformat(str(value)) if name in _MOMENTS and value is not None else value
        for name, value in row.items()
    }


def _sheet(xml: bytes) -> Table:
    rows = []
    for row in ElementTree.fromstring(xml).iter(f"{_MAIN}row"):
        cells: dict[str, object] = {}
        for cell in row.iter(f"{_MAIN}c"):
            cells[re.sub(r"\d", "", cell.attrib["r"])] = _cell(cell)
        rows.append(cells)
    header = {column: str(name) for column, name in rows[0].items()}
    found = []
    for cells in rows[1:]:
        made = {}
        for column, name in header.items():
            value = cells.get(column)
            if name.endswith(" (UTC)") and isinstance(value, float):
                value = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(milliseconds=round(value * 86_400_000))
            made[name.removesuffix(" (UTC)")] = value
        found.append(made)
    return found


def _cell(cell: ElementTree.Element) -> object:
    assert cell.find(f"{_MAIN}f") is None, "a formula"
    if cell.get("t") == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
        return re.sub(r"_x([0-9a-fA-F]{4})_", lambda found: chr(int(found[1], 16)), text)
    number = float(cell.findtext(f"{_MAIN}v") or 0)
    return bool(number) if cell.get("t") == "b" else number
