"""The lines of a report as CSV (RFC 4180, UTF-8). Imports polars: only from inside functions that run on a worker."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from app.directory.differences import BITS
from app.directory.sheets import unrun
from app.drift.report import DriftView
from app.files import writing
from app.work import Work

_PART = 65_536
COLUMNS = (
    *("username", "sub", "email", "email_verified", "enabled", "factor", "row_id", "row_subject", "row_email"),
    *("row_email_verified", "row_status", "row_mfa", "row_mfa_required", "row_provider"),
)


def write(work: Work, view: DriftView, path: Path, *, replace: bool) -> int:
    """Write them all; the first column names the kinds. What a spreadsheet would run begins with an apostrophe."""
    total = len(view)
    with writing(path, replace=replace) as file:
        for start in range(0, max(1, total), _PART):
            work.progress(start, total, "people")
            part = _shaped(view.frame.slice(start, _PART))
            text = part.write_csv(include_header=start == 0, line_terminator="\r\n", quote_style="non_numeric")
            file.write(text.encode())
        work.progress(total, total, "people")
    return total


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    kinds = [pl.when((pl.col("bits") & bit) != 0).then(pl.lit(kind.value)) for kind, bit in BITS.items()]
    texts = [name for name in COLUMNS if frame.schema[name] == pl.String]
    return frame.select(
        pl.concat_str(kinds, separator=" ", ignore_nulls=True).alias("differences"), *COLUMNS
    ).with_columns(unrun(pl.col(name)).alias(name) for name in texts)
