"""How long the demo takes from the start of the program to a filled Users tab."""

from __future__ import annotations

import json
from statistics import median

from tests.bench import children

ROUNDS = 3
PEOPLE = 500


def measure() -> dict[str, float]:
    """The median of three programs, one after the other. The Users tab, being that of the last time, opens at once."""
    window = json.dumps({"state": "", "tab": "users"})
    spent = [
        float(children.run("first_users", [str(PEOPLE)], seconds=120.0, window=window)["seconds"])
        for _ in range(ROUNDS)
    ]
    return {"demo_ready_s": round(median(spent), 2)}
