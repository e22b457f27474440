"""The picture of the ladder, drawn from its data, and the comings and goings of a state."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.journal_models import EntryState
from app.onboarding import ladder
from app.onboarding.ladder import LADDER, Driver, Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Action
from app.work import Work
from tests.ui.conftest import shown
from tests.ui.onboarding.desk import Open, Watched, add, choose, sql
from tests.ui.words import press, wait_for, wait_to_see
from ui.tabs.onboarding.diagram import LadderDiagram, describe, lines
from ui.tabs.onboarding.flow import journal_steps
from ui.tabs.onboarding.view import OnboardingView

S = OnboardingStatus


def test_every_declared_edge_is_in_exactly_one_line() -> None:
    drawn = [step for line in lines() for step in line.steps]
    assert sorted(map(str, drawn)) == sorted(map(str, ladder.transitions()))
    assert {line.driver for line in lines()} == set(Driver)
    for line in lines():
        assert len({(step.edge, step.driver) for step in line.steps}) == 1, "one line, one name, one driver"


def test_lines_are_told_in_words() -> None:
    said = {line.edge: describe(line) for line in lines()}
    assert said[Edge.APPROVE] == "Approve: from Pending approval to Pending MFA, by an admin"
    assert said[Edge.ENROL_MFA].endswith("by Cognito, by itself")
    assert said[Edge.DISABLE] == "Disable: from any state to Disabled, by an admin"
    assert "back to where they were" in said[Edge.ENABLE]


@pytest.mark.parametrize("width", [640, 900, 1600])
def test_every_state_has_a_place_of_its_own(qtbot: QtBot, dressed: QApplication, width: int) -> None:
    made = LadderDiagram()
    made.resize(width, made.sizeHint().height())
    shown(qtbot, made)
    boxes = list(made.boxes().values())
    assert len(boxes) == len(LADDER)
    for number, box in enumerate(boxes):
        assert made.rect().toRectF().contains(box)
        assert not any(box.intersects(other) for other in boxes[number + 1 :])
    assert not made.grab().isNull()


def test_states_are_chosen_by_mouse_and_keys(qtbot: QtBot, dressed: QApplication) -> None:
    made = LadderDiagram()
    made.resize(900, made.sizeHint().height())
    shown(qtbot, made)
    heard: list[OnboardingStatus] = []
    made.chosen.connect(heard.append)
    QTest.mouseClick(
        made, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        made.boxes()[S.SUSPENDED].center().toPoint(),
    )  # fmt: skip
    assert "Was active and has been suspended" in made.accessibleDescription()
    assert "Resume: from Suspended to Active, by an admin" in made.accessibleDescription()
    QTest.keyClick(made, Qt.Key.Key_Right)
    QTest.keyClick(made, Qt.Key.Key_Up)
    assert heard == [S.SUSPENDED, S.DISABLED, S.SUSPENDED]


def day_of(view: OnboardingView) -> tuple[int, int]:
    today = view.flow.chart.days[-1]
    return today.up, today.down


def test_the_chart_counts_today_s_steps_and_newcomers(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    view = opened()
    press(view, "Ladder and flow")
    wait_for(lambda: view.flow.chart.days, "days", view)
    assert len(view.flow.chart.days) == 30
    before = day_of(view)
    add(demo, cleanup, "came.today@quay.example", S.PENDING_APPROVAL, days=0)
    press(view, "Refresh")
    wait_for(lambda: day_of(view) == (before[0] + 1, before[1]), "one more who came", view)
    press(view, "List")
    choose(view, S.PENDING_APPROVAL, "came.today@quay.example")
    wait_to_see(view, "Came.Today")
    press(view, "Approve")
    watched.toast_of("came.today@quay.example was approved")
    press(view, "Ladder and flow")
    # Their row has only its last change now, and how they came is in no journal.
    wait_for(lambda: day_of(view) == (before[0], before[1] + 1), "one more who left", view)
    wait_to_see(view, "Pending approval, the last 30 days")


def test_only_steps_that_were_taken_count(demo: Desk) -> None:
    journal, connection = demo.journal, "another-connection"
    for subject, state in (("a", EntryState.SUCCEEDED), ("b", EntryState.FAILED), ("c", EntryState.SUCCEEDED)):
        details = {"person": subject, "from": "active", "to": "suspended"} if subject != "c" else {"person": "c"}
        entry = journal.begin(
            connection=connection, operator="ada", action=Action.SUSPEND, subject=subject, details=details
        )
        if state is EntryState.SUCCEEDED:
            journal.succeed(entry)
    steps = list(journal_steps(journal, connection, demo.now(), Work()))
    assert [(step.person, step.source, step.target) for step in steps] == [("a", S.ACTIVE, S.SUSPENDED)]


def test_the_chart_shows_another_state_and_survives_a_table_that_is_gone(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    view = opened()
    press(view, "Ladder and flow")
    wait_for(lambda: view.flow.chart.days, "days", view)
    assert demo.database is not None
    sql(demo, "ALTER TABLE auth.users RENAME COLUMN status TO elsewhere")
    cleanup.callback(demo.database.check)
    cleanup.callback(sql, demo, "ALTER TABLE auth.users RENAME COLUMN elsewhere TO status")
    demo.database.check()
    view.flow.diagram.chosen.emit(S.ACTIVE)
    wait_to_see(view.flow, "lacks the columns status")
