"""The emulator's pool and app client: what is described, what an update replaces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.demo.cognito import GOOGLE_GROUP, GROUPS
from tests.services.emulated import PASSWORD, Emulated, emulated, refused


@pytest.fixture
def demo() -> Iterator[Emulated]:
    with emulated() as running:
        yield running


def test_the_demo_pool(demo: Emulated) -> None:
    demo.create("ana@harbour.example")
    pool = demo.client.describe_user_pool(UserPoolId=demo.pool)["UserPool"]
    assert (pool["Name"], pool["Id"], pool["UserPoolTier"]) == ("harbour-demo", demo.pool, "PLUS")
    assert (pool["MfaConfiguration"], pool["UsernameAttributes"]) == ("OPTIONAL", ["email"])
    policy = pool["Policies"]["PasswordPolicy"]
    assert (policy["MinimumLength"], policy["TemporaryPasswordValidityDays"]) == (12, 7)
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [{"Priority": 1, "Name": "verified_email"}]
    assert pool["EstimatedNumberOfUsers"] == 1
    names = {row["Name"] for row in pool["SchemaAttributes"]}
    assert {"sub", "email", "phone_number", "custom:role", "custom:organizationId"} <= names
    factors = demo.client.get_user_pool_mfa_config(UserPoolId=demo.pool)
    assert factors["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    groups = demo.client.list_groups(UserPoolId=demo.pool)["Groups"]
    assert {group["GroupName"] for group in groups} == {*GROUPS, GOOGLE_GROUP}


def test_the_demo_client(demo: Emulated) -> None:
    client = demo.client.describe_user_pool_client(UserPoolId=demo.pool, ClientId=demo.app)["UserPoolClient"]
    assert client["ClientName"] == "harbour-web"
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert "ClientSecret" not in client


def test_an_unknown_pool_or_client_is_told(demo: Emulated) -> None:
    with refused("ResourceNotFoundException"):
        demo.client.describe_user_pool(UserPoolId="us-east-1_Nothing")
    with refused("ResourceNotFoundException"):
        demo.client.list_users(UserPoolId="us-east-1_Nothing")
    with refused("ResourceNotFoundException"):
        demo.sign_in("ana@harbour.example", app="nothing")


def test_update_client_replaces(demo: Emulated) -> None:
    demo.member("ana@harbour.example")
    demo.client.update_user_pool_client(UserPoolId=demo.pool, ClientId=demo.app, RefreshTokenValidity=5)
    client = demo.client.describe_user_pool_client(UserPoolId=demo.pool, ClientId=demo.app)["UserPoolClient"]
    assert client["RefreshTokenValidity"] == 5
    assert "ExplicitAuthFlows" not in client
    assert "TokenValidityUnits" not in client
    with refused("InvalidParameterException", "flow not enabled"):
        demo.sign_in("ana@harbour.example", PASSWORD)


def test_update_pool_resets_what_is_left_out(demo: Emulated) -> None:
    demo.client.update_user_pool(UserPoolId=demo.pool, UserPoolTags={"team": "harbour"})
    pool = demo.client.describe_user_pool(UserPoolId=demo.pool)["UserPool"]
    assert "AutoVerifiedAttributes" not in pool
    assert (pool["UsernameAttributes"], pool["MfaConfiguration"]) == (["email"], "OPTIONAL")
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 12


def test_a_protected_pool_is_not_deleted(demo: Emulated) -> None:
    with refused("InvalidParameterException", "deletion protection"):
        demo.client.delete_user_pool(UserPoolId=demo.pool)


def test_provisioned_limit(demo: Emulated) -> None:
    ask = demo.client.get_provisioned_limit
    answer = ask(LimitDefinition={"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserList"}})
    assert answer["Limit"]["ProvisionedLimitValue"] == 30
    with refused("ResourceNotFoundException"):
        ask(LimitDefinition={"LimitClass": "API_CATEGORY", "Attributes": {"Category": "Nothing"}})


def test_a_pool_with_names_as_usernames(demo: Emulated) -> None:
    made = demo.client.create_user_pool(PoolName="plain")["UserPool"]
    user = demo.client.admin_create_user(UserPoolId=made["Id"], Username="ana")["User"]
    assert user["Username"] == "ana"
    sub = next(row["Value"] for row in user["Attributes"] if row["Name"] == "sub")
    assert demo.client.admin_get_user(UserPoolId=made["Id"], Username=sub)["Username"] == "ana"
    demo.client.delete_user_pool(UserPoolId=made["Id"])
