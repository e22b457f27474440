"""What the search box offers while somebody types: fields, then the values of a field, with how many people have them.

Pure; the counts are those that the index gave last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.directory.query import ALIASES, CUSTOM, DATES, FIELDS, STANDARD, VALUES

MOST = 12  # suggestions at once
_OFFERED = tuple(field for field in FIELDS if field not in STANDARD)
_HINTS = {
    "created": ">2026-01-31, or 2026-01..2026-03",
    "modified": ">2026-01-31, or 2026-01..2026-03",
    "custom": "organizationId:acme",
    "domain": "of the email address",
    "duplicate": "others have the same email address",
    "drift": "Cognito and the database differ",
    "indb": "has a row in the database",
    "verified": "the email address",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Text that may take the place of text[start:end]. `note` says what it means, or how many people have it."""

    text: str
    note: str
    start: int
    end: int
    count: int | None = None

    def applied(self, text: str) -> tuple[str, int]:
        """The text with it, and where the cursor belongs: behind it, and after a space where the term is whole."""
        unfinished = self.text.endswith((":", "<", ">")) or text[self.end : self.end + 1].isspace()
        whole = self.text if unfinished else f"{self.text} "
        return text[: self.start] + whole + text[self.end :], self.start + len(whole)


def completion(text: str, cursor: int, facets: Mapping[str, Mapping[str, int]]) -> list[Suggestion]:
    """What may stand at the cursor (0..len). From two letters of a field's name; nothing within quotes."""
    cursor = max(0, min(cursor, len(text)))
    start = _term_start(text, cursor)
    if start is None:
        return []
    end = cursor
    while end < len(text) and not text[end].isspace():
        end += 1
    if text[start : start + 1] == "-":
        start += 1
    typed = text[start:cursor].lower()
    name, colon, value = typed.partition(":")
    if not colon:
        return [Suggestion(f"{field}:", note, start, end) for field, note in _fields(name)] if len(name) > 1 else []
    if name in ("custom", "dev"):
        return _custom(typed, facets, start, end)
    found = _values(ALIASES.get(name, name), value, facets)
    return [Suggestion(f"{name}:{word}", note, start, end, n) for word, note, n in found if word != value][:MOST]


def _term_start(text: str, cursor: int) -> int | None:
    """Where the term at the cursor begins; None where the cursor is within quotes."""
    start = at = 0
    quoted = False
    while at < cursor:
        character = text[at]
        if quoted:
            at += character == "\\"
            quoted = character != '"'
        elif character == '"' and (at == start or text[at - 1] == ":" or text[start:at] == "-"):
            quoted = True
        elif character.isspace():
            start = at + 1
        at += 1
    return None if quoted else start


def _fields(typed: str) -> list[tuple[str, str]]:
    names = [*_OFFERED, "custom", *STANDARD]
    found = [(name, _HINTS.get(name, _note(name))) for name in names if name.startswith(typed)]
    return found[:MOST]


def _note(field: str) -> str:
    if field in VALUES:
        names = [name for name in VALUES[field] if name not in ("true", "false")]
        return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return "attribute" if field in STANDARD else ""


def _values(field: str, typed: str, facets: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, int | None]]:
    if field in DATES:
        return [] if typed else [(sign, note, None) for sign, note in ((">", "after a date"), ("<", "before a date"))]
    known = facets.get(field)
    if field in VALUES:
        names = [name for name in VALUES[field] if name not in ("true", "false")]
        counts = {} if known is None else {value.lower(): n for value, n in known.items()}
        found: list[tuple[str, str, int | None]] = []
        for name in names:
            key = "" if VALUES[field][name] is None else name
            n = None if known is None else counts.get(key, 0)
            found.append((name, "" if n is None else f"{n:,}", n))
        found.sort(key=lambda one: -(one[2] or 0))
    else:
        counts = {value: n for value, n in (known or {}).items() if value}
        found = [(_written(value), f"{n:,}", n) for value, n in counts.items()]
        found += [("none", f"{known['']:,}", known[""])] if known and known.get("") else []
    return [one for one in found if one[0].lower().lstrip('"').startswith(typed)]


def _custom(typed: str, facets: Mapping[str, Mapping[str, int]], start: int, end: int) -> list[Suggestion]:
    """The pool's own attributes: facets may hold them by name, with nothing in them."""
    names = sorted(name for name in facets if name.startswith(CUSTOM))
    return [
        Suggestion(f"{name}:", "attribute", start, end)
        for name in names
        if name.lower().startswith(typed) and name.lower() != typed.rstrip(":")
    ][:MOST]


def _written(value: str) -> str:
    if any(character.isspace() for character in value) or value[0] == '"' or value.lower() == "none":
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return value
