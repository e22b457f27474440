"""Names of accounts and issuers, which whoever sent them chose: nothing in them may hide, or turn round what stands by.

Pure. Unicode's own properties decide (UAX 9 on direction, UAX 15 on normal forms), and a short list of what cannot be
seen although it counts as a letter or a mark.
"""

from __future__ import annotations

import unicodedata

from app.errors import invalid

LONGEST = 200  # characters
MARKS = 4  # on one letter; more are found in no language's everyday spelling, and hide the lines above and below
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = (  # that str.isprintable lets through: joiners, fillers, the blank of Braille, variation selectors
    frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
    | frozenset(map(chr, range(0xFE00, 0xFE10)))
    | frozenset(map(chr, range(0xE0100, 0xE01F0)))
)
_STYLES = "\ufe0e\ufe0f"  # after a symbol: as text, or as a coloured picture
_SHOWN = "\ufffd"


def clean_name(text: str, name: str) -> str:
    """An account or issuer as apps show it: no colon (it separates the two), nothing that cannot be seen.

    `name` is the field that AppError(INVALID_INPUT) is about.
    """
    label = name.capitalize()
    clean = unicodedata.normalize("NFC", text.strip())
    if ":" in clean:
        raise invalid(name, f"{label}: take out the colon. It separates issuer and account in the address.")
    wrong = next((fault for fault in _faults(clean) if fault), "")
    if wrong:
        raise invalid(name, f"{label}: {wrong}. Take it out.")
    if len(clean) > LONGEST:
        raise invalid(name, f"{label}: {len(clean)} characters are too many; use at most {LONGEST}.")
    return clean


def plain_name(text: str) -> str:
    """Any text as a name that `clean_name` takes, for one that nobody here can correct: an address, a user pool's name.

    A colon becomes a blank, what cannot be seen a replacement character, and the end of a long one is cut.
    """
    clean = unicodedata.normalize("NFC", text.replace(":", " ").strip())
    shown = "".join(_SHOWN if fault else sign for sign, fault in zip(clean, _faults(clean), strict=True))
    return shown[:LONGEST].strip()


def _faults(text: str) -> list[str]:
    """What is wrong with each character; "" where nothing is."""
    found, marks, before = [], 0, ""
    for sign in text:
        marks = marks + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        styled = sign in _STYLES and before and unicodedata.category(before).startswith("S")
        if sign in _TURNS:
            found.append(f"{_named(sign)} turns round the order in which the rest is read")
        elif not sign.isprintable() or (sign in _UNSEEN and not styled):
            found.append(f"it has a character that cannot be shown, {_named(sign)}")
        elif marks and not before:
            found.append(f"it begins with {_named(sign)}, a mark without its letter")
        elif marks > MARKS:
            found.append(f"more than {MARKS} marks stand on one letter, the last is {_named(sign)}")
        else:
            found.append("")
        before = sign
    return found


def _named(sign: str) -> str:
    return f"U+{ord(sign):04X} ({unicodedata.name(sign, 'without a name').lower()})"
