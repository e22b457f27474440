"""Cognito's request-rate quotas: per account and Region, shared by all pools and programs of the account."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class QuotaCategory(StrEnum):
    """The categories of operations that Cognito limits together, under the names of Service Quotas."""

    USER_AUTHENTICATION = "UserAuthentication"
    USER_CREATION = "UserCreation"
    USER_ACCOUNT_RECOVERY = "UserAccountRecovery"
    USER_READ = "UserRead"
    USER_UPDATE = "UserUpdate"
    USER_TOKEN = "UserToken"  # noqa: S105 - a quota's name
    USER_RESOURCE_READ = "UserResourceRead"
    USER_RESOURCE_UPDATE = "UserResourceUpdate"
    USER_LIST = "UserList"
    USER_POOL_READ = "UserPoolRead"
    USER_POOL_UPDATE = "UserPoolUpdate"
    USER_POOL_RESOURCE_READ = "UserPoolResourceRead"
    USER_POOL_RESOURCE_UPDATE = "UserPoolResourceUpdate"
    USER_POOL_CLIENT_READ = "UserPoolClientRead"
    USER_POOL_CLIENT_UPDATE = "UserPoolClientUpdate"
    LIMIT_MANAGEMENT = "LimitManagement"


RATES: Final[Mapping[QuotaCategory, float]] = MappingProxyType(
    {
        QuotaCategory.USER_AUTHENTICATION: 120.0,
        QuotaCategory.USER_CREATION: 50.0,
        QuotaCategory.USER_ACCOUNT_RECOVERY: 30.0,
        QuotaCategory.USER_READ: 120.0,
        QuotaCategory.USER_UPDATE: 25.0,
        QuotaCategory.USER_TOKEN: 120.0,
        QuotaCategory.USER_RESOURCE_READ: 50.0,
        QuotaCategory.USER_RESOURCE_UPDATE: 25.0,
        QuotaCategory.USER_LIST: 30.0,
        QuotaCategory.USER_POOL_READ: 15.0,
        QuotaCategory.USER_POOL_UPDATE: 15.0,
        QuotaCategory.USER_POOL_RESOURCE_READ: 20.0,
        QuotaCategory.USER_POOL_RESOURCE_UPDATE: 15.0,
        QuotaCategory.USER_POOL_CLIENT_READ: 15.0,
        QuotaCategory.USER_POOL_CLIENT_UPDATE: 15.0,
        QuotaCategory.LIMIT_MANAGEMENT: 1.0,
    }
)
"""Requests per second that a new account may send, by category (Cognito developer guide, quotas)."""

# Listing a large pool runs for minutes, and production shares the quota.
DEFAULT_SHARES: Final[Mapping[QuotaCategory, float]] = MappingProxyType({QuotaCategory.USER_LIST: 0.5})
