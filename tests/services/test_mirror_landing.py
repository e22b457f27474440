"""From a change in Cognito to the row: with a database that goes away in the middle, and across a restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from app.changes import Changes, MirrorReport
from app.errors import ErrorCode
from app.journal import Journal, MirrorRequest, Written
from app.onboarding.database import Database
from app.onboarding.ladder import Edge
from app.onboarding.mirror import MirrorKind, apply
from app.onboarding.models import OnboardingStatus
from app.onboarding.users import OnboardingUsers
from app.permissions import Action, Operator, Role
from app.work import Work
from tests.services.relay import Relay

ADMIN = Operator("ann", Role.ADMIN)
EMAIL = "bob@example.org"


@pytest.fixture
def relay(auth_database: str) -> Iterator[Relay]:
    with Relay(auth_database) as running:
        yield running


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def database(relay: Relay) -> Iterator[Database]:
    opened = Database(relay.conninfo)
    with opened.connection() as connection:
        connection.execute(
            "INSERT INTO auth.users (email, auth_provider, status) VALUES (%s, 'cognito', 'active')", (EMAIL,)
        )
    yield opened
    opened.close()


def changes_on(journal: Journal, database: Database) -> Changes:
    # A clock an hour ahead of the journal: everything that failed once is due again.
    return Changes(journal, ADMIN, "main", partial(apply, database), now=lambda: datetime.now(UTC) + timedelta(hours=1))


def status(database: Database) -> OnboardingStatus:
    row = OnboardingUsers(database).find(EMAIL)
    assert row is not None
    return row.status


def disable(changes: Changes) -> str:
    request = MirrorRequest(MirrorKind.USER_DISABLED, EMAIL)
    return changes.perform(Action.DISABLE_USER, EMAIL, lambda: None, mirror=request).mirror


def enable(changes: Changes) -> str:
    request = MirrorRequest(MirrorKind.USER_ENABLED, EMAIL)
    return changes.perform(Action.ENABLE_USER, EMAIL, lambda: None, mirror=request).mirror


def test_a_change_reaches_the_row(journal: Journal, database: Database) -> None:
    changes = changes_on(journal, database)
    assert disable(changes) == "done"
    assert status(database) is OnboardingStatus.DISABLED
    assert enable(changes) == "done"
    assert status(database) is OnboardingStatus.ACTIVE


def test_changes_made_while_the_database_is_away_land_in_order_when_it_is_back(
    journal: Journal, database: Database, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    changes = changes_on(journal, database)
    relay.away()
    assert [disable(changes), enable(changes), disable(changes)] == ["pending"] * 3
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(0, 3)
    assert {mirror.error_code for mirror in journal.mirrors("main")} == {ErrorCode.DATABASE_UNREACHABLE, None}
    relay.back()
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(3, 0)
    row = OnboardingUsers(database).find(EMAIL)
    assert row is not None
    assert (row.status, row.status_before_disable) == (OnboardingStatus.DISABLED, OnboardingStatus.ACTIVE)
    assert caplog.records == []


def test_what_waits_survives_a_restart(tmp_path: Path, database: Database, relay: Relay) -> None:
    relay.away()
    first = Journal(tmp_path / "restart.sqlite")
    assert disable(changes_on(first, database)) == "pending"
    first.close()
    relay.back()
    second = Journal(tmp_path / "restart.sqlite")
    assert changes_on(second, database).land_mirrors(Work(), at_once=True) == MirrorReport(1, 0)
    assert status(database) is OnboardingStatus.DISABLED
    second.close()


def test_a_database_that_dies_while_the_mirror_is_written_gets_it_whole_later(
    journal: Journal, database: Database, relay: Relay
) -> None:
    died = False

    def dying(mirror: object) -> Written:
        nonlocal died
        if not died:
            died = True
            relay.away()
            relay.back()
            with database.transaction() as connection:
                connection.execute("UPDATE auth.users SET status = 'disabled'")
                relay.away()
                connection.execute("SELECT 1")
        return apply(database, mirror)  # type: ignore[arg-type]

    changes = Changes(journal, ADMIN, "main", dying)
    assert disable(changes) == "pending"
    relay.back()
    assert status(database) is OnboardingStatus.ACTIVE, "half a write is none"
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(1, 0)
    assert status(database) is OnboardingStatus.DISABLED


def test_a_refused_mirror_waits_until_the_rule_is_lifted(journal: Journal, database: Database) -> None:
    with database.connection() as connection:
        connection.execute("UPDATE auth.users SET mfa_required = TRUE, mfa_method = 'totp'")
    changes = changes_on(journal, database)
    outcome = changes.perform(
        Action.SET_MFA_PREFERENCE, EMAIL, lambda: None, mirror=MirrorRequest(MirrorKind.MFA_DISABLED, EMAIL)
    )
    assert outcome.mirror == "pending"
    assert "MFA is required" in outcome.note
    with database.connection() as connection:
        connection.execute("UPDATE auth.users SET mfa_required = FALSE")
    assert changes.land_mirrors(Work(), at_once=True) == MirrorReport(1, 0)
    row = OnboardingUsers(database).find(EMAIL)
    assert row is not None
    assert row.mfa_method is None


def test_an_approval_is_journalled_and_needs_no_mirror(journal: Journal, database: Database) -> None:
    with database.connection() as connection:
        connection.execute("UPDATE auth.users SET status = 'pending_approval'")
    users = OnboardingUsers(database)
    row = users.find(EMAIL)
    assert row is not None
    outcome = changes_on(journal, database).perform(Action.APPROVE, EMAIL, lambda: users.move(row, Edge.APPROVE))
    assert outcome.value.status is OnboardingStatus.PENDING_MFA
    assert outcome.mirror == "none"
    assert journal.entries()[0].action is Action.APPROVE
