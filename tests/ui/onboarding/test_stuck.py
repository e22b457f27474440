"""Those who have waited too long: counted, listed first, and how long is too long."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.onboarding.limits import Limits
from app.onboarding.models import OnboardingStatus
from app.settings import Settings
from tests.ui.conftest import shown
from tests.ui.onboarding.desk import Open, Watched, add, choose, listed, tile_says
from tests.ui.words import answer, dialog, press, type_into, wait_for, wait_to_see
from ui.jobs import JobRunner
from ui.tabs.onboarding.limits_dialog import LimitsDialog
from ui.tabs.onboarding.view import OnboardingView

S = OnboardingStatus


def test_stuck_people_of_all_states_are_listed_those_most_over_their_limit_first(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "four.hundred.times@quay.example", S.PENDING_APPROVAL, days=800)
    add(demo, cleanup, "hundred.times@quay.example", S.PENDING_MFA, days=1400)
    view = opened()
    press(view, "... stuck")
    wait_for(lambda: "hundred.times@quay.example" in listed(view), "the list", view)
    assert listed(view)[:2] == ["four.hundred.times@quay.example", "hundred.times@quay.example"]
    wait_to_see(view, "furthest over their limit first")
    assert "longer than the limit of 2 d" in tile_says(view, S.PENDING_APPROVAL)
    view.list.table.selectRow(1)
    wait_to_see(view, "Must set up an authenticator app")
    assert view.list.table.tip(1, 7).endswith("longer than the limit of 7 d")


def test_limits_are_chosen_and_remembered(
    qtbot: QtBot, runner: JobRunner, demo: Desk, cleanup: ExitStack, tmp_path: Path
) -> None:
    add(demo, cleanup, "patient@quay.example", S.SUSPENDED, days=3)
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    watched = Watched(runner, demo)
    watched.settings = settings
    view = OnboardingView(watched)
    view.resize(1252, 820)
    shown(qtbot, view)
    choose(view, S.SUSPENDED, "patient@quay.example")
    assert not view.presenter.is_stuck(view.list.selected()[0])
    press(view, "Limits…")
    asked = dialog("Limits of waiting")
    type_into(asked, "Suspended", "30")
    type_into(asked, "Unit for Suspended", "hours")
    type_into(asked, "Pending approval", "0")
    answer(view, "Limits of waiting", press="Save")
    wait_for(lambda: "limit of 30 h" in tile_says(view, S.SUSPENDED) or "1 d" in tile_says(view, S.SUSPENDED), "it")
    assert view.presenter.is_stuck(view.list.selected()[0])
    wait_for(lambda: not runner.busy, "the file")
    stored = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)}).preferences
    limits = Limits.stored(stored.stuck_hours)
    assert (limits.hours[S.SUSPENDED], limits.of(S.PENDING_APPROVAL)) == (30, None)


def test_the_dialog_gives_back_what_it_was_given(qtbot: QtBot, dressed: object) -> None:
    limits = Limits({S.PENDING_APPROVAL: 5, S.PENDING_MFA: 48})
    made = LimitsDialog(limits)
    qtbot.addWidget(made)
    assert dict(made.limits().hours) == dict(limits.hours)
    made._on_usual()
    assert dict(made.limits().hours) == dict(Limits().hours)
