"""The configuration of the pool and its client, and the connection test step by step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import AppError, ErrorCode
from app.pool.probe import probe
from app.pool.snapshot import Pools, read_client, read_pool
from tests.services import faults
from tests.services.pools import Pool, pool

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def demo() -> Iterator[Pool]:
    with pool() as running:
        yield running


def test_the_demo_pool(demo: Pool) -> None:
    demo.fill(3)
    found = demo.pools.describe()
    assert (found.name, found.mfa, found.factors, found.factors_known) == (
        "harbour-demo",
        "OPTIONAL",
        ("totp", "sms"),
        True,
    )
    assert found.password_policy.minimum_length == 12
    assert found.password_policy.temporary_days == 7
    assert found.username_attributes == ("email",)
    assert found.recovery == ("verified_email",)
    assert found.case_sensitive
    assert found.deletion_protection
    assert found.estimated_users == 3
    role = found.attribute("custom:role")
    assert role is not None
    assert (role.data_type, role.mutable) == ("String", True)
    assert found.taken.utcoffset() == timedelta(0)


def test_the_demo_client(demo: Pool) -> None:
    found = demo.pools.client()
    assert found.name == "harbour-web"
    assert "ALLOW_USER_PASSWORD_AUTH" in found.flows
    assert not found.has_secret
    assert (found.access_validity, found.refresh_validity) == (timedelta(minutes=60), timedelta(days=30))
    assert found.prevents_enumeration


def test_without_the_permission_for_mfa_the_rest_of_the_pool_is_shown(demo: Pool) -> None:
    demo.faults.on("GetUserPoolMfaConfig", faults.access_denied("cognito-idp:GetUserPoolMfaConfig"))
    found = demo.pools.describe()
    assert (found.factors, found.factors_known) == ((), False)
    assert found.mfa == "OPTIONAL"


def test_another_failure_of_the_mfa_setting_is_not_hidden(demo: Pool) -> None:
    demo.faults.on("GetUserPoolMfaConfig", faults.server_error())
    with pytest.raises(AppError) as caught:
        demo.pools.describe()
    assert caught.value.code is ErrorCode.SERVICE_ERROR


def test_a_pool_and_a_client_that_do_not_exist(demo: Pool) -> None:
    with pytest.raises(AppError) as caught:
        Pools(demo.client, "us-east-1_Missing00").describe()
    assert caught.value.code is ErrorCode.POOL_NOT_FOUND
    assert caught.value.subject == "us-east-1_Missing00"
    with pytest.raises(AppError) as caught:
        Pools(demo.client, demo.demo.pool_id, "nosuchclient").client()
    assert caught.value.code is ErrorCode.POOL_NOT_FOUND
    assert "client_id" in caught.value.fields
    with pytest.raises(AppError) as caught:
        Pools(demo.client, demo.demo.pool_id).client()
    assert caught.value.code is ErrorCode.NOT_CONFIGURED


def test_a_bare_pool_reads_as_cognitos_defaults() -> None:
    found = read_pool({"Id": "eu-central-1_x"}, {}, NOW)
    assert (found.mfa, found.factors, found.tier, found.created) == ("OFF", (), None, None)
    assert found.recovery == ("verified_phone_number", "verified_email")
    assert found.case_sensitive
    assert found.password_policy.temporary_days == 7


def test_the_settings_of_a_pool_are_read_in_their_order() -> None:
    found = read_pool(
        {
            "Id": "eu-central-1_x",
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Priority": 2, "Name": "verified_phone_number"},
                    {"Priority": 1, "Name": "verified_email"},
                ]
            },
            "UsernameConfiguration": {"CaseSensitive": False},
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 3},
        },
        {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}, "EmailMfaConfiguration": {}},
        NOW,
    )
    assert found.recovery == ("verified_email", "verified_phone_number")
    assert not found.case_sensitive
    assert found.admin_create_only
    assert found.password_policy.temporary_days == 3
    assert (found.mfa, found.factors) == ("ON", ("totp", "email"))


@pytest.mark.parametrize(
    ("client", "access", "refresh"),
    [
        ({}, timedelta(hours=1), timedelta(days=30)),
        ({"AccessTokenValidity": 2, "RefreshTokenValidity": 5}, timedelta(hours=2), timedelta(days=5)),
        ({"AccessTokenValidity": 0, "RefreshTokenValidity": 0}, timedelta(hours=1), timedelta(days=30)),
        (
            {
                "AccessTokenValidity": 300,
                "RefreshTokenValidity": 90,
                "TokenValidityUnits": {"AccessToken": "seconds", "RefreshToken": "minutes"},
            },
            timedelta(minutes=5),
            timedelta(minutes=90),
        ),
    ],
)
def test_token_validity_has_units(client: dict[str, object], access: timedelta, refresh: timedelta) -> None:
    found = read_client({"ClientId": "c", **client})
    assert (found.access_validity, found.refresh_validity) == (access, refresh)


def test_a_clients_secret_is_never_kept() -> None:
    found = read_client({"ClientId": "c", "ClientSecret": "hunter2"})
    assert found.has_secret
    assert "hunter2" not in repr(found)
    assert found.flows == ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")


def test_the_probe_goes_step_by_step(demo: Pool) -> None:
    demo.fill(2)
    steps = list(probe(demo.client, demo.demo.pool_id))
    assert [(step.name, step.ok, step.error) for step in steps] == [
        ("DescribeUserPool", True, None),
        ("ListUsers", True, None),
    ]
    assert steps[0].detail == "harbour-demo, about 2 users"
    assert all(0 < step.milliseconds < 5000 for step in steps)
    assert "AdminGetUser" not in demo.faults.calls


def test_a_step_that_is_denied_leaves_the_other(demo: Pool) -> None:
    demo.faults.on("DescribeUserPool", faults.access_denied("cognito-idp:DescribeUserPool"))
    first, second = probe(demo.client, demo.demo.pool_id)
    assert not first.ok
    assert first.error is not None
    assert first.error.subject == "cognito-idp:DescribeUserPool"
    assert second.ok


def test_after_a_hopeless_step_the_next_is_skipped(demo: Pool) -> None:
    first, second = probe(demo.client, "us-east-1_Missing00")
    assert first.error is not None
    assert first.error.code is ErrorCode.POOL_NOT_FOUND
    assert (second.ok, second.skipped, second.error) == (False, True, first.error)
    assert demo.calls("ListUsers") == 0
