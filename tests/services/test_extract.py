"""auth.users read whole: by spans of pages and by COPY the same, whatever is in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app.errors import AppError, ErrorCode
from app.onboarding import extract, leases
from app.onboarding.database import Database
from app.onboarding.extract import COLUMNS, read_rows
from app.work import Cancelled, Work

if TYPE_CHECKING:
    from app.onboarding.leases import Session

ODD = ["", " ", "a,b", 'say "x"', "line\nend", "back\\slash", "\\N", "\t", "Zoë Ünal", "NULL", "😀", "\x1f"]


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    yield opened
    opened.close()


def fill(database: Database, emails: list[str], subjects: list[str | None] | None = None) -> None:
    subjects = subjects or [None] * len(emails)
    with database.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO auth.users (email, subject, auth_provider, mfa_required) VALUES (%s, %s, 'cognito', %s)",
            [(email, subject, i % 2 == 0) for i, (email, subject) in enumerate(zip(emails, subjects, strict=True))],
        )


def whole(database: Database) -> pl.DataFrame:
    return read_rows(database, Work())[0]


def by_copy(database: Database) -> pl.DataFrame:
    return extract._by_copy(database, database.columns(), Work())


def by_pages(database: Database) -> pl.DataFrame | None:
    found = extract._by_pages(database, database.columns(), Work())
    return None if found is None else found[0]


def test_both_ways_read_the_same_of_odd_values(database: Database) -> None:
    fill(database, [f"{i}{text}" for i, text in enumerate(ODD)], [*ODD[:-1], None])
    pages = by_pages(database)
    assert pages is not None
    assert_frame_equal(pages, by_copy(database), check_row_order=False)
    assert sorted(pages["email"]) == sorted(f"{i}{text}" for i, text in enumerate(ODD))
    assert pages["subject"].null_count() == 2, "an empty subject is none"
    assert pages["email_verified"].to_list() == [False] * len(ODD)
    assert pages["mfa_required"].sum() == len(ODD) // 2


def test_a_value_with_the_separator_is_noticed_and_read_right(database: Database) -> None:
    fill(database, ["a\x1eb@example.org", "c@example.org"])
    assert by_pages(database) is None
    assert sorted(whole(database)["email"]) == ["a\x1eb@example.org", "c@example.org"]


@pytest.mark.parametrize("count", [0, 1, 2, 700])
def test_spans_leave_nobody_out_and_count_nobody_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(extract, "PAGES_AT_ONCE", 2)
    fill(database, [f"user{i}@example.org" for i in range(count)])
    with database.connection() as connection:  # holes, and rows that moved to the end
        connection.execute("DELETE FROM auth.users WHERE email LIKE 'user1%'")
        connection.execute("UPDATE auth.users SET name = 'moved' WHERE email LIKE 'user2%'")
    pages = by_pages(database)
    assert pages is not None
    assert_frame_equal(pages.sort("email"), by_copy(database).sort("email"))
    assert pages["id"].is_unique().all()
    assert tuple(pages.columns) == COLUMNS


def test_rows_that_come_and_go_meanwhile_do_not_tear_the_picture(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "PAGES_AT_ONCE", 1)
    fill(database, [f"user{i}@example.org" for i in range(600)])

    class Meddling(Work):
        def progress(self, done: int, total: int | None = None, note: str = "") -> None:
            if done == 1:
                with database.connection() as connection:
                    connection.execute("DELETE FROM auth.users WHERE email > 'user3'")
                    connection.execute("INSERT INTO auth.users (email) VALUES ('new@example.org')")

    found = extract._by_pages(database, database.columns(), Meddling())
    assert found is not None
    assert sorted(found[0]["email"]) == sorted(f"user{i}@example.org" for i in range(600))


def test_without_a_second_connection_the_first_reads_everything_at_once(
    auth_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "PAGES_AT_ONCE", 1)
    monkeypatch.setattr(leases, "MOST_CONNECTIONS", 1)
    database = Database(auth_database)
    readers = set()
    spans = extract._span

    def told(*span: Any) -> Iterator[Any]:
        readers.add(threading.current_thread())
        return spans(*span)

    monkeypatch.setattr(extract, "_span", told)
    try:
        fill(database, [f"user{i}@example.org" for i in range(600)])
        assert len(whole(database)) == 600
    finally:
        database.close()
    assert readers == {threading.current_thread()}


def test_a_second_connection_that_breaks_fails_the_reading(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "PAGES_AT_ONCE", 1)
    fill(database, [f"user{i}@example.org" for i in range(600)])
    spans, main, second = extract._span, threading.current_thread(), threading.Event()

    def breaking(connection: Session, *span: Any) -> Iterator[Any]:
        if threading.current_thread() is not main:
            connection.close()
            second.set()
        else:
            assert second.wait(10)
        return spans(connection, *span)

    monkeypatch.setattr(extract, "_span", breaking)
    with pytest.raises(AppError) as caught:
        whole(database)
    assert caught.value.code is ErrorCode.DATABASE_UNREACHABLE


def test_a_view_in_the_place_of_the_table_is_read_too(database: Database) -> None:
    fill(database, ["a@example.org"])
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users RENAME TO accounts")
        connection.execute("CREATE VIEW auth.users AS SELECT * FROM auth.accounts")
    assert by_pages(database) is None
    assert whole(database)["email"].to_list() == ["a@example.org"]


def test_columns_that_are_missing_or_of_another_type(database: Database) -> None:
    fill(database, ["a@example.org", "b@example.org"], ["s", None])
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP subject, DROP mfa_required, DROP organization_id")
        connection.execute("ALTER TABLE auth.users ALTER email_verified DROP DEFAULT")
        connection.execute("ALTER TABLE auth.users ALTER email_verified TYPE text USING 'yes'")
        connection.execute("ALTER TABLE auth.users ALTER email_verified DROP NOT NULL")
        connection.execute("UPDATE auth.users SET email_verified = NULL WHERE email LIKE 'b%'")
    frame = whole(database).sort("email")
    assert frame["email_verified"].to_list() == [True, False]
    assert frame["subject"].to_list() == frame["mfa_required"].to_list() == [None, None]
    assert_frame_equal(frame, by_copy(database).sort("email"))


def test_statuses_that_nobody_knows_are_read(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP CONSTRAINT users_status_known")
        connection.execute("INSERT INTO auth.users (email, status) VALUES ('a@example.org', 'on_hold')")
    assert whole(database)["status"].to_list() == ["on_hold"]


def test_what_is_made_of_the_parts_has_a_row_for_each(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "PAGES_AT_ONCE", 1)
    fill(database, [f"user{i}@example.org" for i in range(300)])
    rows, more = read_rows(database, Work(), lambda part: part.select(pl.col("email").str.to_uppercase()))
    assert more is not None
    assert more["email"].to_list() == [email.upper() for email in rows["email"]]
    monkeypatch.setattr(extract, "_TID_SCANS", 999_999)
    copied, more = read_rows(database, Work(), lambda part: part.select("email"))
    assert more is not None
    assert more["email"].to_list() == copied["email"].to_list()


def test_reading_can_be_cancelled_and_the_connection_goes_on(database: Database) -> None:
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        read_rows(database, work)
    assert whole(database).height == 0


def test_without_the_table_the_schema_is_named(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("DROP TABLE auth.users")
    with pytest.raises(AppError) as caught:
        whole(database)
    assert caught.value.code is ErrorCode.DATABASE_SCHEMA
