"""No schedule of changes, outages, lost answers and kills loses a change, writes it twice, or out of its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import journal
from app.onboarding.database import Database
from tests.services.schedules import Schedule, prepare

SEEDS = 208
_PARTS = 8


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    prepare(opened)
    yield opened
    opened.close()


@pytest.mark.parametrize("part", range(_PARTS))
def test_pool_and_database_agree_after_any_schedule(database: Database, tmp_path: Path, part: int) -> None:
    kills = made = 0
    for seed in range(part, SEEDS, _PARTS):
        schedule = Schedule(seed, database, tmp_path)
        assert schedule.run() == [], f"seed {seed}"
        kills += schedule.kills
        made += schedule.made
    assert kills > SEEDS / _PARTS / 3
    assert made > SEEDS / _PARTS


def test_the_schedules_notice_a_journal_that_lets_a_later_write_go_first(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = journal._OF_SAME_PERSON.replace("mirrors.id <= :id", "mirrors.id = :id")
    assert careless != journal._OF_SAME_PERSON
    monkeypatch.setattr(journal, "_OF_SAME_PERSON", careless)
    faults = (fault for seed in range(SEEDS) for fault in Schedule(seed, database, tmp_path).run())
    assert any("was written after" in fault for fault in faults)
