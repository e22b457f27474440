"""The steps of an enrolment that are taken the same way while it runs and afterwards, by whoever finishes or undoes it.

Blocking; any thread; raises AppError only. Every step goes through Changes.perform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from app.auth.enrolment import Ending, Step
from app.auth.sign_in import SignIn
from app.directory.access import Removal
from app.directory.models import User
from app.journal_models import MirrorRequest
from app.permissions import Action
from app.pool.models import PasswordPolicy
from app.pool.password import generate

if TYPE_CHECKING:
    from app.changes import Changes
    from app.directory.users import Users

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tools:
    """What an enrolment works with. `learn` refreshes what is known of the person's row after a mirror, `enrolled` also
    what is known of Cognito's side.
    """

    users: Users
    changes: Changes
    sign_in: SignIn
    policy: PasswordPolicy
    endings: Callable[[User], Mapping[Ending, str | None]]
    learn: Callable[[User], None]
    enrolled: Callable[[User], None]
    remove: Callable[[User], Removal]
    rival: Callable[[], str]  # who is at an enrolment of the same person, in a sentence; empty where nobody is known to
    session_validity: timedelta = timedelta(minutes=3)


def perform(
    changes: Changes,
    user: User,
    step: Step,
    call: Callable[[], T],
    mirror: MirrorRequest | None = None,
    details: Mapping[str, str] | None = None,
) -> T:
    """Take one step on the one path of every change."""
    who = user.email or user.phone or user.username
    return changes.perform(
        Action.ENROL_AUTHENTICATOR,
        user.username,
        call,
        details={"person": who, "step": step.value, **(details or {})},
        mirror=mirror,
        sub=user.sub,
    ).value


def hand_over(
    users: Users, policy: PasswordPolicy, step: Callable[..., object], user: User, ending: Ending
) -> str | None:
    """Replace a random password by way of `ending`; the temporary password, where one was made."""
    if ending is Ending.EMAIL:
        step(Step.HAND_OVER, lambda: users.reset_password(user.username), way=ending.value)
        return None
    password = generate(policy)
    step(
        Step.HAND_OVER,
        lambda: users.set_password(user.username, password, permanent=False, status=user.status),
        way=ending.value,
    )
    return password
