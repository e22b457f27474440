"""A change is sent once: where its answer is lost, the truth is read and reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from app.aws import clients
from app.directory.models import MfaPreference, User
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from tests.services import faults
from tests.services.pools import Pool, pool

ADA = {"email": "ada@example.com"}


@pytest.fixture
def demo() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def ada(demo: Pool) -> User:
    phone = {"phone_number": "+4930123456", "phone_number_verified": "true"}
    return demo.users.create("ada@example.com", attributes={**ADA, **phone}, send_email=False)


LOST = [faults.lost_answer(), faults.cut_body(10)]


@pytest.mark.parametrize("fault", LOST, ids=["reset", "cut"])
def test_a_creation_whose_answer_was_lost_is_reported_as_made(demo: Pool, fault: faults.Fault) -> None:
    demo.faults.on("AdminCreateUser", fault)
    made = demo.users.create("ada@example.com", attributes=ADA)
    assert made.email == "ada@example.com"
    assert demo.calls("AdminCreateUser") == 1
    assert len(demo.users.list_page().users) == 1
    assert len(demo.demo.outbox.messages("ada@example.com")) == 1


def test_a_creation_that_never_arrived_is_reported_as_not_made(demo: Pool) -> None:
    demo.faults.on("AdminCreateUser", faults.connection_reset())
    with pytest.raises(AppError) as caught:
        demo.users.create("ada@example.com", attributes=ADA)
    assert caught.value.code is ErrorCode.BAD_RESPONSE
    assert "has not been made so far" in caught.value.message
    assert demo.calls("AdminCreateUser") == 1


def test_a_creation_nobody_can_look_after_is_unknown_and_cleared_up_by_trying_again(demo: Pool) -> None:
    demo.faults.on("AdminCreateUser", faults.lost_answer(), times=1)
    demo.faults.on("AdminGetUser", faults.access_denied("cognito-idp:AdminGetUser"), times=1)
    with pytest.raises(AppError) as caught:
        demo.users.create("ada@example.com", attributes=ADA)
    assert caught.value.code is ErrorCode.BAD_RESPONSE
    assert "is not known" in caught.value.message
    # The person presses Create again: Cognito says that the name exists, and it is our own user.
    made = demo.users.create("ada@example.com", attributes=ADA)
    assert made.email == "ada@example.com"
    assert demo.calls("AdminCreateUser") == 2


def test_a_user_who_was_there_before_is_not_taken_for_ours(demo: Pool) -> None:
    demo.fill(1)
    demo.faults.on("AdminCreateUser", faults.lost_answer())
    with pytest.raises(AppError) as caught:
        demo.users.create("person-0000@example.com", attributes={"email": "person-0000@example.com"})
    assert caught.value.code is ErrorCode.USER_EXISTS
    assert "username" in caught.value.fields


def test_an_ordinary_duplicate_is_not_read_again(demo: Pool, ada: User) -> None:
    with pytest.raises(AppError) as caught:
        demo.users.create("ada@example.com", attributes=ADA)
    assert caught.value.code is ErrorCode.USER_EXISTS
    assert demo.calls("AdminGetUser") == 0


CHANGES: list[tuple[str, Callable[[Users, str], None]]] = [
    ("AdminDisableUser", lambda users, name: users.disable(name)),
    ("AdminDeleteUser", lambda users, name: users.delete(name)),
    ("AdminUpdateUserAttributes", lambda users, name: users.update_attributes(name, {"name": "Ada Byron"})),
    ("AdminSetUserMFAPreference", lambda users, name: users.set_mfa_preference(name, MfaPreference(preferred="sms"))),
]


@pytest.mark.parametrize(("operation", "change"), CHANGES, ids=[operation for operation, _ in CHANGES])
def test_a_change_that_was_made_is_a_success(
    demo: Pool, ada: User, operation: str, change: Callable[[Users, str], None]
) -> None:
    demo.faults.on(operation, faults.lost_answer())
    change(demo.users, ada.username)
    assert demo.calls(operation) == 1


@pytest.mark.parametrize(("operation", "change"), CHANGES, ids=[operation for operation, _ in CHANGES])
def test_a_change_that_was_not_made_is_told_and_not_repeated(
    demo: Pool, ada: User, operation: str, change: Callable[[Users, str], None]
) -> None:
    demo.faults.on(operation, faults.connection_reset())
    with pytest.raises(AppError) as caught:
        change(demo.users, ada.username)
    assert caught.value.code is ErrorCode.BAD_RESPONSE
    assert not caught.value.retryable
    assert "has not been made so far" in caught.value.message
    assert demo.calls(operation) == 1


@pytest.mark.parametrize("fault", [faults.server_error(), faults.bad_gateway()], ids=["500", "502"])
def test_a_server_error_during_a_change_is_not_repeated(demo: Pool, ada: User, fault: faults.Fault) -> None:
    demo.faults.on("AdminResetUserPassword", fault)
    with pytest.raises(AppError) as caught:
        demo.users.reset_password(ada.username)
    assert caught.value.code in (ErrorCode.SERVICE_ERROR, ErrorCode.BAD_RESPONSE)
    assert demo.calls("AdminResetUserPassword") == 1


def test_a_silent_server_times_out_changes_once_and_reads_twice(demo: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    demo.fill(1)
    name = "person-0000@example.com"
    monkeypatch.setattr(clients, "READ_TIMEOUT", 0.3)
    client = clients.Clients().cognito(demo.demo.region, endpoint=demo.demo.endpoint, keys=demo.keys)
    hasty = Users(client, demo.demo.pool_id)
    demo.faults.on("AdminDisableUser", faults.latency(1.5))
    began = time.monotonic()
    with pytest.raises(AppError) as caught:
        hasty.disable(name)
    assert caught.value.code is ErrorCode.TIMEOUT
    assert "has not been made so far" in caught.value.message
    assert demo.calls("AdminDisableUser") == 1
    demo.faults.on("ListUsers", faults.latency(1.5))
    with pytest.raises(AppError) as listing:
        hasty.list_page()
    assert listing.value.code is ErrorCode.TIMEOUT
    assert demo.calls("ListUsers") == 2
    assert time.monotonic() - began < 5
    client.close()
