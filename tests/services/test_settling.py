"""Changes whose answer never came, and whose database write must not be lost with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from app import aftermath
from app.directory.access import Access
from app.directory.models import MfaPreference, User
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal, MirrorRequest
from app.onboarding.mirror import MirrorKind
from app.people import People
from app.permissions import Action
from app.settling import Unsettled, unsettled
from app.work import Work
from tests.services.office import BOB, TARGET, Office, S, opened
from tests.services.pools import Pool, pool

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def office(cognito: Pool, auth_database: str, tmp_path: Path) -> Iterator[Office]:
    with opened(cognito, auth_database, tmp_path) as made:
        yield made


class Killed(BaseException):
    """The process ended here."""


def killed_after(office: Office, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """Make a change in a process that dies when Cognito has answered, before the journal knows it; then start anew."""

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        for name in ("succeed", "fail", "unknown"):
            patch.setattr(office.journal, name, die)
        with pytest.raises(Killed):
            change()
    again(office)


def again(office: Office) -> People:
    """Another process on the same journal."""
    path = office.journal.path
    office.journal.close()
    office.journal = Journal(path)
    office.journal.recover()
    office.people = office.of(office.people.upkeep.operator.role)
    return office.people


Change = Callable[[People, User], object]
CHANGES: dict[str, Change] = {
    "disable": lambda people, user: people.disable(user),
    "confirm": lambda people, user: people.update_attributes(user, {"email_verified": "true"}),
    "address": lambda people, user: people.update_attributes(
        user, {"email": "rob@example.org", "email_verified": "true"}
    ),
    "name": lambda people, user: people.update_attributes(user, {"name": "Robert"}),
    "delete": lambda people, user: people.delete(user),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_what_was_done_reaches_the_row_after_a_restart(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    user = office.join(onboarding=S.PENDING_VERIFICATION, email_verified="false")
    before = office.row()
    killed_after(office, monkeypatch, partial(CHANGES[name], office.people, user))
    assert office.last().state is EntryState.INTERRUPTED
    assert office.row() == before
    assert office.people.retry_mirrors(Work()).done == 1
    assert office.last().state is EntryState.SUCCEEDED
    row = office.onboarding.find("", user.sub)
    assert row is not None
    found = (row.email, row.email_verified, row.name, row.status)
    assert (
        found
        == {
            "disable": (BOB, False, "Bob Reed", S.DISABLED),
            "confirm": (BOB, True, "Bob Reed", S.PENDING_APPROVAL),
            "address": ("rob@example.org", True, "Bob Reed", S.PENDING_APPROVAL),
            "name": (BOB, False, "Robert", S.PENDING_VERIFICATION),
            "delete": (BOB, False, "Bob Reed", S.DISABLED),
        }[name]
    )
    assert office.people.retry_mirrors(Work()).done == 0, "once and no more"


def test_somebody_whose_creation_was_not_seen_to_end_gets_a_row(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    attributes = {"email": "new@example.org", "email_verified": "true", "name": "Nia", "custom:role": "user"}
    killed_after(office, monkeypatch, lambda: office.people.create("new@example.org", attributes))
    office.people.retry_mirrors(Work())
    row = office.row("new@example.org")
    assert (row.status, row.name, row.role, bool(row.subject)) == (S.PENDING_APPROVAL, "Nia", "user", True)


def test_an_authenticator_that_was_switched_off_is_cleared_in_the_row(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = office.join()
    with office.database.connection() as connection:
        connection.execute("UPDATE auth.users SET mfa_method = 'totp'")
    killed_after(office, monkeypatch, lambda: office.people.set_mfa_preference(user, MfaPreference(totp=False)))
    office.people.retry_mirrors(Work())
    assert office.row().mfa_method is None


def test_what_was_not_done_leaves_the_row(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    user = office.join()

    def die(_: str) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(office.cognito.users, "disable", die)
        for name in ("fail", "unknown"):
            patch.setattr(office.journal, name, lambda *_, **__: None)
        with pytest.raises(Killed):
            office.people.disable(user)
    again(office).retry_mirrors(Work())
    assert office.last().state is EntryState.FAILED
    assert office.row().status is S.ACTIVE


def test_a_lost_answer_is_settled_without_a_restart(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    user = office.join()
    disable = office.cognito.users.disable

    def answer_lost(username: str) -> None:
        disable(username)
        raise AppError(ErrorCode.TIMEOUT, "No answer.")

    with monkeypatch.context() as patch:
        patch.setattr(office.cognito.users, "disable", answer_lost)
        with pytest.raises(AppError):
            office.people.disable(user)
    assert office.last().state is EntryState.UNKNOWN
    assert office.people.retry_mirrors(Work()).done == 1
    assert office.row().status is S.DISABLED


def test_where_nobody_can_tell_it_is_asked_about_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    user = office.join()
    killed_after(office, monkeypatch, lambda: office.people.update_attributes(user, {"name": "Robert"}))
    office.cognito.users.delete(user.username)
    office.people.retry_mirrors(Work())
    assert office.last().state is EntryState.INTERRUPTED
    assert unsettled(office.journal, "main", TARGET) == []


def test_while_cognito_cannot_be_asked_it_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    user = office.join()
    killed_after(office, monkeypatch, lambda: office.people.disable(user))

    def away(*_: object) -> None:
        raise AppError(ErrorCode.UNREACHABLE, "Away.", retryable=True)

    with monkeypatch.context() as patch:
        patch.setattr(aftermath, "look", away)
        assert office.people.retry_mirrors(Work()).done == 0
    (left,) = unsettled(office.journal, "main", TARGET)
    assert left.mirror.kind == "user_disabled"
    assert unsettled(office.journal, "main", "another pool") == []
    assert office.people.retry_mirrors(Work()).done == 1
    assert office.last().action is Action.DISABLE_USER


@pytest.mark.parametrize("has", [True, False], ids=["still there", "removed"])
def test_a_lost_authenticator_is_settled_by_whether_it_is_still_there(
    office: Office, monkeypatch: pytest.MonkeyPatch, has: bool
) -> None:
    user = office.join(totp=SECRET)
    office.set_row(BOB, mfa_method="totp")

    def die(_: str) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if has:
            patch.setattr(Access, "remove_authenticator", die)
        killed_after(office, patch, lambda: office.security().remove_authenticator(user))
    office.people.retry_mirrors(Work())
    assert office.last().state is (EntryState.FAILED if has else EntryState.SUCCEEDED)
    assert office.row().mfa_method == ("totp" if has else None)


def test_a_requirement_is_settled_where_it_can_be_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    user = office.join(totp=SECRET)
    killed_after(office, monkeypatch, lambda: office.security().require_mfa(user, required=True))
    office.people.retry_mirrors(Work())
    assert (office.last().state, office.row().mfa_required) == (EntryState.SUCCEEDED, True)
    killed_after(office, monkeypatch, lambda: office.security().require_mfa(user, required=False))
    office.people.retry_mirrors(Work())
    assert (office.last().state, office.row().mfa_required) == (EntryState.SUCCEEDED, False)


def test_a_requirement_of_somebody_without_a_factor_cannot_be_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = office.join()
    killed_after(office, monkeypatch, lambda: office.security().require_mfa(user, required=True))
    office.people.retry_mirrors(Work())
    assert office.last().state is EntryState.INTERRUPTED
    assert unsettled(office.journal, "main", TARGET) == []


@pytest.mark.parametrize("kind", MirrorKind)
def test_every_kind_of_write_can_be_asked_about(office: Office, kind: MirrorKind) -> None:
    user = office.join()
    change = Unsettled(1, user.created, user.username, MirrorRequest(kind.value, BOB, user.sub, {}))
    assert aftermath.look(office.cognito.users, change) in (True, False, None) or kind is MirrorKind.USER_CREATED
