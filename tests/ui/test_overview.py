"""The Overview tab as an admin sees it: on the real demo, and on pools that refuse, are empty or lack a part."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.connections import Connection, CredentialSource
from app.desk import Desk, open_demo, open_desk
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.secrets import SecretStore
from app.settings import Settings
from app.work import Work
from tests.services.faults import access_denied, latency, refusal
from tests.services.pools import Pool, pool
from tests.services.vault import Vault
from tests.ui import words
from tests.ui.conftest import shown
from ui.context import Change, Context, Toast, Topic
from ui.jobs import JobRunner
from ui.tabs import overview
from ui.tabs.overview import census
from ui.tabs.overview.view import OverviewView
from ui.tabs.users.view import UsersView
from ui.view_state import Empty, Loading, Ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WIDE, LOW = (1252, 818), (964, 618)  # what the tab has of windows of 1440x900 and 1024x700


@pytest.fixture(scope="module")
def demo() -> Iterator[Desk]:
    """The demo workspace with 60 people, on a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="cd-") as folder:
        settings = Settings.load({"COGNITO_DESK_HOME": folder})
        desk = open_demo(Work(), settings=settings, secrets=SecretStore(backend=Vault()), people=60)
        try:
            yield desk
        finally:
            desk.close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Pool]:
    """A pool of 30 people in which faults can be planned; no database."""
    with pool() as running:
        running.fill(30)
        yield running


@contextmanager
def opened(
    running: Pool, folder: Path, *, client: bool = True, environ: Mapping[str, str] | None = None
) -> Iterator[Desk]:
    """A desk on the emulator, with or without an app client, of a program that was started with `environ`."""
    secrets = SecretStore(backend=Vault())
    secrets.keep_keys("here", running.keys)
    connection = Connection(
        "here",
        "Here",
        running.demo.region,
        running.demo.pool_id,
        client_id=running.demo.client_id if client else None,
        endpoint=running.demo.endpoint,
        credentials=CredentialSource.KEYS,
    )
    settings = Settings.load({"COGNITO_DESK_HOME": str(folder / "desk")})
    journal = Journal(settings.journal_path)
    desk = open_desk(connection, settings=settings, secrets=secrets, journal=journal, environ=environ or {})
    try:
        yield desk
    finally:
        running.faults.clear()
        desk.close()
        journal.close()


@pytest.fixture
def desk(emulator: Pool, tmp_path: Path) -> Iterator[Desk]:
    with opened(emulator, tmp_path) as made:
        emulator.faults.calls.clear()
        yield made


class Admin:
    """Somebody who looks at the Overview."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: Desk, size: tuple[int, int] = WIDE) -> None:
        self.qtbot = qtbot
        self.desk = desk
        self.context = Context(runner, desk=desk)
        self.went: list[tuple[str, object]] = []
        self.toasts: list[Toast] = []
        self.context.navigate.connect(self._on_navigate)
        self.context.toast_requested.connect(self.toasts.append)
        made = overview.create(self.context)
        assert isinstance(made, OverviewView)
        self.view = made
        self.view.resize(*size)
        shown(qtbot, self.view)

    def _on_navigate(self, key: str, payload: object) -> None:
        self.went.append((key, payload))

    def settle(self) -> None:
        """Wait until nothing is under way and everybody was told."""
        self.qtbot.waitUntil(lambda: not self.context.runner.busy and not self._telling, timeout=20_000)

    @property
    def _telling(self) -> bool:
        return isinstance(self.view.newest.states.state, Loading)

    def sees(self, root: QWidget, *texts: str) -> None:
        for text in texts:
            words.wait_to_see(root, text, 15.0)

    def hears(self, start: str) -> str:
        """Wait for the accessible name of a label of the Connection card that begins like this."""

        def look() -> str | None:
            names = (label.accessibleName() for label in self.view.connection.findChildren(QLabel) if label.isVisible())
            return next((name for name in names if name.startswith(start)), None)

        return words.wait_for(look, f"“{start}…”", self.view.connection, 15.0)

    def copied(self) -> str:
        words.press(self.view, "Copy report")
        return QGuiApplication.clipboard().text()


@pytest.fixture
def on_demo(qtbot: QtBot, dressed: QApplication, runner: JobRunner, demo: Desk) -> Admin:
    admin = Admin(qtbot, runner, demo)
    admin.settle()
    return admin


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
    # The demo has them in its stories: not in the database, not in the pool, disabled on one side, email not mirrored.
    kinds = found.differences
    assert min(kinds.no_row, kinds.no_account, kinds.disabled, kinds.email) >= 1
    assert f"Differences: {kinds.total}" in told
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


def test_the_connection_test_shows_each_step_when_it_ends(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    go = threading.Event()

    def held(application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        go.wait(20)
        return application(environ, start_response)

    emulator.faults.on("ListUsers", held, times=1)
    try:
        words.press(admin.view, "Test connection")
        # ListUsers has not answered: what ended before it is on screen already.
        assert re.search(r"\d m?s", admin.hears("DescribeUserPool: ok"))
        admin.hears("Credentials: ok")
        admin.hears("ListUsers: testing")
        admin.hears("Database: to do")
        assert words.reason(admin.view, "Test connection") == "A test is under way."
    finally:
        go.set()
    assert " ms" in admin.hears("ListUsers: ok")
    admin.hears("Database: missing No application database is connected")
    assert "Vault" in admin.hears("Keyring: ok")
    admin.sees(admin.view.connection, "Last tested")
    assert words.reason(admin.view, "Test connection") == ""


def test_a_failed_step_names_the_permission_and_the_rest_goes_on(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    emulator.faults.on("DescribeUserPool", access_denied("cognito-idp:DescribeUserPool"))
    words.press(admin.view, "Test connection")
    assert "cognito-idp:DescribeUserPool" in admin.hears("DescribeUserPool: failed")
    admin.hears("ListUsers: ok")
    admin.sees(admin.view.connection, "Last tested")
    assert "failed  DescribeUserPool" in admin.copied()


def test_a_cancelled_test_keeps_what_ended(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    emulator.faults.on("ListUsers", latency(0.5), times=1)
    words.press(admin.view, "Test connection")
    admin.hears("DescribeUserPool: ok")
    (job,) = [record for record in runner.jobs() if record.under_way]
    runner.cancel(job.id)
    admin.sees(admin.view.connection, "The test was cancelled.")
    admin.hears("DescribeUserPool: ok")
    admin.hears("Keyring: to do")


def test_a_pool_that_cannot_be_reached_is_not_asked_for_everybody_too(
    qtbot: QtBot, dressed: QApplication, runner: JobRunner, emulator: Pool, desk: Desk
) -> None:
    emulator.faults.on("DescribeUserPool", refusal(400, "ExpiredTokenException"))
    admin = Admin(qtbot, runner, desk)
    admin.settle()
    for card in (admin.view.pool, admin.view.newest):
        admin.sees(card, "The AWS credentials have expired")
    assert "ListUsers" not in emulator.faults.calls
    emulator.faults.clear()
    words.press(admin.view.pool, "Retry")
    admin.sees(admin.view.pool, "about 30")
    admin.settle()
    assert len(desk.index) == 30
    assert "expired" not in words.see(admin.view)


def test_environment_variables_open_on_request_with_secrets_masked(
    qtbot: QtBot,
    dressed: QApplication,
    runner: JobRunner,
    emulator: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret, password = "wJalrXUtnFEMI-not-a-real-one", "hunter2-in-the-url"
    environ = {
        "AUTH_PROVIDER": "cognito",
        "COGNITO_USER_POOL_ID": "us-east-1_FromEnv",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00",
        "AWS_SECRET_ACCESS_KEY": secret,
        "DATABASE_URL": f"postgresql://app:{password}@db.example:5432/app",
    }
    monkeypatch.setenv("SECRETS_PREFIX", "of-this-machine")  # what the desk was not given is not told
    with opened(emulator, tmp_path, environ=environ) as desk:
        admin = Admin(qtbot, runner, desk)
        admin.settle()
        admin.sees(admin.view.connection, "Environment variables: 5 of 15 set", "cognito (AUTH_PROVIDER)")
        admin.sees(admin.view.connection, "falls back to local")  # COGNITO_CLIENT_ID is missing
        assert "us-east-1_FromEnv" not in words.see(admin.view)
        words.press(admin.view.connection, "Environment variables...")
        admin.sees(
            admin.view.environment, "us-east-1_FromEnv", "COGNITO_CLIENT_ID", "missing", "••••", "db.example:5432/app"
        )
        report = admin.copied()
        for text in (words.see(admin.view), report):
            assert "of-this-machine" not in text
            assert secret not in text
            assert password not in text
            assert "AKIAEXAMPLE" not in text
        assert "us-east-1_FromEnv" in report
        words.press(admin.view.connection, "Environment variables...")
        assert not admin.view.environment.isVisible()


def test_the_report_tells_the_set_up_and_names_nobody(on_demo: Admin) -> None:
    words.press(on_demo.view, "Test connection")
    on_demo.sees(on_demo.view.connection, "Last tested")
    report = on_demo.copied()
    for text in (
        "harbour-demo",
        "harbour-web",
        "us-east-1",
        "pending_mfa: ",
        "ok      ListUsers",
        "COGNITO_CLIENT_ID: not set",
    ):
        assert text in report
    secrets = on_demo.desk._secrets
    keys = secrets.keys(on_demo.desk.connection.id)
    assert keys is not None
    assert keys.secret_access_key not in report
    assert (secrets.get(f"database/{on_demo.desk.connection.id}") or "-") not in report
    assert not [row.email for row in on_demo.desk.index.view().rows(0, 1000) if row.email in report]
    assert on_demo.toasts[-1].text == "The report is on the clipboard."


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
