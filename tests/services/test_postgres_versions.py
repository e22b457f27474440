"""The database's side of the Desk on every PostgreSQL that this machine has (12 or newer), over TLS.

The demo's own version 18 runs in all other tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest

from app.errors import AppError, ErrorCode
from app.journal import Mirror, MirrorState
from app.onboarding.database import Database
from app.onboarding.ladder import Edge
from app.onboarding.mirror import MirrorKind, apply
from app.onboarding.models import OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.work import Work
from tests.services.own_server import PLACE, OwnServer, found, own_server

S = OnboardingStatus
NONE = pytest.mark.skip(reason=f"no PostgreSQL 12 or newer in {PLACE}: install one to try the Desk on it")
VERSIONS = [pytest.param(folder, id=folder.name) for folder in found()] or [pytest.param(None, marks=NONE, id="none")]


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[OwnServer]:
    with own_server(request.param) as running:
        with psycopg.connect(running.conninfo(), autocommit=True) as connection:
            connection.execute(files("resources").joinpath("sql/auth_users.sql").read_bytes())
        yield running


@pytest.fixture
def database(server: OwnServer) -> Iterator[Database]:
    opened = Database(server.conninfo("verify-full", sslrootcert=str(server.certificate)))
    with opened.connection() as connection:
        connection.execute("DELETE FROM auth.users")
    yield opened
    opened.close()


def test_the_schema_for_a_fresh_database_lacks_nothing(database: Database) -> None:
    report = database.check()
    assert (report.missing_required, report.missing_optional, report.missing_grants) == ((), (), ())


def test_a_person_lives_through_everything(database: Database) -> None:
    users = OnboardingUsers(database)
    remembered: list[str] = []

    def write(kind: MirrorKind, attempt: str = "", **payload: str) -> str:
        mirror = Mirror(
            1, 1, "main", kind.value, "bob@example.org", "s-1", payload, MirrorState.PENDING,
            datetime.now(UTC), attempt=attempt, remember=lambda xid, _: remembered.append(xid),
        )  # fmt: skip
        return apply(database, mirror).note

    def row() -> OnboardingStatus:
        found_row = users.find("Bob@Example.org", "s-1")
        assert found_row is not None
        return found_row.status

    write(MirrorKind.USER_CREATED, name="Bob")
    assert row() is S.PENDING_VERIFICATION
    write(MirrorKind.CONFIRM_EMAIL)
    assert users.move(users.alike("bob@example.org")[0], Edge.APPROVE).status is S.PENDING_MFA
    write(MirrorKind.MFA_ENROLLED)
    assert row() is S.PENDING_SUBSCRIPTION
    assert users.move(users.alike("bob@example.org")[0], Edge.SUBSCRIBE).status is S.ACTIVE
    write(MirrorKind.USER_DISABLED)
    assert "before the program ended" in write(MirrorKind.USER_DISABLED, attempt=remembered[-1])
    write(MirrorKind.USER_ENABLED)
    assert row() is S.ACTIVE
    assert "written" not in write(MirrorKind.PASSWORD_RESET, attempt="4000000000"), "a transaction of another server"
    write(MirrorKind.MFA_DISABLED)
    aligned = users.align(users.alike("bob@example.org")[0], {"email": "BOB@example.org", "mfa_method": "totp"})
    assert (aligned.email, aligned.mfa_method, aligned.mfa_enrolled_at is not None) == ("BOB@example.org", "totp", True)
    added = users.add(email="amy@example.org", subject="s-2", name="Amy", email_verified=True, disabled=True)
    assert (added.status, added.status_before_disable) == (S.DISABLED, S.PENDING_APPROVAL)
    frame = users.read_rows(Work())[0].sort("email")
    assert frame["email"].to_list() == ["BOB@example.org", "amy@example.org"]
    assert [stage.count for stage in users.funnel() if stage.count] == [1, 1]
    assert [each.email for each in users.list(S.ACTIVE)] == ["BOB@example.org"]


@pytest.mark.parametrize("sslmode", ["require", "verify-ca", "verify-full", "prefer"])
def test_the_connection_is_encrypted(server: OwnServer, sslmode: str) -> None:
    database = Database(server.conninfo(sslmode, sslrootcert=str(server.certificate)))
    with database.connection() as connection:
        row = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    database.close()
    assert row is not None
    assert row[0]


def test_without_tls_where_it_is_not_wanted(server: OwnServer) -> None:
    database = Database(server.conninfo("disable"))
    with database.connection() as connection:
        row = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    database.close()
    assert row is not None
    assert not row[0]


def test_a_server_that_cannot_prove_who_it_is_is_refused(server: OwnServer, tmp_path: Path) -> None:
    strange = Database(server.conninfo("verify-full", sslrootcert=str(server.certificate), host="127.0.0.1"))
    unknown = Database(server.conninfo("verify-full", sslrootcert=str(tmp_path / "missing.pem")))
    for database in (strange, unknown):
        with pytest.raises(AppError) as caught:
            database.ping()
        assert caught.value.code is ErrorCode.DATABASE_REFUSED
        assert "secure connection" in caught.value.message
        assert "own" not in caught.value.message.split()
        database.close()
