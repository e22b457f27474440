"""Rules about accounts that administrators and the people themselves share. Each refuses in Cognito's words."""

from __future__ import annotations

import uuid

from app.demo.protocol import Call, Refusal, bad_parameter, not_authorized
from app.demo.userpool import EMAIL, PHONE, Account, Clock, DemoPool

NO_VERIFIED_CONTACT = "Cannot reset password for the user as there is no registered/verified email or phone_number"
FACTOR_SETTINGS = {
    "SoftwareTokenMfaSettings": "SOFTWARE_TOKEN_MFA",
    "SMSMfaSettings": "SMS_MFA",
    "EmailMfaSettings": "EMAIL_OTP",
}


def named_attributes(pool: DemoPool, username: str, attributes: dict[str, str]) -> dict[str, str]:
    """The attributes of a new user, with the username in the one that it stands for, checked against the schema."""
    forms = {"email": EMAIL, "phone_number": PHONE}
    if pool.sign_in_attributes:
        name = next((n for n in pool.sign_in_attributes if forms[n].fullmatch(username)), None)
        if name is None:
            wanted = " or a ".join(n.replace("_", " ") for n in pool.sign_in_attributes)
            raise bad_parameter(f"Username should be an {wanted}.")
        attributes = {**attributes, name: username}
    pool.check_attributes(attributes)
    for name in pool.extended_config.get("AliasAttributes") or []:
        if pool.holder_of(attributes.get(name, "")) is not None:
            raise Refusal("AliasExistsException", f"An account with the {name} already exists.")
    return attributes


def new_account(pool: DemoPool, username: str, attributes: dict[str, str], status: str, clock: Clock) -> Account:
    """An account that is not in the pool yet; where an attribute signs in, the subject is its username."""
    sub, now = str(uuid.uuid4()), clock()
    name = sub if pool.sign_in_attributes else username
    return Account(name, status, now, now, {**attributes, "sub": sub})


def confirm(account: Account, clock: Clock) -> None:
    """UNCONFIRMED becomes CONFIRMED; Refusal from any other status."""
    if account.status != "UNCONFIRMED":
        raise not_authorized(f"User cannot be confirmed. Current status is {account.status}")
    account.status, account.modified = "CONFIRMED", clock()


def recovery_contact(pool: DemoPool, account: Account) -> str:
    """Where a reset code goes, by the pool's recovery setting. Refusal where none may be sent."""
    setting = (pool.extended_config.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or [
        {"Priority": 1, "Name": "verified_phone_number"},
        {"Priority": 2, "Name": "verified_email"},
    ]
    ways = [str(row["Name"]) for row in sorted(setting, key=lambda row: int(row["Priority"]))]
    if "admin_only" in ways:
        raise not_authorized("Contact administrator to reset password.")
    if not account.enabled:
        raise not_authorized("User is disabled.")
    if account.status not in ("CONFIRMED", "RESET_REQUIRED"):
        raise not_authorized("User password cannot be reset in the current state.")
    for way in ways:
        contact = way.removeprefix("verified_")
        if account.verified(contact):
            return contact
    raise bad_parameter(NO_VERIFIED_CONTACT)


def change_attributes(pool: DemoPool, account: Account, changes: dict[str, str], clock: Clock) -> list[str]:
    """Write attributes; an empty value removes one. Returns the contacts that changed and are unverified now.

    Where the pool keeps a contact until it is verified, the new one waits in `pending`.
    """
    pool.check_attributes(changes)
    for name, value in changes.items():
        if name in pool.sign_in_attributes and pool.holder_of(value, other_than=account) is not None:
            raise Refusal("AliasExistsException", f"An account with the given {name} already exists.")
    merged = {**account.attributes, **changes}
    unverified = []
    for contact in ("email", "phone_number"):
        moved = contact in changes and changes[contact] != account.attributes.get(contact)
        if moved and changes.get(f"{contact}_verified", "").lower() != "true":
            if changes[contact]:
                unverified.append(contact)
            if contact in pool.kept_until_verified and changes[contact] and account.attributes.get(contact):
                account.pending[contact] = changes[contact]
                merged |= {n: account.attributes.get(n, "") for n in (contact, f"{contact}_verified")}
            else:
                merged[f"{contact}_verified"] = "false"
        elif moved:
            account.pending.pop(contact, None)
    pool.change(account, {k: v for k, v in merged.items() if v != ""}, clock())
    return unverified


def drop_attributes(pool: DemoPool, account: Account, names: list[str], clock: Clock) -> None:
    """Remove attributes. Refusal for those that the schema does not know or that sign in."""
    for name in names:
        if name not in pool.schema_attributes:
            raise bad_parameter(f"Invalid user attributes: user.{name}: Attribute does not exist in the schema.\n")
        if name == "sub" or name in pool.sign_in_attributes:
            raise bad_parameter(f"Invalid user attributes: user.{name}: Attribute cannot be deleted.\n")
    pool.change(account, {k: v for k, v in account.attributes.items() if k not in names}, clock())


def set_preference(pool: DemoPool, account: Account, call: Call) -> None:
    """SetUserMFAPreference and its Admin twin: refused as a whole, or done as a whole."""
    factors, preferred = set(account.factors), account.preferred
    for parameter, factor in FACTOR_SETTINGS.items():
        if parameter not in call.params:
            continue
        setting = call.table(parameter)
        enabled, prefer = bool(setting.get("Enabled")), bool(setting.get("PreferredMfa"))
        if prefer and not enabled:
            raise bad_parameter(f"{factor} cannot be preferred while it is not enabled.")
        if enabled:
            _check_factor(pool, account, factor)
        factors = factors | {factor} if enabled else factors - {factor}
        if prefer:
            preferred = factor
        elif preferred == factor:
            preferred = None
    account.factors, account.preferred = factors, preferred


def _check_factor(pool: DemoPool, account: Account, factor: str) -> None:
    if pool.mfa_config == "OFF":
        raise bad_parameter("User pool does not have MFA enabled.")
    if factor == "SOFTWARE_TOKEN_MFA":
        if not (pool.token_mfa_config or {}).get("Enabled"):
            raise bad_parameter("Software token MFA is not enabled for the user pool.")
        if account.token is None:
            raise bad_parameter("User has not verified software token mfa")
    elif factor == "SMS_MFA":
        if not pool.sms_mfa_config:
            raise bad_parameter("SMS MFA is not enabled for the user pool.")
        if not account.verified("phone_number"):
            raise bad_parameter("User does not have delivery config set to turn on SMS_MFA")
    else:
        raise bad_parameter("Email MFA is not enabled for the user pool.")
