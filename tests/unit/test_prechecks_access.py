"""What is said before somebody confirms, removes an authenticator, or acts on the own account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.directory.models import User, UserStatus
from app.permissions import Action, Operator, Role
from app.prechecks import is_self, obstacle

MADE = datetime(2026, 1, 5, tzinfo=UTC)
SUB = "7136faae-6fc7-48b3-9118-5219c7b5b8a2"
BOB = User(
    SUB, UserStatus.CONFIRMED, True, MADE, MADE, {"sub": SUB, "email": "bob@example.org", "preferred_username": "bob"}
)
ANN = Operator("ann", Role.ADMIN)


@pytest.mark.parametrize("name", [SUB, SUB.upper(), "bob@example.org", "Bob@Example.org", "bob"])
def test_nobody_deletes_or_disables_themselves_under_any_of_their_names(name: str) -> None:
    operator = Operator(name, Role.ADMIN)
    assert is_self(operator, BOB)
    for action in (Action.DELETE_USER, Action.DISABLE_USER):
        reason = obstacle(action, operator, BOB)
        assert reason is not None
        assert "your own account" in reason
    assert obstacle(Action.SIGN_OUT, operator, BOB) is None


@pytest.mark.parametrize("name", ["", "ann", "bob@example.com"])
def test_somebody_else_is_somebody_else(name: str) -> None:
    assert not is_self(Operator(name, Role.ADMIN), BOB)
    assert not is_self(Operator(name, Role.ADMIN), replace(BOB, attributes={}))


@pytest.mark.parametrize("status", list(UserStatus))
def test_only_a_sign_up_that_waits_can_be_confirmed(status: UserStatus) -> None:
    reason = obstacle(Action.CONFIRM_SIGN_UP, ANN, replace(BOB, status=status))
    assert (reason is None) is (status is UserStatus.UNCONFIRMED)


def test_an_authenticator_is_removed_where_there_may_be_one() -> None:
    assert obstacle(Action.RESET_AUTHENTICATOR, ANN, BOB) is None  # the list does not tell
    assert obstacle(Action.RESET_AUTHENTICATOR, ANN, replace(BOB, factors=("totp",))) is None
    none = obstacle(Action.RESET_AUTHENTICATOR, ANN, replace(BOB, factors=("sms",)))
    assert none is not None
    assert "no authenticator" in none
    elsewhere = obstacle(Action.RESET_AUTHENTICATOR, ANN, replace(BOB, status=UserStatus.EXTERNAL_PROVIDER))
    assert elsewhere is not None
    assert "another identity provider" in elsewhere
