"""auth.users read whole, as columns, for the index and the comparison: a million rows in about a second.

PostgreSQL sends a row at a time, which costs more than the rows: here it joins the values of a column over many pages
into one text, on two connections of one moment. Where that cannot be (views, old servers, values with the separator in
them) the rows come by COPY.
Imports polars: only from inside functions that run on a worker.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl
import psycopg
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
    parts on other threads, while the next one was on its way, with a row for each. Raises AppError as Database does.
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
        parts = _Parts(int(row[1]), columns, also)
        second = None
        try:
            if parts.several:
                snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
                assert snapshot is not None
                second = parts.beside(database, snapshot[0])
            parts.read(connection, lambda done: work.progress(done, parts.pages, "Reading the database"))
            if second is not None:
                second.result()  # before this transaction ends, and its moment with it
            work.progress(parts.pages, parts.pages, "Reading the database")
            found = parts.result()
        finally:
            parts.close()
    whole = [part for part in found if part is not None]
    if len(whole) < len(found):
        return None
    empty = pl.DataFrame(schema=_SCHEMA)
    more = [] if also is None else [also(empty), *(part[1] for part in whole if part[1] is not None)]
    return pl.concat([empty, *(part[0] for part in whole)]), pl.concat(more) if more else None


class _Parts:
    """A table read in spans of pages, by one connection or two at once: a statement keeps a single core busy there."""

    def __init__(self, pages: int, columns: frozenset[str], also: Also) -> None:
        self.pages = pages
        self._columns = columns
        self._also = also
        self._next = iter(range(0, max(1, pages), PAGES_AT_ONCE))
        self._guard = threading.Lock()
        self._closed = False
        self._found: dict[int, Future[Both | None]] = {}
        self._taking_apart = ThreadPoolExecutor(2, "rows")  # while the server is busy, and both cores once it is done
        self._reading = ThreadPoolExecutor(1, "more-rows")

    @property
    def several(self) -> bool:
        """Whether there is work for two."""
        return self.pages > PAGES_AT_ONCE

    def read(self, connection: Session, told: Callable[[int], object] = lambda _: None) -> None:
        """Read span after span until none is left; `told` hears how many pages are begun, and may raise."""
        while (first := self._take()) is not None:
            told(first)
            last = first + PAGES_AT_ONCE if first + PAGES_AT_ONCE < self.pages else None
            groups = list(_span(connection, self._columns, first, last))
            self._found[first] = self._taking_apart.submit(_taken_apart, self._also, groups)

    def beside(self, database: Database, snapshot: str) -> Future[None]:
        """Read on another connection as well, which sees the same moment; without one to be had the first reads all."""

        def read() -> None:
            with contextlib.ExitStack() as stack:
                try:
                    connection = stack.enter_context(database.transaction(wait=False))
                    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
                except (AppError, psycopg.Error):
                    return  # too many connections, or a proxy that leads to another server
                self.read(connection)

        return self._reading.submit(read)

    def result(self) -> list[Both | None]:
        """The parts in the order of the table."""
        return [self._found[first].result() for first in sorted(self._found)]

    def close(self) -> None:
        """Stop reading, and wait for the statement that runs."""
        with self._guard:
            self._closed = True
        self._reading.shutdown()
        self._taking_apart.shutdown(cancel_futures=True)

    def _take(self) -> int | None:
        with self._guard:
            return None if self._closed else next(self._next, None)


# How many rows, their other columns joined, and the values of _FEW.
_Group = tuple[int, dict[str, bytes | None], dict[str, str | None]]


def _span(connection: Session, columns: frozenset[str], first: int, last: int | None) -> Iterator[_Group]:
    """The rows of the pages first..last-1, those with the same values of _FEW together; the last span has no end."""
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


def _taken_apart(also: Also, groups: list[_Group]) -> Both | None:
    """None where a value holds the separator."""
    counts = pl.Series([count for count, _, _ in groups], dtype=pl.UInt32)
    height = int(counts.sum())
    if not height:
        return pl.DataFrame(schema=_SCHEMA), None if also is None else also(pl.DataFrame(schema=_SCHEMA))
    read = {}
    for name in groups[0][1]:
        text = _SEPARATOR.encode().join(joined[name] or b"" for _, joined, _ in groups)
        series = pl.Series(name, [text], dtype=pl.Binary).cast(pl.String).str.split(_SEPARATOR).explode()
        if len(series) != height:
            return None
        read[name] = series
    same = pl.DataFrame([same for _, _, same in groups], schema=dict.fromkeys(groups[0][2], pl.String))
    few = _shaped(same)[pl.int_range(len(groups), eager=True).repeat_by(counts).explode()]
    part = _shaped(pl.DataFrame(read)).with_columns(few.select(same.columns))
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
        return pl.DataFrame(schema=_SCHEMA)
    data = b"".join(blocks)
    return _shaped(pl.read_csv(data, has_header=False, new_columns=names, infer_schema=False))


def _as_text(name: str) -> sql.Composable:
    return sql.SQL("{}::text").format(sql.Identifier(name))


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    """COLUMNS of texts as they came."""
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
        elif (frame[name] == "").any():
            shaped.append(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name))
        else:
            shaped.append(pl.col(name))
    return frame.select(shaped)
