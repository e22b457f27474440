"""People while the database is away, while Cognito answers badly, and what is read and billed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from app.changes import Changes
from app.directory.models import MfaPreference
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.people import People
from app.permissions import Operator, Role
from app.work import Cancelled, Work
from tests.services.faults import access_denied, connection_reset, cut_body, lost_answer, server_error
from tests.services.office import Office, S, opened
from tests.services.pools import Pool, pool


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def test_with_the_database_away_cognito_goes_on_and_the_row_follows(office: Office) -> None:
    user = office.join()
    office.relay.away()
    off = office.people.disable(user)
    assert off.mirror == "pending"
    assert off.note
    assert office.seen(user).enabled is False
    assert office.last().state is EntryState.SUCCEEDED
    created = office.people.create("new@example.org", {"email": "new@example.org"})
    assert created.mirror == "pending"
    assert office.people.retry_mirrors(Work(), at_once=True).waiting == 2
    office.relay.back()
    assert office.people.retry_mirrors(Work(), at_once=True).waiting == 0
    assert office.row().status is S.DISABLED
    assert office.row("new@example.org").subject == created.value.sub
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.onboarding == "disabled"


def test_loading_without_the_database_says_why_and_shows_the_pool(office: Office) -> None:
    user = office.join()
    office.relay.away()
    report = office.people.load(Work())
    assert report.users == 1
    assert report.database is not None
    assert report.database.code is ErrorCode.DATABASE_UNREACHABLE
    assert office.index.get(user.username) is not None
    office.relay.back()
    assert office.people.join_database() is None
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.onboarding == "active"


def test_loading_forgets_who_is_gone_and_a_cancelled_load_forgets_nobody(office: Office) -> None:
    gone, stays = office.join(), office.join("eve@example.org")
    office.cognito.users.delete(gone.username)
    work = Work()
    work.cancel()
    with pytest.raises(Cancelled):
        office.people.load(work)
    assert office.index.get(gone.username) is not None
    assert office.people.load(Work()).users == 1
    assert office.index.get(gone.username) is None
    assert office.index.get(stays.username) is not None


def test_reading_bills_nobody_except_the_details(office: Office) -> None:
    user = office.join()
    office.people.load(Work())
    office.people.read_again(user)
    office.people.row(user)
    assert set(office.cognito.faults.calls) == {"ListUsers"}
    office.people.details(user.username)
    assert "AdminGetUser" in office.cognito.faults.calls


def test_no_change_bills_a_second_look(office: Office) -> None:
    user = office.join()
    office.people.disable(user)
    assert "AdminGetUser" not in office.cognito.faults.calls


def test_a_change_whose_second_look_fails_is_still_made(office: Office) -> None:
    user = office.join()
    office.cognito.faults.on("ListUsers", access_denied("cognito-idp:ListUsers"))
    outcome = office.people.disable(user)
    assert outcome.value.enabled is False
    shown = office.index.get(user.username)
    assert shown is not None
    assert shown.enabled is False


def test_a_missing_permission_is_named_and_written_down(office: Office) -> None:
    user = office.join()
    office.cognito.faults.on("AdminDisableUser", access_denied("cognito-idp:AdminDisableUser"))
    with pytest.raises(AppError) as caught:
        office.people.disable(user)
    assert caught.value.code is ErrorCode.ACCESS_DENIED
    assert caught.value.subject == "cognito-idp:AdminDisableUser"
    assert (office.last().state, office.last().error_code) == (EntryState.FAILED, ErrorCode.ACCESS_DENIED)
    assert office.row().status is S.ACTIVE


def test_an_answer_that_was_lost_is_read_back(office: Office) -> None:
    user = office.join()
    office.cognito.faults.on("AdminDisableUser", lost_answer(), times=1)
    outcome = office.people.disable(user)
    assert outcome.mirror == "done"
    assert office.row().status is S.DISABLED
    assert office.last().state is EntryState.SUCCEEDED


@pytest.mark.parametrize("fault", [connection_reset, partial(cut_body, 1), server_error], ids=["reset", "cut", "500"])
def test_what_nobody_can_tell_is_journalled_as_unknown(office: Office, fault: Callable[[], object]) -> None:
    user = office.join()
    office.cognito.faults.on("AdminResetUserPassword", fault())  # type: ignore[arg-type]
    with pytest.raises(AppError):
        office.people.reset_password(user)
    assert office.last().state is EntryState.UNKNOWN


def test_a_pool_without_a_database_works(office: Office) -> None:
    user = office.join(onboarding=None)
    changes = Changes(office.journal, Operator("ann", Role.ADMIN), "main", None)
    alone = People(office.cognito.users, changes, office.index, None)
    assert alone.disable(user).mirror == "none"
    missing = alone.join_database()
    assert missing is not None
    assert missing.code is ErrorCode.DATABASE_MISSING
    with pytest.raises(AppError) as caught:
        alone.row(user)
    assert caught.value.code is ErrorCode.DATABASE_MISSING
    assert alone.set_mfa_preference(user, MfaPreference(totp=False)).mirror == "none"
