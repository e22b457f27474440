"""What each step of the ladder is called, asked, and reported as. Texts only; no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.changes import Outcome
from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser, OnboardingStatus
from ui.actions import ONBOARDING_COMMANDS, UserCommand
from ui.text import count, onboarding_status, tr

ORIGIN = "onboarding-tab"  # of the changes that this tab makes: it has already shown them itself
OPEN = "onboarding.open"
COPY = "onboarding.copy"

ASKED = frozenset({Edge.CONFIRM_EMAIL, Edge.ENROL_MFA, Edge.SUBSCRIBE, Edge.REJECT, Edge.SUSPEND, Edge.DISABLE})
"""Asked about before it is done; the others are done on the spot."""

REASONED = frozenset({Edge.REJECT, Edge.SUSPEND, Edge.DISABLE})
"""Somebody may want to know later why it was done: a reason can be given, which the journal keeps."""

# Plain letters would take the table's jump to a name away.
_SHORTCUTS = {Edge.APPROVE: "Ctrl+Return", Edge.REJECT: "Ctrl+Backspace"}

_JOBS = {
    Edge.CONFIRM_EMAIL: "Confirming the email of {who} in the database",
    Edge.APPROVE: "Approving {who}",
    Edge.REJECT: "Rejecting {who}",
    Edge.REOPEN: "Reopening the application of {who}",
    Edge.ENROL_MFA: "Recording the authenticator of {who}",
    Edge.SUBSCRIBE: "Recording the subscription of {who}",
    Edge.SUSPEND: "Suspending {who}",
    Edge.RESUME: "Lifting the suspension of {who}",
    Edge.DISABLE: "Disabling {who} in the database",
    Edge.ENABLE: "Enabling {who} in the database",
}

_DONE = {
    Edge.CONFIRM_EMAIL: "The database has the email of {who} as confirmed",
    Edge.APPROVE: "{who} was approved",
    Edge.REJECT: "{who} was rejected",
    Edge.REOPEN: "The application of {who} was reopened",
    Edge.ENROL_MFA: "The authenticator of {who} was recorded",
    Edge.SUBSCRIBE: "The subscription of {who} was recorded",
    Edge.SUSPEND: "{who} was suspended",
    Edge.RESUME: "The suspension of {who} was lifted",
    Edge.DISABLE: "{who} was disabled in the database",
    Edge.ENABLE: "{who} was enabled in the database",
}

ROW_ONLY = "Only the database row changes. The account in Cognito stays as it is."


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a step: what happens, what does not, and whether it can be undone."""

    title: str
    points: tuple[str, ...]
    button: str
    dangerous: bool = False


def edge_of(command_id: str) -> Edge:
    """The step that a command of ONBOARDING_COMMANDS takes. ValueError for another command."""
    return Edge(command_id.partition(".")[2])


def command_id(edge: Edge) -> str:
    """The command that takes the step."""
    return f"onboarding.{edge.value}"


def commands() -> tuple[UserCommand, ...]:
    """The commands of this tab: every step of the ladder, and what can be done with a person besides."""
    steps = tuple(_reworded(each) for each in ONBOARDING_COMMANDS)
    return (
        *steps,
        UserCommand(OPEN, "Open person", "user", shortcut="Ctrl+O"),
        UserCommand(COPY, "Copy email", "copy", multiple=True),
    )


def job_name(edge: Edge, who: str) -> str:
    """What the status bar shows while the step is taken."""
    return tr(_JOBS[edge], who=who)


def reason_prompt() -> str:
    """Above the line where a reason can be typed."""
    return tr("Reason (optional; the journal keeps it)")


def step_words(edge: Edge, people: Sequence[DatabaseUser]) -> str:
    """What dropping people on a state of the board does: 'Approve zoe@quay.example'."""
    text = next(each.text.rstrip("…") for each in ONBOARDING_COMMANDS if each.id == command_id(edge))
    who = people[0].name or people[0].email if len(people) == 1 else count(len(people), "person", "people")
    return f"{tr(text)}: {who}"


def done(edge: Edge, outcome: Outcome[DatabaseUser]) -> str:
    """What the toast says afterwards."""
    row = outcome.value
    said = tr("{done}. Now: {status}.", done=tr(_DONE[edge], who=row.email), status=status_words(row.status))
    return f"{said} {outcome.note}" if outcome.note else said


def status_words(status: OnboardingStatus) -> str:
    """The status within a sentence: 'pending MFA'."""
    words = onboarding_status(status)
    return words[:1].lower() + words[1:]


def question(edge: Edge, row: DatabaseUser) -> Question:
    """What to ask before taking one person along one of ASKED."""
    who = row.email
    no_way_back = tr("This cannot be taken back: the ladder has no step from there to where they are now.")
    match edge:
        case Edge.REJECT:
            points = (
                tr("The application is turned down: the status becomes rejected."),
                tr(ROW_ONLY),
                tr("This can be undone: Reopen puts them back to pending approval."),
            )
            return Question(tr("Reject {who}?", who=who), points, tr("Reject"), dangerous=True)
        case Edge.SUSPEND:
            points = (
                tr("The status becomes suspended, and stays so until somebody lifts the suspension."),
                tr(ROW_ONLY),
                tr("This can be undone: Resume makes them active again."),
            )
            return Question(tr("Suspend {who}?", who=who), points, tr("Suspend"), dangerous=True)
        case Edge.DISABLE:
            points = (
                tr("The status becomes disabled in the application database."),
                tr("{row_only} To stop them from signing in there too, disable them in Users.", row_only=tr(ROW_ONLY)),
                tr("This can be undone: Enable puts them back to {status}.", status=status_words(row.status)),
            )
            return Question(tr("Disable {who}?", who=who), points, tr("Disable"), dangerous=True)
        case Edge.CONFIRM_EMAIL:
            points = (
                tr("Normally this happens by itself, when the person enters the code that Cognito sent."),
                tr(
                    "This changes only the database row, not Cognito: here the email counts as verified, and the "
                    "status becomes pending approval. Cognito keeps what it has, verified or not."
                ),
                no_way_back,
            )
            return Question(tr("Confirm the email of {who}?", who=who), points, tr("Confirm email"))
        case Edge.ENROL_MFA:
            points = (
                tr("Normally this happens by itself, when the person sets up an authenticator app while signing in."),
                tr(
                    "This changes only the database row, not Cognito: the status becomes pending subscription. It sets "
                    "up no authenticator, and Cognito will ask for no code because of it."
                ),
                no_way_back,
            )
            return Question(tr("Record an authenticator for {who}?", who=who), points, tr("Record it"))
        case _:
            points = (
                tr("Normally this happens by itself, when the payment service reports a subscription."),
                tr(
                    "This changes only the database row, not Cognito and not the payment service: the status becomes "
                    "active. No subscription is made, and nobody is charged."
                ),
                tr("It has no direct way back. An active person can be suspended or disabled."),
            )
            return Question(tr("Record a subscription for {who}?", who=who), points, tr("Record it"))


def returns_to(row: DatabaseUser) -> str:
    """Where enabling a disabled person leads, and how that is known."""
    status = status_words(ladder.before_disable(row))
    if row.status_before_disable is not None:
        return tr("Enable puts them back to {status}, where they were.", status=status)
    return tr("Where they were is not recorded. As far as the row proves it, Enable leads to {status}.", status=status)


def _reworded(each: UserCommand) -> UserCommand:
    # A text that ends in … promises a question.
    edge = edge_of(each.id)
    text = each.text.rstrip("…") + ("…" if edge in ASKED else "")
    return replace(each, text=text, shortcut=_SHORTCUTS.get(edge, each.shortcut))
