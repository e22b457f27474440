"""While a large pool is read: how fast it goes, pause, stop and full speed in the tab's head."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from app.directory.tempo import Pace
from app.people import LoadReport
from app.work import Work
from tests.ui.conftest import shown
from tests.ui.users_desk import FakeDesk, user
from tests.ui.words import press, see
from ui.context import Context
from ui.jobs import JobRunner
from ui.tabs.users import presenter as presenters
from ui.tabs.users.tempo_bar import TempoBar, words
from ui.tabs.users.view import UsersView

PACE = Pace(12_345, 100_000, 1_741.2, 0.97, 52.0, False, False)


@pytest.mark.parametrize(
    ("pace", "says"),
    [
        (PACE, "1,741/s · 52 s left"),
        (replace(PACE, seconds_left=1_230.0), "1,741/s · 20 min left"),
        (replace(PACE, seconds_left=0.5), "1,741/s"),
        (replace(PACE, per_second=0.0, seconds_left=None), ""),
        (replace(PACE, eased=True), "AWS asked to slow down · 1,741/s"),
        (replace(PACE, paused=True, eased=True), "Paused"),
    ],
)
def test_the_words(pace: Pace, says: str) -> None:
    assert words(pace) == says


class Slow(FakeDesk):
    """A desk whose listing goes on until it is let go."""

    def __init__(self) -> None:
        super().__init__([user("carla"), user("mora")])
        self.go_on = threading.Event()
        self.load_quickly = self.fake.load
        self.fake.load = self.load  # type: ignore[method-assign]

    def load(self, work: Work, *, estimated: int | None = None) -> LoadReport:
        tempo = self.fake.listing.tempo
        self.index.put(user("carla"))
        try:
            while not self.go_on.is_set():
                tempo.tell(PACE)
                work.progress(1, 2)
                work.sleep(0.01)
        finally:
            tempo.tell(None)
        return self.load_quickly(work, estimated=estimated)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def view(qtbot: QtBot, runner: JobRunner, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> UsersView:
    monkeypatch.setattr(presenters, "TEMPO_AFTER", 0.0)
    made = UsersView(Context(runner, desk=slow.desk))
    shown(qtbot, made)
    qtbot.waitUntil(lambda: bar(made).isVisible())
    return made


def bar(view: UsersView) -> TempoBar:
    found = view.findChild(TempoBar)
    assert isinstance(found, TempoBar)
    return found


def test_the_bar_stands_in_place_of_refresh_and_goes_with_the_end(qtbot: QtBot, view: UsersView, slow: Slow) -> None:
    assert "1,741/s · 52 s left" in see(view)
    assert "Refresh" not in see(view)
    slow.go_on.set()
    qtbot.waitUntil(lambda: not bar(view).isVisible())
    assert "Refresh" in see(view)


def test_pause_and_resume(qtbot: QtBot, view: UsersView, slow: Slow) -> None:
    tempo = slow.fake.listing.tempo
    press(view, "Pause")
    assert tempo.paused
    qtbot.waitUntil(lambda: "Paused" in see(view))
    press(view, "Resume")
    assert not tempo.paused
    qtbot.waitUntil(lambda: "1,741/s · 52 s left" in see(view))
    slow.go_on.set()
    qtbot.waitUntil(lambda: not view.presenter.busy)


def test_stop_keeps_who_was_read(qtbot: QtBot, view: UsersView, slow: Slow) -> None:
    press(view, "Stop")
    qtbot.waitUntil(lambda: not view.presenter.busy)
    assert "stopped before the end" in see(view)
    assert len(slow.index) == 1
    assert not bar(view).isVisible()


def test_full_speed_is_a_choice_that_stays(qtbot: QtBot, view: UsersView, slow: Slow) -> None:
    box = bar(view).findChild(QCheckBox)
    assert isinstance(box, QCheckBox)
    assert not box.isChecked()
    assert "share it" in box.toolTip()
    box.click()
    assert slow.fake.listing.tempo.full_speed
    slow.go_on.set()
    qtbot.waitUntil(lambda: not view.presenter.busy)
    assert slow.fake.listing.tempo.share == 1.0
    view.presenter.set_full_speed(False)
    assert not box.isChecked()


def test_a_listing_shows_no_bar_while_it_may_still_be_a_quick_one(
    qtbot: QtBot, runner: JobRunner, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presenters, "TEMPO_AFTER", 3600.0)
    made = UsersView(Context(runner, desk=slow.desk))
    shown(qtbot, made)
    qtbot.wait(3 * presenters.REFRESH_MS)
    assert not bar(made).isVisible()
    slow.go_on.set()
    qtbot.waitUntil(lambda: not made.presenter.busy)
