"""Who has no second factor: counted from the database or from Cognito's answers, asked for, written to. No widget."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.desk import Desk
from app.directory.selection import Matching, Selection
from app.errors import AppError, ErrorCode
from app.factors import AGES, Census, Letters
from app.learning import FactorsRead, Way
from app.permissions import Action
from app.work import Work
from ui.context import Change, Context, Topic
from ui.dialogs.export import Scope
from ui.jobs import Job
from ui.text import count, number, tr
from ui.view_state import Empty, Failed, Loading, Ready

ORIGIN = "factors"


class FactorsPresenter(QObject):
    """Owns the census on show and what runs."""

    state_changed = Signal(object)  # ViewState; Ready holds a Census
    asking_changed = Signal(bool)
    written = Signal()
    copied = Signal(object)  # tuple of addresses
    failed = Signal(object)  # AppError

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        assert context.desk is not None
        self._context = context
        self._desk: Desk = context.desk
        self._source = "database" if context.desk.database is not None else "cognito"
        self._asking: Job | None = None
        self._census: Census | None = None
        context.changed.connect(self._on_change)

    @property
    def source(self) -> str:
        """ "database" or "cognito"."""
        return self._source

    @property
    def has_database(self) -> bool:
        """Whether the database can be counted at all."""
        return self._desk.database is not None

    def choose(self, source: str) -> None:
        """Count the other side."""
        self._source = source
        self.load()

    @Slot()
    def load(self) -> None:
        """Count."""
        factors, in_database = self._desk.factors, self._source == "database"
        self.state_changed.emit(Loading(tr("Counting…"), keep_content=True))

        def read(work: Work) -> Census:
            return factors.in_database() if in_database else factors.in_cognito()

        job = self._context.run(read, name=tr("Count second factors"), key="factors", listed=False)
        job.succeeded.connect(self._on_census)
        job.failed.connect(self._on_failed)

    def why_not_ask(self) -> str | None:
        """Why Cognito cannot be asked for many now."""
        if self._asking is not None:
            return tr("Cognito is being asked right now.")
        reason = self._desk.why_not(Action.ASK_FACTORS)
        if reason is None and not len(self._desk.index):
            return tr("The people are not loaded yet: open the Users tab once.")
        return reason

    def why_not_write(self) -> str | None:
        """Why nobody can be written to now."""
        reason = self._desk.why_not(Action.EXPORT_USERS)
        if reason is None and not len(self._desk.index):
            return tr("The people are not loaded yet: open the Users tab once.")
        return reason

    def scopes(self) -> list[Scope]:
        """Who can be asked for: those of whom nobody knows, or everybody who is loaded."""
        unknown = self._desk.index.facets()["mfa"].get("", 0)
        everybody = len(self._desk.index)
        found = [Scope(tr("Everybody loaded"), Matching(), everybody)]
        if 0 < unknown < everybody:
            found.insert(0, Scope(tr("Of whom nothing is known"), Matching("mfa:unknown"), unknown))
        return found

    def seconds(self, people: int) -> float:
        """About how long asking takes."""
        return self._desk.learning.seconds(people)

    def ask(self, who: Selection, way: Way) -> None:
        """Ask in the background."""
        learning = self._desk.learning
        job = self._context.run(lambda work: learning.factors(work, who, way), name=tr("Ask for second factors"))
        self._asking = job
        job.succeeded.connect(self._on_asked)
        job.failed.connect(self._on_ask_failed)
        job.finished.connect(self._on_ask_finished)
        self.asking_changed.emit(True)

    @Slot()
    def stop(self) -> None:
        """Stop asking; what was learned stays."""
        if self._asking is not None:
            self._asking.cancel()

    def write(self, path: Path, subject: str, body: str, query: str) -> None:
        """Write mail drafts."""
        factors = self._desk.factors
        job = self._context.run(
            lambda work: factors.letters(work, path, subject, body, Matching(query)), name=tr("Write mail drafts")
        )
        job.succeeded.connect(self._on_written)
        job.failed.connect(self.failed)

    def copy(self, query: str) -> None:
        """Get the addresses, to be copied."""
        factors = self._desk.factors
        job = self._context.run(
            lambda work: factors.addresses(Matching(query)), name=tr("Copy addresses"), key="copy-addresses"
        )
        job.succeeded.connect(self.copied)
        job.failed.connect(self.failed)

    def show_people(self, status: str, age: int | None) -> None:
        """Go to the people of a cell: those without a factor, of a status (empty: any) and a span of age."""
        words = ["mfa:none"]
        if status:
            words.append(f"{'onboarding' if self._source == 'database' else 'status'}:{status.lower()}")
        if age is not None:
            words.append(f"created:{self._span(age)}")
        self._context.navigate.emit("users", {"search": " ".join(words)})

    def _span(self, age: int) -> str:
        today = self._desk.now().astimezone().date()
        newest = today - timedelta(days=AGES[age - 1]) if age else None
        oldest = today - timedelta(days=AGES[age]) if age < len(AGES) else None
        if oldest is None:
            return f"<{newest}"
        if newest is None:
            return f">{oldest}"
        return f"{oldest}..{newest}"

    @Slot(object)
    def _on_census(self, census: Census) -> None:
        self._census = census
        if census.cells:
            self.state_changed.emit(Ready(census))
        elif census.source == "cognito":
            hint = tr("Open the Users tab once: it reads the pool. Then Cognito can be asked for the factors.")
            self.state_changed.emit(Empty(tr("The people are not loaded yet"), hint, icon="users"))
        else:
            self.state_changed.emit(Empty(tr("The database has no people yet"), "", icon="database"))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self.state_changed.emit(Failed(error))

    @Slot(object)
    def _on_asked(self, read: FactorsRead) -> None:
        words = tr("Cognito told the factors of {people}.", people=count(read.told, "person", "people"))
        if read.failed:
            words += " " + tr("{n} could not be told: {why}", n=number(read.failed), why=str(read.error or ""))
        self._context.toast(words, "warn" if read.failed else "ok")

    @Slot(object)
    def _on_ask_failed(self, error: AppError) -> None:
        if error.code is not ErrorCode.STOPPED:
            self.failed.emit(error)

    @Slot()
    def _on_ask_finished(self) -> None:
        self._asking = None
        self.asking_changed.emit(False)
        self._context.announce(Change(Topic.USERS, (), ORIGIN))
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        self.load()

    @Slot(object)
    def _on_written(self, letters: Letters) -> None:
        words = tr(
            "{drafts} to {people}. Open, check and send them in your mail program.",
            drafts=count(len(letters.paths), "draft", "drafts"),
            people=count(letters.people, "person", "people"),
        )
        if letters.left_out:
            words += " " + tr("{n} without a verified address are left out.", n=number(letters.left_out))
        self._context.toast(words)
        self._context.announce(Change(Topic.JOURNAL, (), ORIGIN))
        self.written.emit()

    @Slot(object)
    def _on_change(self, change: Change) -> None:
        if change.topic in (Topic.ONBOARDING, Topic.USERS) and change.origin != ORIGIN and self._census is not None:
            self.load()
