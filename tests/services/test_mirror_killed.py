"""A process that is really killed (SIGKILL) while it changes somebody, again and again, on one journal."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.changes import Changes
from app.journal import Journal, MirrorState
from app.onboarding.database import Database
from app.onboarding.mirror import apply
from app.onboarding.models import OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.permissions import Operator, Role
from app.settling import Unsettled, unsettled
from app.work import Work

PROJECT = Path(__file__).parents[2]
EMAIL = "bob@example.org"
ADMIN = Operator("ann", Role.ADMIN)

# The pool is a file of what was done last; the line is written whole or not at all.
_WORKER = """
import os, sys
from functools import partial
from pathlib import Path
from app.changes import Changes
from app.journal import Journal, MirrorRequest
from app.onboarding.database import Database
from app.onboarding.mirror import MirrorKind, apply
from app.permissions import Action, Operator, Role

journal, pool, conninfo = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
changes = Changes(Journal(journal), Operator("ann", Role.ADMIN), "main", partial(apply, Database(conninfo)), target="t")
handle = os.open(pool, os.O_WRONLY | os.O_APPEND)
number = 0
while True:
    number += 1
    kind = MirrorKind.USER_DISABLED if number % 2 else MirrorKind.USER_ENABLED
    request = MirrorRequest(kind.value, "bob@example.org")
    changes.perform(Action.DISABLE_USER, "bob", lambda: os.write(handle, f"{kind.value}\\n".encode()), mirror=request)
    if number == 1:
        print("ready", flush=True)
"""


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    with opened.connection() as connection:
        connection.execute(
            "INSERT INTO auth.users (email, auth_provider, status) VALUES (%s, 'cognito', 'suspended')", (EMAIL,)
        )
    yield opened
    opened.close()


def test_nothing_is_lost_and_nothing_is_torn_by_kills(auth_database: str, database: Database, tmp_path: Path) -> None:
    path, pool = tmp_path / "journal.sqlite", tmp_path / "pool"
    pool.touch()
    draw = random.Random(7)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(path), str(pool), auth_database],
            cwd=PROJECT, stdout=subprocess.PIPE, text=True,
        ) as worker:  # fmt: skip
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
            time.sleep(draw.random() * 0.1)  # somewhere among some dozen changes
            worker.kill()
        settled(database, path, pool)


def settled(database: Database, path: Path, pool: Path) -> None:
    """Start anew on the journal, come to rest, and compare."""
    last = pool.read_text().splitlines()[-1]
    journal = Journal(path)
    try:
        journal.recover()
        changes = Changes(journal, ADMIN, "main", partial(apply, database), target="t")

        def look(change: Unsettled) -> bool:
            return change.mirror.kind == last

        for _ in range(100):  # the server may not have noticed yet that its client is gone
            changes.settle(Work(), look)
            if changes.land_mirrors(Work(), at_once=True).waiting == 0:
                break
            time.sleep(0.1)
        assert journal.mirrors("main") == []
        assert unsettled(journal, "main", "t") == []
        assert journal.mirrors("main", state=MirrorState.SKIPPED) == []
        row = OnboardingUsers(database).find(EMAIL)
        assert row is not None
        disabled = last == "user_disabled"
        assert row.status is (OnboardingStatus.DISABLED if disabled else OnboardingStatus.SUSPENDED)
        assert row.status_before_disable is (OnboardingStatus.SUSPENDED if disabled else None)
    finally:
        journal.close()
