"""One step of the ladder for several people, from the dry run to the result."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from ui.tabs.onboarding import wording
from ui.tabs.onboarding.bulk import BulkStep, Plan
from ui.tabs.onboarding.moves import BulkReport
from ui.tabs.onboarding.report import Line, headline, lines
from ui.tabs.onboarding.several import WORDS, way
from ui.tabs.onboarding.staged_dialog import PlanShown, ResultShown, StagedDialog
from ui.text import count, number, tr
from ui.widgets.badge import Badge, Tone


class BulkDialog(StagedDialog):
    """Owns the step, which begins with its dry run."""

    def __init__(self, step: BulkStep, parent: QWidget | None = None) -> None:
        self._words = WORDS[step.edge]
        super().__init__(tr(self._words.asked, people=count(len(step.people), "person", "people")), parent)
        self._step = step
        step.setParent(self)
        step.planned.connect(self._on_planned)
        step.failed.connect(self.show_error)
        step.progressed.connect(self.show_progress)
        step.reported.connect(self._on_reported)
        step.stopped.connect(self.reject)
        self.check_requested.connect(step.check)
        self.run_requested.connect(step.run)
        self.stop_requested.connect(step.stop)
        step.check()

    @Slot(object)
    def _on_planned(self, plan: Plan) -> None:
        words, edge = self._words, self._step.edge
        ready, refused = len(plan.ready), len(plan.refused)
        people = count(ready, "person", "people")
        left = tr(words.left, n=number(refused))
        shown = [Line(row.email, Badge(tr("cannot"), Tone.BAD), why) for row, why in plan.refused]
        shown += [Line(row.email, Badge(tr(words.will), Tone.INFO), way(edge, row)) for row in plan.ready]
        self.show_plan(
            PlanShown(
                shown,
                words.points() if ready else (),
                action=tr(words.button, people=people) if ready else "",
                doing=tr(words.doing, people=people),
                warning=left if refused else "",
                dangerous=words.dangerous,
                reason=wording.reason_prompt() if edge in wording.REASONED else "",
            )
        )

    @Slot(object)
    def _on_reported(self, report: BulkReport) -> None:
        plan = self._step.plan
        refused = plan.refused if plan is not None else ()
        left = [Line(row.email, Badge(tr("cannot"), Tone.NEUTRAL), why) for row, why in refused]
        note = tr("It was stopped. Whoever is marked “not tried” was left as they were.") if report.untried else ""
        self.show_result(ResultShown(headline(report), [*lines(report), *left], note))
