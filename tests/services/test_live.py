"""The live watch over a real auth.users: what others change is told, by notifications and by asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from app.errors import ErrorCode
from app.onboarding import recent
from app.onboarding.database import Database
from app.onboarding.live import CHECK_SECONDS, COMPARE_SECONDS, HEARD_SECONDS, Live, LiveMode, News, trigger_sql
from app.onboarding.models import OnboardingStatus
from tests.services.relay import Relay

S = OnboardingStatus


class Clock:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scene:
    """A watch, and another writer's connection to the same database."""

    live: Live
    clock: Clock
    writer: psycopg.Connection[Any]

    def write(self, statement: str, *values: object) -> None:
        self.writer.execute(statement.encode(), values or None)

    def add(self, email: str, status: str = "pending_approval", changed: str = "now()") -> str:
        statement = f"INSERT INTO auth.users (email, status, updated_at) VALUES (%s, %s, {changed}) RETURNING id::text"
        row = self.writer.execute(statement.encode(), (email, status)).fetchone()
        assert row is not None
        return str(row[0])

    def mode(self) -> LiveMode:
        return self.live.state.mode

    def after(self, seconds: float = 1.0) -> News:
        """A look after that many seconds of the watch's clock."""
        self.clock.now += seconds
        return self.live.look()

    def heard(self) -> News:
        """Looks until something was told: a notification takes its moment to travel."""
        deadline = time.monotonic() + 10
        while not (news := self.live.look()):
            assert time.monotonic() < deadline, f"nothing was told; the watch is {self.live.state}"
            time.sleep(0.01)
        return news


def begin(conninfo: str, server: str | None = None) -> Iterator[Scene]:
    clock = Clock()
    database = Database(conninfo)
    live = Live(database, clock=clock)
    with psycopg.connect(server or conninfo, autocommit=True) as writer:
        yield Scene(live, clock, writer)
    live.close()
    database.close()


@pytest.fixture
def asked(auth_database: str) -> Iterator[Scene]:
    """Without the trigger."""
    yield from begin(auth_database)


@pytest.fixture
def told(auth_database: str) -> Iterator[Scene]:
    """With the trigger."""
    with psycopg.connect(auth_database, autocommit=True) as owner:
        owner.execute(trigger_sql().encode())
    yield from begin(auth_database)


def statuses(news: News) -> dict[str, OnboardingStatus]:
    return {row.email: row.status for row in news.rows}


def test_without_the_trigger_it_asks_and_tells_each_change_once(asked: Scene) -> None:
    asked.add("there.before@x.example")
    assert not asked.live.look(), "what was there before is known"
    assert asked.mode() is LiveMode.POLLING
    asked.add("new@x.example")
    asked.write("UPDATE auth.users SET status = 'rejected', updated_at = now() WHERE email = 'there.before@x.example'")
    news = asked.after()
    assert statuses(news) == {"new@x.example": S.PENDING_APPROVAL, "there.before@x.example": S.REJECTED}
    assert not news.everything
    assert not asked.after()
    assert not asked.after()


def test_with_the_trigger_the_database_tells_by_itself(told: Scene) -> None:
    id = told.add("there.before@x.example")
    assert not told.live.look()
    assert told.mode() is LiveMode.LISTENING
    told.write("UPDATE auth.users SET status = 'active' WHERE id = %s", id)  # no updated_at: asking would not find it
    assert statuses(told.heard()) == {"there.before@x.example": S.ACTIVE}
    told.write("DELETE FROM auth.users WHERE id = %s", id)
    assert told.heard().gone == (id,)
    told.add("new@x.example")
    assert statuses(told.heard()) == {"new@x.example": S.PENDING_APPROVAL}
    assert not told.after(CHECK_SECONDS + 1), "what was heard is not told again when the watch asks"
    assert not told.after(COMPARE_SECONDS + 1), "nor when it compares"


@pytest.mark.parametrize("said", ["nonsense", "1", "'; DROP TABLE auth.users; --", "\u2028 {} %s", "0" * 7000])
def test_nonsense_on_the_channel_neither_harms_nor_deafens(told: Scene, said: str) -> None:
    told.live.look()
    told.write("SELECT pg_notify('auth_users_changed', %s)", said)
    id = told.add("new@x.example")
    assert statuses(told.heard()) == {"new@x.example": S.PENDING_APPROVAL}
    assert told.mode() is LiveMode.LISTENING
    told.write("SELECT pg_notify('auth_users_changed', %s)", f"{said} {id}")
    assert statuses(told.heard()) == {"new@x.example": S.PENDING_APPROVAL}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("bigint", ["1", "-7", "9223372036854775807"], ["", "x", "1_0", "9223372036854775808", "--1", "٣"]),
        ("integer", ["2147483647"], ["2147483648"]),
        ("uuid", ["8c2a4b9e-6f0d-4e8f-9a35-0d6f2f6f0b11"], ["8c2a4b9e6f0d4e8f9a350d6f2f6f0b11", "{}"]),
        ("text", ["anything"], []),
    ],
)
def test_only_what_can_be_an_id_is_asked_for(kind: str, good: list[str], bad: list[str]) -> None:
    assert [id for id in (*good, *bad) if recent._could_be(id, kind)] == good


def test_a_change_that_is_rolled_back_is_not_told(told: Scene) -> None:
    told.live.look()
    with told.writer.transaction(force_rollback=True):
        told.add("never@x.example")
    told.add("really@x.example")
    assert statuses(told.heard()) == {"really@x.example": S.PENDING_APPROVAL}


def test_a_crowd_is_told_as_everything_in_both_ways(asked: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 20)
    asked.live.look()
    asked.write("INSERT INTO auth.users (email) SELECT 'u' || n || '@x.example' FROM generate_series(1, 50) n")
    assert asked.after().everything
    assert not asked.after(), "the crowd is not read again"
    asked.add("one@x.example")
    assert statuses(asked.after()) == {"one@x.example": S.PENDING_APPROVAL}


def test_the_trigger_tells_of_a_crowd_and_of_a_truncated_table(told: Scene) -> None:
    told.live.look()
    told.write("INSERT INTO auth.users (email) SELECT 'u' || n || '@x.example' FROM generate_series(1, 150) n")
    assert told.heard().everything
    told.write("TRUNCATE auth.users")
    assert told.heard().everything


def test_many_rows_with_one_and_the_same_time_are_each_told_once(asked: Scene) -> None:
    asked.live.look()
    moment = "date_trunc('second', now())"
    first = {asked.add(f"a{n}@x.example", changed=moment) for n in range(5)}
    assert {row.id for row in asked.after().rows} == first
    second = {asked.add(f"b{n}@x.example", changed=moment) for n in range(5)}
    assert {row.id for row in asked.after().rows} == second


def test_a_transaction_that_commits_late_is_not_missed(asked: Scene) -> None:
    """Its updated_at is the moment at which it began: before what was seen meanwhile."""
    asked.live.look()
    with psycopg.connect(asked.writer.info.dsn, password=asked.writer.info.password) as slow:
        slow.execute("INSERT INTO auth.users (email, updated_at) VALUES ('slow@x.example', now())")
        asked.add("quick@x.example")
        assert list(statuses(asked.after())) == ["quick@x.example"]
        slow.commit()
        assert list(statuses(asked.after())) == ["slow@x.example"]


@pytest.mark.parametrize("skew", ["+ interval '3 hours'", "- interval '3 hours'"])
def test_writers_whose_clock_is_wrong_are_followed(asked: Scene, skew: str) -> None:
    asked.add("before@x.example", changed=f"now() {skew}")
    asked.live.look()
    for n in range(3):
        asked.add(f"skewed{n}@x.example", changed=f"now() {skew}")
        assert list(statuses(asked.after())) == [f"skewed{n}@x.example"]


def test_one_clock_ahead_hides_nobody_elses_changes(asked: Scene) -> None:
    asked.live.look()
    asked.add("future@x.example", changed="now() + interval '1 year'")
    assert list(statuses(asked.after())) == ["future@x.example"]
    asked.add("present@x.example")
    assert list(statuses(asked.after())) == ["present@x.example"]
    asked.write("UPDATE auth.users SET status = 'rejected' WHERE email = 'future@x.example'")
    assert statuses(asked.after()) == {"future@x.example": S.REJECTED}


def test_deletions_and_silent_changes_are_found_by_comparing(asked: Scene) -> None:
    for n in range(3):
        asked.add(f"old{n}@x.example", changed=f"now() - interval '{5 - n} days'")
    asked.live.look()
    asked.write("DELETE FROM auth.users WHERE email = 'old0@x.example'")
    assert not asked.after()
    assert asked.after(COMPARE_SECONDS).everything
    assert not asked.after(COMPARE_SECONDS)
    asked.write("UPDATE auth.users SET status = 'active' WHERE email = 'old1@x.example'")  # updated_at forgotten
    assert asked.after(COMPARE_SECONDS).everything


def test_what_was_told_one_by_one_is_not_told_again_by_comparing(asked: Scene) -> None:
    asked.live.look()
    for n in range(4):
        asked.add(f"told{n}@x.example")
        assert asked.after().rows
    asked.add("just.now@x.example")
    news = asked.after(COMPARE_SECONDS)
    assert (list(statuses(news)), news.everything) == (["just.now@x.example"], False)
    assert not asked.after(COMPARE_SECONDS)


def test_a_table_without_updated_at_is_compared(asked: Scene) -> None:
    asked.write("ALTER TABLE auth.users DROP COLUMN updated_at")
    asked.write("INSERT INTO auth.users (email) VALUES ('one@x.example')")
    asked.live.look()
    assert asked.mode() is LiveMode.COMPARING
    assert not asked.live.state.live
    asked.write("UPDATE auth.users SET status = 'active'")
    assert asked.after(COMPARE_SECONDS).everything


def test_times_without_a_zone_and_numbers_as_ids_work(asked: Scene) -> None:
    asked.write("ALTER TABLE auth.users ALTER COLUMN updated_at TYPE timestamp USING updated_at AT TIME ZONE 'UTC'")
    asked.write("ALTER TABLE auth.users ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE bigint USING 1")
    asked.live.look()
    asked.write("INSERT INTO auth.users (id, email, updated_at) VALUES (7, 'x@x.example', now() AT TIME ZONE 'UTC')")
    assert [row.id for row in asked.after().rows] == ["7"]


def test_a_row_of_a_status_that_the_ladder_does_not_know_is_gone(asked: Scene) -> None:
    id = asked.add("odd@x.example")
    asked.live.look()
    asked.write("ALTER TABLE auth.users DROP CONSTRAINT users_status_known")
    asked.write("UPDATE auth.users SET status = 'archived', updated_at = now()")
    assert asked.after().gone == (id,)


def test_a_trigger_that_is_installed_or_dropped_meanwhile_is_noticed(asked: Scene) -> None:
    asked.live.look()
    asked.write(trigger_sql())
    asked.after(COMPARE_SECONDS)
    asked.after()
    assert asked.mode() is LiveMode.LISTENING
    asked.add("heard@x.example")
    assert statuses(asked.heard()) == {"heard@x.example": S.PENDING_APPROVAL}
    asked.write(trigger_sql())  # once more: it does no harm
    asked.write("DROP FUNCTION auth.users_tell_changes() CASCADE")
    asked.after(COMPARE_SECONDS)
    asked.after()
    assert asked.mode() is LiveMode.POLLING
    asked.add("asked@x.example")
    assert statuses(asked.after()) == {"asked@x.example": S.PENDING_APPROVAL}


def test_where_notifications_do_not_arrive_it_asks_instead(told: Scene) -> None:
    """As behind a pooler that gives each statement another connection: LISTEN succeeds, and nothing is ever heard."""
    told.live.look()
    assert told.live._listener is not None
    told.live._listener.execute("UNLISTEN *")
    told.add("first@x.example")
    assert statuses(told.after(CHECK_SECONDS)) == {"first@x.example": S.PENDING_APPROVAL}
    told.add("second@x.example")
    told.after(max(CHECK_SECONDS, HEARD_SECONDS) + 1)
    told.after()
    assert (told.mode(), told.live.state.deaf) == (LiveMode.POLLING, True)
    told.add("third@x.example")
    assert statuses(told.after()) == {"third@x.example": S.PENDING_APPROVAL}


@pytest.mark.parametrize("scene", ["asked", "told"])
def test_after_its_backends_were_killed_it_goes_on_and_misses_nothing(
    scene: str, request: pytest.FixtureRequest
) -> None:
    watched: Scene = request.getfixturevalue(scene)
    watched.live.look()
    mode = watched.mode()
    watched.write(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'cognito-desk' AND datname = current_database()"
    )
    watched.add("meanwhile@x.example")
    told: dict[str, OnboardingStatus] = {}
    for _ in range(20):
        told |= statuses(watched.after(5))
        if told and watched.mode() is mode:
            break
    assert told == {"meanwhile@x.example": S.PENDING_APPROVAL}
    assert watched.mode() is mode


@pytest.mark.parametrize("trigger", [False, True])
def test_while_the_database_is_away_it_says_so_and_catches_up_afterwards(auth_database: str, trigger: bool) -> None:
    with Relay(auth_database) as relay:
        for scene in begin(relay.conninfo, auth_database):
            if trigger:
                scene.write(trigger_sql())
            gone = scene.add("old@x.example", changed="now() - interval '1 day'")
            scene.live.look()
            mode = scene.mode()
            relay.away()
            pauses = []
            for _ in range(8):
                scene.after(scene.live.state.seconds + 1)
                assert scene.mode() is LiveMode.AWAY
                assert scene.live.state.error is not None
                assert scene.live.state.error.code is ErrorCode.DATABASE_UNREACHABLE
                pauses.append(scene.live.state.seconds)
            assert pauses == sorted(pauses)
            assert (pauses[0], pauses[-1]) == (1.0, 30.0)
            scene.add("meanwhile@x.example")
            scene.write("DELETE FROM auth.users WHERE id = %s", gone)
            relay.back()
            assert not scene.after(1), "it waits for its time"
            scene.live.hurry()
            news = scene.after(0.1)
            assert list(statuses(news)) == ["meanwhile@x.example"] or news.everything
            assert news.everything or scene.after(COMPARE_SECONDS).everything, "the deletion is noticed too"
            assert scene.mode() is mode


def test_a_table_that_is_missing_is_told_and_waited_for(asked: Scene) -> None:
    asked.write("ALTER TABLE auth.users RENAME TO elsewhere")
    asked.live.look()
    assert asked.mode() is LiveMode.REFUSED
    assert asked.live.state.error is not None
    assert asked.live.state.error.code is ErrorCode.DATABASE_SCHEMA
    asked.write("ALTER TABLE auth.elsewhere RENAME TO users")
    asked.after(31)
    assert asked.mode() is LiveMode.POLLING


def test_asking_uses_the_index(asked: Scene) -> None:
    asked.write(
        "INSERT INTO auth.users (email, updated_at) SELECT 'u' || n || '@x.example', now() - make_interval(mins => n)"
        " FROM generate_series(1, 20000) n"
    )
    asked.write("ANALYZE auth.users")
    asked.live.look()
    assert asked.live.state.indexed
    assert asked.live._recent is not None
    query = (
        "EXPLAIN SELECT u.id FROM auth.users u WHERE u.updated_at > now() - interval '30 s'"
        " ORDER BY u.updated_at DESC LIMIT 1001"
    )
    plan = " ".join(row[0] for row in asked.writer.execute(query.encode()).fetchall())
    assert "Index Scan" in plan
    asked.write("DROP INDEX auth.users_changed")
    asked.live._fail(asked.live.state.error or _away())
    asked.after(31)
    assert not asked.live.state.indexed


def test_a_look_during_a_look_finds_nothing_and_closing_ends_both(asked: Scene) -> None:
    asked.live.look()
    asked.add("one@x.example")
    asked.clock.now += 1
    asked.live._looking.acquire()
    found: list[News] = []
    other = threading.Thread(target=lambda: found.append(asked.live.look()))
    other.start()
    other.join(10)
    assert found == [News()]
    asked.live._looking.release()
    asked.live.close()
    asked.live.close()
    assert not asked.after()


def _away() -> Any:
    from app.errors import AppError

    return AppError(ErrorCode.DATABASE_UNREACHABLE, "gone", retryable=True)
