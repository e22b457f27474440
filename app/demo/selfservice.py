"""What a person does for themselves: sign up, confirm, forgotten password, own attributes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from app.demo.accounts import (
    change_attributes,
    confirm,
    drop_attributes,
    named_attributes,
    new_account,
    recovery_contact,
)
from app.demo.codes import Codes
from app.demo.grants import Grants, check_secret_hash
from app.demo.outbox import MessageKind
from app.demo.passwords import check_password
from app.demo.post import Post, delivery
from app.demo.protocol import Answer, Call, Operation, Refusal, bad_parameter, not_authorized
from app.demo.userpool import Account, Clock, DemoBackend, DemoPool

if TYPE_CHECKING:
    from moto.cognitoidp.models import CognitoIdpUserPoolClient

CONTACTS = ("email", "phone_number")


class SelfService:
    """Operations that need no AWS credentials: an app client's id or an access token is enough."""

    def __init__(self, backend: DemoBackend, post: Post, codes: Codes, grants: Grants, clock: Clock) -> None:
        self._backend = backend
        self._post = post
        self._codes = codes
        self._grants = grants
        self._clock = clock

    def operations(self) -> dict[str, Operation]:
        """By their AWS names."""
        return {
            "SignUp": self.sign_up,
            "ConfirmSignUp": self.confirm_sign_up,
            "ResendConfirmationCode": self.resend,
            "ForgotPassword": self.forgot_password,
            "ConfirmForgotPassword": self.confirm_forgot_password,
            "ChangePassword": self.change_password,
            "UpdateUserAttributes": self.update_attributes,
            "DeleteUserAttributes": self.delete_attributes,
            "GetUserAttributeVerificationCode": self.attribute_code,
            "VerifyUserAttribute": self.verify_attribute,
            "DeleteUser": self.delete,
        }

    def sign_up(self, call: Call) -> Answer:
        """SignUp."""
        pool, _, username = self._client(call)
        if (pool.extended_config.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            raise not_authorized("SignUp is not permitted for this user pool")
        attributes = named_attributes(pool, username, call.attributes())
        if pool.find(username) is not None:
            raise Refusal("UsernameExistsException", "User already exists")
        check_password(pool.policy, call.text("Password"))
        account = new_account(pool, username, attributes, "UNCONFIRMED", self._clock)
        for contact in CONTACTS:
            if attributes.get(contact):
                account.attributes[f"{contact}_verified"] = "false"  # nobody verifies themselves by saying so
        account.password = call.text("Password")
        pool.add(account)
        answer: dict[str, object] = {"UserConfirmed": False, "UserSub": account.id}
        if automatic := self._auto_verified(pool, account):
            answer["CodeDeliveryDetails"] = self._send(account, automatic, MessageKind.SIGN_UP_CODE)
        return answer

    def confirm_sign_up(self, call: Call) -> Answer:
        """ConfirmSignUp."""
        pool, client, username = self._client(call)
        account = pool.find(username)
        if account is None:
            if _hides_existence(client):
                raise Refusal("ExpiredCodeException", "Invalid code provided, please request a code again.")
            raise Refusal("UserNotFoundException", "Username/client id combination not found.")
        if account.status != "UNCONFIRMED":
            raise not_authorized(f"User cannot be confirmed. Current status is {account.status}")
        self._codes.check(account.id, MessageKind.SIGN_UP_CODE, call.text("ConfirmationCode"))
        confirm(account, self._clock)
        if contact := self._auto_verified(pool, account):
            self._verify(pool, account, contact)
        return None

    def resend(self, call: Call) -> Answer:
        """ResendConfirmationCode."""
        pool, client, username = self._client(call)
        account = pool.find(username)
        if account is None:
            return self._pretend(client, username)
        if account.status != "UNCONFIRMED":
            raise bad_parameter("User is already confirmed.")
        contact = self._auto_verified(pool, account)
        if contact is None:
            raise bad_parameter("Auto verification not turned on.")
        self._codes.count_request(account.id, MessageKind.SIGN_UP_CODE)
        return {"CodeDeliveryDetails": self._send(account, contact, MessageKind.SIGN_UP_CODE)}

    def forgot_password(self, call: Call) -> Answer:
        """ForgotPassword."""
        pool, client, username = self._client(call)
        account = pool.find(username)
        if account is None:
            return self._pretend(client, username)
        contact = recovery_contact(pool, account)
        self._codes.count_request(account.id, MessageKind.RESET_CODE)
        return {"CodeDeliveryDetails": self._send(account, contact, MessageKind.RESET_CODE)}

    def confirm_forgot_password(self, call: Call) -> Answer:
        """ConfirmForgotPassword. The code is used up only where the password satisfies the policy."""
        pool, client, username = self._client(call)
        account = pool.find(username)
        if account is None:
            if _hides_existence(client):
                raise Refusal("ExpiredCodeException", "Invalid code provided, please request a code again.")
            raise Refusal("UserNotFoundException", "Username/client id combination not found.")
        if not account.enabled:
            raise not_authorized("User is disabled.")
        password = call.text("Password")
        check_password(pool.policy, password)
        self._codes.check(account.id, MessageKind.RESET_CODE, call.text("ConfirmationCode"))
        account.password, account.modified = password, self._clock()
        account.status, account.temporary_since = "CONFIRMED", None
        return None

    def change_password(self, call: Call) -> Answer:
        """ChangePassword."""
        grant = self._grants.holder(call.text("AccessToken"))
        previous, account = call.option("PreviousPassword") or "", grant.account
        if account.password is None or not secrets.compare_digest(account.password.encode(), previous.encode()):
            raise not_authorized("Incorrect username or password.")
        check_password(grant.pool.policy, call.text("ProposedPassword"))
        account.password, account.modified = call.text("ProposedPassword"), self._clock()
        return None

    def update_attributes(self, call: Call) -> Answer:
        """UpdateUserAttributes."""
        grant = self._grants.holder(call.text("AccessToken"))
        changes = call.attributes()
        for contact in CONTACTS:
            if f"{contact}_verified" in changes:
                raise not_authorized("A client attempted to write unauthorized attribute")
        changed = change_attributes(grant.pool, grant.account, changes, self._clock)
        automatic = grant.pool.extended_config.get("AutoVerifiedAttributes") or []
        sent = [self._send_verification(grant.account, contact) for contact in changed if contact in automatic]
        return {"CodeDeliveryDetailsList": sent}

    def delete_attributes(self, call: Call) -> Answer:
        """DeleteUserAttributes."""
        grant = self._grants.holder(call.text("AccessToken"))
        drop_attributes(grant.pool, grant.account, call.params.get("UserAttributeNames") or [], self._clock)
        return None

    def attribute_code(self, call: Call) -> Answer:
        """GetUserAttributeVerificationCode."""
        account = self._grants.holder(call.text("AccessToken")).account
        contact = self._contact(account, call)
        self._codes.count_request(account.id, MessageKind.VERIFICATION_CODE)
        return {"CodeDeliveryDetails": self._send_verification(account, contact)}

    def verify_attribute(self, call: Call) -> Answer:
        """VerifyUserAttribute."""
        grant = self._grants.holder(call.text("AccessToken"))
        contact = self._contact(grant.account, call)
        self._codes.check(grant.account.id, MessageKind.VERIFICATION_CODE, call.text("Code"), contact)
        self._verify(grant.pool, grant.account, contact)
        return None

    def delete(self, call: Call) -> Answer:
        """DeleteUser."""
        grant = self._grants.holder(call.text("AccessToken"))
        self._grants.revoke(grant.account)
        self._codes.forget(grant.account.id)
        grant.pool.remove(grant.account)
        return None

    def _client(self, call: Call) -> tuple[DemoPool, CognitoIdpUserPoolClient, str]:
        pool, client = self._backend.client(call.text("ClientId"))
        username = call.text("Username")
        check_secret_hash(client, username, call.option("SecretHash"))
        return pool, client, username

    def _pretend(self, client: CognitoIdpUserPoolClient, username: str) -> Answer:
        """What is told about a user who does not exist: nothing, where the client hides it."""
        if not _hides_existence(client):
            raise Refusal("UserNotFoundException", "Username/client id combination not found.")
        to = username if "@" in username else f"{username}@example.com"
        return {"CodeDeliveryDetails": delivery("email", to)}

    def _auto_verified(self, pool: DemoPool, account: Account) -> str | None:
        automatic = pool.extended_config.get("AutoVerifiedAttributes") or []
        return next((c for c in ("phone_number", "email") if c in automatic and account.attributes.get(c)), None)

    def _send(self, account: Account, contact: str, kind: MessageKind) -> dict[str, str]:
        return self._post.code(account, contact, kind, self._codes.issue(account.id, kind))

    def _send_verification(self, account: Account, contact: str) -> dict[str, str]:
        kind = MessageKind.VERIFICATION_CODE
        return self._post.code(account, contact, kind, self._codes.issue(account.id, kind, contact))

    def _contact(self, account: Account, call: Call) -> str:
        contact = call.text("AttributeName")
        if contact not in CONTACTS or not account.attributes.get(contact):
            raise bad_parameter(f"{contact} cannot be verified.")
        return contact

    def _verify(self, pool: DemoPool, account: Account, contact: str) -> None:
        proven = {f"{contact}_verified": "true"}
        if contact in account.pending:
            proven[contact] = account.pending.pop(contact)
        pool.change(account, {**account.attributes, **proven}, self._clock())


def _hides_existence(client: CognitoIdpUserPoolClient) -> bool:
    return bool(client.extended_config.get("PreventUserExistenceErrors") == "ENABLED")
