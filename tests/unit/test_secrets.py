"""The secret store over keyrings that misbehave: small, locked, silent, forgetful. A real one: tests/services."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError

from app.connections import AccessKeys
from app.errors import AppError, ErrorCode
from app.secrets import SecretStore

# A session token of AWS is longer than what Windows keeps in one entry.
LONG = AccessKeys("ASIA" + "Q" * 16, "s" * 40, "t0ken/+" * 400)


class Small(KeyringBackend):
    """Like Windows: 1,280 UTF-16 units an entry, and an error that is no KeyringError beyond that."""

    priority = 1
    name = "Small keyring"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise RuntimeError("(1783, 'CredWrite', 'The stub received bad data.')")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError("No such password!")
        del self.entries[service, username]


class Broken(Small):
    """Raises the same on every call."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error

    def delete_password(self, service: str, username: str) -> None:
        raise self.error


class Silent(Small):
    """Does not answer until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answer.wait(30)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answer.wait(30)
        super().set_password(service, username, password)


@pytest.fixture
def silent() -> Iterator[Silent]:
    backend = Silent()
    yield backend
    backend.answer.set()
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(10)


def test_secrets_are_kept_and_deleted() -> None:
    backend = Small()
    store = SecretStore(backend=backend)
    assert store.get("database/x") is None
    assert store.set("database/x", "hunter2") == "keyring"
    assert store.set("database/x", "") == "keyring"
    assert store.get("database/x") == ""
    store.delete("database/x")
    store.delete("database/x")
    assert store.get("database/x") is None
    assert backend.entries == {}


def test_long_secrets_are_stored_in_pieces_and_leave_nothing() -> None:
    backend = Small()
    store = SecretStore(backend=backend)
    assert store.set_keys("a", LONG) == "keyring"
    assert SecretStore(backend=backend).keys("a") == LONG
    assert len(backend.entries) == 4
    short = AccessKeys("AKIA" + "Q" * 16, "s" * 40)
    store.set_keys("a", LONG)
    assert len(backend.entries) == 4
    store.set_keys("a", short)
    assert len(backend.entries) == 1
    assert store.keys("a") == short
    store.set_keys("a", LONG)
    store.forget("a")
    assert backend.entries == {}


@given(st.text(min_size=1000, max_size=4000))
def test_pieces_fit_whatever_is_in_them(text: str) -> None:
    store = SecretStore(backend=Small())
    assert store.set("x", text) == "keyring"
    assert store.get("x") == text


def test_a_crash_while_pieces_are_written_leaves_the_old_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Small()
    SecretStore(backend=backend).set_keys("a", LONG)
    write = backend.set_password

    def fails_at_the_head(service: str, username: str, password: str) -> None:
        if "#" not in service:
            raise PasswordSetError("no")
        write(service, username, password)

    monkeypatch.setattr(backend, "set_password", fails_at_the_head)
    assert SecretStore(backend=backend).set_keys("a", AccessKeys("ASIA" + "R" * 16, "n" * 40, "n" * 3000)) == "session"
    assert SecretStore(backend=backend).keys("a") == LONG


def test_a_missing_piece_is_said() -> None:
    backend = Small()
    SecretStore(backend=backend).set_keys("a", LONG)
    del backend.entries[next(entry for entry in backend.entries if "#" in entry[0])]
    with pytest.raises(AppError, match="only a part") as caught:
        SecretStore(backend=backend).keys("a")
    assert caught.value.code is ErrorCode.KEYRING_REFUSED


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoKeyringError("hunter2"), ErrorCode.KEYRING_MISSING),
        (InitError("hunter2"), ErrorCode.KEYRING_MISSING),
        (KeyringLocked("hunter2"), ErrorCode.KEYRING_LOCKED),
        (PasswordSetError("hunter2"), ErrorCode.KEYRING_REFUSED),
        (OSError(1, "hunter2"), ErrorCode.KEYRING_REFUSED),
    ],
)
def test_a_keyring_that_fails_means_this_session_only(
    error: Exception, code: ErrorCode, caplog: pytest.LogCaptureFixture
) -> None:
    store = SecretStore(backend=Broken(error))
    status = store.probe()
    assert not status.available
    assert "this session only" in status.reason
    if code is ErrorCode.KEYRING_MISSING:
        assert store.get("x") is None
        store.delete("x")
    else:
        for call in (store.get, store.delete):
            with pytest.raises(AppError) as caught:
                call("x")
            assert caught.value.code is code
            assert caught.value.__cause__ is None
            assert "hunter2" not in str(caught.value) + repr(caught.value)
    assert store.set("x", "hunter2") == "session"
    assert store.get("x") == "hunter2"
    assert "hunter2" not in status.reason + repr(store) + caplog.text
    store.clear_session()
    assert "x" not in store._memory


def test_a_silent_keyring_blocks_nobody(silent: Silent) -> None:
    store = SecretStore(backend=silent, timeout=0.05, probe_timeout=0.05)
    assert "does not answer" in store.probe().reason
    assert "does not answer" in store.probe().reason
    with pytest.raises(AppError, match="does not answer"):
        store.get("x")
    assert store.set("x", "hunter2") == "session"
    assert sum(thread.name == "keyring" for thread in threading.enumerate()) == 1
    silent.answer.set()
    patient = SecretStore(backend=silent, timeout=10)
    assert patient.probe().available
    assert patient.set("y", "hunter2") == "keyring"


def test_a_silent_keyring_is_tried_again_by_probing(silent: Silent) -> None:
    store = SecretStore(backend=silent, timeout=0.05, probe_timeout=10)
    with pytest.raises(AppError, match="does not answer"):
        store.get("x")
    silent.answer.set()
    assert store.probe().available
    assert store.set("x", "hunter2") == "keyring"


def test_the_memory_shadows_and_a_later_write_replaces_it() -> None:
    backend = Small()
    store = SecretStore(backend=backend)
    store.set("x", "in the keyring")
    store.keep("x", "in memory")
    assert store.get("x") == "in memory"
    assert store.set("x", "new") == "keyring"
    assert store.get("x") == "new"
    assert SecretStore(backend=backend).get("x") == "new"


def test_a_keyring_that_forgets_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Small()
    monkeypatch.setattr(backend, "set_password", lambda *parts: None)
    status = SecretStore(backend=backend).probe()
    assert not status.available


def test_probing_leaves_nothing_behind_and_names_the_keyring() -> None:
    backend = Small()
    status = SecretStore(backend=backend).probe()
    assert status.available
    assert status.backend == "Small keyring"
    assert status.reason == ""
    assert backend.entries == {}


def test_what_somebody_else_wrote_there_is_damage_not_a_crash() -> None:
    backend = Small()
    backend.entries["cognito-desk/aws-keys/a", "cognito-desk"] = "=[1]"
    with pytest.raises(AppError, match="once more"):
        SecretStore(backend=backend).keys("a")
    backend.entries["cognito-desk/aws-keys/a", "cognito-desk"] = "plain"
    with pytest.raises(AppError, match="once more"):
        SecretStore(backend=backend).keys("a")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the keyring cannot be taken away")
def test_plain_text_keyrings_are_never_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    store = SecretStore()
    assert not store.probe().available
    assert store.set("x", "hunter2") == "session"
