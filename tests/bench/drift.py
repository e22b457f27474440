"""A pool compared with its database, against PostgreSQL doing it: a million people on both sides, in one run.

`python -m tests.bench.drift [people]` prints each part as JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import polars as pl
import psycopg

from app.demo.postgres import EmbeddedPostgres
from app.directory.differences import Kind
from app.directory.index import UserIndex
from app.drift.report import compare
from app.onboarding.database import Database
from app.onboarding.users import OnboardingReader
from app.upkeep import join_rows
from app.work import Work
from tests.bench.search import people

PEOPLE = 1_000_000
ROUNDS = 2
# The same rule as the report's: by subject, else, among what is left, by the address.
_QUERY = """
WITH sides AS MATERIALIZED (
    SELECT p.*, u.id::text AS row_id, u.subject, u.email AS row_email, u.status, u.email_verified AS row_verified,
           u.auth_provider, u.mfa_method
    FROM pool p FULL OUTER JOIN auth.users u ON u.subject = p.sub
    WHERE p.sub IS NULL OR u.id IS NULL OR p.email <> u.email OR p.email_verified <> u.email_verified
       OR p.enabled = (u.status = 'disabled') OR (p.email_verified AND u.status = 'pending_verification')
       OR u.auth_provider <> 'cognito'
)
SELECT * FROM sides WHERE sub IS NOT NULL AND row_id IS NOT NULL
UNION ALL
SELECT p.sub, p.email, p.email_verified, p.enabled, u.row_id, u.subject, u.row_email, u.status, u.row_verified,
       u.auth_provider, u.mfa_method
FROM (SELECT * FROM sides WHERE row_id IS NULL) p
FULL OUTER JOIN (SELECT * FROM sides WHERE sub IS NULL) u ON lower(u.row_email) = lower(p.email) AND u.subject IS NULL
WHERE p.sub IS NOT NULL OR (u.auth_provider = 'cognito' AND u.status <> 'disabled')
"""


def measure(count: int = PEOPLE) -> dict[str, float]:
    """The best of a few rounds of each side. They must find the same number of people."""
    found = parts(count)
    return {"drift_1m_s": found["ours"], "drift_1m_vs_sql": round(found["ours"] / found["sql"], 3)}


def parts(count: int) -> dict[str, float]:
    """Seconds of each side."""
    index = UserIndex()
    index.replace(people(count))
    root = Path(tempfile.mkdtemp(prefix="cd-"))
    server = EmbeddedPostgres(root)
    try:
        conninfo = server.start()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            _fill(connection, index.frame())
        ours: list[float] = []
        plain: list[float] = []
        with closing(Database(conninfo)) as database:
            reader = OnboardingReader(database)
            for _ in range(ROUNDS):
                took, differing = _report(index, reader)
                ours.append(took)
                took, rows = _in_sql(conninfo, index.frame())
                plain.append(took)
                if differing != rows or not rows:
                    raise RuntimeError(f"the report finds {differing} people, PostgreSQL {rows}")
        return {"ours": round(min(ours), 2), "sql": round(min(plain), 2), "differing": rows}
    finally:
        server.remove()
        shutil.rmtree(root, ignore_errors=True)


def _fill(connection: psycopg.Connection[tuple[object, ...]], everybody: pl.DataFrame) -> None:
    """auth.users as the pool has it, but for one in a hundred: missing, another status, address or verification."""
    connection.execute(files("resources").joinpath("sql/auth_users.sql").read_bytes())
    number = pl.int_range(pl.len()) % 1_000
    rows = everybody.with_row_index().select(
        subject=pl.when(number != 10).then(pl.coalesce("sub", "username")),
        email=pl.when(number == 1).then("x" + pl.col("email")).otherwise("email"),
        name="name",
        organization_id=pl.col("organization").cast(pl.String),
        auth_provider=pl.lit("cognito"),
        email_verified=pl.col("email_verified") ^ number.is_between(2, 4),
        status=pl.when(pl.col("enabled") ^ number.is_between(5, 7))
        .then(pl.lit("active"))
        .otherwise(pl.lit("disabled")),
        mfa_method=pl.lit("totp"),
        missing=number.is_between(8, 9),
    )
    rows = rows.filter(~pl.col("missing")).drop("missing")
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY auth.users ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv)".encode()) as copy:
            for part in rows.iter_slices(100_000):
                copy.write(part.write_csv(include_header=False).encode())
        cursor.execute(
            "INSERT INTO auth.users (email, subject, auth_provider, status) SELECT 'gone' || i || '@northwind.example',"
            " 'gone-' || i, 'cognito', 'active' FROM generate_series(1, %s) AS i",
            (max(1, everybody.height // 1000),),
        )
        cursor.execute("VACUUM ANALYZE auth.users")


def _report(index: UserIndex, reader: OnboardingReader) -> tuple[float, int]:
    """What Drift.compare does."""
    began = time.perf_counter()
    raw, facts, everybody = join_rows(index, reader, Work())
    report = compare(everybody, raw, facts)
    for kind in Kind:
        report.examples(kind)
    return time.perf_counter() - began, report.people


def _in_sql(conninfo: str, everybody: pl.DataFrame) -> tuple[float, int]:
    """The pool's side copied into a temporary table, joined there, the differences read back."""
    began = time.perf_counter()
    side = everybody.select(pl.coalesce("sub", "username"), "email", "email_verified", "enabled")
    with psycopg.connect(conninfo, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pool (sub text, email text, email_verified boolean, enabled boolean)")
        with cursor.copy("COPY pool FROM STDIN (FORMAT csv)") as copy:
            for part in side.iter_slices(100_000):
                copy.write(part.write_csv(include_header=False).encode())
        cursor.execute("ANALYZE pool")
        rows = cursor.execute(_QUERY).fetchall()
    return time.perf_counter() - began, len(rows)


if __name__ == "__main__":
    print(json.dumps(parts(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)))
