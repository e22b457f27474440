"""Asks the index for views of the list on a worker: at once where nothing is under way, else the newest question next.

So every keystroke is answered as soon as it can be, and no worker goes on with what nobody wants any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.directory.index import Sort, UserIndex
from app.errors import AppError
from app.work import Work
from ui.context import Context
from ui.jobs import Job
from ui.tabs.users.listing import Counted, Listing
from ui.text import tr
from ui.widgets.table_choice import Kept

RARELY = 10  # times as long as counting takes, between counts while users arrive


@dataclass(frozen=True, slots=True)
class Question:
    """What the person wrote, what of it the index is asked for, and the order.

    Without `recount` the counts may be a little older than the rows: among a million people they take a while.
    """

    text: str
    wanted: str
    sort: Sort
    recount: bool = True


class Answers(QObject):
    """Holds the newest one."""

    answered = Signal(object)  # Listing
    failed = Signal(object)  # AppError

    def __init__(self, context: Context, index: UserIndex, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._index = index
        self._kept: Callable[[], Kept] = Kept
        self._job: Job | None = None
        self._next: Question | None = None
        self.listing: Listing | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._job is not None

    @property
    def stale(self) -> bool:
        """Whether the index has changed since the newest answer, and nothing is under way."""
        return not self.busy and (self.listing is None or self._index.version != self.listing.counted.version)

    def find_again(self, kept: Callable[[], Kept]) -> None:
        """Whom every answer shall find again: who is chosen in the table."""
        self._kept = kept

    def ask(self, question: Question) -> None:
        """Ask; what waits already gives way."""
        if self._job is not None:
            self._next = question
            return
        index, kept, before = self._index, self._kept(), self.listing

        def look(_: Work) -> Listing:
            return answer_to(index, question, kept, before)

        job = self._job = self._context.run(look, name=tr("Searching"), key="users-view", listed=False)
        job.succeeded.connect(self._on_answer)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)

    @Slot(object)
    def _on_answer(self, listing: Listing) -> None:
        self.listing = listing
        self._go_on()
        self.answered.emit(listing)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._go_on()
        self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        self._job = self._next = None  # whoever leaves the connection wants no answer

    def _go_on(self) -> None:
        self._job = None
        question, self._next = self._next, None
        if question is not None:
            self.ask(question)


def answer_to(index: UserIndex, question: Question, kept: Kept, before: Listing | None) -> Listing:
    """One answer of the index. Counts are taken over from the answer before where they still hold, or are not due."""
    version = index.version
    view = index.view(question.wanted, question.sort, locate=() if kept.current is None else (kept.current,))
    found = kept.found_in(view, question.text)
    text, sort = question.text, question.sort
    if before is not None and (before.counted.version == version or not _is_due(question, before.counted)):
        counted = before.counted
        return Listing(view, len(index), counted.facets, text, sort, version, counted.values, found, counted)
    began = time.monotonic()
    facets = index.facets()
    names: dict[str, dict[str, int]] = {name: {} for name in index.attribute_names()}
    common = {name: index.common(name) for name in ("role", "organization")}
    ended = time.monotonic()
    counted = Counted(facets, {**names, **facets, **common}, version, ended, ended - began)
    return Listing(view, len(index), facets, text, sort, version, counted.values, found, counted)


def _is_due(question: Question, counted: Counted) -> bool:
    return question.recount or time.monotonic() - counted.at > RARELY * counted.seconds
