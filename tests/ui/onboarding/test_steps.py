"""Taking people along the ladder in the tab, on the real demo: read back with SQL."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from app.desk import Desk
from app.journal import EntryState
from app.launcher import Launcher
from app.onboarding import ladder
from app.onboarding.ladder import LADDER, Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Action, Role
from tests.ui.onboarding.desk import (
    Open,
    Watched,
    add,
    choose,
    edge_button,
    listed,
    second_desk,
    sql,
    status_of,
    tile_says,
)
from tests.ui.words import answer, dialog, press, pressable, reason, see, wait_for, wait_to_see
from ui.context import Topic

S = OnboardingStatus


def test_approving_moves_the_database_row_to_pending_mfa(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "approve.me@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "approve.me@quay.example")
    wait_to_see(view, "Waits for one of us to approve or reject")
    waiting_before = len(listed(view))
    press(view, "Approve")
    toast = watched.toast_of("approve.me@quay.example was approved")
    assert "pending MFA" in toast.text
    assert not toast.action_text, "the ladder has no way back from an approval"
    assert status_of(demo, "approve.me@quay.example") == "pending_mfa"
    wait_for(lambda: len(listed(view)) == waiting_before - 1, "a list without them", view)
    fewer = f": {waiting_before - 1} people"
    wait_for(lambda: fewer in tile_says(view, S.PENDING_APPROVAL), "a tile with one person less", view)
    assert "Must set up an authenticator app" in see(view), "who was moved stays shown, as they are now"
    entry = demo.journal.entries(connection=demo.connection.id, limit=1)[0]
    assert (entry.action, entry.state) == (Action.APPROVE, EntryState.SUCCEEDED)
    assert {change.topic for change in watched.changes} == {Topic.ONBOARDING, Topic.JOURNAL}


@pytest.mark.parametrize("status", LADDER)
def test_buttons_are_enabled_exactly_as_the_ladder_allows(
    opened: Open, demo: Desk, cleanup: ExitStack, status: OnboardingStatus
) -> None:
    add(demo, cleanup, "edge.case@quay.example", status)
    view = opened()
    choose(view, status, "edge.case@quay.example")
    wait_to_see(view, "Edge.Case")
    for edge in Edge:
        why = ladder.why_not(edge, status)
        made = edge_button(view, edge)
        assert made.isVisible()
        assert made.isEnabled() == (why is None), edge
        if why is not None:
            assert (made.toolTip(), made.accessibleDescription()) == (why, why)
    assert any(edge_button(view, edge).isEnabled() for edge in Edge)


@pytest.mark.parametrize("status", LADDER)
def test_a_viewer_sees_everything_and_may_do_nothing(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack, status: OnboardingStatus
) -> None:
    add(demo, cleanup, "just.looking@quay.example", status)
    desk = second_desk(launcher, demo, cleanup, role=Role.VIEWER)
    view = opened(desk)
    choose(view, status, "just.looking@quay.example")
    wait_to_see(view, "Just.Looking")
    for edge in Edge:
        made = edge_button(view, edge)
        assert not made.isEnabled()
        assert "signed in as a viewer" in made.toolTip()
        assert made.toolTip() == made.accessibleDescription()
    assert pressable(view, "Open person"), "looking is allowed"


def test_support_may_approve_but_not_reject(opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "support.case@quay.example", S.PENDING_APPROVAL)
    view = opened(second_desk(launcher, demo, cleanup, role=Role.SUPPORT))
    choose(view, S.PENDING_APPROVAL, "support.case@quay.example")
    wait_to_see(view, "Support.Case")
    assert reason(view, "Approve") == ""
    assert reason(view, "Reject…") == "The support role may not reject a person. Ask an admin."


def test_a_lost_race_names_both_values_and_shows_what_is_true(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "contested@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "contested@quay.example")
    wait_to_see(view, "Contested")
    sql(demo, "UPDATE auth.users SET status = 'rejected' WHERE email = %s", "contested@quay.example")
    press(view, "Approve")
    said = see(dialog("Somebody else changed this meanwhile"))
    assert "was pending_approval when it was read and is rejected now" in said
    answer(view, "Somebody else changed this meanwhile", press="Close")
    assert status_of(demo, "contested@quay.example") == "rejected"
    wait_to_see(view, "The application was rejected")
    assert "contested@quay.example" not in listed(view)
    assert not watched.toasts


def test_rejecting_asks_first_and_can_be_undone(opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "reject.me@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "reject.me@quay.example")
    wait_to_see(view, "Reject.Me")
    press(view, "Reject…")
    assert "This can be undone: Reopen puts them back" in see(dialog("Reject reject.me@quay.example?"))
    answer(view, "Reject reject.me@quay.example?", press="Cancel")
    assert status_of(demo, "reject.me@quay.example") == "pending_approval"
    press(view, "Reject…")
    answer(view, "Reject reject.me@quay.example?", press="Reject")
    toast = watched.toast_of("was rejected")
    assert status_of(demo, "reject.me@quay.example") == "rejected"
    assert toast.action_text == "Undo"
    assert toast.action is not None
    toast.action()
    undone = watched.toast_of("was reopened")
    assert status_of(demo, "reject.me@quay.example") == "pending_approval"
    assert not undone.action_text
    wait_for(lambda: "reject.me@quay.example" in listed(view), "them in the list again", view)


def test_undoing_a_disable_returns_to_where_the_person_was_without_the_column(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    assert demo.database is not None
    sql(demo, "ALTER TABLE auth.users RENAME COLUMN status_before_disable TO elsewhere")
    cleanup.callback(demo.database.check)
    cleanup.callback(sql, demo, "ALTER TABLE auth.users RENAME COLUMN elsewhere TO status_before_disable")
    demo.database.check()
    add(demo, cleanup, "forgetful@quay.example", S.PENDING_MFA)
    view = opened()
    choose(view, S.PENDING_MFA, "forgetful@quay.example")
    wait_to_see(view, "Forgetful")
    press(view, "Disable…")
    answer(view, "Disable forgetful@quay.example?", press="Disable")
    toast = watched.toast_of("was disabled in the database")
    wait_to_see(view, "is not recorded")
    assert toast.action is not None
    toast.action()
    watched.toast_of("was enabled in the database")
    assert status_of(demo, "forgetful@quay.example") == "pending_mfa"


@pytest.mark.parametrize(
    ("status", "words", "title", "yes", "after"),
    [
        (S.PENDING_VERIFICATION, "Confirm email…", "Confirm the email of ...?", "Confirm email", "pending_approval"),
        (S.PENDING_MFA, "Authenticator enrolled…", "Record an authenticator ...?", "Record it", "pending_subscription"),
        (S.PENDING_SUBSCRIPTION, "Subscription created…", "Record a subscription ...?", "Record it", "active"),
    ],
)
def test_a_step_that_others_drive_warns_that_only_the_row_changes(
    opened: Open,
    demo: Desk,
    watched: Watched,
    cleanup: ExitStack,
    status: OnboardingStatus,
    words: str,
    title: str,
    yes: str,
    after: str,
) -> None:
    add(demo, cleanup, "pushed@quay.example", status)
    view = opened()
    choose(view, status, "pushed@quay.example")
    wait_to_see(view, "Pushed")
    press(view, words)
    said = see(dialog(title))
    assert "Normally this happens by itself" in said
    assert "only the database row, not Cognito" in said
    answer(view, title, press=yes)
    watched.toast_of("pushed@quay.example")
    assert status_of(demo, "pushed@quay.example") == after
