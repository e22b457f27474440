"""Why a database write waits: the database is away, refuses it, or another write of the person goes first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.errors import ErrorCode
from app.journal_models import Mirror


class Why(StrEnum):
    """What a write waits for."""

    NEW = "new"  # it was not tried yet
    AWAY = "away"  # the database did not answer
    REFUSED = "refused"  # the database answered, and did not take it
    BEHIND = "behind"  # an older write of the same person must land first
    ELSEWHERE = "elsewhere"  # it is meant for another pool or database than the connection has now


@dataclass(frozen=True, slots=True)
class Waiting:
    """One write that waits. `first` is the oldest write that it waits behind, where it does.

    `forbidden` says why the operator's role may not retry it; None where it may.
    """

    mirror: Mirror
    why: Why
    first: Waiting | None = None
    forbidden: str | None = None


def explained(
    mirrors: Sequence[Mirror], target: str | None, forbidden: Callable[[Mirror], str | None]
) -> tuple[Waiting, ...]:
    """The reason of each; `mirrors` oldest first. `target` is where this connection writes, None: nowhere."""
    found: list[Waiting] = []
    for mirror in mirrors:
        if target is None or mirror.target not in ("", target):
            found.append(Waiting(mirror, Why.ELSEWHERE, None, forbidden(mirror)))
            continue
        ahead = next(
            (each for each in found if each.why is not Why.ELSEWHERE and each.mirror.concerns_same_person(mirror)), None
        )
        found.append(Waiting(mirror, _reason(mirror, ahead), ahead, forbidden(mirror)))
    return tuple(found)


def _reason(mirror: Mirror, ahead: Waiting | None) -> Why:
    if ahead is not None:
        return Why.BEHIND
    if mirror.error is None:
        return Why.NEW
    return Why.AWAY if mirror.error_code is ErrorCode.DATABASE_UNREACHABLE else Why.REFUSED
