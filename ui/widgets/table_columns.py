"""The columns that the user table can have: what each shows, what it sorts by, and how wide it is. Pure.

A column's key is a field of UserRow, or the name of an attribute. Whoever adds one to CATALOGUE can choose it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.directory.index import UserRow
from app.directory.models import UserStatus
from app.directory.query import CUSTOM
from ui import text
from ui.text import tr
from ui.widgets.badge import Badge, Tone, mfa_badge, onboarding_badge, user_badge, verified_badge

UNKNOWN = "–"
ATTRIBUTE_WIDTH = 132


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows: words, or a badge with the same words; `hint` is its tooltip where there is more to say.

    The tooltip of a `moment` is its exact time, put into words only when somebody wants to see it.
    """

    words: str
    badge: Badge | None = None
    hint: str = ""
    moment: datetime | None = None

    @property
    def tip(self) -> str:
        """The tooltip; empty where there is none."""
        return self.hint if self.moment is None else text.exact(self.moment)


@dataclass(frozen=True, slots=True)
class Seen:
    """One user and what cells need beside: the attributes where a column shows one, the clock, the pool's policy."""

    user: UserRow
    attributes: Mapping[str, str]
    now: datetime
    validity: timedelta | None  # of temporary passwords; None while it is not known


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, its title, its width in pixels, its share of spare room, and its least width.

    `loud`: its words are in full ink. `least` 0: it is never narrower than `width`, unless a person makes it so.
    """

    key: str
    title: str
    cell: Callable[[Seen], Cell]
    width: int
    stretch: int = 0
    hint: str = ""
    least: int = 0
    loud: bool = False
    attribute: bool = False


def _email(seen: Seen) -> Cell:
    return Cell(seen.user.email or seen.user.username)


def _status(seen: Seen) -> Cell:
    user = seen.user
    expired = (
        seen.validity is not None
        and user.status is UserStatus.FORCE_CHANGE_PASSWORD
        and user.modified + seen.validity < seen.now
    )
    return _badge(user_badge(user.status, user.enabled, expired))


def _mfa(seen: Seen) -> Cell:
    user = seen.user
    if user.mfa is None:
        return Cell(UNKNOWN, None, mfa_badge(None).hint)
    if user.mfa == "none" and user.mfa_required:
        return _badge(Badge(text.mfa("none"), Tone.WARN, None, tr("MFA is required, and not set up yet.")))
    return _badge(mfa_badge(user.mfa))


def _onboarding(seen: Seen) -> Cell:
    if seen.user.in_database is None:
        return Cell(UNKNOWN, None, tr("The database has not been read."))
    return _badge(onboarding_badge(seen.user.onboarding))


def _groups(seen: Seen) -> Cell:
    groups = seen.user.groups
    if groups is None:
        return Cell(UNKNOWN, None, tr("Groups are read on demand: “Show groups” in the menu of the list."))
    return Cell(", ".join(groups), None, "\n".join(groups) if len(groups) > 1 else "")


def _required(seen: Seen) -> Cell:
    words = {True: tr("required"), False: tr("optional"), None: UNKNOWN}
    return Cell(words[seen.user.mfa_required])


def _badge(badge: Badge) -> Cell:
    return Cell(badge.text, badge, badge.hint)


def _words(key: str) -> Callable[[Seen], Cell]:
    return lambda seen: Cell(str(getattr(seen.user, key)))


def _time(key: str) -> Callable[[Seen], Cell]:
    def cell(seen: Seen) -> Cell:
        moment = getattr(seen.user, key)
        return Cell(text.when(moment), moment=moment)

    return cell


CATALOGUE: dict[str, Column] = {
    column.key: column
    for column in (
        Column("email", "Email", _email, 260, 3, least=228, loud=True),
        Column("name", "Name", _words("name"), 132, 2, least=104, loud=True),
        Column("status", "Cognito", _status, 145, 0, "The account's state in the user pool.", loud=True),
        Column("onboarding", "Onboarding", _onboarding, 164, 0, "Where the person stands in the application database.",
               loud=True),
        Column("mfa", "MFA", _mfa, 76, 0, "The second factor at sign-in.", loud=True),
        Column("organization", "Organisation", _words("organization"), 128, 1),
        Column("groups", "Groups", _groups, 140, 1, "The groups of the pool, read on demand."),
        Column("created", "Created", _time("created"), 144),
        Column("modified", "Changed", _time("modified"), 144, 0, "The last change of the account in Cognito."),
        Column("phone", "Phone", _words("phone"), 132),
        Column("email_verified", "Email verified", lambda seen: _badge(verified_badge(seen.user.email_verified)), 124),
        Column("role", "Role", _words("role"), 96),
        Column("mfa_required", "MFA required", _required, 108, 0, "Whether the application database asks for MFA."),
        Column("username", "Username", _words("username"), 264),
        Column("sub", "Subject", _words("sub"), 264, 0, "The identifier that never changes (sub)."),
    )
}  # fmt: skip
DEFAULT = ("email", "name", "status", "mfa", "onboarding", "organization", "created", "modified")
# Attributes that a column of CATALOGUE shows already.
SHOWN = frozenset(
    {"email", "email_verified", "name", "phone_number", "sub", "custom:role", "custom:organizationid", "identities"}
)


def narrowest(columns: Sequence[Column]) -> int:
    """The pixels in which every column that matters is in sight and none is cut."""
    return sum(column.least or column.width for column in columns if column.loud)


def attribute_column(name: str) -> Column:
    """A column for one attribute of Cognito, by its name: "custom:team", "given_name"."""
    title = name
    for prefix in reversed(CUSTOM):
        title = title.removeprefix(prefix)
    return Column(name, title, lambda seen: Cell(seen.attributes.get(name, "")), ATTRIBUTE_WIDTH, 0,
                  tr("The attribute {name}", name=name), attribute=True)  # fmt: skip


def column_of(key: str) -> Column:
    """The column of this key; one that CATALOGUE does not know is taken for an attribute."""
    return CATALOGUE.get(key) or attribute_column(key)


def columns_of(keys: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these keys, each once; the usual ones where there is none."""
    return tuple(column_of(key) for key in dict.fromkeys(keys) or DEFAULT)


def widths(columns: Sequence[Column], room: int, chosen: Mapping[str, int] | None = None) -> list[int]:
    """The columns' widths in pixels where there is `room`; `chosen` are those that a person has set.

    Where not all fit, as many as can stay in sight fill the room, so that none is cut at its edge; the others are a
    scroll to the right. Room that is left over is shared, and want of it borne, by those that can: email and name.
    """
    chosen = chosen or {}
    usual = [chosen.get(column.key, column.width) for column in columns]
    least = [
        width if column.key in chosen else column.least or width for column, width in zip(columns, usual, strict=True)
    ]
    stretch = [0 if column.key in chosen else column.stretch for column in columns]
    count = len(columns)
    while count > 1 and sum(least[:count]) > room:
        count -= 1
    spare = room - sum(usual[:count])
    made = list(usual)
    if spare >= 0:
        shares = max(1, sum(stretch[:count]))
        for i in range(count):
            made[i] += spare * stretch[i] // shares
    else:
        slack = [usual[i] - least[i] for i in range(count)]
        give = max(0, room - sum(least[:count]))
        for i in range(count):
            made[i] = least[i] + (give * slack[i] // sum(slack) if any(slack) else 0)
    return made
