"""Changes that need more than a yes, as orders to be carried out: what is called, what is said. No widget here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.changes import Outcome
from app.directory.models import MfaPreference
from app.permissions import Action
from ui.tabs.users.person import Person
from ui.text import tr

if TYPE_CHECKING:
    from app.desk import Desk
    from app.directory.devices import Device
    from app.directory.groups import Group
    from app.directory.identities import Identity
    from app.directory.sessions import UserSession


@dataclass(frozen=True, slots=True)
class NewUser:
    """What the form for a new person asked for. The temporary password is left to Cognito where None."""

    username: str
    attributes: Mapping[str, str]
    temporary_password: str | None
    send_invitation: bool

    def __repr__(self) -> str:
        return f"NewUser({self.username!r})"  # never the password


@dataclass(frozen=True, slots=True)
class Order:
    """A change to be made. `job`, `done` and `undone` are what the status bar and the toasts after it say.

    The outcome itself tells how it is taken back; `back` does where it cannot (steps of the ladder).
    """

    action: Action
    username: str
    who: str
    job: str
    done: str
    call: Callable[[Desk], Outcome[Any]]
    undone: str = ""
    back: Callable[[Outcome[Any]], Order | None] | None = None

    def undo(self, outcome: Outcome[Any]) -> Order | None:
        """The order that takes it back; None where nothing does."""
        if self.back is not None:
            return self.back(outcome)
        inverse = outcome.undo
        if inverse is None:
            return None
        job = tr("{what}: {who}", what=inverse.words, who=self.who)
        done = self.undone or tr("All is as it was before for {who}.", who=self.who)
        return Order(inverse.action, self.username, self.who, job, done, lambda _: inverse.run(), self.done)


def create(new: NewUser) -> Order:
    """Create a person."""
    who = new.attributes.get("email") or new.username
    return Order(
        Action.CREATE_USER,
        new.username,
        who,
        tr("Creating {who}", who=who),
        tr("{who} was created.", who=who),
        lambda desk: desk.people.create(
            new.username,
            new.attributes,
            temporary_password=new.temporary_password,
            send_invitation=new.send_invitation,
        ),
    )


def set_password(person: Person, password: str, *, permanent: bool) -> Order:
    """Give the person a password."""
    user, federated = person.user, bool(person.federated)
    return _order(
        Action.SET_PASSWORD,
        person,
        "Setting a password for {who}",
        "The password of {who} was set.",
        lambda desk: desk.people.set_password(user, password, permanent=permanent, allow_federated=federated),
    )


def update_attributes(person: Person, changes: Mapping[str, str]) -> Order:
    """Change attributes of the person."""
    user, pool = person.user, person.pool
    return _order(
        Action.UPDATE_ATTRIBUTES,
        person,
        "Changing attributes of {who}",
        "The attributes of {who} were changed.",
        lambda desk: desk.people.update_attributes(user, changes, pool),
        "The attributes of {who} are as they were before.",
    )


def set_mfa_preference(person: Person, preference: MfaPreference) -> Order:
    """Choose which second factors Cognito asks the person for."""
    user = person.user
    return _order(
        Action.SET_MFA_PREFERENCE,
        person,
        "Changing the second factors of {who}",
        "The second factors of {who} were changed.",
        lambda desk: desk.people.set_mfa_preference(user, preference),
        "The second factors of {who} are as they were before.",
    )


def confirm(person: Person, *, verify_email: bool) -> Order:
    """Confirm somebody who signed up."""
    user = person.user
    return _order(
        Action.CONFIRM_SIGN_UP,
        person,
        "Confirming the sign-up of {who}",
        "The sign-up of {who} is confirmed.",
        lambda desk: desk.security.confirm(user, verify_email=verify_email),
    )


def join(person: Person, group: Group) -> Order:
    """Put the person into a group."""
    user = person.user
    done, undone = _membership(group)
    return _order(
        Action.ADD_TO_GROUP,
        person,
        "Adding {who} to a group",
        done,
        lambda desk: desk.memberships.add(user, group),
        undone,
    )


def leave(person: Person, group: Group) -> Order:
    """Take the person out of a group."""
    user = person.user
    undone, done = _membership(group)
    return _order(
        Action.REMOVE_FROM_GROUP,
        person,
        "Removing {who} from a group",
        done,
        lambda desk: desk.memberships.remove(user, group),
        undone,
    )


def end_session(person: Person, session: UserSession) -> Order:
    """End one session of the person, and those that belong to it."""
    user = person.user
    return _order(
        Action.REVOKE_SESSION,
        person,
        "Ending a session of {who}",
        "The session of {who} has ended.",
        lambda desk: desk.security.revoke_session(user, session, linked=True),
    )


def forget_device(person: Person, device: Device) -> Order:
    """Forget a device of the person."""
    user = person.user
    return _order(
        Action.FORGET_DEVICE,
        person,
        "Forgetting a device of {who}",
        "The device of {who} is forgotten.",
        lambda desk: desk.security.forget_device(user, device),
    )


def link(person: Person, provider: str, account: str) -> Order:
    """Let an account elsewhere sign in as the person."""
    user = person.user
    return _order(
        Action.LINK_IDENTITY,
        person,
        "Linking an account to {who}",
        "The account is linked to {who}.",
        lambda desk: desk.federation.link(user, provider, account),
        "The account is no longer linked to {who}.",
    )


def unlink(person: Person, identity: Identity) -> Order:
    """Part an account elsewhere from the person."""
    user = person.user
    return _order(
        Action.UNLINK_IDENTITY,
        person,
        "Unlinking an account from {who}",
        "The account is no longer linked to {who}.",
        lambda desk: desk.federation.unlink(user, identity),
    )


def _order(
    action: Action, person: Person, job: str, done: str, call: Callable[[Desk], Outcome[Any]], undone: str = ""
) -> Order:
    who = person.address
    said = tr(undone, who=who) if undone else ""
    return Order(action, person.user.username, who, tr(job, who=who), tr(done, who=who), call, said)


def _membership(group: Group) -> tuple[str, str]:
    """What is said of somebody who joined, and of somebody who left: with a place for {who}."""
    name = group.name.replace("{", "{{").replace("}", "}}")
    return tr("{{who}} is in {name} now.", name=name), tr("{{who}} left {name}.", name=name)
