"""The command line: what it accepts, what it says without a display, and signals that end the program in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ui.__main__ import display_problem, main
from ui.interrupts import Interrupts

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("environ", "platform"),
    [
        ({"DISPLAY": ":0"}, "linux"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({}, "win32"),
        ({}, "darwin"),
    ],
)
def test_where_a_window_can_be_shown(environ: dict[str, str], platform: str) -> None:
    assert display_problem(environ, platform) is None


def test_without_a_display_it_says_so_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main([]) == 2
    shown = capsys.readouterr().err
    assert "needs a display" in shown
    assert "tour --demo" in shown


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Cognito Desk ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--nonsense"], "unrecognized arguments"),
        (["--connection"], "expected one argument"),
        (["--people", "many"], "is not a whole number from 1 to 100,000"),
        (["--people", "0"], "from 1 to 100,000"),
        (["--people", "1000000"], "from 1 to 100,000"),
        (["walk"], "invalid choice"),
        (["tour", "--demo"], "FOLDER"),
        (["tour", "out"], "--demo"),
    ],
)
def test_wrong_use_is_explained(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err


def test_the_command_line_loads_no_window_system_and_no_service() -> None:
    heavy = "('PySide6', 'boto3', 'polars', 'psycopg', 'keyring')"
    program = f"import sys, ui.__main__; print([m for m in sys.modules if m.split('.')[0] in {heavy}])"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (ended.stdout.strip(), ended.stderr) == ("[]", "")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send to oneself")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_wakes_the_event_loop_and_is_given_back(qtbot: QtBot, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    interrupts = Interrupts()
    try:
        with qtbot.waitSignal(interrupts.raised, timeout=3000):
            os.kill(os.getpid(), number)
    finally:
        interrupts.close()
    assert signal.getsignal(number) is before
    assert signal.set_wakeup_fd(-1) == -1
