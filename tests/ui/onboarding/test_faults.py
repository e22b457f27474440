"""The tab without a database, with one that goes away, and with changes that wait for it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from app.desk import Desk, open_desk
from app.journal import MirrorRequest
from app.launcher import Launcher
from app.onboarding.models import OnboardingStatus
from app.permissions import Action
from app.secrets import database_ref
from tests.services.relay import Relay
from tests.ui.onboarding.desk import (
    Open,
    Watched,
    add,
    choose,
    listed,
    second_desk,
    sql,
    status_of,
)
from tests.ui.words import answer, dialog, press, pressable, see, wait_for, wait_to_see
from ui.view_state import Failed, Ready

S = OnboardingStatus


def test_without_a_database_the_tab_says_what_is_missing_and_how_to_add_it(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack
) -> None:
    desk = open_desk(
        replace(demo.connection, database=None),
        settings=launcher.settings, secrets=launcher.secrets, journal=demo.journal,
    )  # fmt: skip
    cleanup.callback(desk.close)
    view = opened(desk)
    said = wait_to_see(view, "No application database is connected")
    assert "this connection names no database" in said
    assert "fill in host, name and user" in said
    assert not pressable(view, "Retry")


def test_a_database_that_is_away_and_comes_back(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack
) -> None:
    address = demo.connection.database
    assert address is not None
    add(demo, cleanup, "patient@quay.example", S.PENDING_APPROVAL)
    relay = cleanup.enter_context(Relay(address.conninfo(launcher.secrets.get(database_ref(demo.connection.id)))))
    relay.away()
    desk = second_desk(launcher, demo, cleanup, port=relay.port)
    view = opened(desk)
    wait_to_see(view, "The application database cannot be reached")
    relay.back()
    press(view, "Retry")
    wait_for(lambda: "patient@quay.example" in listed(view), "the list", view)
    choose(view, S.PENDING_APPROVAL, "patient@quay.example")
    wait_to_see(view, "Patient")

    relay.away()
    press(view, "Approve")
    said = see(dialog("The application database cannot be reached"))
    assert "The step was not taken" in said
    answer(view, "The application database cannot be reached", press="Close")
    assert "patient@quay.example" in listed(view), "what was read stays on screen"
    assert status_of(demo, "patient@quay.example") == "pending_approval"
    wait_to_see(view, "The application database cannot be reached")
    relay.back()
    view.presenter._again.setInterval(10)
    view.presenter._again.start()  # by itself, without a hand on Retry
    wait_for(lambda: "cannot be reached" not in see(view), "no banner", view)
    press(view, "Approve")
    wait_for(lambda: status_of(demo, "patient@quay.example") == "pending_mfa", "the approval", view)


def test_the_board_says_once_that_the_database_is_away(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack
) -> None:
    address = demo.connection.database
    assert address is not None
    relay = cleanup.enter_context(Relay(address.conninfo(launcher.secrets.get(database_ref(demo.connection.id)))))
    view = opened(second_desk(launcher, demo, cleanup, port=relay.port))
    press(view, "Board")
    wait_for(lambda: view.board.columns[S.ACTIVE].list.cards.rows, "cards", view)
    relay.away()
    view.people.board_presenter.load()
    wait_to_see(view, "The application database cannot be reached")
    view.presenter.load()
    wait_for(lambda: isinstance(view.people.states.state, Failed), "the page's own failure", view)
    assert see(view).count("The application database cannot be reached") == 1
    assert view.board.columns[S.ACTIVE].list.cards.rows, "what was read stays"
    relay.back()
    press(view, "Retry")
    wait_for(lambda: "cannot be reached" not in see(view), "no banner", view)
    assert isinstance(view.board._state, Ready), "the board was read again too"


def test_a_table_that_lacks_a_column_is_named(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    assert demo.database is not None
    sql(demo, "ALTER TABLE auth.users RENAME COLUMN email_verified TO elsewhere")
    cleanup.callback(demo.database.check)
    cleanup.callback(sql, demo, "ALTER TABLE auth.users RENAME COLUMN elsewhere TO email_verified")
    demo.database.check()
    wait_to_see(opened(), "The table auth.users lacks the columns email_verified.")


def test_waiting_database_writes_are_counted_and_can_be_tried(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "behind@quay.example", S.DISABLED)
    entry = demo.journal.begin(
        connection=demo.connection.id, operator="ada", action=Action.ENABLE_USER, subject="behind", details={}
    )
    demo.journal.succeed(entry, mirror=MirrorRequest("user_enabled", "behind@quay.example"))
    view = opened()
    wait_to_see(view, "1 change in Cognito waits for its database row")
    assert "behind@quay.example" in see(view)
    press(view, "Try now")
    watched.toast_of("Every database change has landed")
    assert status_of(demo, "behind@quay.example") != "disabled"
    wait_for(lambda: "waits for its database row" not in see(view), "no banner", view)
