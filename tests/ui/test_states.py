"""One widget renders the four states of a view."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from app.work import Progress
from tests.ui.words import press, pressable, see, wait_for, wait_to_see
from ui.view_state import Empty, Failed, Loading, Ready
from ui.widgets.states import StateView

AWAY = AppError(ErrorCode.UNREACHABLE, "Could not connect to the endpoint.", request_id="8f1-22")


@pytest.fixture
def view(dressed: QApplication, qtbot: QtBot) -> StateView:
    made = StateView(QLabel("the content"))
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    return made


def _top(view: StateView) -> int:
    return view.content.mapTo(view, view.content.rect().topLeft()).y()


def test_ready_shows_the_content(view: StateView) -> None:
    view.show_state(Ready())
    assert see(view) == "the content"


def test_loading_shows_a_placeholder_with_progress_after_a_moment(view: StateView) -> None:
    view.show_state(Loading("Listing users", Progress(360, 500, "")))
    assert see(view) == ""
    wait_to_see(view, "Listing users")
    assert "360 of 500" in see(view)
    view.show_state(Loading("Listing users", Progress(5000, None, "")))
    assert "5,000" in see(view)


def test_what_is_ready_at_once_never_shows_the_placeholder(view: StateView, qtbot: QtBot) -> None:
    view.show_state(Loading("Listing users"))
    view.show_state(Ready())
    qtbot.wait(250)
    assert see(view) == "the content"


def test_loading_again_keeps_the_content(view: StateView, qtbot: QtBot) -> None:
    view.show_state(Ready())
    view.show_state(Loading("Refreshing", keep_content=True))
    qtbot.wait(250)
    assert see(view) == "the content"


def test_an_error_stands_clear_of_what_is_kept(view: StateView) -> None:
    view.show_state(Ready())
    view.show_state(Failed(AWAY, keep_content=True))
    wait_for(lambda: _top(view) > 0, "content below the error", view)
    assert _top(view) - view._banner.geometry().bottom() > 8
    view.show_state(Ready())
    wait_for(lambda: _top(view) == 0, "content alone", view)


def test_empty_says_what_to_do_next(view: StateView, qtbot: QtBot) -> None:
    view.show_state(Empty("No users yet", "Create the first one.", "New user"))
    assert see(view).split("\n") == ["No users yet", "Create the first one.", "New user"]
    with qtbot.waitSignal(view.action_requested):
        press(view, "New user")


def test_failed_says_why_and_offers_retry(view: StateView, qtbot: QtBot) -> None:
    view.show_state(Failed(AWAY))
    assert "Cognito cannot be reached" in see(view)
    assert "Could not connect to the endpoint." in see(view)
    assert "8f1-22" not in see(view)
    with qtbot.waitSignal(view.retry_requested):
        press(view, "Retry")


def test_details_open_on_request_and_can_be_copied(view: StateView) -> None:
    view.show_state(Failed(AWAY))
    press(view, "Details")
    assert "8f1-22" in see(view)
    press(view, "Copy details")
    assert "8f1-22" in QGuiApplication.clipboard().text()


def test_retry_is_not_offered_where_it_cannot_help(view: StateView) -> None:
    view.show_state(Failed(AppError(ErrorCode.NOT_ALLOWED, "Your role is viewer.")))
    assert not pressable(view, "Retry")


def test_failing_again_keeps_the_content_under_a_banner(view: StateView, qtbot: QtBot) -> None:
    view.show_state(Ready())
    view.show_state(Failed(AWAY, keep_content=True))
    assert "the content" in see(view)
    assert "Cognito cannot be reached" in see(view)
    with qtbot.waitSignal(view.retry_requested):
        press(view, "Retry")
    view.show_state(Ready())
    assert see(view) == "the content"


def test_nothing_moves_while_loading(view: StateView, qtbot: QtBot) -> None:
    view.show_state(Loading("Listing users"))
    wait_to_see(view, "Listing users")
    qtbot.wait(50)
    assert view.grab().toImage() == view.grab().toImage()
