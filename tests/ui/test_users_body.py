"""The filters of the Users tab have a button at every width, and nothing is pushed out of a small window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.directory.tempo import Pace
from app.onboarding.models import OnboardingStatus
from tests.ui import words
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from ui.context import Context
from ui.jobs import JobRunner
from ui.tabs.users.body import active
from ui.tabs.users.view import UsersView
from ui.widgets.badge import onboarding_badge
from ui.widgets.reading_order import step
from ui.widgets.table_columns import CATALOGUE
from ui.widgets.table_delegate import UserTableDelegate

WIDE, MIDDLE, SMALL = 1264, 964, 820  # the tab's width in windows of 1440, 1024 and 880 pixels


@pytest.fixture
def view(qtbot: QtBot, inline_runner: JobRunner, dressed: QApplication) -> UsersView:
    made = UsersView(Context(inline_runner, desk=FakeDesk([user(f"u{i}") for i in range(60)]).desk))
    shown(qtbot, made)
    made.resize(WIDE, 800)
    qtbot.waitUntil(lambda: not made.presenter.busy)
    made.table.selectRow(0)
    return made


def at(view: UsersView, width: int) -> UsersView:
    view.resize(width, 640)
    QTest.qWait(0)
    return view


def test_filters_are_open_where_there_is_room_and_a_button_opens_them_elsewhere(view: UsersView) -> None:
    button = view.body.button
    assert (view.facets.isVisible(), button.isChecked()) == (True, True)
    for width in (MIDDLE, SMALL):
        at(view, width)
        assert (view.facets.isVisible(), button.isChecked()) == (False, False)
        words.press(view, "Filters")
        assert (view.facets.isVisible(), button.isChecked()) == (True, True)
        assert (view.width(), view.minimumSizeHint().width()) <= (width, width), "nothing is pushed out"
        words.press(view, "Filters")
        assert not view.facets.isVisible()
    assert at(view, WIDE).facets.isVisible(), "what was closed where there is no room is open where there is"
    words.press(view, "Filters")
    assert not view.facets.isVisible()
    assert not at(view, MIDDLE).facets.isVisible()
    assert not at(view, WIDE).facets.isVisible(), "what somebody closed stays closed"


def test_the_keyboard_opens_the_filters_and_goes_into_them(view: UsersView, qtbot: QtBot) -> None:
    at(view, MIDDLE)
    view.activateWindow()
    view.body.button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(view.body.button, Qt.Key.Key_Space)
    assert view.facets.isVisible()
    for _ in range(4):  # Refresh, the menu of the list, New user
        step(view, forward=True)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert view.facets.isAncestorOf(focus)
    QTest.keyClick(focus, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.body.button.text() == "Filters · 1")


def test_the_button_counts_what_the_search_filters_by(view: UsersView, qtbot: QtBot) -> None:
    view._context.set_search("status:confirmed -mfa:totp carla name:x created:2026-10")
    qtbot.waitUntil(lambda: view.body.button.text() == "Filters · 3")
    assert view.body.button.accessibleName() == "Filters"
    assert view.body.button.accessibleDescription() == "3 filters are active"
    view._context.set_search("")
    qtbot.waitUntil(lambda: view.body.button.text() == "Filters")
    assert view.body.button.accessibleDescription() == ""
    assert active("status:") == 0, "what cannot be read filters by nothing"


def test_what_is_in_sight_beside_the_pane_is_whole(view: UsersView) -> None:
    header, table = view.table.header, view.table
    keys = [column.key for column in table.user_model.columns]

    def end(key: str) -> int:
        return header.sectionViewportPosition(keys.index(key)) + header.sectionSize(keys.index(key))

    assert header.sectionSize(keys.index("email")) >= CATALOGUE["email"].least
    assert 0 < end("mfa") <= table.viewport().width(), "beside the filters, up to the second factor"
    words.press(view, "Filters")
    QTest.qWait(0)
    assert 0 < end("onboarding") <= table.viewport().width(), "without them, all that matters"
    assert header.sectionSize(keys.index("email")) >= CATALOGUE["email"].least
    look = table.itemDelegate()
    assert isinstance(look, UserTableDelegate)
    widest = max(look.look.width("", onboarding_badge(status)) for status in OnboardingStatus)
    assert header.sectionSize(keys.index("onboarding")) >= widest
    tabs = view.pane.tabs
    assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width(), "all pages about a person are in sight"


def test_the_head_fits_a_small_window_while_the_pool_is_read_and_searched(view: UsersView) -> None:
    view._chip.show_search("email:somebody.with.a.long.name@organisation.example")
    view._tempo.show_pace(Pace(17_400, 90_000, 1740.0, 0.5, 32.0, paused=False, eased=False))
    at(view, SMALL)
    assert view.minimumSizeHint().width() <= SMALL
