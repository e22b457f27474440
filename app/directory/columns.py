"""The columns behind the index: how users and database facts become polars frames, and how they are found and ordered.

Imports polars (a quarter of a second): only from inside functions that run on a worker. Everything here is immutable.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from app.directory.models import User
from app.directory.query import CUSTOM, STANDARD
from app.directory.row import EPOCH

MICROSECOND = timedelta(microseconds=1)
WORDS = pl.Categorical()

# What Cognito says. Empty texts are null, so that they sort last; a `sub` of null means "the same as the username"
# (so in every pool that signs in by email), which saves 36 bytes a user.
OWN: dict[str, pl.DataType] = {
    "username": pl.String(),
    "sub": pl.String(),
    "email": pl.String(),
    "name": pl.String(),
    "phone": pl.String(),
    "status": WORDS,
    "enabled": pl.Boolean(),
    "created": pl.Int64(),  # microseconds since 1970, UTC: a datetime column would need a time zone database
    "modified": pl.Int64(),
    "email_verified": pl.Boolean(),
    "role": WORDS,
    "own_organization": WORDS,
    "own_mfa": WORDS,  # lists do not tell: see app.directory.learned
    "domain": WORDS,  # of the email address, in lower case
    "groups": WORDS,  # one per line, "" for none; null until they are read
    "search": pl.String(),
    "attributes": pl.String(),  # those without a column of their own, as Cognito spells them: see attribute_text
}
# What the application database adds; `organization` and `mfa` are Cognito's own word where it has one.
JOINED: dict[str, pl.DataType] = {
    "organization": WORDS,
    "onboarding": WORDS,
    "mfa": WORDS,
    "in_database": pl.Boolean(),
    "mfa_required": pl.Boolean(),
    "drift": pl.UInt16(),  # the bits of app.directory.differences; null before a join
    "row": pl.UInt32(),  # the number of their row among the facts
}
ROW = (
    *("username", "sub", "email", "name", "phone", "status", "enabled", "created", "modified", "email_verified"),
    *("role", "organization", "onboarding", "mfa", "in_database", "mfa_required", "groups"),
)
ATTRIBUTES = ("username", "sub", "email", "name", "phone", "email_verified", "role", "own_organization", "attributes")
TEXTS = frozenset({"username", "sub", "email", "name", "phone", "role", "organization", "onboarding", "mfa", "status"})

# Not searched: "tru" must find Trudy, not everybody whose address is verified.
FLAGS = frozenset({"email_verified", "phone_number_verified"})
FACTORS = {"SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms", "EMAIL_OTP": "email"}


# The accents of Latin, Greek and Cyrillic script; and the letters that look accented and are not.
ACCENTS = re.compile("[\u0300-\u036f]+")
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
# What parts the attributes in their column, a mark for each name: one byte for the first ones, two for the others.
# The second byte is no letter, so that a mark is the same in lower case. Tabs and line ends stand in values.
MARKS = [*map(chr, range(1, 9)), *map(chr, range(14, 27))]
MARKS += [chr(first) + chr(second) for first in range(27, 30) for second in range(33, 65)]
MADE = chr(30)  # the name was put together from two others: there is no attribute `name`
WORDS_OF_IDENTITIES = chr(31)  # before what can be searched of `identities`; its JSON stands under its own mark

NOWHERE = r"\x00"  # a mark that nothing has
MARK_RANGES = "\x00-\x08\x0e-\x1f"
MARK = re.compile(f"[{MARK_RANGES}]")
PARTS = re.compile(f"([\x1b-\x1d].|[\x01-\x08\x0e-\x1a])([^{MARK_RANGES}]*)", re.DOTALL)  # mark and value
OWN_COLUMN = frozenset(
    {"sub", "email", "email_verified", "name", "phone_number", "custom:role", "custom:organizationId"}
)


class _Names:
    """The names of the attributes that were seen in this process, each with its mark.

    Two pools may spell one name in two ways: what is asked for finds either, what is shown is spelled as in its pool.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._alike: dict[str, str] = {}  # name in lower case -> pattern of its marks

    def mark(self, name: str) -> str:
        found = self._marks.get(name)
        if found is None:
            with self._lock:
                if name in self._marks:
                    return self._marks[name]
                # More names than marks: no pool may have as many. Their values are found by words only.
                found = MARKS[len(self._names)] if len(self._names) < len(MARKS) else ""
                key = name.lower()
                if found:
                    self._names[found] = name
                    alike = [mark for mark, known in self._names.items() if known.lower() == key]
                    self._alike[key] = f"(?:{'|'.join(map(re.escape, alike))})"
                self._marks[name] = found
        return found

    def name(self, mark: str) -> str:
        """The name behind a mark."""
        return self._names[mark]

    def known(self, name: str) -> str:
        """A pattern for the marks of a name in any case; empty where nobody has such an attribute."""
        return self._alike.get(name.lower(), "")


NAMES = _Names()


def fold(text: str) -> str:
    """The form in which texts are compared: without regard to case and accents, however they are spelled."""
    if text.isascii():
        return text.lower()
    plain = ACCENTS.sub("", unicodedata.normalize("NFD", unicodedata.normalize("NFC", whole(text)).casefold()))
    return unicodedata.normalize("NFC", plain.translate(LETTERS))


def attribute_text(user: User) -> str | None:
    """The attributes that have no column of their own: for each its mark and its value. None where all have."""
    found = "" if user.attributes.get("name") or not user.name else MADE
    for name, value in user.attributes.items():
        mark = NAMES.mark(name)
        if not value or not mark or (name in OWN_COLUMN and (name != "email_verified" or value == "true")):
            continue
        value = whole(value)
        found += mark + (value if value.isprintable() else MARK.sub(" ", value))
        if name == "identities":
            found += WORDS_OF_IDENTITIES + MARK.sub(" ", whole(identity_words(value)))
    return found or None


def read_attributes(frame: pl.DataFrame) -> list[dict[str, str]]:
    """Every attribute of some users, from the columns ATTRIBUTES: what attribute_text and the others took apart."""
    found = []
    for username, sub, email, name, phone, verified, role, organization, text in frame.iter_rows():
        own = {"sub": username if sub is None else sub, "email": email, "name": name, "phone_number": phone}
        own |= {"custom:role": role, "custom:organizationId": organization}
        if verified:
            own["email_verified"] = "true"
        if text is not None:
            if text[0] == MADE:
                own["name"] = None
            own.update((NAMES.name(mark), value) for mark, value in PARTS.findall(text))
        found.append({name: value for name, value in own.items() if value})
    return found


def whole(text: str) -> str:
    """The text with halves of surrogate pairs as "?": JSON and keyboards can make them, and polars refuses them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def search_text(user: User) -> str:
    """Every value of a user, folded, one per line; a value that another one contains already is left out."""
    found = fold(user.username)
    for name, value in user.attributes.items():
        if name in FLAGS or not value:
            continue
        if name == "identities":
            value = identity_words(value)
        folded = fold(value)
        if folded not in found:
            found += "\n" + folded
    return found


def identity_words(value: str) -> str:
    """The names of provider and foreign account in the `identities` attribute; its JSON keys would match everybody."""
    try:
        entries = json.loads(value)
    except ValueError:
        return value
    if not isinstance(entries, list):
        return value
    words = [entry.get(key) for entry in entries if isinstance(entry, dict) for key in ("providerName", "userId")]
    return "\n".join(str(word) for word in words if word)


def own_factor(user: User) -> str | None:
    """The factor that Cognito will ask for: "totp", "sms", "email", "none"; None where Cognito was not asked."""
    return None if user.factors is None else asked_factor(user.factors, user.preferred_factor)


def asked_factor(factors: Sequence[str], preferred: str | None) -> str:
    """Of several factors the preferred one, else the first of FACTORS; "none" where there is none."""
    known = [preferred] if preferred is not None else []
    for factor in (*known, *(name for pair in FACTORS.items() for name in pair)):
        if factor in factors:
            return FACTORS.get(factor, factor.lower())
    return "none"


def own_frame(users: Sequence[User]) -> pl.DataFrame:
    """The columns OWN of some users, in their order."""
    rows = []
    for user in users:
        attributes = user.attributes
        sub = attributes.get("sub", "")
        rows.append(
            (
                user.username,
                None if sub == user.username else sub,
                whole(user.email) or None,
                whole(user.name) or None,
                whole(user.phone) or None,
                user.status.value,
                user.enabled,
                (user.created - EPOCH) // MICROSECOND,
                (user.modified - EPOCH) // MICROSECOND,
                user.email_verified,
                whole(attributes.get("custom:role", "")) or None,
                whole(attributes.get("custom:organizationId", "")) or None,
                own_factor(user),
                whole(user.email).rpartition("@")[2].lower() or None if "@" in user.email else None,
                None,
                search_text(user),
                attribute_text(user),
            )
        )
    columns = zip(*rows, strict=True) if rows else ([] for _ in OWN)
    series = [
        pl.Series(name, list(values), dtype=kind) for (name, kind), values in zip(OWN.items(), columns, strict=True)
    ]
    return pl.DataFrame(series)


def is_sortable(column: str) -> bool:
    """Whether users can be ordered by it: a column of ROW, or an attribute that somebody may have."""
    return column in ROW or bool(NAMES.known(column)) or column in STANDARD or column.startswith(CUSTOM)


def sort_key(column: str) -> pl.Expr:
    """What a column is ordered by: texts without regard to case. Null comes last either way."""
    if column not in ROW:
        return (
            pl.col("attributes").str.extract(f"{NAMES.known(column) or NOWHERE}([^{MARK_RANGES}]*)").str.to_lowercase()
        )
    if column == "sub":
        return pl.coalesce("sub", "username").str.to_lowercase().replace("", None)
    if column == "groups":
        return pl.col(column).cast(pl.String).str.to_lowercase().replace("", None)
    if column in TEXTS:
        return pl.col(column).cast(pl.String).str.to_lowercase()
    return pl.col(column)


def arranged(frame: pl.DataFrame, sort: Sequence[tuple[str, bool]]) -> pl.Series:
    """Positions of `frame` in order. Stable: equals keep the order in which they came."""
    if not sort or not frame.height:
        return pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    return frame.select(
        pl.arg_sort_by(
            [sort_key(column) for column, _ in sort],
            descending=[descending for _, descending in sort],
            nulls_last=True,
            maintain_order=True,
        ).cast(pl.UInt32)
    ).to_series()
