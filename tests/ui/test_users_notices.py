"""What the pane says stands in the way of signing in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.directory.models import UserStatus
from app.errors import AppError, ErrorCode
from app.journal_models import Mirror, MirrorState
from app.onboarding.models import OnboardingStatus
from app.permissions import Action
from tests.ui.users_desk import NOW, pool, row, user
from ui.tabs.users.notices import headline, notices
from ui.tabs.users.person import Person

_S = UserStatus


def titles(person: Person) -> list[str]:
    return [notice.title for notice in notices(person, NOW)]


def test_nothing_is_said_of_somebody_who_can_sign_in() -> None:
    who = user()
    assert notices(Person(who, complete=True, database=row(who), pool=pool()), NOW) == ()
    assert headline(()) == ""


def test_an_expired_temporary_password_is_told_with_its_age_and_the_pools_limit() -> None:
    who = user("carla", _S.FORCE_CHANGE_PASSWORD, days=25)
    (notice,) = notices(Person(who, complete=True, database=row(who), pool=pool()), NOW)
    assert notice.title == "The temporary password has expired."
    assert notice.body == "Set about 25 days ago; this pool allows 7 days."
    assert notice.action is Action.RESEND_INVITATION
    assert notice.blocks


@pytest.mark.parametrize(("days", "expired"), [(6.9, False), (7.1, True)])
def test_the_pools_own_limit_decides(days: float, expired: bool) -> None:
    who = user("carla", _S.FORCE_CHANGE_PASSWORD, days=days)
    assert bool(titles(Person(who, complete=True, database=row(who), pool=pool()))) is expired


def test_without_the_pools_settings_nothing_is_guessed_about_the_password() -> None:
    who = user("carla", _S.FORCE_CHANGE_PASSWORD, days=400)
    assert titles(Person(who, complete=True, database=row(who), pool=None)) == []


@pytest.mark.parametrize(
    ("status", "title", "remedy"),
    [
        (_S.UNCONFIRMED, "The sign-up is not confirmed.", None),
        (_S.RESET_REQUIRED, "A new password must be chosen first.", Action.RESET_PASSWORD),
    ],
)
def test_states_that_block_are_named(status: UserStatus, title: str, remedy: Action | None) -> None:
    who = user("carla", status)
    (notice,) = notices(Person(who, complete=True, database=row(who), pool=pool()), NOW)
    assert (notice.title, notice.action, notice.blocks) == (title, remedy, True)


def test_disabled_on_both_sides_blocks_but_does_not_differ() -> None:
    who = user(enabled=False)
    person = Person(who, complete=True, database=row(who, OnboardingStatus.DISABLED), pool=pool())
    assert titles(person) == ["The account is disabled in Cognito."]


def test_disabled_here_but_active_there_is_a_difference_too() -> None:
    who = user(enabled=False)
    found = notices(Person(who, complete=True, database=row(who), pool=pool()), NOW)
    assert [n.action for n in found] == [Action.ENABLE_USER, Action.ONBOARDING_DISABLE]
    assert headline(found) == "Cannot sign in: 1 thing blocks"


def test_disabled_there_but_enabled_here() -> None:
    who = user()
    (notice,) = notices(Person(who, complete=True, database=row(who, OnboardingStatus.DISABLED), pool=pool()), NOW)
    assert notice.action is Action.DISABLE_USER
    assert headline((notice,)) == "1 difference to look at"


def test_an_email_that_only_cognito_knows_to_be_verified() -> None:
    who = user()
    waits = row(who, OnboardingStatus.PENDING_VERIFICATION)
    (notice,) = notices(Person(who, complete=True, database=waits, pool=pool()), NOW)
    assert notice.title == "The database still waits for the email."
    assert notice.body == "Onboarding says pending verification; Cognito has the email verified."
    assert notice.action is Action.CONFIRM_EMAIL
    unverified = user(email_verified="false")
    assert titles(Person(unverified, complete=True, database=waits, pool=pool())) == []


def test_a_missing_row_is_told_only_where_the_database_was_asked() -> None:
    who = user()
    away = AppError(ErrorCode.DATABASE_UNREACHABLE, "The database does not answer.")
    assert titles(Person(who, complete=True)) == ["The application database has no row for this person."]
    assert titles(Person(who, complete=False)) == []
    assert titles(Person(who, complete=True, database_error=away)) == []


def test_a_row_that_is_still_to_be_written_is_not_missing() -> None:
    who = user()
    waits = Mirror(1, 1, "test", "user_created", who.email, who.sub, {}, MirrorState.PENDING, NOW)
    assert titles(Person(who, complete=True, waiting=(waits,))) == []


@pytest.mark.parametrize(
    ("kind", "enabled", "status"),
    [
        ("user_disabled", False, OnboardingStatus.ACTIVE),
        ("user_enabled", True, OnboardingStatus.DISABLED),
        ("confirm_email", True, OnboardingStatus.PENDING_VERIFICATION),
    ],
)
def test_what_is_on_its_way_to_the_database_needs_no_repair(kind: str, enabled: bool, status: OnboardingStatus) -> None:
    who = user(enabled=enabled)
    waits = Mirror(1, 1, "test", kind, who.email, who.sub, {}, MirrorState.PENDING, NOW)
    behind = Person(who, complete=True, database=row(who, status), waiting=(waits,), pool=pool())
    (told,) = [notice for notice in notices(behind, NOW) if not notice.blocks]
    assert "on its way" in told.body
    assert told.action is None
    other = Mirror(2, 2, "test", "mfa_enrolled", who.email, who.sub, {}, MirrorState.PENDING, NOW)
    (offered,) = [notice for notice in notices(replace(behind, waiting=(other,)), NOW) if not notice.blocks]
    assert offered.action is not None


def test_what_blocks_comes_first() -> None:
    who = user("carla", _S.FORCE_CHANGE_PASSWORD)
    waits = row(who, OnboardingStatus.PENDING_VERIFICATION)
    found = notices(Person(who, complete=True, database=waits, pool=pool()), NOW)
    assert [notice.blocks for notice in found] == [True, False]
