"""A child of million.py: `MOMENT USERS [explain]` measures the window with so many users; it prints JSON.

It is the real window and the real Users tab over an index in memory; what is listed comes from the load server.
"""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from app.aws.pacing import Usage
from app.connections import Connection
from app.directory.exchange import Exports
from app.directory.index import UserIndex
from app.people import LoadReport
from app.work import Work
from tests.bench import listing as listings
from tests.bench.heartbeat import Heartbeat, Witness
from tests.bench.population import LISTED, NEEDLES, population
from tests.bench.search import resident
from tests.ui.users_desk import FakeDesk
from ui import plain_imports
from ui.context import Context
from ui.garbage import Collector
from ui.jobs import JobRunner
from ui.shell.tabs import TabSpec
from ui.shell.window import MainWindow
from ui.tabs import users as users_tab
from ui.tabs.users.view import UsersView
from ui.theme import Preference, theme

ROUNDS = 3  # of all needles
SORTS = ("name", "status", "created", "organization", "modified")
FRAMES = 240
TYPING_SECONDS = 20.0
KEY_MS = 120
SETTLE_SECONDS = 3.0
Script = Generator[Callable[[], bool], None, None]
Timed = Generator[Callable[[], bool], None, float]


class Frames(QObject):
    """Tells when a frame of the window was painted: the event is delivered here, and the clock read after it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.painted = 0.0
        self.asked: Callable[[], bool] | None = None
        self.answered: float | None = None
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.UpdateRequest:
            return False
        taken = watched.event(event)
        self.painted = time.perf_counter()
        if self.asked is not None and self.asked():
            self.asked, self.answered = None, self.painted
        return taken

    def told(self) -> bool:
        """Whether that frame was painted."""
        return self.answered is not None

    def wait_for(self, asked: Callable[[], bool]) -> None:
        """`answered` becomes the moment when the first frame was painted in which this holds."""
        self.asked, self.answered = asked, None


class Crowd(QObject):
    """Goes from one measurement to the next while the event loop runs."""

    def __init__(self, window: MainWindow, desk: FakeDesk, explain: bool) -> None:
        super().__init__()
        self._window = window
        self._desk = desk
        self._explain = explain
        self._frames = Frames(window)
        self.found: dict[str, float] = {}
        self._steps = self._script()
        self._condition: Callable[[], bool] | None = None
        self._timer = QTimer(self, interval=2)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        if self._condition is None or self._condition():
            self._condition = next(self._steps, None)
            if self._condition is None:
                self._timer.stop()
                self._window.close()

    def _script(self) -> Script:
        window = self._window
        window.show_tab("users")
        view = window.tab_widget("users")
        assert isinstance(view, UsersView)
        self._view = view
        yield self._quiet
        pasted: list[float] = []
        for needle in NEEDLES * ROUNDS:
            yield from self._shown("", window.header.search.clear)
            QApplication.clipboard().setText(needle)
            pasted.append((yield from self._shown(needle, window.header.search.paste)))
        self.found["search_1m_ms"] = _ms(median(pasted))
        typed: list[float] = []
        for needle in NEEDLES:
            yield from self._shown("", window.header.search.clear)
            for end in range(1, len(needle) + 1):
                typed.append((yield from self._shown(needle[:end], partial(self._press, needle[end - 1]))))
        self.found["search_1m_typed_ms"] = _ms(median(typed))
        yield from self._shown("", window.header.search.clear)
        sorts = []
        for key in SORTS:
            act = partial(view.table.header.sort_by, key)
            sorts.append((yield from self._until(partial(self._sorted_by, key), act)))
        self.found["sort_1m_ms"] = _ms(median(sorts))
        yield from self._scroll()
        yield from self._stall()

    def _shown(self, text: str, act: Callable[[], object]) -> Timed:
        """Seconds from the act until the answer to this search is painted."""
        listing = self._view.presenter.listing
        if listing is not None and listing.text == text and not self._view.presenter.busy:
            return 0.0
        return (yield from self._until(partial(self._answers, text), act))

    def _until(self, asked: Callable[[], bool], act: Callable[[], object]) -> Timed:
        """Seconds from the act until a frame is painted in which this holds."""
        self._frames.wait_for(asked)
        began = time.perf_counter()
        act()
        yield self._frames.told
        assert self._frames.answered is not None
        return self._frames.answered - began

    def _answers(self, text: str) -> bool:
        listing = self._view.presenter.listing
        return listing is not None and listing.text == text and self._view.table.user_model.view is listing.view

    def _sorted_by(self, key: str) -> bool:
        listing = self._view.presenter.listing
        return listing is not None and listing.sort[0][0] == key and self._view.table.user_model.view is listing.view

    def _scroll(self) -> Script:
        """Frame by frame: slowly, as a wheel does, then in leaps, as somebody does who drags the bar."""
        bar = self._view.table.verticalScrollBar()
        last = bar.maximum()
        places = [3 * i for i in range(FRAMES // 2)] + [last * i // (FRAMES // 2) for i in range(FRAMES // 2)]
        spent = []
        for place in places:
            if place == bar.value():
                continue
            spent.append((yield from self._until(_always, partial(bar.setValue, place))))
        spent.sort()
        self.found["scroll_frame_p95_ms"] = _ms(spent[len(spent) * 95 // 100])

    def _stall(self) -> Script:
        heart = Heartbeat(self)
        if self._explain:
            Witness(heart)
        before = self._desk.index.version
        self._view.reload()
        yield lambda: self._desk.index.version > before + 5
        heart.forget()
        letters = [letter for needle in NEEDLES for letter in (*needle, "")]
        began = time.monotonic()
        for letter in letters * 20:
            if time.monotonic() - began > TYPING_SECONDS:
                break
            due = time.monotonic() + KEY_MS / 1000
            self._press(letter) if letter else self._window.header.search.clear()
            yield partial(_past, due)
        heart.stop()
        if self._desk.index.version < before + 100:
            raise RuntimeError("hardly anything was listed while somebody typed")
        self.found["stall_max_ms_1m"] = round(max(heart.gaps), 1)
        if self._explain:
            for stall in sorted(heart.stalls, key=lambda stall: -stall.milliseconds)[:12]:
                print(stall, file=sys.stderr)
        self._view.presenter.stop()
        yield self._quiet

    def _press(self, letter: str) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, letter)
            QCoreApplication.postEvent(self._window.header.search, event)

    def _quiet(self) -> bool:
        return not self._view.presenter.busy and not self._view.presenter.loading


class CrowdDesk(FakeDesk):
    """A desk whose pool is the load server's."""

    def __init__(self, index: UserIndex, address: str) -> None:
        super().__init__([])
        self.connection = Connection("bench", "Bench", "us-east-1", listings.POOL, environment="development")
        self.index = index
        self.fake.index = index
        self.reading = self.fake.listing = listings.reader(address)  # type: ignore[assignment]
        self.fake.loaded = LoadReport(len(index), None, datetime.now(UTC))
        self.fake.load = self._load  # type: ignore[method-assign]

    def usage(self) -> Usage:
        """As on a Desk."""
        return Usage(0, listings.RATE, listings.RATE)

    def _load(self, work: Work, *, estimated: int | None = None) -> LoadReport:
        seen = self.reading.read(work, self.index.extend, estimated=LISTED)
        return LoadReport(len(seen), None, datetime.now(UTC))


def _always() -> bool:
    return True


def _past(due: float) -> bool:
    return time.monotonic() >= due


def ripgrep(index: UserIndex, needles: Iterable[str], folder: Path) -> dict[str, float]:
    """Seconds per needle of `rg -i -c` on the exported file; nothing where there is no ripgrep."""
    program = shutil.which("rg")
    if program is None:
        print("search_1m_vs_ripgrep needs ripgrep: sudo apt-get install ripgrep", file=sys.stderr)
        return {}
    file = folder / "people.csv"
    export(index, file)
    spent: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for needle in needles:
            began = time.perf_counter()
            ended = subprocess.run(
                [program, "-i", "-c", "-F", "-e", needle, str(file)], capture_output=True, text=True, check=False
            )
            spent.setdefault(needle, []).append(time.perf_counter() - began)
            if ended.returncode > 1:
                raise RuntimeError(f"rg: {ended.stderr}")
    return {needle: median(times) for needle, times in spent.items()}


def export(index: UserIndex, file: Path) -> None:
    """Everybody with every column, as the program exports them."""
    from app.directory.sheets import FORMATS

    names = Exports(index, None).columns()  # type: ignore[arg-type]
    view = index.view()
    with file.open("wb") as out:
        sheet = FORMATS["CSV"](out, names, file.parent)
        for start in range(0, len(view), 50_000):
            sheet.add(view.table(start, start + 50_000, names))
        sheet.end()
        sheet.close()


def main(users: int, explain: bool) -> dict[str, float]:
    """The figures of one run."""
    index = UserIndex()
    index.extend(population(1, 0))
    index.view()
    base = resident()
    index.replace(population(users))
    index.view()
    time.sleep(SETTLE_SECONDS)  # the allocator gives back a while later what the sort has used
    index.view("nobody has this")
    found: dict[str, float] = {"bytes_per_user_1m": round((resident() - base) / users)}
    found["facets_1m_ms"] = _ms(median(_timed(index.facets) for _ in range(9)))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        theirs = ripgrep(index, NEEDLES, folder)
        address = stack.enter_context(listings.server(LISTED))
        gc.collect()
        gc.disable()
        plain_imports.restore()
        qt = QApplication(sys.argv[:1])
        theme.install(qt, Preference.LIGHT)
        collector = Collector()
        runner = JobRunner()
        desk = CrowdDesk(index, address)
        context = Context(runner, desk=desk.desk)
        window = MainWindow(context, [TabSpec("users", "Users", "users", users_tab.create, searches=True)])
        window.resize(1440, 900)
        window.show()
        crowd = Crowd(window, desk, explain)
        window.closed.connect(qt.quit)
        qt.exec()
        runner.shutdown()
        collector.stop()
    found |= crowd.found
    if theirs:
        found["search_1m_vs_ripgrep"] = round(found["search_1m_ms"] / 1000 / median(theirs.values()), 3)
        found["ripgrep_1m_ms"] = _ms(median(theirs.values()))
    return found


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[2]), "explain" in sys.argv[3:])))
