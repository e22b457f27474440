"""When the Overview reads, and what it leaves unread."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from tests.services.faults import latency
from tests.services.pools import Pool, pool
from tests.ui import words
from tests.ui.conftest import shown
from tests.ui.overview.admin import Admin, opened
from ui.context import Change, Context, Topic
from ui.jobs import JobRunner
from ui.tabs.overview import census
from ui.tabs.users.view import UsersView
from ui.view_state import Empty, Ready


def test_a_change_elsewhere_refreshes_the_cards_that_it_concerns(on_demo: Admin) -> None:
    reads: list[object] = []
    on_demo.view.presenter.funnel_changed.connect(reads.append)
    pools: list[object] = []
    on_demo.view.presenter.pool_changed.connect(pools.append)
    on_demo.context.announce(Change(Topic.ONBOARDING, (), "somebody"))
    on_demo.context.announce(Change(Topic.USERS, ("x",), "somebody"))
    on_demo.qtbot.waitUntil(lambda: any(isinstance(state, Ready) for state in reads), timeout=5_000)
    on_demo.settle()
    assert sum(isinstance(state, Ready) for state in reads) == 1, "two changes at once are one reading"
    assert pools == []


def test_what_changes_while_nobody_looks_is_read_when_somebody_does(on_demo: Admin) -> None:
    reads: list[object] = []
    on_demo.view.presenter.funnel_changed.connect(reads.append)
    on_demo.view.hide()
    on_demo.context.announce(Change(Topic.ONBOARDING, (), "somebody"))
    QTest.qWait(400)
    assert reads == []
    on_demo.view.show()
    on_demo.qtbot.waitUntil(lambda: any(isinstance(state, Ready) for state in reads), timeout=5_000)
    on_demo.settle()


def test_refresh_reads_again_and_tells_when(on_demo: Admin) -> None:
    before = on_demo.view.presenter.as_of
    words.press(on_demo.view, "Refresh")
    on_demo.settle()
    after = on_demo.view.presenter.as_of
    assert before is not None
    assert after is not None
    assert after > before
    on_demo.sees(on_demo.view, f"as of {after.astimezone():%H:%M}")
    assert len(on_demo.view.newest.table.rows()) == 20


def test_overview_and_users_read_the_pool_together(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    """Users is opened while Overview reads: one of the two readings goes on, and both tabs show what it brought."""
    emulator.faults.on("ListUsers", latency(0.4), times=1)
    admin = Admin(qtbot, runner, desk)
    words.wait_for(lambda: emulator.calls("ListUsers") or None, "the listing")
    users = UsersView(admin.context)
    shown(qtbot, users)
    admin.settle()
    qtbot.waitUntil(lambda: users.presenter.listing is not None and users.presenter.listing.total == 30, timeout=15_000)
    admin.settle()
    assert isinstance(admin.view.newest.states.state, Ready)
    assert len(admin.view.newest.table.rows()) == 20
    emulator.faults.calls.clear()
    second = Admin(qtbot, runner, desk)
    second.settle()
    assert len(second.view.newest.table.rows()) == 20
    assert emulator.calls("ListUsers") == 0, "who is loaded is not read again"


def test_a_listing_that_users_started_is_followed_not_repeated(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("ListUsers", latency(0.6), times=1)
    context = Context(runner, desk=desk)
    users = UsersView(context)
    shown(qtbot, users)
    words.wait_for(lambda: emulator.calls("ListUsers") or None, "the listing")
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    assert emulator.calls("ListUsers") == 1
    assert len(admin.view.newest.table.rows()) == 20


def test_a_large_pool_is_not_read_unasked(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(census, "UNASKED", 10)
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    admin.sees(admin.view.newest, "About 30 users to read", "1 minute")
    assert emulator.calls("ListUsers") == 0
    words.press(admin.view.newest, "Load the users")
    qtbot.waitUntil(lambda: len(admin.view.newest.table.rows()) == 20, timeout=15_000)
    admin.settle()


def test_a_stopped_listing_can_be_taken_up_again(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("ListUsers", latency(0.5), times=1)
    admin = Admin(qtbot, runner, desk)
    words.wait_for(lambda: emulator.calls("ListUsers") or None, "the listing")
    for record in runner.jobs():
        if record.under_way:
            runner.cancel(record.id)
    admin.sees(admin.view.newest, "Listing was stopped")
    words.press(admin.view.newest, "Load the users")
    admin.settle()
    qtbot.waitUntil(lambda: len(admin.view.newest.table.rows()) == 20, timeout=15_000)


def test_an_empty_pool_says_so_and_is_read_once(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, tmp_path: Path
) -> None:
    with pool() as running, opened(running, tmp_path) as desk:
        admin = Admin(qtbot, runner, desk)
        admin.sees(admin.view.newest, "This pool has no users yet")
        admin.settle()
        assert isinstance(admin.view.newest.states.state, Empty)
        assert running.calls("ListUsers") == 1
