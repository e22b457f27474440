"""The watch over database writes that wait: what landed is told, also in the first try after a start."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.changes import MirrorReport
from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.work import Work
from ui.context import Change, Context, Toast, Topic
from ui.jobs import JobRunner
from ui.shell.window import MainWindow
from ui.watches import MirrorWatch


class FakeDesk:
    """Says how each try ended."""

    def __init__(self, *reports: MirrorReport | AppError) -> None:
        self.reports = list(reports)
        self.database = object()
        self.people = self
        self.connection = SimpleNamespace(id="test")

    def retry_mirrors(self, work: Work, *, at_once: bool = False) -> MirrorReport:
        """As People does."""
        assert not at_once, "it presses nobody"
        report = self.reports.pop(0)
        if isinstance(report, AppError):
            raise report
        return report


class Bench:
    """The watch in front of a window that only counts."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: FakeDesk) -> None:
        self.qtbot = qtbot
        self.context = Context(runner)
        self.toasts: list[Toast] = []
        self.changes: list[Change] = []
        self.counts: list[tuple[str, int]] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.context.changed.connect(self.changes.append)
        window = SimpleNamespace(set_count=lambda key, number: self.counts.append((key, number)))
        self.watch = MirrorWatch(self.context, cast("MainWindow", window), self.context)
        self.context.set_desk(cast("Desk", desk))
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.context.runner.busy)


def test_what_lands_in_the_first_try_is_told(qtbot: QtBot, qapp: QApplication, runner: JobRunner) -> None:
    bench = Bench(qtbot, runner, FakeDesk(MirrorReport(2, 0)))
    assert [toast.text for toast in bench.toasts] == ["2 waiting database changes landed."]
    assert [(change.topic, change.origin) for change in bench.changes] == [(Topic.ONBOARDING, "mirrors")]
    assert bench.counts == [("activity", 0)]


@pytest.mark.parametrize(
    "report", [MirrorReport(0, 0), MirrorReport(0, 3), AppError(ErrorCode.FILE_ERROR, "The journal cannot be used.")]
)
def test_where_nothing_landed_nothing_is_said(
    qtbot: QtBot, qapp: QApplication, runner: JobRunner, report: MirrorReport | AppError
) -> None:
    bench = Bench(qtbot, runner, FakeDesk(report))
    assert (bench.toasts, bench.changes) == ([], [])


def test_what_is_meant_for_another_database_counts_as_waiting(
    qtbot: QtBot, qapp: QApplication, runner: JobRunner
) -> None:
    bench = Bench(qtbot, runner, FakeDesk(MirrorReport(1, 2, elsewhere=1), MirrorReport(0, 0)))
    assert bench.counts == [("activity", 3)]
    bench.watch.try_now()
    bench.settle()
    assert bench.counts[-1] == ("activity", 0)
    assert [toast.text for toast in bench.toasts] == ["1 waiting database change landed."], "somebody else landed them"
