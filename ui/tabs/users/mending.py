"""Deeds that bring the database row in line with Cognito, through the same fixes as the whole pool's comparison."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from app.bulk import Left
from app.changes import Outcome
from app.directory.differences import Kind
from app.errors import AppError, ErrorCode
from app.permissions import Action
from ui.tabs.users.deed import Deed
from ui.tabs.users.person import Person
from ui.tabs.users.wording import Question
from ui.text import tr

if TYPE_CHECKING:
    from app.desk import Desk


def deeds() -> tuple[Deed, ...]:
    """One for each kind of difference that a row can be cured of."""
    align = Action.ALIGN_ROW
    return (
        _deed("row.add", Action.ADD_ROW, Kind.ONLY_COGNITO, "{who} has a row in the database now.", _has_no_row),
        _deed("row.email", align, Kind.EMAIL, "The row of {who} has Cognito's address now.", _has_row),
        _deed("row.subject", align, Kind.SUBJECT, "The row of {who} names this account now.", _has_row),
        _deed("row.provider", align, Kind.PROVIDER, "{who}'s row belongs to Cognito now.", _has_row, _ask_provider),
        _deed("row.mfa", align, Kind.MFA, "The row of {who} says of MFA what Cognito says.", _has_row),
    )


def _deed(
    command_id: str,
    action: Action,
    kind: Kind,
    done: str,
    hindrance: Callable[[Person], str | None],
    ask: Callable[[Person, bool], Question | None] | None = None,
) -> Deed:
    job = "Mending the database row of {who}"
    return Deed(command_id, action, "", job, done, partial(_mend, kind), ask, hindrance)


def _mend(kind: Kind, desk: Desk, person: Person) -> Outcome[Any]:
    """AppError(USER_STATE) with the reason where there is nothing to mend, or a rule forbids it."""
    from app.drift.report import DriftLine

    user, row = person.user, person.database
    if kind is Kind.EMAIL and row is not None and row.email.casefold() == user.email.casefold():
        kind = Kind.EMAIL_CASE
    line = DriftLine(
        (kind,), username=user.username, sub=user.sub, email=user.email, row_id=row.id if row is not None else None
    )
    made = desk.drift.mender(desk.drift.fixes(kind)[0])(line)
    if isinstance(made, Left):
        raise AppError(ErrorCode.USER_STATE, made.reason, subject=user.username)
    return Outcome(None, 0, "done", made.note)


def _has_row(person: Person) -> str | None:
    return None if person.database is not None else tr("The database has no row for this person.")


def _has_no_row(person: Person) -> str | None:
    if not person.database_known:
        return tr("It is not known whether the database has a row.")
    return None if person.database is None else tr("The database has a row for this person.")


def _ask_provider(person: Person, has_database: bool) -> Question | None:
    provider = person.database.auth_provider if person.database is not None else ""
    points = (
        tr("The application then signs them in through Cognito, and no longer through “{name}”.", name=provider),
        tr("There is no way back from here."),
    )
    title = tr("Let the row of {who} belong to Cognito?", who=person.address)
    return Question(title, points, tr("Change the row"), danger=True)
