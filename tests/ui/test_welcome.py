"""The welcome page: connections to choose from, what needs an eye, and the way into the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.errors import AppError, ErrorCode
from app.work import Progress
from tests.ui.lobby import ENVIRONMENT, MAIN, POOL, Lobby, entering
from tests.ui.words import answer, dialog, press, pressable, see, wait_for, wait_to_see
from ui.jobs import JobRunner


@pytest.fixture
def lobby(qtbot: QtBot, dressed: QApplication, runner: JobRunner, tmp_path: Path) -> Iterator[Lobby]:
    with entering(qtbot, runner, tmp_path / "desk") as made:
        yield made


def test_nothing_saved_says_what_to_do_next(lobby: Lobby, qtbot: QtBot) -> None:
    page = lobby.enter()
    assert "None yet. Add your user pool" in see(page)
    with qtbot.waitSignal(page.demo_requested, timeout=1000):
        press(page, "Explore the demo")


def test_saved_ones_and_the_environments_are_one_press_from_open(lobby: Lobby) -> None:
    page = lobby.enter(MAIN, environ=ENVIRONMENT)
    text = see(page)
    for piece in ("Customers", f"{POOL} · with database", "From the environment", "eu-west-1_FromEnv1 · no database"):
        assert piece in text
    assert "None yet" not in text
    assert "Worth a look" not in text
    press(page, "Open Customers")
    press(page, "Open From the environment")
    assert [each.id for each in lobby.opened] == ["main", "environment"]
    assert pressable(page, "Edit Customers")
    assert not pressable(page, "Edit From the environment"), "it is changed where it was made"
    assert not pressable(page, "Remove From the environment")


def test_a_double_click_opens_too(lobby: Lobby) -> None:
    page = lobby.enter(MAIN)
    row = next(each for each in page.findChildren(QWidget) if each.accessibleName() == "Customers")
    QTest.mouseDClick(row, Qt.MouseButton.LeftButton)
    assert [each.id for each in lobby.opened] == ["main"]


def test_many_connections_scroll_and_keep_the_demo_in_reach(lobby: Lobby) -> None:
    page = lobby.enter(*(replace(MAIN, id=f"c{n}", name=f"Pool {n}") for n in range(8)), size=(960, 610))
    area = page.findChildren(QScrollArea)[0]
    wait_for(lambda: area.verticalScrollBar().maximum() > 0, "a scroll bar", page)
    assert area.horizontalScrollBar().maximum() == 0


def test_variables_that_cannot_be_used_are_told_by_name(lobby: Lobby) -> None:
    page = lobby.enter(environ={"COGNITO_USER_POOL_ID": "nonsense", "AWS_ACCESS_KEY_ID": "AKIA123"})
    text = wait_to_see(page, "Worth a look")
    assert "COGNITO_USER_POOL_ID: " in text
    assert "AWS_SECRET_ACCESS_KEY is not" in text
    assert "COGNITO_CLIENT_ID is not" in text


def test_saved_connections_that_cannot_be_read_leave_the_rest_usable(lobby: Lobby) -> None:
    lobby.settings.connections_path.write_text(json.dumps({"version": 99, "connections": []}))
    page = lobby.enter(environ=ENVIRONMENT)
    text = wait_to_see(page, "newer version")
    assert "From the environment" in text
    assert pressable(page, "Explore the demo")
    lobby.settings.connections_path.unlink()
    press(page, "Retry")
    wait_for(lambda: "newer version" not in see(page), "the list", page)


def test_removing_asks_first(lobby: Lobby) -> None:
    page = lobby.enter(MAIN)
    press(page, "Remove Customers")
    answer(page, "Remove the connection Customers?", press="Cancel")
    assert lobby.vault.entries
    press(page, "Remove Customers")
    assert "deleted from the keyring" in see(dialog("Remove the connection Customers?"))
    answer(page, "Remove the connection Customers?", press="Remove")
    wait_to_see(page, "None yet")
    assert lobby.vault.entries == {}
    assert json.loads(lobby.file)["connections"] == []


def test_removing_while_the_keyring_is_locked_removes_nothing_and_says_why(lobby: Lobby) -> None:
    page = lobby.enter(MAIN)
    lobby.vault.refusal = KeyringLocked()
    press(page, "Remove Customers")
    answer(page, "Remove the connection Customers?", press="Remove")
    answer(page, "The keyring is locked", press="Close")
    assert "Customers" in see(page)
    lobby.vault.refusal = None


def test_opening_shows_its_steps_and_why_it_failed(lobby: Lobby, qtbot: QtBot) -> None:
    page = lobby.enter(MAIN)
    page.show_opening("Opening Customers")
    page.show_progress(Progress(1, 3, "PostgreSQL is running"))
    assert "Opening Customers" in see(page)
    assert "Explore the demo" not in see(page)
    with qtbot.waitSignal(page.cancel_requested, timeout=1000):
        press(page, "Cancel")
    page.show_failure(AppError(ErrorCode.CREDENTIALS_MISSING, "The access keys of Customers are not in the keyring."))
    assert "not in the keyring" in see(page)
    with qtbot.waitSignal(page.retry_requested, timeout=1000):
        press(page, "Retry")
    page.show_connections()
    wait_to_see(page, "Explore the demo")
