"""What a tab gives the dialog: whom a change is for, how it is tried, made, called and told. No widget here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.bulk import Change, Plan, Ready, Report
from app.work import Work
from ui.context import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the dry run says, and asks. `points` say what happens, and what it costs; the dialog adds who is left alone.

    `typed` must be typed first. `reason` asks for one, which may be left empty.
    """

    title: str
    points: tuple[str, ...]
    button: str
    danger: bool = False
    typed: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What the people of a list are called: in the dry run, and afterwards."""

    will: str = "can be done"
    done: str = "done"


class BulkOrder(ABC, Generic[T]):
    """One change for many people. `plan`, `plan_again` and `change` run on a worker, the others in the window."""

    words = Words()

    @property
    @abstractmethod
    def title(self) -> str:
        """What stands above the dry run."""

    @abstractmethod
    def plan(self, work: Work) -> Plan[T]:
        """The dry run: who can be done, who cannot and why. Changes nothing."""

    @abstractmethod
    def plan_again(self, people: Sequence[Ready[T]], work: Work) -> Plan[T]:
        """A new dry run for some of them."""

    @abstractmethod
    def change(self, reason: str) -> Change[T]:
        """What is done for each. Called once, when the run begins; AppError where it must not begin."""

    @abstractmethod
    def question(self, plan: Plan[T]) -> Asked:
        """What is asked when somebody can be done."""

    @abstractmethod
    def job(self, people: int) -> str:
        """What the status bar shows: 'Disabling 12 people'."""

    @abstractmethod
    def announce(self, context: Context, report: Report[T]) -> None:
        """Tell the other parts of the window what may be different now."""

    def will(self, item: T) -> str:
        """What the dry run says of one person for whom it can be done."""
        return ""

    def back_points(self, report: Report[T]) -> tuple[str, ...]:
        """What else is said before a run is taken back: what that costs."""
        return ()

    def begun(self, people: Sequence[Ready[T]]) -> None:
        """The run for these has been asked for."""

    def ended(self) -> None:
        """The run is over, however it ended."""

    @property
    def name(self) -> str:
        """What the change is called in the journal where the result is written into a file."""
        return self.title.rstrip("?")


AnyOrder = BulkOrder[Any]
