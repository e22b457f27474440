"""Every test of the window starts without windows and must leave none open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.context import Context
from ui.garbage import Collector
from ui.jobs import JobRunner
from ui.theme import Preference, theme


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    """pytest-qt makes this one."""
    return QApplication


@pytest.fixture(scope="session", autouse=True)
def collector(qapp: QApplication) -> Iterator[Collector]:
    """As in the application: nothing of Qt is ever collected by a worker."""
    made = Collector()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def no_window_is_left(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a visible top-level window; windows given to `qtbot.addWidget` are closed before."""
    before = set(QApplication.topLevelWidgets())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [w for w in QApplication.topLevelWidgets() if w not in before and w.isVisible()]
    names = ", ".join(f"{type(w).__name__} “{w.windowTitle()}”" for w in left)
    for widget in left:
        widget.close()
        widget.deleteLater()
    assert not left, f"left open: {names}"


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[JobRunner]:
    """A runner on real threads, shut down afterwards."""
    made = JobRunner()
    yield made
    assert made.shutdown(10.0), "a job outlived its test"


@pytest.fixture
def inline_runner(qapp: QApplication) -> Iterator[JobRunner]:
    """A runner that works inside submit; its deliveries are still queued."""
    made = JobRunner(inline=True)
    yield made
    made.shutdown(1.0)


@pytest.fixture
def context(inline_runner: JobRunner) -> Context:
    """A context without a desk."""
    return Context(inline_runner)


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in our theme, light."""
    theme.install(qapp, Preference.LIGHT)
    yield qapp
    theme.choose(Preference.LIGHT)


class Windows(QObject):
    """Notes every window that comes up."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self.seen: list[str] = []
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(type(watched).__name__)
        return False


def shown(qtbot: QtBot, widget: QWidget) -> QWidget:
    """Show a widget that the test's end closes."""
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget
