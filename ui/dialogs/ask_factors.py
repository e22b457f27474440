"""Before Cognito is asked for the second factors of many: who, how, what it may cost and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.directory.selection import Selection
from app.learning import Way
from ui.dialogs.export import Scope
from ui.text import age, count, number, tr
from ui.widgets.dialogs import FormDialog
from ui.widgets.labels import label

_WAYS = {Way.FACTORS: "AdminGetUserAuthFactors", Way.USER: "AdminGetUser"}


class AskFactorsDialog(FormDialog):
    """`submitted` hands over the form's values; `who` and `way` are what they ask for."""

    def __init__(self, scopes: Sequence[Scope], seconds: Callable[[int], float], parent: QWidget | None = None) -> None:
        intro = tr("Lists do not tell second factors, so each person is asked for. The MFA column shows the answers.")
        super().__init__(tr("Ask Cognito for second factors"), tr("Ask"), intro=intro, parent=parent)
        self.setMinimumWidth(540)
        self._scopes = tuple(each for each in scopes if each.people is not None)  # the cost must be known
        self._seconds = seconds
        choices = {str(i): each.choice for i, each in enumerate(self._scopes)}
        self.form.add_choice("who", tr("Who"), choices, "0")
        self.form.add_choice("way", tr("Operation"), {way.value: words for way, words in _WAYS.items()}, hint=" ")
        self._cost = label("", wrap=True)
        self.body.insertWidget(self.body.count() - 1, self._cost)
        self.form.edited.connect(self._tell)
        self._tell()

    @property
    def who(self) -> Selection:
        """Who shall be asked for."""
        return self._scope.who

    @property
    def people(self) -> int:
        """How many that are."""
        return self._scope.people or 0

    @property
    def way(self) -> Way:
        """By which operation."""
        return Way(self.form.values()["way"])

    @property
    def _scope(self) -> Scope:
        return self._scopes[int(self.form.values()["who"])]

    @Slot()
    def _tell(self) -> None:
        way, people = self.way, self.people
        self.form.set_hint("way", _hint(way))
        takes = tr(
            "{n} requests, about {time} at half of the UserRead quota.",
            n=number(people),
            time=age(timedelta(seconds=max(1.0, self._seconds(people)))),
        )
        self._cost.setText(f"{_cost(way, people)} {takes}")
        self._yes.setText(tr("Ask for {people}", people=count(people, "person", "people")))
        self._action = self._yes.text()


def _hint(way: Way) -> str:
    if way is Way.USER:
        return tr("Amazon documents that it counts the person as active this month. Works with every pool.")
    return tr(
        "Amazon's documents do not say that it counts people as active; nobody has proven that it does not."
        " Newer: some pools and policies refuse it."
    )


def _cost(way: Way, people: int) -> str:
    amount = count(people, "person", "people")
    if way is Way.USER:
        return tr("This may bill {people} as active users of this month, who are not counted already.", people=amount)
    return tr(
        "By the documents this bills nobody. Should they be incomplete, it may bill up to {people}.", people=amount
    )
