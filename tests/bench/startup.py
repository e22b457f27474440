"""How long the main window takes to appear, against a bare window with a table: separate processes, in turn."""

from __future__ import annotations

from statistics import median

from tests.bench import children

ROUNDS = 9


def measure() -> dict[str, float]:
    """Medians; one round before them warms the file cache and the compiled modules."""
    spent: dict[str, list[float]] = {"bare": [], "desk": []}
    for turn in range(ROUNDS + 1):
        for kind, times in spent.items():
            found = children.run("first_paint", [kind], seconds=60.0)
            if turn:
                times.append(float(found["milliseconds"]))
    bare, desk = median(spent["bare"]), median(spent["desk"])
    return {"startup_ratio": round(desk / bare, 3), "startup_ms": round(desk, 1), "startup_bare_ms": round(bare, 1)}
