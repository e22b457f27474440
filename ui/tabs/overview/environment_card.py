"""Every environment variable of the set-up: whether it is set, and its value where it is no secret."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.environment import EnvironmentReport, Variable
from ui.text import tr
from ui.widgets.badge import Badge, BadgeLabel, Tone
from ui.widgets.cards import Card
from ui.widgets.keyvalues import ValueLabel
from ui.widgets.labels import label


class EnvironmentCard(Card):
    """The variables in two or three columns; above them what is wrong with them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Environment variables"), tr("as this program was started; secrets are masked"), parent=parent
        )
        self._report: EnvironmentReport | None = None
        self._columns = 3
        self._inner: QWidget | None = None

    def show_report(self, report: EnvironmentReport) -> None:
        """Show other variables."""
        if report != self._report:
            self._report = report
            self._fill()

    def set_columns(self, columns: int) -> None:
        """How many variables stand side by side."""
        if columns != self._columns:
            self._columns = columns
            self._fill()

    def _fill(self) -> None:
        report = self._report
        if report is None:
            return
        if self._inner is not None:
            self._inner.hide()
            self._inner.deleteLater()
        self._inner = QWidget()
        grid = QGridLayout(self._inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        sentences = [(Badge(tr("wrong"), Tone.BAD), words) for words in report.problems]
        sentences += [(Badge(tr("note"), Tone.INFO), words) for words in report.notes]
        top = Qt.AlignmentFlag.AlignTop
        for row, (badge, words) in enumerate(sentences):
            grid.addWidget(BadgeLabel(badge), row, 0, top)
            grid.addWidget(label(words, wrap=True, selectable=True), row, 1, 1, 2 * self._columns - 1)
        deep = -(-len(report.variables) // self._columns)
        for place, variable in enumerate(report.variables):
            row, column = len(sentences) + place % deep, 2 * (place // deep)
            grid.addWidget(BadgeLabel(_badge(variable)), row, column, top)
            grid.addWidget(_named(variable), row, column + 1)
            grid.setColumnStretch(column + 1, 1)
        self.add(self._inner)


def _badge(variable: Variable) -> Badge:
    if variable.present:
        return Badge(tr("set"), Tone.OK)
    return Badge(tr("missing"), Tone.WARN) if variable.required else Badge(tr("not set"))


def _named(variable: Variable) -> QWidget:
    made = QWidget()
    made.setToolTip(variable.purpose)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 2, 0, 0)
    column.setSpacing(1)
    name = ValueLabel(variable.name, "mono")
    name.setAccessibleName(f"{variable.name}: {variable.purpose}")
    column.addWidget(name)
    for words in (variable.shown, variable.note):
        if words:
            column.addWidget(ValueLabel(words, "muted"))
    column.addStretch(1)
    return made
