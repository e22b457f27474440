"""The Overview's cards: on the real demo, and on pools that refuse, are empty or lack a part."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.directory.differences import Kind
from app.errors import AppError, ErrorCode
from tests.services.faults import access_denied
from tests.services.pools import Pool
from tests.ui import words
from tests.ui.overview.admin import LOW, WIDE, Admin, opened
from ui.jobs import JobRunner
from ui.view_state import Ready


def test_every_card_tells_how_things_stand(on_demo: Admin) -> None:
    view, desk = on_demo.view, on_demo.desk
    on_demo.sees(view.pool, "harbour-demo", desk.connection.pool_id, "about 60", "Optional · authenticator app, SMS")
    on_demo.sees(view.pool, "12+ characters, upper, lower, digit, symbol", "valid 7 days", "Plus")
    on_demo.sees(view.client, "harbour-web", "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH", "30 d refresh", "prevented")
    assert "missing" not in words.see(view.client)
    on_demo.sees(
        view.connection, "access keys of this connection", "local (AUTH_PROVIDER is not set)", "Not tested yet."
    )
    assert desk.onboarding is not None
    for stage in desk.onboarding.funnel(desk.now()):
        assert any(bar.key == stage.status.value and bar.value == stage.count for bar in view.funnel.bars)
    on_demo.sees(view.funnel, "Pending approval: ", "median")


def test_the_figures_agree_with_both_sides(on_demo: Admin) -> None:
    desk = on_demo.desk
    assert desk.onboarding is not None
    told = {figure.accessibleName() for figure in on_demo.view.funnel.numbers}
    assert f"In Cognito: {len(desk.index)}" in told
    assert f"In the database: {desk.onboarding.count()}" in told
    found = on_demo.view.presenter.people.census
    assert found is not None
    assert found.differences is not None
    assert found.differences is desk.drift.latest
    # The demo has them in its stories: not in the database, not in the pool, disabled on one side, email not mirrored.
    for kind in (Kind.ONLY_COGNITO, Kind.ONLY_DATABASE, Kind.ENABLED, Kind.EMAIL_VERIFIED):
        assert found.differences.counts[kind] >= 1
    assert f"Differences: {found.differences.people}" in told
    assert any(text.startswith("Without MFA: ") and text.endswith(" %") for text in told)


def test_the_newest_people_are_the_last_twenty_created(on_demo: Admin) -> None:
    rows = on_demo.view.newest.table.rows()
    assert len(rows) == 20
    assert [row.created for row in rows] == sorted((row.created for row in rows), reverse=True)
    everybody = on_demo.desk.index.view().rows(0, 1000)
    assert min(row.created for row in rows) >= sorted(row.created for row in everybody)[-20]


def test_a_click_or_enter_on_somebody_opens_them_in_users(on_demo: Admin) -> None:
    table = on_demo.view.newest.table
    first, second = (row.username for row in table.rows()[:2])
    at = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    table.select(second)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert on_demo.went == [("users", {"username": first}), ("users", {"username": second})]


def test_a_bar_opens_its_state_in_onboarding_by_mouse_and_by_key(on_demo: Admin) -> None:
    words.press(on_demo.view.funnel, "Pending approval: ...")
    bar = QApplication.focusWidget()
    assert bar is not None
    QTest.keyClick(bar, Qt.Key.Key_Tab)
    following = QApplication.focusWidget()
    assert following is not None
    assert following.accessibleName().startswith("Pending MFA: ")
    QTest.keyClick(following, Qt.Key.Key_Space)
    assert on_demo.went == [("onboarding", {"status": "pending_approval"}), ("onboarding", {"status": "pending_mfa"})]


def test_a_figure_opens_whom_it_counts(on_demo: Admin) -> None:
    words.press(on_demo.view.funnel, "Show the differences")
    words.press(on_demo.view.funnel, "Show who has no second factor")
    assert on_demo.went == [("onboarding", {"page": "drift"}), ("users", {"search": "mfa:none"})]


def test_a_refused_app_client_leaves_the_other_cards_alone(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    action = "cognito-idp:DescribeUserPoolClient"
    emulator.faults.on("DescribeUserPoolClient", access_denied(action))
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    admin.sees(admin.view.client, "AWS does not permit this", action, "Retry")
    assert isinstance(admin.view.pool.states.state, Ready)
    assert isinstance(admin.view.connection.states.state, Ready)
    assert isinstance(admin.view.newest.states.state, Ready)
    assert action not in words.see(admin.view.pool) + words.see(admin.view.newest) + words.see(admin.view.connection)
    assert action in admin.copied()
    emulator.faults.clear()
    words.press(admin.view.client, "Retry")
    admin.sees(admin.view.client, "harbour-web")


def test_a_refused_pool_still_shows_its_people(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("DescribeUserPool", access_denied("cognito-idp:DescribeUserPool"))
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    admin.sees(admin.view.pool, "cognito-idp:DescribeUserPool")
    assert len(admin.view.newest.table.rows()) == 20
    assert "In Cognito: 30" in {figure.accessibleName() for figure in admin.view.funnel.numbers}


def test_a_refused_list_is_told_where_the_newest_would_be(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("ListUsers", access_denied("cognito-idp:ListUsers"))
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    admin.sees(admin.view.newest, "cognito-idp:ListUsers")
    assert emulator.calls("ListUsers") == 1, "a refusal is not asked for again and again"
    assert isinstance(admin.view.client.states.state, Ready)
    emulator.faults.clear()
    words.press(admin.view.newest, "Retry")
    admin.settle()
    assert len(admin.view.newest.table.rows()) == 20


def test_without_the_factors_permission_the_mode_is_still_told(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("GetUserPoolMfaConfig", access_denied("cognito-idp:GetUserPoolMfaConfig"))
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    admin.sees(admin.view.pool, "Optional · factors not readable")


def test_no_database_says_what_is_missing(qtbot: QtBot, dressed: QApplication, runner: JobRunner, desk: Desk) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    admin.sees(admin.view.funnel, "No database", "DATABASE_URL", "Cognito works without it")
    told = {figure.accessibleName() for figure in admin.view.funnel.numbers}
    assert told == {"In Cognito: 30", "In the database: –", "Differences: –", "Without MFA: –"}


def test_a_database_that_is_away_fails_in_its_own_card(on_demo: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    onboarding = on_demo.desk.onboarding
    assert onboarding is not None

    def away(now: object = None) -> None:
        raise AppError(ErrorCode.DATABASE_UNREACHABLE, "The database cannot be reached.", retryable=True)

    with monkeypatch.context() as patch:
        patch.setattr(onboarding, "funnel", away)
        words.press(on_demo.view, "Refresh")
        on_demo.sees(on_demo.view.funnel, "The application database cannot be reached")
        on_demo.settle()
        assert isinstance(on_demo.view.pool.states.state, Ready)
        assert "In the database: –" in {figure.accessibleName() for figure in on_demo.view.funnel.numbers}
    words.press(on_demo.view.funnel, "Retry")
    on_demo.sees(on_demo.view.funnel, "Pending approval: ")


def test_a_connection_without_client_id_says_so(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, tmp_path: Path
) -> None:
    with opened(emulator, tmp_path, client=False) as desk:
        emulator.faults.calls.clear()
        admin = Admin(qtbot, runner, desk)
        admin.settle()
        admin.sees(admin.view.client, "No app client", "names no client ID")
        assert emulator.calls("DescribeUserPoolClient") == 0
        assert "names no app client" in admin.copied()


@pytest.mark.parametrize("size", [WIDE, LOW], ids=["1440x900", "1024x700"])
def test_nothing_is_cut_at_either_size(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, demo: Desk, size: tuple[int, int]
) -> None:
    admin = Admin(qtbot, runner, demo, size)
    admin.settle()
    view = admin.view
    QTest.qWait(50)
    cards = (view.pool, view.client, view.connection, view.funnel, view.newest)
    for card in cards:
        assert card.width() >= card.minimumSizeHint().width()
        right = card.mapTo(view, card.rect().topRight()).x()
        assert right < view.width()
        for label in card.findChildren(QLabel):
            if label.isVisible() and label.wordWrap():
                assert label.height() >= label.heightForWidth(label.width()), label.text()
    bar = view.scroll_bar
    if size == WIDE:
        assert bar.maximum() == 0, "everything fits into the window"
        assert view.pool.y() == view.connection.y()
    else:
        assert bar.maximum() > 0
        assert view.connection.y() > view.pool.y()
        assert view.newest.width() > view.pool.width() * 1.8
