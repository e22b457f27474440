"""What is said of many people at once: who is left alone and why, how far it is, how everybody fared. No widget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from app.bulk import Fared, Fate, Plan, Report
from app.work import Progress
from ui.dialogs.bulk.order import AnyOrder, Asked
from ui.text import age, count, number, tr
from ui.widgets.badge import Badge, Tone

INDENT = "\t"  # before a point that belongs to the one above
MOST_LINES = 2_000  # on screen; those who need attention come first, and a file holds everybody
_REASONS = 4
_FORESEE = 5.0  # seconds after which the time left can be told


@dataclass(frozen=True, slots=True)
class Line:
    """One person: how they fare, and why."""

    who: str
    badge: Badge
    reason: str


def people(many: int) -> str:
    """'12 people'."""
    return count(many, "person", "people")


def points(plan: Plan[object], asked: Asked) -> tuple[str, ...]:
    """What is said before: what happens, who is left alone and why, and how it goes on."""
    said = list(asked.points)
    if plan.refused:
        left = number(len(plan.refused))
        said.append(tr("{n} of {all} will be left as they are:", n=left, all=people(plan.total)))
        reasons = plan.reasons()
        said += [INDENT + tr("{n}: {reason}", n=number(many), reason=reason) for reason, many in reasons[:_REASONS]]
        if len(reasons) > _REASONS:
            said.append(INDENT + tr("and for other reasons, which the list tells"))
    said.append(tr("They are taken one after another. It can be stopped; whoever was done stays done."))
    if plan.total > MOST_LINES:
        said.append(tr("The first {n} of {all} are listed.", n=number(MOST_LINES), all=number(plan.total)))
    return tuple(said)


def back_question(order: AnyOrder, report: Report[object]) -> Asked:
    """What is asked before a run is taken back."""
    many = len(report.undoable)
    said = [tr("Each is put back as before. Whoever was changed again meanwhile stays as they are, and is named.")]
    kept = len(report.of(Fate.DONE)) - many
    if kept:
        said.append(tr("Of {people} it cannot be taken back.", people=people(kept)))
    said += order.back_points(report)
    return Asked(tr("Take it back for {people}?", people=people(many)), tuple(said), tr("Take back"))


def planned(order: AnyOrder, plan: Plan[object]) -> list[Line]:
    """The dry run, those first who cannot be done."""
    cannot = Badge(tr("cannot"), Tone.WARN)
    lines = [Line(each.who, cannot, each.reason) for each in plan.refused[:MOST_LINES]]
    will = Badge(tr("possible") if plan.forbidden else tr(order.words.will), Tone.INFO)
    return lines + [
        Line(each.who, will, order.will(each.item)) for each in plan.ready[: max(0, MOST_LINES - len(lines))]
    ]


def planned_back(report: Report[object]) -> list[Line]:
    """Those who can be put back, the last first."""
    will = Badge(back_word(), Tone.INFO)
    return [Line(each.person.who, will, each.note) for each in report.undoable[:MOST_LINES]]


def back_word() -> str:
    """Of somebody for whom it can be taken back."""
    return tr("can be put back")


def headline(order: AnyOrder, report: Report[object]) -> str:
    """'12 people: 10 approved, 1 failed, 1 not tried'."""
    return tr("{people}: {parts}", people=people(report.total), parts=parts(order, report))


def parts(order: AnyOrder, report: Report[object]) -> str:
    """'10 approved, 1 failed, 1 not tried'."""
    word = tr("taken back") if report.back else tr(order.words.done)
    said = [f"{number(len(report.of(Fate.DONE)))} {word}"]
    for amount, words in (
        (len(report.of(Fate.FAILED)), "{n} failed"),
        (len(report.of(Fate.UNKNOWN)), "{n} not known"),
        (len(report.untried), "{n} not tried"),
        (len(report.of(Fate.LEFT)) + len(report.refused), "{n} left alone"),
    ):
        if amount:
            said.append(tr(words, n=number(amount)))
    return ", ".join(said)


def lines(order: AnyOrder, report: Report[object]) -> list[Line]:
    """Those who need attention first."""
    why = report.stopped.message if report.stopped is not None else tr("Stopped before.")
    left = Badge(tr("left alone"), Tone.NEUTRAL)
    word = tr("taken back") if report.back else tr(order.words.done)
    untried = Badge(tr("not tried"), Tone.WARN)
    found = chain(
        _fared(report.of(Fate.UNKNOWN), Badge(tr("not known"), Tone.BAD)),
        _fared(report.of(Fate.FAILED), Badge(tr("failed"), Tone.BAD)),
        (Line(each.who, untried, why) for each in report.untried),
        _fared(report.of(Fate.LEFT), left),
        (Line(each.who, left, each.reason) for each in report.refused),
        _fared(report.of(Fate.DONE), Badge(word, Tone.OK)),
    )
    return list(islice(found, MOST_LINES))


def notes(report: Report[object]) -> str:
    """What else there is to say of the result."""
    said = []
    if report.untried and report.stopped is None:
        said.append(tr("It was stopped. Whoever is marked “not tried” was left as they were."))
    if report.of(Fate.UNKNOWN):
        said.append(tr("Where it is not known, no answer came: read those people again before you repeat it."))
    if report.total > MOST_LINES:
        said.append(tr("The first {n} are shown; a file holds them all.", n=number(MOST_LINES)))
    return " ".join(said)


def progress_words(progress: Progress, seconds: float) -> str:
    """'12 of 400: ada@x.example · about 3 min left', after so many seconds of work."""
    done, total = progress.done, progress.total or 0
    said = tr("{done} of {total}: {who}", done=number(done), total=number(total), who=progress.note)
    if done and seconds >= _FORESEE and total > done:
        left = age(timedelta(seconds=seconds / done * (total - done)))
        said += " · " + tr("about {time} left", time=left)
    return said


def _fared(those: Sequence[Fared[object]], badge: Badge) -> Iterator[Line]:
    return (Line(each.person.who, badge, each.note) for each in those)
