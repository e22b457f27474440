"""A million invented people for the benchmarks: names of many tongues, four domains, UUIDs for usernames."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from app.demo.names import AREA_CODES, FAMILY, GIVEN, ORGANISATIONS
from app.directory.models import User, UserStatus
from app.directory.records import read_user
from tests.bench.list_server import record, subjects

START = datetime(2023, 1, 1, tzinfo=UTC)
LISTED = 60_000  # of them, those that the load server lists: as many as the quota allows in half a minute
# What somebody may look for, from common to rare: names, parts of addresses and numbers, organisations, ids, nobody.
NEEDLES = (
    *("nguyen", "müller", "garcia", "okeke", "sofía", "kwame", "anders"),
    *("fatou.ndiaye", "j.tanaka", "silva77", "@quay", "tidewater.example", "petra.novak1"),
    *("5550142", "+1415555", "harbour-31", "northwind-499", "7b1f", "4ac2-9", "zzqx"),
)
_STATUSES = (UserStatus.CONFIRMED,) * 17 + (
    UserStatus.FORCE_CHANGE_PASSWORD,
    UserStatus.UNCONFIRMED,
    UserStatus.RESET_REQUIRED,
)


def population(count: int, listed: int = LISTED) -> Iterator[User]:
    """Users of a pool that signs in by email, nine attributes each; every so many is one of the load server's."""
    draw = random.Random(3)
    theirs = iter(subjects(listed))
    step = max(1, count // listed) if listed else count + 1
    for number in range(count):
        sub = next(theirs, None) if number % step == 0 else None
        yield read_user(_listed(sub)) if sub is not None else _made(draw, number)


def _listed(sub: str) -> dict[str, object]:
    found = record(sub)
    for name in ("UserCreateDate", "UserLastModifiedDate"):
        found[name] = datetime.fromtimestamp(found[name], UTC)
    return found


def _made(draw: random.Random, number: int) -> User:
    sub = str(uuid.UUID(int=draw.getrandbits(128), version=4))
    given, family, place = draw.choice(GIVEN), draw.choice(FAMILY), draw.choice(ORGANISATIONS)
    first = plain(given) if draw.random() < 0.7 else plain(given)[0]
    at = START + timedelta(seconds=draw.randrange(120_000_000))
    attributes = {
        "sub": sub,
        "email": f"{first}.{plain(family)}{number}@{place}.example",
        "email_verified": "true" if draw.random() < 0.9 else "false",
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "phone_number": f"+1{draw.choice(AREA_CODES)}555{draw.randrange(10**4):04}",
        "custom:organizationId": f"{place}-{number % 500}",
        "custom:role": "user",
    }
    return User(
        sub, draw.choice(_STATUSES), draw.random() < 0.95, at, at + timedelta(days=draw.randrange(99)), attributes
    )


def plain(name: str) -> str:
    """A name as it stands in an address: lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if c.isalnum() and c.isascii())
