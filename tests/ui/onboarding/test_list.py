"""The funnel and the list of the tab on the real demo: reading, choosing, going from state to state."""

from __future__ import annotations

from contextlib import ExitStack

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.onboarding.models import OnboardingStatus
from tests.ui.onboarding.desk import (
    Open,
    Watched,
    add,
    choose,
    listed,
    sql,
    status_of,
)
from tests.ui.words import press, pressable, reason, rows, see, wait_for, wait_to_see
from ui.context import Change, Topic

S = OnboardingStatus


def test_a_long_list_is_read_page_by_page(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    sql(
        demo,
        "INSERT INTO auth.users (email, auth_provider, status, updated_at) SELECT 'long' || n || '@many.example',"
        " 'cognito', 'rejected', now() - make_interval(mins => n / 3) FROM generate_series(1, 430) n",
    )
    cleanup.callback(sql, demo, "DELETE FROM auth.users WHERE email LIKE '%%@many.example'")
    everybody = sql(demo, "SELECT email FROM auth.users WHERE status = 'rejected' ORDER BY updated_at, id")
    view = opened()
    choose(view, S.REJECTED)
    wait_to_see(view, f"200 of {len(everybody)} shown")
    press(view, "Load more")
    wait_to_see(view, f"400 of {len(everybody)} shown")
    press(view, "Load more")
    wait_for(lambda: len(listed(view)) == len(everybody), "everybody", view)
    assert [(email,) for email in listed(view)] == everybody
    assert not pressable(view, "Load more")


def test_reading_again_keeps_the_choice_and_the_place(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    for n in range(60):
        add(demo, cleanup, f"place.{n:02}@quay.example", S.PENDING_SUBSCRIPTION, days=400 - n)
    view = opened()
    choose(view, S.PENDING_SUBSCRIPTION, "place.40@quay.example")
    place = view.list.table.verticalScrollBar()
    place.setValue(500)
    add(demo, cleanup, "newcomer@quay.example", S.PENDING_SUBSCRIPTION, days=1)
    watched.announce(Change(Topic.ONBOARDING, origin="somebody else"))
    wait_for(lambda: "newcomer@quay.example" in listed(view), "the newcomer", view)
    assert [row.email for row in view.list.selected()] == ["place.40@quay.example"]
    assert place.value() == 500
    assert "Place.40" in see(view)


def test_somebody_who_is_moved_elsewhere_stays_shown_with_the_new_status(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "wanderer@quay.example", S.ACTIVE)
    view = opened()
    choose(view, S.ACTIVE, "wanderer@quay.example")
    wait_to_see(view, "Wanderer")
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email = %s", "wanderer@quay.example")
    watched.announce(Change(Topic.USERS, origin="somebody else"))
    wait_to_see(view, "Was active and has been suspended")
    assert reason(view, "Resume") == ""
    press(view, "Show in list")
    wait_for(lambda: [r.email for r in view.list.selected()] == ["wanderer@quay.example"], "them chosen there", view)
    sql(demo, "DELETE FROM auth.users WHERE email = %s", "wanderer@quay.example")
    press(view, "Refresh")
    wait_to_see(view, "The row of wanderer@quay.example is no longer in the database.")


def test_the_rail_hears_how_many_wait_for_an_approval(opened: Open, qtbot: QtBot, demo: Desk) -> None:
    view = opened()
    with qtbot.waitSignal(view.waiting_changed) as heard:
        press(view, "Refresh")
    assert heard.args == [sql(demo, "SELECT count(*) FROM auth.users WHERE status = 'pending_approval'")[0][0]]


def test_the_keyboard_walks_the_funnel_and_approves(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "keys.only@quay.example", S.PENDING_APPROVAL)
    view = opened()
    wait_for(lambda: "keys.only@quay.example" in listed(view), "the list", view)
    view.funnel.tile(S.PENDING_APPROVAL).setFocus()
    QTest.keyClick(view.funnel.tile(S.PENDING_APPROVAL), Qt.Key.Key_Right)
    assert view.presenter.status is S.PENDING_MFA
    QTest.keyClick(view.funnel.tile(S.PENDING_MFA), Qt.Key.Key_Left)
    wait_for(lambda: "keys.only@quay.example" in listed(view), "the list", view)
    view.list.table.setFocus()
    QTest.keyClicks(view.list.table, "keys")
    wait_to_see(view, "Keys.Only")
    QTest.keyClick(view.list.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    watched.toast_of("keys.only@quay.example was approved")
    assert status_of(demo, "keys.only@quay.example") == "pending_mfa"


def test_it_can_be_sent_to_a_state_and_sends_to_a_person(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "visit.me@quay.example", S.SUSPENDED)
    view = opened()
    view.open_at({"status": "suspended"})
    view.open_at({"status": "no such status"})
    view.open_at(None)
    choose(view, S.SUSPENDED, "visit.me@quay.example")
    wait_to_see(view, "Visit.Me")
    press(view, "Open person")
    assert watched.visits == [("users", {"search": "visit.me@quay.example"})]


def test_a_state_with_nobody_says_so(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    kept = [email for (email,) in sql(demo, "SELECT email FROM auth.users WHERE status = 'rejected'")]
    sql(demo, "UPDATE auth.users SET status = 'active' WHERE status = 'rejected'")
    cleanup.callback(sql, demo, "UPDATE auth.users SET status = 'rejected' WHERE email = ANY(%s)", kept)
    view = opened()
    choose(view, S.REJECTED)
    wait_to_see(view, "Nobody here")
    assert not rows(view.list.table)
    assert reason(view, "Refresh") == ""


def test_the_tab_key_goes_round_everything_and_is_caught_nowhere(
    opened: Open, qtbot: QtBot, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "round.trip@quay.example", S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, "round.trip@quay.example")
    wait_to_see(view, "Round.Trip")
    view.activateWindow()
    view.setFocus()
    wait_for(view.list.table.hasFocus, "the list under the keyboard", view)
    visited: list[str] = []
    while len(visited) < 60:
        at = view.focusWidget()
        assert at is not None
        visited.append(at.accessibleName() or getattr(at, "text", str)())
        QTest.keyClick(at, Qt.Key.Key_Tab)
        if view.list.table.hasFocus():
            break
    assert view.list.table.hasFocus(), f"caught among {visited[-4:]}"
    assert {"Refresh", "Pages of onboarding", "Limits…", "Approve", "Reject…", "Open person"} <= set(visited)
