"""What the demo's people leave behind when they sign in: devices, sessions, events; and the groups they are in. Pure.

Most are unremarkable; a few named people have something that somebody ought to look into.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple

from app.demo.chance import pick, seeded, uuid4
from app.directory.models import User, UserStatus

REGION_OF_KEYS: Final = "us-east-1"


class Place(NamedTuple):
    """Where somebody is when they sign in."""

    city: str
    country: str
    ip: str


HERE: Final = Place("", "", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class DeviceTrace:
    """A device that the pool knows."""

    key: str
    name: str
    remembered: bool
    ip: str
    created: datetime
    used: datetime


@dataclass(frozen=True, slots=True)
class SessionTrace:
    """A session that lives. `sso`: a cookie of the managed-login pages, else tokens that an application holds.

    `through_sso`: the tokens were got through the SSO session of the same person.
    """

    device: str
    place: Place
    began: datetime
    active: datetime
    sso: bool = False
    through_sso: bool = False


@dataclass(frozen=True, slots=True)
class EventTrace:
    """Something that somebody did to get in."""

    kind: str
    at: datetime
    device: str
    place: Place
    result: str = "Pass"
    decision: str = "NoRisk"
    level: str = ""
    compromised: bool = False
    challenges: tuple[tuple[str, str], ...] = (("Password", "Success"),)


@dataclass(frozen=True, slots=True)
class Habits:
    """All of one person."""

    devices: tuple[DeviceTrace, ...] = ()
    sessions: tuple[SessionTrace, ...] = ()
    events: tuple[EventTrace, ...] = ()
    groups: tuple[str, ...] = ()


NO_HABITS: Final = Habits()

# Addresses from the blocks for documentation (RFC 5737).
_HOMES: Final = (
    Place("Hamburg", "Germany", "192.0.2.{}"),
    Place("Rotterdam", "Netherlands", "192.0.2.{}"),
    Place("Gothenburg", "Sweden", "198.51.100.{}"),
    Place("Lisbon", "Portugal", "198.51.100.{}"),
    Place("Liverpool", "United Kingdom", "192.0.2.{}"),
)
_FAR: Final = Place("Valparaíso", "Chile", "203.0.113.77")
_DESKS: Final = ("Chrome 139, Windows 10", "Firefox 142, Ubuntu", "Safari 18, macOS", "Edge 139, Windows 10")
_PHONES: Final = ("iPhone", "Galaxy S24", "Pixel 9", "Fairphone 5")
_TEAMS: Final = ("dispatch", "finance", "beta-testers")
_MFA: Final = ("Mfa", "Success")
_STRANGE: Final = {
    # Somebody else has the password, and came in.
    "Viktor Halvorsen": {"decision": "AccountTakeover", "level": "High"},
    # The password is in a list of stolen ones.
    "Samir Noor": {"decision": "AccountTakeover", "level": "Medium", "compromised": True},
}
_WITH_DEVICES: Final = frozenset({*_STRANGE, "Amira Haddad"})  # whatever the dice say
_FORGETFUL: Final = frozenset({"Dag Lindqvist", "Nils Eriksen"})  # the password is mistyped again and again


def habits(user: User, factors: tuple[str, ...], seed: str, now: datetime) -> Habits:
    """The habits of one person; the same for the same seed."""
    rng = seeded(f"habits {seed} {user.sub}")
    home = pick(rng, _HOMES)
    home = home._replace(ip=home.ip.format(1 + rng.randrange(254)))
    groups = _groups(user, rng)
    if user.status not in (UserStatus.CONFIRMED, UserStatus.EXTERNAL_PROVIDER):
        return Habits(events=_beginnings(user, home, now), groups=groups)
    desk, phone = pick(rng, _DESKS), pick(rng, _PHONES)
    last = now - min(now - user.created, timedelta(hours=1 + rng.random() * 400))
    found = Habits(
        devices=_devices(rng, home, desk, phone, user, last),
        sessions=_sessions(rng, home, desk, phone, user, last) if user.enabled else (),
        events=_events(rng, home, desk, factors, user, last),
        groups=groups,
    )
    strange = _STRANGE.get(user.name)
    if strange is not None:
        came = EventTrace("SignIn", last + timedelta(minutes=30), "Chrome 139, Android", _FAR, **strange)  # type: ignore[arg-type]
        session = SessionTrace("Chrome, Android", _FAR, came.at, came.at + timedelta(minutes=20))
        found = replace(found, events=(came, *found.events), sessions=(session, *found.sessions))
    if user.name in _FORGETFUL:
        wrong = EventTrace("SignIn", last, desk, home, "Fail", challenges=(("Password", "Failure"),))
        misses = tuple(replace(wrong, at=last + timedelta(minutes=minute)) for minute in (7, 4, 3, 2, 1))
        found = replace(found, events=misses + found.events)
    return found


def _groups(user: User, rng: Random) -> tuple[str, ...]:
    found = []
    if user.status is UserStatus.EXTERNAL_PROVIDER:
        found.append("google")
    draw = rng.random()
    if draw < 0.22:
        found.append(_TEAMS[int(draw * 100) % len(_TEAMS)])
    if draw < 0.05:
        found.append("gate-operators")
    return tuple(found)


def _beginnings(user: User, home: Place, now: datetime) -> tuple[EventTrace, ...]:
    if user.status is UserStatus.UNCONFIRMED:
        again = min(user.created + timedelta(minutes=9), now)
        return (
            EventTrace("ResendCode", again, _DESKS[0], home, "InProgress", challenges=()),
            EventTrace("SignUp", user.created, _DESKS[0], home, "InProgress", challenges=()),
        )
    if user.status is UserStatus.RESET_REQUIRED:
        return (EventTrace("ForgotPassword", user.modified, _DESKS[0], home, "InProgress", challenges=()),)
    return ()


def _devices(rng: Random, home: Place, desk: str, phone: str, user: User, last: datetime) -> tuple[DeviceTrace, ...]:
    if user.status is UserStatus.EXTERNAL_PROVIDER or (user.name not in _WITH_DEVICES and rng.random() < 0.4):
        return ()
    named = [(desk, True), (phone, rng.random() < 0.5)][: 1 + (rng.random() < 0.5)]
    return tuple(
        DeviceTrace(
            key=f"{REGION_OF_KEYS}_{uuid4(rng)}",
            name=name,
            remembered=remembered,
            ip=home.ip,
            created=user.created + (last - user.created) / 3,
            used=last - timedelta(hours=30 * position),
        )
        for position, (name, remembered) in enumerate(named)
    )


def _sessions(rng: Random, home: Place, desk: str, phone: str, user: User, last: datetime) -> tuple[SessionTrace, ...]:
    if user.status is UserStatus.EXTERNAL_PROVIDER:
        return (
            SessionTrace(desk, home, last, last + timedelta(minutes=25), sso=True),
            SessionTrace(desk, home, last, last + timedelta(minutes=25), through_sso=True),
        )
    found = [SessionTrace(desk, home, last, last + timedelta(minutes=40))]
    if rng.random() < 0.4:
        found.append(SessionTrace(phone, home, max(user.created, last - timedelta(days=6)), last))
    return tuple(found)


def _events(
    rng: Random, home: Place, desk: str, factors: tuple[str, ...], user: User, last: datetime
) -> tuple[EventTrace, ...]:
    challenges = (("Password", "Success"), _MFA) if factors else (("Password", "Success"),)
    found = []
    at = last
    for _ in range(2 + rng.randrange(9)):
        found.append(EventTrace("SignIn", at, desk, home, challenges=challenges))
        at -= timedelta(hours=18 + rng.random() * 60)
        if at < user.created:
            break
    return tuple(found)
