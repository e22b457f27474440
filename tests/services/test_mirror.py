"""The mirrors against a real auth.users: the four statements of the source document, and their kin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import AppError, ErrorCode
from app.journal import Mirror, MirrorState, Written
from app.onboarding.database import Database
from app.onboarding.mirror import MirrorKind, apply
from app.onboarding.models import DatabaseUser, OnboardingStatus
from app.onboarding.users import OnboardingUsers

S = OnboardingStatus
EMAIL = "ann@example.org"
THEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(auth_database: str) -> Iterator[Database]:
    opened = Database(auth_database)
    yield opened
    opened.close()


def mirror(kind: MirrorKind, email: str = EMAIL, sub: str = "", /, **payload: str) -> Mirror:
    return Mirror(1, 1, "main", kind.value, email, sub, payload, MirrorState.PENDING, THEN)


def add(database: Database, email: str = EMAIL, **fields: object) -> str:
    fields = {"email": email, "auth_provider": "cognito", "updated_at": THEN, **fields}
    names, marks = ", ".join(fields), ", ".join(f"%({name})s" for name in fields)
    with database.connection() as connection:
        query = f"INSERT INTO auth.users ({names}) VALUES ({marks}) RETURNING id::text"
        row = connection.execute(query.encode(), fields).fetchone()
    assert row is not None
    return str(row[0])


def row_of(database: Database, id: str) -> DatabaseUser:
    return OnboardingUsers(database).get(id)


def just_now(moment: datetime | None) -> bool:
    return moment is not None and abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


def test_the_stored_values_do_not_change() -> None:
    assert [kind.value for kind in MirrorKind] == [
        "confirm_email",
        "mfa_enrolled",
        "mfa_disabled",
        "password_reset",
        "user_created",
        "user_disabled",
        "user_enabled",
        "user_deleted",
        "contact_changed",
        "mfa_lost",
        "mfa_required",
    ]


@pytest.mark.parametrize("status", list(S))
def test_confirm_email_verifies_and_lifts_only_who_waited_for_it(database: Database, status: OnboardingStatus) -> None:
    id = add(database, status=status.value)
    other = row_of(database, add(database, "bob@example.org"))
    apply(database, mirror(MirrorKind.CONFIRM_EMAIL))
    row = row_of(database, id)
    assert row.email_verified
    assert row.status is (S.PENDING_APPROVAL if status is S.PENDING_VERIFICATION else status)
    assert just_now(row.updated_at)
    assert row_of(database, other.id) == other


@pytest.mark.parametrize("status", list(S))
def test_an_enrolled_authenticator_is_recorded_and_lifts_only_who_waited(
    database: Database, status: OnboardingStatus
) -> None:
    id = add(database, status=status.value, email_verified=True, mfa_required=True)
    apply(database, mirror(MirrorKind.MFA_ENROLLED))
    row = row_of(database, id)
    assert row.mfa_method == "totp"
    assert just_now(row.mfa_enrolled_at)
    assert just_now(row.updated_at)
    assert row.status is (S.PENDING_SUBSCRIPTION if status is S.PENDING_MFA else status)


def test_mfa_is_cleared_where_it_is_not_required(database: Database) -> None:
    id = add(database, status="active", mfa_method="totp", mfa_enrolled_at=THEN)
    apply(database, mirror(MirrorKind.MFA_DISABLED))
    row = row_of(database, id)
    assert (row.mfa_method, row.mfa_enrolled_at, row.status) == (None, None, S.ACTIVE)
    assert just_now(row.updated_at)


def test_mfa_is_kept_while_it_is_required(database: Database) -> None:
    id = add(database, status="active", mfa_method="totp", mfa_enrolled_at=THEN, mfa_required=True)
    before = row_of(database, id)
    with pytest.raises(AppError, match="MFA is required") as caught:
        apply(database, mirror(MirrorKind.MFA_DISABLED))
    assert caught.value.code is ErrorCode.USER_STATE
    assert row_of(database, id) == before


def test_a_lost_authenticator_is_cleared_also_where_mfa_is_required(database: Database) -> None:
    id = add(database, status="active", mfa_method="totp", mfa_enrolled_at=THEN, mfa_required=True)
    apply(database, mirror(MirrorKind.MFA_LOST))
    row = row_of(database, id)
    assert (row.mfa_method, row.mfa_enrolled_at, row.mfa_required, row.status) == (None, None, True, S.ACTIVE)


@pytest.mark.parametrize("required", [True, False])
def test_a_requirement_is_set_and_lifted(database: Database, required: bool) -> None:
    id = add(database, status="active", mfa_required=not required)
    written = apply(database, mirror(MirrorKind.MFA_REQUIRED, required=str(required).lower()))
    assert row_of(database, id).mfa_required is required
    assert ("no longer" in written.note) is not required


def test_a_password_reset_leaves_its_time(database: Database) -> None:
    id = add(database, status="active")
    apply(database, mirror(MirrorKind.PASSWORD_RESET))
    row = row_of(database, id)
    assert just_now(row.password_reset_at)
    assert just_now(row.updated_at)
    assert row.status is S.ACTIVE


@pytest.mark.parametrize(
    ("verified", "status"),
    [("true", S.PENDING_APPROVAL), ("false", S.PENDING_VERIFICATION), (None, S.PENDING_VERIFICATION)],
)
def test_a_new_user_gets_a_row(database: Database, verified: str | None, status: OnboardingStatus) -> None:
    payload = {"name": "Ann", "role": "user", "organization_id": "org-1"}
    if verified is not None:
        payload["email_verified"] = verified
    note = apply(database, mirror(MirrorKind.USER_CREATED, EMAIL, "sub-1", **payload)).note
    row = OnboardingUsers(database).find(EMAIL, "sub-1")
    assert row is not None
    assert (row.email, row.subject, row.name, row.role, row.organization_id) == (EMAIL, "sub-1", "Ann", "user", "org-1")
    assert (row.status, row.email_verified, row.auth_provider) == (status, verified == "true", "cognito")
    assert status.value in note
    again = apply(database, mirror(MirrorKind.USER_CREATED, EMAIL, "sub-1", email_verified="true", name="Other"))
    assert "already" in again.note
    assert not again.skipped, "it is our own row of the first time"
    assert OnboardingUsers(database).find(EMAIL, "sub-1") == row
    assert OnboardingUsers(database).count() == 1


def test_people_who_differ_by_case_get_rows_of_their_own(database: Database) -> None:
    apply(database, mirror(MirrorKind.USER_CREATED, "sam@example.org", "sub-1"))
    apply(database, mirror(MirrorKind.USER_CREATED, "Sam@example.org", "sub-2"))
    apply(database, mirror(MirrorKind.USER_DISABLED, "Sam@example.org", "sub-2"))
    users = OnboardingUsers(database)
    assert users.count() == 2
    one, two = users.find("sam@example.org", "sub-1"), users.find("Sam@example.org", "sub-2")
    assert one is not None
    assert two is not None
    assert (one.status, two.status) == (S.PENDING_VERIFICATION, S.DISABLED)


@pytest.mark.parametrize("kind", [MirrorKind.USER_DISABLED, MirrorKind.USER_DELETED])
@pytest.mark.parametrize("status", [status for status in S if status is not S.DISABLED])
def test_disabled_and_deleted_keep_the_row_and_enabled_returns(
    database: Database, kind: MirrorKind, status: OnboardingStatus
) -> None:
    id = add(database, status=status.value)
    for _ in range(2):  # twice: a repeated write must not forget where the person stood
        note = apply(database, mirror(kind)).note
        row = row_of(database, id)
        assert (row.status, row.status_before_disable) == (S.DISABLED, status)
    assert "already" in note
    for _ in range(2):
        note = apply(database, mirror(MirrorKind.USER_ENABLED)).note
        row = row_of(database, id)
        assert (row.status, row.status_before_disable) == (status, None)
    assert "is not disabled" in note


def test_without_a_memory_enable_returns_where_the_change_says_or_where_the_row_proves(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("ALTER TABLE auth.users DROP COLUMN status_before_disable")
    id = add(database, status="active", email_verified=True, mfa_method="totp")
    assert "the status before was active" in apply(database, mirror(MirrorKind.USER_DISABLED)).note
    apply(database, mirror(MirrorKind.USER_ENABLED, status_before_disable="active"))
    assert row_of(database, id).status is S.ACTIVE
    apply(database, mirror(MirrorKind.USER_DISABLED))
    apply(database, mirror(MirrorKind.USER_ENABLED, status_before_disable="disabled"))
    assert row_of(database, id).status is S.PENDING_SUBSCRIPTION


def test_what_the_row_remembers_goes_before_what_the_change_says(database: Database) -> None:
    id = add(database, status="disabled", status_before_disable="suspended")
    apply(database, mirror(MirrorKind.USER_ENABLED, status_before_disable="active"))
    assert row_of(database, id).status is S.SUSPENDED


def test_a_changed_contact_is_written_and_only_what_changed(database: Database) -> None:
    id = add(database, subject="sub-1", name="Ann", email_verified=True, status="active")
    note = apply(
        database,
        mirror(
            MirrorKind.CONTACT_CHANGED, EMAIL, "sub-1", email="ann@new.example", email_verified="false", name="Ann B"
        ),
    ).note
    row = row_of(database, id)
    assert (row.email, row.email_verified, row.name, row.status) == ("ann@new.example", False, "Ann B", S.ACTIVE)
    assert note == "email, email_verified, name of ann@example.org updated in the database."
    apply(database, mirror(MirrorKind.CONTACT_CHANGED, "ann@new.example", "sub-1", name="Zoë %s '; --"))
    assert row_of(database, id).name == "Zoë %s '; --"
    assert row_of(database, id).email == "ann@new.example"
    apply(
        database,
        mirror(MirrorKind.CONTACT_CHANGED, "ann@new.example", "sub-1", name="", email="", email_verified="true"),
    )
    row = row_of(database, id)
    assert (row.name, row.email, row.email_verified) == ("Zoë %s '; --", "ann@new.example", True)
    assert "Nothing" in apply(database, mirror(MirrorKind.CONTACT_CHANGED, "", "sub-1", phone_number="+1")).note


@pytest.mark.parametrize("status", list(S))
def test_an_address_verified_with_other_changes_lifts_only_who_waited(database: Database, status: S) -> None:
    id = add(database, subject="sub-1", status=status.value)
    apply(database, mirror(MirrorKind.CONTACT_CHANGED, EMAIL, "sub-1", email_verified="false", name="Ann"))
    assert row_of(database, id).status is status
    apply(database, mirror(MirrorKind.CONTACT_CHANGED, EMAIL, "sub-1", email_verified="true", role="editor"))
    row = row_of(database, id)
    assert (row.email_verified, row.role) == (True, "editor")
    assert row.status is (S.PENDING_APPROVAL if status is S.PENDING_VERIFICATION else status)


def test_disabling_learns_where_somebody_stood_and_enabling_forgets_it(database: Database) -> None:
    add(database, status="suspended")
    learned = apply(database, mirror(MirrorKind.USER_DISABLED)).learned
    assert learned == {"status_before_disable": "suspended"}
    assert apply(database, mirror(MirrorKind.USER_DISABLED)).learned is None, "it must not be overwritten"
    assert apply(database, mirror(MirrorKind.USER_ENABLED)).learned == {"status_before_disable": ""}
    assert apply(database, mirror(MirrorKind.USER_DELETED)).learned is None


@pytest.mark.parametrize("subject", ["another", None])
def test_somebody_new_does_not_take_over_a_row(database: Database, subject: str | None) -> None:
    before = row_of(database, add(database, subject=subject, status="active"))
    written = apply(database, mirror(MirrorKind.USER_CREATED, EMAIL, "sub-1"))
    assert written == Written(f"The database has a row for {EMAIL} already.", skipped=True)
    assert row_of(database, before.id) == before


def test_an_email_that_another_row_has_is_a_conflict(database: Database) -> None:
    add(database)
    add(database, "bob@example.org")
    with pytest.raises(AppError) as caught:
        apply(database, mirror(MirrorKind.CONTACT_CHANGED, email="bob@example.org"))
    assert caught.value.code is ErrorCode.CONFLICT


@pytest.mark.parametrize("kind", [kind for kind in MirrorKind if kind is not MirrorKind.USER_CREATED])
def test_a_row_that_does_not_exist_is_a_note(database: Database, kind: MirrorKind) -> None:
    written = apply(database, mirror(kind, name="x"))
    assert written == Written(f"The database has no row for {EMAIL}.", skipped=True)
    assert OnboardingUsers(database).count() == 0


@pytest.mark.parametrize("kind", [kind for kind in MirrorKind if kind is not MirrorKind.USER_CREATED])
def test_a_row_of_another_provider_is_left_alone(database: Database, kind: MirrorKind) -> None:
    before = row_of(database, add(database, auth_provider="local", status="pending_verification"))
    written = apply(database, mirror(kind, name="x", email="y"))
    assert "belongs to the provider local" in written.note
    assert written.skipped
    assert row_of(database, before.id) == before


@pytest.mark.parametrize("kind", list(MirrorKind))
def test_optional_columns_that_are_missing_are_skipped(database: Database, kind: MirrorKind) -> None:
    with database.connection() as connection:
        connection.execute(
            "ALTER TABLE auth.users DROP subject, DROP name, DROP role, DROP organization_id, DROP mfa_required,"
            " DROP mfa_method, DROP mfa_enrolled_at, DROP password_reset_at, DROP status_before_disable,"
            " DROP created_at, DROP updated_at"
        )
        connection.execute(
            "INSERT INTO auth.users (email, auth_provider, status) VALUES (%s, 'cognito', 'pending_mfa')", (EMAIL,)
        )
    note = apply(database, mirror(kind, EMAIL, "sub-1", name="Ann", email_verified="true")).note
    assert note
    row = OnboardingUsers(database).find(EMAIL)
    assert row is not None
    expected = {
        MirrorKind.MFA_ENROLLED: S.PENDING_SUBSCRIPTION,
        MirrorKind.USER_DISABLED: S.DISABLED,
        MirrorKind.USER_DELETED: S.DISABLED,
    }
    assert row.status is expected.get(kind, S.PENDING_MFA)
    assert row.email_verified is (kind in (MirrorKind.CONFIRM_EMAIL, MirrorKind.CONTACT_CHANGED))
    if kind in (MirrorKind.PASSWORD_RESET, MirrorKind.MFA_DISABLED):
        assert "does not keep" in note


def test_the_row_is_found_by_subject_when_the_email_differs(database: Database) -> None:
    id = add(database, "old@example.org", subject="sub-1", status="pending_verification")
    apply(database, mirror(MirrorKind.CONFIRM_EMAIL, "new@example.org", "sub-1"))
    assert row_of(database, id).status is S.PENDING_APPROVAL


def test_an_email_spelled_otherwise_reaches_the_row(database: Database) -> None:
    id = add(database, "Ann@Example.org", status="pending_verification")
    apply(database, mirror(MirrorKind.CONFIRM_EMAIL))
    assert row_of(database, id).email_verified


def test_no_table_is_the_schemas_fault(database: Database) -> None:
    with database.connection() as connection:
        connection.execute("DROP SCHEMA auth CASCADE")
    with pytest.raises(AppError) as caught:
        apply(database, mirror(MirrorKind.CONFIRM_EMAIL))
    assert caught.value.code is ErrorCode.DATABASE_SCHEMA
