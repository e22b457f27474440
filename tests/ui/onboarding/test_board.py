"""The board on the real demo: cards, dragging along the edges of the ladder and nowhere else, and the keyboard."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.launcher import Launcher
from app.onboarding.ladder import LADDER, step_to
from app.onboarding.models import OnboardingStatus
from app.permissions import Role
from tests.ui.onboarding.desk import Open, Watched, add, second_desk, sql, status_of
from tests.ui.words import answer, dialog, press, rows, see, turn, wait_for, wait_to_see
from ui.context import Change, Topic
from ui.tabs.onboarding.cards import MIME
from ui.tabs.onboarding.column import BoardColumn
from ui.tabs.onboarding.view import OnboardingView
from ui.view_state import Empty, Failed

S = OnboardingStatus


def column(view: OnboardingView, status: OnboardingStatus) -> BoardColumn:
    return view.board.columns[status]


def cards(view: OnboardingView, status: OnboardingStatus) -> list[str]:
    return [row.email for row in column(view, status).list.cards.rows]


def board(opened: Open, desk: Desk | None = None) -> OnboardingView:
    view = opened(desk)
    press(view, "Board")
    wait_for(lambda: cards(view, S.ACTIVE), "cards", view)
    return view


def pick(view: OnboardingView, status: OnboardingStatus, *emails: str) -> None:
    """Choose cards by their addresses."""
    found = column(view, status).list
    wait_for(lambda: set(emails) <= set(cards(view, status)), f"cards of {emails}", view)
    found.select({row.id for row in found.cards.rows if row.email in emails})
    found.setFocus()
    found.chosen.emit()


def drag(view: OnboardingView, goal: OnboardingStatus) -> bool:
    """Drag the chosen cards onto another column and let go; whether the drop was taken."""
    people = view.board.selected()
    over = column(view, goal)
    data = QMimeData()
    data.setData(MIME, QByteArray("\n".join(row.id for row in people).encode()))
    at, move = QPointF(over.rect().center()), Qt.DropAction.MoveAction
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view.board.begin_drag(people)
    over.dragEnterEvent(QDragEnterEvent(at.toPoint(), move, data, left, plain))
    moved = QDragMoveEvent(at.toPoint(), move, data, left, plain)
    over.dragMoveEvent(moved)
    dropped = QDropEvent(at, move, data, left, plain)
    over.dropEvent(dropped)
    view.board.end_drag()
    return moved.isAccepted() and dropped.isAccepted()


def test_a_card_that_is_dragged_along_an_edge_moves_the_row(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "drag.me@quay.example", S.PENDING_APPROVAL)
    view = board(opened)
    pick(view, S.PENDING_APPROVAL, "drag.me@quay.example")
    wait_to_see(view, "Waits for one of us to approve or reject")
    assert drag(view, S.PENDING_MFA)
    watched.toast_of("drag.me@quay.example was approved")
    assert status_of(demo, "drag.me@quay.example") == "pending_mfa"
    wait_for(lambda: "drag.me@quay.example" in cards(view, S.PENDING_MFA), "the card in its new column", view)
    assert "drag.me@quay.example" not in cards(view, S.PENDING_APPROVAL)
    assert [row.email for row in view.board.selected()] == ["drag.me@quay.example"], "the choice went with them"


def test_a_step_aside_asks_before_it_is_taken(opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "aside@quay.example", S.PENDING_APPROVAL)
    view = board(opened)
    pick(view, S.PENDING_APPROVAL, "aside@quay.example")
    assert drag(view, S.REJECTED)
    answer(view, "Reject aside@quay.example?", press="Cancel")
    assert status_of(demo, "aside@quay.example") == "pending_approval"
    assert drag(view, S.REJECTED)
    answer(view, "Reject aside@quay.example?", press="Reject")
    watched.toast_of("aside@quay.example was rejected")
    assert status_of(demo, "aside@quay.example") == "rejected"


@pytest.mark.parametrize("source", LADDER)
def test_a_drop_is_taken_exactly_where_the_ladder_has_an_edge(
    opened: Open, demo: Desk, cleanup: ExitStack, source: OnboardingStatus
) -> None:
    add(demo, cleanup, "anywhere@quay.example", source)
    sql(demo, "UPDATE auth.users SET status_before_disable = 'pending_mfa' WHERE email = %s", "anywhere@quay.example")
    view = board(opened)
    pick(view, source, "anywhere@quay.example")
    asked: list[object] = []
    view.board.step_asked.disconnect()
    view.board.step_asked.connect(lambda edge, people, goal: asked.append(edge))
    for goal in LADDER:
        asked.clear()
        expected = step_to(goal, source, before=S.PENDING_MFA)
        assert drag(view, goal) == (not isinstance(expected, str)), goal
        assert asked == ([] if isinstance(expected, str) else [expected.edge])


def test_columns_say_while_dragging_why_they_take_nobody(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "nowhere@quay.example", S.PENDING_APPROVAL)
    view = board(opened)
    pick(view, S.PENDING_APPROVAL, "nowhere@quay.example")
    view.board.begin_drag(view.board.selected())
    assert "Approve: Nowhere" in see(column(view, S.PENDING_MFA))
    assert "From here the ladder leads to" in see(column(view, S.ACTIVE))
    view.board.end_drag()
    assert "ladder leads to" not in see(view)


def test_several_cards_are_dropped_together_on_every_state_that_an_admin_decides(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    emails = [f"herd.{n}@quay.example" for n in range(3)]
    for email in emails:
        add(demo, cleanup, email, S.PENDING_APPROVAL)
    view = board(opened)
    pick(view, S.PENDING_APPROVAL, *emails)
    wait_to_see(view, "3 people")
    assert drag(view, S.REJECTED)
    answer(view, "Reject 3 people?", press="Cancel")
    assert drag(view, S.PENDING_MFA)
    answer(view, "Approve 3 people?", press="Cancel")


def test_who_was_disabled_elsewhere_is_left_alone_by_a_drop_on_one_state(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    emails = [f"away.{n}@quay.example" for n in range(3)]
    for email, before in zip(emails, ("active", "active", "pending_mfa"), strict=True):
        add(demo, cleanup, email, S.DISABLED)
        sql(demo, "UPDATE auth.users SET status_before_disable = %s WHERE email = %s", before, email)
    view = board(opened)
    pick(view, S.DISABLED, *emails)
    wait_to_see(view, "3 people")
    view.board.begin_drag(view.board.selected())
    assert "Enable: 2 people" in see(column(view, S.ACTIVE))
    view.board.end_drag()
    assert drag(view, S.ACTIVE)
    asked = dialog("Enable 3 people?")
    said = wait_to_see(asked, "1 of 3 people will be left as they are:")
    assert "away.2@quay.example | cannot | Enabling returns a disabled person to where they were: waiting" in said
    assert "away.0@quay.example | will be enabled | Disabled → Active" in said
    press(asked, "Enable (2)")
    wait_to_see(asked, "3 people: 2 enabled, 1 left alone")
    assert [status_of(demo, email) for email in emails] == ["active", "active", "disabled"]
    press(asked, "Close")


def test_a_viewer_can_drag_nobody_and_is_told_why(
    opened: Open, launcher: Launcher, demo: Desk, cleanup: ExitStack
) -> None:
    view = board(opened, second_desk(launcher, demo, cleanup, role=Role.VIEWER))
    pick(view, S.PENDING_APPROVAL, cards(view, S.PENDING_APPROVAL)[0])
    assert not drag(view, S.PENDING_MFA)
    assert "signed in as a viewer" in str(view.board.step(view.board.selected(), S.PENDING_MFA))


def test_the_keyboard_goes_from_column_to_column_and_carries_people_along(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    add(demo, cleanup, "by.keys@quay.example", S.PENDING_APPROVAL)
    view = board(opened)
    pick(view, S.PENDING_APPROVAL, "by.keys@quay.example")
    here = column(view, S.PENDING_APPROVAL).list
    QTest.keyClick(here, Qt.Key.Key_Right)
    there = column(view, S.PENDING_MFA).list
    assert there.currentIndex().isValid()
    assert [row.status for row in view.board.selected()] == [S.PENDING_MFA], "one selection for the whole board"
    QTest.keyClick(there, Qt.Key.Key_Left)
    pick(view, S.PENDING_APPROVAL, "by.keys@quay.example")
    QTest.keyClick(here, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    watched.toast_of("by.keys@quay.example was approved")
    wait_for(lambda: "by.keys@quay.example" in cards(view, S.PENDING_MFA), "them in the next column", view)
    QTest.keyClick(there, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert watched.toast_of("From here the ladder leads to").tone == "warn"
    QTest.keyClick(there, Qt.Key.Key_Return)
    assert watched.visits == [("users", {"search": "by.keys@quay.example"})]
    QTest.keyClick(there, Qt.Key.Key_Escape)
    assert not view.pane.isVisible(), "nobody is chosen: the board has the room"


def test_ten_thousand_people_make_no_widgets_and_are_read_as_somebody_scrolls(
    opened: Open, demo: Desk, cleanup: ExitStack
) -> None:
    view = board(opened)
    before = len(view.findChildren(QWidget))
    sql(
        demo,
        "INSERT INTO auth.users (email, status, updated_at) SELECT 'crowd' || n || '@many.example', 'rejected',"
        " now() - make_interval(mins => n) FROM generate_series(1, 10000) n",
    )
    cleanup.callback(sql, demo, "DELETE FROM auth.users WHERE email LIKE '%%@many.example'")
    press(view, "Refresh")
    press(view, "Rejected: 10,0...")
    wait_for(lambda: len(cards(view, S.REJECTED)) == 60, "a first page", view)
    bar = column(view, S.REJECTED).list.verticalScrollBar()
    bar.setValue(bar.maximum())
    wait_for(lambda: len(cards(view, S.REJECTED)) == 120, "a second page", view)
    assert len(set(cards(view, S.REJECTED))) == 120
    assert len(view.findChildren(QWidget)) <= before + 2
    assert bar.value() < bar.maximum(), "reading on moves nothing"


def test_what_others_change_does_not_move_the_cards_under_the_mouse(
    opened: Open, watched: Watched, demo: Desk, cleanup: ExitStack
) -> None:
    for n in range(40):
        add(demo, cleanup, f"still.{n:02}@quay.example", S.SUSPENDED, days=100 - n)
    view = board(opened)
    press(view, "Suspended: ...")
    pick(view, S.SUSPENDED, "still.20@quay.example")
    turn(20)
    found = column(view, S.SUSPENDED).list
    found.verticalScrollBar().setValue(20 * 76 + 10)
    at = found.visualRect(found.selectedIndexes()[0]).top()
    add(demo, cleanup, "newcomer@quay.example", S.SUSPENDED, days=900)
    watched.announce(Change(Topic.ONBOARDING, origin="live"))
    wait_for(lambda: "newcomer@quay.example" in cards(view, S.SUSPENDED), "the newcomer", view)
    assert [row.email for row in found.selected()] == ["still.20@quay.example"]
    assert found.visualRect(found.selectedIndexes()[0]).top() == at


def test_cards_tell_those_who_cannot_see_them(opened: Open, demo: Desk, cleanup: ExitStack) -> None:
    add(demo, cleanup, "spoken@quay.example", S.PENDING_APPROVAL, days=50)
    view = board(opened)
    found = column(view, S.PENDING_APPROVAL).list
    wait_for(lambda: "spoken@quay.example" in cards(view, S.PENDING_APPROVAL), "the card", view)
    index = found.cards.index(cards(view, S.PENDING_APPROVAL).index("spoken@quay.example"))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Spoken, spoken@quay.example, 50 d, longer than the limit"
    )
    assert "UTC" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert rows(found)
    QApplication.clipboard().clear()


def test_a_board_that_was_never_read_leaves_the_error_to_the_page(opened: Open) -> None:
    view = opened()
    away = AppError(ErrorCode.DATABASE_UNREACHABLE, "The database cannot be reached.", retryable=True)
    board = view.board
    board.set_told(True)
    board._on_state(Failed(away, keep_content=False))
    assert isinstance(board.states.state, Empty), "the page says it"
    board.set_told(False)
    assert isinstance(board.states.state, Failed), "nobody else says it"
