"""The page between asking for a connection and having it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from app.work import Progress
from tests.ui.words import press, pressable, see
from ui.shell.splash import Splash


def test_the_splash_shows_steps_and_what_went_wrong(dressed: QApplication, qtbot: QtBot) -> None:
    splash = Splash("Starting the demo workspace")
    qtbot.addWidget(splash)
    splash.resize(700, 500)
    splash.show()
    splash.show_progress(Progress(1, 3, "Starting PostgreSQL"))
    splash.show_progress(Progress(2, 3, "Filling the user pool"))
    assert "Filling the user pool" in see(splash)
    with qtbot.waitSignal(splash.cancel_requested):
        press(splash, "Cancel")
    splash.show_error(AppError(ErrorCode.DEMO_UNAVAILABLE, "PostgreSQL's programs are missing.", retryable=True))
    assert "PostgreSQL's programs are missing." in see(splash)
    with qtbot.waitSignal(splash.retry_requested):
        press(splash, "Retry")
    assert pressable(splash, "Back")


def test_the_splash_shows_the_whole_error(dressed: QApplication, qtbot: QtBot) -> None:
    splash = Splash("Starting the demo workspace")
    qtbot.addWidget(splash)
    splash.resize(900, 600)
    splash.show()
    splash.show_progress(Progress(1, 3, "Starting PostgreSQL"))
    reason_given = "PostgreSQL did not start, and there is much to be said about why it did not. " * 5
    splash.show_error(AppError(ErrorCode.DEMO_UNAVAILABLE, reason_given, retryable=True))

    def whole() -> bool:
        told = next(w for w in splash.findChildren(QLabel) if reason_given.strip() in w.text())
        return told.height() >= told.heightForWidth(told.width()) > 60

    qtbot.waitUntil(whole)
