"""`make bench`: measures everything, prints it beside what is aimed at, and writes build/bench.json.

`python -m tests.bench startup demo` measures only those, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from tests.bench import demo, drift, listing, million, mirrors, searching, stalls, startup
from tests.bench.children import ROOT
from tests.bench.measures import table, write

BENCHMARKS: dict[str, Callable[[], dict[str, float]]] = {
    "startup": startup.measure,
    "demo": demo.measure,
    "stalls": stalls.measure,
    "search": searching.measure,
    "million": million.measure,
    "listing": listing.measure,
    "drift": drift.measure,
    "mirrors": mirrors.measure,
}
RESULT = ROOT / "build" / "bench.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where everything could be measured, aims met or not: a busy machine is no fault of the program."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; all if none")
    names = parser.parse_args(arguments).names or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no {unknown[0]}: choose from {', '.join(BENCHMARKS)}")
    found: dict[str, float] = {}
    failed = False
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        try:
            found |= BENCHMARKS[name]()
        except RuntimeError as error:
            failed = True
            print(f"{name} could not be measured: {error}", file=sys.stderr)
    print(table(found))
    if len(names) == len(BENCHMARKS) and not failed:
        write(RESULT, found)
        print(f"written to {RESULT.relative_to(ROOT)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
