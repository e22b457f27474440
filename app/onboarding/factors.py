"""How many people of auth.users have no second factor, by status and by the age of the row. Blocking; AppError only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.onboarding.database import Database
from app.onboarding.rows import table

# A row without a moment of creation counts as the oldest there is.
_QUERY = """
SELECT status::text,
       coalesce(width_bucket(extract(epoch FROM %(now)s::timestamptz - {created})::float8, %(bounds)s::float8[]),
                cardinality(%(bounds)s::float8[])) AS age,
       count(*), count(*) FILTER (WHERE coalesce(lower({method}), 'none') IN ('none', ''))
FROM {table} GROUP BY 1, 2
"""


def factor_counts(database: Database, now: datetime, bounds: Sequence[float]) -> list[tuple[str, int, int, int]]:
    """Status, number of the age (0: younger than the first of `bounds`, in seconds), people, those without a factor.

    AppError(DATABASE_SCHEMA) where the table does not keep who has a factor (mfa_method).
    """
    from psycopg import sql

    from app.errors import AppError, ErrorCode

    columns = database.require_columns()
    if "mfa_method" not in columns:
        message = "auth.users has no column mfa_method, so the database cannot tell who has a second factor."
        raise AppError(ErrorCode.DATABASE_SCHEMA, message, subject="auth.users.mfa_method")
    created = sql.Identifier("created_at") if "created_at" in columns else sql.SQL("NULL::timestamptz")
    query = sql.SQL(_QUERY).format(
        created=created, method=sql.SQL("{}::text").format(sql.Identifier("mfa_method")), table=table()
    )
    with database.connection() as connection:
        rows = connection.execute(query, {"now": now, "bounds": list(bounds)}).fetchall()
    return [(str(status), int(age), int(people), int(without)) for status, age, people, without in rows]
