"""Faults that no view expected, no log, and a command line that names nothing."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QDialog

from app import logs
from app.errors import AppError, ErrorCode
from tests.ui.words import answer, dialog, press, see, wait_for, wait_to_see
from ui.application import Application, _unexpected


class Bomb(QObject):
    """A slot with a fault, and a secret in its exception."""

    lit = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lit.connect(self.explode)

    @Slot()
    def explode(self) -> None:
        raise ValueError("password=hunter2-hunter2 for postgresql://app:hunter2-hunter2@db.example.com/app")


@pytest.mark.qt_no_exception_capture
def test_a_fault_in_a_slot_is_logged_without_secrets_and_told_once(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", partial(_unexpected, application))
    log = logs.configure(tmp_path / "logs")
    try:
        bomb = Bomb()
        for _ in range(3):
            bomb.lit.emit()
        box = dialog("Something went wrong inside Cognito Desk")
        said = see(box)
        assert "Something went wrong inside the application (ValueError)." in said
        press(box, "Details")
        details = wait_to_see(box, "in explode")
        assert Path(__file__).name in details
        assert "hunter2" not in details
        wait_for(lambda: log.path.read_text().count("ValueError: ") == 3, "three entries in the log")
        boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        assert len(boxes) == 1, "one at a time"
        answer(None, "Something went wrong inside Cognito Desk", press="Close")
    finally:
        log.close()
    written = log.path.read_text()
    assert "explode" in written
    assert "[hidden]" in written
    assert "hunter2" not in written
    wait_to_see(application.window, "Explore the demo")  # the program goes on


@pytest.mark.qt_no_exception_capture
def test_an_error_of_the_services_that_no_view_expected_is_told_in_its_own_words(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused(QObject):
        asked = Signal()

        @Slot()
        def act(self) -> None:
            raise AppError(ErrorCode.NOT_ALLOWED, "Viewers may not do this.")

    monkeypatch.setattr(sys, "excepthook", partial(_unexpected, application))
    refused = Refused()
    refused.asked.connect(refused.act)
    refused.asked.emit()
    assert "Viewers may not do this." in see(dialog("Your role does not allow this"))
    answer(None, "Your role does not allow this", press="Close")


def test_without_a_log_the_program_runs_and_says_so(application: Application) -> None:
    application.on_no_log(AppError(ErrorCode.FILE_ERROR, "The folder cannot be written."))
    wait_to_see(application.window, "There is no log of this session. The folder cannot be written.")


def test_a_connection_of_the_command_line_that_does_not_exist(application: Application) -> None:
    application.start(connection="nonsense")
    said = see(dialog("Something is not set up yet"))
    assert "There is no connection called “nonsense”" in said
    answer(None, "Something is not set up yet", press="Close")
