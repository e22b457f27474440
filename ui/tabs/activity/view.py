"""Two tables: the jobs of this session above, the journal below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from app.journal import Entry, EntryState
from ui.context import Context
from ui.jobs import JobRecord, JobState
from ui.tabs.activity.presenter import ActivityPresenter, JournalPage
from ui.tabs.activity.words import action_words, details_words
from ui.text import ago, clock, exact, milliseconds, tr, when
from ui.view_state import Ready, ViewState
from ui.widgets.badge import Badge, Tone
from ui.widgets.banner import Banner
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
_ENTRY_BADGES = {
    EntryState.BEGUN: ("under way", Tone.INFO),
    EntryState.SUCCEEDED: ("done", Tone.OK),
    EntryState.FAILED: ("failed", Tone.BAD),
    EntryState.UNKNOWN: ("outcome unknown", Tone.WARN),
    EntryState.INTERRUPTED: ("interrupted", Tone.WARN),
}


class ActivityView(QWidget):
    """The tab."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = ActivityPresenter(context, self)
        head = PageHead(tr("Activity"), tr("what runs now, and every change that was made here"))
        self._refresh = button(tr("Refresh"))
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
        self._waiting = Banner()
        self._retry = button(tr("Try now"))
        self._retry.clicked.connect(self._presenter.retry_mirrors)
        self._waiting.add_button(self._retry)
        self._waiting.hide()
        self._journal: RowTable[Entry] = RowTable(tr("Journal"), _journal_columns(), key=lambda entry: entry.id)
        self._states = StateView(self._journal)
        self._states.retry_requested.connect(self._presenter.load)
        journal_card = Card(tr("Journal"), tr("intent and outcome of each change, newest first"), flush=True)
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
        self._on_jobs(self._presenter.jobs())
        self._presenter.load()

    def open_at(self, payload: object) -> None:
        """`{"search": text}` narrows the journal, to one person for example."""
        if isinstance(payload, dict):
            self._search.setText(str(payload.get("search", "")))

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
            waiting = state.value.waiting
            self._waiting.setVisible(bool(waiting))
            if waiting:
                people = sorted({mirror.email or mirror.sub for mirror in waiting})
                self._waiting.show_message(
                    tr("{n} database changes wait", n=len(waiting)),
                    tr("They follow by themselves once the database answers: {people}", people=", ".join(people[:5])),
                    "warn",
                )
                disable(self._retry, self._presenter.why_not_retry())


def _job_columns() -> list[Column[JobRecord]]:
    return [
        Column(tr("Job"), lambda job: job.name, 0),
        Column(tr("State"), lambda job: tr(job.state.value), 120, badge=_job_badge),
        Column(tr("Progress"), _job_progress, 220),
        Column(tr("Started"), lambda job: clock(job.started), 100, hint=lambda job: exact(job.started)),
        Column(tr("Took"), _job_took, 90, right=True),
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
        Column(tr("Action"), lambda entry: action_words(entry.action), 150),
        Column(tr("Person"), lambda entry: entry.details.get("person") or entry.subject, 220),
        Column(tr("Outcome"), lambda entry: tr(_ENTRY_BADGES[entry.state][0]), 120, badge=_entry_badge),
        Column(tr("Details"), _entry_details, 0),
        Column(tr("By"), lambda entry: entry.operator, 150),
    ]


def _times(entry: Entry) -> str:
    lines = [tr("intent {at}", at=exact(entry.at))]
    if entry.finished_at is not None:
        lines.append(tr("outcome {at}", at=exact(entry.finished_at)))
    return "\n".join([ago(entry.at), *lines])


def _entry_badge(entry: Entry) -> Badge:
    words, tone = _ENTRY_BADGES[entry.state]
    return Badge(tr(words), tone, hint=entry.message or "")


def _entry_details(entry: Entry) -> str:
    return entry.message or details_words(entry.details)
