"""The guided tour is the main flow: it fails if finding, resending, approving, disabling, refusing or drawing fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import zxingcpp
from PIL import Image

from app.auth import totp
from ui.tour import SECRET_ADDRESS

ROOT = Path(__file__).resolve().parents[2]
MAIN_FLOW = (
    "welcome",
    "overview",
    "users-expired-password",
    "outbox",
    "users-disable",
    "users-disabled",
    "users-reset-refused",
    "onboarding",
    "onboarding-approved",
    "onboarding-several",
    "onboarding-board",
    "onboarding-flow",
    "onboarding-database",
    "onboarding-limits",
    "onboarding-drift",
    "onboarding-drift-dry-run",
    "onboarding-subscriptions",
    "onboarding-missed-event",
    "authenticator",
    "activity",
)


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "HOME": str(home), "TMPDIR": str(home.parent)}
    environ.pop("COGNITO_DESK_HOME", None)
    return subprocess.run(
        [sys.executable, "-m", "ui", "tour", *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_the_main_flow_works_in_the_real_window(tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    done = run("--demo", str(out), home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not (out / "failure.png").exists()
    names = {path.stem for path in out.glob("*.png")}
    assert [name for name in MAIN_FLOW if not any(n.endswith(f"-{name}") for n in names)] == []
    for size, suffix in (((1440, 900), "dark"), ((1024, 700), "dark-small"), ((1024, 700), "light-small")):
        for tab in ("overview", "users", "onboarding", "authenticator", "activity", "outbox"):
            with Image.open(out / f"{tab}-{suffix}.png") as picture:
                assert picture.size == size
                assert len(picture.convert("RGB").getcolors(1 << 20) or [()] * 999) > 100, "an empty picture"
    (code,) = out.glob("*-authenticator.png")
    with Image.open(code) as picture:
        (found,) = zxingcpp.read_barcodes(picture)
    assert totp.parse(found.text) == totp.parse(SECRET_ADDRESS)


def test_a_tour_that_fails_says_so_and_leaves_a_picture(tmp_path: Path) -> None:
    # With one person in the demo there is nobody whose temporary password expired.
    out = tmp_path / "pictures"
    code = (
        "import sys\n"
        "from ui import tour, tour_driver\n"
        "tour_driver.PATIENCE = 2.0\n"
        f"sys.exit(tour.run_tour(__import__('pathlib').Path({str(out)!r}), people=1))"
    )
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "The tour failed" in done.stderr
    assert (out / "failure.png").exists()
