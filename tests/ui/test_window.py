"""The main window: tabs, header, status bar, keyboard, theme, and what it shows without a connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QObject, QRectF, Qt, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.aws.pacing import Usage
from app.connections import Connection, EnvironmentName
from app.desk import Desk, Health
from app.errors import AppError, ErrorCode
from app.permissions import Operator, Role
from app.settings import Settings
from app.work import Work
from tests.ui.words import press, reason, see, type_into, wait_for, wait_to_see
from ui.context import Context
from ui.jobs import JobRunner, JobState
from ui.shell.rail import NARROW, WIDE, RailButton
from ui.shell.window import MainWindow, TabSpec
from ui.theme import theme
from ui.widgets.labels import ElidedLabel


class Pools:
    """Answers DescribeUserPool at once, or not at all."""

    def __init__(self, away: bool) -> None:
        self._away = away

    def describe(self) -> None:
        if self._away:
            raise AppError(ErrorCode.UNREACHABLE, "Could not connect to the endpoint.")


@dataclass
class StandIn:
    """As much of a Desk as the window asks for."""

    connection: Connection
    operator: Operator = field(default_factory=lambda: Operator("ada@harbour.example", Role.ADMIN))
    database: object | None = None
    away: bool = False

    @property
    def pools(self) -> Pools:
        return Pools(self.away)

    def usage(self) -> Usage:
        return Usage(requests=12, limit=10, quota=30)

    def database_health(self) -> Health:
        return Health(2.2, "PostgreSQL 18.4") if not self.away else Health(None, "connection refused")


def desk(environment: EnvironmentName = "demo", *, database: bool = True, away: bool = False) -> Desk:
    connection = Connection("c1", "Harbour", "us-east-1", "us-east-1_Dem0Pool1", environment=environment)
    return cast("Desk", StandIn(connection, database=object() if database else None, away=away))


class Tab(QWidget):
    """A tab that shows its name and where it was sent."""

    made: list[str] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, name: str) -> None:
        super().__init__()
        Tab.made.append(name)
        self.sent = QLabel(f"tab {name}")
        self.button = QPushButton(f"in {name}")
        column = QVBoxLayout(self)
        column.addWidget(self.sent)
        column.addWidget(self.button)
        self.setFocusProxy(self.button)

    def open_at(self, payload: object) -> None:
        self.sent.setText(f"sent to {payload}")


def tab(name: str) -> Callable[[Context], QWidget]:
    return lambda context: Tab(name)


def welcome(context: Context) -> QWidget:
    return QLabel("Welcome")


TABS = (
    TabSpec("overview", "Overview", "overview", tab("overview")),
    TabSpec("users", "Users", "users", tab("users"), searches=True),
    TabSpec("authenticator", "Authenticator", "authenticator", tab("authenticator"), needs_desk=False),
)


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    assert made.shutdown(10)


@pytest.fixture
def window(dressed: QApplication, qtbot: QtBot, runner: JobRunner) -> MainWindow:
    Tab.made.clear()
    return show(qtbot, Context(runner, desk=desk()))


def show(qtbot: QtBot, context: Context, *, with_welcome: bool = True) -> MainWindow:
    made = MainWindow(context, TABS, welcome if with_welcome else None)
    qtbot.addWidget(made)
    made.show()
    made.resize(1440, 900)
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def test_tabs_are_made_when_first_shown_and_kept(window: MainWindow) -> None:
    assert Tab.made == ["overview"]
    assert "tab overview" in see(window)
    press(window, "Users")
    assert "tab users" in see(window)
    press(window, "Overview")
    assert Tab.made == ["overview", "users"]


def test_keys_choose_tabs_and_the_search(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.tab == "authenticator"
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.header.search.hasFocus)


def test_the_rail_is_walked_with_the_keyboard(window: MainWindow, qtbot: QtBot) -> None:
    overview = window.rail.findChild(QWidget, "overview")
    assert overview is not None
    overview.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(overview, Qt.Key.Key_Down)
    users = window.rail.findChild(QWidget, "users")
    assert users is not None
    qtbot.waitUntil(users.hasFocus)
    QTest.keyClick(users, Qt.Key.Key_Space)
    assert window.tab == "users"


def test_navigation_takes_its_payload_along(window: MainWindow) -> None:
    window.context.navigate.emit("users", "carla")
    assert window.tab == "users"
    assert "sent to carla" in see(window)


def test_typing_goes_to_the_tab_that_searches(window: MainWindow, qtbot: QtBot) -> None:
    heard_all: list[str] = []
    window.context.search_changed.connect(heard_all.append)
    type_into(window, "Search people", "mor")
    assert heard_all == ["m", "mo", "mor"], "every key is answered"
    assert window.tab == "users"
    with qtbot.waitSignal(window.context.search_changed) as heard:
        QTest.keyClick(window.header.search, Qt.Key.Key_Escape)
    assert heard.args == [""]


def test_a_search_set_elsewhere_shows_in_the_field(window: MainWindow) -> None:
    window.context.set_search("status:confirmed")
    assert window.header.search.text() == "status:confirmed"


def test_down_leaves_the_search_for_the_tab(window: MainWindow, qtbot: QtBot) -> None:
    window.show_tab("users")
    window.header.search.setFocus()
    QTest.keyClick(window.header.search, Qt.Key.Key_Down)
    users = window.tab_widget("users")
    assert isinstance(users, Tab)
    qtbot.waitUntil(users.button.hasFocus)


def test_without_a_connection_the_welcome_page_is_up(dressed: QApplication, qtbot: QtBot, runner: JobRunner) -> None:
    Tab.made.clear()
    context = Context(runner)
    window = show(qtbot, context)
    assert "Welcome" in see(window)
    assert Tab.made == []
    assert reason(window, "Users") == "Open a connection first"
    assert "Cognito: not connected" in see(window)
    press(window, "Authenticator")
    assert "tab authenticator" in see(window)
    context.set_desk(desk())
    assert reason(window, "Users") == ""
    assert window.windowTitle() == "Harbour – Cognito Desk"


def test_another_connection_gets_tabs_of_its_own(window: MainWindow) -> None:
    press(window, "Users")
    first = window.tab_widget("users")
    window.context.set_desk(desk("staging"))
    assert window.tab == "users"
    assert window.tab_widget("users") is not first
    window.context.set_desk(None)
    assert "Welcome" in see(window)
    assert window.tab == ""


@pytest.mark.parametrize("environment", ["demo", "development", "staging", "production"])
def test_production_is_unmistakable(
    dressed: QApplication, qtbot: QtBot, runner: JobRunner, environment: EnvironmentName
) -> None:
    window = show(qtbot, Context(runner, desk=desk(environment)))
    assert ("PRODUCTION" in see(window)) is (environment == "production")
    assert environment in window.header.chip.accessibleName()
    assert window.header.chip.accessibleName().startswith("Connection Harbour")


def test_the_chip_asks_for_another_connection(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.connection_requested):
        press(window, "Connection Harbour...")


def test_who_is_at_the_desk(window: MainWindow) -> None:
    assert "ada@harbour.example" in see(window)
    assert "admin" in see(window)


def test_the_health_of_both_services_is_told(window: MainWindow) -> None:
    wait_to_see(window, "Database 2 ms")
    assert "Cognito " in see(window)
    wait_to_see(window, "UserList 12 of 30 requests/s")


def test_services_that_are_away_or_absent_say_so(dressed: QApplication, qtbot: QtBot, runner: JobRunner) -> None:
    window = show(qtbot, Context(runner, desk=desk(away=True)))
    wait_to_see(window, "Cognito away")
    wait_to_see(window, "Database away")
    assert "Could not connect" in window.status.cognito.toolTip()
    window.context.set_desk(desk(database=False))
    wait_to_see(window, "No database")


def test_the_running_job_is_shown_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    def listing(work: Work) -> None:
        work.progress(360, 500, "")
        work.sleep(30)

    assert "No running jobs" in see(window)
    job = window.context.run(listing, name="Listing users")
    wait_to_see(window, "Listing users")
    wait_to_see(window, "360 of 500")
    with qtbot.waitSignal(job.cancelled):
        press(window, "Cancel this job")
    wait_to_see(window, "No running jobs")


class Watcher(QObject):
    """Writes down what the status bar says whenever the jobs change."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.seen: list[str] = []
        self._bar = window.status
        window.context.runner.jobs_changed.connect(self.on_changed)

    @Slot()
    def on_changed(self) -> None:
        self.seen.append(see(self._bar))


def test_a_short_job_does_not_flicker(window: MainWindow, qtbot: QtBot) -> None:
    watcher = Watcher(window)
    gate = threading.Event()
    job = window.context.run(lambda work: gate.wait(5), name="Quick read")
    qtbot.wait(100)
    gate.set()
    qtbot.waitUntil(lambda: job.state is JobState.SUCCEEDED and len(watcher.seen) >= 2)
    assert not any("Quick read" in words for words in watcher.seen)


@pytest.mark.parametrize(("width", "rail"), [(1440, WIDE), (1024, NARROW)])
def test_nothing_in_the_frame_is_cut(window: MainWindow, qtbot: QtBot, width: int, rail: int) -> None:
    window.resize(width, 700)
    qtbot.waitUntil(lambda: window.rail.width() == rail)
    assert window.width() == width
    frame = (window.header, window.rail, window.status)
    for part in frame:
        inside = [w for w in part.findChildren(QWidget) if w.isVisible() and w.parentWidget() is part]
        for one in inside:
            assert part.rect().contains(one.geometry()), f"{type(one).__name__} leaves {type(part).__name__}"
            others = [w for w in inside if w is not one and w.geometry().intersects(one.geometry())]
            assert others == [], f"{type(one).__name__} lies over {type(others[0]).__name__}"
            if isinstance(one, QLabel) and not isinstance(one, ElidedLabel):
                assert one.width() >= one.sizeHint().width(), one.text()


def test_a_narrow_rail_keeps_its_words_as_tooltips(window: MainWindow, qtbot: QtBot) -> None:
    window.set_count("users", 7)
    window.resize(1024, 700)
    users = window.rail.findChild(QWidget, "users")
    assert users is not None
    qtbot.waitUntil(lambda: users.toolTip() == "Users, 7 waiting")
    assert users.accessibleName() == "Users, 7 waiting"


def test_the_theme_is_switched_and_remembered(
    dressed: QApplication, qtbot: QtBot, runner: JobRunner, tmp_path: Path
) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    window = show(qtbot, Context(runner, settings, desk()))
    before = window.grab().toImage()
    press(window, "Theme")
    press(window, "Dark")
    assert theme.scheme == "dark"
    assert window.grab().toImage() != before
    wait_for(
        lambda: Settings.load({"COGNITO_DESK_HOME": str(tmp_path)}).preferences.theme == "dark", "the choice on disk"
    )


def test_size_and_tab_are_remembered(dressed: QApplication, qtbot: QtBot, runner: JobRunner, tmp_path: Path) -> None:
    settings = Settings.load({"COGNITO_DESK_HOME": str(tmp_path)})
    first = show(qtbot, Context(runner, settings, desk()))
    first.resize(1100, 640)
    press(first, "Users")
    kept = settings.config_dir / "window.json"
    wait_for(lambda: kept.is_file() and '"users"' in kept.read_text(), "the arrangement on disk")
    with qtbot.waitSignal(first.closed):
        first.close()
    second = MainWindow(Context(runner, settings, desk()), TABS, welcome)
    qtbot.addWidget(second)
    # The width is not asked for: Qt narrows a restored window to the screen, and the offscreen one is small.
    assert (second.height(), second.tab) == (640, "users")
    second.close()
    (settings.config_dir / "window.json").write_text("not json", "utf-8")
    third = show(qtbot, Context(runner, settings, desk()))
    assert third.tab == "overview"


def test_every_control_of_the_frame_has_a_name(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton

    for button in window.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.text() or button.accessibleName()


def test_toasts_come_from_the_context(window: MainWindow) -> None:
    window.context.toast("Invitation sent.")
    assert "Invitation sent." in see(window)


@pytest.mark.parametrize("count", [3, 32, 4000])
def test_in_a_narrow_rail_the_count_leaves_the_icon_free(window: MainWindow, qtbot: QtBot, count: int) -> None:
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: window.rail.width() == NARROW)
    window.set_count("users", count)
    users = window.rail.findChild(RailButton, "users")
    assert isinstance(users, RailButton)
    qtbot.waitUntil(lambda: users.height() == users.sizeHint().height())
    assert not users.icon_box().intersects(users.count_box())
    assert QRectF(users.rect()).contains(users.icon_box())
    assert QRectF(users.rect()).contains(users.count_box())
    assert users.icon_box().center().x() == users.width() / 2
