"""What is asked before a deed for many people, and what became of each. Texts only; no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.tabs.users.many import Plan, Report
from ui.tabs.users.wording import Question
from ui.text import age, count, number, tr
from ui.widgets.badge import Badge, Tone

_REASONS = 4
INDENT = "\t"  # before a point that belongs to the one above
# Command -> title, button, and what is typed to confirm it where it is dangerous.
_ASKED = {
    "user.verify_email": ("Mark the email addresses of {people} as verified?", "Mark as verified", ""),
    "user.resend": ("Resend the invitation to {people}?", "Resend", ""),
    "user.reset": ("Reset the passwords of {people}?", "Reset passwords", "RESET"),
    "user.require_mfa": ("Require MFA of {people}?", "Require MFA", ""),
    "user.lift_mfa": ("Lift the MFA requirement of {people}?", "Lift it", ""),
    "user.sign_out": ("Sign {people} out everywhere?", "Sign out", ""),
    "user.enable": ("Enable {people}?", "Enable", ""),
    "user.disable": ("Disable {people}?", "Disable", "DISABLE"),
    "user.delete": ("Delete {people}?", "Delete", "DELETE"),
    "user.group_add": ("Add {people} to {group}?", "Add", ""),
}
_POINTS = {
    "user.delete": "The accounts are removed from the user pool for good. Rows in the database stay, but are disabled.",
    "user.disable": "They can no longer sign in, and Cognito revokes their tokens. Enable lets them in again.",
    "user.reset": "Their present passwords stop working at once. Cognito sends each a code, valid for 1 hour.",
    "user.resend": "Each gets a new temporary password; the old ones stop working.",
    "user.verify_email": "Do it only if you know that the addresses are theirs: codes for passwords go there.",
    "user.sign_out": "All applications and devices must sign in anew.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One person: how they fare, and why."""

    who: str
    badge: Badge
    reason: str


def confirmation(plan: Plan) -> str:
    """What must be typed; empty where nothing must."""
    word = _ASKED[plan.deed.id][2]
    return f"{word} {len(plan.people)}" if word else ""


def question(plan: Plan) -> Question:
    """What the dry run says, and asks."""
    title, button, word = _ASKED[plan.deed.id]
    people = count(len(plan.people), "person", "people")
    points = [tr(_POINTS[plan.deed.id])] if plan.deed.id in _POINTS else []
    if plan.refused:
        left, everybody = number(len(plan.refused)), count(plan.total, "person", "people")
        points.append(tr("{n} of {all} will be left as they are:", n=left, all=everybody))
        reasons = plan.reasons()
        points += [INDENT + tr("{n}: {reason}", n=number(many), reason=reason) for reason, many in reasons[:_REASONS]]
        if len(reasons) > _REASONS:
            points.append(INDENT + tr("and for other reasons, which the result tells"))
    if plan.seconds >= 1:
        points.append(tr("Cognito's quota makes it take at least {time}.", time=_time(plan.seconds)))
    if plan.billed:
        points.append(tr("It may count up to {people} as billed active users of this month.", people=people))
    points.append(tr("They are taken one after another. It can be stopped; whoever was done stays done."))
    named = tr(title, people=people, group=plan.deed.subject)
    return Question(named, tuple(points), tr(button), danger=bool(word))


def question_back(report: Report) -> Question:
    """What is asked before a run is taken back."""
    many = len(report.undoable)
    points = [tr("Each is put back as before. Whoever was changed again meanwhile stays as they are, and is named.")]
    kept = len(report.done) - many
    if kept:
        points.append(tr("Of {people} it cannot be taken back.", people=count(kept, "person", "people")))
    if report.plan.billed:
        points.append(tr("It may count them as billed active users of this month, as the change itself did."))
    return Question(
        tr("Take it back for {people}?", people=count(many, "person", "people")), tuple(points), tr("Take back")
    )


def headline(report: Report) -> str:
    """'12 people: 10 done, 1 failed, 1 not tried, 3 refused'."""
    parts = [tr("{n} taken back" if report.back else "{n} done", n=number(len(report.done)))]
    for amount, words in (
        (len(report.failed), "{n} failed"),
        (len(report.unknown), "{n} not known"),
        (len(report.untried), "{n} not tried"),
        (len(report.plan.refused), "{n} refused"),
    ):
        if amount:
            parts.append(tr(words, n=number(amount)))
    return tr("{people}: {parts}", people=count(report.plan.total, "person", "people"), parts=", ".join(parts))


def lines(report: Report) -> Sequence[Line]:
    """Those who need attention first."""
    failed = [
        Line(each.who, Badge(words, Tone.BAD), each.error.message)
        for words, those in ((tr("not known"), report.unknown), (tr("failed"), report.failed))
        for each in those
        if each.error is not None
    ]
    untried = [Line(each.address, Badge(tr("not tried"), Tone.WARN), tr("Stopped before.")) for each in report.untried]
    refused = [Line(each.who, Badge(tr("refused"), Tone.WARN), each.reason) for each in report.plan.refused]
    word = tr("taken back") if report.back else tr("done")
    done = [Line(each.who, Badge(word, Tone.OK), each.note) for each in report.done]
    return [*failed, *untried, *refused, *done]


def _time(seconds: float) -> str:
    from datetime import timedelta

    return age(timedelta(seconds=seconds))
