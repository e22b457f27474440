"""The people of the demo. Pure: the same (count, seed, now) gives the same people on every machine.

The first ones are the named stories (stories.py), in a fixed order; the rest is a believable crowd.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from app.demo import crowd
from app.demo.chance import pick, seeded, uuid4
from app.demo.habits import NO_HABITS, Habits, habits
from app.demo.names import AREA_CODES, LOCALES, WORDS, mailbox
from app.demo.stories import NAMED, Sketch
from app.directory.models import User, UserStatus
from app.onboarding.models import DatabaseUser, OnboardingStatus

_WITH_HABITS = 1000  # beyond that nobody looks, and filling has to be quick


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person on both sides.

    `user` is what Cognito holds (factors None, as lists return it); `mfa` names the factors set up: "totp", "sms".
    `password` is the present one: temporary in FORCE_CHANGE_PASSWORD, None for a federated person.
    `totp_secret` is base32, there exactly when "totp" is in `mfa`. `row` is None for somebody in Cognito only.
    """

    user: User
    password: str | None
    totp_secret: str | None
    mfa: tuple[str, ...]
    row: DatabaseUser | None
    story: str
    habits: Habits = NO_HABITS


def people(count: int = 500, seed: int = 7, now: datetime | None = None) -> list[DemoPerson]:
    """`count` people, named stories first. Ages count back from `now` (UTC; default the present)."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    rng = seeded(seed)
    taken: set[str] = set()
    result: list[DemoPerson] = []
    for sketch in _sketches(count, rng):
        person = _person(sketch, _address(sketch, taken), rng, moment)
        if len(result) < _WITH_HABITS:
            person = replace(person, habits=habits(person.user, person.mfa, str(seed), moment))
        result.append(person)
    return result


def database_only(seed: int = 7, now: datetime | None = None) -> list[DatabaseUser]:
    """Rows of auth.users that have no user in Cognito: deleted there by hand, or accounts of another provider."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    rng = seeded(f"rows {seed}")

    def row(
        email: str, name: str, status: OnboardingStatus, provider: str, age: float, subject: str | None
    ) -> DatabaseUser:
        at = moment - timedelta(days=age)
        return DatabaseUser(
            id=uuid4(rng), email=email, status=status, auth_provider=provider, email_verified=True, subject=subject,
            name=name, role="user", organization_id=email.partition("@")[2].partition(".")[0], mfa_required=False,
            created_at=at, updated_at=at,
        )  # fmt: skip

    return [
        row("yara.benali@quay.example", "Yara Benali", OnboardingStatus.ACTIVE, "cognito", 240, uuid4(rng)),
        row("z.ilic@northwind.example", "Zoran Ilić", OnboardingStatus.PENDING_SUBSCRIPTION, "cognito", 13, uuid4(rng)),
        row("night.audit@harbour.example", "Night Audit", OnboardingStatus.ACTIVE, "local", 500, None),
    ]


def _sketches(count: int, rng: Random) -> Iterator[Sketch]:
    yield from NAMED[:count]
    for _ in range(count - len(NAMED)):
        yield crowd.sketch(rng)


def _address(sketch: Sketch, taken: set[str]) -> str:
    if "@" in sketch.email:
        return sketch.email  # a named one: kept to the letter
    local = sketch.email or f"{mailbox(sketch.given)}.{mailbox(sketch.family)}"
    address = f"{local}@{sketch.organisation}.example"
    number = 1
    while address in taken:
        number += 1
        address = f"{local}{number}@{sketch.organisation}.example"
    taken.add(address)
    return address


def _password(rng: Random) -> str:
    # Upper, lower, digit, symbol and more than 12 characters, yet it can be read out on the phone.
    return f"{pick(rng, WORDS).capitalize()}-{pick(rng, WORDS)}-{int(1000 + rng.random() * 9000)}"


def _person(sketch: Sketch, email: str, rng: Random, now: datetime) -> DemoPerson:
    sub, row_id = uuid4(rng), uuid4(rng)
    created = now - timedelta(seconds=int(sketch.created * 86400))
    modified = created if sketch.modified is None else now - timedelta(seconds=int(sketch.modified * 86400))
    external = sketch.status is UserStatus.EXTERNAL_PROVIDER
    attributes = {
        "sub": sub,
        "email": email,
        "email_verified": "true" if sketch.verified else "false",
        "name": f"{sketch.given} {sketch.family}",
        "given_name": sketch.given,
        "family_name": sketch.family,
        "locale": pick(rng, LOCALES),
        "custom:role": sketch.role,
        "custom:organizationId": sketch.organisation,
    }
    if sketch.phone or sketch.mfa == "sms":
        attributes["phone_number"] = f"+1{pick(rng, AREA_CODES)}55501{rng.randrange(100):02d}"
        attributes["phone_number_verified"] = "true"
    username = sub
    if external:  # Cognito names a federated user after the provider and the identifier there
        identifier = str(rng.randrange(10**20, 10**21))
        username = f"Google_{identifier}"
        attributes["identities"] = json.dumps(
            [{"userId": identifier, "providerName": "Google", "providerType": "Google", "primary": True}]
        )
    user = User(username, sketch.status, sketch.enabled, created, modified, attributes)
    totp = base64.b32encode(rng.randbytes(20)).decode() if sketch.mfa == "totp" else None
    password = None if external else _password(rng)
    row = _row(sketch, user, row_id, rng, now) if sketch.onboarding is not None else None
    return DemoPerson(user, password, totp, () if sketch.mfa == "none" else (sketch.mfa,), row, sketch.story)


def _row(sketch: Sketch, user: User, row_id: str, rng: Random, now: datetime) -> DatabaseUser:
    assert sketch.onboarding is not None
    changed = user.modified if sketch.row_changed is None else now - timedelta(seconds=int(sketch.row_changed * 86400))
    created = min(user.created + timedelta(seconds=2), changed)
    method = sketch.mfa if sketch.row_mfa == "same" else sketch.row_mfa
    subject = user.sub if sketch.row_subject == "same" else uuid4(rng)
    return DatabaseUser(
        id=row_id,
        email=sketch.row_email or user.email,
        status=sketch.onboarding,
        auth_provider="cognito",
        email_verified=sketch.verified if sketch.row_verified is None else sketch.row_verified,
        subject=subject,
        name=user.name,
        role=sketch.role,
        organization_id=sketch.organisation,
        mfa_required=sketch.mfa_required,
        mfa_method=None if method == "none" else method,
        mfa_enrolled_at=None if method == "none" else created + (changed - created) / 2,
        status_before_disable=sketch.before_disable,
        created_at=created,
        updated_at=changed,
    )
