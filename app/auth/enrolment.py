"""Assisted enrolment as a state machine: its steps, what each leaves behind in the account, and what is left to do.

Pure. What happened is read off the journal's records of one person: so a half-done enrolment is understood whoever
began it, and however their program ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.auth import totp
from app.auth.totp import OtpAuth
from app.errors import AppError, ErrorCode

REACH = 40  # periods that a phone's clock is looked for on either side: 20 minutes
ACCEPTED = 1  # periods on either side that Cognito takes


class Start(StrEnum):
    """Whose password the Desk signs in with. The values are stored."""

    OWN = "own"  # typed by the person
    RANDOM = "random"  # set for the moment, seen by nobody


class Ending(StrEnum):
    """How the person comes to a password of their own after a random one. The values are stored."""

    TEMPORARY = "temporary"  # one to read out, to be changed at the next sign-in
    EMAIL = "email"  # a code to choose a new one with


class Step(StrEnum):
    """What is written down. Append only: the values are stored in the journal."""

    BEGIN = "begin"
    REMOVE_LOST = "remove_lost"
    SET_RANDOM = "set_random"
    SIGN_IN = "sign_in"
    CHOOSE_PASSWORD = "choose_password"  # noqa: S105 - a step
    ANSWER_FACTOR = "answer_factor"
    ASSOCIATE = "associate"
    VERIFY = "verify"
    ANSWER_SETUP = "answer_setup"
    PREFER = "prefer"
    SIGN_OUT = "sign_out"
    HAND_OVER = "hand_over"
    REMOVE_NEW = "remove_new"
    CLOSE = "close"


class Did(StrEnum):
    """How a step ended."""

    DONE = "done"
    FAILED = "failed"
    MAYBE = "maybe"  # no answer came, or the program died before it


@dataclass(frozen=True, slots=True)
class Record:
    """One step of the journal. `step` is None for a change by another way that gave the person another password."""

    step: Step | None
    did: Did
    ending: Ending | None = None  # of HAND_OVER


class Password(StrEnum):
    """Whose the account's password is."""

    THEIRS = "theirs"
    UNREAD = "unread"  # a temporary one that nobody has looked at yet
    RANDOM = "random"  # nobody knows it
    MAYBE_RANDOM = "maybe_random"


class Authenticator(StrEnum):
    """How far the new authenticator is."""

    UNTOUCHED = "untouched"
    REMOVED = "removed"  # the lost one is gone
    MADE = "made"  # a secret was shown; without a code of it nothing has changed
    MAYBE_VERIFIED = "maybe_verified"
    VERIFIED = "verified"  # it is there, but Cognito may not ask for it yet
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Situation:
    """What an enrolment has left in the account so far. `session`: the Desk may still be signed in as the person."""

    password: Password = Password.THEIRS
    authenticator: Authenticator = Authenticator.UNTOUCHED
    session: bool = False
    begun: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether something is left that somebody must finish or undo."""
        return self.begun and bool(self.to_finish or self.session or self.authenticator is Authenticator.MADE)

    @property
    def to_finish(self) -> tuple[Step, ...]:
        """What remains to be done without the person's phone; empty where only they can go on, or nothing remains."""
        steps: list[Step] = []
        if self.authenticator in (Authenticator.VERIFIED, Authenticator.MAYBE_VERIFIED):
            steps.append(Step.PREFER)
        if self.session and (steps or self.authenticator is Authenticator.ACTIVE):
            steps.append(Step.SIGN_OUT)
        if self.password is not Password.THEIRS:
            steps.append(Step.HAND_OVER)
        return tuple(steps)

    @property
    def needs_phone(self) -> bool:
        """Whether the enrolment can only be completed by beginning again with the person."""
        return self.authenticator in (Authenticator.UNTOUCHED, Authenticator.REMOVED, Authenticator.MADE)

    @property
    def to_undo(self) -> tuple[Step, ...]:
        """What brings the account back to a state that the person can use, without the new authenticator."""
        steps: list[Step] = []
        if self.authenticator in (Authenticator.VERIFIED, Authenticator.MAYBE_VERIFIED):
            steps.append(Step.REMOVE_NEW)
        if self.session:
            steps.append(Step.SIGN_OUT)
        if self.password is not Password.THEIRS:
            steps.append(Step.HAND_OVER)
        return tuple(steps)


_AUTHENTICATOR = {
    (Step.REMOVE_LOST, Did.DONE): Authenticator.REMOVED,
    (Step.REMOVE_LOST, Did.MAYBE): Authenticator.REMOVED,
    (Step.ASSOCIATE, Did.DONE): Authenticator.MADE,
    (Step.ASSOCIATE, Did.MAYBE): Authenticator.MADE,
    (Step.VERIFY, Did.DONE): Authenticator.VERIFIED,
    (Step.VERIFY, Did.MAYBE): Authenticator.MAYBE_VERIFIED,
    (Step.PREFER, Did.DONE): Authenticator.ACTIVE,
    (Step.REMOVE_NEW, Did.DONE): Authenticator.REMOVED,
}
_OPENS = frozenset({Step.SIGN_IN, Step.CHOOSE_PASSWORD, Step.ANSWER_FACTOR, Step.ANSWER_SETUP})


def after(situation: Situation, record: Record) -> Situation:
    """The situation after one more record."""
    step, did = record.step, record.did
    if step is None:
        return replace(situation, password=Password.THEIRS) if did is Did.DONE else situation
    if step is Step.CLOSE:
        return Situation() if did is not Did.FAILED else situation
    if did is Did.FAILED:
        return situation
    changed = replace(situation, begun=True)
    found = _AUTHENTICATOR.get((step, did))
    if found is not None:
        changed = replace(changed, authenticator=found)
    if step in _OPENS:
        changed = replace(changed, session=True)
    elif step is Step.SIGN_OUT and did is Did.DONE:
        changed = replace(changed, session=False)
    if step is Step.SET_RANDOM:
        changed = replace(changed, password=Password.RANDOM if did is Did.DONE else Password.MAYBE_RANDOM)
    elif step in (Step.CHOOSE_PASSWORD, Step.HAND_OVER) and did is Did.DONE:
        unread = step is Step.HAND_OVER and record.ending is Ending.TEMPORARY
        changed = replace(changed, password=Password.UNREAD if unread else Password.THEIRS)
    return changed


def replayed(records: Iterable[Record]) -> Situation:
    """What the records of one person, oldest first, add up to."""
    situation = Situation()
    for record in records:
        situation = after(situation, record)
    return situation


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the phone's clock is from Cognito's, by a code of it: `steps` periods of `period` seconds, + is ahead."""

    steps: int
    period: int = 30

    @property
    def seconds(self) -> int:
        """About how many seconds."""
        return self.steps * self.period


def judged(otp: OtpAuth, code: str, now: float) -> Drift:
    """The drift of a code that Cognito will take. `now` is Cognito's time (Unix).

    A code that it cannot take is told here, so that no attempt is spent on it: AppError INVALID_INPUT (not six digits)
    or CODE_WRONG, in which the clock's drift is named where the code shows one.
    """
    steps = totp.check(otp, code, now, reach=REACH).steps
    if steps is not None and abs(steps) <= ACCEPTED:
        return Drift(steps, otp.period)
    if steps is None:
        message = (
            "This is no code of the new entry. Either it was misread, or it belongs to another entry of the app: "
            f"compare issuer and account, which are {otp.issuer or 'without issuer'} and {otp.account}."
        )
    else:
        message = (
            f"The phone's clock is {_span(abs(steps) * otp.period)} {'behind' if steps < 0 else 'ahead'} "
            f"({abs(steps)} steps), so Cognito would refuse this code and later every sign-in. Have them turn on "
            "automatic date and time in the phone's settings, then read the new code."
        )
    raise AppError(ErrorCode.CODE_WRONG, message, subject="code", fields={"code": message})


def _span(seconds: int) -> str:
    if seconds < 120:
        return f"about {seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"about {minutes} min {rest} s" if rest else f"about {minutes} min"
