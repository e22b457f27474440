"""What the benchmarks promise: every measure is known by name, and the file that they write is flat JSON."""

from __future__ import annotations

import ast
import json
import math
from pathlib import Path

import pytest

from tests.bench import children
from tests.bench.measures import MEASURES, table, write

BENCH = Path(children.__file__).parent
NAMES = {measure.name for measure in MEASURES}


def test_the_agreed_measures_are_there_with_their_aims() -> None:
    aims = {measure.name: measure.aim for measure in MEASURES}
    assert aims["startup_ratio"] == 1.5
    assert aims["demo_ready_s"] == 6.0
    assert aims["stall_max_ms"] == 50.0
    assert (aims["search_1m_ms"], aims["search_1m_vs_ripgrep"], aims["bytes_per_user_1m"]) == (25.0, 1.0, 400.0)
    assert (aims["scroll_frame_p95_ms"], aims["stall_max_ms_1m"]) == (16.7, 50.0)
    assert {"sort_1m_ms", "facets_1m_ms"} <= NAMES
    assert {"search_10k_ms", "search_10k_vs_python"} <= NAMES
    assert len(NAMES) == len(MEASURES)


def test_the_benchmarks_and_the_table_know_the_same_names() -> None:
    spelt = {
        node.value
        for name in ("startup", "demo", "stalls", "searching", "crowd", "listing", "drift", "mirrors")
        for node in ast.walk(ast.parse((BENCH / f"{name}.py").read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert spelt >= NAMES


def test_the_file_is_flat(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    write(path, {"stall_over_50": 3, "startup_ratio": 1.25})
    assert json.loads(path.read_text()) == {"startup_ratio": 1.25, "stall_over_50": 3}


@pytest.mark.parametrize(
    "found",
    [{"startup_ratio": math.nan}, {"startup_ratio": {"median": 1.0}}, {"startup_ratio": True}, {"speed": 1.0}],
)
def test_what_is_no_figure_is_not_written(found: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        write(tmp_path / "bench.json", found)
    assert not (tmp_path / "bench.json").exists()


def test_a_figure_may_have_a_least() -> None:
    lines = table({"listing_quota_share": 0.9, "listing_vs_paginator": 2.5}).splitlines()
    assert "UNDER" in lines[0]
    assert ">=" in lines[0]
    assert "ok" in lines[1].split()


def test_the_table_says_what_misses_its_aim() -> None:
    lines = table({"startup_ratio": 2.0, "stall_max_ms": 49.5, "startup_ms": 200.0}).splitlines()
    assert [line.split()[0] for line in lines] == ["startup_ratio", "startup_ms", "stall_max_ms"]
    assert "OVER" in lines[0]
    assert "<=" not in lines[1]
    assert "ok" in lines[2].split()


def test_a_child_sees_nothing_of_the_machine_that_could_open_a_connection() -> None:
    seen = children.environment(
        {"PATH": "/bin", "AWS_PROFILE": "work", "DATABASE_URL": "postgresql://x", "QT_QPA_PLATFORM": "xcb"},
        "/somewhere",
    )
    assert "AWS_PROFILE" not in seen
    assert "DATABASE_URL" not in seen
    assert (seen["PATH"], seen["QT_QPA_PLATFORM"], seen["COGNITO_DESK_HOME"]) == ("/bin", "offscreen", "/somewhere")


def test_a_child_that_fails_or_hangs_is_reported() -> None:
    with pytest.raises(RuntimeError, match="ended with"):
        children.run("no_such_program", seconds=30.0)
