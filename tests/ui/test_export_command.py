"""`cognito-desk export`: what it writes, what it says where it cannot, and that it needs no window."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.journal import Journal
from app.permissions import Action
from app.settings import Settings
from ui.__main__ import main

ROOT = Path(__file__).parents[2]


def test_without_a_window_it_writes_whom_the_search_finds(tmp_path: Path) -> None:
    out = tmp_path / "people.jsonl"
    arguments = ["--people", "30", "export", "--demo", "--out", str(out), "--query", "status:confirmed enabled:yes"]
    environ = {name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "DISPLAY")}
    code = (
        "import sys; from ui.__main__ import main; code = main(sys.argv[1:]); "
        "assert 'PySide6.QtGui' not in sys.modules; sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--columns", "email,status,onboarding"],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert {row["status"] for row in rows} == {"CONFIRMED"}
    assert "active" in {row["onboarding"] for row in rows}
    assert ran.stdout == f"{len(rows)} users in {out}\n"
    assert ran.stderr == "The file holds personal data: keep it where only those who need it can read it.\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--connection", "nowhere", "--out", "{}/a.csv"], "There is no connection called “nowhere”"),
        (["--demo", "--out", "{}/a.csv", "--query", "colour:red"], "There is no field “colour”"),
        (["--demo", "--out", "{}/a.doc"], "The ending of the file's name decides the format"),
        (["--demo", "--out", "{}/there.csv"], "already"),
        (["--demo", "--out", "{}/nowhere/a.csv"], "No such file or directory"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    (tmp_path / "there.csv").write_text("mine")
    assert main(["--people", "5", "export", *(part.format(tmp_path) for part in arguments)]) == 1
    said = capsys.readouterr()
    assert complaint in said.err
    assert said.out == ""
    assert [path.name for path in tmp_path.glob("*.*")] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--out", "a.csv"], "one of the arguments --connection --demo is required"),
        (["--demo"], "the following arguments are required: --out"),
        (["--demo", "--connection", "x", "--out", "a.csv"], "not allowed with argument"),
        (["--demo", "--out", "a.csv", "--columns", " , "], "name at least one column"),
    ],
)
def test_wrong_use(capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", *arguments])
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_role_that_may_not_is_told_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COGNITO_DESK_ROLE", "support")
    assert main(["--people", "5", "export", "--demo", "--out", str(tmp_path / "a.csv")]) == 1
    assert "The support role may not export users into a file." in capsys.readouterr().err


def test_ctrl_c_leaves_no_file(tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    code = (
        "import os, signal, sys\n"
        "from app.directory import exchange\n"
        "from ui.__main__ import main\n"
        "real = exchange.Exports._write\n"
        "def interrupted(*arguments):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(*arguments)\n"
        "exchange.Exports._write = staticmethod(interrupted)\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "--people", "5", "export", "--demo", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (1, "Stopped: no file was written.\n")
    assert not out.exists()


def test_it_is_journalled(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert main(["--people", "5", "export", "--demo", "--out", str(tmp_path / "a.csv"), "--columns", "all"]) == 0
    assert signal.getsignal(signal.SIGINT) is before, "Ctrl+C is what it was"
    journal = Journal(Settings.load().data_dir / "demo-journal.sqlite")
    try:
        entry = journal.entries()[0]
    finally:
        journal.close()
    assert entry.action is Action.EXPORT_USERS
    assert entry.details["search"] == "everybody"
    header = (tmp_path / "a.csv").read_text("utf-8").splitlines()[0]
    assert '"email","name","username"' in header
    assert '"custom:' in header
