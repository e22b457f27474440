"""The services against ministack, which knows what the demo's emulator does not: IAM policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.aws.limits import enforced_rate
from app.aws.operations import OPERATIONS
from app.aws.quotas import QuotaCategory
from app.capabilities import Capabilities, Capability, Feature, Hindrance
from app.changes import Changes
from app.directory.access import Access
from app.directory.devices import Devices
from app.directory.groups import Group, Groups
from app.directory.history import History
from app.directory.identities import Identities, Identity, identities_of
from app.directory.index import UserIndex
from app.directory.models import MfaPreference, User, UserStatus
from app.directory.sessions import Sessions
from app.directory.users import Users
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal
from app.people import People
from app.permissions import Operator, Role
from app.pool.snapshot import Pools
from app.work import Work
from tests.services.ministack import Clerk, Ministack

PASSWORD = "Lantern-Quay-4821"
ADA = "ada@example.com"
SESSION = "tkn" + "a" * 25
DEVICE = "us-east-1_00000000-0000-4000-8000-000000000001"


class Services:
    """Every service on one pool, with the keys of one client."""

    def __init__(self, ministack: Ministack, pool: str, clerk: Clerk | None = None) -> None:
        client = ministack.client() if clerk is None else clerk.client
        app = ministack.admin.create_user_pool_client(UserPoolId=pool, ClientName="web")["UserPoolClient"]["ClientId"]
        self.client = client
        self.users = Users(client, pool)
        self.groups = Groups(client, pool)
        self.access = Access(client, pool, self.users)
        self.devices = Devices(client, pool)
        self.sessions = Sessions(client, pool)
        self.history = History(client, pool)
        self.identities = Identities(client, pool, self.users)
        self.pools = Pools(client, pool, app)


@pytest.fixture(scope="module")
def pool(ministack: Ministack) -> Iterator[str]:
    with ministack.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], MfaConfiguration="OFF") as made:
        yield made


@pytest.fixture(scope="module")
def ada(ministack: Ministack, pool: str) -> User:
    """A confirmed user."""
    users = Services(ministack, pool).users
    made = users.create(ADA, attributes={"email": ADA, "email_verified": "true"}, send_email=False)
    users.set_password(made.username, PASSWORD, permanent=True, status=made.status)
    return users.get(made.username)


@pytest.fixture(scope="module")
def clerk(ministack: Ministack) -> Clerk:
    return ministack.clerk()


@pytest.fixture(scope="module")
def clerks(ministack: Ministack, pool: str, clerk: Clerk) -> Services:
    """The services with the keys of somebody whose policy the test writes."""
    return Services(ministack, pool, clerk)


# Where one of these is not allowed, something else is done.
DISPENSABLE = {"GetUserPoolMfaConfig", "GetProvisionedLimit", "AdminDeleteSoftwareToken"}
Try = Callable[[Services, User], object]
TRIES: dict[str, Try] = {
    "ListUsers": lambda s, u: s.users.list_page(),
    "AdminGetUser": lambda s, u: s.users.get(u.username),
    "AdminCreateUser": lambda s, u: s.users.create("eve@example.com", attributes={}),
    "AdminDeleteUser": lambda s, u: s.users.delete(u.username),
    "AdminEnableUser": lambda s, u: s.users.enable(u.username),
    "AdminDisableUser": lambda s, u: s.users.disable(u.username),
    "AdminUpdateUserAttributes": lambda s, u: s.users.update_attributes(u.username, {"name": "Ada"}),
    "AdminResetUserPassword": lambda s, u: s.users.reset_password(u.username),
    "AdminSetUserPassword": lambda s, u: s.users.set_password(u.username, PASSWORD, permanent=True, status=u.status),
    "AdminSetUserMFAPreference": lambda s, u: s.users.set_mfa_preference(u.username, MfaPreference(totp=False)),
    "AdminGetUserAuthFactors": lambda s, u: s.users.factors(u.username),
    "AdminConfirmSignUp": lambda s, u: s.access.confirm_sign_up(u.username),
    "AdminUserGlobalSignOut": lambda s, u: s.access.sign_out(u.username),
    "AdminLinkProviderForUser": lambda s, u: s.identities.link(u, "Google", "42"),
    "AdminDisableProviderForUser": lambda s, u: s.identities.unlink(u, Identity("Google", "42")),
    "ListIdentityProviders": lambda s, u: s.identities.providers(),
    "AdminListDevices": lambda s, u: s.devices.of(u.username),
    "AdminForgetDevice": lambda s, u: s.devices.forget(u.username, DEVICE),
    "AdminUpdateDeviceStatus": lambda s, u: s.devices.remember(u.username, DEVICE, remembered=True),
    "AdminListUserAuthEvents": lambda s, u: s.history.page(u.username),
    "AdminListUserSessions": lambda s, u: s.sessions.of(u.username),
    "AdminRevokeUserSession": lambda s, u: s.sessions.revoke(u.username, SESSION),
    "AdminAddUserToGroup": lambda s, u: s.groups.add(u.username, "crew"),
    "AdminRemoveUserFromGroup": lambda s, u: s.groups.remove(u.username, "crew"),
    "AdminListGroupsForUser": lambda s, u: s.groups.of(u.username),
    "ListUsersInGroup": lambda s, u: s.groups.members_page("crew"),
    "ListGroups": lambda s, u: s.groups.all(),
    "GetGroup": lambda s, u: s.groups.get("crew"),
    "CreateGroup": lambda s, u: s.groups.create("crew"),
    "UpdateGroup": lambda s, u: s.groups.update(Group("crew")),
    "DeleteGroup": lambda s, u: s.groups.delete("crew"),
    "DescribeUserPool": lambda s, u: s.pools.describe(),
    "DescribeUserPoolClient": lambda s, u: s.pools.client(),
}


@pytest.mark.parametrize("operation", sorted(TRIES))
def test_a_policy_that_lacks_one_action_is_told_by_its_name(
    clerk: Clerk, clerks: Services, ada: User, operation: str
) -> None:
    clerk.may(set(OPERATIONS) - {operation})
    with pytest.raises(AppError) as caught:
        TRIES[operation](clerks, ada)
    error = caught.value
    assert (error.code, error.subject) == (ErrorCode.ACCESS_DENIED, f"cognito-idp:{operation}")
    assert error.message.endswith(f"lack the permission cognito-idp:{operation}.")
    assert not error.retryable


def test_what_can_be_done_without_is_done_without(clerk: Clerk, clerks: Services, ada: User) -> None:
    clerk.may(set(OPERATIONS) - DISPENSABLE)
    assert clerks.pools.describe().factors_known is False
    assert enforced_rate(clerks.client, QuotaCategory.USER_LIST) is None
    removal = clerks.access.remove_authenticator(ada.username)
    assert not removal.deleted
    assert "cognito-idp:AdminDeleteSoftwareToken" in removal.why


def test_every_operation_of_the_services_is_tried_without_its_permission() -> None:
    signing_in = re.compile(r"(Admin)?(Initiate|RespondTo)Auth|(Associate|Verify)SoftwareToken|RevokeToken|SetUser")
    missing = {name for name in OPERATIONS if not signing_in.match(name)} - set(TRIES) - DISPENSABLE
    assert not missing, f"add to TRIES: {missing}"


def test_a_change_that_the_policy_forbids_is_journalled_as_failed(
    clerk: Clerk, clerks: Services, ada: User, tmp_path: Path
) -> None:
    clerk.may(set(OPERATIONS) - {"AdminDisableUser"})
    journal = Journal(tmp_path / "journal.sqlite")
    try:
        changes = Changes(journal, Operator("ann", Role.ADMIN), "main", None)
        people = People(clerks.users, changes, UserIndex(), None, groups=clerks.groups)
        with pytest.raises(AppError):
            people.disable(ada)
        (entry,) = journal.entries()
    finally:
        journal.close()
    assert (entry.state, entry.error_code) == (EntryState.FAILED, ErrorCode.ACCESS_DENIED)
    assert entry.message is not None
    assert "cognito-idp:AdminDisableUser" in entry.message
    clerk.may(["AdminGetUser"])
    assert clerks.users.get(ada.username).enabled


def test_a_policy_that_allows_it_lets_it_through(clerk: Clerk, clerks: Services, ada: User) -> None:
    clerk.may(["AdminGetUser"])
    assert clerks.users.get(ada.username).email == ADA


def test_a_missing_permission_becomes_a_capability(clerk: Clerk, clerks: Services, ada: User) -> None:
    clerk.may(["ListUsers"])
    capabilities = Capabilities(clerks.client)
    found = capabilities.attempt(Feature.GROUPS, lambda: clerks.groups.of(ada.username))
    assert isinstance(found, Capability)
    assert (found.hindrance, found.subject) == (Hindrance.PERMISSION, "cognito-idp:AdminListGroupsForUser")
    clerk.may(["AdminListGroupsForUser"])
    assert capabilities.attempt(Feature.GROUPS, lambda: clerks.groups.of(ada.username)) == ()
    assert capabilities.of(Feature.GROUPS).available


def test_what_ministack_does_not_know_is_a_capability_too(ministack: Ministack, pool: str, ada: User) -> None:
    services = Services(ministack, pool)
    capabilities = Capabilities(services.client)
    for feature, call in (
        (Feature.DEVICES, lambda: services.devices.of(ada.username)),
        (Feature.SESSIONS, lambda: services.sessions.of(ada.username)),
        (Feature.FACTORS, lambda: services.users.factors(ada.username)),
        (Feature.HISTORY, lambda: services.history.page(ada.username)),
    ):
        found = capabilities.attempt(feature, call)
        assert isinstance(found, Capability)
        assert found.hindrance is Hindrance.SETTING
        assert "Unknown" not in found.reason


def test_the_life_of_a_user(ministack: Ministack, pool: str) -> None:
    users = Services(ministack, pool).users
    made = users.create("bob@example.com", attributes={"email": "bob@example.com"}, send_email=False)
    assert made.username == made.sub
    assert made.status is UserStatus.FORCE_CHANGE_PASSWORD
    users.resend_invitation("bob@example.com")
    users.set_password(made.username, PASSWORD, permanent=True, status=made.status)
    users.update_attributes(made.username, {"name": "Bob Reed", "email_verified": "true"})
    users.disable(made.username)
    assert not users.get(made.username).enabled
    users.enable(made.username)
    now = users.get("bob@example.com")
    users.update_attributes(made.username, {"nickname": "Bo"})
    users.update_attributes(made.username, {"nickname": ""})
    assert "nickname" not in users.get(made.username).attributes
    assert (now.enabled, now.name, now.email_verified, now.status) == (True, "Bob Reed", True, UserStatus.CONFIRMED)
    users.reset_password(made.username)
    assert users.get(made.username).status is UserStatus.RESET_REQUIRED
    for call, code in (
        (lambda: users.create("bob@example.com", attributes={}), ErrorCode.USER_EXISTS),
        (lambda: users.set_password(made.username, "x", permanent=True, status=now.status), ErrorCode.PASSWORD_POLICY),
        (lambda: users.get("nobody@example.com"), ErrorCode.USER_NOT_FOUND),
        (lambda: users.disable("nobody@example.com"), ErrorCode.USER_NOT_FOUND),
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is code
    users.delete(made.username)
    assert made.username not in {user.username for user in users.list_page().users}


def test_groups_and_their_members(ministack: Ministack, pool: str, ada: User) -> None:
    groups = Services(ministack, pool).groups
    made = groups.create("crew", description="On board", precedence=3)
    assert (made.name, made.description, made.precedence, made.role_arn) == ("crew", "On board", 3, None)
    groups.add(ada.username, "crew")
    assert [group.name for group in groups.of(ada.username)] == ["crew"]
    assert [user.username for user in groups.members_page("crew").users] == [ada.username]
    groups.remove(ada.username, "crew")
    for call, code in (
        (lambda: groups.create("crew"), ErrorCode.GROUP_EXISTS),
        (lambda: groups.get("none"), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.add(ada.username, "none"), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.members_page("none"), ErrorCode.GROUP_NOT_FOUND),
        (lambda: groups.add("nobody", "crew"), ErrorCode.USER_NOT_FOUND),
        (lambda: groups.update(Group("crew")), ErrorCode.NOT_SUPPORTED),  # ministack does not know UpdateGroup
    ):
        with pytest.raises(AppError) as caught:
            call()
        assert caught.value.code is code
    groups.delete("crew")
    assert groups.all() == ()


def test_members_of_a_large_group_are_read_to_the_last(ministack: Ministack) -> None:
    with ministack.pool() as id:
        services = Services(ministack, id)
        services.groups.create("all")
        for number in range(65):
            ministack.admin.admin_create_user(UserPoolId=id, Username=f"u{number}", MessageAction="SUPPRESS")
            ministack.admin.admin_add_user_to_group(UserPoolId=id, Username=f"u{number}", GroupName="all")
        pages = list(services.groups.members("all", Work()))
        assert len({user.username for page in pages for user in page.users}) == 65


def test_a_sign_up_is_confirmed_and_every_session_ended(ministack: Ministack, pool: str) -> None:
    app = ministack.admin.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    ministack.admin.sign_up(ClientId=app, Username="new@example.com", Password=PASSWORD)
    services = Services(ministack, pool)
    services.access.confirm_sign_up("new@example.com")
    assert services.users.get("new@example.com").status is UserStatus.CONFIRMED
    login = {"USERNAME": "new@example.com", "PASSWORD": PASSWORD}
    tokens = ministack.admin.initiate_auth(ClientId=app, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=login)
    access = tokens["AuthenticationResult"]["AccessToken"]
    assert ministack.admin.get_user(AccessToken=access)["Username"]
    services.access.sign_out("new@example.com")
    with pytest.raises(ministack.admin.exceptions.NotAuthorizedException):
        ministack.admin.get_user(AccessToken=access)


def test_history_where_threat_protection_is_on(ministack: Ministack) -> None:
    addons = {"AdvancedSecurityMode": "AUDIT"}
    with ministack.pool(UserPoolAddOns=addons, UserPoolTier="PLUS") as id:
        services = Services(ministack, id)
        ministack.admin.admin_create_user(UserPoolId=id, Username="ada", MessageAction="SUPPRESS")
        page = services.history.page("ada")
        assert page.token is None
        assert services.pools.describe().threat_protection == "AUDIT"


def test_identities_are_linked_and_unlinked(ministack: Ministack, pool: str, ada: User) -> None:
    details = {"client_id": "x", "client_secret": "y", "authorize_scopes": "openid"}
    ministack.admin.create_identity_provider(
        UserPoolId=pool, ProviderName="Google", ProviderType="Google", ProviderDetails=details
    )
    services = Services(ministack, pool)
    assert [provider.name for provider in services.identities.providers()] == ["Google"]
    services.identities.link(ada, "Google", "42")
    (identity,) = identities_of(services.users.get(ada.username))
    assert (identity.provider, identity.user_id, identity.primary) == ("Google", "42", False)
    services.identities.unlink(ada, identity)
    assert identities_of(services.users.get(ada.username)) == ()


POOLS: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "email": ({"UsernameAttributes": ["email"]}, "kim@example.com", {"email": "kim@example.com"}),
    "phone": ({"UsernameAttributes": ["phone_number"]}, "+4930123456", {"phone_number": "+4930123456"}),
    "alias": ({"AliasAttributes": ["email", "preferred_username"]}, "kim", {"email": "kim@example.com"}),
    "plain": ({"UsernameConfiguration": {"CaseSensitive": False}}, "Kim", {}),
    "case": ({"UsernameConfiguration": {"CaseSensitive": True}}, "Kim", {}),
}


@pytest.mark.parametrize("kind", POOLS)
def test_every_kind_of_pool_is_told_and_worked_with(ministack: Ministack, kind: str) -> None:
    settings, name, attributes = POOLS[kind]
    with ministack.pool(**settings) as id:
        services = Services(ministack, id)
        pool = services.pools.describe()
        assert pool.username_attributes == tuple(settings.get("UsernameAttributes", ()))
        assert pool.alias_attributes == tuple(settings.get("AliasAttributes", ()))
        if kind in ("plain", "case"):
            assert pool.case_sensitive is (kind == "case")
        email = pool.attribute("email")
        assert email is not None
        assert (email.data_type, email.mutable, email.maximum) == ("String", True, "2048")
        made = services.users.create(name, attributes=attributes, send_email=False)
        assert (made.username == made.sub) is (kind in ("email", "phone"))
        services.groups.create("crew")
        services.groups.add(made.username, "crew")
        services.users.disable(made.username)
        services.access.sign_out(made.username)
        assert not services.users.get(made.username).enabled
        services.users.delete(made.username)
