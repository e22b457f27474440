"""What is measured, in which unit, and what is aimed at; and how the figures are written and shown."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. `aim` is the most that it should be, or the least; None where it only explains another one."""

    name: str
    unit: str
    aim: float | None
    meaning: str
    least: bool = False

    def met(self, value: float) -> bool:
        """Whether the figure is as good as the aim. True without an aim."""
        return self.aim is None or (value >= self.aim if self.least else value <= self.aim)


MEASURES = (
    Measure("startup_ratio", "", 1.5, "first paint of the main window / of a bare window with a table"),
    Measure("startup_ms", "ms", None, "from the start of the process to the first paint of the main window"),
    Measure("startup_bare_ms", "ms", None, "the same for a bare window with a table"),
    Measure("demo_ready_s", "s", 6.0, "from the start of `python -m ui --demo` to 500 people in the Users tab"),
    Measure("stall_max_ms", "ms", 50.0, "longest stall of the window while 10,000 people load and somebody types"),
    Measure("stall_over_50", "", None, "how many stalls were longer than 50 ms"),
    Measure("stall_open_ms", "ms", None, "the stall when the Users tab is opened for the first time"),
    Measure("search_10k_ms", "ms", 16.0, "one search among 10,000 people: a frame"),
    Measure("search_10k_vs_python", "", 0.5, "that search / a case-insensitive scan over dicts in Python"),
    Measure("drift_1m_s", "s", None, "a million people compared with a million rows, reading the rows included"),
    Measure("drift_1m_vs_sql", "", 0.5, "that / COPY into PostgreSQL, FULL OUTER JOIN, reading the differences"),
    Measure("mirror_schedules_lost", "", 0.0, "of 5,000 schedules of outages and kills: those that lost a change"),
    Measure("mirror_per_s", "/s", None, "changes through the journal into a real database row, one after the other"),
    Measure("search_1m_ms", "ms", 25.0, "a pasted word among a million people, to the painted first page"),
    Measure("search_1m_typed_ms", "ms", None, "the same for each letter of somebody who types"),
    Measure("search_1m_vs_ripgrep", "", 1.0, "that search / `rg -i -c` on the same people as a CSV file"),
    Measure("ripgrep_1m_ms", "ms", None, "`rg -i -c` on that file"),
    Measure("sort_1m_ms", "ms", None, "a million people in an order not known yet, to the painted first page"),
    Measure("facets_1m_ms", "ms", None, "every count at the left of the table, among a million people"),
    Measure("bytes_per_user_1m", "B", 400.0, "resident memory that a million people take, for each of them"),
    Measure("scroll_frame_p95_ms", "ms", 16.7, "a frame while scrolling through a million rows (95 of 100 are faster)"),
    Measure("stall_max_ms_1m", "ms", 50.0, "longest stall among a million people while a listing runs, somebody types"),
    Measure("listing_quota_share", "", 0.95, "users/s of a full listing / the ceiling of ListUsers", least=True),
    Measure("listing_vs_paginator", "", 2.2, "that speed / boto3's own paginator", least=True),
    Measure("listing_refused", "", None, "requests that the service had to refuse meanwhile"),
)


def write(path: Path, found: Mapping[str, object]) -> None:
    """Write the figures as one flat JSON object, name -> number. Refuses a name or number that cannot be meant."""
    known = {measure.name for measure in MEASURES}
    for name, value in found.items():
        if name not in known:
            raise ValueError(f"{name} is not among the measures")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{name} is {value!r}, which is no number")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(sorted(found.items())), indent=2) + "\n")


def table(found: Mapping[str, float]) -> str:
    """The figures with what was aimed at, one a line, in the order of MEASURES."""
    lines = []
    for measure in MEASURES:
        if measure.name not in found:
            continue
        value = found[measure.name]
        aim, verdict = "", ""
        if measure.aim is not None:
            aim = f"{'>=' if measure.least else '<='} {measure.aim:g}"
            verdict = "ok" if measure.met(value) else "UNDER" if measure.least else "OVER"
        lines.append(
            f"{measure.name:<22}{value:>10,.2f} {measure.unit:<3}{aim:>8}  {verdict:<5} {measure.meaning}".rstrip()
        )
    return "\n".join(lines)
