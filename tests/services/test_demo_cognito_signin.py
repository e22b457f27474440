"""The emulator's sign-in: flows, challenges, authenticator codes, tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import jwt
import pyotp
import pytest

from app.demo.outbox import MessageKind
from tests.services.emulated import OTHER_PASSWORD, PASSWORD, Emulated, emulated, refused

ANA, BEN = "ana@harbour.example", "ben@harbour.example"


@pytest.fixture
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        running.member(ANA)
        yield running


def _tokens(demo: Emulated, username: str = ANA) -> dict[str, str]:
    tokens: dict[str, str] = demo.sign_in(username)["AuthenticationResult"]
    return tokens


def _enrol(demo: Emulated, username: str = ANA) -> str:
    """Associate, verify with the present code and prefer; the secret."""
    access = _tokens(demo, username)["AccessToken"]
    secret = demo.client.associate_software_token(AccessToken=access)["SecretCode"]
    demo.client.verify_software_token(AccessToken=access, UserCode=demo.code(secret))
    demo.client.set_user_mfa_preference(
        AccessToken=access, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return secret


def _required_mfa(demo: Emulated) -> None:
    demo.client.set_user_pool_mfa_config(
        UserPoolId=demo.pool, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )


def test_tokens_are_signed_and_say_who(demo: Emulated) -> None:
    demo.client.admin_add_user_to_group(UserPoolId=demo.pool, Username=ANA, GroupName="admin")
    demo.client.admin_update_user_attributes(
        UserPoolId=demo.pool, Username=ANA, UserAttributes=[{"Name": "custom:role", "Value": "admin"}]
    )
    tokens = _tokens(demo)
    with urlopen(f"{demo.demo.endpoint}/{demo.pool}/.well-known/jwks.json") as answer:
        key = jwt.PyJWKSet.from_dict(json.load(answer)).keys[0]
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{demo.pool}"
    claims = jwt.decode(tokens["IdToken"], key, algorithms=["RS256"], audience=demo.app, issuer=issuer)
    assert (claims["email"], claims["email_verified"], claims["token_use"]) == (ANA, True, "id")
    assert (claims["custom:role"], claims["cognito:groups"]) == ("admin", ["admin"])
    assert claims["cognito:username"] == claims["sub"]
    access = jwt.decode(tokens["AccessToken"], key, algorithms=["RS256"], issuer=issuer)
    assert (access["client_id"], access["username"], access["token_use"]) == (demo.app, claims["sub"], "access")
    assert demo.client.get_user(AccessToken=tokens["AccessToken"])["Username"] == claims["sub"]


def test_wrong_password_and_unknown_person_sound_alike(demo: Emulated) -> None:
    with refused("NotAuthorizedException", "Incorrect username or password"):
        demo.sign_in(ANA, "wrong")
    with refused("NotAuthorizedException", "Incorrect username or password"):
        demo.sign_in("nobody@harbour.example")


@pytest.mark.parametrize("flow", ["USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH"])
def test_a_flow_that_the_client_does_not_allow_is_refused(demo: Emulated, flow: Any) -> None:
    with refused("InvalidParameterException", "flow not enabled"):
        demo.client.initiate_auth(ClientId=demo.app, AuthFlow=flow, AuthParameters={"USERNAME": ANA})


def test_the_admin_flow_must_be_allowed_too(demo: Emulated) -> None:
    with refused("InvalidParameterException", "flow not enabled"):
        demo.client.admin_initiate_auth(
            UserPoolId=demo.pool,
            ClientId=demo.app,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": ANA, "PASSWORD": PASSWORD},
        )


def test_a_new_password_is_required_and_obeys_the_policy(demo: Emulated) -> None:
    demo.create(BEN)
    challenge = demo.sign_in(BEN, demo.mailed(BEN, MessageKind.INVITATION))
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert json.loads(challenge["ChallengeParameters"]["userAttributes"])["email"] == BEN
    with refused("NotAuthorizedException", "Invalid session"):
        demo.respond(challenge, ANA, NEW_PASSWORD=OTHER_PASSWORD)
    with refused("InvalidPasswordException"):
        demo.respond(challenge, BEN, NEW_PASSWORD="short")
    assert "AuthenticationResult" in demo.respond(challenge, BEN, NEW_PASSWORD=OTHER_PASSWORD)
    assert demo.status(BEN) == "CONFIRMED"
    with refused("NotAuthorizedException", "Invalid session"):
        demo.respond(challenge, BEN, NEW_PASSWORD=PASSWORD)


def test_a_session_expires(demo: Emulated) -> None:
    demo.create(BEN)
    challenge = demo.sign_in(BEN, demo.mailed(BEN, MessageKind.INVITATION))
    demo.clock.turn(minutes=4)
    with refused("NotAuthorizedException", "expired"):
        demo.respond(challenge, BEN, NEW_PASSWORD=OTHER_PASSWORD)


def test_secrets_differ_and_are_base32(demo: Emulated) -> None:
    demo.member(BEN)
    secrets = {
        demo.client.associate_software_token(AccessToken=_tokens(demo, who)["AccessToken"])["SecretCode"]
        for who in (ANA, BEN)
    }
    assert len(secrets) == 2
    for secret in secrets:
        assert len(base64.b32decode(secret)) == 20
        assert pyotp.TOTP(secret).at(demo.clock.now) == demo.code(secret)


def test_enrolment_checks_the_code(demo: Emulated) -> None:
    access = _tokens(demo)["AccessToken"]
    with refused("SoftwareTokenMFANotFoundException"):
        demo.client.verify_software_token(AccessToken=access, UserCode="123456")
    secret = demo.client.associate_software_token(AccessToken=access)["SecretCode"]
    with refused("EnableSoftwareTokenMFAException"):
        demo.client.verify_software_token(AccessToken=access, UserCode=demo.code(secret, 5))
    settings: Any = {"SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}}
    with refused("InvalidParameterException", "not verified"):
        demo.client.set_user_mfa_preference(AccessToken=access, **settings)
    with refused("InvalidParameterException", "not verified"):
        demo.client.admin_set_user_mfa_preference(UserPoolId=demo.pool, Username=ANA, **settings)
    assert demo.client.verify_software_token(AccessToken=access, UserCode=demo.code(secret))["Status"] == "SUCCESS"
    assert "AuthenticationResult" in demo.sign_in(ANA), "verified but not preferred: no challenge yet"
    demo.client.set_user_mfa_preference(AccessToken=access, **settings)
    assert demo.sign_in(ANA)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_a_neighbouring_step_is_taken(demo: Emulated, steps: int) -> None:
    secret = _enrol(demo)
    demo.clock.turn(minutes=2)
    answer = demo.respond(demo.sign_in(ANA), ANA, SOFTWARE_TOKEN_MFA_CODE=demo.code(secret, steps))
    assert "AccessToken" in answer["AuthenticationResult"]


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_two_steps_away_is_refused(demo: Emulated, steps: int) -> None:
    secret = _enrol(demo)
    demo.clock.turn(minutes=5)
    challenge = demo.sign_in(ANA)
    with refused("CodeMismatchException"):
        demo.respond(challenge, ANA, SOFTWARE_TOKEN_MFA_CODE=demo.code(secret, steps))
    assert "AuthenticationResult" in demo.respond(challenge, ANA, SOFTWARE_TOKEN_MFA_CODE=demo.code(secret))


def test_a_code_is_taken_once(demo: Emulated) -> None:
    secret = _enrol(demo)
    with refused("ExpiredCodeException", "already been used once"):
        demo.respond(demo.sign_in(ANA), ANA, SOFTWARE_TOKEN_MFA_CODE=demo.code(secret))
    demo.clock.turn(minutes=1)
    code = demo.code(secret)
    demo.respond(demo.sign_in(ANA), ANA, SOFTWARE_TOKEN_MFA_CODE=code)
    with refused("ExpiredCodeException", "already been used once"):
        demo.respond(demo.sign_in(ANA), ANA, SOFTWARE_TOKEN_MFA_CODE=code)


def test_one_persons_code_does_not_serve_another(demo: Emulated) -> None:
    demo.member(BEN)
    _enrol(demo)
    secret = _enrol(demo, BEN)
    demo.clock.turn(minutes=1)
    with refused("CodeMismatchException"):
        demo.respond(demo.sign_in(ANA), ANA, SOFTWARE_TOKEN_MFA_CODE=demo.code(secret))


def test_required_mfa_makes_people_enrol(demo: Emulated) -> None:
    _required_mfa(demo)
    challenge = demo.sign_in(ANA)
    assert challenge["ChallengeName"] == "MFA_SETUP"
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]
    with refused("NotAuthorizedException", "not verified"):
        demo.respond(challenge, ANA)
    associated = demo.client.associate_software_token(Session=challenge["Session"])
    secret = associated["SecretCode"]
    with refused("EnableSoftwareTokenMFAException"):
        demo.client.verify_software_token(Session=associated["Session"], UserCode="000000")
    verified = demo.client.verify_software_token(Session=associated["Session"], UserCode=demo.code(secret))
    answer = demo.respond({**challenge, "Session": verified["Session"]}, ANA)
    assert "AccessToken" in answer["AuthenticationResult"]
    assert demo.sign_in(ANA)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_a_lost_authenticator_is_deleted(demo: Emulated) -> None:
    _enrol(demo)
    factors = demo.client.admin_get_user_auth_factors(UserPoolId=demo.pool, Username=ANA)
    assert factors["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    assert factors["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"
    _required_mfa(demo)
    demo.client.admin_delete_software_token(UserPoolId=demo.pool, Username=ANA)
    assert demo.client.admin_get_user_auth_factors(UserPoolId=demo.pool, Username=ANA)["UserMFASettingList"] == []
    assert demo.sign_in(ANA)["ChallengeName"] == "MFA_SETUP"


def test_two_factors_without_preference_ask_which(demo: Emulated) -> None:
    rows = [{"Name": "phone_number", "Value": "+12065550100"}, {"Name": "phone_number_verified", "Value": "true"}]
    demo.client.admin_update_user_attributes(UserPoolId=demo.pool, Username=ANA, UserAttributes=rows)  # type: ignore[arg-type]
    _enrol(demo)
    demo.client.admin_set_user_mfa_preference(
        UserPoolId=demo.pool,
        Username=ANA,
        SMSMfaSettings={"Enabled": True, "PreferredMfa": False},
        SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": False},
    )
    challenge = demo.sign_in(ANA)
    assert challenge["ChallengeName"] == "SELECT_MFA_TYPE"
    assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]
    sent = demo.respond(challenge, ANA, ANSWER="SMS_MFA")
    assert sent["ChallengeName"] == "SMS_MFA"
    with refused("CodeMismatchException"):
        demo.respond(sent, ANA, SMS_MFA_CODE="no code")
    code = demo.mailed("+12065550100", MessageKind.SIGN_IN_CODE)
    assert "AuthenticationResult" in demo.respond(sent, ANA, SMS_MFA_CODE=code)


def _refresh(demo: Emulated, token: str) -> Any:
    return demo.client.initiate_auth(
        ClientId=demo.app, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token}
    )["AuthenticationResult"]


def test_refresh(demo: Emulated) -> None:
    tokens = _tokens(demo)
    fresh = _refresh(demo, tokens["RefreshToken"])
    assert fresh["AccessToken"] != tokens["AccessToken"]
    assert "RefreshToken" not in fresh
    with refused("NotAuthorizedException"):
        _refresh(demo, "nonsense")
    demo.clock.turn(days=31)
    with refused("NotAuthorizedException", "expired"):
        _refresh(demo, tokens["RefreshToken"])


def test_an_access_token_expires(demo: Emulated) -> None:
    access = _tokens(demo)["AccessToken"]
    demo.clock.turn(minutes=61)
    with refused("NotAuthorizedException", "expired"):
        demo.client.get_user(AccessToken=access)


def test_a_disabled_user_cannot_refresh(demo: Emulated) -> None:
    tokens = _tokens(demo)
    demo.client.admin_disable_user(UserPoolId=demo.pool, Username=ANA)
    with refused("NotAuthorizedException", "User is disabled"):
        _refresh(demo, tokens["RefreshToken"])
    with refused("NotAuthorizedException"):
        demo.client.get_user(AccessToken=tokens["AccessToken"])
    demo.client.admin_enable_user(UserPoolId=demo.pool, Username=ANA)
    with refused("NotAuthorizedException", "revoked"):
        _refresh(demo, tokens["RefreshToken"])


@pytest.mark.parametrize("by_admin", [False, True])
def test_sign_out_everywhere(demo: Emulated, by_admin: bool) -> None:
    demo.member(BEN)
    others = _tokens(demo, BEN)
    first, second = _tokens(demo), _tokens(demo)
    if by_admin:
        demo.client.admin_user_global_sign_out(UserPoolId=demo.pool, Username=ANA)
    else:
        demo.client.global_sign_out(AccessToken=first["AccessToken"])
    for tokens in (first, second):
        with refused("NotAuthorizedException", "revoked"):
            _refresh(demo, tokens["RefreshToken"])
        with refused("NotAuthorizedException", "revoked"):
            demo.client.get_user(AccessToken=tokens["AccessToken"])
    demo.client.get_user(AccessToken=others["AccessToken"])


def test_revoke_token_ends_one_sign_in(demo: Emulated) -> None:
    first, second = _tokens(demo), _tokens(demo)
    demo.client.revoke_token(Token=first["RefreshToken"], ClientId=demo.app)
    with refused("NotAuthorizedException", "revoked"):
        _refresh(demo, first["RefreshToken"])
    assert _refresh(demo, second["RefreshToken"])


def test_a_client_with_a_secret_wants_its_proof(demo: Emulated) -> None:
    made = demo.client.create_user_pool_client(
        UserPoolId=demo.pool,
        ClientName="server",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]
    app, secret = made["ClientId"], made["ClientSecret"]
    with refused("NotAuthorizedException", "SECRET_HASH was not received"):
        demo.sign_in(ANA, app=app)
    proof = base64.b64encode(hmac.digest(secret.encode(), (ANA + app).encode(), hashlib.sha256)).decode()
    parameters = {"USERNAME": ANA, "PASSWORD": PASSWORD}
    with refused("NotAuthorizedException", "Unable to verify secret hash"):
        demo.client.initiate_auth(
            ClientId=app, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={**parameters, "SECRET_HASH": "wrong"}
        )
    answer = demo.client.initiate_auth(
        ClientId=app, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={**parameters, "SECRET_HASH": proof}
    )
    assert "AuthenticationResult" in answer
