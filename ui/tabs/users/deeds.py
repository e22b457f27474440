"""Every deed that the Users tab knows. No widget here.

One table serves the buttons, the menus, the palette and many people at once. The id is that of the command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from app.changes import Outcome
from app.directory.models import MfaPreference
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.people import action_of
from app.permissions import Action
from app.security import not_ended
from ui.tabs.users import mending, wording
from ui.tabs.users.deed import Deed
from ui.tabs.users.person import Person
from ui.tabs.users.wording import Question
from ui.text import tr

if TYPE_CHECKING:
    from app.desk import Desk
    from app.directory.groups import Group


def _named(question: Callable[[str, bool], Question]) -> Callable[[Person, bool], Question]:
    return lambda person, has_database: question(person.address, has_database)


def _row_disable(person: Person, has_database: bool) -> Question | None:
    # Disabled in Cognito already: the row only follows, and can be put back.
    return wording.row_disable_question(person.address) if person.user.enabled else None


def _move(edge: Edge, desk: Desk, person: Person) -> Outcome[Any]:
    assert person.database is not None  # _ladder has asked
    return desk.people.move(person.database, edge)


def _ladder(edge: Edge, person: Person) -> str | None:
    if person.database is None:
        return tr("The database has no row for this person.") if person.database_known else tr("The row is not known.")
    return ladder.why_not(edge, person.database.status)


def _step(edge: Edge, job: str, done: str, *, inverse: Edge | None = None, ask: bool = False) -> Deed:
    return Deed(
        f"onboarding.{edge.value}",
        action_of(edge),
        "",
        job,
        done,
        partial(_move, edge),
        ask=_row_disable if ask else None,
        hindrance=partial(_ladder, edge),
        inverse=f"onboarding.{inverse.value}" if inverse is not None else "",
    )


def _verify(contact: str, desk: Desk, person: Person) -> Outcome[Any]:
    return desk.people.update_attributes(person.user, {f"{contact}_verified": "true"})


def _verifiable(contact: str, person: Person) -> str | None:
    email = contact == "email"
    value, verified = (
        (person.user.email, person.user.email_verified) if email else (person.user.phone, person.user.phone_verified)
    )
    if not value:
        return tr("There is no email address.") if email else tr("There is no phone number.")
    return tr("It is verified already.") if verified else None


def _prefer_totp(desk: Desk, person: Person) -> Outcome[Any]:
    preference = MfaPreference(totp=True, preferred="totp")
    return desk.people.set_mfa_preference(person.user, preference)


def _preferred_already(person: Person) -> str | None:
    return tr("The authenticator is preferred already.") if person.user.preferred_factor == "totp" else None


def _sign_out(desk: Desk, person: Person) -> Outcome[Any]:
    return desk.security.sign_out(person.user, person.client)


def _requirement(required: bool, person: Person) -> str | None:
    nobody = tr("The requirement is kept in the database, which has no row for this person.")
    already = tr("It is required already.") if required else tr("It is not required.")
    if not person.complete:  # one of many, or not read yet: the table knows of the row, if it was joined
        listed = person.row
        if listed is None or listed.in_database is None:
            return None
        if not listed.in_database:
            return nobody
        return already if listed.mfa_required is required else None
    row = person.database
    if row is None:
        return nobody
    if row.mfa_required is None:
        return tr("The database has no column mfa_required, so that it cannot be kept who must use MFA.")
    if bool(row.mfa_required) is required:
        return already
    return None


def _remove_totp(person: Person, has_database: bool) -> Question:
    return wording.remove_totp_question(person.address, person.pool.mfa if person.pool is not None else "")


def _sign_out_question(person: Person, has_database: bool) -> Question:
    return wording.sign_out_question(person.address, not_ended(person.client))


def joining(group: Group) -> Deed:
    """Adding people to a group."""
    return Deed(
        "user.group_add",
        Action.ADD_TO_GROUP,
        "AdminAddUserToGroup",
        "Adding {who} to a group",
        "{who} is in the group now.",
        lambda desk, person: desk.memberships.add(person.user, group),
        subject=group.name,
    )


def _table() -> dict[str, Deed]:
    made = (
        Deed(
            "user.enable", Action.ENABLE_USER, "AdminEnableUser", "Enabling {who}", "{who} is enabled.",
            lambda desk, person: desk.people.enable(person.user),
            undone="{who} is disabled again.",
        ),
        Deed(
            "user.disable", Action.DISABLE_USER, "AdminDisableUser", "Disabling {who}", "{who} is disabled.",
            lambda desk, person: desk.people.disable(person.user),
            ask=_named(wording.disable_question), undone="{who} is enabled again.",
        ),
        Deed(
            "user.delete", Action.DELETE_USER, "AdminDeleteUser", "Deleting {who}", "{who} was deleted.",
            lambda desk, person: desk.people.delete(person.user),
            ask=_named(wording.delete_question), typed=True,
        ),
        Deed(
            "user.resend", Action.RESEND_INVITATION, "AdminCreateUser",
            "Resending the invitation to {who}", "The invitation was sent again to {who}.",
            lambda desk, person: desk.people.resend_invitation(person.user),
        ),
        Deed(
            "user.reset", Action.RESET_PASSWORD, "AdminResetUserPassword",
            "Resetting the password of {who}", "A code to choose a new password was sent to {who}.",
            lambda desk, person: desk.people.reset_password(person.user, person.pool),
            ask=_named(wording.reset_question),
        ),
        Deed(
            "user.verify_email", Action.UPDATE_ATTRIBUTES, "AdminUpdateUserAttributes",
            "Marking the email of {who} as verified", "The email of {who} is marked as verified.",
            partial(_verify, "email"),
            ask=lambda person, _: wording.verify_question(person.user.email),
            hindrance=partial(_verifiable, "email"), undone="The email of {who} is not verified, as before.",
        ),
        Deed(
            "user.verify_phone", Action.UPDATE_ATTRIBUTES, "AdminUpdateUserAttributes",
            "Marking the phone number of {who} as verified", "The phone number of {who} is marked as verified.",
            partial(_verify, "phone_number"),
            ask=lambda person, _: wording.verify_question(person.user.phone),
            hindrance=partial(_verifiable, "phone_number"),
            undone="The phone number of {who} is not verified, as before.",
        ),
        Deed(
            "user.prefer_totp", Action.SET_MFA_PREFERENCE, "AdminSetUserMFAPreference",
            "Choosing the authenticator of {who}", "Cognito asks {who} for the authenticator from now on.",
            _prefer_totp, hindrance=_preferred_already,
            undone="The second factors of {who} are as they were before.",
        ),
        Deed(
            "user.sign_out", Action.SIGN_OUT, "AdminUserGlobalSignOut",
            "Signing {who} out everywhere", "{who} is signed out everywhere.",
            _sign_out, ask=_sign_out_question,
        ),
        Deed(
            "user.remove_totp", Action.RESET_AUTHENTICATOR, "AdminDeleteSoftwareToken",
            "Removing the authenticator of {who}", "The authenticator of {who} is removed.",
            lambda desk, person: desk.security.remove_authenticator(person.user),
            ask=_remove_totp,
        ),
        Deed(
            "user.require_mfa", Action.REQUIRE_MFA, "AdminSetUserMFAPreference",
            "Requiring MFA of {who}", "MFA is required of {who} from now on.",
            lambda desk, person: desk.security.require_mfa(person.user, required=True),
            hindrance=partial(_requirement, True), undone="MFA is no longer required of {who}.",
        ),
        Deed(
            "user.lift_mfa", Action.REQUIRE_MFA, "",
            "Lifting the MFA requirement of {who}", "MFA is no longer required of {who}.",
            lambda desk, person: desk.security.require_mfa(person.user, required=False),
            hindrance=partial(_requirement, False), undone="MFA is required of {who} again.",
        ),
        _step(
            Edge.CONFIRM_EMAIL, "Confirming the email of {who} in the database",
            "The database has the email of {who} confirmed: now {{status}}.",
        ),
        _step(
            Edge.DISABLE, "Disabling {who} in the database", "{who} is disabled in the database too.",
            inverse=Edge.ENABLE, ask=True,
        ),
        _step(
            Edge.ENABLE, "Enabling {who} in the database", "{who} is {{status}} in the database again.",
            inverse=Edge.DISABLE,
        ),
        _step(Edge.APPROVE, "Approving {who}", "{who} was approved: now {{status}}."),
        _step(
            Edge.REOPEN, "Reopening the application of {who}", "The application of {who} was reopened.",
            inverse=Edge.REJECT,
        ),
        _step(Edge.REJECT, "Rejecting {who}", "{who} was rejected.", inverse=Edge.REOPEN),
        _step(
            Edge.RESUME, "Lifting the suspension of {who}", "The suspension of {who} was lifted.",
            inverse=Edge.SUSPEND,
        ),
        _step(Edge.SUSPEND, "Suspending {who}", "{who} was suspended.", inverse=Edge.RESUME),
    )  # fmt: skip
    return {deed.id: deed for deed in (*made, *mending.deeds())}


DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(_table())


def cost(command_id: str) -> str:
    """What a deed costs that is done on the spot: said beforehand by its button. Others say it in their question."""
    deed = DEEDS.get(command_id)
    return wording.billing(deed.operation) if deed is not None and deed.ask is None else ""
