"""The onboarding ladder: eight states, the edges between them, and who drives each. Pure: no I/O, no clock.

Source document, section 5. What is not listed here cannot happen through the Desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.errors import AppError, ErrorCode
from app.onboarding.models import DatabaseUser, OnboardingStatus

_S = OnboardingStatus


class Edge(StrEnum):
    """A step on the ladder."""

    CONFIRM_EMAIL = "confirm_email"
    APPROVE = "approve"
    REJECT = "reject"
    REOPEN = "reopen"
    ENROL_MFA = "enrol_mfa"
    SUBSCRIBE = "subscribe"
    SUSPEND = "suspend"
    RESUME = "resume"
    DISABLE = "disable"
    ENABLE = "enable"


class Driver(StrEnum):
    """Who moves a person along an edge in the normal course of things."""

    COGNITO = "cognito"
    ADMIN = "admin"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True)
class Transition:
    """One declared step from a state to a state."""

    edge: Edge
    source: OnboardingStatus
    target: OnboardingStatus
    driver: Driver


# The order in which a person climbs; then the states beside the ladder.
LADDER: tuple[OnboardingStatus, ...] = (
    _S.PENDING_VERIFICATION,
    _S.PENDING_APPROVAL,
    _S.PENDING_MFA,
    _S.PENDING_SUBSCRIPTION,
    _S.ACTIVE,
    _S.SUSPENDED,
    _S.DISABLED,
    _S.REJECTED,
)

_STEPS: tuple[Transition, ...] = (
    Transition(Edge.CONFIRM_EMAIL, _S.PENDING_VERIFICATION, _S.PENDING_APPROVAL, Driver.COGNITO),
    Transition(Edge.APPROVE, _S.PENDING_APPROVAL, _S.PENDING_MFA, Driver.ADMIN),
    Transition(Edge.REJECT, _S.PENDING_APPROVAL, _S.REJECTED, Driver.ADMIN),
    Transition(Edge.REOPEN, _S.REJECTED, _S.PENDING_APPROVAL, Driver.ADMIN),
    Transition(Edge.ENROL_MFA, _S.PENDING_MFA, _S.PENDING_SUBSCRIPTION, Driver.COGNITO),
    Transition(Edge.SUBSCRIBE, _S.PENDING_SUBSCRIPTION, _S.ACTIVE, Driver.SUBSCRIPTION),
    Transition(Edge.SUSPEND, _S.ACTIVE, _S.SUSPENDED, Driver.ADMIN),
    Transition(Edge.RESUME, _S.SUSPENDED, _S.ACTIVE, Driver.ADMIN),
)

INVERSE: dict[Edge, Edge] = {
    Edge.REJECT: Edge.REOPEN,
    Edge.REOPEN: Edge.REJECT,
    Edge.SUSPEND: Edge.RESUME,
    Edge.RESUME: Edge.SUSPEND,
    Edge.DISABLE: Edge.ENABLE,
    Edge.ENABLE: Edge.DISABLE,
}
"""The step that takes a step back, where the ladder has one."""

_WORDS: dict[OnboardingStatus, str] = {
    _S.PENDING_VERIFICATION: "waiting for email verification",
    _S.PENDING_APPROVAL: "waiting for approval",
    _S.PENDING_MFA: "waiting for an authenticator",
    _S.PENDING_SUBSCRIPTION: "waiting for a subscription",
    _S.ACTIVE: "active",
    _S.SUSPENDED: "suspended",
    _S.DISABLED: "disabled",
    _S.REJECTED: "rejected",
}

_EDGE_WORDS: dict[Edge, str] = {
    Edge.CONFIRM_EMAIL: "Confirming the email",
    Edge.APPROVE: "Approving",
    Edge.REJECT: "Rejecting",
    Edge.REOPEN: "Reopening",
    Edge.ENROL_MFA: "Recording the authenticator",
    Edge.SUBSCRIBE: "Recording the subscription",
    Edge.SUSPEND: "Suspending",
    Edge.RESUME: "Lifting the suspension",
    Edge.DISABLE: "Disabling",
    Edge.ENABLE: "Enabling",
}

_EXPLANATIONS: dict[OnboardingStatus, str] = {
    _S.PENDING_VERIFICATION: (
        "Must confirm their email address with the code that Cognito sent. Moves on by itself when they do; "
        "the code can be sent again."
    ),
    _S.PENDING_APPROVAL: "The email is confirmed. Waits for one of us to approve or reject the application.",
    _S.PENDING_MFA: (
        "Approved. Must set up an authenticator app at the next sign-in. Moves on by itself when that is done."
    ),
    _S.PENDING_SUBSCRIPTION: (
        "The authenticator is set up. Waits for a subscription: the payment service moves them on when it is paid."
    ),
    _S.ACTIVE: "All steps are done. Waits for nothing.",
    _S.SUSPENDED: "Was active and has been suspended. Stays so until an admin lifts the suspension.",
    _S.DISABLED: "Has been disabled. Stays so until an admin enables them; they return to where they were before.",
    _S.REJECTED: "The application was rejected. Stays so until an admin reopens it.",
}


@cache
def transitions() -> tuple[Transition, ...]:
    """Every declared step. ENABLE appears once for each state that it may return to."""
    others = tuple(status for status in LADDER if status is not _S.DISABLED)
    disable = tuple(Transition(Edge.DISABLE, status, _S.DISABLED, Driver.ADMIN) for status in others)
    enable = tuple(Transition(Edge.ENABLE, _S.DISABLED, status, Driver.ADMIN) for status in others)
    return _STEPS + disable + enable


def target(edge: Edge, status: OnboardingStatus, *, before: OnboardingStatus | None = None) -> OnboardingStatus:
    """Where the edge leads from that status. ENABLE leads to `before`, which before_disable() tells.

    AppError(USER_STATE) says why where the ladder has no such step.
    """
    reason = why_not(edge, status)
    if reason is not None:
        raise AppError(ErrorCode.USER_STATE, reason, subject=status.value)
    found = [step.target for step in transitions() if step.edge is edge and step.source is status]
    if edge is not Edge.ENABLE:
        return found[0]
    if before not in found:
        message = "It is not known where this person stood before they were disabled, so they cannot return there."
        raise AppError(ErrorCode.USER_STATE, message, subject=status.value)
    return before


def step_to(
    goal: OnboardingStatus, status: OnboardingStatus, *, before: OnboardingStatus | None = None
) -> Transition | str:
    """The step that leads from `status` straight to `goal`, or why there is none, in a sentence.

    `before` is where ENABLE returns a disabled person: before_disable() tells.
    """
    if goal is status:
        return f"This person is {_WORDS[status]} already."
    if status is _S.DISABLED and goal is not before:
        where = "where they were" if before is None else f"where they were: {_WORDS[before]}"
        return f"Enabling returns a disabled person to {where}."
    found = [step for step in transitions() if step.source is status and step.target is goal]
    if found:
        return found[0]
    onward = [_WORDS[step.target] for step in transitions() if step.source is status]
    return f"From here the ladder leads to {_either(onward)}, and not to “{_WORDS[goal]}”."


def why_not(edge: Edge, status: OnboardingStatus) -> str | None:
    """Why the step is not possible from that status, in a sentence; None where it is."""
    sources = [step.source for step in transitions() if step.edge is edge]
    if status in sources:
        return None
    if edge is Edge.DISABLE:
        return "This person is disabled already."
    return f"{_EDGE_WORDS[edge]} is for someone who is {_WORDS[sources[0]]}; this person is {_WORDS[status]}."


def _either(words: list[str]) -> str:
    quoted = [f"“{each}”" for each in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def explain(status: OnboardingStatus) -> str:
    """What a person in that status waits for, and who moves them on."""
    return _EXPLANATIONS[status]


def before_disable(row: DatabaseUser) -> OnboardingStatus:
    """Where ENABLE returns this person: where they stood, or, not recorded, no further than the row proves."""
    recorded = row.status_before_disable
    if recorded is not None and recorded is not _S.DISABLED:
        return recorded
    if not row.email_verified:
        return _S.PENDING_VERIFICATION
    # An approval leaves no trace in the row, an enrolled authenticator does; a payment does not.
    return _S.PENDING_SUBSCRIPTION if row.mfa_method else _S.PENDING_APPROVAL
