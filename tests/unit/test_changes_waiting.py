"""Database writes that wait: which database they are for, why they wait, who may retry them, what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.changes import Changes, MirrorReport
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal, MirrorRequest, MirrorState
from app.permissions import Action, Operator, Role
from app.waiting import Why
from app.work import Work
from tests.unit.test_changes import ADMIN, AWAY, Database, disable


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def database() -> Database:
    return Database()


def on(journal: Journal, database: Database, target: str, operator: Operator = ADMIN) -> Changes:
    later = datetime.now(UTC) + timedelta(hours=1)
    return Changes(journal, operator, "main", database.apply, target=target, now=lambda: later)


def test_a_write_lands_only_in_the_database_that_it_was_made_for(journal: Journal, database: Database) -> None:
    production, staging = Database(), database
    production.error = AWAY
    disable(on(journal, production, "pool_1 at desk@prod/app"))
    there = on(journal, staging, "pool_1 at desk@staging/app")
    assert there.land_mirrors(Work(), at_once=True) == MirrorReport(0, 0, elsewhere=1)
    assert disable(there, kind="user_enabled") == "done", "it waits behind nothing of another database"
    assert staging.written == [("user_enabled", "bob@example.org")]
    (waiting,) = there.waiting()
    assert (waiting.why, waiting.mirror.target) == (Why.ELSEWHERE, "pool_1 at desk@prod/app")
    production.error = None
    assert on(journal, production, "pool_1 at desk@prod/app").land_mirrors(Work(), at_once=True) == MirrorReport(1, 0)
    assert production.written == [("user_disabled", "bob@example.org")]


def test_a_connection_that_lost_its_database_keeps_what_waits(journal: Journal, database: Database) -> None:
    database.error = AWAY
    disable(on(journal, database, "pool_1 at desk@prod/app"))
    without = Changes(journal, ADMIN, "main", None, target="pool_1 at None")
    assert without.land_mirrors(Work(), at_once=True) == MirrorReport(0, 0, elsewhere=1)
    assert without.waiting()[0].why is Why.ELSEWHERE


def test_what_an_older_version_left_lands_on_its_connection(journal: Journal, database: Database) -> None:
    database.error = AWAY
    disable(on(journal, database, ""))
    database.error = None
    assert on(journal, database, "pool_1 at desk@prod/app").land_mirrors(Work(), at_once=True) == MirrorReport(1, 0)


def test_what_waits_says_why(journal: Journal, database: Database) -> None:
    changes = on(journal, database, "t")
    database.error = AWAY
    disable(changes, "eve@example.org")
    database.error = AppError(ErrorCode.DATABASE_REFUSED, "A constraint forbids it.")
    outcome = changes.perform(
        Action.DISABLE_USER, "bob", lambda: None, mirror=MirrorRequest("user_disabled", "bob@example.org")
    )
    assert outcome.note.startswith("The database refuses the change of its row: A constraint forbids it. Later changes")
    disable(changes, "bob@example.org", "user_enabled")
    away, refused, behind = changes.waiting()
    assert (away.why, refused.why, behind.why) == (Why.AWAY, Why.REFUSED, Why.BEHIND)
    assert behind.first == refused


def test_a_row_that_was_left_alone_is_told_and_written_down(journal: Journal, database: Database) -> None:
    database.skips = True
    outcome = on(journal, database, "t").perform(
        Action.DISABLE_USER, "bob", lambda: None, mirror=MirrorRequest("user_disabled", "bob@example.org")
    )
    assert (outcome.mirror, outcome.note) == ("skipped", "user_disabled written")
    (entry,) = journal.entries()
    assert (entry.state, entry.message) == (EntryState.SUCCEEDED, "user_disabled written")
    assert [mirror.note for mirror in journal.mirrors("main", state=MirrorState.SKIPPED)] == ["user_disabled written"]


def test_a_later_write_of_the_person_is_told_what_an_earlier_one_learned(journal: Journal, database: Database) -> None:
    changes = on(journal, database, "t")
    database.learned = {"status_before_disable": "active"}
    disable(changes, sub="s1")
    database.learned = None
    disable(changes, "robert@example.org", "contact_changed", "s1")
    disable(changes, "eve@example.org", "user_enabled", "s2")
    disable(on(journal, database, "another"), kind="user_enabled", sub="s1")
    disable(changes, "robert@example.org", "user_enabled", "s1")
    assert database.told == [{}, {"status_before_disable": "active"}, {}, {}, {"status_before_disable": "active"}]


def test_who_may_make_a_change_may_retry_its_write(journal: Journal, database: Database) -> None:
    database.error = AWAY
    disable(on(journal, database, "t"))
    database.error = None
    for role in (Role.VIEWER, Role.SUPPORT):
        other = on(journal, database, "t", Operator("vic", role))
        assert other.land_mirrors(Work()) == MirrorReport(0, 1)
        assert other.waiting()[0].forbidden is not None
        with pytest.raises(AppError) as caught:
            other.land_mirrors(Work(), at_once=True)
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert database.written == []
    support = on(journal, database, "t", Operator("sue", Role.SUPPORT))
    database.error = AWAY
    mirror = MirrorRequest("contact_changed", "eve@example.org")
    support.perform(Action.UPDATE_ATTRIBUTES, "eve", lambda: None, mirror=mirror)
    database.error = None
    assert support.land_mirrors(Work(), at_once=True) == MirrorReport(1, 1)
    assert database.written == [("contact_changed", "eve@example.org")]
