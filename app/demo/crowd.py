"""The people without a story: a believable spread over organisations, states, ages and second factors. Pure."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from random import Random
from typing import Any, Final, NamedTuple

from app.demo.chance import age, pick, weighted
from app.demo.names import FAMILY, GIVEN, ORGANISATIONS, mailbox
from app.demo.stories import REPEATABLE, Sketch
from app.directory.models import UserStatus
from app.onboarding.models import OnboardingStatus

_S = UserStatus
_O = OnboardingStatus

STORY_SHARE: Final = 0.015
"""The share of the crowd that one of the named stories happens to."""

_STATES: Final = (*_O,)
_WEIGHTS: Final = {
    _O.ACTIVE: 658,
    _O.PENDING_VERIFICATION: 74,
    _O.PENDING_APPROVAL: 62,
    _O.PENDING_MFA: 88,
    _O.PENDING_SUBSCRIPTION: 58,
    _O.SUSPENDED: 22,
    _O.DISABLED: 24,
    _O.REJECTED: 14,
}
_CUMULATIVE: Final = list(accumulate(_WEIGHTS[state] for state in _STATES))


def sketch(rng: Random) -> Sketch:
    """The next person of the crowd."""
    given, family = pick(rng, GIVEN), pick(rng, FAMILY)
    organisation = weighted(rng, ORGANISATIONS, (40, 67, 87, 100))
    email = f"{mailbox(given)[:1]}.{mailbox(family)}" if rng.random() < 0.3 else ""
    if rng.random() < STORY_SHARE:
        story = pick(rng, REPEATABLE)
        return story._replace(given=given, family=family, organisation=organisation, email=email)
    state = weighted(rng, _STATES, _CUMULATIVE)
    return _IN_STATE[state](rng, _Who(given, family, organisation, email))


class _Who(NamedTuple):
    given: str
    family: str
    organisation: str
    email: str

    def sketch(self, status: UserStatus, onboarding: OnboardingStatus, story: str, **more: Any) -> Sketch:
        return Sketch(self.given, self.family, self.organisation, status, onboarding, story, email=self.email, **more)


def _factor(rng: Random) -> str:
    return weighted(rng, ("totp", "sms", "none"), (86, 91, 100))


def _active(rng: Random, who: _Who) -> Sketch:
    # Sign-ups grew over two years, so the young outnumber the old.
    created = 730 * rng.random() ** 1.6 + 0.5
    modified = rng.random() * min(created, 200)
    changed = modified + rng.random() * (created - modified)
    kind = rng.random()
    common: dict[str, Any] = {
        "created": created,
        "modified": modified,
        "row_changed": changed,
        "role": weighted(rng, ("user", "support", "admin"), (91, 97, 100)),
        "phone": rng.random() < 0.25,
    }
    if kind < 0.04:
        return who.sketch(_S.EXTERNAL_PROVIDER, _O.ACTIVE, "Active; signs in with Google.", **common)
    mfa = _factor(rng)
    common |= {"mfa": mfa, "mfa_required": mfa != "none" and rng.random() < 0.5}
    if kind < 0.07:
        return who.sketch(_S.RESET_REQUIRED, _O.ACTIVE, "Active; must choose a new password after a reset.", **common)
    how = {"totp": "an authenticator app", "sms": "a code by SMS", "none": "a password alone"}[mfa]
    return who.sketch(_S.CONFIRMED, _O.ACTIVE, f"Active; signs in with {how}.", **common)


def _pending_verification(rng: Random, who: _Who) -> Sketch:
    since = age(rng, 2, 60)
    if rng.random() < 0.85:
        return who.sketch(
            _S.UNCONFIRMED,
            _O.PENDING_VERIFICATION,
            "Signed up; has not entered the emailed code.",
            created=since,
            verified=False,
        )
    return who.sketch(
        _S.FORCE_CHANGE_PASSWORD,
        _O.PENDING_VERIFICATION,
        "Invited; the email is not verified yet.",
        created=since,
        verified=False,
    )


def _pending_approval(rng: Random, who: _Who) -> Sketch:
    waiting = age(rng, 0.6, 9)
    if rng.random() < 0.4:
        return who.sketch(
            _S.FORCE_CHANGE_PASSWORD, _O.PENDING_APPROVAL, "Invited by an admin; waits for approval.", created=waiting
        )
    return who.sketch(
        _S.CONFIRMED,
        _O.PENDING_APPROVAL,
        "Verified; waits for approval.",
        created=waiting + age(rng, 0.2, 4),
        modified=waiting,
    )


def _pending_mfa(rng: Random, who: _Who) -> Sketch:
    waiting = age(rng, 7, 80)
    created = waiting + age(rng, 1, 12)
    if rng.random() < 0.35:
        return who.sketch(
            _S.FORCE_CHANGE_PASSWORD, _O.PENDING_MFA, "Approved; has not used the temporary password yet.",
            created=created, row_changed=waiting, mfa_required=True,
        )  # fmt: skip
    return who.sketch(
        _S.CONFIRMED, _O.PENDING_MFA, "Approved; has not enrolled an authenticator yet.",
        created=created, modified=waiting, row_changed=waiting, mfa_required=True,
    )  # fmt: skip


def _pending_subscription(rng: Random, who: _Who) -> Sketch:
    waiting = age(rng, 4, 60)
    return who.sketch(
        _S.CONFIRMED, _O.PENDING_SUBSCRIPTION, "Authenticator enrolled; has not subscribed yet.",
        created=waiting + age(rng, 3, 30), modified=waiting, mfa="totp", mfa_required=True,
    )  # fmt: skip


def _suspended(rng: Random, who: _Who) -> Sketch:
    since = age(rng, 15, 120)
    return who.sketch(
        _S.CONFIRMED, _O.SUSPENDED, "Suspended after a failed payment.",
        created=since + 30 + age(rng, 150, 600), modified=since + 3, row_changed=since, mfa=_factor(rng),
    )  # fmt: skip


def _disabled(rng: Random, who: _Who) -> Sketch:
    since = age(rng, 60, 400)
    return who.sketch(
        _S.CONFIRMED, _O.DISABLED, "Disabled on both sides.",
        created=since + 10 + age(rng, 200, 500), modified=since, enabled=False, mfa=_factor(rng),
        before_disable=_O.ACTIVE,
    )  # fmt: skip


def _rejected(rng: Random, who: _Who) -> Sketch:
    since = age(rng, 30, 200)
    return who.sketch(
        _S.CONFIRMED, _O.REJECTED, "Rejected; no contract with the organisation.",
        created=since + age(rng, 1, 6), modified=since,
    )  # fmt: skip


_IN_STATE: Final[dict[OnboardingStatus, Callable[[Random, _Who], Sketch]]] = {
    _O.ACTIVE: _active,
    _O.PENDING_VERIFICATION: _pending_verification,
    _O.PENDING_APPROVAL: _pending_approval,
    _O.PENDING_MFA: _pending_mfa,
    _O.PENDING_SUBSCRIPTION: _pending_subscription,
    _O.SUSPENDED: _suspended,
    _O.DISABLED: _disabled,
    _O.REJECTED: _rejected,
}
