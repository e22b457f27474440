"""How many people of the pool are of each kind, at the left of the table. Counts only: they come from the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.directory.models import UserStatus
from app.onboarding.ladder import LADDER
from ui.tabs.users.listing import Facets
from ui.text import mfa, number, onboarding_status, tr, user_status
from ui.widgets.cards import scrolling
from ui.widgets.labels import ElidedLabel, label

WIDTH = 164
_STATUSES = (
    UserStatus.CONFIRMED,
    UserStatus.FORCE_CHANGE_PASSWORD,
    UserStatus.UNCONFIRMED,
    UserStatus.RESET_REQUIRED,
    UserStatus.EXTERNAL_PROVIDER,
)


class FacetColumn(QWidget):
    """Three groups of counts. Hidden by the view where the window is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("Counts of the whole pool"))
        self._groups = (
            _Group(tr("Cognito"), [status.value for status in _STATUSES], _status_words),
            _Group(tr("Second factor"), ["totp", "sms", "email", "none"], mfa),
            _Group(tr("Onboarding"), [status.value for status in LADDER], onboarding_status),
        )
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 4, 4, 4)
        column.setSpacing(16)
        for group in self._groups:
            column.addWidget(group)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inner))

    def show_facets(self, facets: Facets) -> None:
        """Show other counts."""
        accounts, factors, ladder = self._groups
        status = dict(facets.get("status", {}))
        disabled = facets.get("enabled", {}).get("no", 0)
        accounts.show_counts({**status, "disabled": disabled} if disabled else status)
        factors.show_counts(_named(facets.get("mfa", {}), "unknown"))
        ladder.show_counts(_named(facets.get("onboarding", {}), "missing"))


class _Group(QWidget):
    """A heading and one line for each value that somebody has, the usual ones in their order."""

    def __init__(self, title: str, order: list[str], words: Callable[[str], str]) -> None:
        super().__init__()
        self._order = order
        self._words = words
        self._lines: dict[str, tuple[ElidedLabel, QLabel]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(6)
        self._grid.setHorizontalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(label(title, "heading"), 0, 0, 1, 2)
        self.hide()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        for value in sorted(counts, key=self._place):
            if value not in self._lines:
                name = ElidedLabel(self._name(value))
                figure = label("", "muted")
                figure.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._lines[value] = (name, figure)
        for place, value in enumerate(sorted(self._lines, key=self._place), 1):
            name, figure = self._lines[value]
            self._grid.addWidget(name, place, 0)
            self._grid.addWidget(figure, place, 1)
            figure.setText(number(counts.get(value, 0)))
            figure.setAccessibleName(f"{name.full_text}: {figure.text()}")
            for part in (name, figure):
                part.setVisible(bool(counts.get(value, 0)))
        self.setVisible(any(counts.values()))

    def _place(self, value: str) -> tuple[int, str]:
        return (self._order.index(value) if value in self._order else len(self._order), value)

    def _name(self, value: str) -> str:
        special = {"disabled": tr("Disabled"), "unknown": tr("unknown"), "missing": tr("not in the database")}
        return special.get(value) or self._words(value)


def _named(counts: Mapping[str, int], nothing: str) -> dict[str, int]:
    """Nothing at all while nothing is known of anybody: the database was not read, or there is none."""
    if set(counts) <= {""}:
        return {}
    return {value or nothing: n for value, n in counts.items()}


def _status_words(value: str) -> str:
    return user_status(UserStatus(value))
