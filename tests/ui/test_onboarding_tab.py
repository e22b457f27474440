"""The Onboarding tab on the real demo: reading, choosing and moving people along the ladder, read back with SQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.desk import Desk, open_desk
from app.journal import EntryState, MirrorRequest
from app.launcher import Launcher
from app.onboarding import ladder
from app.onboarding.ladder import LADDER, Edge
from app.onboarding.models import OnboardingStatus
from app.permissions import Action, Role
from app.secrets import database_ref
from app.settings import Settings
from app.work import Work
from tests.services.relay import Relay
from tests.ui.conftest import shown
from tests.ui.words import answer, dialog, press, pressable, reason, rows, see, wait_for, wait_to_see
from ui.context import Change, Context, Toast, Topic
from ui.jobs import JobRunner
from ui.tabs.onboarding.view import OnboardingView
from ui.tabs.onboarding.wording import command_id

S = OnboardingStatus


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    root = Path(tempfile.mkdtemp(prefix="cd-"))  # pytest's own folders are too long for a socket's path
    made = Launcher(Settings.load({"COGNITO_DESK_HOME": str(root)}), environ={})
    yield made
    made.close()
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def demo(launcher: Launcher) -> Iterator[Desk]:
    """One demo for all tests of this file; each adds the people that it is about."""
    made = launcher.open_demo(Work(), people=60)
    yield made
    made.close()


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


class Watched(Context):
    """A context that remembers what was told to the rest of the window."""

    def __init__(self, runner: JobRunner, desk: Desk) -> None:
        super().__init__(runner, None, desk)
        self.toasts: list[Toast] = []
        self.changes: list[Change] = []
        self.visits: list[tuple[str, object]] = []
        self.toast_requested.connect(self.toasts.append)
        self.changed.connect(self.changes.append)
        self.navigate.connect(lambda key, payload: self.visits.append((key, payload)))

    def toast_of(self, words: str) -> Toast:
        """Wait for a toast with these words."""
        return wait_for(lambda: next((t for t in self.toasts if words in t.text), None), f"the toast “{words}”")


Open = Callable[..., OnboardingView]


@pytest.fixture
def watched(runner: JobRunner, demo: Desk) -> Watched:
    return Watched(runner, demo)


@pytest.fixture
def opened(qtbot: QtBot, runner: JobRunner, watched: Watched) -> Open:
    def make(desk: Desk | None = None) -> OnboardingView:
        view = OnboardingView(watched if desk is None else Watched(runner, desk))
        view.resize(1252, 820)
        shown(qtbot, view)
        return view

    return make


def sql(desk: Desk, statement: str, *values: object) -> list[tuple[object, ...]]:
    assert desk.database is not None
    with desk.database.connection() as connection:
        cursor = connection.execute(statement.encode(), values)
        return list(cursor.fetchall()) if cursor.description else []


def add(desk: Desk, cleanup: ExitStack, email: str, status: OnboardingStatus, days: int = 400) -> None:
    """A person whose row last changed that long ago: at the top of their list."""
    sql(
        desk,
        "INSERT INTO auth.users (email, name, auth_provider, status, email_verified, updated_at)"
        " VALUES (%s, %s, 'cognito', %s, true, now() - make_interval(days => %s))",
        email, email.partition("@")[0].title(), status.value, days,
    )  # fmt: skip
    cleanup.callback(sql, desk, "DELETE FROM auth.users WHERE email = %s", email)


def status_of(desk: Desk, email: str) -> str:
    return str(sql(desk, "SELECT status FROM auth.users WHERE email = %s", email)[0][0])


def listed(view: OnboardingView) -> list[str]:
    return [row.email for row in view.list.table.rows()]


def is_listed(view: OnboardingView, email: str) -> bool:
    return email in listed(view)


def choose(view: OnboardingView, status: OnboardingStatus, *emails: str) -> None:
    """Click the state, then the people in its list."""
    tile = view.funnel.tile(status)
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    table = view.list.table
    table.clearSelection()
    flags = QItemSelectionModel.SelectionFlag
    for email in emails:
        wait_for(partial(is_listed, view, email), f"{email} in the list", view)
        index = table.model().index(listed(view).index(email), 0)
        table.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)


def tile_says(view: OnboardingView, status: OnboardingStatus) -> str:
    return view.funnel.tile(status).accessibleName()


def edge_button(view: OnboardingView, edge: Edge) -> QPushButton:
    found = view.findChild(QPushButton, command_id(edge))
    assert isinstance(found, QPushButton)
    return found


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


def test_several_people_are_approved_at_once_and_a_failure_is_reported(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    emails = [f"bulk.{n}@quay.example" for n in range(3)]
    for email in emails:
        add(demo, cleanup, email, S.PENDING_APPROVAL)
    view = opened()
    choose(view, S.PENDING_APPROVAL, *emails)
    wait_to_see(view, "3 people")
    assert "one person at a time" in reason(view, "Reject…")
    sql(demo, "UPDATE auth.users SET status = 'suspended' WHERE email = %s", emails[1])
    press(view, "Approve 3…")
    question = see(dialog("Approve 3 people?"))
    assert all(email in question for email in emails)
    assert status_of(demo, emails[0]) == "pending_approval", "nothing happens before the answer"
    answer(view, "Approve 3 people?", press="Approve 3 people")
    report = see(dialog("3 people: 2 approved, 1 failed"))
    assert "was pending_approval when it was read and is suspended now" in report
    assert [status_of(demo, email) for email in emails] == ["pending_mfa", "suspended", "pending_mfa"]
    answer(view, "3 people: 2 approved, 1 failed", press="Close")
    wait_for(lambda: not set(emails) & set(listed(view)), "a list without the three", view)


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


def second_desk(
    launcher: Launcher, demo: Desk, cleanup: ExitStack, *, role: Role = Role.ADMIN, port: int | None = None
) -> Desk:
    """Another desk on the same demo: another role, or through a relay."""
    connection = demo.connection
    if port is not None:
        assert connection.database is not None
        address = replace(connection.database, host="127.0.0.1", port=port, sslmode="disable")
        connection = replace(connection, database=address)
    settings = Settings.load(
        {"COGNITO_DESK_HOME": str(launcher.settings.data_dir.parent), "COGNITO_DESK_ROLE": role.value}
    )
    made = open_desk(connection, settings=settings, secrets=launcher.secrets, journal=demo.journal)
    cleanup.callback(made.close)
    return made
