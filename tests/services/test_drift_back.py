"""A fix of a difference is taken back: what was written, and a step of the ladder; never a factor, nor a lost race."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bulk import Fate, take_back
from app.drift.service import Kind
from app.permissions import Action
from app.work import Work
from tests.services.office import Office, S, opened
from tests.services.pools import Pool, pool
from tests.services.test_drift_fixes import execute, mend


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def test_what_was_written_into_a_row_is_taken_back(office: Office) -> None:
    user = office.join()
    execute(office, "UPDATE auth.users SET email = 'old@example.org', email_verified = FALSE")
    report = mend(office, Kind.EMAIL)
    assert office.row().email == user.email
    taken = take_back(report, Work())
    assert taken.all_well, taken.results
    assert office.row("old@example.org").email_verified is False
    assert office.last().action is Action.ALIGN_ROW


def test_a_status_is_taken_back_along_the_ladder_alone_and_not_where_somebody_was_faster(office: Office) -> None:
    office.join(onboarding=S.SUSPENDED)
    execute(office, "UPDATE auth.users SET status = 'disabled', status_before_disable = 'suspended'")
    report = mend(office, Kind.ENABLED)
    assert office.row().status is S.SUSPENDED
    assert take_back(report, Work()).all_well
    assert office.row().status is S.DISABLED
    report = mend(office, Kind.ENABLED)
    execute(office, "UPDATE auth.users SET status = 'active'")
    (raced,) = take_back(report, Work()).results
    assert (raced.fate, "is active now" in raced.note) == (Fate.FAILED, True)
    assert office.row().status is S.ACTIVE


def test_a_factor_that_was_recorded_is_not_taken_back(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_MFA)
    execute(office, "UPDATE auth.users SET mfa_method = 'totp'")
    office.people.details(user.username)
    report = mend(office, Kind.MFA)
    assert report.all_well
    assert report.undoable == ()
