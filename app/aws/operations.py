"""Every Cognito operation that the Desk calls, and what each one costs. A call that is not listed here is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.aws.quotas import QuotaCategory
from app.errors import AppError, ErrorCode


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of cognito-idp.

    `changes`: it alters something, so it is never sent twice where the first answer was lost.
    `bills`: it may count the user towards the monthly active users that AWS bills.
    """

    name: str
    category: QuotaCategory
    changes: bool = False
    bills: bool = False


_ALL: Final = (
    Operation("ListUsers", QuotaCategory.USER_LIST),
    Operation("AdminGetUser", QuotaCategory.USER_READ, bills=True),
    Operation("AdminCreateUser", QuotaCategory.USER_CREATION, changes=True, bills=True),
    Operation("AdminDeleteUser", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminEnableUser", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminDisableUser", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminUpdateUserAttributes", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminResetUserPassword", QuotaCategory.USER_ACCOUNT_RECOVERY, changes=True, bills=True),
    Operation("AdminSetUserPassword", QuotaCategory.USER_ACCOUNT_RECOVERY, changes=True, bills=True),
    Operation("AdminSetUserMFAPreference", QuotaCategory.USER_RESOURCE_UPDATE, changes=True, bills=True),
    Operation("InitiateAuth", QuotaCategory.USER_AUTHENTICATION, changes=True, bills=True),
    Operation("AdminInitiateAuth", QuotaCategory.USER_AUTHENTICATION, changes=True, bills=True),
    Operation("RespondToAuthChallenge", QuotaCategory.USER_AUTHENTICATION, changes=True, bills=True),
    Operation("AdminRespondToAuthChallenge", QuotaCategory.USER_AUTHENTICATION, changes=True, bills=True),
    Operation("AssociateSoftwareToken", QuotaCategory.USER_RESOURCE_UPDATE, changes=True, bills=True),
    Operation("VerifySoftwareToken", QuotaCategory.USER_RESOURCE_UPDATE, changes=True, bills=True),
    Operation("SetUserMFAPreference", QuotaCategory.USER_RESOURCE_UPDATE, changes=True, bills=True),
    Operation("AdminDeleteSoftwareToken", QuotaCategory.USER_RESOURCE_UPDATE, changes=True, bills=True),
    Operation("AdminUserGlobalSignOut", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("RevokeToken", QuotaCategory.USER_TOKEN, changes=True),
    # Whether it counts the user as active AWS does not say: better to warn of it.
    Operation("AdminGetUserAuthFactors", QuotaCategory.USER_READ, bills=True),
    Operation("AdminConfirmSignUp", QuotaCategory.USER_CREATION, changes=True, bills=True),
    Operation("AdminLinkProviderForUser", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminDisableProviderForUser", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminListDevices", QuotaCategory.USER_RESOURCE_READ),
    Operation("AdminForgetDevice", QuotaCategory.USER_RESOURCE_UPDATE, changes=True),
    Operation("AdminUpdateDeviceStatus", QuotaCategory.USER_RESOURCE_UPDATE, changes=True),
    Operation("AdminListUserAuthEvents", QuotaCategory.USER_RESOURCE_READ),
    Operation("AdminListUserSessions", QuotaCategory.USER_RESOURCE_READ),
    Operation("AdminRevokeUserSession", QuotaCategory.USER_RESOURCE_UPDATE, changes=True),
    # AWS does not say whether a changed membership counts as activity: it may.
    Operation("AdminAddUserToGroup", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminRemoveUserFromGroup", QuotaCategory.USER_UPDATE, changes=True, bills=True),
    Operation("AdminListGroupsForUser", QuotaCategory.USER_RESOURCE_READ),
    Operation("ListUsersInGroup", QuotaCategory.USER_LIST),
    Operation("ListGroups", QuotaCategory.USER_POOL_RESOURCE_READ),
    Operation("GetGroup", QuotaCategory.USER_POOL_RESOURCE_READ),
    Operation("CreateGroup", QuotaCategory.USER_POOL_RESOURCE_UPDATE, changes=True),
    Operation("UpdateGroup", QuotaCategory.USER_POOL_RESOURCE_UPDATE, changes=True),
    Operation("DeleteGroup", QuotaCategory.USER_POOL_RESOURCE_UPDATE, changes=True),
    Operation("ListIdentityProviders", QuotaCategory.USER_POOL_RESOURCE_READ),
    Operation("DescribeUserPool", QuotaCategory.USER_POOL_READ),
    Operation("GetUserPoolMfaConfig", QuotaCategory.USER_POOL_RESOURCE_READ),
    Operation("DescribeUserPoolClient", QuotaCategory.USER_POOL_CLIENT_READ),
    Operation("GetProvisionedLimit", QuotaCategory.LIMIT_MANAGEMENT),
)

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType({operation.name: operation for operation in _ALL})
USED: Final[frozenset[str]] = frozenset(OPERATIONS)
CATEGORY_OF: Final[Mapping[str, QuotaCategory]] = MappingProxyType({o.name: o.category for o in _ALL})


def listed(name: str) -> Operation:
    """The listed operation `name`. AppError(INTERNAL) where it is missing: its quota and errors would be unknown."""
    try:
        return OPERATIONS[name]
    except KeyError:
        message = f"The operation {name} is not listed in app/aws/operations.py, so its quota and errors are unknown."
        raise AppError(ErrorCode.INTERNAL, message, subject=name) from None


def counted_as_active(name: str) -> bool:
    """Whether the operation may add the user to the monthly active users that AWS bills. Lists never do."""
    return listed(name).bills
