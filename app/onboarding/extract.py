"""auth.users read whole, as columns: a million rows in about two seconds, for the index and the comparison.

PostgreSQL sends a row at a time, which costs more than the rows: here it joins the values of a column over many pages
into one text. Where that cannot be (views, old servers, values with the separator in them) the rows come by COPY.
Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl
from psycopg import sql

from app.errors import AppError, ErrorCode
from app.onboarding.database import Database
from app.onboarding.rows import table
from app.work import Work

if TYPE_CHECKING:
    from app.onboarding.leases import Session

_TEXTS = ("id", "subject", "email", "status", "auth_provider", "mfa_method", "organization_id")
_FLAGS = ("email_verified", "mfa_required")
COLUMNS = (*_TEXTS[:5], "email_verified", "mfa_method", "mfa_required", "organization_id")
# Columns of few values: rows that agree in them all are read together, so that they need not be told for each.
_FEW = frozenset({"status", "auth_provider", "email_verified", "mfa_method", "mfa_required"})
_NEVER_NULL = frozenset({"email_verified"})  # NULL says that nobody verified it

_SCHEMA = {name: pl.Boolean() if name in _FLAGS else pl.String() for name in COLUMNS}

PAGES_AT_ONCE = 2_048  # of 8 kB: some 80,000 rows, 10 MB of text at the server
_TID_SCANS = 140_000  # the first version that finds the rows of a span of pages without reading the others
_SEPARATOR = "\x1e"  # between values; a value that holds it is noticed, because there are too many then
_COPY_SECONDS = 900  # for the whole table in one statement; the usual limit is for one page of it


Also = Callable[[pl.DataFrame], pl.DataFrame] | None
Both = tuple[pl.DataFrame, pl.DataFrame | None]


def read_rows(database: Database, work: Work, also: Also = None) -> Both:
    """Every row with the columns COLUMNS; null for a column that does not exist. One consistent moment.

    Flags are booleans, the others texts; an empty text reads as null. The second frame is what `also` made of the
    parts on another thread, while the next one was on its way, with a row for each. Raises AppError as Database does.
    """
    columns = database.require_columns()
    try:
        found = _by_pages(database, columns, work, also)
    except AppError as error:
        # The right to read some columns alone does not let a role name a row's place in the table.
        if error.code is not ErrorCode.DATABASE_REFUSED or error.retryable:
            raise
        found = None
    if found is not None:
        return found
    rows = _by_copy(database, columns, work)
    return rows, None if also is None else also(rows)


def _by_pages(database: Database, columns: frozenset[str], work: Work, also: Also = None) -> Both | None:
    """None where the table or a value in it does not allow it."""
    with database.transaction() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if connection.info.server_version < _TID_SCANS:
            return None
        row = connection.execute(
            "SELECT relkind::text, pg_relation_size(oid) / current_setting('block_size')::int"
            " FROM pg_catalog.pg_class WHERE oid = to_regclass('auth.users')"
        ).fetchone()
        if row is None or row[0] != "r":
            return None
        pages = int(row[1])
        parts: list[Future[Both | None]] = []
        with ThreadPoolExecutor(1) as taking_apart:  # while the server is busy with the next span
            for first in range(0, max(1, pages), PAGES_AT_ONCE):
                work.progress(first, pages, "Reading the database")
                last = first + PAGES_AT_ONCE if first + PAGES_AT_ONCE < pages else None
                for group in _span(connection, columns, first, last):
                    parts.append(taking_apart.submit(_taken_apart, also, *group))
            found = [part.result() for part in parts]
        work.progress(pages, pages, "Reading the database")
    whole = [part for part in found if part is not None]
    if len(whole) < len(found):
        return None
    empty = pl.DataFrame(schema=_SCHEMA)
    more = [] if also is None else [also(empty), *(part[1] for part in whole if part[1] is not None)]
    return pl.concat([empty, *(part[0] for part in whole)]), pl.concat(more) if more else None


_Group = tuple[int, dict[str, bytes | None], dict[str, str | None]]


def _span(connection: Session, columns: frozenset[str], first: int, last: int | None) -> Iterator[_Group]:
    """The rows of the pages first..last-1, those with the same values of _FEW together; the last span has no end.

    For each group how many there are, their other columns joined, and the values of _FEW.
    """
    joined = [name for name in COLUMNS if name in columns and name not in _FEW]
    same = [name for name in COLUMNS if name in columns and name in _FEW]
    values = [
        sql.SQL("string_agg(coalesce({}, ''), {})").format(_as_text(name), sql.Literal(_SEPARATOR)) for name in joined
    ]
    query = sql.SQL("SELECT count(*), {} FROM {} WHERE ctid >= {}::tid").format(
        sql.SQL(", ").join([*values, *map(_as_text, same)]), table(), sql.Literal(f"({first},0)")
    )
    if last is not None:
        query += sql.SQL(" AND ctid < {}::tid").format(sql.Literal(f"({last},0)"))
    query += sql.SQL(" GROUP BY {}").format(sql.SQL(", ").join(map(sql.Identifier, same)))
    result = connection.execute(query, prepare=False).pgresult
    assert result is not None
    for row in range(result.ntuples):
        # As bytes: a text of 20 MB need not become one of Python's in between.
        cells = [result.get_value(row, column) for column in range(result.nfields)]
        shared = [None if cell is None else bytes(cell).decode() for cell in cells[1 + len(joined) :]]
        yield int(cells[0] or 0), dict(zip(joined, cells[1:], strict=False)), dict(zip(same, shared, strict=True))


def _taken_apart(also: Also, count: int, joined: dict[str, bytes | None], same: dict[str, str | None]) -> Both | None:
    """None where a value holds the separator."""
    read = {}
    for name, text in joined.items():
        series = pl.Series(name, [text or b""], dtype=pl.Binary).cast(pl.String).str.split(_SEPARATOR).explode()
        if len(series) != count:
            return None
        read[name] = series
    frame = pl.DataFrame(read).with_columns(pl.lit(value, pl.String).alias(name) for name, value in same.items())
    part = _shaped(frame, count)
    return part, None if also is None else also(part)


def _by_copy(database: Database, columns: frozenset[str], work: Work) -> pl.DataFrame:
    names = [name for name in COLUMNS if name in columns]
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv)").format(
        sql.SQL(", ").join(map(_as_text, names)), table()
    )
    blocks: list[bytes] = []
    with database.transaction() as connection, connection.cursor() as cursor:
        connection.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(f"{_COPY_SECONDS}s")))
        with cursor.copy(query) as copy:
            for number, block in enumerate(copy):
                if number % 10_000 == 0:
                    work.progress(number, None, "Reading the database")
                blocks.append(bytes(block))
    if not blocks:
        return _shaped(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), 0)
    data = b"".join(blocks)
    frame = pl.read_csv(data, has_header=False, new_columns=names, infer_schema=False)
    return _shaped(frame, frame.height)


def _as_text(name: str) -> sql.Composable:
    return sql.SQL("{}::text").format(sql.Identifier(name))


def _shaped(frame: pl.DataFrame, height: int) -> pl.DataFrame:
    present = frame.columns
    shaped: list[pl.Expr] = []
    for name in COLUMNS:
        if name not in present:
            missing = pl.Boolean if name in _FLAGS else pl.String
            shaped.append(pl.lit(None, missing).alias(name))
        elif name in _FLAGS:
            text = pl.col(name).str.to_lowercase()
            flag = pl.when(text != "").then(text.is_in(["true", "t", "1", "yes", "on"]))
            shaped.append((flag.fill_null(False) if name in _NEVER_NULL else flag).alias(name))
        else:
            shaped.append(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name))
    return frame.select(shaped) if height else pl.DataFrame(schema=_SCHEMA)
