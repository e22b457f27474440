"""What the journal stores, as values. Nothing here may hold a secret: names that sound like one are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.errors import AppError, ErrorCode
from app.permissions import Action


class EntryState(StrEnum):
    """Where a change stands. Append only: the values are stored."""

    BEGUN = "begun"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it was sent and no answer came: only reading again can tell
    INTERRUPTED = "interrupted"  # the process died between intent and outcome


class MirrorState(StrEnum):
    """Where a database write that follows a change stands. Append only: the values are stored."""

    PENDING = "pending"
    DONE = "done"
    DISCARDED = "discarded"
    SKIPPED = "skipped"  # the database has no row that it could be written to


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: who did what to whom, and how it ended. Times are UTC. `owner` is the process that made it."""

    id: int
    at: datetime
    connection: str
    operator: str
    action: Action
    subject: str
    details: Mapping[str, str]
    state: EntryState
    finished_at: datetime | None = None
    error_code: ErrorCode | None = None
    message: str | None = None
    request_id: str | None = None
    owner: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class MirrorRequest:
    """A write to the application database that must follow a change in Cognito.

    `kind` is a value of app.onboarding.mirror.MirrorKind. `email` and `sub` name the person as before the change.
    """

    kind: str
    email: str
    sub: str = ""
    payload: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_secrets(self.payload)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a mirror. `skipped`: the row was left alone; `note` says why, else what was written.

    `learned` is kept for later mirrors of the person, who get it as payload: what the database itself may forget.
    None keeps what was learned before.
    """

    note: str
    skipped: bool = False
    learned: Mapping[str, str] | None = None


def _forget(attempt: str, learned: Mapping[str, str] | None) -> None:
    """For mirrors that no journal keeps."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A stored MirrorRequest. `retry_at` is None until a first attempt failed; `error` is what that attempt said.

    `target` names the pool and the database that it is meant for; empty where an older version did not record it.
    `action` is the change that it follows: who may make that change may also write this. `attempt` is the database's
    transaction of a try whose end may not have been seen; whoever writes calls `remember` with that of a new one, and
    with what is `learned` by it, before it is committed.
    """

    id: int
    entry_id: int
    connection: str
    kind: str
    email: str
    sub: str
    payload: Mapping[str, str]
    state: MirrorState
    at: datetime
    attempts: int = 0
    retry_at: datetime | None = None
    error_code: ErrorCode | None = None
    error: str | None = None
    note: str = ""
    target: str = ""
    action: Action | None = None
    attempt: str = ""
    remember: Callable[[str, Mapping[str, str] | None], None] = field(default=_forget, compare=False, repr=False)

    def concerns_same_person(self, other: Mirror) -> bool:
        """Whether both write to the row of one person, so that their order counts."""
        same_email = email_key(self.email) == email_key(other.email) != ""
        return same_email or self.sub == other.sub != ""


def email_key(email: str) -> str:
    """The form in which email addresses of mirrors are compared."""
    return email.strip().casefold()


_SECRET_NAME = re.compile(
    r"pass_?(word|wd|code|phrase)|secret|token|credential|(access|private)_?key|(^|[^a-z])codes?([^a-z]|$)"
)


def refuse_secrets(details: Mapping[str, str]) -> None:
    """Raise AppError(INTERNAL) if a key is named like a secret: whoever passes one has a fault to mend."""
    for key in details:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
        if _SECRET_NAME.search(words):
            message = f'The journal must not hold "{key}": it is named like a secret.'
            raise AppError(ErrorCode.INTERNAL, message, subject=key)
