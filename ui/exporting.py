"""`cognito-desk export`: users into a file without a window: nothing is imported that would need a display.

Results go to standard output, everything else to standard error. Ctrl+C stops it, and then there is no file.
"""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from app.directory.exchange import USUAL, Export
from app.directory.query import parse
from app.directory.selection import Matching
from app.errors import AppError, ErrorCode
from app.work import Cancelled, Progress, Work
from ui.text import count, number, tr

if TYPE_CHECKING:
    from app.desk import Desk
    from app.launcher import Launcher

_OF_THE_DATABASE = frozenset({"onboarding", "indb", "drift"})


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for. `columns` of None: the usual ones; empty: all."""

    connection: str | None
    out: Path
    query: str
    columns: tuple[str, ...] | None
    replace: bool
    full_speed: bool


class ConsoleWork(Work):
    """Shows progress in one line, where somebody looks."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""

    def _report(self, progress: Progress) -> None:
        if not sys.stderr.isatty():
            return
        done = number(progress.done) if progress.total is None else f"{number(progress.done)}/{number(progress.total)}"
        line = f"{done} {progress.note}".strip()
        sys.stderr.write("\r" + line.ljust(len(self._shown)))
        sys.stderr.flush()
        self._shown = line


def run_export(asked: Options, *, people: int = 500) -> int:
    """Write the file; the exit code: 0, or 1 with the reason on standard error."""
    from app import logs
    from app.launcher import Launcher
    from app.settings import Settings

    work = ConsoleWork()

    def stop(_: int, __: FrameType | None) -> None:
        work.cancel()

    with ExitStack() as stack:
        for each in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, each, signal.signal(each, stop))
        try:
            settings = Settings.load()
            stack.callback(logs.configure(settings.log_dir).close)
            launcher = stack.enter_context(closing(Launcher(settings)))
            parse(asked.query)  # before anything is read
            desk = stack.enter_context(closing(_opened(launcher, asked, people, work)))
            for problem in launcher.problems:
                _tell(problem)
            _export(desk, asked, work)
        except AppError as error:
            work.clear()
            _tell(error.message)
            return 1
        except Cancelled:
            work.clear()
            _tell(tr("Stopped: no file was written."))
            return 1
    return 0


def _opened(launcher: Launcher, asked: Options, people: int, work: Work) -> Desk:
    if asked.connection is None:
        return launcher.open_demo(work, people=people)
    return launcher.open(launcher.find(asked.connection))


def _export(desk: Desk, asked: Options, work: ConsoleWork) -> None:
    desk.exports.check(asked.out, replace=asked.replace)  # before minutes of reading
    desk.people.listing.tempo.set_full_speed(asked.full_speed)
    report = desk.people.load(work, estimated=_estimate(desk))
    work.clear()
    if report.database is not None:
        needed = any(getattr(term, "field", "") in _OF_THE_DATABASE for term in parse(asked.query).terms)
        if needed:
            raise report.database
        if report.database.code is not ErrorCode.DATABASE_MISSING:
            _tell(tr("What the database knows is left out. {why}", why=report.database.message))
    asks = any(getattr(term, "field", "") == "group" for term in parse(asked.query).terms)
    if asks or "groups" in (asked.columns or ()):
        desk.learning.groups(work)
        work.clear()
    columns = USUAL if asked.columns is None else asked.columns or desk.exports.columns()
    done = desk.exports.write(work, Export(asked.out, columns, Matching(asked.query), replace=asked.replace))
    work.clear()
    print(tr("{users} in {path}", users=count(done.users, "user", "users"), path=done.path))  # noqa: T201
    _tell(tr("The file holds personal data: keep it where only those who need it can read it."))


def _estimate(desk: Desk) -> int | None:
    try:
        return desk.pools.describe().estimated_users or None
    except AppError:
        return None  # the listing works without, and says better what is wrong


def _tell(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - there is no window to say it in
