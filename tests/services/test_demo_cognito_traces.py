"""What signing in leaves behind in the emulator, and what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.emulated import Emulated, emulated, refused

ANA = "ana@harbour.example"


@pytest.fixture
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        yield running


def events(demo: Emulated, username: str) -> list[Any]:
    return list(demo.client.admin_list_user_auth_events(UserPoolId=demo.pool, Username=username)["AuthEvents"])


def sessions(demo: Emulated, username: str) -> list[Any]:
    return list(demo.client.admin_list_user_sessions(UserPoolId=demo.pool, Username=username)["Sessions"])  # type: ignore[attr-defined]


def test_right_and_wrong_passwords_leave_events(demo: Emulated) -> None:
    ana = demo.member(ANA)
    demo.sign_in(ANA)
    demo.clock.turn(minutes=1)
    with refused("NotAuthorizedException"):
        demo.sign_in(ANA, "Wrong-Password-1")
    failed, passed = events(demo, ana)
    assert (failed["EventResponse"], passed["EventResponse"]) == ("Fail", "Pass")
    assert failed["CreationDate"] > passed["CreationDate"]
    assert failed["ChallengeResponses"] == [{"ChallengeName": "Password", "ChallengeResponse": "Failure"}]


def test_without_threat_protection_nothing_is_kept(demo: Emulated) -> None:
    ana = demo.member(ANA)
    demo.client.update_user_pool(UserPoolId=demo.pool, UserPoolAddOns={"AdvancedSecurityMode": "OFF"})
    demo.sign_in(ANA)
    with refused("UserPoolAddOnNotEnabledException"):
        events(demo, ana)
    demo.client.update_user_pool(UserPoolId=demo.pool, UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})
    assert events(demo, ana) == []


def test_a_session_lives_as_long_as_its_tokens(demo: Emulated) -> None:
    ana = demo.member(ANA)
    tokens = demo.sign_in(ANA)["AuthenticationResult"]
    (session,) = sessions(demo, ana)
    assert (session["SessionType"], session["ClientId"], len(session["SessionId"])) == ("TOKEN", demo.app, 28)
    demo.clock.turn(days=2)
    refresh = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    demo.client.initiate_auth(ClientId=demo.app, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
    (again,) = sessions(demo, ana)
    assert again["SessionId"] == session["SessionId"]
    assert again["LastActiveDate"] > session["LastActiveDate"]
    demo.clock.turn(days=31)
    assert sessions(demo, ana) == []


@pytest.mark.parametrize("end", ["admin_user_global_sign_out", "admin_disable_user"])
def test_signing_out_and_disabling_end_every_session(demo: Emulated, end: str) -> None:
    ana = demo.member(ANA)
    demo.sign_in(ANA)
    demo.sign_in(ANA)
    assert len(sessions(demo, ana)) == 2
    getattr(demo.client, end)(UserPoolId=demo.pool, Username=ana)
    assert sessions(demo, ana) == []


def test_an_ended_session_takes_its_tokens_with_it_and_leaves_the_others(demo: Emulated) -> None:
    ana = demo.member(ANA)
    first = demo.sign_in(ANA)["AuthenticationResult"]["AccessToken"]
    demo.clock.turn(minutes=1)
    second = demo.sign_in(ANA)["AuthenticationResult"]["AccessToken"]
    newest = sessions(demo, ana)[0]["SessionId"]
    demo.client.admin_revoke_user_session(UserPoolId=demo.pool, Username=ana, SessionId=newest)  # type: ignore[attr-defined]
    with refused("NotAuthorizedException"):
        demo.client.get_user(AccessToken=second)
    assert demo.client.get_user(AccessToken=first)["Username"] == ana


def test_what_a_pool_does_not_offer_it_refuses(demo: Emulated) -> None:
    ana = demo.member(ANA)
    demo.demo.not_enabled("AdminDeleteSoftwareToken", "AdminListUserSessions")
    with refused("OperationNotEnabledException"):
        sessions(demo, ana)
    demo.demo.not_enabled()
    assert sessions(demo, ana) == []
