"""What changes of a person mean for their row: where they return to, role and organisation, rows left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.journal import MirrorState
from app.onboarding.ladder import Edge
from app.permissions import Action, Role
from app.work import Work
from tests.services.office import BOB, TARGET, Office, S, opened
from tests.services.pools import Pool, pool


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def forgetful(office: Office) -> None:
    """A database without a column for where somebody stood."""
    with office.database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN status_before_disable")
    office.database.check()


@pytest.mark.parametrize("status", [S.ACTIVE, S.SUSPENDED, S.REJECTED])
def test_a_database_that_forgets_where_somebody_stood_is_told(office: Office, status: S) -> None:
    user = office.join(onboarding=status)
    forgetful(office)
    off = office.people.disable(user)
    office.people.update_attributes(off.value, {"name": "Robert"})
    assert office.row().status is S.DISABLED
    office.people.enable(off.value)
    assert office.row().status is status


def test_where_somebody_stood_is_known_too_when_both_writes_waited(office: Office) -> None:
    user = office.join(onboarding=S.SUSPENDED)
    forgetful(office)
    office.relay.away()
    off = office.people.disable(user)
    assert office.people.enable(off.value).mirror == "pending"
    office.relay.back()
    assert office.people.retry_mirrors(Work(), at_once=True).done == 2
    assert office.row().status is S.SUSPENDED


def test_what_was_remembered_is_used_once(office: Office) -> None:
    user = office.join(onboarding=S.ACTIVE)
    forgetful(office)
    on = office.people.enable(office.people.disable(user).value)
    with office.database.connection() as connection:
        connection.execute("UPDATE auth.users SET status = 'suspended'")
    off = office.people.disable(on.value)
    office.people.enable(off.value)
    assert office.row().status is S.SUSPENDED


def test_role_and_organisation_of_somebody_new_reach_the_row(office: Office) -> None:
    attributes = {"email": BOB, "custom:role": "viewer", "custom:organizationId": "org-7"}
    assert office.people.create(BOB, attributes).mirror == "done"
    assert (office.row().role, office.row().organization_id) == ("viewer", "org-7")


def test_a_changed_role_or_organisation_reaches_the_row(office: Office) -> None:
    user = office.join()
    outcome = office.people.update_attributes(user, {"custom:role": "editor"})
    assert outcome.mirror == "done"
    assert (office.row().role, office.row().organization_id, office.row().name) == ("editor", None, "Bob Reed")
    office.people.update_attributes(outcome.value, {"custom:organizationId": "org-8", "name": "Robert"})
    row = office.row()
    assert (row.role, row.organization_id, row.name) == ("editor", "org-8", "Robert")


def test_a_database_without_a_column_for_roles_is_not_asked_for_one(office: Office) -> None:
    user = office.join()
    with office.database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN role")
    office.database.check()
    assert office.people.update_attributes(user, {"custom:role": "editor", "name": "Robert"}).mirror == "done"
    assert office.row().name == "Robert"


def test_an_address_verified_together_with_a_name_moves_the_row_up_too(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_VERIFICATION, email_verified="false")
    office.people.update_attributes(user, {"email_verified": "true", "name": "Robert"})
    row = office.row()
    assert (row.name, row.email_verified, row.status) == ("Robert", True, S.PENDING_APPROVAL)


def test_a_new_name_alone_moves_nobody(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_VERIFICATION, email_verified="false")
    office.people.update_attributes(user, {"name": "Robert"})
    assert office.row().status is S.PENDING_VERIFICATION


def test_a_row_that_is_missing_is_told_and_written_down(office: Office) -> None:
    user = office.join(onboarding=None)
    outcome = office.people.disable(user)
    assert (outcome.mirror, outcome.note) == ("skipped", f"The database has no row for {BOB}.")
    assert office.last().message == outcome.note


def test_somebody_new_whose_address_another_row_has_is_told(office: Office) -> None:
    with office.database.connection() as connection:
        connection.execute(
            "INSERT INTO auth.users (email, subject, auth_provider, status)"
            " VALUES (%s, 'another', 'cognito', 'active')",
            (BOB,),
        )
    outcome = office.people.create(BOB, {"email": BOB})
    assert (outcome.mirror, outcome.note) == ("skipped", f"The database has a row for {BOB} already.")
    assert office.row().subject == "another"


def test_everything_of_a_person_is_found_under_one_name(office: Office) -> None:
    made = office.people.create(BOB, {"email": BOB}).value
    user = office.people.update_attributes(made, {"email_verified": "true"}).value
    office.people.move(office.row(), Edge.APPROVE)
    expected = [Action.APPROVE, Action.UPDATE_ATTRIBUTES, Action.CREATE_USER]
    for name in (user.username, user.sub, BOB):
        assert [entry.action for entry in office.journal.entries(subject=name)] == expected
    assert [entry.details["person"] for entry in office.journal.entries()] == [BOB] * 3
    moved = office.last().details
    assert (moved["from"], moved["to"]) == ("pending_approval", "pending_mfa")


def test_a_refused_write_can_be_given_up(office: Office) -> None:
    user = office.join()
    office.relay.away()
    office.people.disable(user)
    (waiting,) = office.people.waiting_mirrors()
    assert waiting.mirror.target == TARGET
    office.people.discard_mirror(waiting.mirror.id)
    assert office.people.waiting_mirrors() == ()
    assert (office.last().action, office.last().subject) == (Action.DISCARD_MIRROR, user.username)
    assert len(office.journal.mirrors("main", state=MirrorState.DISCARDED)) == 1


def test_what_lands_in_the_first_try_is_counted(office: Office) -> None:
    user = office.join()
    office.relay.away()
    office.people.disable(user)
    office.relay.back()
    report = office.of(Role.ADMIN).retry_mirrors(Work(), at_once=True)
    assert (report.done, report.waiting) == (1, 0)
