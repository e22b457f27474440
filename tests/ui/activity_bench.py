"""The Activity tab in front of a real journal and a database of one sentence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from pytestqt.qtbot import QtBot

from app.changes import Changes, MirrorReport
from app.desk import Desk
from app.errors import AppError, ErrorCode
from app.journal import Journal, Mirror, MirrorRequest, Written
from app.permissions import Action, Operator, Role, why_not
from app.waiting import Waiting
from app.work import Work
from tests.ui.conftest import shown
from tests.ui.words import rows, wait_for
from ui.context import Context, Toast
from ui.jobs import JobRunner
from ui.tabs.activity.view import ActivityView

CARLA, NILS = "carla@quay.example", "nils@tidewater.example"


class FakeDesk:
    """A real journal, and a database that lands what waits as soon as it is `back`."""

    def __init__(self, journal: Journal, role: Role = Role.ADMIN) -> None:
        self.journal = journal
        self.connection = SimpleNamespace(id="test")
        self.operator = Operator("ada", role)
        self.people = self
        self.back = True
        self.refused: set[str] = set()
        self.target = "pool_1 at desk@db:5432/app"

    def why_not(self, action: Action) -> str | None:
        """As on a Desk."""
        return why_not(self.operator, action)

    @property
    def changes(self) -> Changes:
        """The real thing, on a database of one sentence."""
        return Changes(self.journal, self.operator, "test", self._apply, target=self.target)

    def retry_mirrors(self, work: Work, *, at_once: bool = False) -> MirrorReport:
        """As People does."""
        return self.changes.land_mirrors(work, at_once=at_once)

    def waiting_mirrors(self) -> tuple[Waiting, ...]:
        """As People does."""
        return self.changes.waiting()

    def discard_mirror(self, mirror_id: int) -> None:
        """As People does."""
        self.changes.discard_mirror(mirror_id)

    def _apply(self, mirror: Mirror) -> Written:
        if not self.back:
            raise AppError(ErrorCode.DATABASE_UNREACHABLE, "The database cannot be reached.", retryable=True)
        if mirror.kind in self.refused:
            raise AppError(ErrorCode.DATABASE_REFUSED, "A rule of the table auth.users forbids this.")
        return Written("written")

    def wait(self, action: Action, kind: str, who: str) -> int:
        """A change in Cognito whose database write waits for the desk's present target."""
        made = self.journal.succeed(self.write(action, who), mirror=MirrorRequest(kind, who), target=self.target)
        assert made is not None
        return made

    def write(self, action: Action, who: str, **details: str) -> int:
        """An intent in the journal."""
        return self.journal.begin(
            connection="test", operator="ada", action=action, subject=f"sub-{who}", details={"person": who, **details}
        )


class Bench:
    """The tab in front of a desk."""

    def __init__(self, qtbot: QtBot, runner: JobRunner, desk: object, size: tuple[int, int] = (1252, 820)) -> None:
        self.context = Context(runner, None, cast("Desk", desk))
        self.toasts: list[Toast] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.view = ActivityView(self.context)
        self.context.setParent(self.view)
        self.view.resize(*size)
        shown(qtbot, self.view)

    def job(self, name: str) -> list[str]:
        """The cells of a job's row."""
        return next((cells for cells in rows(self.view._jobs) if cells[0] == name), ["", "", "", "", ""])

    def until_job(self, name: str, state: str) -> list[str]:
        wait_for(lambda: self.job(name)[1] == state, f"{name} to be {state}", self.view)
        return self.job(name)

    def journal(self) -> list[list[str]]:
        return rows(self.view._journal)

    def tip(self, row: int, column: int) -> str:
        return self.view._journal.tip(row, column)

    def toast_of(self, words: str) -> Toast:
        return wait_for(lambda: next((t for t in self.toasts if words in t.text), None), f"the toast “{words}”")
