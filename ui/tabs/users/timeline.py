"""What is known of somebody's way, the newest first: from the account, the database row and our own journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.journal_models import Entry, EntryState
from ui.journal_words import action_words, details_words
from ui.tabs.users.person import Person
from ui.text import tr


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. `source` says where it is written."""

    at: datetime
    words: str
    source: str


def timeline(person: Person, entries: Iterable[Entry]) -> list[Moment]:
    """Every moment that is written somewhere. Of changes in Cognito and in the row only the last one is."""
    user, row = person.user, person.database
    cognito, database, journal = tr("Cognito"), tr("database"), tr("this Desk")
    found = [Moment(user.created, tr("Account created"), cognito)]
    if user.modified > user.created:
        found.append(Moment(user.modified, tr("Account last changed"), cognito))
    if row is not None:
        moments = (
            (row.created_at, tr("Row created")),
            (row.mfa_enrolled_at, tr("Authenticator enrolled")),
            (row.password_reset_at, tr("Password reset")),
            (row.updated_at if row.updated_at != row.created_at else None, tr("Row last changed")),
        )
        found += [Moment(at, words, database) for at, words in moments if at is not None]
    for entry in entries:
        if entry.state is EntryState.SUCCEEDED:
            details = details_words(entry.details)
            words = f"{action_words(entry.action)} ({details})" if details else action_words(entry.action)
            found.append(Moment(entry.at, words, tr("{operator}, {desk}", operator=entry.operator, desk=journal)))
    return sorted(found, key=lambda moment: moment.at, reverse=True)
