"""What an administrator does to one user: the Admin* operations."""

from __future__ import annotations

from app.demo.accounts import (
    change_attributes,
    confirm,
    drop_attributes,
    named_attributes,
    new_account,
    recovery_contact,
    set_preference,
)
from app.demo.codes import Codes
from app.demo.grants import Grants
from app.demo.outbox import MessageKind
from app.demo.passwords import check_password, temporary_password
from app.demo.post import Post
from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool


class Administration:
    """Operations on one user that need AWS credentials."""

    def __init__(self, backend: DemoBackend, post: Post, codes: Codes, grants: Grants, clock: Clock) -> None:
        self._backend = backend
        self._post = post
        self._codes = codes
        self._grants = grants
        self._clock = clock

    def operations(self) -> dict[str, Operation]:
        """By their AWS names."""
        return {
            "AdminCreateUser": self.create,
            "AdminGetUser": self.get,
            "AdminGetUserAuthFactors": self.auth_factors,
            "AdminDeleteUser": self.delete,
            "AdminEnableUser": self.enable,
            "AdminDisableUser": self.disable,
            "AdminConfirmSignUp": self.confirm_sign_up,
            "AdminSetUserPassword": self.set_password,
            "AdminResetUserPassword": self.reset_password,
            "AdminUpdateUserAttributes": self.update_attributes,
            "AdminDeleteUserAttributes": self.delete_attributes,
            "AdminSetUserMFAPreference": self.set_mfa_preference,
            "AdminDeleteSoftwareToken": self.delete_software_token,
            "AdminSetUserSettings": self.set_settings,
            "AdminUserGlobalSignOut": self.sign_out,
        }

    def create(self, call: Call) -> Answer:
        """AdminCreateUser, and with MessageAction=RESEND the invitation anew."""
        if call.option("MessageAction") == "RESEND":
            return self._resend(call)
        pool = self._backend.pool(call.text("UserPoolId"))
        username = call.text("Username")
        attributes = named_attributes(pool, username, call.attributes())
        if pool.find(username) is not None:
            raise Refusal("UsernameExistsException", "User account already exists")
        account = self._new_account(pool, username, attributes)
        password = self._temporary(pool, call)
        contact = self._invitation_contact(account, call)
        account.password = password
        pool.add(account)
        if contact and call.option("MessageAction") != "SUPPRESS":
            self._post.invite(account, contact, password)
        return {"User": account.to_json()}

    def _resend(self, call: Call) -> Answer:
        pool, account = self._account(call)
        if account.status != "FORCE_CHANGE_PASSWORD":
            raise Refusal("UnsupportedUserStateException", f"Resend not possible. User status is {account.status}.")
        password = self._temporary(pool, call)
        contact = self._invitation_contact(account, call)
        account.password = password
        account.modified = account.temporary_since = self._clock()
        if contact:
            self._post.invite(account, contact, password)
        return {"User": account.to_json()}

    def get(self, call: Call) -> Answer:
        """AdminGetUser."""
        account = self._account(call)[1]
        return {
            **account.to_json(key="UserAttributes"),
            "UserMFASettingList": account.factor_list(),
            "PreferredMfaSetting": account.preferred,
        }

    def auth_factors(self, call: Call) -> Answer:
        """AdminGetUserAuthFactors."""
        account = self._account(call)[1]
        configured = ["PASSWORD"] if account.password is not None else []
        return {
            "Username": account.username,
            "UserMFASettingList": account.factor_list(),
            "PreferredMfaSetting": account.preferred,
            "ConfiguredUserAuthFactors": configured,
        }

    def delete(self, call: Call) -> Answer:
        """AdminDeleteUser."""
        pool, account = self._account(call)
        self._grants.revoke(account)
        self._codes.forget(account.id)
        pool.remove(account)
        return None

    def enable(self, call: Call) -> Answer:
        """AdminEnableUser."""
        account = self._account(call)[1]
        account.enabled, account.modified = True, self._clock()
        return None

    def disable(self, call: Call) -> Answer:
        """AdminDisableUser: also takes back the user's tokens."""
        account = self._account(call)[1]
        account.enabled, account.modified = False, self._clock()
        self._grants.revoke(account)
        return None

    def confirm_sign_up(self, call: Call) -> Answer:
        """AdminConfirmSignUp."""
        account = self._account(call)[1]
        confirm(account, self._clock)
        self._codes.forget(account.id, MessageKind.SIGN_UP_CODE)
        return None

    def set_password(self, call: Call) -> Answer:
        """AdminSetUserPassword."""
        pool, account = self._account(call)
        password = call.text("Password")
        check_password(pool.policy, password)
        account.password, account.modified = password, self._clock()
        if call.params.get("Permanent"):
            account.status, account.temporary_since = "CONFIRMED", None
        else:
            account.status, account.temporary_since = "FORCE_CHANGE_PASSWORD", account.modified
        return None

    def reset_password(self, call: Call) -> Answer:
        """AdminResetUserPassword."""
        pool, account = self._account(call)
        contact = recovery_contact(pool, account)
        account.status, account.password, account.modified = "RESET_REQUIRED", None, self._clock()
        code = self._codes.issue(account.id, MessageKind.RESET_CODE)
        self._post.code(account, contact, MessageKind.RESET_CODE, code)
        return None

    def update_attributes(self, call: Call) -> Answer:
        """AdminUpdateUserAttributes."""
        pool, account = self._account(call)
        changed = change_attributes(pool, account, call.attributes(), self._clock)
        for contact in changed:
            self.send_verification(pool, account, contact)
        return None

    def send_verification(self, pool: DemoPool, account: Account, contact: str) -> dict[str, str] | None:
        """Send a code for a contact that the pool verifies by itself; returns CodeDeliveryDetails."""
        if contact not in (pool.extended_config.get("AutoVerifiedAttributes") or []):
            return None
        code = self._codes.issue(account.id, MessageKind.VERIFICATION_CODE, contact)
        return self._post.code(account, contact, MessageKind.VERIFICATION_CODE, code)

    def delete_attributes(self, call: Call) -> Answer:
        """AdminDeleteUserAttributes."""
        pool, account = self._account(call)
        drop_attributes(pool, account, call.params.get("UserAttributeNames") or [], self._clock)
        return None

    def set_mfa_preference(self, call: Call) -> Answer:
        """AdminSetUserMFAPreference."""
        pool, account = self._account(call)
        set_preference(pool, account, call)
        account.modified = self._clock()
        return None

    def delete_software_token(self, call: Call) -> Answer:
        """AdminDeleteSoftwareToken: the lost authenticator is forgotten."""
        account = self._account(call)[1]
        if account.status == "UNCONFIRMED":
            raise Refusal("UserNotConfirmedException", "User is not confirmed.")
        account.token = account.pending_token = None
        account.factors.discard("SOFTWARE_TOKEN_MFA")
        if account.preferred == "SOFTWARE_TOKEN_MFA":
            account.preferred = None
        account.modified = self._clock()
        return None

    def set_settings(self, call: Call) -> Answer:
        """AdminSetUserSettings: no longer supported, as its documentation says."""
        self._account(call)
        raise bad_parameter("AdminSetUserSettings is no longer supported. Use AdminSetUserMFAPreference.")

    def sign_out(self, call: Call) -> Answer:
        """AdminUserGlobalSignOut."""
        self._grants.revoke(self._account(call)[1])
        return None

    def _account(self, call: Call) -> tuple[DemoPool, Account]:
        return self._backend.user(call.text("UserPoolId"), call.text("Username"))

    def _temporary(self, pool: DemoPool, call: Call) -> str:
        password = call.option("TemporaryPassword") or temporary_password(pool.policy)
        check_password(pool.policy, password)
        return password

    def _new_account(self, pool: DemoPool, username: str, attributes: dict[str, str]) -> Account:
        account = new_account(pool, username, attributes, "FORCE_CHANGE_PASSWORD", self._clock)
        account.temporary_since = account.created
        return account

    def _invitation_contact(self, account: Account, call: Call) -> str | None:
        asked = call.params.get("DesiredDeliveryMediums") or []
        wanted = [{"EMAIL": "email", "SMS": "phone_number"}.get(medium, "") for medium in asked]
        return next((c for c in (*wanted, "email", "phone_number") if account.attributes.get(c)), None)
