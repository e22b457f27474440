"""What a crash, a full disk, a damaged file or another version does to the journal."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app import journal_file
from app.errors import AppError, ErrorCode
from app.journal import EntryState, Journal, MirrorRequest
from app.permissions import Action

PROJECT = Path(__file__).parents[2]

CHILD = """
import sys
from pathlib import Path
from app.journal import Journal, MirrorRequest
from app.permissions import Action

journal = Journal(Path(sys.argv[1]))
done = journal.begin(connection="c", operator="o", action=Action.DISABLE_USER, subject="done")
mirror = journal.succeed(done, mirror=MirrorRequest("user_disabled", "ann@example.org"))
assert journal.claim(mirror)
journal.begin(connection="c", operator="o", action=Action.DELETE_USER, subject="half")
print("begun", flush=True)
sys.stdin.read()
"""

WRITER = """
import sys
from pathlib import Path
from app.journal import Journal
from app.permissions import Action

journal = Journal(Path(sys.argv[1]))
for n in range(40):
    journal.succeed(journal.begin(connection="c", operator=sys.argv[2], action=Action.ENABLE_USER, subject=str(n)))
journal.close()
"""

FULL = """
import resource, signal, sys
from pathlib import Path
from app.errors import AppError, ErrorCode
from app.journal import Journal
from app.permissions import Action

journal = Journal(Path(sys.argv[1]))
journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="before")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = Path(sys.argv[1] + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, resource.RLIM_INFINITY))
try:
    for n in range(50):
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="x" * 5000)
except AppError as error:
    assert error.code is ErrorCode.FILE_ERROR, error
    print(error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="after")
print([entry.subject[:6] for entry in journal.entries()])
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=PROJECT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_a_process_killed_between_intent_and_outcome_is_found_at_the_next_start(path: Path) -> None:
    with start(CHILD, str(path)) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        journal = Journal(path)
        (mirror,) = journal.mirrors("c")
        assert journal.recover() == 0, "the child still runs: its intent is not ours to judge"
        assert not journal.claim(mirror.id)
        journal.close()

        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    journal = Journal(path)
    assert [entry.state for entry in journal.entries()] == [EntryState.BEGUN, EntryState.SUCCEEDED]
    assert journal.recover() == 1
    half, done = journal.entries()
    assert (half.subject, half.state) == ("half", EntryState.INTERRUPTED)
    assert half.message is not None
    assert (done.subject, done.state) == ("done", EntryState.SUCCEEDED)
    assert journal.claim(mirror.id), "the mirror that the dead process was writing is free again"
    journal.close()


def test_processes_write_at_once(path: Path) -> None:
    writers = [start(WRITER, str(path), f"w{n}") for n in range(3)]
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    journal = Journal(path)
    entries = journal.entries(limit=1000)
    journal.close()
    assert len(entries) == 120
    assert {entry.state for entry in entries} == {EntryState.SUCCEEDED}


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE on Windows")
def test_a_file_that_may_not_grow_refuses_the_intent_and_works_again_when_it_may(path: Path) -> None:
    child = start(FULL, str(path))
    output, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    message, subjects = output.splitlines()
    assert message.startswith(f"The journal {path} cannot be used: the disk ")
    assert subjects == "['after', 'before']"


def test_a_full_disk_is_called_by_its_name(path: Path) -> None:
    journal = Journal(path)
    with journal.transaction() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    with journal.reading() as db:
        db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(AppError) as caught:
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="x" * 40_000)
    assert caught.value.code is ErrorCode.FILE_ERROR
    assert "the disk is full" in caught.value.message
    assert caught.value.retryable
    journal.close()


def test_a_read_only_journal_refuses_the_intent(path: Path) -> None:
    journal = Journal(path)
    with journal.reading() as db:
        db.execute("PRAGMA query_only = ON")
    with pytest.raises(AppError, match="read-only") as caught:
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="ann")
    assert caught.value.code is ErrorCode.FILE_ERROR
    assert journal.entries() == [], "it can still be read"
    journal.close()


def test_a_place_that_cannot_be_used_is_a_problem_told_and_mended_later(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("a file where a folder should be")
    journal = Journal(folder / "journal.sqlite")
    problem = journal.problem
    assert problem is not None
    assert problem.code is ErrorCode.FILE_ERROR
    with pytest.raises(AppError) as caught:
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="ann")
    assert str(folder) in caught.value.message
    folder.unlink()
    assert journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="ann") == 1
    assert journal.problem is None
    journal.close()


@pytest.mark.parametrize("damage", ["garbage", "torn"])
def test_a_damaged_file_is_kept_aside_and_reported(path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(path)
    for n in range(200):
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject=f"{n:0500}")
    journal.close()
    content = path.read_bytes()
    broken = b"not a database" * 1000 if damage == "garbage" else content[:8192] + b"\x5a" * (len(content) - 8192)
    path.write_bytes(broken)

    journal = Journal(path)
    assert journal.kept_aside is not None
    assert journal.kept_aside.read_bytes() == broken
    assert "damaged" in journal.kept_aside.name
    assert str(journal.kept_aside) in caplog.text
    assert journal.entries() == []
    assert journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="new") == 1
    journal.close()
    again = Journal(path)
    assert again.kept_aside is None
    assert len(again.entries()) == 1
    again.close()


def test_damage_while_it_is_open_refuses_the_change_and_is_kept_aside_at_the_next_try(path: Path) -> None:
    journal = Journal(path)
    for n in range(200):
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject=f"{n:0500}")
    journal.close()
    journal = Journal(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (path.stat().st_size - 4096))
    with journal.reading() as db:
        db.execute("PRAGMA shrink_memory")  # else the pages are still in its cache
    with pytest.raises(AppError, match="damaged") as caught:
        journal.entries()
    assert caught.value.code is ErrorCode.FILE_ERROR
    assert journal.entries() == []
    assert journal.kept_aside is not None
    journal.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let go of an open file")
def test_a_file_removed_under_an_open_journal_is_begun_anew(path: Path) -> None:
    journal = Journal(path)
    path.unlink()
    journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="ann")
    other = Journal(path)
    assert [entry.subject for entry in other.entries()] == ["ann"]
    other.close()
    journal.close()


def test_an_older_file_is_migrated_and_keeps_what_it_holds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(path)
    entry_id = journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="ann")
    journal.succeed(entry_id, mirror=MirrorRequest("user_enabled", "ann@example.org"))
    journal.close()
    newer = (*journal_file.MIGRATIONS, ("ALTER TABLE entries ADD COLUMN reason TEXT NOT NULL DEFAULT 'none'",))
    with monkeypatch.context() as patch:
        patch.setattr(journal_file, "MIGRATIONS", newer)
        for _ in range(2):
            journal = Journal(path)
            with journal.reading() as db:
                assert db.execute("SELECT subject, reason FROM entries").fetchone()[:] == ("ann", "none")
                assert db.execute("PRAGMA user_version").fetchone()[0] == len(newer)
            assert len(journal.mirrors("c")) == 1
            journal.close()

    journal = Journal(path)
    assert journal.problem is not None
    assert "newer version" in journal.problem.message
    assert journal.kept_aside is None
    with pytest.raises(AppError, match="newer version"):
        journal.begin(connection="c", operator="o", action=Action.ENABLE_USER, subject="ann")
    journal.close()


def test_a_journal_of_the_first_version_keeps_its_entries_and_its_waiting_writes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(journal_file, "MIGRATIONS", journal_file.MIGRATIONS[:1])
        old = Journal(path)
        with old.transaction() as db:
            db.execute(
                "INSERT INTO entries (at, connection, operator, action, subject, details, state, owner)"
                """ VALUES (0, 'c', 'o', 'user.enable', 'ann', '{"person": "ann@example.org"}', 'succeeded', 'x')"""
            )
            db.execute(
                "INSERT INTO mirrors (entry_id, at, connection, kind, email, email_key, sub, payload, state)"
                " VALUES (1, 0, 'c', 'user_enabled', 'ann@example.org', 'ann@example.org', '', '{}', 'pending')"
            )
        old.close()
    journal = Journal(path)
    assert journal.problem is None
    (mirror,) = journal.mirrors("c")
    assert (mirror.target, mirror.action) == ("", Action.ENABLE_USER)
    assert [entry.subject for entry in journal.entries(subject="ann@example.org")] == ["ann"]
    journal.close()


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(path).close()
    broken = (*journal_file.MIGRATIONS, ("CREATE TABLE half (x)", "CREATE TABLE entries (x)"))
    with monkeypatch.context() as patch:
        patch.setattr(journal_file, "MIGRATIONS", broken)
        journal = Journal(path)
        assert journal.problem is not None
        journal.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == len(journal_file.MIGRATIONS)
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
    db.close()


def test_another_programs_database_is_left_alone(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE theirs (x)")
    db.commit()
    db.close()
    journal = Journal(path)
    assert journal.problem is not None
    assert "not a journal" in journal.problem.message
    journal.close()
    assert list(path.parent.glob("*damaged*")) == []
