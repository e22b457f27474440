"""One change of a person that needs nothing but a yes: how it is called, done, undone and told. No widget here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.changes import Outcome
from app.permissions import Action, Operator
from ui.tabs.users.person import Person
from ui.tabs.users.wording import Question

if TYPE_CHECKING:
    from app.desk import Desk

Call = Callable[["Desk", Person], Outcome[Any]]


@dataclass(frozen=True, slots=True)
class Deed:
    """One change. `operation` is Cognito's, for its cost; empty where only the database changes.

    `job` and `done` hold a place for {who}. `ask` makes the question that comes before; None: done on the spot.
    `hindrance` tells why it makes no sense for a person, beyond what app.prechecks knows. `undone` is said once it was
    taken back; `inverse` is the deed that does so where the outcome has no way back of its own.
    """

    id: str
    action: Action
    operation: str
    job: str
    done: str
    call: Call
    ask: Callable[[Person, bool], Question | None] | None = None
    hindrance: Callable[[Person], str | None] | None = None
    undone: str = ""
    inverse: str = ""
    typed: bool = False  # the user name must be typed first
    subject: str = ""  # what else it is about: the group, say

    def why_not(self, person: Person, operator: Operator) -> str | None:
        """Why it cannot be done to the person now, in a sentence; None where it can."""
        reason = person.why_not(self.action, operator)
        if reason is None and self.hindrance is not None:
            reason = self.hindrance(person)
        return reason

    def question(self, person: Person, *, has_database: bool) -> Question | None:
        """What to ask first; None where it is done on the spot."""
        return None if self.ask is None else self.ask(person, has_database)
