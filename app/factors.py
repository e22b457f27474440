"""Who has no second factor: counted from the database or from what Cognito said, and written to.

Blocking; any thread; raises AppError or Cancelled only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from app import permissions
from app.directory.selection import Matching, Selection
from app.errors import AppError, ErrorCode, invalid
from app.files import writing
from app.permissions import Action

if TYPE_CHECKING:
    from app.directory.index import UserIndex
    from app.onboarding.database import Database
    from app.upkeep import Upkeep
    from app.work import Work

_DAY: Final = 86_400.0
AGES: Final = (7, 30, 90, 365)
"""Days: the ages of accounts are counted in the five spans between and beyond these."""
_BOUNDS: Final = tuple(days * _DAY for days in AGES)
LETTER_SIZE: Final = 100  # addresses in one draft: more are refused by many mail servers

NOBODY_YET: Final = Matching("mfa:none enabled:yes")
"""Who is written to unless something else is chosen."""


@dataclass(frozen=True, slots=True)
class Cell:
    """People of one status and one span of age: all, those without a second factor, those of whom nobody knows."""

    status: str
    age: int
    people: int
    without: int
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Census:
    """One count. `source`: statuses of the database are those of the ladder, Cognito's those of accounts."""

    source: Literal["database", "cognito"]
    cells: tuple[Cell, ...]
    at: datetime

    def total(self, status: str | None = None, age: int | None = None) -> Cell:
        """The sum over one status, one span, both, or everything."""
        found = [c for c in self.cells if status in (None, c.status) and age in (None, c.age)]
        return Cell(
            status or "",
            -1 if age is None else age,
            sum(c.people for c in found),
            sum(c.without for c in found),
            sum(c.unknown for c in found),
        )

    @property
    def statuses(self) -> tuple[str, ...]:
        """Those that occur, most people first."""
        found = {cell.status for cell in self.cells}
        return tuple(sorted(found, key=lambda status: (-self.total(status).people, status)))


@dataclass(frozen=True, slots=True)
class Letters:
    """Mail drafts that were written, to how many, and how many people have no verified address to write to."""

    paths: tuple[Path, ...]
    people: int
    left_out: int


class Factors:
    """The overview of one connection, for one operator. `database` is None for a pool without one."""

    def __init__(self, index: UserIndex, upkeep: Upkeep, database: Database | None) -> None:
        self._index = index
        self._upkeep = upkeep
        self._database = database

    def in_database(self, now: datetime | None = None) -> Census:
        """By the database. AppError DATABASE_MISSING, DATABASE_SCHEMA or what the database says."""
        from app.onboarding.factors import factor_counts

        if self._database is None:
            raise AppError(ErrorCode.DATABASE_MISSING, "No application database is configured for this connection.")
        moment = now or datetime.now(UTC)
        counts = factor_counts(self._database, moment, _BOUNDS)
        return Census("database", tuple(Cell(*each) for each in counts), moment)

    def in_cognito(self, now: datetime | None = None) -> Census:
        """By what Cognito said of the loaded people, as far as it was asked."""
        from app.directory.factors import factor_counts

        moment = now or datetime.now(UTC)
        return Census("cognito", tuple(Cell(*each) for each in factor_counts(self._index, moment, _BOUNDS)), moment)

    def addresses(self, who: Selection = NOBODY_YET) -> tuple[str, ...]:
        """The verified addresses of some people, to be copied: personal data, journalled like an export."""
        self._permit()
        found = tuple(self._mailable(who))
        self._upkeep.changes.perform(
            Action.EXPORT_USERS, "users", lambda: None, details=_details(who, len(found), "clipboard")
        )
        return found

    def letters(self, work: Work, path: Path, subject: str, body: str, who: Selection = NOBODY_YET) -> Letters:
        """Write drafts that a mail program opens to be looked at and sent (.eml, addresses in Bcc, 100 to a draft).

        The Desk sends nothing. For the owner alone, all of them or none. AppError: NOT_ALLOWED, INVALID_INPUT about
        path, subject, body or search (nobody to write to), FILE_ERROR.
        """
        self._permit()
        if path.suffix.lower() != ".eml":
            raise invalid("path", f"Name of the file: it ends in .eml, not “{path.suffix}”.")
        if not subject.strip() or any(ord(c) < 32 for c in subject):
            raise invalid("subject", "Subject: write one line.")
        if not body.strip():
            raise invalid("body", "Text: it is empty. Say what people should do.")
        everybody = len(self._index.chosen(who))
        found = tuple(self._mailable(who))
        if not found:
            raise invalid("search", "Nobody of these has a verified email address. Load the people, or search anew.")
        outcome = self._upkeep.changes.perform(
            Action.EXPORT_USERS,
            "users",
            lambda: _write_letters(work, path, subject.strip(), body, found),
            details={**_details(who, len(found), "mail draft"), "file": path.name},
            stopped="Stopped: no draft was written.",
        )
        return Letters(outcome.value, len(found), everybody - len(found))

    def _permit(self) -> None:
        permissions.check(self._upkeep.operator, Action.EXPORT_USERS)

    def _mailable(self, who: Selection) -> Iterator[str]:
        view = self._index.chosen(who)
        seen: set[str] = set()
        for start in range(0, len(view), 8_192):
            for row in view.rows(start, start + 8_192):
                # What a pool holds is anybody's input: a header takes no line breaks, and nothing that splits a list.
                plain = row.email.isascii() and row.email.isprintable() and not set(row.email) & set(' ,;<>"()')
                if row.email_verified and plain and row.email.count("@") == 1 and row.email.casefold() not in seen:
                    seen.add(row.email.casefold())
                    yield row.email


def _write_letters(work: Work, path: Path, subject: str, body: str, addresses: Sequence[str]) -> tuple[Path, ...]:
    parts = [addresses[start : start + LETTER_SIZE] for start in range(0, len(addresses), LETTER_SIZE)]
    paths = [path if len(parts) == 1 else path.with_stem(f"{path.stem}-{n}") for n in range(1, len(parts) + 1)]
    written: list[Path] = []
    try:
        for number, (part, place) in enumerate(zip(parts, paths, strict=True)):
            work.progress(number, len(parts), place.name)
            draft = EmailMessage(policy=SMTP)
            draft["X-Unsent"] = "1"  # mail programs open it as a draft
            draft["Subject"] = subject
            draft["Bcc"] = ", ".join(part)
            draft.set_content(body)
            with writing(place, replace=len(parts) == 1) as file:
                file.write(draft.as_bytes())
            written.append(place)
    except BaseException:
        for done in written:
            done.unlink(missing_ok=True)
        raise
    return tuple(paths)


def _details(who: Selection, people: int, form: str) -> dict[str, str]:
    search = who.query or "everybody" if isinstance(who, Matching) else "chosen one by one"
    return {"people": f"{people:,}", "search": search, "format": form, "columns": "email"}
