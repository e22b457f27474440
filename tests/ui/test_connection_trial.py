"""The test of a connection in its form, against a real emulator: step by step, stopped, refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.services.faults import access_denied
from tests.services.pools import Pool, pool
from tests.ui.lobby import POOL, Lobby, entering, gone
from tests.ui.words import press, pressable, see, type_into, wait_for, wait_to_see
from ui.jobs import JobRunner


@pytest.fixture
def lobby(qtbot: QtBot, dressed: QApplication, runner: JobRunner, tmp_path: Path) -> Iterator[Lobby]:
    with entering(qtbot, runner, tmp_path / "desk") as made:
        yield made


@pytest.fixture(scope="module")
def cognito() -> Iterator[Pool]:
    with pool() as running:
        running.fill(3)
        yield running


def describe(form: QWidget, cognito: Pool) -> None:
    """Type a connection to the emulator."""
    type_into(form, "Name", "Emulated")
    type_into(form, "User pool ID", cognito.demo.pool_id)
    type_into(form, "Endpoint", cognito.demo.endpoint)
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    type_into(form, "Access key ID", cognito.keys.access_key_id)
    type_into(form, "Secret access key", cognito.keys.secret_access_key)


def test_the_test_shows_every_step_with_its_time_and_saves_nothing(lobby: Lobby, cognito: Pool) -> None:
    lobby.enter()
    form = lobby.new()
    describe(form, cognito)
    press(form, "Test")
    text = wait_to_see(form, "The connection works.")
    for name in ("Credentials", "DescribeUserPool", "ListUsers", "Database", "Keyring"):
        assert name in text
    assert "The users can be read." in text
    assert "No application database is configured" in text
    assert " ms" in text
    assert lobby.file == ""
    assert lobby.vault.entries == {}
    type_into(form, "Name", "Other")
    assert "The connection works." not in see(form), "the result belongs to what stood there before"


def test_each_step_is_shown_as_it_ends(lobby: Lobby, cognito: Pool) -> None:
    go_on = threading.Event()

    def held(application: Callable[..., object], environ: object, start: object) -> object:
        go_on.wait(10)
        return application(environ, start)

    cognito.faults.on("ListUsers", held, times=1)  # type: ignore[arg-type]
    lobby.enter()
    form = lobby.new()
    describe(form, cognito)
    try:
        press(form, "Test")
        text = wait_to_see(form, "about 3 users")
        assert "Testing the connection…" in text
        assert "The users can be read." not in text
        assert pressable(form, "Stop the test")
    finally:
        go_on.set()
    wait_to_see(form, "The connection works.")
    assert pressable(form, "Test")
    cognito.faults.clear()


def test_a_test_can_be_stopped(lobby: Lobby, cognito: Pool, runner: JobRunner) -> None:
    go_on = threading.Event()

    def held(application: Callable[..., object], environ: object, start: object) -> object:
        go_on.wait(10)
        return application(environ, start)

    cognito.faults.on("DescribeUserPool", held, times=1)  # type: ignore[arg-type]
    lobby.enter()
    form = lobby.new()
    describe(form, cognito)
    try:
        press(form, "Test")
        wait_for(lambda: "DescribeUserPool" in cognito.faults.calls, "the request", form)
        press(form, "Stop the test")
        assert "Testing" not in see(form)
        assert pressable(form, "Test")
    finally:
        go_on.set()
    wait_for(lambda: not runner.busy, "the end of the job", form)
    assert "The connection works." not in see(form)
    assert lobby.launcher.secrets._memory == {}
    cognito.faults.clear()


def test_a_missing_permission_is_named_in_its_step(lobby: Lobby, cognito: Pool) -> None:
    cognito.faults.on("ListUsers", access_denied("cognito-idp:ListUsers"))
    lobby.enter()
    form = lobby.new()
    describe(form, cognito)
    press(form, "Test")
    text = wait_to_see(form, "The test failed at ListUsers.")
    cognito.faults.clear()
    assert "lack the permission cognito-idp:ListUsers" in text
    assert form.form.problems() == {}


def test_a_profile_that_does_not_exist_is_an_error_at_its_field(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    type_into(form, "User pool ID", POOL)
    type_into(form, "Where they come from", "A named profile of ~/.aws")
    type_into(form, "Profile", "nobody")
    press(form, "Test")
    wait_to_see(form, "nobody does not exist")
    assert set(form.form.problems()) == {"profile"}


def test_closing_the_form_ends_its_test(lobby: Lobby, cognito: Pool, runner: JobRunner) -> None:
    lobby.enter()
    form = lobby.new()
    describe(form, cognito)
    press(form, "Test")
    press(form, "Cancel")
    gone(form)
    wait_for(lambda: not runner.busy, "the end of the job")
