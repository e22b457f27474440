"""The language of the search box, as values: `parse` and `show` are inverse to each other. Pure.

    query    = { term } ;                          every term must hold; between them white space
    term     = [ "-" ] ( text | condition ) ;      "-": those for whom it does not hold
    text     = bare | quoted ;                     occurs in any attribute, whatever its case and accents
    condition = field ":" ( "none" | text | moment ) ;
    field    = name | "custom:" attribute | "dev:custom:" attribute ;
    moment   = ( "<" | "<=" | ">" | ">=" ) date | date [ ".." date ] ;   only for created and modified
    date     = YYYY [ "-" MM [ "-" DD ] ] ;        local time, the whole year, month or day
    quoted   = '"' { any character | '\\"' | '\\\\' } '"' ;  the last quote may be missing
    bare     = any characters but white space, not beginning with '"' ;

`field:none` is for people without a value; `field:"none"` for those whose value holds that word. Fields of few values
(VALUES) take the beginning of a value, and several conditions on one of them mean any of them: `mfa:sms mfa:totp`.
Conditions on other fields hold where the value contains the text; `group:admin` where a group has that very name, and
only where the pool has no such group, where a name contains it. `duplicate:yes` finds those who share their email
address with somebody else, whatever its case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches

from app.directory.differences import OF_USERS
from app.errors import AppError, ErrorCode

_YES_NO = {"yes": True, "no": False, "true": True, "false": False}
_STATUSES = (
    *("confirmed", "unconfirmed", "force_change_password", "reset_required", "external_provider"),
    *("archived", "compromised", "unknown"),
)
_LADDER = ("pending_verification", "pending_approval", "pending_mfa", "pending_subscription", "active", "suspended")
# The values of UserStatus, of the onboarding ladder (which "directory" may not import) and of UserRow.mfa.
VALUES: dict[str, dict[str, object]] = {
    "status": {v: v.upper() for v in _STATUSES},
    "enabled": {**_YES_NO},
    "onboarding": {**{value: value for value in (*_LADDER, "disabled", "rejected")}, "none": None},
    "mfa": {**{value: value for value in ("totp", "sms", "email", "none")}, "unknown": None},
    "verified": {**_YES_NO},
    "indb": {**_YES_NO},
    "duplicate": {**_YES_NO},
    "drift": {**_YES_NO, **{kind.value: kind for kind in OF_USERS}},
}
DATES = ("created", "modified")
# Fields of UserRow, and the attributes of OpenID Connect that Cognito pools have.
TEXTS = ("email", "name", "phone", "username", "sub", "role", "organization", "domain", "group")
STANDARD = (
    *("given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website"),
    *("gender", "birthdate", "zoneinfo", "locale", "address", "updated_at", "identities", "phone_number_verified"),
)
ALIASES = {
    "database": "indb",
    "groups": "group",
    "email_verified": "verified",
    "phone_number": "phone",
    "subject": "sub",
}
FIELDS = (*TEXTS, *VALUES, *DATES, *STANDARD)
CUSTOM = ("custom:", "dev:custom:")

_NAME = re.compile(r"[A-Za-z][A-Za-z_]*:")
_ATTRIBUTE = re.compile(r'((?:dev:)?custom:)([^\s:"]*)(:?)', re.IGNORECASE)
_MOMENT = re.compile(r"(<=|>=|<|>)?(.*)", re.DOTALL)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
LONGEST = 2_000  # characters
_YEARS = range(1980, 2200)  # what every platform can turn into UTC


class QueryError(AppError):
    """INVALID_INPUT about text[at:end]. `incomplete`: nothing is wrong yet, more is expected at the end."""

    def __init__(self, message: str, at: int, end: int, *, incomplete: bool = False) -> None:
        super().__init__(ErrorCode.INVALID_INPUT, message, subject="search", fields={"search": message})
        self.at = at
        self.end = end
        self.incomplete = incomplete


@dataclass(frozen=True, slots=True)
class Word:
    """`text` occurs somewhere in the attributes. Not blank; without line ends."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Has:
    """The field's value contains `text`; where VALUES knows the field: is one that begins with it."""

    field: str
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Lacks:
    """The field has no value."""

    field: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A local day, month or year: `day` and `month` are 0 where it is longer. Some 220 years around today."""

    year: int
    month: int = 0
    day: int = 0

    def __str__(self) -> str:
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)]
        return "-".join(parts)

    @property
    def start(self) -> datetime:
        """Its first moment, in UTC."""
        return _midnight(date(self.year, self.month or 1, self.day or 1))

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        if self.day:
            return _midnight(date(self.year, self.month, self.day) + timedelta(days=1))
        if self.month:
            return _midnight(date(self.year + self.month // 12, self.month % 12 + 1, 1))
        return _midnight(date(self.year + 1, 1, 1))


@dataclass(frozen=True, slots=True)
class Within:
    """The moment lies from the beginning of `first` to the end of `last`; None is open."""

    field: str
    first: Period | None
    last: Period | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Beyond:
    """The moment lies after the whole of `period`, or before it."""

    field: str
    after: bool
    period: Period
    negated: bool = False


Term = Word | Has | Lacks | Within | Beyond


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: every term must hold."""

    terms: tuple[Term, ...] = ()


def parse(text: str) -> Query:
    """Read a query. Raises QueryError (INVALID_INPUT) that points at the place."""
    if len(text) > LONGEST:
        raise QueryError(f"A search may be {LONGEST:,} characters long.", LONGEST, len(text))
    terms = []
    at = 0
    while (at := _skip(text, at)) < len(text):
        term, at = _term(text, at)
        if term is not None:
            terms.append(term)
    return Query(tuple(terms))


def show(query: Query) -> str:
    """The text of a query, the same for every way to write it."""
    return " ".join(_show(term) for term in query.terms)


def chosen(text: str, field: str, value: str) -> bool | None:
    """Whether this condition is in the text, however written: True, False where negated, None where it is not."""
    try:
        terms = parse(text).terms
    except QueryError:
        return None
    wanted = _meaning(condition(field, value))
    return next((not term.negated for term in terms if _meaning(term) == wanted), None)


def toggle(text: str, field: str, value: str, *, negated: bool = False) -> str:
    """The text with a condition added, or without it where it was there; the opposite of it gives way.

    A text that cannot be read is kept, with the condition after it.
    """
    wanted = condition(field, value, negated=negated)
    try:
        terms = parse(text).terms
    except QueryError:
        return f"{text.rstrip()} {_show(wanted)}"
    same = [term for term in terms if _meaning(term) == _meaning(wanted)]
    others = tuple(term for term in terms if term not in same)
    return show(Query(others if any(term.negated is negated for term in same) else (*others, wanted)))


def exchange(text: str, field: str, value: str, *, negated: bool = False) -> str:
    """As `toggle`, in place of what else the text asks of the field: nobody was created in two months."""
    try:
        terms = parse(text).terms
    except QueryError:
        return toggle(text, field, value, negated=negated)
    wanted = _meaning(condition(field, value))
    kept = [term for term in terms if isinstance(term, Word) or term.field != field or _meaning(term) == wanted]
    return toggle(show(Query(tuple(kept))), field, value, negated=negated)


def condition(field: str, value: str, *, negated: bool = False) -> Term:
    """The term for one value of a field; QueryError where there can be none."""
    return parse(f"{'-' if negated else ''}{field}:{value}").terms[0]


def meant(field: str, text: str) -> list[object]:
    """The values that `text` stands for in a field of VALUES: the one of that name, else those that begin with it."""
    values = VALUES[field]
    name = _plain(text)
    if name in values:
        return [values[name]]
    return [value for key, value in values.items() if key.startswith(name)]


def _meaning(term: Term) -> object:
    """The same for terms that differ in their sign, and in how they name the values of a field, alone."""
    if isinstance(term, Has) and term.field in VALUES:
        return term.field, frozenset(meant(term.field, term.text))
    return replace(term, negated=False)


def _term(text: str, start: int) -> tuple[Term | None, int]:
    negated = text[start] == "-"
    at = start + negated
    if at == len(text) or text[at].isspace():
        raise QueryError("After “-” comes what the people shall not have.", start, at, incomplete=at == len(text))
    if text[at] != '"':
        if attribute := _ATTRIBUTE.match(text, at):
            prefix, name, colon = attribute.groups()
            if not name or not colon:
                hint = "After “custom:” comes the attribute's name, a colon and a value: custom:organizationId:acme."
                raise QueryError(hint, at, attribute.end(), incomplete=attribute.end() == len(text))
            return _condition(text, at, attribute.end(), prefix.lower() + name, negated)
        if found := _NAME.match(text, at):
            return _condition(text, at, found.end(), _field(found[0][:-1], at), negated)
    word, end, _ = _text(text, at)
    return (Word(word, negated) if word.strip() else None), end


def _condition(text: str, at: int, after: int, field: str, negated: bool) -> tuple[Term, int]:
    value, end, quoted = _text(text, after)
    if not value.strip():
        expected = _expected(field)
        raise QueryError(
            f"After “{text[at:after]}” comes {expected}.", at, max(end, after), incomplete=end == len(text)
        )
    if field in VALUES:
        if not meant(field, value):
            near = get_close_matches(_plain(value), VALUES[field], 1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            raise QueryError(f"“{value}” is no value of {field}: {_expected(field)}.{hint}", after, end)
        return Has(field, _plain(value), negated), end
    if field in DATES:
        return _moment(value, after, end, field, negated, last=end == len(text)), end
    if value.lower() == "none" and not quoted:
        return Lacks(field, negated), end
    return Has(field, value, negated), end


def _moment(value: str, at: int, end: int, field: str, negated: bool, *, last: bool) -> Term:
    found = _MOMENT.fullmatch(value)
    assert found is not None
    operator, rest = found[1] or "", found[2]
    at += len(operator)
    if not operator and ".." in rest:
        first, _, final = rest.partition("..")
        low = _period(first, at, at + len(first), last=False) if first else None
        high = _period(final, at + len(first) + 2, end, last=last) if final or low is None else None
        return Within(field, low, high, negated)
    period = _period(rest, at, end, last=last)
    match operator:
        case ">=":
            return Within(field, period, None, negated)
        case "<=":
            return Within(field, None, period, negated)
        case "<" | ">":
            return Beyond(field, operator == ">", period, negated)
        case _:
            return Within(field, period, period, negated)


def _period(text: str, at: int, end: int, *, last: bool) -> Period:
    found = _DATE.fullmatch(text)
    if found is None or not text.isascii():
        begun = last and re.fullmatch(r"(\d{0,4}|\d{4}-\d?|\d{4}-\d\d-\d?|\d{4}(-\d\d){0,2}\.)", text) is not None
        wanted = "Write a date like 2026-01-31 or 2026-01."
        raise QueryError(wanted if begun else f"“{text}” is no date. {wanted}", at, end, incomplete=begun)
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        date(year, month if found[2] else 1, day if found[3] else 1)
    except ValueError:
        raise QueryError(f"There is no {text} in the calendar.", at, end) from None
    if year not in _YEARS:
        raise QueryError(f"A year from {_YEARS[0]} to {_YEARS[-1]} is expected.", at, end)
    return Period(year, month, day)


def _field(name: str, at: int) -> str:
    field = ALIASES.get(name.lower(), name.lower())
    if field in FIELDS:
        return field
    near = get_close_matches(field, (*FIELDS, *ALIASES), 1)
    hint = f"Did you mean “{near[0]}:”?" if near else "Put it in quotes to search for the text."
    raise QueryError(f"There is no field “{name}”. {hint}", at, at + len(name) + 1)


def _text(text: str, at: int) -> tuple[str, int, bool]:
    """A bare or quoted text from `at`, where it ends, and whether it was quoted."""
    if text[at : at + 1] != '"':
        end = at
        while end < len(text) and not text[end].isspace():
            end += 1
        return text[at:end], end, False
    found = []
    at += 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and text[at + 1 : at + 2] in ('"', "\\"):
            at += 1
        found.append(" " if text[at] in "\r\n" else text[at])
        at += 1
    return "".join(found), min(at + 1, len(text)), True


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _show(term: Term) -> str:
    sign = "-" if term.negated else ""
    match term:
        case Word(text):
            plain = not (text[0] in '-"' or _NAME.match(text) or _ATTRIBUTE.match(text))
            return sign + (text if plain and _is_bare(text) else _quoted(text))
        case Has(field, text):
            plain = text[0] != '"' and (field in VALUES or text.lower() != "none")
            return f"{sign}{field}:{text if plain and _is_bare(text) else _quoted(text)}"
        case Lacks(field):
            return f"{sign}{field}:none"
        case Beyond(field, after, period):
            return f"{sign}{field}:{'>' if after else '<'}{period}"
        case Within(field, first, last):
            if first == last:
                return f"{sign}{field}:{first}"
            if first is None or last is None:
                return f"{sign}{field}:{'<=' if first is None else '>='}{first or last}"
            return f"{sign}{field}:{first}..{last}"


def _is_bare(text: str) -> bool:
    return not any(character.isspace() for character in text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(value: str) -> str:
    return value.strip().lower().replace("-", "_").replace(" ", "_")


def _expected(field: str) -> str:
    if field in VALUES:
        names = [name for name in VALUES[field] if name not in ("true", "false")]
        return f"{', '.join(names[:-1])} or {names[-1]}"
    return "a date such as >2026-01-31" if field in DATES else "what to look for, or none"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time()).astimezone(UTC)
