"""The demo's table auth.users: made from resources/sql and filled by COPY. Raises psycopg's errors as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from importlib.resources import files
from operator import attrgetter
from typing import Final

from app.onboarding.models import DatabaseUser
from app.work import Work

_COLUMNS: Final = tuple(field.name for field in fields(DatabaseUser))
_CHECK_EVERY: Final = 2_000


def load(conninfo: str, rows: Iterable[DatabaseUser], work: Work) -> int:
    """Make auth.users in an empty database and fill it, in one transaction; returns the number of rows."""
    import psycopg
    from psycopg import sql

    schema = files("resources").joinpath("sql", "auth_users.sql").read_bytes()
    copy = sql.SQL("COPY auth.users ({}) FROM STDIN").format(sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)))
    values = attrgetter(*_COLUMNS)
    number = 0
    with psycopg.connect(conninfo) as connection, connection.cursor() as cursor:
        cursor.execute(schema)
        with cursor.copy(copy) as stream:
            for number, row in enumerate(rows, 1):
                stream.write_row(values(row))
                if number % _CHECK_EVERY == 0:
                    work.check()
        cursor.execute("ANALYZE auth.users")
    return number
