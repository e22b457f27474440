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
        outer = QGridLayout(self._inner)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setHorizontalSpacing(24)
        outer.setVerticalSpacing(8)
        sentences = _grid()
        for row, (badge, words) in enumerate(
            [(Badge(tr("wrong"), Tone.BAD), words) for words in report.problems]
            + [(Badge(tr("note"), Tone.INFO), words) for words in report.notes]
        ):
            sentences.addWidget(BadgeLabel(badge), row, 0, Qt.AlignmentFlag.AlignTop)
            sentences.addWidget(label(words, wrap=True, selectable=True), row, 1)
        outer.addLayout(sentences, 0, 0, 1, self._columns)
        deep = -(-len(report.variables) // self._columns)
        for column in range(self._columns):
            part = _grid()
            for row, variable in enumerate(report.variables[column * deep : (column + 1) * deep]):
                part.addWidget(BadgeLabel(_badge(variable)), row, 0, Qt.AlignmentFlag.AlignTop)
                part.addWidget(_named(variable, report.notes), row, 1)
            part.setRowStretch(deep, 1)
            outer.addLayout(part, 1, column)
            outer.setColumnStretch(column, 1)
        self.add(self._inner)


def _badge(variable: Variable) -> Badge:
    if variable.present:
        return Badge(tr("set"), Tone.OK)
    return Badge(tr("missing"), Tone.WARN) if variable.required else Badge(tr("not set"))


def _grid() -> QGridLayout:
    made = QGridLayout()
    made.setHorizontalSpacing(10)
    made.setVerticalSpacing(8)
    made.setColumnStretch(1, 1)
    return made


def _named(variable: Variable, said: tuple[str, ...]) -> QWidget:
    made = QWidget()
    made.setToolTip(variable.purpose)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 2, 0, 0)
    column.setSpacing(1)
    name = ValueLabel(variable.name, "mono")
    name.setAccessibleName(f"{variable.name}: {variable.purpose}")
    column.addWidget(name)
    for words in (variable.shown, variable.note):
        if words and words not in said:
            column.addWidget(ValueLabel(words, "muted"))
    column.addStretch(1)
    return made
