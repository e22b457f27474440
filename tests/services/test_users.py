"""The users of a pool, against the demo's strict emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.aws.pacing import bound
from app.demo.outbox import MessageKind
from app.directory.filters import equals, starts_with
from app.directory.models import MfaPreference, User, UserStatus
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Work
from tests.services import faults
from tests.services.pools import Pool, person, pool

PASSWORD = "Lantern-Quay-4821"


@pytest.fixture
def demo() -> Iterator[Pool]:
    with pool() as running:
        yield running


@pytest.fixture
def users(demo: Pool) -> Users:
    return demo.users


@pytest.fixture
def ada(users: Users) -> User:
    """A confirmed user with a verified email."""
    made = users.create(
        "ada@example.com",
        attributes={"email": "ada@example.com", "email_verified": "true", "name": "Ada Byron"},
        send_email=False,
    )
    users.set_password(made.username, PASSWORD, permanent=True, status=made.status)
    return users.get(made.username)


def test_a_created_user_gets_a_uuid_an_invitation_and_must_choose_a_password(demo: Pool, users: Users) -> None:
    made = users.create("ada@example.com", attributes={"email": "ada@example.com", "name": "Ada Byron"})
    assert made.username == made.sub != "ada@example.com"
    assert made.status is UserStatus.FORCE_CHANGE_PASSWORD
    assert (made.email, made.name, made.email_verified) == ("ada@example.com", "Ada Byron", False)
    assert made.created.utcoffset() is not None
    assert made.factors is None
    assert [m.kind for m in demo.demo.outbox.messages("ada@example.com")] == [MessageKind.INVITATION]


def test_a_user_can_be_created_in_silence(demo: Pool, users: Users) -> None:
    users.create("ada@example.com", attributes={"email": "ada@example.com"}, send_email=False)
    assert demo.demo.outbox.messages("ada@example.com") == []


def test_a_second_user_with_the_same_address_is_refused_at_its_field(users: Users, ada: User) -> None:
    with pytest.raises(AppError) as caught:
        users.create("ada@example.com", attributes={"email": "ada@example.com"})
    assert caught.value.code is ErrorCode.USER_EXISTS
    assert "username" in caught.value.fields


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"email": "not an email"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a@b..com"}, "email"),
        ({"phone_number": "030 123456"}, "phone_number"),
        ({"sub": "x"}, "sub"),
        ({"custom:nonsense": "x"}, "custom:nonsense"),
    ],
)
def test_attributes_that_cannot_be_are_refused_at_their_field(
    users: Users, ada: User, attributes: dict[str, str], field: str
) -> None:
    for call in (
        lambda: users.create("new@example.com", attributes=attributes),
        lambda: users.update_attributes(ada.username, attributes),
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is ErrorCode.INVALID_INPUT
        assert set(caught.value.fields) == {field}


def test_an_empty_username_is_refused_before_anything_is_sent(demo: Pool, users: Users) -> None:
    for call in (users.delete, users.disable, users.get, users.reset_password):
        with pytest.raises(AppError) as caught:
            call("  ")
        assert set(caught.value.fields) == {"username"}
    assert demo.faults.calls == []


def test_a_user_is_found_by_alias_with_their_factors(users: Users, ada: User) -> None:
    found = users.get("ada@example.com")
    assert found == ada
    assert found.factors == ()
    assert found.status is UserStatus.CONFIRMED


def test_pages_follow_one_another_to_the_end(demo: Pool, users: Users) -> None:
    demo.fill(130)
    sizes: list[int] = []
    seen: set[str] = set()
    token: str | None = None
    while True:
        page = users.list_page(token)
        sizes.append(len(page.users))
        seen.update(user.username for user in page.users)
        token = page.token
        if token is None:
            break
    assert len(seen) == 130
    assert max(sizes) == 60
    assert demo.calls("AdminGetUser") == 0


def test_a_filter_narrows_the_list(demo: Pool, users: Users) -> None:
    demo.fill(30)
    page = users.list_page(limit=1, filter=equals("email", "person-0007@example.com"))
    assert [user.email for user in page.users] == ["person-0007@example.com"]
    assert len(users.list_page(filter=starts_with("email", "person-001")).users) == 10


@pytest.mark.parametrize("limit", [0, 61])
def test_a_page_holds_at_most_sixty(users: Users, limit: int) -> None:
    with pytest.raises(AppError) as caught:
        users.list_page(limit=limit)
    assert "limit" in caught.value.fields


def test_disable_and_enable(users: Users, ada: User) -> None:
    users.disable(ada.username)
    assert not users.get(ada.username).enabled
    users.enable(ada.username)
    assert users.get(ada.username).enabled


def test_delete_is_final_and_a_user_deleted_meanwhile_is_told(users: Users, ada: User) -> None:
    users.delete(ada.username)
    for call in (users.get, users.delete, users.enable, users.disable, users.reset_password, users.resend_invitation):
        with pytest.raises(AppError) as caught:
            call(ada.username)
        assert caught.value.code is ErrorCode.USER_NOT_FOUND
        assert caught.value.subject == ada.username
        assert "may have deleted" in caught.value.message


def test_a_reset_sends_a_code(demo: Pool, users: Users, ada: User) -> None:
    users.reset_password(ada.username)
    assert users.get(ada.username).status is UserStatus.RESET_REQUIRED
    assert demo.demo.outbox.messages("ada@example.com")[0].kind is MessageKind.RESET_CODE


def test_a_reset_without_a_verified_contact_says_why_and_what_to_do(users: Users, ada: User) -> None:
    users.update_attributes(ada.username, {"email_verified": "false"})
    with pytest.raises(AppError) as caught:
        users.reset_password(ada.username)
    assert caught.value.code is ErrorCode.USER_STATE
    assert "nowhere to send the code" in caught.value.message


def test_a_temporary_password_must_be_changed_and_a_permanent_one_not(users: Users, ada: User) -> None:
    users.set_password(ada.username, PASSWORD, permanent=False)
    assert users.get(ada.username).status is UserStatus.FORCE_CHANGE_PASSWORD
    users.set_password(ada.username, PASSWORD, permanent=True)
    assert users.get(ada.username).status is UserStatus.CONFIRMED


def test_a_password_against_policy_is_an_error_of_its_field(users: Users, ada: User) -> None:
    for password in ("short", ""):
        with pytest.raises(AppError) as caught:
            users.set_password(ada.username, password, permanent=True)
        assert set(caught.value.fields) == {"password"}
        assert password == "" or password not in caught.value.message


def test_a_federated_user_gets_no_password_unless_it_is_chosen(demo: Pool, users: Users) -> None:
    demo.demo.fill([person("kim@example.com", UserStatus.EXTERNAL_PROVIDER)])
    for status in (None, UserStatus.EXTERNAL_PROVIDER):
        with pytest.raises(AppError) as caught:
            users.set_password("kim@example.com", PASSWORD, permanent=True, status=status)
        assert caught.value.code is ErrorCode.USER_STATE
        assert "another identity provider" in caught.value.message
    assert demo.calls("AdminSetUserPassword") == 0
    users.set_password("kim@example.com", PASSWORD, permanent=True, allow_federated=True)
    assert users.get("kim@example.com").status is UserStatus.CONFIRMED


def test_an_invitation_is_sent_again_to_the_same_user(demo: Pool, users: Users) -> None:
    made = users.create("ada@example.com", attributes={"email": "ada@example.com"})
    users.resend_invitation(made.username)
    assert [m.kind for m in demo.demo.outbox.messages("ada@example.com")] == [MessageKind.INVITATION] * 2
    assert users.get("ada@example.com").username == made.username


def test_an_invitation_that_was_accepted_is_not_sent_again(users: Users, ada: User) -> None:
    with pytest.raises(AppError) as caught:
        users.resend_invitation(ada.username)
    assert caught.value.code is ErrorCode.USER_STATE
    assert "no longer waits on a temporary password" in caught.value.message


def test_attributes_are_set_and_removed_in_one_request(demo: Pool, users: Users, ada: User) -> None:
    users.update_attributes(ada.username, {"name": "", "given_name": "Augusta", "custom:role": "admin"})
    attributes = users.get(ada.username).attributes
    assert "name" not in attributes
    assert (attributes["given_name"], attributes["custom:role"]) == ("Augusta", "admin")
    assert demo.calls("AdminUpdateUserAttributes") == 1
    with pytest.raises(AppError):
        users.update_attributes(ada.username, {})


def test_an_authenticator_cannot_be_switched_on_for_somebody_without_one(users: Users, ada: User) -> None:
    with pytest.raises(AppError) as caught:
        users.set_mfa_preference(ada.username, MfaPreference(totp=True, preferred="totp"))
    assert caught.value.code is ErrorCode.MFA_NOT_ENABLED
    assert "Only the person can enrol one" in caught.value.message


def test_a_second_factor_is_switched_on_preferred_and_off(users: Users, ada: User) -> None:
    users.update_attributes(ada.username, {"phone_number": "+4930123456", "phone_number_verified": "true"})
    users.set_mfa_preference(ada.username, MfaPreference(preferred="sms"))
    found = users.get(ada.username)
    assert (found.factors, found.preferred_factor) == (("sms",), "sms")
    users.set_mfa_preference(ada.username, MfaPreference(sms=False))
    found = users.get(ada.username)
    assert (found.factors, found.preferred_factor) == ((), None)


@pytest.mark.parametrize(
    "preference",
    [MfaPreference(), MfaPreference(preferred="fax"), MfaPreference(totp=False, preferred="totp")],
)
def test_a_preference_that_makes_no_sense_is_refused(demo: Pool, users: Users, preference: MfaPreference) -> None:
    with pytest.raises(AppError) as caught:
        users.set_mfa_preference("ada", preference)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert demo.faults.calls == []


def test_throttling_of_a_change_is_recovered(demo: Pool, users: Users, ada: User) -> None:
    demo.faults.on("AdminDisableUser", faults.throttled(), times=1)
    users.disable(ada.username)
    assert demo.calls("AdminDisableUser") == 2
    assert not users.get(ada.username).enabled


def test_a_cancelled_change_is_not_sent(demo: Pool, users: Users, ada: User) -> None:
    work = Work()
    work.cancel()
    with bound(work), pytest.raises(Cancelled):
        users.delete(ada.username)
    assert demo.calls("AdminDeleteUser") == 0


def test_one_denied_operation_leaves_the_others(demo: Pool, users: Users, ada: User) -> None:
    demo.faults.on("AdminDeleteUser", faults.access_denied("cognito-idp:AdminDeleteUser"))
    with pytest.raises(AppError) as caught:
        users.delete(ada.username)
    assert (caught.value.code, caught.value.subject) == (ErrorCode.ACCESS_DENIED, "cognito-idp:AdminDeleteUser")
    users.disable(ada.username)
