"""The secret store over a real Secret Service: GNOME Keyring on a private D-Bus, in a private home."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.connections import AccessKeys
from app.errors import AppError, ErrorCode
from app.secrets import SecretStore

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or not all(shutil.which(program) for program in PROGRAMS),
        reason="needs dbus-daemon and gnome-keyring-daemon: install Debian's packages dbus and gnome-keyring",
    ),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

# Nothing can be started on demand here: the daemon runs only where a test starts it, and nobody can show a prompt.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""


class Session:
    """A private D-Bus, and on it a keyring daemon where one is asked for."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.address = f"unix:path={home / 'bus'}"
        self._running: list[subprocess.Popen[bytes]] = []
        config = home / "bus.conf"
        config.write_text(BUS.format(socket=home / "bus"))
        self._start("dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile")
        wait_for((home / "bus").exists, "the D-Bus socket")

    def start_keyring(self, *, unlocked: bool) -> None:
        """Start the daemon; unlocked means with a login collection whose password it was given."""
        arguments = ["--foreground", "--components=secrets", f"--control-directory={self.home / 'control'}"]
        daemon = self._start("gnome-keyring-daemon", *arguments, *(["--unlock"] if unlocked else []))
        assert daemon.stdin is not None
        daemon.stdin.write(b"password of the test")
        daemon.stdin.close()
        wait_for(self._has_service, "the Secret Service")

    def lock(self) -> None:
        """Lock the default collection, as a screen lock may do."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as connection:
            secretstorage.get_default_collection(connection).lock()

    def stop(self) -> None:
        """End what was started here, and nothing else."""
        for process in reversed(self._running):
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self._running.clear()

    def _has_service(self) -> bool:
        import secretstorage

        with closing(secretstorage.dbus_init()) as connection:
            return bool(secretstorage.check_service_availability(connection))

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        home = str(self.home)
        environment = {
            "HOME": home,
            "PATH": os.environ["PATH"],
            "XDG_RUNTIME_DIR": home,
            "XDG_DATA_HOME": f"{home}/data",
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._running.append(process)
        return process


def wait_for(ready: object, what: str) -> None:
    """Poll `ready` for at most ten seconds."""
    assert callable(ready)
    deadline = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not come up"
        time.sleep(0.02)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    # A short path: sockets have at most 108 characters, and pytest's folders use most of them.
    with tempfile.TemporaryDirectory(prefix="keyring-", ignore_cleanup_errors=True) as home:
        session = Session(Path(home))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.address)
        try:
            yield session
        finally:
            session.stop()


@pytest.fixture(autouse=True)
def collect_sockets() -> Iterator[None]:
    """The library leaves its D-Bus socket to the garbage collector where it raises: collect it in this very test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def store() -> SecretStore:
    return SecretStore(timeout=10, probe_timeout=10)


def test_secrets_live_in_the_keyring_and_outlive_the_store(session: Session, store: SecretStore) -> None:
    session.start_keyring(unlocked=True)
    status = store.probe()
    assert status.available, status.reason
    assert status.backend
    assert "SecretService" in status.backend
    keys = AccessKeys("ASIA" + "Q" * 16, "s" * 40, "token/+ä" * 300)
    assert store.set_keys("a", keys) == "keyring"
    assert store.set("database/a", "pässword ' \" \\ 😀") == "keyring"
    again = SecretStore(timeout=10)
    assert again.keys("a") == keys
    assert again.get("database/a") == "pässword ' \" \\ 😀"
    again.forget("a")
    again.delete("database/a")
    assert store.keys("a") is None
    assert store.get("database/a") is None


def test_nothing_readable_reaches_the_disk(session: Session, store: SecretStore) -> None:
    session.start_keyring(unlocked=True)
    assert store.set("database/a", "hunter2-hunter2") == "keyring"
    files = [path for path in session.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in files)
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


def test_a_locked_keyring_is_said_and_nothing_is_lost(session: Session, store: SecretStore) -> None:
    session.start_keyring(unlocked=True)
    store.set("database/a", "hunter2")
    session.lock()
    for call in (store.get, store.delete):
        with pytest.raises(AppError) as caught:
            call("database/a")
        assert caught.value.code is ErrorCode.KEYRING_LOCKED
    status = store.probe()
    assert not status.available
    assert "locked" in status.reason
    assert store.set("database/b", "x") == "session"
    assert store.get("database/b") == "x"


def test_without_a_daemon_secrets_stay_for_this_session(session: Session, store: SecretStore) -> None:
    status = store.probe()
    assert not status.available
    assert "no keyring" in status.reason
    assert "this session only" in status.reason
    assert store.get("database/a") is None
    store.delete("database/a")
    assert store.set("database/a", "x") == "session"
    assert SecretStore(timeout=10).get("database/a") is None


def test_a_daemon_that_starts_later_is_found(session: Session, store: SecretStore) -> None:
    assert not store.probe().available
    session.start_keyring(unlocked=True)
    assert store.probe().available
    assert store.set("database/a", "x") == "keyring"


def test_without_a_collection_secrets_stay_for_this_session(session: Session, store: SecretStore) -> None:
    session.start_keyring(unlocked=False)
    status = store.probe()
    assert not status.available
    assert "collection" in status.reason
    assert store.set("database/a", "x") == "session"
    assert store.get("database/b") is None


def test_a_daemon_that_dies_is_survived(session: Session, store: SecretStore) -> None:
    session.start_keyring(unlocked=True)
    assert store.probe().available
    session.stop()
    assert store.set("database/a", "x") == "session"
    assert store.get("database/a") == "x"
    assert not store.probe().available


def test_no_bus_at_all(monkeypatch: pytest.MonkeyPatch, store: SecretStore) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert not store.probe().available
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    assert "no keyring" in store.probe().reason


def test_a_bus_that_never_answers_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="keyring-") as folder, socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{folder}/bus")
        deaf.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={folder}/bus")
        store = SecretStore(timeout=0.3, probe_timeout=0.3)
        began = time.monotonic()
        assert "does not answer" in store.probe().reason
        assert store.set("database/a", "x") == "session"
        with pytest.raises(AppError, match="does not answer"):
            store.get("database/b")
        assert time.monotonic() - began < 5
