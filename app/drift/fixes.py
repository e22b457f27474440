"""What would mend a difference, and what forbids it. Pure: a dry run of a million lines asks nobody.

The ladder's rules hold: a status changes along a declared edge only. An address that Cognito does not hold as verified
never decides whose a row is: else whoever types in somebody's address would be handed their account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.directory.differences import PROVIDER_OF_POOL, Kind
from app.drift.report import DriftLine
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Action

_S = OnboardingStatus


class Side(StrEnum):
    """Which side a fix changes, so that it says what the other one says."""

    DATABASE = "database"
    COGNITO = "cognito"


@dataclass(frozen=True, slots=True)
class Fix:
    """A way to mend one kind of difference."""

    kind: Kind
    side: Side
    words: str


@dataclass(frozen=True, slots=True)
class AddRow:
    """Insert the row that is missing, at the foot of the ladder; disabled where the person is."""


@dataclass(frozen=True, slots=True)
class Move:
    """Take the row along an edge of the ladder."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class Write:
    """Set columns of the row, as long as they hold what was read. `note` warns of what follows."""

    values: Mapping[str, object] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """Enable or disable the person in Cognito."""

    enabled: bool


@dataclass(frozen=True, slots=True)
class Verify:
    """Set whether Cognito holds the email address as verified."""

    verified: bool


Step = AddRow | Move | Write | Switch | Verify

FIXES: Mapping[Kind, tuple[Fix, ...]] = {
    kind: tuple(Fix(kind, side, words) for side, words in ways)
    for kind, ways in {
        Kind.ONLY_COGNITO: ((Side.DATABASE, "Add the missing row"),),
        Kind.ONLY_DATABASE: ((Side.DATABASE, "Disable the row"),),
        Kind.EMAIL_VERIFIED: (
            (Side.DATABASE, "Let the row say what Cognito says"),
            (Side.COGNITO, "Let Cognito say what the row says"),
        ),
        Kind.ENABLED: (
            (Side.DATABASE, "Disable or enable the row as in Cognito"),
            (Side.COGNITO, "Disable or enable the person in Cognito as in the database"),
        ),
        Kind.MFA: ((Side.DATABASE, "Record in the row what Cognito holds"),),
        Kind.SUBJECT: ((Side.DATABASE, "Write the person's subject into the row"),),
        Kind.EMAIL: ((Side.DATABASE, "Write Cognito's address into the row"),),
        Kind.EMAIL_CASE: ((Side.DATABASE, "Spell the row's address as Cognito does"),),
        Kind.PROVIDER: ((Side.DATABASE, "Let the row belong to Cognito"),),
        Kind.DUPLICATE: ((Side.DATABASE, "Disable the other row"),),
    }.items()
}
ACTIONS: Mapping[type[Step], Action] = {AddRow: Action.ADD_ROW, Write: Action.ALIGN_ROW}


def plan(fix: Fix, line: DriftLine) -> Step | str:
    """The step that mends `line`, or the sentence that says why there is none."""
    if fix.kind not in line.kinds:
        return "Both sides agree by now: nothing is to be done."
    if line.row_status is not None and line.row_status not in set(_S):
        return (
            f"The row has the status “{line.row_status}”, which is none of the eight: the ladder knows no way from it."
        )
    match fix.kind, fix.side:
        case Kind.ONLY_COGNITO, _:
            if not line.email:
                return "They have no email address in Cognito, and a row needs one."
            return AddRow()
        case ((Kind.ONLY_DATABASE | Kind.DUPLICATE), _):
            return _move(line, Edge.DISABLE)
        case Kind.EMAIL_VERIFIED, side:
            return _verification(side, line)
        case Kind.ENABLED, Side.DATABASE:
            return _move(line, Edge.ENABLE if line.enabled else Edge.DISABLE)
        case Kind.ENABLED, _:
            return Switch(line.row_status != _S.DISABLED)
        case Kind.MFA, _:
            return _factor(line)
        case _:
            return _identity(fix.kind, line)


def action_of(step: Step) -> Action:
    """The permission that the step needs."""
    from app.people import action_of as action_of_edge

    match step:
        case Move(edge):
            return action_of_edge(edge)
        case Switch(enabled):
            return Action.ENABLE_USER if enabled else Action.DISABLE_USER
        case Verify():
            return Action.UPDATE_ATTRIBUTES
        case _:
            return ACTIONS[type(step)]


def calls_cognito(step: Step) -> bool:
    """Whether the step changes Cognito: it then counts towards the quota, and the person as an active user."""
    return isinstance(step, Switch | Verify)


def _move(line: DriftLine, edge: Edge) -> Step | str:
    if line.row_status is None:
        return "There is no row to move."
    return ladder.why_not(edge, _S(line.row_status)) or Move(edge)


def _verification(side: Side, line: DriftLine) -> Step | str:
    if line.email_verified and line.row_status == _S.PENDING_VERIFICATION:
        if side is Side.DATABASE:
            return Move(Edge.CONFIRM_EMAIL)
        if line.row_email_verified:
            return "Both sides hold the address as verified: only the row's status is behind. Change the row instead."
    if (line.email or "").lower() != (line.row_email or "").lower():
        return "The two addresses differ, so that one may be verified and the other not. Mend the address first."
    if side is Side.COGNITO:
        return Verify(bool(line.row_email_verified))
    return Write({"email_verified": bool(line.email_verified)}, "The row's status stays as it is.")


def _factor(line: DriftLine) -> Step | str:
    if line.factor == "totp":
        values: dict[str, object] = {"mfa_method": "totp"}
        if line.row_status == _S.PENDING_MFA:
            values["status"] = ladder.target(Edge.ENROL_MFA, _S.PENDING_MFA).value
        return Write(values)
    if line.row_mfa_required:
        return "MFA is required for this person (mfa_required), so the row keeps it. Enrol an authenticator instead."
    return Write({"mfa_method": None})


def _identity(kind: Kind, line: DriftLine) -> Step | str:
    same_subject = line.sub is not None and line.sub == line.row_subject
    if kind is Kind.EMAIL_CASE:
        return Write({"email": line.email})
    if not line.email_verified:
        return "Cognito does not hold their address as verified: it cannot decide whose the row is. Verify it first."
    if kind is Kind.EMAIL:
        if not line.email:
            return "They have no email address in Cognito."
        return Write({"email": line.email, "email_verified": True})
    if kind is Kind.PROVIDER:
        if line.row_subject and not same_subject:
            return "The row names the subject of another account. Mend the subject first."
        return Write(
            {"auth_provider": PROVIDER_OF_POOL, "subject": line.sub},
            f"They could no longer sign in through “{line.row_provider}”.",
        )
    return Write({"subject": line.sub}, "The account that the row named before loses it." if line.row_subject else "")
