"""How the program reaches Cognito: the steps of the test, the credentials, and the way to the variables."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.connections import Connection
from app.environment import EnvironmentReport
from app.errors import AppError, ErrorCode
from app.pool.probe import ProbeStep
from ui import errors, icons
from ui.tabs.overview.cards import Flowing, fill
from ui.tabs.overview.facts import Fact, provider_fact
from ui.tabs.overview.presenter import Setup
from ui.tabs.overview.probing import ProbeState
from ui.text import exact, milliseconds, tr, when
from ui.view_state import Ready, ViewState
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.buttons import button
from ui.widgets.cards import Card
from ui.widgets.keyvalues import KeyValues, ValueLabel
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.labels import line as rule
from ui.widgets.states import StateView

# Cognito works without these: their absence is worth a look, but nothing is broken.
_BRIEF = frozenset({"Credentials", "DescribeUserPool", "ListUsers"})  # what these found stands elsewhere on the page
_OPTIONAL = frozenset({ErrorCode.DATABASE_MISSING, ErrorCode.KEYRING_MISSING, ErrorCode.KEYRING_LOCKED})


class ConnectionCard(Card):
    """Steps above, what the connection consists of below, and a button that opens the environment variables."""

    retry_requested = Signal()
    variables_toggled = Signal(bool)

    def __init__(self, connection: Connection, parent: QWidget | None = None) -> None:
        super().__init__(tr("Connection"), parent=parent)
        self._connection = connection
        self._steps = _Steps()
        self._tested = label("", "muted", wrap=True)
        self._grid = KeyValues(name_width=104)
        self._toggle = button(tr("Environment variables"), "link")
        self._toggle.setCheckable(True)
        self._toggle.toggled.connect(self._on_toggled)
        self._on_toggled(False)
        content = Flowing()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._grid)
        column.addWidget(self._toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.states = StateView(content)
        self.states.retry_requested.connect(self.retry_requested)
        self.add(self._steps)
        self.add(self._tested)
        self.add(rule())
        self.add(self.states, 1)
        self.show_test(ProbeState())

    def show_test(self, test: ProbeState) -> None:
        """Show how far the test is."""
        self._steps.show_test(test)
        if test.running:
            words = tr("Testing…")
        elif test.ended is None:
            words = tr("Not tested yet.")
        else:
            words = f"{test.note} {tr('Last tested {at}', at=when(test.ended))}".strip()
        self._tested.setText(words)
        self._tested.setToolTip(exact(test.ended))

    def show_state(self, state: ViewState) -> None:
        """Show credentials and variables."""
        if isinstance(state, Ready) and isinstance(state.value, Setup):
            fill(self._grid, self._facts(state.value))
            self._toggle.setText(_summary(state.value.environment))
        self.states.show_state(state)

    def _facts(self, setup: Setup) -> tuple[Fact, ...]:
        found, connection = setup.credentials, self._connection
        if isinstance(found, AppError):
            credentials = Fact(tr("Credentials"), found.message)
        else:
            credentials = Fact(tr("Credentials"), f"{found.words} {found.key_hint or ''}".strip())
        facts = [credentials]
        if connection.endpoint:
            facts.append(Fact(tr("Endpoint"), connection.endpoint))
        database = str(connection.database) if connection.database is not None else tr("none")
        return (*facts, Fact(tr("Database"), database), provider_fact(setup.environment))

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        icons.assign(self._toggle, "chevron-down" if shown else "chevron-right", "accent", 14)
        self.variables_toggled.emit(shown)


class _Steps(QWidget):
    """One row for each step: pill, name, how long it took and what it found."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self._rows: list[tuple[QWidget, ...]] = []
        self._shown: list[_Line] = []

    def show_test(self, test: ProbeState) -> None:
        lines = [_line(step) for step in test.steps]
        for place, name in enumerate(test.waiting):
            under_way = test.running and place == 0
            badge = Badge(tr("testing"), Tone.INFO) if under_way else Badge(tr("to do"))
            lines.append(_Line(badge, name))
        for place, line in enumerate(lines):
            if place >= len(self._shown) or self._shown[place] != line:
                self._show_line(place, line)
        self._shown = lines

    def _show_line(self, place: int, line: _Line) -> None:
        for old in self._rows[place] if place < len(self._rows) else ():
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        found: QWidget = ValueLabel(line.detail, "muted") if line.wraps else ElidedLabel(line.detail, "muted")
        made = (BadgeLabel(line.badge), label(line.name), found)
        for column, part in enumerate(made):
            if column:
                part.setContentsMargins(0, 2, 0, 0)
            self._grid.addWidget(part, place, column, Qt.AlignmentFlag.AlignTop)
        if line.hint:
            found.setToolTip(line.hint)
        found.setAccessibleName(f"{line.name}: {line.badge.text} {line.detail}".strip())
        self._rows[place : place + 1] = [made]


@dataclass(frozen=True, slots=True)
class _Line:
    """`wraps`: what went wrong is read to its end; what went well may be cut."""

    badge: Badge
    name: str
    detail: str = ""
    hint: str = ""
    wraps: bool = False


def _line(step: ProbeStep) -> _Line:
    took = milliseconds(step.milliseconds)
    if step.ok:
        detail = took if step.name in _BRIEF else f"{took} · {step.detail}"
        return _Line(Badge(tr("ok"), Tone.OK), step.name, detail, step.detail)
    if step.skipped or step.error is None:
        return _Line(Badge(tr("skipped")), step.name, step.detail, wraps=True)
    shown = errors.present(step.error)
    if step.error.code in _OPTIONAL:
        return _Line(Badge(tr("missing"), Tone.WARN), step.name, shown.title, shown.body, wraps=True)
    hint = f"{shown.title}. {shown.remedy}"
    return _Line(Badge(tr("failed"), Tone.BAD), step.name, f"{took} · {shown.body}", hint, wraps=True)


def _summary(report: EnvironmentReport) -> str:
    present = sum(variable.present for variable in report.variables)
    words = tr("Environment variables: {n} of {total} set", n=present, total=len(report.variables))
    if report.problems:
        return tr("{words}, {n} to look at", words=words, n=len(report.problems))
    return words
