"""No schedule of changes, outages, lost answers and kills loses a change or writes it twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
