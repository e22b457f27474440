"""Every kind of difference mended against a pool and a real auth.users: what is changed, refused, raced, journalled."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from app.bulk import Fate, Plan, Ready, Report, run
from app.changes import Changes
from app.directory.models import User
from app.drift.fixes import FIXES, Fix, Side
from app.drift.report import DriftLine, DriftReport
from app.drift.service import MOST, Drift, Kind
from app.errors import AppError, ErrorCode
from app.journal import EntryState
from app.onboarding.mirror import apply
from app.people import LoadReport
from app.permissions import Action, Operator, Role
from app.work import Work
from tests.services.office import BOB, TARGET, Office, S, opened
from tests.services.pools import Pool, pool

MendReport = Report[DriftLine]


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


def drift_of(office: Office, role: Role = Role.ADMIN) -> Drift:
    changes = Changes(office.journal, Operator("ann", role), "main", partial(apply, office.database), target=TARGET)
    people = office.of(role)
    people.loaded = LoadReport(len(office.index), None, datetime.now(UTC))
    return Drift(people, office.cognito.users, changes, office.index, office.onboarding)


def execute(office: Office, statement: str) -> None:
    with office.database.connection() as connection:
        connection.execute(statement.encode())


def the_fix(kind: Kind, side: Side = Side.DATABASE) -> Fix:
    return next(fix for fix in FIXES[kind] if fix.side is side)


def compared(office: Office) -> DriftReport:
    return drift_of(office).compare(Work())


def only(report: DriftReport) -> DriftLine:
    (line,) = report.all.lines(0, 9)
    return line


def mend_all(drift: Drift, lines: Sequence[DriftLine], fix: Fix, work: Work | None = None) -> MendReport:
    return run(Plan(tuple(Ready(line.person, line) for line in lines)), drift.mender(fix), work or Work())


def mend(office: Office, kind: Kind, side: Side = Side.DATABASE, line: DriftLine | None = None) -> MendReport:
    return mend_all(drift_of(office), [line or only(compared(office))], the_fix(kind, side))


def settled(office: Office, report: MendReport) -> None:
    (result,) = report.results
    assert result.fate is Fate.DONE, result.note
    assert compared(office).people == 0
    assert len(office.index.view("drift:yes")) == 0
    assert office.last().state is EntryState.SUCCEEDED


@pytest.mark.parametrize(
    ("verified", "enabled", "status", "before"),
    [("true", True, S.PENDING_APPROVAL, None), ("false", True, S.PENDING_VERIFICATION, None),
     ("true", False, S.DISABLED, S.PENDING_APPROVAL)],
)  # fmt: skip
def test_a_missing_row_is_added_at_the_foot_of_the_ladder(
    office: Office, verified: str, enabled: bool, status: S, before: S | None
) -> None:
    user = office.join(onboarding=None, email_verified=verified)
    if not enabled:
        office.people.disable(user)
    settled(office, mend(office, Kind.ONLY_COGNITO))
    row = office.row()
    assert (row.status, row.status_before_disable, row.subject, row.name) == (status, before, user.sub, "Bob Reed")
    assert office.last().action is Action.ADD_ROW


def test_a_row_that_nobody_in_the_pool_goes_with_is_disabled(office: Office) -> None:
    execute(office, f"INSERT INTO auth.users (email, auth_provider, status) VALUES ('{BOB}', 'cognito', 'active')")
    settled(office, mend(office, Kind.ONLY_DATABASE))
    assert (office.row().status, office.row().status_before_disable) == (S.DISABLED, S.ACTIVE)


def test_a_row_of_somebody_who_has_come_into_the_pool_meanwhile_is_left(office: Office) -> None:
    execute(office, f"INSERT INTO auth.users (email, auth_provider, status) VALUES ('{BOB}', 'cognito', 'active')")
    line = only(compared(office))
    user = office.join(onboarding=None)
    (result,) = mend(office, Kind.ONLY_DATABASE, line=line).results
    assert result.fate is Fate.LEFT
    assert "agree by now" in result.note
    assert office.row().status is S.ACTIVE
    office.index.remove(user.username)


def test_a_second_row_of_somebody_is_disabled(office: Office) -> None:
    user = office.join()
    execute(office, f"INSERT INTO auth.users (email, auth_provider, subject) VALUES ('other', 'cognito', '{user.sub}')")
    settled(office, mend(office, Kind.DUPLICATE))
    with office.database.connection() as connection:
        found = connection.execute("SELECT status FROM auth.users ORDER BY status").fetchall()
    assert [row[0] for row in found] == ["active", "disabled"]


def test_a_verified_address_moves_the_row_along_the_ladder(office: Office) -> None:
    office.join(onboarding=S.PENDING_VERIFICATION)
    settled(office, mend(office, Kind.EMAIL_VERIFIED))
    assert (office.row().status, office.row().email_verified) == (S.PENDING_APPROVAL, True)
    assert office.last().action is Action.CONFIRM_EMAIL


@pytest.mark.parametrize("in_cognito", ["true", "false"])
@pytest.mark.parametrize("side", list(Side))
def test_a_verified_address_on_one_side_alone(office: Office, in_cognito: str, side: Side) -> None:
    user = office.join(email_verified=in_cognito)
    execute(office, "UPDATE auth.users SET email_verified = NOT email_verified")
    settled(office, mend(office, Kind.EMAIL_VERIFIED, side))
    truth = (in_cognito == "true") is (side is Side.DATABASE)
    assert (office.row().email_verified, office.seen(user).email_verified) == (truth, truth)
    assert office.row().status is S.ACTIVE


def test_a_person_disabled_on_one_side_alone(office: Office) -> None:
    user = office.join(onboarding=S.SUSPENDED)
    execute(office, "UPDATE auth.users SET status = 'disabled', status_before_disable = 'suspended'")
    settled(office, mend(office, Kind.ENABLED))
    assert office.row().status is S.SUSPENDED
    execute(office, "UPDATE auth.users SET status = 'disabled', status_before_disable = 'suspended'")
    settled(office, mend(office, Kind.ENABLED, Side.COGNITO))
    assert not office.seen(user).enabled
    execute(office, "UPDATE auth.users SET status = 'suspended', status_before_disable = NULL")
    settled(office, mend(office, Kind.ENABLED))
    assert office.row().status is S.DISABLED
    execute(office, "UPDATE auth.users SET status = 'active', status_before_disable = NULL")
    settled(office, mend(office, Kind.ENABLED, Side.COGNITO))
    assert office.seen(user).enabled
    assert office.row().status is S.ACTIVE


def test_the_subject_and_the_spelling_are_written_into_the_row(office: Office) -> None:
    user = office.join()
    execute(office, "UPDATE auth.users SET subject = NULL, email = upper(email)")
    line = only(compared(office))
    assert line.kinds == (Kind.SUBJECT, Kind.EMAIL_CASE)
    assert mend(office, Kind.EMAIL_CASE, line=line).all_well
    settled(office, mend(office, Kind.SUBJECT))
    assert (office.row().email, office.row().subject) == (BOB, user.sub)


def test_another_address_and_another_provider(office: Office) -> None:
    user = office.join()
    execute(office, "UPDATE auth.users SET email = 'old@example.org', email_verified = FALSE, auth_provider = 'local'")
    line = only(compared(office))
    assert set(line.kinds) == {Kind.EMAIL, Kind.EMAIL_VERIFIED, Kind.PROVIDER}
    assert mend(office, Kind.EMAIL, line=line).all_well
    settled(office, mend(office, Kind.PROVIDER))
    row = office.row()
    assert (row.auth_provider, row.email, row.email_verified, row.subject) == ("cognito", BOB, True, user.sub)


@pytest.mark.parametrize("kind", [Kind.SUBJECT, Kind.PROVIDER])
def test_an_address_that_is_not_verified_takes_over_no_row(office: Office, kind: Kind) -> None:
    office.join(email_verified="false")
    provider = "local" if kind is Kind.PROVIDER else "cognito"
    execute(office, f"UPDATE auth.users SET subject = NULL, auth_provider = '{provider}'")
    before = office.row()
    (result,) = mend(office, kind).results
    assert (result.fate, "verified" in result.note) == (Fate.LEFT, True)
    assert office.row() == before


def test_an_authenticator_is_recorded_or_cleared_and_never_where_mfa_is_required(office: Office) -> None:
    user = office.join(onboarding=S.PENDING_MFA)
    execute(office, "UPDATE auth.users SET mfa_method = 'totp', mfa_required = TRUE")
    office.people.details(user.username)
    line = only(compared(office))
    assert line.told(Kind.MFA) == ("none", "authenticator app")
    (result,) = mend(office, Kind.MFA, line=line).results
    assert (result.fate, "required" in result.note) == (Fate.LEFT, True)
    execute(office, "UPDATE auth.users SET mfa_required = FALSE")
    settled(office, mend(office, Kind.MFA))
    assert (office.row().mfa_method, office.row().mfa_enrolled_at, office.row().status) == (None, None, S.PENDING_MFA)


def test_a_dry_run_says_what_would_happen_and_does_nothing(office: Office) -> None:
    office.join()
    office.join("amy@example.org", email_verified="false")
    execute(office, "UPDATE auth.users SET subject = NULL")
    report = compared(office)
    calls = len(office.cognito.faults.calls)
    preview = drift_of(office).preview(Work(), report.view((Kind.SUBJECT,)), the_fix(Kind.SUBJECT))
    assert (preview.total, len(preview.ready), preview.billed, preview.changes) == (2, 1, 0, 0)
    assert [many for _, many in preview.reasons()] == [1]
    assert preview.forbidden == ""
    assert len(office.cognito.faults.calls) == calls
    assert compared(office).counts == report.counts
    support = drift_of(office, Role.SUPPORT).preview(Work(), report.all, the_fix(Kind.SUBJECT))
    assert support.forbidden


def test_more_than_can_be_mended_at_once_are_refused_with_the_limit(office: Office) -> None:
    lines = [DriftLine((Kind.SUBJECT,), username="a", email=BOB)] * (MOST + 1)
    with pytest.raises(AppError, match="Mend 50,000 at most at once") as caught:
        drift_of(office).preview(Work(), lines, the_fix(Kind.SUBJECT))
    assert caught.value.code is ErrorCode.INVALID_INPUT


def test_who_may_not_mend_changes_nothing(office: Office) -> None:
    office.join()
    execute(office, "UPDATE auth.users SET subject = NULL")
    line = only(compared(office))
    report = mend_all(drift_of(office, Role.SUPPORT), [line, line], the_fix(Kind.SUBJECT))
    assert report.stopped is not None
    assert (report.stopped.code, len(report.untried), report.results) == (ErrorCode.NOT_ALLOWED, 2, ())
    assert office.row().subject is None


def test_a_lost_race_shows_both_values(office: Office) -> None:
    office.join()
    row = office.row()
    execute(office, "UPDATE auth.users SET email_verified = FALSE, status = 'suspended'")
    with pytest.raises(AppError) as caught:
        office.onboarding.align(row, {"email_verified": True})
    assert caught.value.code is ErrorCode.CONFLICT
    assert "email_verified was True when it was read and is False now" in caught.value.message
    assert "status was active when it was read and is suspended now" in caught.value.message
    assert office.row().status is S.SUSPENDED


def test_only_known_columns_may_be_set(office: Office) -> None:
    office.join()
    with pytest.raises(AppError) as caught:
        office.onboarding.align(office.row(), {"role": "admin"})
    assert caught.value.code is ErrorCode.INTERNAL


def test_an_address_that_another_row_has_is_reported_and_the_run_goes_on(office: Office) -> None:
    users: list[User] = [office.join(), office.join("cy@example.org")]
    execute(office, "UPDATE auth.users SET email = 'x' || email")
    execute(office, f"INSERT INTO auth.users (email, auth_provider) VALUES ('{BOB}', 'local')")
    lines = compared(office).view((Kind.EMAIL,)).lines(0, 9)
    report = mend_all(drift_of(office), lines, the_fix(Kind.EMAIL))
    assert {each.person.item.username: each.fate for each in report.results} == {
        users[0].username: Fate.FAILED,
        users[1].username: Fate.DONE,
    }


def test_a_person_whose_change_still_waits_is_left_for_it(office: Office) -> None:
    user = office.join()
    line = None
    office.relay.away()
    office.people.disable(user)
    office.relay.back()
    report = compared(office)
    assert report.waiting == 1
    line = only(report)
    (result,) = mend(office, Kind.ENABLED, line=line).results
    assert (result.fate, "waits" in result.note) == (Fate.LEFT, True)


def test_a_run_ends_where_the_database_goes_away_and_can_be_stopped(office: Office) -> None:
    office.join()
    execute(office, "UPDATE auth.users SET subject = NULL")
    line = only(compared(office))
    office.relay.away()
    report = mend_all(drift_of(office), [line], the_fix(Kind.SUBJECT))
    assert report.stopped is not None
    assert (report.stopped.code, len(report.untried)) == (ErrorCode.DATABASE_UNREACHABLE, 1)
    office.relay.back()
    work = Work()
    work.cancel()
    stopped = mend_all(drift_of(office), [line], the_fix(Kind.SUBJECT), work)
    assert (len(stopped.untried), stopped.stopped, stopped.results) == (1, None, ())


def test_somebody_who_left_the_pool_meanwhile_is_told(office: Office) -> None:
    user = office.join(onboarding=None)
    line = only(compared(office))
    office.cognito.users.delete(user.username)
    (result,) = mend(office, Kind.ONLY_COGNITO, line=line).results
    assert result.fate is Fate.LEFT
    assert office.onboarding.count() == 0


def test_the_report_as_a_file(office: Office, tmp_path: Path) -> None:
    office.join("=cmd()@example.org", onboarding=None)
    path = tmp_path / "drift.csv"
    report = compared(office)
    assert drift_of(office).export(Work(), report.all, path) == 1
    first, second = path.read_text("utf-8").splitlines()
    assert first.startswith('"differences","username","sub","email"')
    assert second.startswith('"only_cognito",')
    assert '"\'=cmd()@example.org"' in second
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert office.last().action is Action.EXPORT_USERS
    with pytest.raises(AppError):
        drift_of(office).export(Work(), report.all, path)
    with pytest.raises(AppError) as caught:
        drift_of(office, Role.SUPPORT).export(Work(), report.all, tmp_path / "other.csv")
    assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert drift_of(office).export(Work(), report.view((Kind.MFA,)), tmp_path / "empty.csv") == 0
    assert (tmp_path / "empty.csv").read_text().startswith('"differences"')


def test_a_pool_that_was_not_read_whole_is_not_compared(office: Office) -> None:
    office.join()
    drift = drift_of(office)
    office.index.partial = True
    with pytest.raises(AppError) as caught:
        drift.compare(Work())
    assert caught.value.code is ErrorCode.NOT_SUPPORTED
    office.index.partial = False
    drift._people.loaded = None
    with pytest.raises(AppError, match="not read to its end"):
        drift.compare(Work())


def test_without_a_database_there_is_nothing_to_compare(office: Office) -> None:
    changes = Changes(office.journal, Operator("ann", Role.ADMIN), "main", None)
    drift = Drift(office.people, office.cognito.users, changes, office.index, None)
    with pytest.raises(AppError) as caught:
        drift.compare(Work())
    assert caught.value.code is ErrorCode.DATABASE_MISSING


def test_a_fix_without_an_answer_is_not_told_as_failed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.join()
    office.set_row(BOB, status="disabled")

    def lost(*_: object) -> None:
        raise AppError(ErrorCode.TIMEOUT, "No answer.")

    line = only(compared(office))
    monkeypatch.setattr(office.cognito.users, "disable", lost)
    (result,) = mend(office, Kind.ENABLED, Side.COGNITO, line).results
    assert result.fate is Fate.UNKNOWN
    assert office.last().state is EntryState.UNKNOWN


def test_an_administrator_among_them_stops_support_at_nobody_else(office: Office) -> None:
    office.join(onboarding=S.PENDING_VERIFICATION)
    office.set_row(BOB, role="admin", email_verified=True)
    office.join("zoe@example.org", onboarding=S.PENDING_VERIFICATION)
    lines = compared(office).all.lines(0, 9)
    report = mend_all(drift_of(office, Role.SUPPORT), lines, the_fix(Kind.EMAIL_VERIFIED))
    assert {each.person.who: each.fate for each in report.results} == {
        BOB: Fate.LEFT,
        "zoe@example.org": Fate.DONE,
    }
    assert (office.row().status, report.untried) == (S.PENDING_VERIFICATION, ())


def test_who_may_not_mend_bills_nobody_by_looking(office: Office) -> None:
    user = office.join()
    line = DriftLine((Kind.MFA,), username=user.username, sub=user.sub, email=user.email, row_id=office.row().id)
    for role in (Role.VIEWER, Role.SUPPORT):
        with pytest.raises(AppError) as caught:
            mend_all(drift_of(office, role), [line], the_fix(Kind.MFA))
        assert caught.value.code is ErrorCode.NOT_ALLOWED
    assert office.cognito.calls("AdminGetUser") == 0
