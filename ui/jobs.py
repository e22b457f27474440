"""The job runner: the only code that crosses threads (design, section 4).

A worker touches plain Python objects only. It puts its task into the inbox and emits one argument-less signal;
everything that is a QObject is made, called and dropped on the GUI thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable
from threading import Lock

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from app.errors import AppError, ErrorCode
from app.work import Work
from ui.job_task import End, JobRecord, JobState, Task, Threads

__all__ = ["Job", "JobRecord", "JobRunner", "JobState"]

_HISTORY = 200
_FRAME_SECONDS = 0.008  # half a frame: the rest belongs to painting
_TRAIL_MS = 120  # a little more than the worker's throttle
_ANNOUNCE_MS = 40
_READ_THREADS = 12
_CHANGE_THREADS = 4


class Job(QObject):
    """One call under way. It ends in exactly one of succeeded, failed, cancelled; then finished follows.

    Connect bound methods of QObjects, never a lambda that captures a widget. Connecting right after `submit` is safe.
    """

    progressed = Signal(object)  # Progress
    succeeded = Signal(object)  # what the call returned
    failed = Signal(object)  # AppError
    cancelled = Signal()
    finished = Signal()

    def __init__(self, runner: JobRunner, task: Task) -> None:
        super().__init__()
        self._runner = runner
        self._task = task

    @property
    def id(self) -> int:
        """A number that is unique within the runner."""
        return self._task.id

    @property
    def name(self) -> str:
        """What the person reads in the status bar."""
        return self._task.name

    @property
    def state(self) -> JobState:
        """Where the job stands; an end shows only once it was delivered."""
        return self._task.state

    def cancel(self) -> None:
        """Ask the job to stop. A call that finishes anyway still reports its success."""
        self._runner.cancel(self.id)


class JobRunner(QObject):
    """Runs blocking calls on threads of its own and delivers their ends on the GUI thread, always queued.

    `inline=True` runs the call inside `submit`, for tests; the delivery stays queued.
    """

    jobs_changed = Signal()  # coalesced; read jobs()
    failed = Signal(object)  # AppError: of any job, after the job itself has told it
    stopped = Signal(bool)  # the end of `stop`; False if a call was left running
    _woken = Signal()

    def __init__(self, parent: QObject | None = None, *, inline: bool = False) -> None:
        super().__init__(parent)
        self._inline = inline
        self._inbox: deque[Task] = deque()
        self._gate = Lock()  # held while a worker emits, so that the runner cannot die under it
        self._deaf = False
        self._closed = False
        self._awaited: set[int] = set()
        self._last: Task | None = None
        self._all_ended = True
        self._held: list[Task] | None = None
        self._last_id = 0
        self._tasks: dict[int, Task] = {}
        self._jobs: dict[int, Job] = {}
        self._newest: dict[Hashable, Task] = {}
        self._lanes: dict[Hashable, deque[Task]] = {}
        self._history: deque[JobRecord] = deque(maxlen=_HISTORY)
        self._reads = Threads("read", _READ_THREADS)
        self._changes = Threads("change", _CHANGE_THREADS)
        self._final = Threads("last", 1)
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        self._trail = QTimer(self, singleShot=True, interval=_TRAIL_MS)
        self._trail.timeout.connect(self._pick_up_progress)
        self._announce = QTimer(self, singleShot=True, interval=_ANNOUNCE_MS)
        self._announce.timeout.connect(self.jobs_changed)
        self._read_bound = QTimer(self, singleShot=True)
        self._read_bound.timeout.connect(self._give_up_reads)
        self._bound = QTimer(self, singleShot=True)
        self._bound.timeout.connect(self._give_up)

    def submit(
        self,
        call: Callable[[Work], object],
        *,
        name: str,
        key: Hashable | None = None,
        lane: Hashable | None = None,
        listed: bool = True,
    ) -> Job:
        """Run `call(work)` in the background. GUI thread only.

        `key` is for reads: a newer job of the same key supersedes an older one, which then ends as cancelled.
        `lane` is for changes: one at a time, in the order of submission. `listed=False` keeps a job out of `jobs()`.
        """
        if QThread.currentThread() is not self.thread():
            raise RuntimeError("submit() belongs to the GUI thread")
        if key is not None and lane is not None:
            raise ValueError("a key drops results, so it is for reads; a lane is for changes: choose one")
        task, job = self._make(call, name, key, lane, listed)
        if self._closed:
            task.claim()
            task.drop()
            self._inbox.append(task)
            QTimer.singleShot(0, self._drain)
            return job
        if key is not None:
            self._supersede(self._newest.get(key))
            self._newest[key] = task
        if lane is None:
            self._start(task)
        elif lane in self._lanes:
            self._lanes[lane].append(task)
        else:
            self._lanes[lane] = deque([task])
            self._start(task)
        return job

    def hold(self) -> None:
        """Begin no job until `release`: before the first paint every thread is in its way."""
        if self._held is None:
            self._held = []

    @Slot()
    def release(self) -> None:
        """Begin what was held back, in the order of submission."""
        held, self._held = self._held or [], None
        for task in held:
            self._start(task)

    def cancel(self, job_id: int) -> None:
        """Ask the job to stop; one that has not begun ends at once. Unknown and ended ids are ignored."""
        task = self._tasks.get(job_id)
        if task is not None:
            task.work.cancel()
            self._announce_soon(task)
            self._end_unstarted(task)

    def cancel_reads(self) -> None:
        """Ask everything that is in no lane to stop: nobody waits for it any more."""
        for task in list(self._tasks.values()):
            if task.lane is None:
                self.cancel(task.id)

    def jobs(self) -> list[JobRecord]:
        """Jobs under way, oldest first, then the last 200 that ended, newest first."""
        under_way = [task.record() for task in self._tasks.values() if task.listed]
        return under_way + list(reversed(self._history))

    def long_changes(self) -> list[JobRecord]:
        """The listed changes under way that go through more than one person or row, oldest first."""
        records = [task.record() for task in self._tasks.values() if task.lane is not None and task.listed]
        return [each for each in records if each.progress is not None and (each.progress.total or 0) > 1]

    @property
    def busy(self) -> bool:
        """Whether any job has not yet delivered its end."""
        return bool(self._tasks)

    def stop(self, last: Callable[[Work], object], *, name: str, reads: int, changes: int) -> None:
        """Cancel everything and return; when every end is delivered, run `last` on a thread; then `stopped`.

        Reads are waited for `reads` milliseconds, changes and `last` `changes` each. What outlasts that is reported as
        failed with TIMEOUT: nobody knows whether it will still happen.
        """
        if self._closed:
            return
        self._cancel_all()
        self._awaited = set(self._tasks)
        self._last, _ = self._make(last, name, None, None, listed=False)
        self._read_bound.start(reads)
        self._bound.start(changes)
        self._go_on()

    def shutdown(self, seconds: float = 25.0) -> bool:
        """As `stop`, but waits here, at most `seconds`, and runs nothing at the end. False if a call was left running.

        After `stop` it cuts the waiting short in the same way: a last call that has not begun never will.
        """
        self._read_bound.stop()
        self._bound.stop()
        if self._last is not None and not self._last.handed_over:
            self._last = None
        self._cancel_all()
        deadline = time.monotonic() + seconds
        while self._tasks:
            self._deliver_inbox(None)
            running = [task for task in self._tasks.values() if not task.ended.is_set()]
            if not running:
                continue
            if not running[0].ended.wait(max(0.0, deadline - time.monotonic())):
                break
        with self._gate:
            self._deaf = True
        left = list(self._tasks.values())
        self._leave_running(left)
        self._close_threads(0.0 if left else max(0.1, deadline - time.monotonic()))
        self.jobs_changed.emit()
        return not left

    def _make(
        self, call: Callable[[Work], object], name: str, key: Hashable | None, lane: Hashable | None, listed: bool
    ) -> tuple[Task, Job]:
        self._last_id += 1
        task = Task(self._last_id, name, call, key, lane, listed, self._post)
        job = Job(self, task)
        self._tasks[task.id] = task
        self._jobs[task.id] = job
        self._announce_soon(task)
        return task, job

    def _cancel_all(self) -> None:
        self._closed = True
        self._held = None
        for task in list(self._tasks.values()):
            self.cancel(task.id)

    def _go_on(self) -> None:
        """Once every awaited end is delivered, the last call; after that, the end of it all."""
        if self._last is None or not self._awaited.isdisjoint(self._tasks):
            return
        if self._last.id in self._tasks:
            if not self._last.handed_over:
                self._bound.start(self._bound.interval())
                self._last.handed_over = True
                self._final.put(self._last)
            return
        self._last = None
        self._read_bound.stop()
        self._bound.stop()
        with self._gate:
            self._deaf = True
        # Submitted since, and never begun: they too have an end.
        self._leave_running([task for task in self._tasks.values() if task.ended.is_set()])
        self._close_threads(0.1)
        self.stopped.emit(self._all_ended)

    def _close_threads(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for threads in (self._reads, self._changes, self._final):
            threads.close(max(0.0, deadline - time.monotonic()))
        self._announce.stop()

    @Slot()
    def _give_up_reads(self) -> None:
        self._leave_running([task for task in self._tasks.values() if task.lane is None and task is not self._last])

    @Slot()
    def _give_up(self) -> None:
        waiting = self._last is not None and not self._last.handed_over
        self._leave_running([task for task in self._tasks.values() if not (waiting and task is self._last)])

    def _leave_running(self, tasks: list[Task]) -> None:
        for task in tasks:
            if task.id not in self._tasks:
                continue  # delivered meanwhile, by what the one before has set off
            if not task.ended.is_set():
                self._all_ended = False
                task.end = End(error=_outlasted(task))
            self._deliver_end(task)

    def _start(self, task: Task) -> None:
        task.handed_over = True
        if self._held is not None:
            self._held.append(task)
        elif self._inline:
            task.run()
        else:
            (self._reads if task.lane is None else self._changes).put(task)

    def _end_unstarted(self, task: Task) -> None:
        if task.claim():
            task.drop()
            task.tell()

    def _supersede(self, task: Task | None) -> None:
        if task is not None:
            task.superseded = True
            task.work.cancel()
            self._end_unstarted(task)

    def _post(self, task: Task) -> None:
        """Called on any thread."""
        with self._gate:
            if not self._deaf:
                self._inbox.append(task)
                self._woken.emit()

    @Slot()
    def _drain(self) -> None:
        self._deliver_inbox(time.perf_counter() + _FRAME_SECONDS)

    def _deliver_inbox(self, until: float | None) -> None:
        while self._inbox:
            task = self._inbox.popleft()
            if task.id not in self._tasks:
                continue
            if task.ended.is_set():
                self._deliver_end(task)
            else:
                self._announce_soon(task)
                self._deliver_progress(task)
            if until is not None and time.perf_counter() > until and self._inbox:
                self._woken.emit()
                return

    def _deliver_progress(self, task: Task) -> None:
        progress = task.latest
        if progress is None or progress is task.shown or task.superseded:
            return
        task.shown = progress
        self._jobs[task.id].progressed.emit(progress)
        if not self._trail.isActive():
            self._trail.start()

    @Slot()
    def _pick_up_progress(self) -> None:
        """The throttle drops what comes too soon; what was said last must still be seen."""
        for task in list(self._tasks.values()):
            if task.id in self._tasks and not task.ended.is_set() and task.latest is not task.shown:
                self._announce_soon(task)
                self._deliver_progress(task)

    def _deliver_end(self, task: Task) -> None:
        end = task.end
        job = self._jobs.pop(task.id)
        del self._tasks[task.id]
        # The call may hold the last reference to a QObject: it is dropped here, on the GUI thread.
        task.call = task.end = None
        assert end is not None
        if task.superseded or end.cancelled:
            end = End(cancelled=True)
        task.settle(end)
        if task.key is not None and self._newest.get(task.key) is task:
            del self._newest[task.key]
        if task.listed and not task.superseded:
            self._history.append(task.record())
        self._announce_soon(task)
        if end.cancelled:
            job.cancelled.emit()
        elif end.error is not None:
            job.failed.emit(end.error)
        else:
            job.succeeded.emit(end.result)
        job.finished.emit()
        if end.error is not None:
            self.failed.emit(end.error)
        if task.lane is not None:
            self._advance(task.lane)
        self._go_on()

    def _advance(self, lane: Hashable) -> None:
        waiting = self._lanes.get(lane)
        while waiting:
            if waiting[0].id in self._tasks and not waiting[0].ended.is_set():
                if not waiting[0].handed_over:
                    self._start(waiting[0])
                return
            waiting.popleft()
        self._lanes.pop(lane, None)

    def _announce_soon(self, task: Task) -> None:
        if task.listed and not self._announce.isActive():
            self._announce.start()


def _outlasted(task: Task) -> AppError:
    return AppError(
        ErrorCode.TIMEOUT,
        f"“{task.name}” was still running when the application closed. Nobody can tell yet whether it took effect.",
        subject=task.name,
    )
