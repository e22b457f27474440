"""What can be had on this connection, and why not: foreseen from the pool, learned from the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from app.aws.features import method_name
from app.aws.operations import OPERATIONS
from app.capabilities import OPERATION, Capabilities, Capability, Feature, Hindrance, foreseen
from app.errors import AppError, ErrorCode
from app.pool.models import PoolSnapshot
from app.pool.snapshot import read_pool

NOW = datetime(2026, 1, 5, tzinfo=UTC)
POOL = replace(read_pool({"Id": "eu-central-1_a"}, {}, NOW), mfa="OPTIONAL", factors=("totp", "sms", "email"))


def client(*missing: str) -> Any:
    names = {method_name(operation) for operation in OPERATION.values()} - {method_name(name) for name in missing}
    return SimpleNamespace(**dict.fromkeys(names))


def raising(code: ErrorCode, subject: str | None = None) -> Any:
    def call() -> None:
        raise AppError(code, "Cognito says no.", subject=subject)

    return call


def test_every_feature_stands_on_an_operation_that_is_listed() -> None:
    assert set(OPERATION) == set(Feature)
    assert set(OPERATION.values()) <= set(OPERATIONS)


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("AdminSetUserMFAPreference", "admin_set_user_mfa_preference"),
        ("AdminListUserAuthEvents", "admin_list_user_auth_events"),
        ("ListUsersInGroup", "list_users_in_group"),
    ],
)
def test_methods_are_named_as_boto3_names_them(operation: str, name: str) -> None:
    assert method_name(operation) == name


@pytest.mark.parametrize(
    ("feature", "pool", "hindrance"),
    [
        (Feature.HISTORY, replace(POOL, tier="ESSENTIALS"), Hindrance.TIER),
        (Feature.HISTORY, replace(POOL, tier="PLUS"), Hindrance.SETTING),
        (Feature.HISTORY, replace(POOL, tier="PLUS", threat_protection="AUDIT"), None),
        (Feature.HISTORY, replace(POOL, tier="LITE", threat_protection="ENFORCED"), None),  # bought before the tiers
        (Feature.HISTORY, replace(POOL, tier=None, threat_protection="AUDIT"), None),
        (Feature.SESSIONS, replace(POOL, tier="LITE"), Hindrance.TIER),
        (Feature.SESSIONS, replace(POOL, tier="ESSENTIALS"), None),
        (Feature.SESSIONS, replace(POOL, tier="SOMETHING_NEW"), None),
        (Feature.DEVICES, POOL, Hindrance.SETTING),
        (Feature.DEVICES, replace(POOL, devices="asked"), None),
        (Feature.EMAIL, replace(POOL, tier="LITE"), Hindrance.TIER),
        (Feature.EMAIL, replace(POOL, tier="PLUS", factors=("totp",)), Hindrance.SETTING),
        (Feature.SMS, replace(POOL, factors=()), Hindrance.SETTING),
        (Feature.SMS, replace(POOL, factors=(), factors_known=False), None),
        (Feature.TOTP, replace(POOL, mfa="OFF"), Hindrance.SETTING),
        (Feature.TOTP, POOL, None),
        (Feature.GROUPS, POOL, None),
    ],
)
def test_the_pool_tells_beforehand(feature: Feature, pool: PoolSnapshot, hindrance: Hindrance | None) -> None:
    found = foreseen(feature, pool)
    assert found.hindrance is hindrance
    assert found.available is (hindrance is None)
    assert found.reason.endswith(".") is not found.available
    assert Capabilities(client()).of(feature, pool) == found


def test_an_old_library_is_told_before_anything_is_sent() -> None:
    capabilities = Capabilities(client("AdminListUserSessions"))
    found = capabilities.attempt(Feature.SESSIONS, raising(ErrorCode.INTERNAL))
    assert isinstance(found, Capability)
    assert found.hindrance is Hindrance.SDK
    assert "AdminListUserSessions" in found.reason


def test_a_missing_permission_is_learned_and_forgotten_when_it_is_granted() -> None:
    capabilities = Capabilities(client())
    denied = raising(ErrorCode.ACCESS_DENIED, "cognito-idp:AdminListDevices")
    found = capabilities.attempt(Feature.DEVICES, denied)
    assert isinstance(found, Capability)
    assert (found.hindrance, found.subject) == (Hindrance.PERMISSION, "cognito-idp:AdminListDevices")
    assert capabilities.of(Feature.DEVICES) == found
    assert capabilities.of(Feature.GROUPS).available
    assert capabilities.attempt(Feature.DEVICES, lambda: ("phone",)) == ("phone",)
    assert capabilities.of(Feature.DEVICES).available


@pytest.mark.parametrize("code", [ErrorCode.NOT_SUPPORTED, ErrorCode.POOL_SETTING])
def test_what_aws_refuses_is_explained_by_the_pool_where_it_can_be(code: ErrorCode) -> None:
    capabilities = Capabilities(client())
    found = capabilities.attempt(Feature.HISTORY, raising(code), replace(POOL, tier="ESSENTIALS"))
    assert isinstance(found, Capability)
    assert found.hindrance is Hindrance.TIER
    assert "Plus" in found.reason
    plain = capabilities.of(Feature.HISTORY)
    assert (plain.hindrance, plain.reason) == (Hindrance.SETTING, "Cognito says no.")


def test_other_failures_are_failures() -> None:
    capabilities = Capabilities(client())
    with pytest.raises(AppError) as caught:
        capabilities.attempt(Feature.DEVICES, raising(ErrorCode.THROTTLED))
    assert caught.value.code is ErrorCode.THROTTLED
    assert capabilities.of(Feature.DEVICES).available
