"""What each change of a person asks of their database row. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from app.directory.models import User
from app.journal_models import MirrorRequest
from app.onboarding.mirror import MirrorKind

_NAMES = ("name", "given_name", "family_name")
# Attribute -> column of auth.users (source document, section 2).
_RIGHTS = {"custom:role": "role", "custom:organizationId": "organization_id"}


def request(kind: MirrorKind, user: User, payload: Mapping[str, str] | None = None) -> MirrorRequest:
    """The write of `kind` to the row of somebody, named as they are before the change."""
    return MirrorRequest(kind.value, user.email, user.sub, payload or {})


def created(user: User, asked: Mapping[str, str]) -> MirrorRequest:
    """The row of somebody new; `asked` are the attributes that were sent, should the answer leave some out."""
    known = {**asked, **user.attributes}
    payload = {"name": user.name, "email_verified": str(user.email_verified).lower()}
    payload |= {column: known[name] for name, column in _RIGHTS.items() if known.get(name)}
    return MirrorRequest(MirrorKind.USER_CREATED.value, known.get("email", ""), user.sub, payload)


def asked(attributes: Mapping[str, str]) -> MirrorRequest:
    """What `created` will about be, before there is an answer: enough to find somebody whose answer never came."""
    payload = {name: value for name, value in attributes.items() if name in ("email", *_NAMES, *_RIGHTS)}
    return MirrorRequest(MirrorKind.USER_CREATED.value, attributes.get("email", ""), "", payload)


def attributes_changed(user: User, changes: Mapping[str, str]) -> MirrorRequest | None:
    """What the row must learn of changed attributes: only what changed, so that nothing of its own is overwritten.

    None where the row keeps none of it.
    """
    after = replace(user, attributes=applied(user.attributes, changes))
    if set(changes) == {"email_verified"} and after.email_verified:
        return request(MirrorKind.CONFIRM_EMAIL, user)
    payload: dict[str, str] = {}
    if "email" in changes:
        payload["email"] = after.email
    if "email" in changes or "email_verified" in changes:
        payload["email_verified"] = str(after.email_verified).lower()
    if any(name in changes for name in _NAMES):
        payload["name"] = after.name
    payload |= {column: after.attributes.get(name, "") for name, column in _RIGHTS.items() if name in changes}
    return request(MirrorKind.CONTACT_CHANGED, user, payload) if payload else None


def in_effect(changes: Mapping[str, str], kept: Collection[str]) -> dict[str, str]:
    """Those of the changes that hold at once: a contact in `kept` waits until it is verified, unless it is set so."""
    waiting = {name for name in kept if changes.get(name) and changes.get(f"{name}_verified") != "true"}
    return {name: value for name, value in changes.items() if name.removesuffix("_verified") not in waiting}


def applied(attributes: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """The attributes after AdminUpdateUserAttributes: an empty value removes one, a new contact is unverified."""
    after = {**attributes, **changes}
    for contact in ("email", "phone_number"):
        verified = f"{contact}_verified"
        if contact in changes and changes[contact] != attributes.get(contact) and verified not in changes:
            after[verified] = "false"
    return {name: value for name, value in after.items() if value}
