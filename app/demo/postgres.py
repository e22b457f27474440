"""PostgreSQL for the demo: private folder, socket only (loopback on Windows), a new password at every start.

Never left running: stopped at close and at exit; after SIGTERM or kill -9 by a watchdog; else at the next start.
"""

from __future__ import annotations

import atexit
import contextlib
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from app.demo import place
from app.demo.binaries import Binaries, prepared, service_account, unavailable
from app.demo.leftover import stop_leftover, stop_server, watch
from app.demo.lock import FolderLock
from app.errors import AppError
from app.work import Work

DATABASE: Final = "harbour"
USER: Final = "desk"
_START_TIMEOUT: Final = 20.0  # seconds; it takes 0.1
_WINDOWS: Final = sys.platform == "win32"


class _Damaged(Exception):
    """The data folder does not work; what the server said."""


class EmbeddedPostgres:
    """One server with its folder in `root`. One process at a time may have it running. Any thread may call it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = FolderLock(root / "demo.lock")
        self._guard = threading.Lock()
        self._home: Path | None = None
        self._home_lock: FolderLock | None = None
        self._binaries: Binaries | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        self.host = "127.0.0.1" if _WINDOWS else ""
        self.port = 5432  # on POSIX only the name of the socket
        self.user = USER
        self.database = DATABASE
        self.password = ""

    def start(self, work: Work | None = None) -> str:
        """Start the server and return the conninfo of an empty database, owned by a role that may create more.

        AppError DEMO_RUNNING while another process has it running; DEMO_UNAVAILABLE where it cannot run here.
        """
        work = work or Work()
        with self._guard:
            try:
                self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._lock.acquire()
            except OSError as error:
                raise unavailable(f"The demo's folder {self._root} cannot be used.", str(error)) from error
            try:
                return self._start(work)
            except (OSError, subprocess.TimeoutExpired) as error:
                self._stop()
                raise unavailable("The demo's database could not be started.", str(error)) from error
            except BaseException:
                self._stop()
                raise

    def stop(self) -> None:
        """Stop the server and give the folder free. Idempotent; never raises for a server that is gone already."""
        with self._guard:
            self._stop()

    def remove(self) -> None:
        """Stop, and delete the server's folder wherever it is. Does nothing to a folder that another process has."""
        self.stop()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            place.forget(self._root)
            self._home = None

    def finish(self) -> None:
        """Stop. What stays makes the next start faster, so it is deleted only where `root` is temporary itself."""
        if place.temporary(self._root):
            self.remove()
        else:
            self.stop()

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._server.pid if self._server is not None and self._server.poll() is None else None

    def conninfo(self, database: str = DATABASE) -> str:
        """How to reach `database` on the running server; holds the password."""
        from psycopg.conninfo import make_conninfo

        return make_conninfo(
            host=self.host, port=self.port, dbname=database, user=self.user, password=self.password, connect_timeout=5
        )

    def _start(self, work: Work) -> str:
        account = service_account()
        work.progress(0, None, "Looking for PostgreSQL")
        home = place.home(self._root, account)
        lock = FolderLock(home / "in-use")
        lock.acquire()
        self._home, self._home_lock = home, lock
        self._binaries, version = prepared(home, account)
        atexit.register(self.stop)
        stop_leftover(self._binaries, self._data)
        self._clear_abandoned(self._binaries)
        try:
            return self._attempt(work, version)
        except _Damaged:
            work.progress(0, None, "Making the database folder anew")
            self._end_server()
            self._discard(self._data)
        try:
            return self._attempt(work, version)
        except _Damaged as error:
            raise unavailable("The demo's database could not be started.", str(error)) from error

    def _attempt(self, work: Work, version: str) -> str:
        work.check()
        if not self._initialised(version):
            work.progress(0, None, "Making a database folder")
            self._initialise()
        self._set_password()
        work.progress(0, None, "Starting PostgreSQL")
        self._launch(work)
        work.check()  # it may be up before the first wait
        return self._reachable()

    @property
    def _data(self) -> Path:
        assert self._home is not None
        return self._home / "data"

    def _initialised(self, version: str) -> bool:
        with contextlib.suppress(OSError):
            return (self._data / "PG_VERSION").read_text(encoding="ascii").strip() == version.partition(".")[0]
        return False

    def _initialise(self) -> None:
        assert self._binaries is not None
        assert self._home is not None
        self._discard(self._data)
        place.private(self._data, self._binaries.account)
        made = self._binaries.run(
            "initdb", f"--pgdata={self._data}", "--username=postgres", "--auth=reject", "--encoding=UTF8",
            "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions",
            "--wal-segsize=1",
            cwd=self._home,
        )  # fmt: skip
        if made.returncode:
            raise unavailable("The demo's database folder could not be made.", _last_line(made.stderr))

    def _set_password(self) -> None:
        """Before the server starts, in single-user mode: so the password is never on disk or in a command line."""
        assert self._binaries is not None
        assert self._home is not None
        self.password = secrets.token_urlsafe(24)
        # One command a line. Everything that other processes are to find is made anew.
        script = (
            f"DROP DATABASE IF EXISTS {DATABASE}\n"
            f"DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{USER}') "
            f"THEN CREATE ROLE {USER} LOGIN CREATEDB; END IF; END$$\n"
            f"ALTER ROLE {USER} PASSWORD '{self.password}'\n"
            f"CREATE DATABASE {DATABASE} OWNER {USER}\n"
        )
        done = self._binaries.run(
            "postgres", "--single", "-D", str(self._data), *_settings(_FAST), "-c", "log_min_messages=error",
            "-c", "log_min_error_statement=panic", "postgres", cwd=self._home, text=script,
        )  # fmt: skip
        complaint = next((line for line in done.stderr.splitlines() if _is_complaint(line)), "")
        if done.returncode or complaint:
            raise _Damaged(complaint or _last_line(done.stderr))

    def _launch(self, work: Work) -> None:
        assert self._binaries is not None
        assert self._home is not None
        rules = self._home / "pg_hba.conf"
        how = f"host all {USER} 127.0.0.1/32" if _WINDOWS else f"local all {USER}"
        rules.write_text(f"{how} scram-sha-256\n", encoding="ascii")
        rules.chmod(0o644)
        settings = _FAST | {"hba_file": str(rules), "max_connections": "40", "timezone": "UTC"}
        if _WINDOWS:
            self.port = _free_port()
            settings |= {"listen_addresses": self.host}
        else:
            run = place.private(self._home / "run", self._binaries.account)
            self.host = str(run)
            settings |= {
                "listen_addresses": "",
                "unix_socket_directories": f'"{run}"',
                "unix_socket_permissions": "0700",
            }
        command = [self._binaries.program("postgres"), "-D", str(self._data), "-p", str(self.port)]
        log_path = self._home / "server.log"
        log_path.touch(mode=0o600)
        with log_path.open("wb") as log:
            self._server = self._binaries.spawn([*command, *_settings(settings)], cwd=self._home, log=log)
        self._watchdog = watch(self._binaries, self._data, self._server.pid)
        self._await_ready(work, self._server)

    def _await_ready(self, work: Work, server: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        notice = self._data / "postmaster.pid"
        while True:
            if server.poll() is not None:
                raise _Damaged(self._log_tail())
            with contextlib.suppress(OSError):
                lines = notice.read_text(encoding="utf-8", errors="replace").splitlines()
                if len(lines) >= 8 and lines[0].strip() == str(server.pid) and lines[7].strip() == "ready":
                    return
            if time.monotonic() > deadline:
                raise _Damaged(f"not ready after {_START_TIMEOUT:.0f} s; {self._log_tail()}")
            work.sleep(0.005)

    def _reachable(self) -> str:
        import psycopg

        conninfo = self.conninfo()
        try:
            with psycopg.connect(conninfo) as connection:
                connection.execute("SELECT count(*) FROM pg_class, pg_attribute WHERE attrelid = pg_class.oid")
        except psycopg.Error as error:
            raise _Damaged(_last_line(str(error))) from error
        return conninfo

    def _stop(self) -> None:
        self._end_server()
        if self._home_lock is not None:
            self._home_lock.release()
        self._lock.release()
        atexit.unregister(self.stop)

    def _end_server(self) -> None:
        server, self._server = self._server, None
        if server is not None and self._binaries is not None:
            stop_server(self._binaries, self._data, server)
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            with watchdog:  # closes its end of the pipe, upon which it ends, and waits for it
                pass

    def _clear_abandoned(self, binaries: Binaries) -> None:
        for folder in place.abandoned():
            lock = FolderLock(folder / "in-use")
            with contextlib.suppress(AppError):  # in use all the same, as seen from another container
                lock.acquire()
                stop_leftover(binaries, folder / "data")
                shutil.rmtree(folder, ignore_errors=True)
                lock.release()

    def _discard(self, folder: Path) -> None:
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)

    def _log_tail(self) -> str:
        assert self._home is not None
        with contextlib.suppress(OSError):
            return _last_line((self._home / "server.log").read_text(encoding="utf-8", errors="replace"))
        return ""


# The demo's data is made anew at every start: speed counts, durability does not.
_FAST: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "4MB",
    "shared_buffers": "64MB",
    "max_parallel_workers_per_gather": "0",  # containers give little shared memory
}


def _settings(values: dict[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in ("-c", f"{name}={value}")]


def _is_complaint(line: str) -> bool:
    return any(f"{level}:  " in line for level in ("ERROR", "FATAL", "PANIC"))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    complaints = [line for line in lines if _is_complaint(line)]
    return (complaints or lines or [""])[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
