"""The demo workspace: both servers, the same people in each, and nothing left of one that failed half-way."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg
import pytest

from app.connections import CredentialSource
from app.demo import place, workspace
from app.demo.people import database_only, people
from app.demo.workspace import DemoWorkspace
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Progress, Work

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=UTC)


class Listener(Work):
    """Keeps what it is told, and cancels itself when it hears `stop_at`."""

    def __init__(self, stop_at: str = "") -> None:
        super().__init__()
        self.heard: list[Progress] = []
        self.threads: set[int] = set()
        self._stop_at = stop_at

    def _report(self, progress: Progress) -> None:
        self.heard.append(progress)
        self.threads.add(threading.get_ident())
        if progress.note == self._stop_at:
            self.cancel()


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A workspace in a temporary folder leaves no server's folder anywhere: there is nothing else to remove."""
    folder = Path(tempfile.mkdtemp(prefix="cd-"))
    yield folder
    shutil.rmtree(folder)


@contextlib.contextmanager
def demo(root: Path, work: Work | None = None, **options: Any) -> Iterator[DemoWorkspace]:
    opened = DemoWorkspace.open(work or Work(), root=root, **{"people": 60, "now": NOW, **options})
    try:
        yield opened
    finally:
        opened.close()


def listed(opened: DemoWorkspace) -> list[dict[str, Any]]:
    keys = opened.access_keys
    client = boto3.client(
        "cognito-idp",
        region_name=opened.connection.region,
        endpoint_url=opened.connection.endpoint,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
    )
    try:
        pages = client.get_paginator("list_users").paginate(UserPoolId=opened.connection.pool_id)
        return [dict(user) for page in pages for user in page["Users"]]
    finally:
        client.close()


def answers(endpoint: str | None) -> bool:
    address = urlsplit(endpoint or "")
    with contextlib.suppress(OSError), socket.create_connection((address.hostname or "", address.port or 0), timeout=2):
        return True
    return False


def test_both_sides_hold_the_same_people(root: Path) -> None:
    everybody = people(130, 7, NOW)
    with demo(root, people=130) as opened:
        assert list(opened.people) == everybody
        assert {user["Username"] for user in listed(opened)} == {person.user.username for person in everybody}
        with psycopg.connect(opened.conninfo) as database:
            rows: dict[str, str] = dict(database.execute("SELECT id::text, status FROM auth.users").fetchall())
            found = database.execute(
                "SELECT email, subject, email_verified, updated_at FROM auth.users WHERE name = 'Carla Moreno'"
            ).fetchall()
        expected = [person.row for person in everybody if person.row] + database_only(7, NOW)
        assert rows == {row.id: row.status for row in expected}
        carla = everybody[0].user
        assert found == [(carla.email, carla.sub, False, carla.modified)]
        assert opened.outbox.messages() == []


def test_its_connection_is_complete_and_holds_no_secret(root: Path) -> None:
    with demo(root) as opened:
        connection = opened.connection
        assert (connection.id, connection.name, connection.environment) == ("demo", "Harbour demo", "demo")
        assert (connection.credentials, connection.read_only_origin) == (CredentialSource.KEYS, "demo")
        assert connection.database is not None
        with psycopg.connect(connection.database.conninfo(opened.database_password)) as database:
            assert database.execute("SELECT count(*) > 50 FROM auth.users").fetchone() == (True,)
        assert opened.database_password not in repr(connection)
        assert opened.access_keys.secret_access_key not in repr(connection)


def test_every_step_is_reported_in_order_on_the_opening_thread(root: Path) -> None:
    work = Listener()
    with demo(root, work):
        pass
    done = [progress.done for progress in work.heard]
    assert done == sorted(done)
    assert {progress.total for progress in work.heard} == {5}
    notes = [progress.note for progress in work.heard]
    assert {"PostgreSQL is running", "Cognito is running", "The user pool is filled"} <= set(notes)
    assert (done[-1], notes[-1]) == (5, "The demo is ready")
    assert work.threads == {threading.get_ident()}


def test_closing_ends_both_servers_and_every_thread(root: Path) -> None:
    before = set(threading.enumerate())
    with demo(root) as opened:
        endpoint, conninfo = opened.connection.endpoint, opened.conninfo
        assert answers(endpoint)
        opened.close()
        opened.close()
        assert not answers(endpoint)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(conninfo)
    assert set(threading.enumerate()) <= before


def server_folder(opened: DemoWorkspace) -> Path:
    home = opened._postgres._home
    assert home is not None
    return home


def test_in_a_temporary_folder_nothing_stays_after_the_close(root: Path) -> None:
    with demo(root) as opened:
        folder = server_folder(opened)
        assert (folder / "data").is_dir()
    assert not folder.exists()
    assert not (root / "server-folder").exists()


def test_in_the_users_own_folder_the_data_stays_for_a_quicker_start(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "temporary", lambda _: False)
    with demo(root) as opened:
        folder = server_folder(opened)
    try:
        assert (folder / "data" / "PG_VERSION").is_file()
    finally:
        opened._postgres.remove()
    assert not folder.exists()


def test_a_second_demo_is_refused_and_the_first_goes_on(root: Path) -> None:
    before = set(threading.enumerate())
    with demo(root) as first:
        alive = set(threading.enumerate())
        with pytest.raises(AppError) as refused:
            DemoWorkspace.open(Work(), root=root, people=60, now=NOW)
        assert refused.value.code is ErrorCode.DEMO_RUNNING
        assert set(threading.enumerate()) - alive == set()
        assert len(listed(first)) == 60
        with psycopg.connect(first.conninfo) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
    assert set(threading.enumerate()) <= before


def test_a_taken_port_is_named_and_the_database_is_stopped(root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(AppError, match=str(port)) as refused:
            DemoWorkspace.open(Work(), root=root, people=60, now=NOW, port=port)
    assert refused.value.code is ErrorCode.DEMO_UNAVAILABLE
    with demo(root) as opened:  # so the lock was given back
        assert len(listed(opened)) == 60


def test_a_database_that_refuses_the_people_stops_cognito(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise psycopg.errors.DiskFull("no space left on device")

    before = set(threading.enumerate())
    monkeypatch.setattr(workspace, "load", refuse)
    with pytest.raises(AppError, match="no space left on device") as failed:
        DemoWorkspace.open(Work(), root=root, people=60, now=NOW)
    assert failed.value.code is ErrorCode.DEMO_UNAVAILABLE
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("moment", ["Starting Cognito", "Starting PostgreSQL", "The database is filled"])
def test_cancelling_leaves_nothing_behind(root: Path, moment: str) -> None:
    before = set(threading.enumerate())
    with pytest.raises(Cancelled):
        DemoWorkspace.open(Listener(stop_at=moment), root=root, people=60, now=NOW)
    assert set(threading.enumerate()) <= before
    with demo(root) as opened:
        assert len(listed(opened)) == 60
