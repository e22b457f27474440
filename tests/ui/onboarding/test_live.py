"""Another writer's change appears in the tab by itself, and nothing moves under the hand."""

from __future__ import annotations

from contextlib import ExitStack

from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.onboarding.live import Live, trigger_sql
from app.onboarding.live_models import LiveMode, LiveState
from app.onboarding.models import OnboardingStatus
from tests.ui.onboarding.desk import Open, Watched, add, choose, listed, sql
from tests.ui.words import see, turn, wait_for, wait_to_see
from ui.jobs import JobRunner
from ui.tabs.onboarding.live import live_badge
from ui.watches import LiveWatch

S = OnboardingStatus


def watch(context: Watched, demo: Desk, runner: JobRunner) -> LiveWatch:
    """The watch of the program, on the desk of the test."""
    made = LiveWatch(context, context)
    made._on_desk()
    wait_for(lambda: demo.live is not None and demo.live.state.live, "a watch that is live")
    return made


def test_somebody_elses_change_shows_and_neither_choice_nor_place_move(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack, runner: JobRunner
) -> None:
    for n in range(60):
        add(demo, cleanup, f"row.{n:02}@quay.example", S.SUSPENDED, days=300 - n)
    view = opened()
    choose(view, S.SUSPENDED, "row.30@quay.example")
    wait_to_see(view, "Row.30")
    watch(watched, demo, runner)
    turn(200)
    table = view.list.table
    table.verticalScrollBar().setValue(25 * 32 + 7)
    at = table.visualRect(table.selectionModel().selectedRows()[0]).top()
    add(demo, cleanup, "first.of.all@quay.example", S.SUSPENDED, days=900)
    sql(demo, "UPDATE auth.users SET updated_at = now() WHERE email = 'first.of.all@quay.example'")
    add(demo, cleanup, "signed.up@quay.example", S.PENDING_VERIFICATION, days=0)
    wait_for(lambda: "first.of.all@quay.example" in listed(view), "the newcomer", view)
    sql(demo, "UPDATE auth.users SET status = 'active', updated_at = now() WHERE email = 'row.02@quay.example'")
    wait_for(lambda: "row.02@quay.example" not in listed(view), "a list without the one who left", view)
    assert [row.email for row in view.list.selected()] == ["row.30@quay.example"]
    assert table.visualRect(table.selectionModel().selectedRows()[0]).top() == at
    assert not watched.toasts


def test_who_is_shown_follows_what_others_do(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack, runner: JobRunner
) -> None:
    add(demo, cleanup, "followed@quay.example", S.ACTIVE)
    view = opened()
    choose(view, S.ACTIVE, "followed@quay.example")
    wait_to_see(view, "All steps are done")
    watch(watched, demo, runner)
    sql(
        demo,
        "UPDATE auth.users SET status = 'suspended', updated_at = now() WHERE email = %s",
        "followed@quay.example",
    )
    wait_to_see(view, "Was active and has been suspended")


def test_the_trigger_makes_it_listen(demo: Desk, cleanup: ExitStack) -> None:
    assert demo.database is not None
    cleanup.callback(sql, demo, "DROP FUNCTION auth.users_tell_changes() CASCADE")
    with demo.database.connection() as connection:
        connection.execute(trigger_sql().encode())
    live = Live(demo.database)
    live.look()
    assert live.state.mode is LiveMode.LISTENING
    live.close()


def test_the_pill_says_how_it_goes(opened: Open, watched: Watched, demo: Desk, runner: JobRunner) -> None:
    view = opened()
    watch(watched, demo, runner)
    wait_to_see(view, "Live")
    assert "Connecting" not in see(view)


def test_words_for_every_state(qtbot: QtBot) -> None:
    gone = AppError(ErrorCode.DATABASE_UNREACHABLE, "The database cannot be reached.")
    words = {mode: live_badge(LiveState(mode, error=gone if mode is LiveMode.AWAY else None)) for mode in LiveMode}
    assert [words[mode].text for mode in LiveMode] == [
        "Connecting", "Live", "Live", "Every 1 s", "Not live", "Not live",
    ]  # fmt: skip
    assert "The database cannot be reached." in words[LiveMode.AWAY].hint
    assert "pooler" in live_badge(LiveState(LiveMode.POLLING, deaf=True)).hint
