"""What the command palette offers, as data, and how typed letters find it. Pure; no widget here.

A text fits where its letters occur in order. Beginnings of words count most, then whole pieces, then letters apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

LONGEST = 200  # letters of a search; nobody types more


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing to do. `group` says what it belongs to, `keys` is its shortcut, `why_not` disables it and says why.

    `hint` says what it costs. `words` are found too, but not shown. Among equals the higher `weight` comes first.
    """

    id: str
    title: str
    group: str
    run: Callable[[], object]
    icon: str = ""
    note: str = ""
    keys: str = ""
    why_not: str | None = None
    words: str = ""
    weight: int = 0
    dangerous: bool = False
    hint: str = ""


def score(text: str, candidate: str) -> int | None:
    """How well a text fits a candidate, the higher the better; None where it does not. An empty text fits all."""
    wanted, where = text.casefold().split(), candidate.casefold()
    total = 0
    for word in wanted:
        found = _score_word(word, where)
        if found is None:
            return None
        total += found
    return total


def rank(text: str, entries: Iterable[PaletteEntry]) -> list[PaletteEntry]:
    """The entries that fit, the best first. Of those that fit as well, what cannot be done comes last."""
    found = []
    for place, entry in enumerate(entries):
        worth = fits(text, entry)
        if worth is not None:
            tier = -(worth // 50) if text.strip() else 0
            found.append(((tier, entry.why_not is not None, -worth if tier else 0, -entry.weight, place), entry))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def fits(text: str, entry: PaletteEntry) -> int | None:
    """How well a text fits an entry: by its title, or less well by whole pieces of what else it is called."""
    text = text[:LONGEST]
    worth = score(text, entry.title)
    if worth is None and all(len(word) > 1 for word in text.split()):
        beside = f"{entry.title} {entry.note} {entry.words}".casefold()
        pieces = [_pieces(word, beside) for word in text.casefold().split()]
        worth = None if None in pieces else 40
    return worth


def _score_word(word: str, where: str) -> int | None:
    found = _pieces(word, where)
    if found is not None:
        return found
    return None if len(word) < 2 else _apart(word, where)  # a single letter apart fits nearly everything


def _pieces(word: str, where: str) -> int | None:
    """Whole pieces only: the beginning of a word counts twice as much as its middle."""
    at = where.find(word)
    while at >= 0:
        if at == 0 or not where[at - 1].isalnum():
            return 100 + (20 if at == 0 else 0) + min(len(word), 25)
        at = where.find(word, at + 1)
    return 50 + min(len(word), 25) if word in where and len(word) > 1 else None


def _apart(word: str, where: str) -> int | None:
    """Letters in order with others between; near together and at beginnings of words they count more."""
    if not any(where.startswith(word[0], at) and (at == 0 or not where[at - 1].isalnum()) for at in range(len(where))):
        return None  # nobody begins in the middle of a word
    at, worth = -1, 10
    for letter in word:
        found = where.find(letter, at + 1)
        if found < 0:
            return None
        starts = found == 0 or not where[found - 1].isalnum()
        worth += 3 if starts else 0
        worth -= min(3, found - at - 1) if at >= 0 and not starts else 0
        at = found
    return worth if worth > 0 else None
