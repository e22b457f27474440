"""A heartbeat of the event loop, and a witness that looks at what the GUI thread does while a beat is late."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer, Slot

BEAT_MS = 2
LATE = 0.020  # seconds: from here on the witness looks
_LOOK = 0.005
_DEPTH = 7
# A thread whose innermost frame is one of these waits for something and holds nobody up.
_WAITING = ("threading.py", "queue.py", "selectors.py", "socket.py", "ssl.py", "job_task.py", "_base.py")


@dataclass(slots=True)
class Stall:
    """A gap between two beats. `busy` is the CPU time of the GUI thread in it: much less means that it had to wait."""

    at: float  # seconds since the start of the heartbeat
    milliseconds: float
    busy: float
    seen: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"{self.milliseconds:6.1f} ms at {self.at:6.2f} s, GUI thread busy for {self.busy:.1f} ms"]
        lines += [f"    {times}x {where}" for where, times in self.seen.most_common(3)]
        lines += [f"    beside it {times}x {where}" for where, times in self.others.most_common(2)]
        return "\n".join(lines)


class Heartbeat(QObject):
    """Beats while it lives; `gaps` are the milliseconds between beats, `stalls` the long ones."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gaps: list[float] = []
        self.stalls: list[Stall] = []
        self.witness: Witness | None = None
        self.began = self.last = time.perf_counter()
        self._busy = time.thread_time()
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def forget(self) -> None:
        """Begin anew: what was before is not counted."""
        self.gaps.clear()
        self.stalls.clear()
        self.last = time.perf_counter()
        self._busy = time.thread_time()

    def stop(self) -> None:
        """No further beat."""
        self._timer.stop()
        if self.witness is not None:
            self.witness.stop()

    @Slot()
    def _beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        gap = now - self.last
        self.gaps.append(gap * 1000)
        if gap > LATE:
            stall = Stall(self.last - self.began, gap * 1000, (busy - self._busy) * 1000)
            if self.witness is not None:
                stall.seen, stall.others = self.witness.take(self.last)
            self.stalls.append(stall)
        self.last, self._busy = now, busy


class Witness:
    """A thread that notes the GUI thread's stack, and who else runs, while a beat is late.

    It needs the interpreter's lock for that and so makes stalls longer: figures come from runs without it.
    """

    def __init__(self, heart: Heartbeat) -> None:
        self._heart = heart
        self._main = threading.get_ident()
        self._stopped = threading.Event()
        self._notes: list[tuple[float, str, list[str]]] = []
        heart.witness = self
        self._thread = threading.Thread(target=self._watch, name="witness", daemon=True)
        self._thread.start()

    def take(self, beat: float) -> tuple[Counter[str], Counter[str]]:
        """What was seen since this beat, on the GUI thread and beside it."""
        notes, self._notes = self._notes, []
        seen: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for at, where, beside in notes:
            if at == beat:
                seen[where] += 1
                others.update(beside)
        return seen, others

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join(1.0)

    def _watch(self) -> None:
        own = threading.get_ident()
        while not self._stopped.wait(_LOOK):
            beat = self._heart.last
            if time.perf_counter() - beat < LATE:
                continue
            frames = sys._current_frames()
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            main = frames.pop(self._main)
            beside = [
                f"{names.get(ident, '?')}: {_stack(frame, 3)}"
                for ident, frame in frames.items()
                if ident != own and not frame.f_code.co_filename.endswith(_WAITING)
            ]
            self._notes.append((beat, _stack(main, _DEPTH), beside))


def _stack(frame: FrameType | None, depth: int) -> str:
    """The innermost frames, innermost first."""
    parts: list[str] = []
    while frame is not None and len(parts) < depth:
        path = frame.f_code.co_filename.split("/")
        parts.append(f"{'/'.join(path[-3:])}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(parts)
