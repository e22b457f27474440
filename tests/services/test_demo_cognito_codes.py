"""The emulator's codes: made, delivered, checked, expiring, limited."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo.outbox import MessageKind
from tests.services.emulated import OTHER_PASSWORD, PASSWORD, Emulated, emulated, refused

ANA = "ana@harbour.example"


@pytest.fixture
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        yield running


def _sign_up(demo: Emulated) -> str:
    demo.client.sign_up(ClientId=demo.app, Username=ANA, Password=PASSWORD)
    return demo.mailed(ANA, MessageKind.SIGN_UP_CODE)


def _confirm(demo: Emulated, code: str) -> None:
    demo.client.confirm_sign_up(ClientId=demo.app, Username=ANA, ConfirmationCode=code)


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def _new_password(demo: Emulated, code: str, password: str = OTHER_PASSWORD) -> None:
    demo.client.confirm_forgot_password(ClientId=demo.app, Username=ANA, ConfirmationCode=code, Password=password)


def test_sign_up_needs_the_code(demo: Emulated) -> None:
    code = _sign_up(demo)
    with refused("UserNotConfirmedException"):
        demo.sign_in(ANA)
    with refused("CodeMismatchException"):
        _confirm(demo, _wrong(code))
    _confirm(demo, code)
    tokens = demo.sign_in(ANA)["AuthenticationResult"]
    attributes = demo.client.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in attributes
    with refused("NotAuthorizedException", "Current status is CONFIRMED"):
        _confirm(demo, code)


def test_sign_up_refuses_bad_input(demo: Emulated) -> None:
    with refused("InvalidPasswordException"):
        demo.client.sign_up(ClientId=demo.app, Username=ANA, Password="password")
    with refused("InvalidParameterException"):
        demo.client.sign_up(ClientId=demo.app, Username="ana", Password=PASSWORD)
    _sign_up(demo)
    with refused("UsernameExistsException"):
        _sign_up(demo)


def test_a_sign_up_code_lasts_a_day(demo: Emulated) -> None:
    code = _sign_up(demo)
    demo.clock.turn(hours=24)
    with refused("ExpiredCodeException"):
        _confirm(demo, code)


def test_resend_voids_the_first_code_and_is_limited(demo: Emulated) -> None:
    first = _sign_up(demo)
    for _ in range(5):
        delivered = demo.client.resend_confirmation_code(ClientId=demo.app, Username=ANA)["CodeDeliveryDetails"]
    assert delivered == {"Destination": "a***@h***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    with refused("LimitExceededException"):
        demo.client.resend_confirmation_code(ClientId=demo.app, Username=ANA)
    last = demo.mailed(ANA, MessageKind.SIGN_UP_CODE)
    if first != last:
        with refused("CodeMismatchException"):
            _confirm(demo, first)
    demo.clock.turn(hours=1)
    demo.client.resend_confirmation_code(ClientId=demo.app, Username=ANA)
    _confirm(demo, demo.mailed(ANA, MessageKind.SIGN_UP_CODE))
    with refused("InvalidParameterException", "already confirmed"):
        demo.client.resend_confirmation_code(ClientId=demo.app, Username=ANA)


def test_an_admin_confirms_without_a_code(demo: Emulated) -> None:
    _sign_up(demo)
    demo.client.admin_confirm_sign_up(UserPoolId=demo.pool, Username=ANA)
    assert demo.status(ANA) == "CONFIRMED"
    with refused("NotAuthorizedException", "Current status is CONFIRMED"):
        demo.client.admin_confirm_sign_up(UserPoolId=demo.pool, Username=ANA)


def test_forgot_password(demo: Emulated) -> None:
    demo.member(ANA)
    demo.client.forgot_password(ClientId=demo.app, Username=ANA)
    code = demo.mailed(ANA, MessageKind.RESET_CODE)
    with refused("CodeMismatchException"):
        _new_password(demo, _wrong(code))
    with refused("InvalidPasswordException"):
        _new_password(demo, code, "short")
    _new_password(demo, code)
    assert "AuthenticationResult" in demo.sign_in(ANA, OTHER_PASSWORD)
    with refused("NotAuthorizedException"):
        demo.sign_in(ANA, PASSWORD)
    with refused("ExpiredCodeException"):
        _new_password(demo, code)


def test_a_reset_code_lasts_an_hour(demo: Emulated) -> None:
    demo.member(ANA)
    demo.client.forgot_password(ClientId=demo.app, Username=ANA)
    demo.clock.turn(minutes=60)
    with refused("ExpiredCodeException"):
        _new_password(demo, demo.mailed(ANA, MessageKind.RESET_CODE))


def test_five_wrong_codes_close_the_door(demo: Emulated) -> None:
    demo.member(ANA)
    demo.client.forgot_password(ClientId=demo.app, Username=ANA)
    code = demo.mailed(ANA, MessageKind.RESET_CODE)
    for _ in range(5):
        with refused("CodeMismatchException"):
            _new_password(demo, _wrong(code))
    with refused("LimitExceededException"):
        _new_password(demo, code)


def test_forgot_password_refuses_those_who_cannot(demo: Emulated) -> None:
    demo.create(ANA)
    with refused("NotAuthorizedException", "current state"):
        demo.client.forgot_password(ClientId=demo.app, Username=ANA)
    demo.client.admin_set_user_password(UserPoolId=demo.pool, Username=ANA, Password=PASSWORD, Permanent=True)
    with refused("InvalidParameterException", "no registered/verified"):
        demo.client.forgot_password(ClientId=demo.app, Username=ANA)
    assert not [m for m in demo.demo.outbox.messages() if m.kind is MessageKind.RESET_CODE]


def test_nobody_learns_who_exists(demo: Emulated) -> None:
    answer = demo.client.forgot_password(ClientId=demo.app, Username="nobody@harbour.example")
    assert answer["CodeDeliveryDetails"]["Destination"] == "n***@h***"
    demo.client.resend_confirmation_code(ClientId=demo.app, Username="nobody@harbour.example")
    assert demo.demo.outbox.messages() == []


def test_change_password(demo: Emulated) -> None:
    demo.member(ANA)
    access = demo.sign_in(ANA)["AuthenticationResult"]["AccessToken"]
    change = demo.client.change_password
    with refused("NotAuthorizedException"):
        change(AccessToken=access, PreviousPassword="Wrong-Quay-0000", ProposedPassword=OTHER_PASSWORD)
    with refused("InvalidPasswordException"):
        change(AccessToken=access, PreviousPassword=PASSWORD, ProposedPassword="weakling")
    change(AccessToken=access, PreviousPassword=PASSWORD, ProposedPassword=OTHER_PASSWORD)
    assert "AuthenticationResult" in demo.sign_in(ANA, OTHER_PASSWORD)


def test_a_changed_email_is_verified_by_its_code(demo: Emulated) -> None:
    demo.member(ANA)
    access = demo.sign_in(ANA)["AuthenticationResult"]["AccessToken"]
    new = "ana.maric@harbour.example"
    demo.client.update_user_attributes(AccessToken=access, UserAttributes=[{"Name": "email", "Value": new}])
    code = demo.mailed(new, MessageKind.VERIFICATION_CODE)
    with refused("CodeMismatchException"):
        demo.client.verify_user_attribute(AccessToken=access, AttributeName="email", Code=_wrong(code))
    demo.client.verify_user_attribute(AccessToken=access, AttributeName="email", Code=code)
    attributes = demo.client.get_user(AccessToken=access)["UserAttributes"]
    assert {"Name": "email_verified", "Value": "true"} in attributes
    with refused("NotAuthorizedException"):
        demo.client.update_user_attributes(
            AccessToken=access, UserAttributes=[{"Name": "email_verified", "Value": "true"}]
        )
