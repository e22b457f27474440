"""The form of a connection, as a person fills it in: wrong fields, secrets, the Tab key, a low window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.errors import NoKeyringError
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from app.connections import AccessKeys, CredentialSource, DatabaseAddress
from app.errors import AppError, ErrorCode
from tests.ui.lobby import KEYS, MAIN, OTHER_SECRET, PASSWORD, POOL, Lobby, entering, gone
from tests.ui.words import press, pressable, see, type_into, wait_for, wait_to_see
from ui.jobs import JobRunner
from ui.welcome.draft import Draft


@pytest.fixture
def lobby(qtbot: QtBot, dressed: QApplication, runner: JobRunner, tmp_path: Path) -> Iterator[Lobby]:
    with entering(qtbot, runner, tmp_path / "desk") as made:
        yield made


def test_a_new_connection_is_kept_and_its_secrets_are_in_the_keyring_only(lobby: Lobby) -> None:
    page = lobby.enter()
    form = lobby.new()
    type_into(form, "Name", "Customers")
    type_into(form, "Environment", "Staging")
    type_into(form, "User pool ID", POOL)
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    type_into(form, "Access key ID", KEYS.access_key_id)
    type_into(form, "Secret access key", KEYS.secret_access_key)
    type_into(form, "Database host", "db.example.com")
    type_into(form, "Database name", "app")
    type_into(form, "Database user", "desk")
    type_into(form, "Database password", PASSWORD)
    press(form, "Save")
    wait_to_see(page, f"{POOL} · with database")
    gone(form)
    (saved,) = lobby.launcher.connections()
    assert (saved.name, saved.environment, saved.region) == ("Customers", "staging", "eu-central-1")
    assert saved.database == DatabaseAddress("db.example.com", 5432, "app", "desk")
    assert lobby.launcher.secrets.keys(saved.id) == KEYS
    assert lobby.launcher.secrets.get(f"database/{saved.id}") == PASSWORD
    for secret in (KEYS.access_key_id, KEYS.secret_access_key, PASSWORD):
        assert secret not in lobby.file
    assert [toast.text for toast in lobby.toasts] == ["Connection saved."]


def test_a_pool_alone_is_enough(lobby: Lobby) -> None:
    page = lobby.enter()
    form = lobby.new()
    type_into(form, "User pool ID", POOL)
    press(form, "Save")
    wait_to_see(page, f"{POOL} · no database")
    (saved,) = lobby.launcher.connections()
    assert (saved.name, saved.database, saved.credentials) == (POOL, None, CredentialSource.DEFAULT)
    assert lobby.vault.entries == {}


def test_every_wrong_field_is_marked_at_once_and_nothing_typed_is_lost(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    type_into(form, "Name", "Customers")
    type_into(form, "User pool ID", POOL)
    type_into(form, "Region", "us-east-1")
    type_into(form, "Endpoint", "http://example.com")
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    type_into(form, "Access key ID", "ASIA" + "Q" * 16)
    type_into(form, "Secret access key", KEYS.secret_access_key)
    type_into(form, "Database password", PASSWORD)
    before = form.form.values()
    for button in ("Save", "Test"):
        press(form, button)
        problems = form.form.problems()
        assert set(problems) == {"region", "endpoint", "session_token"}
        assert "belongs to eu-central-1" in problems["region"]
        assert "temporary" in problems["session_token"]
        assert form.form.values() == before
        assert not form.busy
    type_into(form, "Session token", "t0ken")
    type_into(form, "Endpoint", "")
    type_into(form, "Region", "")
    press(form, "Save")
    assert set(form.form.problems()) == {"database_host"}, "a password alone is no database"
    assert lobby.file == ""
    assert lobby.vault.entries == {}


def test_the_pool_must_be_named(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    press(form, "Save")
    assert "User pool ID is missing" in see(form)
    focused = form.focusWidget()
    assert focused is not None
    assert focused.objectName() == "pool_id"


def test_only_the_fields_of_the_chosen_credentials_are_shown(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    shown_fields = {
        "AWS default chain: environment, shared files, role": set[str](),
        "A named profile of ~/.aws": {"Profile *"},
        "Access keys, kept in the keyring": {"Access key ID *", "Secret access key *", "Session token"},
    }
    everything = set.union(*shown_fields.values())
    for choice, expected in shown_fields.items():
        type_into(form, "Where they come from", choice)
        assert {line for line in see(form).splitlines() if line in everything} == expected


def test_editing_with_empty_secrets_keeps_them_and_what_has_no_field(lobby: Lobby) -> None:
    page = lobby.enter(MAIN)
    press(page, "Edit Customers")
    form = lobby.form("Edit Customers")
    assert form.form.values()["secret_access_key"] == ""
    type_into(form, "Name", "Renamed")
    press(form, "Save")
    wait_to_see(page, "Renamed")
    (saved,) = lobby.launcher.connections()
    assert saved.database == MAIN.database, "the options of the address are kept"
    assert lobby.launcher.secrets.keys("main") == KEYS
    assert lobby.launcher.secrets.get("database/main") == PASSWORD


def test_editing_replaces_the_secrets_that_are_typed(lobby: Lobby) -> None:
    page = lobby.enter(MAIN)
    press(page, "Edit Customers")
    form = lobby.form("Edit Customers")
    type_into(form, "Secret access key", OTHER_SECRET)
    press(form, "Save")
    assert set(form.form.problems()) == {"access_key_id"}, "keys are replaced as a whole"
    type_into(form, "Access key ID", KEYS.access_key_id)
    type_into(form, "Database password", "another")
    press(form, "Save")
    gone(form)
    assert lobby.launcher.secrets.keys("main") == AccessKeys(KEYS.access_key_id, OTHER_SECRET)
    assert lobby.launcher.secrets.get("database/main") == "another"


def test_turning_to_access_keys_needs_them(lobby: Lobby) -> None:
    page = lobby.enter(replace(MAIN, credentials=CredentialSource.DEFAULT))
    press(page, "Edit Customers")
    form = lobby.form("Edit Customers")
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    press(form, "Save")
    assert set(form.form.problems()) == {"access_key_id", "secret_access_key"}


def test_without_a_keyring_the_form_says_so_before_a_secret_is_typed(lobby: Lobby) -> None:
    page = lobby.enter()
    lobby.vault.refusal = NoKeyringError()
    form = lobby.new()
    type_into(form, "User pool ID", POOL)
    assert "session only" not in see(form), "there is no secret to keep yet"
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    wait_to_see(form, "kept for this session only")
    type_into(form, "Access key ID", KEYS.access_key_id)
    type_into(form, "Secret access key", KEYS.secret_access_key)
    press(form, "Save")
    wait_to_see(page, f"{POOL} · no database")
    assert lobby.toasts[-1].tone == "warn"
    assert "this session only" in lobby.toasts[-1].text
    (saved,) = lobby.launcher.connections()
    assert lobby.launcher.secrets.keys(saved.id) == KEYS
    assert KEYS.secret_access_key not in lobby.file


def test_a_keyring_that_works_is_not_talked_about(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    QTest.qWait(100)
    assert "session only" not in see(form)


def test_a_save_that_fails_leaves_the_form_as_it_was(lobby: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    lobby.enter()
    form = lobby.new()
    type_into(form, "User pool ID", POOL)
    type_into(form, "Name", "Customers")
    before = form.form.values()

    def full(*_: object, **__: object) -> bool:
        raise AppError(ErrorCode.FILE_ERROR, "There is no space left on the disk.", retryable=True)

    with monkeypatch.context() as patched:
        patched.setattr(lobby.launcher, "save", full)
        press(form, "Save")
        wait_to_see(form, "no space left")
    assert form.form.values() == before
    press(form, "Save")
    gone(form)
    assert [each.name for each in lobby.launcher.connections()] == ["Customers"]


@pytest.mark.parametrize("credentials", ["", "Access keys, kept in the keyring"])
def test_in_a_low_window_the_form_scrolls_and_its_buttons_stay(lobby: Lobby, credentials: str) -> None:
    lobby.enter(size=(1024, 600))
    form = lobby.new()
    if credentials:
        type_into(form, "Where they come from", credentials)
    press(form, "Save")
    QTest.qWait(20)
    assert form.height() <= 600 - 32
    area = form.findChildren(QScrollArea)[0]
    assert area.verticalScrollBar().maximum() > 0
    assert area.horizontalScrollBar().maximum() == 0
    for name in ("Test", "Cancel", "Save"):
        assert pressable(form, name)


def test_a_marked_field_comes_into_sight(lobby: Lobby) -> None:
    lobby.enter(size=(1024, 600))
    form = lobby.new()
    type_into(form, "User pool ID", POOL)
    type_into(form, "Database host", "db.example.com")
    type_into(form, "Database name", "app")
    area = form.findChildren(QScrollArea)[0]
    area.verticalScrollBar().setValue(0)
    press(form, "Save")
    field = form.form.field("database_user")
    wait_for(lambda: not field.visibleRegion().isEmpty(), "the marked field", form)


def test_the_tab_key_goes_as_a_person_reads_and_every_field_has_a_name(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    type_into(form, "Where they come from", "Access keys, kept in the keyring")
    first = form.form.field("name")
    first.setFocus()
    visited: list[str] = []
    for _ in range(40):
        focused = form.focusWidget()
        assert focused is not None
        name = focused.accessibleName() or getattr(focused, "text", str)()
        assert name, focused
        visited.append(name)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        if form.focusWidget() is first:
            break
    expected = ["Name", "Environment", "User pool ID", "Region", "App client ID", "Endpoint", "Where they come from"]
    expected += ["Access key ID", "Secret access key", "Show Secret access key"]
    expected += ["Session token", "Show Session token"]
    expected += ["Database host", "Port", "Database name", "TLS", "Database user"]
    expected += ["Database password", "Show Database password"]
    expected += ["Test", "Cancel", "Save"]
    assert visited == expected


def test_secrets_are_masked(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    for name in ("secret_access_key", "session_token", "database_password"):
        field = form.form.field(name)
        assert isinstance(field, QLineEdit)
        assert field.echoMode() is QLineEdit.EchoMode.Password


def test_the_region_follows_from_the_pool(lobby: Lobby) -> None:
    lobby.enter()
    form = lobby.new()
    field = form.form.field("region")
    assert isinstance(field, QLineEdit)
    type_into(form, "User pool ID", "ap-southeast-2_AbC")
    assert field.placeholderText() == "ap-southeast-2"


def test_no_secret_is_in_the_representation_of_a_draft() -> None:
    shown = repr(Draft(MAIN, KEYS, PASSWORD))
    for secret in (KEYS.secret_access_key, PASSWORD):
        assert secret not in shown
