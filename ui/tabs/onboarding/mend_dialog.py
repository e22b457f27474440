"""Mending one kind of difference for many people, from the dry run to the result."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.drift.service import MendReport, Preview, Result, Side
from ui.tabs.onboarding.drift import MendStep
from ui.tabs.onboarding.drift_words import kind_name, step_words
from ui.tabs.onboarding.report import Line
from ui.tabs.onboarding.staged_dialog import PlanShown, ResultShown, StagedDialog
from ui.text import count, number, tr
from ui.widgets.badge import Badge, Tone

_TONES = {Result.MENDED: Tone.OK, Result.REFUSED: Tone.NEUTRAL, Result.FAILED: Tone.BAD, Result.UNKNOWN: Tone.BAD}
_WORDS = {
    Result.MENDED: "mended",
    Result.REFUSED: "left alone",
    Result.FAILED: "failed",
    Result.UNKNOWN: "not known",
}
_MOST = 5_000  # lines of a result on screen; those that need attention come first


class MendDialog(StagedDialog):
    """Owns the step, which begins with its dry run."""

    def __init__(self, step: MendStep, parent: QWidget | None = None) -> None:
        super().__init__(tr("{fix}?", fix=tr(step.fix.words)), parent)
        self._step = step
        step.setParent(self)
        step.planned.connect(self._on_planned)
        step.failed.connect(self.show_error)
        step.progressed.connect(self.show_progress)
        step.reported.connect(self._on_reported)
        self.check_requested.connect(step.check)
        self.run_requested.connect(self._on_run)
        self.stop_requested.connect(step.stop)
        step.check()

    @Slot()
    def _on_run(self) -> None:
        self._step.run()

    @Slot(object)
    def _on_planned(self, plan: Preview) -> None:
        possible = count(plan.possible, "person", "people")
        shown = []
        for line, step in plan.examples:
            if isinstance(step, str):
                shown.append(Line(line.person, Badge(tr("cannot"), Tone.BAD), step))
            else:
                shown.append(Line(line.person, Badge(tr("will be mended"), Tone.INFO), step_words(step)))
        warning = plan.forbidden or ""
        if not warning and not plan.possible:
            warning = tr("There is nobody for whom this can be done.")
        can = plan.possible > 0 and plan.forbidden is None
        self.show_plan(
            PlanShown(
                shown,
                points(plan),
                action=tr("Mend {people}", people=possible) if can else "",
                doing=tr("Mending {people}", people=possible),
                warning=warning,
                dangerous=plan.fix.side is Side.COGNITO,
            )
        )

    @Slot(object)
    def _on_reported(self, report: MendReport) -> None:
        order = tuple(
            result
            for result in (Result.UNKNOWN, Result.FAILED, Result.REFUSED, Result.MENDED)
            if result is not Result.UNKNOWN or report.count(result)
        )
        lines = [
            Line(each.line.person, Badge(tr(_WORDS[result]), _TONES[result]), each.note)
            for result in order
            for each in report.results
            if each.result is result
        ]
        notes = []
        if report.left:
            notes.append(tr("{people} not reached.", people=count(report.left, "person was", "people were")))
        if len(lines) > _MOST:
            notes.append(tr("The first {n} are shown.", n=number(_MOST)))
        parts = ", ".join(f"{number(report.count(result))} {tr(_WORDS[result])}" for result in reversed(order))
        heading = tr("{kind}: {parts}", kind=kind_name(report.fix.kind), parts=parts)
        self.show_result(ResultShown(heading, lines[:_MOST], " ".join(notes), report.stopped))


def points(plan: Preview) -> list[str]:
    """What the fix does, what it costs, and for whom it cannot be done."""
    said = []
    if plan.possible:
        side = tr("the database") if plan.fix.side is Side.DATABASE else tr("Cognito")
        people = count(plan.possible, "person", "people")
        said.append(tr("{fix}: {people}. Only {side} is changed.", fix=tr(plan.fix.words), people=people, side=side))
        said.append(tr("Both sides are read again for each of them ({n} requests), one after the other.",
                       n=number(plan.reads)))  # fmt: skip
        if plan.billed:
            said.append(tr("{people} may count as active users of this month, whom AWS bills.",
                           people=count(plan.billed, "person", "people")))  # fmt: skip
    for reason, number_of in sorted(plan.refused.items(), key=lambda each: -each[1]):
        people = count(number_of, "person is", "people are")
        said.append(tr("{people} left as they are: {reason}", people=people, reason=reason))
    if plan.lines > len(plan.examples):
        said.append(tr("The first {n} of {all} are listed.", n=number(len(plan.examples)), all=number(plan.lines)))
    return said
