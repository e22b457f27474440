"""How many people of the pool are of each kind, at the left of the table; a click searches for that kind.

The counts come from the index. What a click means is written as a query into the search field, and read from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.directory.models import UserStatus
from app.directory.query import VALUES
from app.directory.query import chosen as chosen_in
from app.onboarding.ladder import LADDER
from ui.tabs.users.facet_line import INDENT, FacetLine
from ui.tabs.users.listing import Facets
from ui.tabs.users.month_bars import MonthBars
from ui.text import mfa, onboarding_status, tr, user_status
from ui.widgets.cards import scrolling
from ui.widgets.labels import label

WIDTH = 172
FIELDS = ("status", "enabled", "mfa", "onboarding", "group", "domain", "created")  # what a click here can ask for
GROUPS = 12  # the largest ones
DOMAINS = 5
_STATUSES = (
    UserStatus.CONFIRMED,
    UserStatus.FORCE_CHANGE_PASSWORD,
    UserStatus.UNCONFIRMED,
    UserStatus.RESET_REQUIRED,
    UserStatus.EXTERNAL_PROVIDER,
)


class FacetColumn(QWidget):
    """Groups of counts, and the months of creation."""

    chosen = Signal(str, str, bool)  # field and value of the query language, whether to leave those people out

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("Counts of the whole pool"))
        self._groups = (
            _Group("status", tr("Cognito"), [status.value for status in _STATUSES], _status_words),
            _Group("mfa", tr("Second factor"), ["totp", "sms", "email", "none"], mfa),
            _Group("onboarding", tr("Onboarding"), [status.value for status in LADDER], onboarding_status),
            _Group("group", tr("Groups"), [], str),
            _Group("domain", tr("Email domain"), [], str),
        )
        self._shown: Facets | None = None
        self.months = MonthBars()
        self.months.chosen.connect(self.chosen)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 4, 4, 4)
        column.setSpacing(10)
        for group in self._groups:
            column.addWidget(group)
            group.chosen.connect(self.chosen)
        column.addWidget(self.months)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = scrolling(inner)
        self._bar = area.verticalScrollBar()
        self._bar.rangeChanged.connect(self._on_range)
        outer.addWidget(area)

    @Slot(int, int)
    def _on_range(self, _: int, most: int) -> None:
        bar = self._bar.sizeHint().width() if most else 0
        self.setFixedWidth(WIDTH + bar)  # the bar takes nothing from the words

    @Slot(str)
    def show_search(self, text: str) -> None:
        """Mark what a search asks for."""
        for group in self._groups:
            group.show_search(text)
        self.months.show_search(text)

    def show_facets(self, facets: Facets) -> None:
        """Show other counts. The very same ones, as after each letter of a search, cost nothing."""
        if facets is self._shown:
            return
        self._shown = facets
        accounts, factors, ladder, groups, domains = self._groups
        status = dict(facets.get("status", {}))
        disabled = facets.get("enabled", {}).get("no", 0)
        accounts.show_counts({**status, "disabled": disabled} if disabled else status)
        factors.show_counts(_named(facets.get("mfa", {}), "unknown"))
        ladder.show_counts(_named(facets.get("onboarding", {}), "missing"))
        groups.show_ranked(_largest(facets.get("group", {})))
        domains.show_ranked(_largest(facets.get("domain", {}), DOMAINS))
        self.months.show_counts(facets.get("created", {}))


class _Group(QWidget):
    """A heading and one line for each value that somebody has, the usual ones in their order."""

    chosen = Signal(str, str, bool)

    def __init__(self, field: str, title: str, order: list[str], words: Callable[[str], str]) -> None:
        super().__init__()
        self._field = field
        self._order = order
        self._words = words
        self._text = ""
        self._lines: dict[str, FacetLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        heading = label(title, "heading")
        heading.setContentsMargins(INDENT, 0, 0, 2)
        self._column.addWidget(heading)
        self.hide()

    def show_search(self, text: str) -> None:
        self._text = text
        for value, line in self._lines.items():
            field, word = self._condition(value)
            line.show_wanted(chosen_in(text, field, word) if self._can_be_asked(field, word) else None)

    def show_ranked(self, counts: Mapping[str, int]) -> None:
        """Show counts in their order, those without a value last."""
        self._order = sorted(counts, key=lambda value: not value)
        self.show_counts(counts)

    def show_counts(self, counts: Mapping[str, int]) -> None:
        for value in sorted(counts, key=self._place):
            if value not in self._lines:
                self._lines[value] = self._line(value)
        reachable = True
        for place, value in enumerate(sorted(self._lines, key=self._place), 1):
            line = self._lines[value]
            self._column.insertWidget(place, line)
            line.show_count(counts.get(value, 0))
            if line.isVisibleTo(self):  # Tab reaches one line of a group, Up and Down the others
                line.setFocusPolicy(Qt.FocusPolicy.StrongFocus if reachable else Qt.FocusPolicy.ClickFocus)
                reachable = False
        self.setVisible(any(counts.values()))

    @Slot(str, bool)
    def _on_chosen(self, value: str, negated: bool) -> None:
        self.chosen.emit(*self._condition(value), negated)

    @Slot(int)
    def _on_left(self, step: int) -> None:
        lines = [self._lines[value] for value in sorted(self._lines, key=self._place)]
        lines = [line for line in lines if line.isVisible() and line.isEnabled()]
        at = next((i for i, line in enumerate(lines) if line.hasFocus()), 0) + step
        if 0 <= at < len(lines):
            lines[at].setFocus(Qt.FocusReason.TabFocusReason)

    def _line(self, value: str) -> FacetLine:
        line = FacetLine(value, self._name(value))
        field, word = self._condition(value)
        if self._can_be_asked(field, word):
            line.show_wanted(chosen_in(self._text, field, word))
        else:  # nothing that the language knows: it can be read, not asked for
            line.setEnabled(False)
        line.chosen.connect(self._on_chosen)
        line.left.connect(self._on_left)
        return line

    def _condition(self, value: str) -> tuple[str, str]:
        """The field and value of the query language."""
        if value == "disabled" and self._field == "status":
            return "enabled", "no"
        if self._field in ("group", "domain"):
            return self._field, value or "none"
        return self._field, "none" if value == "missing" else value.lower()

    @staticmethod
    def _can_be_asked(field: str, word: str) -> bool:
        return field not in VALUES or word in VALUES[field]

    def _place(self, value: str) -> tuple[int, str]:
        return (self._order.index(value) if value in self._order else len(self._order), value)

    def _name(self, value: str) -> str:
        if self._field in ("group", "domain"):
            return value or (tr("in no group") if self._field == "group" else tr("no email"))
        special = {"disabled": tr("Disabled"), "unknown": tr("unknown"), "missing": tr("not in the database")}
        return special.get(value) or self._words(value)


def _named(counts: Mapping[str, int], nothing: str) -> dict[str, int]:
    """Nothing at all while nothing is known of anybody: the database was not read, or there is none."""
    if set(counts) <= {""}:
        return {}
    return {value or nothing: n for value, n in counts.items()}


def _largest(counts: Mapping[str, int], most: int = GROUPS) -> dict[str, int]:
    """A pool may have thousands of groups; nothing while nobody knows who is in them."""
    return dict(sorted(counts.items(), key=lambda each: -each[1])[:most])


def _status_words(value: str) -> str:
    return user_status(UserStatus(value))
