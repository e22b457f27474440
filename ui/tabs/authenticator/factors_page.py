"""Who has no second factor, by status and age; ask Cognito for more; go to the people, or write to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.directory.models import UserStatus
from app.errors import AppError
from app.factors import AGES, NOBODY_YET, Cell, Census
from ui.context import Context
from ui.dialogs.ask_factors import AskFactorsDialog
from ui.dialogs.nudge import NudgeDialog
from ui.tabs.authenticator.factors_presenter import FactorsPresenter
from ui.text import number, onboarding_status, percent, tr, user_status, when
from ui.view_state import Ready, ViewState
from ui.widgets.banner import Banner
from ui.widgets.buttons import button, disable
from ui.widgets.cards import Card, Figure
from ui.widgets.dialogs import show_error
from ui.widgets.labels import label
from ui.widgets.rows import Column, RowTable
from ui.widgets.states import StateView

_SPANS = len(AGES) + 1


@dataclass(frozen=True, slots=True)
class _Line:
    status: str  # empty: the sum of all
    words: str
    all: Cell
    spans: tuple[Cell, ...]


class FactorsPage(QWidget):
    """The page. Counts when it is first seen."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._presenter = FactorsPresenter(context, self)
        self._nudge: NudgeDialog | None = None
        self._question: AskFactorsDialog | None = None
        self._opened = False
        self._share = Figure(tr("Without a second factor"))
        self._without = Figure(tr("People without"))
        self._people = Figure(tr("People counted"))
        self._unknown = Figure(tr("Not asked yet"))
        self._source = QComboBox()
        self._source.setAccessibleName(tr("Counted from"))
        if self._presenter.has_database:
            self._source.addItem(tr("From the database"), "database")
        self._source.addItem(tr("From Cognito's answers"), "cognito")
        self._source.activated.connect(self._on_source)
        figures = QHBoxLayout()
        figures.setSpacing(32)
        for figure in (self._share, self._without, self._people, self._unknown):
            figures.addWidget(figure)
        figures.addStretch(1)
        figures.addWidget(self._source, 0, Qt.AlignmentFlag.AlignBottom)
        self._failure = Banner()
        card = Card(tr("By status and age"), flush=True)
        self._table = self._make_table()
        self._states = StateView(self._table)
        self._states.retry_requested.connect(self._presenter.load)
        self._show = button(tr("Show these people"), icon="users")
        self._show.clicked.connect(self._on_show)
        self._ask = button(tr("Ask Cognito…"), icon="cloud")
        self._ask.clicked.connect(self._on_ask)
        self._stop = button(tr("Stop"), icon="stop")
        self._stop.clicked.connect(self._presenter.stop)
        self._stop.hide()
        self._write = button(tr("Write to them…"), icon="mail")
        self._write.clicked.connect(self._on_write)
        for part in (self._show, self._write, self._stop, self._ask):
            card.add_head(part)
        card.add(self._states, 1)
        self._note = label("", "small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(figures)
        column.addWidget(self._failure)
        column.addWidget(card, 1)
        column.addWidget(self._note)
        self._connect()
        self._offer()

    def showEvent(self, event: QShowEvent) -> None:
        self._offer()
        if not self._opened:
            self._opened = True
            self._presenter.load()

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.state_changed.connect(self._on_state)
        presenter.asking_changed.connect(self._on_asking)
        presenter.failed.connect(self._on_failed)
        presenter.written.connect(self._on_written)
        presenter.copied.connect(self._on_copied)

    def _make_table(self) -> RowTable[_Line]:
        titles = [tr("under {n} d", n=AGES[0])]
        titles += [tr("{a}–{b} d", a=a, b=b) for a, b in pairwise(AGES)]
        titles.append(tr("over {n} d", n=AGES[-1]))
        columns: list[Column[_Line]] = [
            Column(tr("Status"), lambda line: line.words, 0),
            Column(tr("All"), lambda line: _words(line.all), 120, hint=lambda line: _hint(line.all)),
        ]
        for place, title in enumerate(titles):
            columns.append(Column(title, partial(_span_words, place), 96, hint=partial(_span_hint, place)))
        made: RowTable[_Line] = RowTable(tr("People without a second factor"), columns, key=lambda line: line.status)
        made.doubleClicked.connect(self._on_cell)
        made.chosen.connect(self._on_chosen)
        return made

    @Slot(object)
    def _on_state(self, state: ViewState) -> None:
        if isinstance(state, Ready) and isinstance(state.value, Census):
            self._fill(state.value)
        self._states.show_state(state)
        self._offer()

    def _fill(self, census: Census) -> None:
        lines = [self._line(census, status) for status in ("", *census.statuses)]
        self._table.set_rows(lines)
        everybody = census.total()
        known = everybody.people - everybody.unknown
        self._share.set_value(percent(everybody.without, known))
        self._without.set_value(number(everybody.without))
        self._people.set_value(number(everybody.people))
        self._unknown.set_value(number(everybody.unknown))
        self._unknown.setVisible(census.source == "cognito")
        if census.source == "database":
            words = tr("As the database keeps it (mfa_method), counted {when}. Age: since the row was made.")
        else:
            words = tr("As Cognito answered for the people who were asked, counted {when}. Age: of the account.")
        self._note.setText(f"{words.format(when=when(census.at))} {tr('Double-click a number to see the people.')}")

    @staticmethod
    def _line(census: Census, status: str) -> _Line:
        wanted = status or None
        words = tr("Everybody")
        if status:
            words = onboarding_status(status) if census.source == "database" else _account(status)
        spans = tuple(census.total(wanted, age) for age in range(_SPANS))
        return _Line(status, words, census.total(wanted), spans)

    def _offer(self) -> None:
        disable(self._ask, self._presenter.why_not_ask())
        disable(self._write, self._presenter.why_not_write())
        disable(self._show, None if self._table.rows() else tr("Nobody is counted yet."))

    @Slot(bool)
    def _on_asking(self, asking: bool) -> None:
        self._ask.setVisible(not asking)
        self._stop.setVisible(asking)
        self._offer()

    @Slot(int)
    def _on_source(self, _: int) -> None:
        self._presenter.choose(str(self._source.currentData()))

    @Slot(object)
    def _on_chosen(self, _: object) -> None:
        self._offer()

    @Slot()
    def _on_show(self) -> None:
        chosen = self._table.selected()
        self._presenter.show_people(chosen[0].status if chosen else "", None)

    @Slot(QModelIndex)
    def _on_cell(self, index: QModelIndex) -> None:
        line = self._table.rows()[index.row()]
        self._presenter.show_people(line.status, index.column() - 2 if index.column() >= 2 else None)

    @Slot()
    def _on_ask(self) -> None:
        dialog = AskFactorsDialog(self._presenter.scopes(), self._presenter.seconds, self)
        dialog.submitted.connect(self._on_asked)
        self._question = dialog
        dialog.open()

    @Slot()
    def _on_asked(self) -> None:
        dialog, self._question = self._question, None
        if dialog is None:
            return
        self._presenter.ask(dialog.who, dialog.way)
        dialog.succeed()
        self._source.setCurrentIndex(self._source.findData("cognito"))
        self._presenter.choose("cognito")

    @Slot()
    def _on_write(self) -> None:
        dialog = NudgeDialog(NOBODY_YET.query, parent=self)
        dialog.submitted.connect(self._on_letter)
        dialog.copy_requested.connect(self._presenter.copy)
        self._nudge = dialog
        dialog.open()

    @Slot(object)
    def _on_letter(self, _: object) -> None:
        dialog = self._nudge
        if dialog is None:
            return
        chooser = QFileDialog(dialog, tr("Save the mail draft"), "", tr("Mail draft (*.eml)"))
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("eml")
        chooser.selectFile("second-factor.eml")
        chooser.fileSelected.connect(self._on_path)
        chooser.rejected.connect(dialog.cancelled)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    @Slot(str)
    def _on_path(self, name: str) -> None:
        dialog = self._nudge
        if dialog is not None:
            values = dialog.form.values()
            self._presenter.write(Path(name), values["subject"], values["body"], values["search"])

    @Slot()
    def _on_written(self) -> None:
        dialog, self._nudge = self._nudge, None
        if dialog is not None:
            dialog.succeed()

    @Slot(object)
    def _on_copied(self, addresses: tuple[str, ...]) -> None:
        QGuiApplication.clipboard().setText(", ".join(addresses))
        self._context.toast(tr("{n} addresses copied. Paste them as blind copies (Bcc).", n=number(len(addresses))))

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._nudge is not None and self._nudge.isVisible():
            self._nudge.fail(error)
        else:
            show_error(self, error)


def _account(status: str) -> str:
    return user_status(UserStatus(status))


def _words(cell: Cell) -> str:
    if not cell.people:
        return "–"
    known = cell.people - cell.unknown
    if not known:
        return tr("not asked")
    return tr("{n} of {all}", n=number(cell.without), all=number(known))


def _hint(cell: Cell) -> str:
    known = cell.people - cell.unknown
    return tr("{share} without a second factor", share=percent(cell.without, known)) if known else ""


def _span_words(place: int, line: _Line) -> str:
    return _words(line.spans[place])


def _span_hint(place: int, line: _Line) -> str:
    return _hint(line.spans[place])
