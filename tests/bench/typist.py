"""A child of stalls.py: `MOMENT PEOPLE [explain]` opens a demo and its Users tab, and types into the search meanwhile.

Prints the stalls of the GUI thread as JSON; with `explain` also what ran in them, on stderr.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import chain, cycle, repeat
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent

from tests.bench import desks
from tests.bench.heartbeat import Heartbeat, Witness

if TYPE_CHECKING:
    from ui.application import Application

KEY_MS = 80
SETTLE_MS = 2_000  # the demo has just opened: its first views are drawn before anything is measured
WORDS_AFTER_LOADING = 2
NEEDLES = ("moreno", "lind", "harbour", "okafor")
_ERASE = "\x1b"


class Typist(QObject):
    """Opens the Users tab and types needle after needle, letter by letter, until everybody is loaded."""

    def __init__(self, application: Application, people: int, explain: bool) -> None:
        super().__init__(application)
        self._application = application
        self._people = people
        self._explain = explain
        self.failure = desks.OpenFailure(application)
        self.heart: Heartbeat | None = None
        self.open_ms = 0.0
        self.seconds = 0.0
        self.done = False
        # The last word of the cycle erases the one before it.
        self._keys = chain.from_iterable(chain(word, repeat(_ERASE, 1)) for word in cycle(NEEDLES))
        self._left = WORDS_AFTER_LOADING
        self._timer = QTimer(self, interval=KEY_MS)
        self._timer.timeout.connect(self._press)
        application.opened.connect(self._on_opened)

    @Slot()
    def _on_opened(self) -> None:
        QTimer.singleShot(SETTLE_MS, self._begin)

    @Slot()
    def _begin(self) -> None:
        self.heart = Heartbeat(self)
        if self._explain:
            Witness(self.heart)
        began = time.perf_counter()
        self._application.window.show_tab("users")
        self.open_ms = (time.perf_counter() - began) * 1000
        self.heart.forget()
        self._timer.start()
        self._application.window.header.search.setFocus()

    @Slot()
    def _press(self) -> None:
        letter = next(self._keys)
        if letter == _ERASE and self._loaded():
            self._left -= 1
        field = self._application.window.header.search
        key = Qt.Key.Key_Escape if letter == _ERASE else Qt.Key(ord(letter.upper()))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "" if letter == _ERASE else letter)
            QCoreApplication.postEvent(field, event)
        if not self._left:
            self._timer.stop()
            QTimer.singleShot(500, self._end)

    def _loaded(self) -> bool:
        desk = self._application.context.desk
        running = [job for job in self._application.runner.jobs() if job.under_way]
        return desk is not None and not running and len(desk.index) >= self._people

    @Slot()
    def _end(self) -> None:
        assert self.heart is not None
        self.heart.stop()
        self.seconds = time.perf_counter() - self.heart.began
        table = desks.users_table(self._application)
        self.done = table is not None and table.user_model.rowCount() >= self._people
        self._application.window.close()


def main(people: int, explain: bool) -> dict[str, float]:
    """The figures of one run."""
    typists: list[Typist] = []
    arguments = ["--demo", "--people", str(people)]
    desks.run(arguments, lambda application: typists.append(Typist(application, people, explain)))
    typist = typists[0]
    typist.failure.check()
    heart = typist.heart
    if heart is None or not typist.done:
        raise SystemExit(f"the Users tab did not show {people} people")
    if explain:
        tell(heart, typist.open_ms)
    gaps = sorted(heart.gaps)
    return {
        "stall_max_ms": gaps[-1],
        "stall_over_50": sum(gap > 50.0 for gap in gaps),
        "stall_over_20": sum(gap > 20.0 for gap in gaps),
        "stall_open_ms": typist.open_ms,
        "p99_ms": gaps[len(gaps) * 99 // 100],
        "seconds": typist.seconds,
    }


def tell(heart: Heartbeat, open_ms: float) -> None:
    """The longest stalls, for whoever wants to shorten them."""
    print(f"opening the Users tab took {open_ms:.0f} ms; the longest stalls after it:", file=sys.stderr)
    for stall in sorted(heart.stalls, key=lambda stall: -stall.milliseconds)[:12]:
        print(stall, file=sys.stderr)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[2]), "explain" in sys.argv[3:])))
