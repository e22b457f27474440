"""Parts of the Onboarding tab without a database: the words, the steps, the funnel's tiles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.changes import Outcome
from app.onboarding import ladder
from app.onboarding.ladder import INVERSE, LADDER, Edge
from app.onboarding.limits import Limits
from app.onboarding.models import DatabaseUser, FunnelStage, OnboardingStatus
from tests.ui.conftest import shown
from ui.actions import ONBOARDING_COMMANDS
from ui.tabs.onboarding import wording
from ui.tabs.onboarding.stages import Funnel
from ui.widgets.steps import Position, StepStrip, position, words

S = OnboardingStatus


def row(name: str, status: OnboardingStatus = S.PENDING_APPROVAL, **fields: object) -> DatabaseUser:
    given = {"email_verified": True, **fields}
    return DatabaseUser(name, f"{name}@quay.example", status, "cognito", **given)  # type: ignore[arg-type]


def test_every_edge_has_a_command_and_every_command_an_edge() -> None:
    assert {wording.edge_of(command.id) for command in ONBOARDING_COMMANDS} == set(Edge)
    assert {wording.command_id(edge) for edge in Edge} == {command.id for command in ONBOARDING_COMMANDS}


def test_a_text_promises_a_question_exactly_where_one_is_asked() -> None:
    for command in wording.commands():
        if command.id in (wording.OPEN, wording.COPY):
            continue
        edge = wording.edge_of(command.id)
        assert command.text.endswith("…") == (edge in wording.ASKED)
        assert command.dangerous == (edge in (Edge.REJECT, Edge.SUSPEND, Edge.DISABLE))


def test_no_two_shortcuts_collide_and_none_takes_a_letter_from_the_list() -> None:
    keys = [command.shortcut for command in wording.commands() if command.shortcut]
    assert len(keys) == len(set(keys))
    assert all(len(key) > 1 for key in keys)
    assert not set(keys) & {"Ctrl+K", "Ctrl+F", "Ctrl+A", "Ctrl+C", "F5", *(f"Ctrl+{n}" for n in range(1, 10))}


def test_an_undo_leads_back_wherever_one_is_offered() -> None:
    for edge, back in INVERSE.items():
        for step in ladder.transitions():
            if step.edge is edge:
                assert ladder.target(back, step.target, before=step.source) is step.source


@pytest.mark.parametrize("edge", sorted(wording.ASKED))
def test_questions_say_what_happens_and_whether_it_can_be_undone(edge: Edge) -> None:
    source = next(step.source for step in ladder.transitions() if step.edge is edge)
    asked = wording.question(edge, row("zoe", source))
    said = " ".join(asked.points)
    assert "zoe@quay.example" in asked.title
    assert "nly the database row" in said
    assert "Cognito" in said
    if edge in INVERSE:
        assert asked.dangerous
        assert "This can be undone: " in said
    else:
        assert not asked.dangerous
        assert "way back" in said or "cannot be taken back" in said


@pytest.mark.parametrize(
    ("person", "where", "said"),
    [
        (row("a", S.PENDING_VERIFICATION), Position(0), "Stands on step 1 of 5, email"),
        (row("a", S.PENDING_SUBSCRIPTION), Position(3), "Stands on step 4 of 5, subscription"),
        (row("a", S.ACTIVE), Position(4), "All steps are done"),
        (row("a", S.SUSPENDED), Position(4, S.SUSPENDED), "Suspended, held at step 5 of 5, active"),
        (row("a", S.REJECTED), Position(1, S.REJECTED), "Rejected, held at step 2 of 5, approval"),
        (
            row("a", S.DISABLED, status_before_disable=S.PENDING_MFA),
            Position(2, S.DISABLED),
            "Disabled, held at step 3 of 5, mfa",
        ),
        (
            row("a", S.DISABLED, email_verified=False),
            Position(0, S.DISABLED),
            "Disabled, held at step 1 of 5, email",
        ),
        (
            row("a", S.DISABLED, status_before_disable=S.REJECTED),
            Position(1, S.DISABLED),
            "Disabled, held at step 2 of 5, approval",
        ),
    ],
)
def test_the_steps_show_where_somebody_stands(
    qapp: QApplication, qtbot: QtBot, person: DatabaseUser, where: Position, said: str
) -> None:
    assert position(person.status, person) == where
    assert words(where) == said
    strip = StepStrip()
    strip.show_position(where)
    shown(qtbot, strip)
    assert strip.accessibleName() == said
    assert not strip.grab().isNull()


def test_the_funnel_tells_numbers_and_ages_to_those_who_cannot_see_it(dressed: QApplication, qtbot: QtBot) -> None:
    funnel = Funnel()
    stages = [FunnelStage(status, 0, None) for status in LADDER]
    stages[1] = FunnelStage(S.PENDING_APPROVAL, 1200, timedelta(hours=6))
    stages[4] = FunnelStage(S.ACTIVE, 1, None)
    funnel.show_stages(tuple(stages), Limits())
    shown(qtbot, funnel)
    assert funnel.tile(S.PENDING_APPROVAL).accessibleName() == "Pending approval: 1,200 people, median age 6 h"
    assert funnel.tile(S.ACTIVE).accessibleName() == "Active: 1 person"
    assert funnel.tile(S.REJECTED).accessibleName() == "Rejected: 0 people"
    heard: list[OnboardingStatus] = []
    funnel.chosen.connect(heard.append)
    funnel.choose(S.ACTIVE)
    assert heard == [], "showing is not choosing"
    funnel.tile(S.REJECTED).click()
    assert heard == [S.REJECTED]


def test_names_of_states_are_whole_in_a_small_window_whatever_the_numbers(dressed: QApplication, qtbot: QtBot) -> None:
    funnel = Funnel()
    shown(qtbot, funnel)
    stages = tuple(FunnelStage(status, 9_553, timedelta(days=150), 4_762) for status in LADDER)
    funnel.show_stages(stages, Limits())
    funnel.setFixedWidth(932)  # of the tab in a window of 1024
    for status in LADDER:
        tile = funnel.tile(status)
        qtbot.waitUntil(lambda tile=tile: tile.width() >= tile.minimumSizeHint().width())  # type: ignore[misc]
    assert funnel.minimumSizeHint().width() <= 932


def test_where_enabling_leads_is_told_with_how_it_is_known() -> None:
    known = row("a", S.DISABLED, status_before_disable=S.ACTIVE)
    assert wording.returns_to(known) == "Enable puts them back to active, where they were."
    assert "not recorded" in wording.returns_to(row("a", S.DISABLED, mfa_method="totp"))
    assert "pending subscription" in wording.returns_to(row("a", S.DISABLED, mfa_method="totp"))


def test_what_could_not_be_written_down_is_said_with_the_success() -> None:
    outcome = Outcome(row("a", S.PENDING_MFA), 1, "none", "It was done, but could not be written down.")
    said = wording.done(Edge.APPROVE, outcome)
    assert said == "a@quay.example was approved. Now: pending MFA. It was done, but could not be written down."
