"""A connection that is edited while a write waits: the write does not follow it to another database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.changes import MirrorReport
from app.connections import Connection, CredentialSource, DatabaseAddress
from app.desk import Desk, open_desk
from app.environment import CONNECTION_ID
from app.errors import ErrorCode
from app.journal import Journal
from app.secrets import SecretStore
from app.settings import Settings
from app.waiting import Why
from app.work import Work
from tests.services.pools import Pool, pool
from tests.services.vault import Vault

NOWHERE = DatabaseAddress("127.0.0.1", 1, "app", "desk", "disable")


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        running.fill(1)
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"COGNITO_DESK_HOME": str(tmp_path / "desk")})


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    opened = Journal(settings.journal_path)
    yield opened
    opened.close()


def test_a_write_waits_for_the_database_of_the_connection_as_it_was(
    cognito: Pool, settings: Settings, journal: Journal
) -> None:
    secrets = SecretStore(backend=Vault())
    secrets.keep_keys(CONNECTION_ID, cognito.keys)
    demo = cognito.demo
    connection = Connection(
        CONNECTION_ID,
        "From the environment",
        demo.region,
        demo.pool_id,
        endpoint=demo.endpoint,
        credentials=CredentialSource.KEYS,
        database=NOWHERE,
    )

    def opened(with_database: DatabaseAddress | None) -> Desk:
        changed = replace(connection, database=with_database)
        return open_desk(changed, settings=settings, secrets=secrets, journal=journal)

    before = opened(NOWHERE)
    (user,) = cognito.users.list_page().users
    assert before.people.disable(user).mirror == "pending"
    before.close()
    elsewhere = (replace(NOWHERE, name="other"), replace(NOWHERE, port=2), replace(NOWHERE, user="you"), None)
    for address in elsewhere:
        desk = opened(address)
        assert desk.people.retry_mirrors(Work(), at_once=True) == MirrorReport(0, 0, elsewhere=1)
        (waiting,) = desk.people.waiting_mirrors()
        assert (waiting.why, waiting.mirror.target) == (Why.ELSEWHERE, f"{demo.pool_id} at desk@127.0.0.1:1/app")
        assert waiting.mirror.attempts == 1, "nobody tried"
        desk.close()
    again = opened(replace(NOWHERE, sslmode="prefer"))
    assert again.people.retry_mirrors(Work(), at_once=True) == MirrorReport(0, 1)
    (waiting,) = again.people.waiting_mirrors()
    assert (waiting.why, waiting.mirror.error_code) == (Why.AWAY, ErrorCode.DATABASE_UNREACHABLE)
    again.close()
