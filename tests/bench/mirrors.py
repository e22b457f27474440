"""Random schedules of outages and kills, and how many changes a second reach a row: both on a real PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import closing
from functools import partial
from importlib.resources import files
from pathlib import Path

import psycopg

from app.changes import Changes
from app.demo.postgres import EmbeddedPostgres
from app.journal import Journal, MirrorRequest
from app.onboarding.database import Database
from app.onboarding.mirror import MirrorKind, apply
from app.permissions import Action
from tests.services.schedules import ADMIN, Schedule, prepare

SCHEDULES = 5_000
CHANGES = 500
EMAIL = "bob@example.org"


def measure(schedules: int = SCHEDULES) -> dict[str, float]:
    """The seeds follow those of the test suite."""
    root = Path(tempfile.mkdtemp(prefix="cd-"))
    server = EmbeddedPostgres(root)
    try:
        conninfo = server.start()
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(files("resources").joinpath("sql/auth_users.sql").read_bytes())
        with closing(Database(conninfo)) as database:
            speed = _speed(database, root)
        with closing(Database(conninfo)) as database:
            prepare(database)
        with closing(Database(conninfo)) as database:  # connections made from now on do not wait for the disk
            lost = sum(bool(Schedule(1_000 + seed, database, root).run()) for seed in range(schedules))
        return {"mirror_schedules_lost": lost, "mirror_per_s": speed}
    finally:
        server.remove()
        shutil.rmtree(root, ignore_errors=True)


def _speed(database: Database, folder: Path) -> float:
    """Changes a second: intent, outcome and write, each on the disk before the next."""
    with database.connection() as connection:
        connection.execute(
            "INSERT INTO auth.users (email, auth_provider, status) VALUES (%s, 'cognito', 'active')", (EMAIL,)
        )
    with closing(Journal(folder / "speed.sqlite")) as journal:
        changes = Changes(journal, ADMIN, "main", partial(apply, database))
        began = time.perf_counter()
        for number in range(CHANGES):
            kind = MirrorKind.USER_ENABLED if number % 2 else MirrorKind.USER_DISABLED
            outcome = changes.perform(Action.DISABLE_USER, EMAIL, lambda: None, mirror=MirrorRequest(kind.value, EMAIL))
            if outcome.mirror != "done":
                raise RuntimeError(f"a write did not land: {outcome.note}")
        return round(CHANGES / (time.perf_counter() - began), 1)


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else SCHEDULES)))
