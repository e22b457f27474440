"""Two tables: the jobs of this session above, the journal below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from app.journal_models import Entry, EntryState
from app.waiting import Waiting
from ui.context import Context
from ui.jobs import JobRecord, JobState
from ui.journal_words import action_words, details_words, outcome_hint, outcome_words, person_words
from ui.tabs.activity.presenter import SHOWN, ActivityPresenter, JournalPage
from ui.tabs.activity.waiting import WaitingWrites
from ui.text import ago, clock, exact, milliseconds, tr, when
from ui.view_state import Ready, ViewState
from ui.widgets.badge import Badge, Tone
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card, PageHead
from ui.widgets.rows import Column, RowTable
from ui.widgets.states import StateView

_JOB_TONES = {
    JobState.WAITING: Tone.NEUTRAL,
    JobState.RUNNING: Tone.INFO,
    JobState.SUCCEEDED: Tone.OK,
    JobState.FAILED: Tone.BAD,
    JobState.CANCELLED: Tone.NEUTRAL,
}
_ENTRY_TONES = {
    EntryState.BEGUN: Tone.INFO,
    EntryState.SUCCEEDED: Tone.OK,
    EntryState.FAILED: Tone.BAD,
    EntryState.UNKNOWN: Tone.WARN,
    EntryState.INTERRUPTED: Tone.WARN,
}
_PERSON, _BY = 2, 5  # columns of the journal
_ROOMY = 1100  # pixels of the tab's own width


class ActivityView(QWidget):
    """The tab."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = ActivityPresenter(context, self)
        head = PageHead(tr("Activity"), tr("what runs now, and every change that was made here"))
        self._refresh = button(tr("Refresh"), icon="refresh", hint=tr("Read the journal again (F5)"))
        self._refresh.clicked.connect(self._presenter.load)
        head.add(self._refresh)

        self._jobs: RowTable[JobRecord] = RowTable(tr("Jobs"), _job_columns(), key=lambda job: job.id)
        self._jobs.chosen.connect(self._on_job_chosen)
        self._cancel = button(tr("Cancel job"))
        self._cancel.clicked.connect(self._on_cancel)
        jobs_card = Card(tr("Jobs"), tr("of this session"), flush=True)
        jobs_card.add_head(self._cancel)
        jobs_card.add(self._jobs, 1)

        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Person, action or operator"))
        self._search.setAccessibleName(tr("Search the journal"))
        self._search.setClearButtonEnabled(True)
        self._search.setFixedWidth(240)
        self._search.textChanged.connect(self._presenter.search)
        self._waiting = WaitingWrites()
        self._waiting.retry_requested.connect(self._presenter.retry_mirrors)
        self._waiting.discard_requested.connect(self._presenter.discard)
        self._journal: RowTable[Entry] = RowTable(tr("Journal"), _journal_columns(), key=lambda entry: entry.id)
        self._states = StateView(self._journal)
        self._states.retry_requested.connect(self._presenter.load)
        journal_card = Card(tr("Journal"), tr("intent and outcome of each change, newest first"), flush=True)
        self._journal_card = journal_card
        journal_card.add_head(self._search)
        waiting_row = QHBoxLayout()
        waiting_row.setContentsMargins(16, 0, 16, 0)
        waiting_row.addWidget(self._waiting)
        journal_card.add(waiting_row)
        journal_card.add(self._states, 1)

        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(12)
        split.addWidget(jobs_card)
        split.addWidget(journal_card)
        split.setSizes([240, 480])
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(head)
        column.addWidget(split, 1)

        self._presenter.jobs_changed.connect(self._on_jobs)
        self._presenter.state_changed.connect(self._on_state)
        self._presenter.waiting_changed.connect(self._on_waiting)
        again = QShortcut(QKeySequence(QKeySequence.StandardKey.Refresh), self)
        again.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.activated.connect(self._presenter.load)
        self._on_jobs(self._presenter.jobs())
        self._presenter.load()

    def open_at(self, payload: object) -> None:
        """`{"search": text}` narrows the journal, to one person for example."""
        if isinstance(payload, dict):
            self._search.setText(str(payload.get("search", "")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= _ROOMY
        self._jobs.setColumnWidth(0, 420 if roomy else 340)
        self._journal.setColumnWidth(_PERSON, 240 if roomy else 186)
        self._journal.setColumnWidth(_BY, 176 if roomy else 104)

    @Slot(object)
    def _on_jobs(self, jobs: list[JobRecord]) -> None:
        self._jobs.set_rows(jobs)
        self._on_job_chosen(None)

    @Slot(object)
    def _on_job_chosen(self, _: object) -> None:
        chosen = self._jobs.selected()
        running = bool(chosen) and chosen[0].under_way and not chosen[0].stopping
        disable(self._cancel, None if running else tr("Choose a job that is running."))

    @Slot()
    def _on_cancel(self) -> None:
        for job in self._jobs.selected():
            self._presenter.cancel(job.id)

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        self._states.show_state(state)
        if isinstance(state, Ready) and isinstance(state.value, JournalPage):
            self._journal.set_rows(state.value.entries)
            if len(state.value.entries) == SHOWN:
                self._journal_card.set_note(tr("the newest {n} changes", n=SHOWN))

    @Slot(object)
    def _on_waiting(self, waiting: tuple[Waiting, ...]) -> None:
        self._waiting.show_waiting(
            waiting,
            why_not_retry=self._presenter.why_not_retry(),
            why_not_discard=self._presenter.why_not_discard(),
        )


def _job_columns() -> list[Column[JobRecord]]:
    return [
        Column(tr("Job"), lambda job: job.name, 420),
        Column(tr("State"), lambda job: tr(job.state.value), 120, badge=_job_badge),
        Column(tr("Progress"), _job_progress, 0),
        Column(tr("Started"), lambda job: clock(job.started), 100, hint=lambda job: exact(job.started), muted=True),
        Column(tr("Took"), _job_took, 90, right=True, muted=True),
    ]


def _job_badge(job: JobRecord) -> Badge:
    if job.stopping and job.under_way:
        return Badge(tr("stopping"), Tone.WARN)
    return Badge(tr(job.state.value), _JOB_TONES[job.state], hint=job.error.message if job.error else "")


def _job_progress(job: JobRecord) -> str:
    if job.error is not None:
        return job.error.message
    progress = job.progress
    if progress is None:
        return ""
    amount = f"{progress.done:,} / {progress.total:,}" if progress.total else f"{progress.done:,}"
    return f"{amount} {progress.note}".strip()


def _job_took(job: JobRecord) -> str:
    if job.started is None or job.ended is None:
        return ""
    return milliseconds((job.ended - job.started).total_seconds() * 1000)


def _journal_columns() -> list[Column[Entry]]:
    return [
        Column(tr("When"), lambda entry: when(entry.at), 150, hint=_times),
        Column(tr("Action"), lambda entry: action_words(entry.action), 168),
        Column(tr("Person"), person_words, 240, hint=_account),
        Column(tr("Outcome"), lambda entry: outcome_words(entry.state), 118, badge=_entry_badge),
        Column(tr("Details"), _entry_details, 0),
        Column(tr("By"), lambda entry: entry.operator, 176, muted=True),
    ]


def _times(entry: Entry) -> str:
    lines = [tr("intent {at}", at=exact(entry.at))]
    if entry.finished_at is not None:
        lines.append(tr("outcome {at}", at=exact(entry.finished_at)))
    return "\n".join([ago(entry.at), *lines])


def _account(entry: Entry) -> str:
    """The user name where the column shows the address."""
    return tr("user name {name}", name=entry.subject) if person_words(entry) != entry.subject else ""


def _entry_badge(entry: Entry) -> Badge:
    return Badge(outcome_words(entry.state), _ENTRY_TONES[entry.state], hint=outcome_hint(entry))


def _entry_details(entry: Entry) -> str:
    said = details_words(entry.details)
    if entry.state is EntryState.SUCCEEDED:  # a message then tells what the database did not take
        return " · ".join(part for part in (said, entry.message) if part)
    return entry.message or said
