"""The program. Nothing of Qt is imported before it is clear that there is a display to show it on."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; the exit code. 0: ended well, 1: failed, 2: wrong use or no display."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given:  # nearly every start, and the parser takes longer to make than the welcome page
        return _run()
    from ui.command_line import parser

    options = parser().parse_args(given)
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
    return _run(demo=options.demo, connection=options.connection, people=options.people)


def _run(*, demo: bool = False, connection: str | None = None, people: int = 500) -> int:
    problem = display_problem(os.environ, sys.platform)
    if problem is not None:
        print(problem, file=sys.stderr)  # noqa: T201 - there is no window to say it in
        return 2
    # A start makes no garbage worth looking for; the application's own Collector takes over.
    gc.disable()
    from ui import plain_imports

    plain_imports.restore()
    from ui.application import run

    return run(demo=demo, connection=connection, people=people)


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


if __name__ == "__main__":
    sys.exit(main())
