"""How fast and how large the index is: `python -m tests.bench.search [users]` prints milliseconds as JSON."""

from __future__ import annotations

import gc
import json
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from app.directory.index import DatabaseFact, UserIndex
from app.directory.models import User, UserStatus

GIVEN = ("Carla", "Amira", "Bisi", "Dag", "Elif", "Fabio", "Grace", "Hiro", "Inês", "Jana", "Kofi")
FAMILY = ("Moreno", "Haddad", "Okafor", "Lindqvist", "Kaya", "Rossi", "Mensah", "Tanaka", "Duarte")
START = datetime(2026, 1, 1, tzinfo=UTC)


def people(count: int, seed: int = 1) -> Iterator[User]:
    """Users of a pool that signs in by email: nine attributes, the username a UUID."""
    draw = random.Random(seed)
    for i in range(count):
        name = str(uuid.UUID(int=draw.getrandbits(128)))
        given, family = draw.choice(GIVEN), draw.choice(FAMILY)
        at = START + timedelta(seconds=draw.randrange(25_000_000))
        attributes = {
            "sub": name,
            "email": f"{given}.{family}{i}@northwind.example".lower(),
            "email_verified": "true",
            "name": f"{given} {family}",
            "given_name": given,
            "family_name": family,
            "phone_number": f"+1415{draw.randrange(10**7):07}",
            "custom:organizationId": f"tidewater-{i % 500}",
            "custom:role": "user",
        }
        yield User(name, draw.choice(list(UserStatus)), draw.random() < 0.95, at, at, attributes)


def milliseconds(call: Callable[[], object], times: int = 9) -> float:
    """The median duration of a call."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        spent.append((time.perf_counter() - begun) * 1000)
    return round(median(spent), 2)


def resident() -> int:
    """Bytes of memory in use by the process; 0 where the system does not tell this way."""
    table = Path("/proc/self/statm")
    gc.collect()
    return int(table.read_text().split()[1]) * 4096 if table.exists() else 0


def measure(count: int) -> dict[str, float]:
    """Every figure for a pool of this size."""
    index = UserIndex()
    index.extend(people(1, 9))
    index.view()
    base = resident()
    index.replace(people(count))
    found: dict[str, float] = {"users": count, "bytes_per_user": round((resident() - base) / count)}
    found["first_sort"] = milliseconds(index.view, 1)
    found["view_cached"] = milliseconds(index.view)
    view = index.view()
    found["rows_256"] = milliseconds(lambda: view.rows(count // 2, count // 2 + 256), 50)
    found["rows_128"] = milliseconds(lambda: view.rows(count // 2, count // 2 + 128), 50)
    order = (("created", True),)
    for key, text in (
        ("search_none", "zzzqqq"),
        ("search_one", f"moreno{count // 2}"),
        ("search_tenth", "mor"),
        ("search_all", "e"),
        ("search_two_words", "hiro tanaka"),
    ):
        found[key] = milliseconds(partial(_fresh, index, text))
    somebody = view.usernames(count // 3, count // 3 + 60)
    found["get"] = milliseconds(lambda: index.get(somebody[0]))
    found["position"] = milliseconds(lambda: view.position(somebody[0]))
    found["facets"] = milliseconds(index.facets)
    found["newest_20"] = milliseconds(lambda: index.newest(20))
    index.view("", order)
    fresh, changed = iter(list(people(20, 2))), iter(somebody)
    found["put_new_and_view"] = milliseconds(lambda: _put(index, next(fresh)), 15)
    found["put_known_and_view"] = milliseconds(lambda: _put(index, _moved(next(changed))), 15)
    found["remove_and_view"] = milliseconds(lambda: _remove(index, next(changed)), 15)
    pages = iter([list(people(450, seed)) for seed in range(3, 12)])
    found["extend_450_and_view"] = milliseconds(lambda: _put(index, *next(pages)))
    facts = [DatabaseFact(user.email, user.sub, "active", "totp", False, "tidewater") for user in people(count)]
    base = resident()
    found["join"] = milliseconds(partial(index.join, facts), 1)
    found["bytes_per_fact"] = round((resident() - base) / count)
    return found


def _fresh(index: UserIndex, text: str) -> None:
    snapshot, _ = index._current()
    assert snapshot is not None
    snapshot._narrower = None  # or the search would start from what the last one found
    index.view(text)


def _put(index: UserIndex, *users: User) -> None:
    index.extend(users)
    index.view()


def _remove(index: UserIndex, username: str) -> None:
    index.remove(username)
    index.view()


def _moved(username: str) -> User:
    return User(username, UserStatus.CONFIRMED, True, START, START, {"sub": username, "email": f"zz{username}@x"})


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000), indent=1))
