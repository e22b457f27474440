"""Two to six people side by side: what Cognito and the database hold, and where they differ. Pure, but `read`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.desk import Desk
from app.directory.index import UserRow
from app.directory.models import User
from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser
from app.work import Work
from ui import text
from ui.text import tr

ABSENT = "–"
# Every person has their own: that they differ says nothing.
_OWN = frozenset(
    {"Username", "sub", "Created", "Changed", "Row", "Subject", "Row created", "Row changed", "identities"}
)
_ORDER = ("email", "email_verified", "name", "given_name", "family_name", "phone_number", "phone_number_verified")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the people. `record` is None where the database has no row; `error` tells why it is not known."""

    row: UserRow
    attributes: Mapping[str, str]
    record: DatabaseUser | None = None
    error: AppError | None = None

    @property
    def title(self) -> str:
        """How the person is called at the head of the column."""
        return self.row.email or self.row.name or self.row.username


@dataclass(frozen=True, slots=True)
class Line:
    """One fact about all of them. `odd` are those who differ from most; everybody, where no value prevails."""

    section: str
    name: str
    values: tuple[str, ...]
    odd: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        """Whether it is worth a look."""
        return bool(self.odd)


def read(desk: Desk, usernames: Sequence[str], work: Work) -> list[Side]:
    """The people as the list and the database hold them (bills nobody). Those who are gone are left out."""
    sides = []
    for username in usernames:
        work.check()
        row, attributes = desk.index.get(username), desk.index.attributes(username)
        if row is None or attributes is None:
            continue
        user = User(row.username, row.status, row.enabled, row.created, row.modified, attributes)
        try:
            sides.append(Side(row, attributes, desk.people.row(user)))
        except AppError as error:
            sides.append(Side(row, attributes, None, error))
    return sides


def lines(sides: Sequence[Side]) -> list[Line]:
    """Every fact, section by section."""
    cognito = tr("Cognito account")
    found = [
        _line(cognito, name, [value(side.row) for side in sides])
        for name, value in (
            ("Username", lambda row: row.username),
            ("Status", lambda row: text.user_status(row.status)),
            ("Enabled", lambda row: _yes(row.enabled)),
            ("Second factor", lambda row: text.mfa(row.mfa)),
            ("Created", lambda row: text.when(row.created)),
            ("Changed", lambda row: text.when(row.modified)),
        )
    ]
    names = {name for side in sides for name in side.attributes}
    ranked = sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name.lower()))
    found += [_line(tr("Attributes"), name, [side.attributes.get(name, "") for side in sides]) for name in ranked]
    if all(side.error is not None and side.error.code is ErrorCode.DATABASE_MISSING for side in sides):
        return found  # a connection without a database
    return found + [_line(tr("Database"), name, [_of(side, value) for side in sides]) for name, value in _DATABASE]


def _line(section: str, name: str, values: Sequence[str]) -> Line:
    shown = tuple(value or ABSENT for value in values)
    if name in _OWN or len(set(shown)) < 2:
        return Line(section, tr(name), shown)
    value, times = Counter(shown).most_common(1)[0]
    prevails = times * 2 > len(shown)
    return Line(section, tr(name), shown, frozenset(i for i, one in enumerate(shown) if not prevails or one != value))


def _of(side: Side, value: Callable[[DatabaseUser], str]) -> str:
    if side.error is not None:
        return tr("not known")
    return tr("no row") if side.record is None else value(side.record)


def _yes(value: bool | None) -> str:
    return {True: tr("yes"), False: tr("no"), None: ""}[value]


def _when(moment: datetime | None) -> str:
    return text.when(moment) if moment is not None else ""


_DATABASE: tuple[tuple[str, Callable[[DatabaseUser], str]], ...] = (
    ("Row", lambda record: record.id),
    ("Onboarding", lambda record: text.onboarding_status(record.status)),
    ("Email in the row", lambda record: record.email),
    ("Email verified in the row", lambda record: _yes(record.email_verified)),
    ("Subject", lambda record: record.subject or ""),
    ("Provider", lambda record: record.auth_provider),
    ("Role", lambda record: record.role or ""),
    ("Organisation", lambda record: record.organization_id or ""),
    ("MFA required", lambda record: _yes(record.mfa_required)),
    ("MFA method", lambda record: record.mfa_method or ""),
    ("MFA enrolled", lambda record: _when(record.mfa_enrolled_at)),
    ("Row created", lambda record: _when(record.created_at)),
    ("Row changed", lambda record: _when(record.updated_at)),
)
