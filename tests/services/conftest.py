"""For the service tests: a real PostgreSQL, with a fresh database for each test that asks, and a second emulator."""

from __future__ import annotations

import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psycopg
import psycopg.errors
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from app.demo.postgres import EmbeddedPostgres
from tests.services.clinic import Clinic, opened
from tests.services.ministack import Ministack, NotInstallable, running, skip
from tests.services.pools import Pool, pool


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The conninfo of an embedded server. Its role may create databases."""
    # pytest's own folders are too long for a socket's path.
    root = Path(tempfile.mkdtemp(prefix="cd-"))
    server = EmbeddedPostgres(root)
    try:
        yield server.start()
    finally:
        server.remove()
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    """The second emulator, with IAM; tests that need it are left out where it cannot be installed."""
    try:
        with running(tmp_path_factory.mktemp("ministack")) as started:
            yield started
    except NotInstallable as reason:
        skip(reason)


@pytest.fixture
def auth_database(postgres: str) -> Iterator[str]:
    """The conninfo of a database of its own with an empty auth.users."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    conninfo = make_conninfo(postgres, dbname=name)
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(conninfo) as database:
        database.execute(files("resources.sql").joinpath("auth_users.sql").read_bytes())
    yield conninfo
    _drop(postgres, name)


@pytest.fixture(scope="module")
def ward() -> Iterator[Pool]:
    """A pool for the people of `clinic`."""
    with pool() as running:
        yield running


@pytest.fixture
def clinic(ward: Pool, auth_database: str, tmp_path: Path) -> Iterator[Clinic]:
    """Enrolments on an emulated pool and a database of their own."""
    with opened(ward, auth_database, tmp_path) as made:
        yield made


def _drop(postgres: str, name: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as server:
        for attempt in range(50):
            try:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            except psycopg.errors.InsufficientPrivilege:
                # Autovacuum is at work in it, and only a superuser may end that: it is soon done by itself.
                if attempt == 49:
                    raise
                time.sleep(0.1)
            else:
                return
