"""What a step of the ladder is called, asked, and reported as when several people take it at once. Texts only."""

from __future__ import annotations

from dataclasses import dataclass

from app.onboarding import ladder
from app.onboarding.ladder import Edge
from app.onboarding.models import DatabaseUser
from ui.tabs.onboarding.wording import ROW_ONLY
from ui.text import onboarding_status, tr


@dataclass(frozen=True, slots=True)
class Words:
    """One step. `asked` holds a place for {people}. `done` is said of one person and of many: "approved".

    `way_back` ends the question.
    """

    asked: str
    button: str
    will: str
    done: str
    meaning: str
    way_back: str
    dangerous: bool = False
    job: str = ""  # what the status bar shows, where that is not as for one person

    def points(self) -> tuple[str, ...]:
        """What it means for several people at once."""
        return tr(self.meaning), f"{tr(ROW_ONLY)} {tr(self.way_back)}"


WORDS: dict[Edge, Words] = {
    Edge.APPROVE: Words(
        "Approve {people}?",
        "Approve",
        "will be approved",
        "approved",
        "Each moves to pending MFA and must set up an authenticator app at the next sign-in.",
        "An approval has no direct way back.",
    ),
    Edge.REJECT: Words(
        "Reject {people}?",
        "Reject",
        "will be rejected",
        "rejected",
        "The applications are turned down: the status of each becomes rejected.",
        "This can be undone: Reopen puts them back to pending approval.",
        dangerous=True,
    ),
    Edge.REOPEN: Words(
        "Reopen the applications of {people}?",
        "Reopen",
        "will be reopened",
        "reopened",
        "Each moves back to pending approval, and waits again for one of us to approve or reject.",
        "This can be undone: Reject turns them down again.",
        job="Reopening the applications of {people}",
    ),
    Edge.SUSPEND: Words(
        "Suspend {people}?",
        "Suspend",
        "will be suspended",
        "suspended",
        "The status of each becomes suspended, and stays so until somebody lifts the suspension.",
        "This can be undone: Resume makes them active again.",
        dangerous=True,
    ),
    Edge.RESUME: Words(
        "Lift the suspension of {people}?",
        "Resume",
        "will be resumed",
        "resumed",
        "Each becomes active again.",
        "This can be undone: Suspend takes them back.",
        job="Lifting the suspensions of {people}",
    ),
    Edge.DISABLE: Words(
        "Disable {people}?",
        "Disable",
        "will be disabled",
        "disabled",
        "The status of each becomes disabled in the application database. To stop them from signing in to Cognito too, "
        "disable them in Users.",
        "This can be undone: Enable puts each back to where they were.",
        dangerous=True,
    ),
    Edge.ENABLE: Words(
        "Enable {people}?",
        "Enable",
        "will be enabled",
        "enabled",
        "Each returns to the status in the application database that they had before they were disabled.",
        "This can be undone: Disable takes them back.",
    ),
}
"""The steps that several people may take at once: those that an admin decides."""


def way(edge: Edge, row: DatabaseUser) -> str:
    """From where to where the step takes the person: 'Rejected → Pending approval'."""
    goal = ladder.target(edge, row.status, before=ladder.before_disable(row))
    return f"{onboarding_status(row.status)} → {onboarding_status(goal)}"
