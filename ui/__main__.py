"""The command line. Nothing of Qt is imported before it is clear that there is a display to show it on."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit code. 0: ended well, 1: failed, 2: wrong use or no display."""
    options = _parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    if options.command == "tour":
        # A tour needs no screen, and must look the same on every machine.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from ui.tour import run_tour

        return run_tour(options.out, people=options.people)
    if options.command == "export":
        from ui.exporting import Options, run_export

        place = None if options.demo else options.connection
        asked = Options(place, options.out, options.query, options.columns, options.replace, options.full_speed)
        return run_export(asked, people=options.people)
    problem = display_problem(os.environ, sys.platform)
    if problem is not None:
        print(problem, file=sys.stderr)  # noqa: T201 - there is no window to say it in
        return 2
    # A start makes no garbage worth looking for; the application's own Collector takes over.
    gc.disable()
    from ui.application import run

    return run(demo=options.demo, connection=options.connection, people=options.people)


def display_problem(environ: Mapping[str, str], platform: str) -> str | None:
    """Why no window can be shown here, and what to do; None where one can. Qt itself would abort the process."""
    if not platform.startswith("linux") or environ.get("QT_QPA_PLATFORM"):
        return None
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return None
    return (
        "Cognito Desk needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set.\n"
        "Start it from a desktop session, or see it without a display: cognito-desk tour --demo FOLDER"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cognito-desk", description="Admin console for Amazon Cognito user pools and the database beside them."
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    parser.add_argument("--demo", action="store_true", help="open the demo workspace: no AWS account, no database")
    parser.add_argument("--connection", metavar="NAME", help="open this saved connection at once")
    parser.add_argument("--people", type=_count, default=500, metavar="N", help="how many people the demo has (500)")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    tour = commands.add_parser("tour", help="walk through the main flows without a display, saving pictures")
    tour.add_argument("--demo", action="store_true", required=True, help="on the demo workspace")
    tour.add_argument("out", type=Path, metavar="FOLDER", help="where the pictures go")
    export = commands.add_parser("export", help="write users into a file, without a window")
    whose = export.add_mutually_exclusive_group(required=True)
    whose.add_argument("--connection", metavar="NAME", help="of this saved connection")
    whose.add_argument("--demo", action="store_true", help="of the demo workspace")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv, .jsonl, .parquet or .xlsx")
    export.add_argument("--query", default="", metavar="SEARCH", help="whom, as the search box has it (everybody)")
    export.add_argument("--columns", type=_columns, metavar="A,B,…", help="email,name,custom:team,… or all")
    export.add_argument("--replace", action="store_true", help="replace a file that is there")
    export.add_argument("--full-speed", action="store_true", help="take all of the list quota that production shares")
    return parser


class _ShowVersion(argparse.Action):
    """argparse's own "version" action wants the text before anybody asked for it, and to find it takes 15 ms."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"Cognito Desk {_version()}")  # noqa: T201 - this is what was asked for
        parser.exit()


def _count(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number from 1 to 100,000")
    return int(text)


def _columns(text: str) -> tuple[str, ...]:
    """Names of columns; none of them means all."""
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    if not names:
        raise argparse.ArgumentTypeError("name at least one column, or all")
    return () if names == ("all",) else names


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cognito-desk")
    except PackageNotFoundError:
        return "(source)"


if __name__ == "__main__":
    sys.exit(main())
