"""What can be asked for on the command line. Knows no Qt."""

from __future__ import annotations

import argparse
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Everything that can be asked for."""
    made = argparse.ArgumentParser(
        prog="cognito-desk", description="Admin console for Amazon Cognito user pools and the database beside them."
    )
    made.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    made.add_argument("--demo", action="store_true", help="open the demo workspace: no AWS account, no database")
    made.add_argument("--connection", metavar="NAME", help="open this saved connection at once")
    made.add_argument("--people", type=_count, default=500, metavar="N", help="how many people the demo has (500)")
    commands = made.add_subparsers(dest="command", metavar="COMMAND")
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
    return made


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
