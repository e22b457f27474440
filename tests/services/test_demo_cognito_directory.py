"""The emulator's users: create, invite, list, change, reset, delete."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from app.demo.outbox import MessageKind
from tests.services.emulated import OTHER_PASSWORD, PASSWORD, Emulated, emulated, refused

ANA = "ana@harbour.example"


@pytest.fixture
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        yield running


def _user(demo: Emulated, username: str) -> dict[str, str]:
    answer = demo.client.admin_get_user(UserPoolId=demo.pool, Username=username)
    return {row["Name"]: row["Value"] for row in answer["UserAttributes"]}


def test_the_username_is_the_subject_and_the_email_finds_it(demo: Emulated) -> None:
    username = demo.create(ANA)
    assert str(uuid.UUID(username)) == username
    answer = demo.client.admin_get_user(UserPoolId=demo.pool, Username=ANA)
    assert answer["Username"] == username
    assert _user(demo, username) == {"email": ANA, "sub": username}


def test_an_invitation_holds_the_temporary_password(demo: Emulated) -> None:
    demo.create(ANA)
    message = demo.demo.outbox.messages(ANA)[0]
    assert message.kind is MessageKind.INVITATION
    assert message.code is not None
    assert message.code in message.body
    assert demo.sign_in(ANA, message.code)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_suppress_sends_nothing(demo: Emulated) -> None:
    demo.create(ANA, MessageAction="SUPPRESS")
    assert demo.demo.outbox.messages() == []


@pytest.mark.parametrize(
    ("username", "more", "code"),
    [
        ("no-address", {}, "InvalidParameterException"),
        ("ana@harbour", {}, "InvalidParameterException"),
        (ANA, {"TemporaryPassword": "short"}, "InvalidPasswordException"),
        (ANA, {"UserAttributes": [{"Name": "custom:unknown", "Value": "x"}]}, "InvalidParameterException"),
        (ANA, {"UserAttributes": [{"Name": "phone_number", "Value": "0170"}]}, "InvalidParameterException"),
        (ANA, {"UserAttributes": [{"Name": "sub", "Value": "mine"}]}, "InvalidParameterException"),
    ],
)
def test_a_bad_user_is_refused(demo: Emulated, username: str, more: dict[str, object], code: str) -> None:
    with refused(code):
        demo.create(username, **more)
    assert demo.client.list_users(UserPoolId=demo.pool)["Users"] == []


def test_a_second_user_with_the_email_is_refused_but_not_by_case(demo: Emulated) -> None:
    demo.create(ANA)
    with refused("UsernameExistsException"):
        demo.create(ANA)
    assert demo.create("Ana@harbour.example") != demo.create("ANA@harbour.example")


def test_resend_keeps_the_user(demo: Emulated) -> None:
    username = demo.create(ANA, UserAttributes=[{"Name": "custom:role", "Value": "support"}])
    first = demo.mailed(ANA, MessageKind.INVITATION)
    before = demo.client.admin_get_user(UserPoolId=demo.pool, Username=username)
    demo.clock.turn(days=8)
    with refused("NotAuthorizedException", "Temporary password has expired and must be reset by an administrator."):
        demo.sign_in(ANA, first)
    demo.create(username, MessageAction="RESEND")
    after = demo.client.admin_get_user(UserPoolId=demo.pool, Username=username)
    second = demo.mailed(ANA, MessageKind.INVITATION)
    assert second != first
    assert after["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert after["UserAttributes"] == before["UserAttributes"]
    assert after["UserCreateDate"] == before["UserCreateDate"]
    assert (after["UserLastModifiedDate"] - before["UserLastModifiedDate"]).days == 8
    with refused("NotAuthorizedException", "Incorrect username or password"):
        demo.sign_in(ANA, first)
    assert demo.sign_in(ANA, second)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_resend_is_refused_for_others(demo: Emulated) -> None:
    demo.member(ANA)
    with refused("UnsupportedUserStateException"):
        demo.create(ANA, MessageAction="RESEND")
    with refused("UserNotFoundException"):
        demo.create("nobody@harbour.example", MessageAction="RESEND")


def test_reset_password(demo: Emulated) -> None:
    username = demo.member(ANA)
    demo.client.admin_reset_user_password(UserPoolId=demo.pool, Username=username)
    assert demo.status(username) == "RESET_REQUIRED"
    with refused("PasswordResetRequiredException"):
        demo.sign_in(ANA)
    code = demo.mailed(ANA, MessageKind.RESET_CODE)
    demo.client.confirm_forgot_password(ClientId=demo.app, Username=ANA, ConfirmationCode=code, Password=OTHER_PASSWORD)
    assert demo.status(username) == "CONFIRMED"
    assert "AuthenticationResult" in demo.sign_in(ANA, OTHER_PASSWORD)


def test_reset_password_needs_a_verified_contact(demo: Emulated) -> None:
    username = demo.member(ANA, verified=False)
    with refused("InvalidParameterException", "no registered/verified email"):
        demo.client.admin_reset_user_password(UserPoolId=demo.pool, Username=username)
    assert demo.status(username) == "CONFIRMED"
    assert demo.demo.outbox.messages() == []


def test_reset_password_needs_the_right_state(demo: Emulated) -> None:
    demo.create(ANA, UserAttributes=[{"Name": "email_verified", "Value": "true"}])
    with refused("NotAuthorizedException", "current state"):
        demo.client.admin_reset_user_password(UserPoolId=demo.pool, Username=ANA)
    demo.client.admin_disable_user(UserPoolId=demo.pool, Username=ANA)
    with refused("NotAuthorizedException", "disabled"):
        demo.client.admin_reset_user_password(UserPoolId=demo.pool, Username=ANA)


@pytest.mark.parametrize(
    ("password", "unmet"),
    [
        ("Ab1!", "long enough"),
        ("lantern-quay-4821", "uppercase"),
        ("LANTERN-QUAY-4821", "lowercase"),
        ("Lantern-Quay-Pier", "numeric"),
        ("LanternQuay48213", "symbol"),
    ],
)
def test_set_password_obeys_the_policy(demo: Emulated, password: str, unmet: str) -> None:
    username = demo.member(ANA)
    with refused("InvalidPasswordException", unmet):
        demo.client.admin_set_user_password(UserPoolId=demo.pool, Username=username, Password=password, Permanent=True)
    assert "AuthenticationResult" in demo.sign_in(ANA, PASSWORD)


def test_a_temporary_password_that_was_set_expires_too(demo: Emulated) -> None:
    demo.member(ANA)
    demo.client.admin_set_user_password(UserPoolId=demo.pool, Username=ANA, Password=OTHER_PASSWORD, Permanent=False)
    demo.clock.turn(days=6, hours=23)
    assert demo.sign_in(ANA, OTHER_PASSWORD)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    demo.clock.turn(hours=2)
    with refused("NotAuthorizedException", "expired"):
        demo.sign_in(ANA, OTHER_PASSWORD)


def test_disable_enable_delete(demo: Emulated) -> None:
    username = demo.member(ANA)
    demo.client.admin_disable_user(UserPoolId=demo.pool, Username=username)
    with refused("NotAuthorizedException", "User is disabled"):
        demo.sign_in(ANA)
    demo.client.admin_enable_user(UserPoolId=demo.pool, Username=username)
    assert "AuthenticationResult" in demo.sign_in(ANA)
    demo.client.admin_delete_user(UserPoolId=demo.pool, Username=ANA)
    for gone in (username, ANA):
        with refused("UserNotFoundException"):
            demo.client.admin_get_user(UserPoolId=demo.pool, Username=gone)
    assert demo.create(ANA) != username


def test_update_attributes(demo: Emulated) -> None:
    username = demo.member(ANA)
    demo.member("ben@harbour.example")
    update = demo.client.admin_update_user_attributes
    update(UserPoolId=demo.pool, Username=ANA, UserAttributes=[{"Name": "name", "Value": "Ana Marić"}])
    assert _user(demo, username)["name"] == "Ana Marić"
    with refused("AliasExistsException"):
        update(UserPoolId=demo.pool, Username=ANA, UserAttributes=[{"Name": "email", "Value": "ben@harbour.example"}])
    with refused("InvalidParameterException"):
        update(UserPoolId=demo.pool, Username=ANA, UserAttributes=[{"Name": "email", "Value": "nonsense"}])
    update(UserPoolId=demo.pool, Username=ANA, UserAttributes=[{"Name": "email", "Value": "new@harbour.example"}])
    assert _user(demo, "new@harbour.example")["email_verified"] == "false"
    with refused("UserNotFoundException"):
        demo.client.admin_get_user(UserPoolId=demo.pool, Username=ANA)
    assert demo.mailed("new@harbour.example", MessageKind.VERIFICATION_CODE)


def test_an_empty_value_and_delete_remove_an_attribute(demo: Emulated) -> None:
    demo.member(ANA)
    update = demo.client.admin_update_user_attributes
    rows = [{"Name": "name", "Value": "Ana"}, {"Name": "custom:role", "Value": "admin"}]
    update(UserPoolId=demo.pool, Username=ANA, UserAttributes=rows)  # type: ignore[arg-type]
    update(UserPoolId=demo.pool, Username=ANA, UserAttributes=[{"Name": "name", "Value": ""}])
    demo.client.admin_delete_user_attributes(UserPoolId=demo.pool, Username=ANA, UserAttributeNames=["custom:role"])
    assert set(_user(demo, ANA)) == {"email", "email_verified", "sub"}
    with refused("InvalidParameterException"):
        demo.client.admin_delete_user_attributes(UserPoolId=demo.pool, Username=ANA, UserAttributeNames=["nothing"])


def test_admin_set_user_settings_is_no_longer_supported(demo: Emulated) -> None:
    demo.member(ANA)
    with refused("InvalidParameterException", "AdminSetUserMFAPreference"):
        demo.client.admin_set_user_settings(UserPoolId=demo.pool, Username=ANA, MFAOptions=[])


def test_groups(demo: Emulated) -> None:
    username = demo.member(ANA)
    demo.client.admin_add_user_to_group(UserPoolId=demo.pool, Username=ANA, GroupName="support")
    listed = demo.client.list_users_in_group(UserPoolId=demo.pool, GroupName="support")
    assert [user["Username"] for user in listed["Users"]] == [username]
    groups = demo.client.admin_list_groups_for_user(UserPoolId=demo.pool, Username=ANA)["Groups"]
    assert [group["GroupName"] for group in groups] == ["support"]
    demo.client.admin_remove_user_from_group(UserPoolId=demo.pool, Username=ANA, GroupName="support")
    demo.client.admin_add_user_to_group(UserPoolId=demo.pool, Username=ANA, GroupName="admin")
    demo.client.admin_delete_user(UserPoolId=demo.pool, Username=ANA)
    for group in ("admin", "support"):
        assert demo.client.list_users_in_group(UserPoolId=demo.pool, GroupName=group)["Users"] == []
