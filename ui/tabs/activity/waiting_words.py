"""What a database write that waits is called, what it waits for, and what giving it up would leave behind."""

from __future__ import annotations

from datetime import datetime

from app.waiting import Waiting, Why
from ui.text import clock, tr

_NAMED = 3  # people in a sentence
_KINDS = {
    "confirm_email": ("Confirm email", "The row keeps the email as not verified, although Cognito has it verified."),
    "mfa_enrolled": ("Authenticator", "The row does not learn of the authenticator that Cognito has."),
    "mfa_disabled": ("MFA off", "The row keeps MFA on, although Cognito has it off."),
    "password_reset": ("Password reset", "The row does not learn that the password was reset."),
    "user_created": ("New row", "The account exists in Cognito, and the database gets no row for it."),
    "user_disabled": ("Disable row", "The row keeps its status, although the account is disabled in Cognito."),
    "user_enabled": ("Enable row", "The row stays disabled, although the account is enabled in Cognito."),
    "user_deleted": ("Disable row", "The row keeps its status, although the account is gone from Cognito."),
    "contact_changed": ("Attributes", "The row keeps its old values: email, name, role or organisation differ."),
}


def who(waiting: Waiting) -> str:
    """Whose row it is about."""
    return waiting.mirror.email or waiting.mirror.sub


def kind_words(waiting: Waiting) -> str:
    """What would be written."""
    words = _KINDS.get(waiting.mirror.kind)
    return tr(words[0]) if words is not None else waiting.mirror.kind


def stays_different(waiting: Waiting) -> str:
    """What differs between Cognito and the database for good if it is given up."""
    words = _KINDS.get(waiting.mirror.kind)
    return tr(words[1]) if words is not None else tr("Cognito and the database stay different.")


def reason_words(waiting: Waiting) -> str:
    """What it waits for."""
    said = waiting.mirror.error or ""
    match waiting.why:
        case Why.AWAY:
            return tr("The database is away. {said}", said=said).strip()
        case Why.REFUSED:
            return tr("The database refuses it: {said}", said=said)
        case Why.BEHIND if waiting.first is not None and waiting.first.why is Why.REFUSED:
            return tr("Waits behind “{kind}” above, which the database refuses.", kind=kind_words(waiting.first))
        case Why.BEHIND:
            return tr("Waits behind an earlier change of this person.")
        case Why.ELSEWHERE if not waiting.mirror.target:
            return tr("Waits for a database: this connection has none now.")
        case Why.ELSEWHERE:
            return tr("Waits for {target}: this connection has another now.", target=waiting.mirror.target)
        case _:
            return tr("Not tried yet.")


def next_words(waiting: Waiting, now: datetime) -> str:
    """When it is tried next by itself."""
    if waiting.why is Why.ELSEWHERE:
        return tr("when it is back")
    if waiting.forbidden is not None:
        return tr("by others")
    if waiting.why is Why.BEHIND:
        return tr("after that")
    due = waiting.mirror.retry_at
    return tr("now") if due is None or due <= now else clock(due)


def summary(waiting: tuple[Waiting, ...]) -> str:
    """The banner's sentence: away and refused are different things to do something about."""
    parts = []
    follow = [each for each in waiting if each.why in (Why.NEW, Why.AWAY)]
    refused = [each for each in waiting if each.why is Why.REFUSED]
    if follow:
        parts.append(tr("Done in Cognito; the database follows by itself once it answers: {who}.", who=_named(follow)))
    if refused:
        parts.append(tr("The database refuses a change of {who}; later ones wait behind it.", who=_named(refused)))
    if any(each.why is Why.ELSEWHERE for each in waiting):
        parts.append(tr("Some wait for another pool or database than this connection has now."))
    return " ".join(parts)


def _named(waiting: list[Waiting]) -> str:
    people = sorted({who(each) for each in waiting})
    return ", ".join(people[:_NAMED]) + ("…" if len(people) > _NAMED else "")
